"""What a member reads of their clients: announces received, refusals, warnings, what to do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _

from bottin.accounts.viewer import Viewer
from bottin.catalog.models import Release
from bottin.catalog.states import TOMBSTONES
from bottin.ledger import queries as ledger
from bottin.ledger.queries import LastAnnounce, Totals
from bottin.tracker import notices, queries
from bottin.tracker.models import ClientRule, ClientWelcome
from bottin.tracker.notices import MemberNotice
from bottin.web import formats
from bottin.web.announce_words import DOORS, Advice, advice_on

SHOWN: Final = 20
# What clients are told by a rule of the team, or by a list of the operator.
_BY_RULE: Final = {
    "client_denied": ClientWelcome.DENIED,
    "client_warned": ClientWelcome.WARNED,
}


@dataclass(frozen=True, slots=True)
class Announced:
    """The last announce of one client on one release; `release` None when nobody sees it now."""

    announce: LastAnnounce
    credit: str
    release: Release | None

    @property
    def release_id(self) -> int:
        """The number of the release."""
        return self.announce.release_id


@dataclass(frozen=True, slots=True)
class Told:
    """One refusal or warning; `is_over` when a later announce of the release was taken."""

    notice: MemberNotice
    release: Release | None
    is_over: bool
    why: str = ""  # the team's reason, in its words

    @property
    def advice(self) -> Advice:
        """What happened and what to do, to translate."""
        return advice_on(self.notice.code)

    @property
    def says(self) -> str:
        """What happened."""
        return _(self.advice.says)

    @property
    def todo(self) -> str:
        """What to do."""
        return _(self.advice.do)

    @property
    def door(self) -> tuple[str, str] | None:
        """The address of the page that helps and its words, where there is one."""
        name = self.advice.door
        if not name or (name == "release" and self.release is None):
            return None
        route, words = DOORS[name]
        args = [self.notice.release_id] if name == "release" else []
        return reverse(route, args=args), _(words)

    @property
    def release_id(self) -> int | None:
        """The number of the release, None where the directory has none."""
        return self.notice.release_id


@dataclass(frozen=True, slots=True)
class Answers:
    """All that the page says, the latest first."""

    announces: list[Announced]
    refusals: list[Told]
    warnings: list[Told]


def answers_to(viewer: Viewer) -> Answers:
    """Gather what the member's clients did and were told. Five queries at most."""
    user_id = viewer.user_id or 0
    heard = ledger.last_announces(user_id)
    told = notices.notices_of(user_id)
    shown = heard[:SHOWN]
    credit = ledger.credit_of(user_id, shown)
    numbers = [one.release_id for one in shown] + [one.release_id or 0 for one in told]
    releases = _releases(viewer, numbers)
    rules = queries.client_rules() if any(one.code in _BY_RULE for one in told) else []
    lines = [
        Told(
            one,
            releases.get(one.release_id or 0),
            is_over=_is_over(one, heard),
            why=_why(one, rules),
        )
        for one in told
    ]
    return Answers(
        announces=[
            Announced(
                one,
                credit_words(one, credit.get((one.release_id, one.last_at))),
                releases.get(one.release_id),
            )
            for one in shown
        ],
        refusals=[line for line in lines if not line.advice.is_warning],
        warnings=[line for line in lines if line.advice.is_warning],
    )


def credit_words(announce: LastAnnounce, credit: Totals | None) -> str:
    """Say what an announce added; where nothing, why."""
    if credit is None:
        if announce.first_at == announce.last_at:
            return _("counting begins with it")
        return _("nothing new to credit")
    parts = []
    if credit.raw_up:
        parts.append(_("credited +%(size)s") % {"size": formats.size(credit.credited_up)})
    if credit.raw_down:
        parts.append(_("%(size)s downloaded") % {"size": formats.size(credit.credited_down)})
    if credit.seed_time_s:
        duration = formats.duration(credit.seed_time_s)
        parts.append(_("%(duration)s of seed time") % {"duration": duration})
    return ", ".join(parts)


def _why(notice: MemberNotice, rules: Sequence[ClientRule]) -> str:
    rule = queries.rule_for(notice.head, rules) if notice.head else None
    return rule.reason if rule and rule.welcome == _BY_RULE.get(notice.code) else ""


def _is_over(notice: MemberNotice, heard: Sequence[LastAnnounce]) -> bool:
    # The last word of a client that was refused is kept too, and says `stopped`.
    return any(
        one.release_id == notice.release_id and one.is_running and one.last_at > notice.last_at
        for one in heard
    )


def _releases(viewer: Viewer, numbers: Iterable[int]) -> dict[int, Release]:
    """Give those that the viewer may open, their own that wait for review among them. One query."""
    wanted = {number for number in numbers if number}
    if not wanted:
        return {}
    rows = Release.objects.visible_to(viewer).filter(pk__in=wanted)
    return {row.pk: row for row in rows.exclude(state__in=TOMBSTONES).only("title", "name")}
