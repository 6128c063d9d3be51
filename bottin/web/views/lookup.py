"""Which release is this? A hash typed, or a `.torrent` dropped."""

import re
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bottin.accounts import throttle
from bottin.accounts.permissions import Permission
from bottin.metainfo.errors import MetainfoRefusal
from bottin.metainfo.model import Metainfo
from bottin.metainfo.sandbox import parse_in_worker
from bottin.uploads import lookups
from bottin.uploads.receiving import limits_for
from bottin.web.errors import sentence_of, status_of
from bottin.web.permissions import needs
from bottin.web.signed_in import origin_of
from bottin.web.viewer import viewer_of

_DIGEST: Final = re.compile(
    r"(?:magnet:\?\S*?xt=urn:bt(?:ih|mh):(?:1220)?)?([0-9a-f]{64}|[0-9a-f]{40})(?:&\S*)?",
    re.IGNORECASE,
)
_ASKED_MAX: Final = 4_000


@needs(Permission.BROWSE)
@require_http_methods(["GET", "HEAD", "POST"])
def lookup(request: HttpRequest) -> HttpResponse:
    """Show the form, and what was found for a hash or a file."""
    if request.method == "POST":
        return _file(request)
    asked = request.GET.get("hash", "")[:_ASKED_MAX].strip()
    if not asked:
        return render(request, "lookup.html")
    _count(request)
    match = _DIGEST.fullmatch(asked)
    if match is None:
        sentence = _("This is no hash: it has 40 or 64 digits, 0 to 9 and a to f.")
        context = {"asked": asked, "sentence": sentence}
        return render(request, "lookup.html", context, status=422)
    found = lookups.by_digest(viewer_of(request), bytes.fromhex(match[1]))
    return render(request, "lookup.html", {"asked": asked, "found": found, "is_answer": True})


def _file(request: HttpRequest) -> HttpResponse:
    torrent = request.FILES.get("torrent")
    if torrent is None:
        sentence = _("Choose a .torrent file first.")
        return render(request, "lookup.html", {"sentence": sentence}, status=422)
    _count(request)
    try:
        metainfo = _read(torrent.read(settings.BOTTIN_TORRENT_MAX_SIZE + 1))
    except MetainfoRefusal as refusal:
        context = {"sentence": sentence_of(refusal)}
        return render(request, "lookup.html", context, status=status_of(refusal))
    found = lookups.by_metainfo(viewer_of(request), metainfo)
    answer = {"found": found, "is_answer": True, "metainfo": metainfo}
    return render(request, "lookup.html", answer)


def _read(raw: bytes) -> Metainfo:
    return parse_in_worker(raw, limits_for(is_trusted=False))


def _count(request: HttpRequest) -> None:
    bucket = throttle.by_address("lookup", origin_of(request).address)
    throttle.require(bucket, settings.BOTTIN_THROTTLE_LOOKUP)
