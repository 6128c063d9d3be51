"""The files of a large release, one folder at a time."""

from itertools import accumulate
from typing import Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bottin.accounts.permissions import Permission
from bottin.catalog import queries
from bottin.catalog.errors import ReleaseNotFound
from bottin.catalog.models import Release
from bottin.web.permissions import needs
from bottin.web.viewer import viewer_of

PAGE: Final = 200
FOUND_MAX: Final = 1_000


@needs(Permission.BROWSE)
def folder(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what is in the folder of `?path=`, the root without one, two hundred lines a page."""
    release = queries.untagged_release_for(pk, viewer_of(request))
    text = request.GET.get("q", "")[:100].strip()
    if text:
        return _matching(request, release, text)
    path = request.GET.get("path", "").strip("/")
    entries = queries.folder_of(release, path)
    if not entries:
        raise ReleaseNotFound(release_id=pk)
    names = path.split("/") if path else []
    paths = accumulate(names, lambda above, name: f"{above}/{name}")
    context = {
        "release": release,
        "category": release.category,
        "name": names[-1] if names else release.name,
        "above": f"{path}/" if path else "",
        "steps": list(zip(names, paths, strict=True)),
        "size_bytes": sum(entry.size_bytes for entry in entries),
        "file_count": sum(entry.file_count for entry in entries),
        "page": Paginator(entries, PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "release/folder.html", context)


def _matching(request: HttpRequest, release: Release, text: str) -> HttpResponse:
    found, total = queries.files_matching(release, text, FOUND_MAX)
    context = {
        "release": release,
        "category": release.category,
        "name": release.name,
        "asked": text,
        "found": total,
        "size_bytes": sum(file.size_bytes for file in found),
        "file_count": total,
        "page": Paginator(found, PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "release/folder.html", context)
