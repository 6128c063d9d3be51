"""What would be published: nothing is hashed, nothing is sent."""

from dataclasses import dataclass
from pathlib import Path

from bottin.config.publishing.gather import Plan
from bottin.config.publishing.said import missing
from bottin.metainfo.build import Survey, survey


@dataclass(frozen=True, slots=True)
class Preview:
    """A plan, the content it is about, and what nothing says yet."""

    plan: Plan
    content: Survey
    missing: tuple[str, ...]

    @property
    def path(self) -> Path:
        """Where the content is."""
        return self.plan.path


def preview_of(plan: Plan) -> Preview:
    """List the content of a plan. Raises MetainfoRefusal as `build` would, but for changes."""
    return Preview(plan, survey(plan.path, plan.options), tuple(missing(plan.described)))
