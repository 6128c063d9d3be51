"""How far the index is behind, for `bottin doctor`."""

from datetime import timedelta
from typing import Final

from django.utils import timezone

from bottin.search import places
from bottin.search.following import after

LAG_WARN: Final = timedelta(seconds=10)
LAG_FAIL: Final = timedelta(minutes=5)


def index_lag() -> timedelta | None:
    """How long the oldest change that search does not show has waited; None without an index."""
    folder = places.in_force()
    position = places.position_of(folder) if folder else None
    if position is None:
        return None
    oldest = after(position).order_by("at").values_list("at", flat=True).first()
    return timezone.now() - oldest if oldest else timedelta()
