"""The exit codes of `bottin publish`, for those who run it from a script."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

from bottin.config.commands.publish_client import DUPLICATE, SiteRefused, SiteUnreachable
from bottin.config.commands.publish_run import IN_HAND, Outcome
from bottin.config.commands.publish_state import AlreadyRunning

DONE: Final = 0
# Several paths ended in several ways: see each in `--json`.
MIXED: Final = 1
USAGE: Final = 2
BAD_INPUT: Final = 3
REFUSED: Final = 4
NOT_ALLOWED: Final = 5
UNREACHABLE: Final = 6
TAKEN: Final = 7
ALREADY_RUNNING: Final = 8

_WHO: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


def code_of(error: Exception) -> int:
    """Return the code of one failure; what is wrong with files or metadata is BAD_INPUT."""
    match error:
        case SiteUnreachable():
            return UNREACHABLE
        case AlreadyRunning():
            return ALREADY_RUNNING
        case SiteRefused(status=status) if status in _WHO:
            return NOT_ALLOWED
        case SiteRefused(code=code):
            return TAKEN if code == DUPLICATE else REFUSED
    return BAD_INPUT


def exit_code(failures: Sequence[Exception], done: Sequence[Outcome]) -> int:
    """Return DONE when all are published or await review, one failure's code, or MIXED."""
    codes = {code_of(error) for error in failures}
    codes |= {REFUSED for outcome in done if outcome.published.state not in IN_HAND}
    if not codes:
        return DONE
    return codes.pop() if len(codes) == 1 else MIXED
