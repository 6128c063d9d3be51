"""Families of clients seen lately, beside the rules about them, for the team."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bottin.ledger import seen
from bottin.ledger.seen import ClientSeen
from bottin.tracker import clients, notices, queries, site
from bottin.tracker.models import ClientRule

PERIOD: Final = timedelta(days=7)
FAMILIES: Final = 60
VERSIONS: Final = 12
_HEADS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Version:
    """One head of peer ids as members' clients sent it, and the rule that holds for it."""

    name: str
    seen: ClientSeen
    rule: ClientRule | None


@dataclass(slots=True)
class Family:
    """All versions of a make; `head` is what a rule for all of them names."""

    head: str
    name: str
    refused: int = 0
    versions: list[Version] = field(default_factory=list)

    @property
    def running(self) -> int:
        """Clients in swarms now."""
        return sum(version.seen.running for version in self.versions)

    @property
    def sessions(self) -> int:
        """Clients heard in the period."""
        return sum(version.seen.sessions for version in self.versions)

    @property
    def shown(self) -> list[Version]:
        """The versions that have a line of their own: the most frequent."""
        return self.versions[:VERSIONS]

    @property
    def weight(self) -> tuple[int, int]:
        """How much there is to see of it."""
        return self.sessions, self.refused


def families(rules: Sequence[ClientRule], *, at: datetime) -> list[Family]:
    """Gather the families of a week, the most frequent first. Two queries.

    Members' clients are counted from the ledger; refusals by rule are of anybody's, as the
    peer ids claim.
    """
    heard = seen.clients_seen(
        since=at - PERIOD,
        running_since=at - timedelta(seconds=site.peer_expiry_s()),
        limit=_HEADS,
    )
    found: dict[str, Family] = {}
    for one in heard:
        head = clients.family_of(one.head)
        family = found.setdefault(head, Family(head, clients.make_name(one.head)))
        rule = queries.rule_for(one.head, rules)
        family.versions.append(Version(clients.shown(one.head) or one.head, one, rule))
    refused = notices.times_by_make("client_denied", since=(at - PERIOD).date())
    for make, times in refused.items():
        head = clients.head_of(make)
        name = clients.MAKES.get(make, make)
        found.setdefault(head, Family(head, name)).refused = times
    return sorted(found.values(), key=lambda family: family.weight, reverse=True)[:FAMILIES]
