"""Refusals of uploads."""

import dataclasses
from dataclasses import asdict, dataclass

from bottin.lib.errors import DomainError


class DuplicateRelease(DomainError):
    """The info-hash is there already. Context: `release_id`, `title`, `state`, `is_own`.

    All but `is_own` are None when the viewer may not know of the other release.
    """

    code = "uploads.duplicate"


class RefusedTorrent(DomainError):
    """Its content was taken down and stays down (STAY-3). Context: `kind`, `reason`."""

    code = "uploads.refused_content"


class TooManyUploads(DomainError):
    """Pacing (TOR-27). Context: `retry_after_s`."""

    code = "uploads.too_many"


class TooManyDrafts(DomainError):
    """Drafts wait to be finished. Context: `limit`."""

    code = "uploads.too_many_drafts"


class NotADraft(DomainError):
    """It was handed in already. Context: `release_id`, `state`."""

    code = "uploads.not_a_draft"


class NotEditable(DomainError):
    """Its state, or its owner, forbids this edit. Context: `release_id`, `state`."""

    code = "uploads.not_editable"


class EditConflict(DomainError):
    """Someone saved it since the form was opened (TOR-3). Context: `edited_at`."""

    code = "uploads.edit_conflict"


class VersionNotFound(DomainError):
    """No such earlier version, or a hidden one. Context: `release_id`, `number`."""

    code = "uploads.version_not_found"


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What is wrong with one field: a stable code (`required`, `too_long`, …) and particulars."""

    field: str
    code: str
    context: dict[str, object] = dataclasses.field(default_factory=dict)


class InvalidFields(DomainError):
    """Some fields are missing or wrong. `problems` has all of them, in the form's order.

    Context: `problems`, the same as dictionaries (`field`, `code`, `context`).
    """

    code = "uploads.invalid_fields"

    def __init__(self, problems: tuple[FieldProblem, ...] = (), **context: object) -> None:
        """Keep `problems`, and what a refusal keeps."""
        del context
        self.problems = problems
        super().__init__(problems=[asdict(problem) for problem in problems])

    def __reduce__(self) -> tuple[object, ...]:
        """Cross a process boundary with its problems."""
        return InvalidFields, (self.problems,)
