"""What the team reads before it decides on held credit and flags: the open ones, and evidence."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db.models import (
    BooleanField,
    CharField,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce

from bottin.accounts.models import Account
from bottin.accounts.permissions import Permission
from bottin.accounts.viewer import Viewer
from bottin.catalog.models import Release
from bottin.ledger import queries as ledger
from bottin.ledger.errors import FlagUnknown, HoldUnknown
from bottin.ledger.models import Flag, FlagKind, Hold
from bottin.ledger.queries import ClientSession, Totals
from bottin.lib import paging

HOLD: Final = "hold"
KINDS: Final = (HOLD, *(str(kind) for kind in FlagKind))
PAGE: Final = 30
_SESSIONS: Final = 10
_PAST: Final = 12
_OTHERS: Final = 10
_AFTER, _BEFORE = "a", "b"
_COLUMNS: Final = ("case_kind", "id", "user_id", "release_id", "at", "member", "title")
_PAST_COLUMNS: Final = (
    *("case_kind", "id", "release_id", "title"),
    *("decided", "decider", "is_against", "remark"),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases: one of KINDS ("" all), that wait for so many days, a member's by name."""

    kind: str = ""
    older_d: int = 0
    member: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A hold or a flag; `member` and `title` are "" where the row they name is gone."""

    kind: str
    pk: int
    user_id: int
    release_id: int | None
    at: datetime
    member: str
    title: str

    @property
    def is_hold(self) -> bool:
        """Whether credit is held; else it is a flag."""
        return self.kind == HOLD


@dataclass(frozen=True, slots=True)
class CasePage:
    """A page of open cases, oldest first; `total` is exact."""

    rows: tuple[Case, ...]
    next_cursor: str | None
    previous_cursor: str | None
    total: int


@dataclass(frozen=True, slots=True)
class PastCase:
    """A decided case of the same member; `is_against` is what was found, None if not asked."""

    kind: str
    pk: int
    release_id: int | None
    title: str
    decided_at: datetime
    decided_by: str
    is_against: bool | None
    remark: str


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A case with its row (one of `hold` and `flag`) and everything that helps to judge it.

    `others` are the members with a share in the same hold, with the bytes held.
    """

    case: Case
    hold: Hold | None
    flag: Flag | None
    decided_by: str
    account: Account | None
    transfer: Totals | None
    balance: Totals
    sessions: tuple[ClientSession, ...]
    others: tuple[tuple[str, int], ...]
    past: tuple[PastCase, ...]

    @property
    def is_open(self) -> bool:
        """Whether it waits for a decision."""
        if self.hold is not None:
            return self.hold.decided_at is None
        return self.flag is not None and self.flag.resolved_at is None


def open_cases(
    viewer: Viewer, wanted: Wanted, *, at: datetime, cursor: str | None = None, limit: int = PAGE
) -> CasePage:
    """Return a page of what waits, oldest first. Two queries.

    Raises NotAllowed, BadCursor.
    """
    viewer.require(Permission.REVIEW_LEDGER)
    start = _position(cursor, wanted) if cursor else None
    is_back = start is not None and start[0] == _BEFORE
    sides = _sides(wanted, at)
    found = _ordered([_beyond(side, start) for side in sides], is_back=is_back)[: limit + 1]
    rows = [Case(*row) for row in found]
    has_more, rows = len(rows) > limit, rows[:limit]
    if is_back:
        rows.reverse()
    has_next, has_previous = (True, has_more) if is_back else (has_more, cursor is not None)
    return CasePage(
        tuple(rows),
        _cursor(_AFTER, rows[-1], wanted) if rows and has_next else None,
        _cursor(_BEFORE, rows[0], wanted) if rows and has_previous else None,
        _count(sides),
    )


def open_count(viewer: Viewer) -> int:
    """Return how many cases wait, 0 for those who do not decide on them. One query."""
    if not viewer.may(Permission.REVIEW_LEDGER):
        return 0
    holds = Hold.objects.filter(decided_at__isnull=True).values("id")
    flags = Flag.objects.filter(resolved_at__isnull=True).values("id")
    return holds.union(flags, all=True).count()


def hold_with_evidence(hold_id: int, viewer: Viewer) -> Suspicion:
    """Return a hold, open or decided, with its evidence. Six queries.

    Raises NotAllowed, HoldUnknown.
    """
    viewer.require(Permission.REVIEW_LEDGER)
    hold = _named_holds(Hold.objects.filter(pk=hold_id)).first()
    if hold is None:
        raise HoldUnknown(hold_id=hold_id)
    same = Hold.objects.filter(release_id=hold.release_id, begins_at=hold.begins_at)
    others = _named_holds(same.exclude(pk=hold.pk)).order_by("-raw_up", "pk")
    shares = tuple((str(getattr(row, "member", "")), row.raw_up) for row in others[:_OTHERS])
    return _suspicion(hold, None, shares)


def flag_with_evidence(flag_id: int, viewer: Viewer) -> Suspicion:
    """Return a flag, open or closed, with its evidence. Five queries.

    Raises NotAllowed, FlagUnknown.
    """
    viewer.require(Permission.REVIEW_LEDGER)
    flag = _named_flags(Flag.objects.filter(pk=flag_id)).first()
    if flag is None:
        raise FlagUnknown(flag_id=flag_id)
    return _suspicion(None, flag)


def _suspicion(
    hold: Hold | None, flag: Flag | None, others: tuple[tuple[str, int], ...] = ()
) -> Suspicion:
    row: Any = hold or flag
    release_id = row.release_id or 0
    return Suspicion(
        case=Case(*(getattr(row, name) for name in _COLUMNS)),
        hold=hold,
        flag=flag,
        decided_by=row.decider,
        account=Account.objects.filter(pk=row.user_id).first(),
        transfer=ledger.totals_on(row.user_id, release_id),
        balance=ledger.balance_of(row.user_id),
        sessions=tuple(ledger.sessions_of(row.user_id, release_id, limit=_SESSIONS)),
        others=others,
        past=_past(row.user_id, hold, flag),
    )


def _past(user_id: int, hold: Hold | None, flag: Flag | None) -> tuple[PastCase, ...]:
    holds = Hold.objects.filter(user_id=user_id, decided_at__isnull=False)
    flags = Flag.objects.filter(user_id=user_id, resolved_at__isnull=False)
    kept = ExpressionWrapper(Q(is_given_back=False), output_field=BooleanField())
    first = _named_holds(holds.exclude(pk=hold.pk if hold else 0))
    second = _named_flags(flags.exclude(pk=flag.pk if flag else 0))
    rows = first.annotate(decided=F("decided_at"), is_against=kept).values_list(*_PAST_COLUMNS)
    more = second.annotate(decided=F("resolved_at"), is_against=F("is_fault"))
    found = rows.union(more.values_list(*_PAST_COLUMNS), all=True)
    return tuple(PastCase(*row) for row in found.order_by("-decided", "-id")[:_PAST])


def _named_holds(rows: QuerySet[Hold]) -> QuerySet[Hold]:
    kind = Value(HOLD, output_field=CharField())
    return rows.annotate(
        case_kind=kind,
        member=_name_of("user_id"),
        title=_title_of(),
        decider=_name_of("decided_by"),
    )


def _named_flags(rows: QuerySet[Flag]) -> QuerySet[Flag]:
    return rows.annotate(
        case_kind=F("kind"),
        member=_name_of("user_id"),
        title=_title_of(),
        decider=_name_of("resolved_by"),
    )


def _name_of(column: str) -> Coalesce:
    names = Account.objects.filter(pk=OuterRef(column)).values("name")
    return Coalesce(Subquery(names), Value(""), output_field=CharField())


def _title_of() -> Coalesce:
    titles = Release.objects.filter(pk=OuterRef("release_id")).values("title")
    return Coalesce(Subquery(titles), Value(""), output_field=CharField())


def _sides(wanted: Wanted, at: datetime) -> list[QuerySet[Any]]:
    """Return the open holds and the open flags that are wanted; one of them where one kind is."""
    which = Q(at__lte=at - timedelta(days=wanted.older_d)) if wanted.older_d else Q()
    if wanted.member:
        named = Account.objects.filter(name__iexact=wanted.member).values("pk")
        which &= Q(user_id__in=named)
    sides: list[QuerySet[Any]] = []
    if wanted.kind in {"", HOLD}:
        sides.append(_named_holds(Hold.objects.filter(which, decided_at__isnull=True)))
    if wanted.kind != HOLD:
        kinds = Q(kind=wanted.kind) if wanted.kind else Q()
        sides.append(_named_flags(Flag.objects.filter(which, kinds, resolved_at__isnull=True)))
    return sides


def _ordered(sides: list[QuerySet[Any]], *, is_back: bool) -> QuerySet[Any]:
    sign = "-" if is_back else ""
    first, *rest = (side.values_list(*_COLUMNS) for side in sides)
    rows = first.union(*rest, all=True) if rest else first
    return rows.order_by(*(f"{sign}{name}" for name in ("at", "case_kind", "id")))


def _count(sides: list[QuerySet[Any]]) -> int:
    first, *rest = (side.values("id") for side in sides)
    return (first.union(*rest, all=True) if rest else first).count()


def _beyond(side: QuerySet[Any], start: paging.Position | None) -> QuerySet[Any]:
    """Leave what follows a position: time, then kind, then number."""
    if start is None:
        return side
    direction, moment, kind, pk = start
    step = "lt" if direction == _BEFORE else "gt"
    same_time = Q(at=moment)
    return side.filter(
        Q((f"at__{step}", moment))
        | same_time & Q((f"case_kind__{step}", kind))
        | same_time & Q(case_kind=kind) & Q((f"id__{step}", pk))
    )


def _cursor(direction: str, row: Case, wanted: Wanted) -> str:
    place = (direction, row.at.isoformat(), row.kind, row.pk)
    return paging.encode(place, scope=_scope(wanted), key=settings.SECRET_KEY.encode())


def _position(cursor: str, wanted: Wanted) -> paging.Position:
    return paging.decode(cursor, scope=_scope(wanted), key=settings.SECRET_KEY.encode())


def _scope(wanted: Wanted) -> str:
    return f"cases|{wanted.kind}|{wanted.older_d}|{wanted.member.lower()}"
