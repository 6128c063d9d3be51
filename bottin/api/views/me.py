"""What an account asks of itself: who it is, its ledger, its torrents."""

from datetime import datetime
from typing import Annotated

from django.conf import settings
from django.http import HttpResponse
from ninja import Field, Query, Schema

from bottin.accounts.permissions import Permission
from bottin.accounts.queries import account_of
from bottin.api import schemas, shapes
from bottin.api.callers import ApiRequest
from bottin.api.doors import door
from bottin.api.paging import LIMIT_DEFAULT, LIMIT_MAX, link_pages, place_of
from bottin.api.routers import ME
from bottin.catalog.models import Release
from bottin.ledger import queries as ledger
from bottin.lib import paging
from bottin.lib.paging import BadCursor
from bottin.wording.marks import marked as _


class Paging(Schema):
    """Which page."""

    cursor: Annotated[str, Field(max_length=1_024, description=_("From a page before."))] = ""
    limit: Annotated[int, Field(ge=1, le=LIMIT_MAX)] = LIMIT_DEFAULT


@ME.get(
    "/me",
    response=schemas.Me,
    operation_id="getMe",
    summary=_("Read your account"),
    description=_("Who the token stands for, what it may do, and the account's totals."),
)
@door(Permission.USE_API)
def get_me(request: ApiRequest) -> schemas.Me:
    """Who the token stands for, what it may do, and the account's totals."""
    account = account_of(request.caller.viewer)
    return shapes.me(account, request.caller.viewer, ledger.balance_of(account.pk))


@ME.get(
    "/me/ledger",
    response=schemas.EntryList,
    operation_id="listLedger",
    summary=_("Read your ledger"),
    description=_("Every row of credit, newest first; their sums are the totals of `/me`."),
)
@door(Permission.USE_API)
def list_ledger(
    request: ApiRequest, paging_: Query[Paging], response: HttpResponse
) -> schemas.EntryList:
    """Every row of credit, newest first; their sums are the totals of `/me`."""
    account_id = request.caller.account_id
    scope = f"ledger|{account_id}"
    before_id = _read_id(paging_.cursor, scope)
    rows = ledger.entries_of(account_id, before_id=before_id, limit=paging_.limit + 1)
    shown = rows[: paging_.limit]
    cursor = _next(scope, shown[-1].pk) if len(rows) > len(shown) else None
    link_pages(response, place_of(request, paging_.limit), following=cursor, previous=None)
    page = schemas.Page(next=cursor, prev=None, total=None)
    return schemas.EntryList(data=[shapes.entry(row) for row in shown], page=page)


@ME.get(
    "/me/torrents",
    response=schemas.TransferList,
    operation_id="listMyTorrents",
    summary=_("List your torrents"),
    description=_(
        "What you took part in, the latest announced first, and what your clients do now."
    ),
)
@door(Permission.USE_API)
def list_my_torrents(
    request: ApiRequest, paging_: Query[Paging], response: HttpResponse
) -> schemas.TransferList:
    """What you took part in, the latest announced first, and what your clients do now."""
    account_id = request.caller.account_id
    scope = f"transfers|{account_id}"
    before = _read_place(paging_.cursor, scope)
    lines = ledger.transfers_of(account_id, before=before, limit=paging_.limit + 1)
    shown = lines[: paging_.limit]
    has_more = len(lines) > len(shown)
    cursor = _next(scope, shown[-1].last_at.isoformat(), shown[-1].release_id) if has_more else None
    link_pages(response, place_of(request, paging_.limit), following=cursor, previous=None)
    seen = Release.objects.visible_to(request.caller.viewer)
    rows = seen.in_bulk([line.release_id for line in shown])
    data = [shapes.transfer(line, rows.get(line.release_id)) for line in shown]
    page = schemas.Page(next=cursor, prev=None, total=ledger.count_transfers(account_id))
    return schemas.TransferList(data=data, page=page)


def _next(scope: str, *position: str | int) -> str:
    return paging.encode(position, scope=scope, key=settings.SECRET_KEY.encode())


def _read_id(cursor: str, scope: str) -> int | None:
    match _position(cursor, scope):
        case ():
            return None
        case (int(place),):
            return place
    raise BadCursor


def _read_place(cursor: str, scope: str) -> tuple[datetime, int] | None:
    match _position(cursor, scope):
        case ():
            return None
        case (str(moment), int(release_id)):
            return datetime.fromisoformat(moment), release_id
    raise BadCursor


def _position(cursor: str, scope: str) -> paging.Position:
    if not cursor:
        return ()
    return paging.decode(cursor, scope=scope, key=settings.SECRET_KEY.encode())
