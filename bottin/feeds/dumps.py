"""The dump and the feed of changes, for programs that mirror the directory."""

import json
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from bottin.accounts import throttle
from bottin.accounts.permissions import Permission
from bottin.exchange import dumps, following, records
from bottin.exchange.errors import CursorUnknown
from bottin.feeds.plain import plain
from bottin.feeds.ranges import file_response

NDJSON: Final = "application/x-ndjson; charset=utf-8"
_TYPES: Final = {
    dumps.RELEASES: "application/zstd",
    dumps.MAGNETS: "application/zstd",
    dumps.MANIFEST: "application/json",
    dumps.SUMS: "text/plain; charset=utf-8",
}
_DIGITS_MAX: Final = 18


@plain(Permission.BROWSE)
def changes(request: HttpRequest) -> HttpResponse:
    """Give what changed after `?after=`: lines to apply in order, the last one says where to go on.

    The mirror keeps the cursor of that line and asks with it next time; a lost
    answer costs nothing, since lines may be applied twice.
    """
    _count(request)
    after = request.GET.get("after", "0")
    if not (after.isascii() and after.isdecimal() and len(after) <= _DIGITS_MAX):
        raise CursorUnknown
    limit = request.GET.get("limit", "")
    wanted = int(limit[:5]) if limit.isascii() and limit.isdecimal() else following.CHANGES_MAX
    page = following.changes_after(int(after), limit=max(1, wanted))
    last = {"v": records.FORMAT, "kind": "cursor", "cursor": str(page.cursor)}
    body = b"".join(map(records.line_of, page.lines))
    body += json.dumps(last | {"has_more": page.has_more}).encode() + b"\n"
    response = HttpResponse(body, content_type=NDJSON)
    response["Bottin-Cursor"] = str(page.cursor)
    if page.has_more:
        origin = settings.BOTTIN.origin
        response["Link"] = f'<{origin}/dumps/changes?after={page.cursor}>; rel="next"'
    response["Cache-Control"] = "no-cache"
    return response


@plain(Permission.BROWSE)
def dump_file(request: HttpRequest, day: str, name: str) -> HttpResponseBase:
    """Give one file of a dump, or a part of it; a written dump never changes."""
    _count(request)
    response = file_response(request, dumps.path_of(day, name), _TYPES[name])
    response["Cache-Control"] = "public, max-age=86400"
    return response


def _count(request: HttpRequest) -> None:
    bucket = throttle.by_address("dump", str(request.META.get("REMOTE_ADDR", "")))
    throttle.require(bucket, settings.BOTTIN_THROTTLE_DUMP)
