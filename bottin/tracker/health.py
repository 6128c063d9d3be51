"""How the tracker is doing, as values for `bottin doctor` and the staff's pages."""

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.utils import timezone

from bottin.tracker.models import Outbox, TrackerNode

if TYPE_CHECKING:
    from django.db.models import QuerySet

# Beyond these, moderators see a banner, and the tracker's policy counts as stale (TRK-6).
LAG_WARN: Final = timedelta(seconds=10)
LAG_FAIL: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class NodeHealth:
    """One tracker: whether it was heard within a minute, and how old its policy is.

    `policy_age` is None while it never had one: it refuses everybody then.
    """

    name: str
    is_live: bool
    unheard_for: timedelta
    policy_age: timedelta | None
    waiting: int
    statistics: dict[str, int]

    @property
    def is_stale(self) -> bool:
        """Whether its policy is too old to be trusted with take-downs."""
        return self.policy_age is None or self.policy_age > LAG_FAIL


def nodes() -> list[NodeHealth]:
    """List the trackers ever seen, the last heard first; `waiting` counts outbox rows unread."""
    now = timezone.now()
    live = set(TrackerNode.objects.live().values_list("name", flat=True))
    return [
        NodeHealth(
            name=node.name,
            is_live=node.name in live,
            unheard_for=now - node.seen_at,
            policy_age=now - node.acknowledged_at if node.acknowledged_at else None,
            waiting=_waiting(node),
            statistics=node.statistics,
        )
        for node in TrackerNode.objects.order_by("-seen_at")
    ]


def outbox_lag() -> timedelta | None:
    """How far the policy of a tracker that lives is behind; None when none lives.

    The wait of the oldest change that is not in force, or the time since the
    tracker last read the outbox once that is over `LAG_WARN`: one that is stuck
    says nothing, and so lags although no change waits. Else zero.
    """
    live = list(TrackerNode.objects.live())
    if not live:
        return None
    return max(max(_oldest_wait(node), _stuck_for(node)) for node in live)


def _unread(node: TrackerNode) -> "QuerySet[Outbox]":
    rows = Outbox.objects.all()
    return rows.filter(at__gt=node.acknowledged_at) if node.acknowledged_at else rows


def _waiting(node: TrackerNode) -> int:
    return _unread(node).count()


def _stuck_for(node: TrackerNode) -> timedelta:
    age = timezone.now() - (node.acknowledged_at or node.started_at)
    return age if age > LAG_WARN else timedelta()


def _oldest_wait(node: TrackerNode) -> timedelta:
    oldest = _unread(node).order_by("at").values_list("at", flat=True).first()
    return max(timezone.now() - oldest, timedelta()) if oldest else timedelta()
