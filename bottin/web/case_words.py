"""Held credit and flags in sentences: what was seen, what it may mean, what a decision does."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bottin.ledger.holds import SLACK_BYTES, TOLERANCE
from bottin.ledger.models import Flag, FlagKind, Hold
from bottin.lib.text import visible
from bottin.moderation.cases import HOLD
from bottin.tracker import clients
from bottin.web import formats

KINDS: Final[dict[str, Promise]] = {
    HOLD: gettext_lazy("Held credit"),
    FlagKind.ABOVE_LINE_RATE: gettext_lazy("Faster than a line"),
    FlagKind.UPLOAD_WITHOUT_LEECHER: gettext_lazy("Sent while nobody lacked anything"),
    FlagKind.UPLOAD_TO_NOBODY: gettext_lazy("Sent while nobody was there"),
    FlagKind.SAME_AGAIN: gettext_lazy("The same amount again and again"),
    FlagKind.TOO_MUCH_DOWN: gettext_lazy("Received more than there is"),
    FlagKind.GHOST_LEECHER: gettext_lazy("Takes peers, moves nothing"),
    FlagKind.UNBALANCED: gettext_lazy("Sent and received do not agree"),
    FlagKind.ABOVE_OTHERS: gettext_lazy("Far above the others"),
    FlagKind.ABOVE_HABIT: gettext_lazy("Far above their habit"),
}
# What an honest client may have done; nothing where the evidence is rare by itself.
INNOCENT: Final[dict[str, Promise]] = {
    HOLD: gettext_lazy(
        "It can be honest: a client that announces to other trackers too counts what it sent to"
        " peers from there, and a downloader that vanished without a last word has not said what"
        " it received."
    ),
    FlagKind.ABOVE_LINE_RATE: gettext_lazy(
        "It can be honest: a computer whose clock or sleep confused the client. What is above the"
        " line rate was not counted."
    ),
    FlagKind.UPLOAD_WITHOUT_LEECHER: gettext_lazy(
        "It can be honest: peers that came from elsewhere (another tracker, the DHT of an open"
        " release), or a downloader that came and went between two announces."
    ),
    FlagKind.UPLOAD_TO_NOBODY: gettext_lazy(
        "It can be honest: peers that came from elsewhere (another tracker, the DHT of an open"
        " release), or a downloader that came and went between two announces."
    ),
    FlagKind.SAME_AGAIN: gettext_lazy(
        "It can be honest: an upload limit in the client, with downloaders who keep it busy, gives"
        " amounts that are close; rarely the same to the byte."
    ),
    FlagKind.TOO_MUCH_DOWN: gettext_lazy(
        "It can be honest: a damaged disk, or a client that was told to fetch the content again."
    ),
    FlagKind.GHOST_LEECHER: gettext_lazy(
        "It can be honest: a paused download, a client behind a wall, a swarm where nobody has the"
        " missing pieces."
    ),
    FlagKind.ABOVE_OTHERS: gettext_lazy(
        "It can be honest: the first seeder of a new release, or a server with a fast line."
    ),
    FlagKind.ABOVE_HABIT: gettext_lazy(
        "It can be honest: a faster line, a new server, or a release that everybody wants."
    ),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One decision: the value of its button, its key, its words and what it does."""

    name: str
    key: str
    label: Promise
    effect: Promise
    is_against: bool


ON_HOLDS: Final = (
    Choice(
        "give",
        "g",
        gettext_lazy("Give back"),
        gettext_lazy("The credit goes back to the member, by a line of its own in the ledger."),
        is_against=False,
    ),
    Choice(
        "keep",
        "x",
        gettext_lazy("Keep it held"),
        gettext_lazy("The credit stays taken back, for good. The member reads your remark."),
        is_against=True,
    ),
)
ON_FLAGS: Final = (
    Choice(
        "no_fault",
        "n",
        gettext_lazy("No fault"),
        gettext_lazy("Closes the flag. Seen again, the same thing is flagged anew."),
        is_against=False,
    ),
    Choice(
        "fault",
        "x",
        gettext_lazy("Note a fault"),
        gettext_lazy(
            "Closes the flag and notes a fault for whoever looks at this member next. No credit"
            " moves and nobody is barred by it."
        ),
        is_against=True,
    ),
)


def kind_words(kind: str) -> str:
    """Name a kind of case; as it is written where these pages do not know it."""
    return str(KINDS.get(kind, kind))


def innocent_words(kind: str) -> str:
    """Say what an honest client may have done, "" where nothing is known."""
    return str(INNOCENT.get(kind, ""))


def about_hold(hold: Hold) -> list[str]:
    """Tell how credit came to be held, in sentences with figures."""
    allowed = {
        "factor": formats.decimal(TOLERANCE),
        "slack": formats.binary_size(SLACK_BYTES),
        "excess": _size(hold.detail, "excess"),
    }
    return [
        window_words(hold),
        _("What is beyond %(factor)s times that and %(slack)s is too much: %(excess)s.") % allowed,
        _(
            "This member said to have sent %(sent)s of it, so %(held)s of theirs is in doubt:"
            " %(credit)s of credit is held."
        )
        % {
            "sent": _size(hold.detail, "sent"),
            "held": formats.size(hold.raw_up),
            "credit": formats.size(hold.credited_up),
        },
    ]


def window_words(hold: Hold) -> str:
    """Tell what members said to have sent and received, and when."""
    return _(
        "Between %(begins)s and %(ends)s, members said to have sent %(sent)s of this release, and"
        " to have received %(received)s."
    ) % {
        "begins": _moment(hold.begins_at),
        "ends": _moment(hold.ends_at),
        "sent": _size(hold.detail, "sent_by_all"),
        "received": _size(hold.detail, "received_by_all"),
    }


def about_flag(flag: Flag) -> list[str]:
    """Tell what was seen, how often and with which client."""
    return [_seen(flag), *_often(flag)]


def _seen(flag: Flag) -> str:
    detail = flag.detail
    forms = {
        FlagKind.ABOVE_LINE_RATE: _(
            "More was reported than a line of 10 Gbit/s carries in that time: %(not_counted_up)s"
            " sent and %(not_counted_down)s received were not counted."
        ),
        FlagKind.UPLOAD_WITHOUT_LEECHER: _(
            "%(uploaded)s were sent while nobody else in the swarm lacked anything."
        ),
        FlagKind.UPLOAD_TO_NOBODY: _("%(uploaded)s were sent while nobody else was in the swarm."),
        FlagKind.SAME_AGAIN: _(
            "Exactly %(uploaded_each_time)s were sent %(rows)s times within a day."
        ),
        FlagKind.TOO_MUCH_DOWN: _("%(downloaded)s were received of a release of %(size)s."),
        FlagKind.GHOST_LEECHER: _(
            "A client that lacks %(left)s has been in the swarm since %(since)s, and has moved"
            " nothing."
        ),
        FlagKind.ABOVE_OTHERS: _(
            "%(sent)s were sent in six hours where the %(rows)s others who sent moved %(usual)s as"
            " a rule: %(score)s times the usual spread above them. All who downloaded received"
            " %(received)s."
        ),
        FlagKind.ABOVE_HABIT: _(
            "%(sent)s were sent in six hours, where this member moves %(usual)s as a rule, over"
            " %(rows)s such spans: %(score)s times their usual spread above it."
        ),
    }
    form = forms.get(FlagKind(flag.kind) if flag.kind in FlagKind else FlagKind.UNBALANCED)
    if form is None:
        return kind_words(flag.kind)
    return form % _Facts(detail)


def _often(flag: Flag) -> Iterator[str]:
    times = int(flag.detail.get("times", 1))
    yield (
        ngettext("Seen %(n)s time, on %(when)s.", "Seen %(n)s times, the last on %(when)s.", times)
    ) % {"n": formats.count(times), "when": _moment(flag.at)}
    client = str(flag.detail.get("client", "")).strip()
    if client:
        yield _("The client calls itself %(client)s.") % {
            "client": clients.shown(client) or visible(client)
        }


class _Facts(dict[str, object]):
    """The evidence of a flag for `%`: bytes as sizes, moments as dates, what is missing as “?”."""

    _PLAIN: Final = frozenset({"rows", "score"})

    def __getitem__(self, name: str) -> str:
        value = self.get(name)
        if value is None:
            return "?"
        if name == "since":
            return _moment(_parsed(str(value)))
        if name == "score":
            return formats.decimal(int(str(value)) / 10, 1)
        if name in self._PLAIN:
            return formats.count(int(str(value)))
        return formats.size(int(str(value)))


def _parsed(moment: str) -> datetime | None:
    try:
        # PostgreSQL writes "2026-06-01 12:00:00+00".
        return datetime.fromisoformat(moment)
    except ValueError:
        return None


def _moment(when: datetime | None) -> str:
    if when is None:
        return "?"
    local = timezone.localtime(when)
    return _("%(date)s at %(time)s") % {
        "date": date_format(local, "DATE_FORMAT"),
        "time": date_format(local, "TIME_FORMAT"),
    }


def _size(detail: dict[str, object], name: str) -> str:
    value = detail.get(name)
    # Sums of PostgreSQL are numeric, and may be written with a point.
    return "?" if value is None else formats.size(int(str(value).partition(".")[0]))
