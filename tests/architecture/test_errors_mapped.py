"""Every refusal has a status on the pages and in the API."""

from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Final

import pytest

from bottin.lib.errors import DomainError

PACKAGE: Final = Path(__file__).resolve().parents[2] / "bottin"
FRONT_ENDS: Final = ("bottin.web.errors", "bottin.api.errors", "bottin.feeds.errors")


def subclasses(base: type[DomainError]) -> Iterator[type[DomainError]]:
    for kind in base.__subclasses__():
        yield kind
        yield from subclasses(kind)


@pytest.fixture(scope="module")
def refusals() -> set[type[DomainError]]:
    """List the refusals of the package; those with a code are raised, others are bases."""
    for path in PACKAGE.glob("*/errors.py"):
        import_module(f"bottin.{path.parent.name}.errors")
    return {
        kind
        for kind in subclasses(DomainError)
        if "code" in vars(kind) and kind.__module__.startswith("bottin.")
    }


def test_codes_are_unique(refusals: set[type[DomainError]]) -> None:
    codes = sorted(kind.code for kind in refusals)

    assert codes == sorted(set(codes))


@pytest.mark.parametrize("module", FRONT_ENDS)
def test_each_refusal_has_a_status(module: str, refusals: set[type[DomainError]]) -> None:
    status: Mapping[type[DomainError], int] = import_module(module).STATUS

    theirs = {kind for kind in refusals if _is_seen_by(module, kind)}
    missing = {kind.__name__ for kind in theirs if not set(kind.__mro__) & set(status)}

    assert missing == set()


def _is_seen_by(module: str, kind: type[DomainError]) -> bool:
    """Refusals of the domain are seen by every front end, a front end's own by itself."""
    package = ".".join(kind.__module__.split(".")[:2])
    is_of_a_front_end = package in {"bottin.web", "bottin.api", "bottin.feeds"}
    return not is_of_a_front_end or module.startswith(package)
