"""Background work of the catalogue."""

from dataclasses import dataclass
from typing import Final

from bottin.catalog import actions
from bottin.catalog.models import ReleaseChange


@dataclass(slots=True)
class _Seen:
    """The last change that the counts are known to hold."""

    change_id: int = -1


_seen: Final = _Seen()


def refresh_counts() -> None:
    """Count the shelves again where something changed since the last time.

    Lists read these counts only where counting is slow, so they may lag by a round.
    """
    last = ReleaseChange.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    if last != _seen.change_id:
        actions.recount_listed()
        _seen.change_id = last
