"""The reader of this process: one for the build in force, opened anew when that changes."""

from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Final, TypeVar

from django.conf import settings

from bottin.search import places
from bottin.search.entries import Hits, Plan
from bottin.search.errors import SearchNotReady
from bottin.search.index import Reader

T = TypeVar("T")

_readers: Final[dict[Path, Reader]] = {}
_opening: Final = Lock()


def reader() -> Reader:
    """Return the reader of the build in force. Raises SearchNotReady when there is none."""
    for _ in range(2):
        folder = places.in_force()
        if folder is None:
            break
        found = _readers.get(folder)
        if found is not None:
            return found
        try:
            return _opened(folder)
        except (OSError, ValueError):
            continue  # replaced between the pointer and the files, or damaged: look again
    if folder is not None:
        places.report_damage(folder)
    raise SearchNotReady


def hits_of(plan: Plan) -> Hits:
    """Return the hits of a plan; a damaged index is noted, for the worker to build another.

    Raises SearchNotReady.
    """
    return _asked(lambda found: found.search(plan))


def first_of(plan: Plan) -> tuple[int, ...]:
    """Return the ids of the first hits of a plan, which may be seconds old.

    Raises SearchNotReady.
    """
    return _asked(lambda found: found.first(plan))


def _asked(ask: Callable[[Reader], T]) -> T:
    found = reader()
    try:
        return ask(found)
    except (OSError, ValueError) as error:
        if places.in_force() == found.folder:
            places.report_damage(found.folder)
        _readers.pop(found.folder, None)
        raise SearchNotReady from error


def _opened(folder: Path) -> Reader:
    with _opening:
        age_s = settings.BOTTIN_SEARCH_COUNTS_AGE_S
        found = _readers.get(folder) or Reader(folder, counts_age_s=age_s)
        _readers.clear()
        _readers[folder] = found
    return found
