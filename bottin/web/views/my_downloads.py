"""My downloads: what each does in the swarm now, and its history by client and by day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bottin.accounts.permissions import Permission
from bottin.accounts.viewer import Viewer
from bottin.catalog import queries
from bottin.catalog.errors import ReleaseNotFound
from bottin.catalog.models import Release
from bottin.ledger import queries as ledger
from bottin.ledger.queries import ClientSession, TransferLine
from bottin.lib import paging
from bottin.lib.paging import BadCursor
from bottin.web.permissions import needs
from bottin.web.viewer import viewer_of

_DAYS: Final = 31


@dataclass(frozen=True, slots=True)
class Download:
    """One release that the member took part in; `release` is None when it is no longer listed."""

    line: TransferLine
    release: Release | None

    @property
    def state(self) -> str:
        """What the member's clients do with it now: the name of a mark."""
        if self.line.is_seeding:
            return "seeding"
        return "fetching" if self.line.is_leeching else "stopped"


@dataclass(frozen=True, slots=True)
class Client:
    """One client on a release, past or present."""

    session: ClientSession

    @property
    def state(self) -> str:
        """What it does now: the name of a mark."""
        if not self.session.is_running:
            return "stopped"
        return "fetching" if self.session.left else "seeding"


@needs(Permission.OWN_ACCOUNT)
def my_downloads(request: HttpRequest) -> HttpResponse:
    """List all that the member took part in, the latest announced first."""
    viewer = viewer_of(request)
    user_id = viewer.user_id or 0
    before = _read_place(request.GET.get("cursor", ""), user_id)
    found = downloads_of(viewer, before=before, limit=ledger.PAGE + 1)
    shown = found[: ledger.PAGE]
    context = {
        "here": "me",
        "me_page": "downloads",
        "downloads": shown,
        "download_count": ledger.count_transfers(user_id),
        "next_cursor": _place(shown[-1].line, user_id) if len(found) > len(shown) else "",
        "is_first": before is None,
    }
    return render(request, "me/all_downloads.html", context)


@needs(Permission.OWN_ACCOUNT)
def my_download(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one of them: each client that took part, and what each day added."""
    viewer = viewer_of(request)
    user_id = viewer.user_id or 0
    found = downloads_of(viewer, release_ids=[pk], limit=1)
    if not found:
        raise ReleaseNotFound(release_id=pk)
    before = _read_day(request.GET.get("before", ""))
    days = ledger.days_of(user_id, pk, before=before, limit=_DAYS + 1)
    context = {
        "here": "me",
        "me_page": "downloads",
        "item": found[0],
        "clients": [Client(session) for session in ledger.sessions_of(user_id, pk)],
        "client_limit": ledger.PAGE,
        "days": days[:_DAYS],
        "older": days[_DAYS - 1].day.isoformat() if len(days) > _DAYS else None,
        "is_first": before is None,
    }
    return render(request, "me/download.html", context)


def downloads_of(
    viewer: Viewer,
    *,
    release_ids: Iterable[int] | None = None,
    before: tuple[datetime, int] | None = None,
    limit: int,
) -> list[Download]:
    """Return the releases the member took part in, the last announced first. Three queries."""
    user_id = viewer.user_id or 0
    lines = ledger.transfers_of(user_id, release_ids=release_ids, before=before, limit=limit)
    titles = titles_of(viewer, [line.release_id for line in lines])
    return [Download(line, titles.get(line.release_id)) for line in lines]


def titles_of(viewer: Viewer, release_ids: list[int]) -> dict[int, Release]:
    """Return those that are listed, by number. One query, none for none."""
    wanted = list(dict.fromkeys(release_ids))
    return {row.pk: row for row in queries.by_ids(viewer, wanted)} if wanted else {}


def _place(line: TransferLine, user_id: int) -> str:
    position = (line.last_at.isoformat(), line.release_id)
    return paging.encode(position, scope=_scope(user_id), key=settings.SECRET_KEY.encode())


def _read_place(cursor: str, user_id: int) -> tuple[datetime, int] | None:
    if not cursor:
        return None
    key = settings.SECRET_KEY.encode()
    match paging.decode(cursor, scope=_scope(user_id), key=key):
        case (str(moment), int(release_id)):
            return datetime.fromisoformat(moment), release_id
    raise BadCursor


def _scope(user_id: int) -> str:
    return f"my downloads|{user_id}"


def _read_day(given: str) -> date | None:
    """Return the day of an address; one that nobody was given is the first page."""
    try:
        return date.fromisoformat(given)
    except ValueError:
        return None
