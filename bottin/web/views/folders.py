"""The files of a large release, one folder at a time."""

from dataclasses import dataclass
from typing import Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bottin.accounts.permissions import Permission
from bottin.catalog import queries
from bottin.catalog.errors import ReleaseNotFound
from bottin.metainfo.tree import Folder
from bottin.web.permissions import needs
from bottin.web.viewer import viewer_of

PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a folder: a sub-folder with the path that opens it, or a file."""

    name: str
    size_bytes: int
    file_count: int = 0
    path: str = ""


@needs(Permission.BROWSE)
def folder(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what is in the folder of `?path=`, the root without one, two hundred lines a page."""
    release = queries.untagged_release_for(pk, viewer_of(request))
    steps = _walk(queries.file_tree(release), request.GET.get("path", ""))
    if not steps:
        raise ReleaseNotFound(release_id=pk)
    here = steps[-1]
    context = {
        "release": release,
        "category": release.category,
        "folder": here,
        "steps": [(step.name, "/".join(step.path)) for step in steps[1:]],
        "page": Paginator(_rows(here), PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "release/folder.html", context)


def _walk(root: Folder, path: str) -> list[Folder]:
    """Return the folders from the root to `path`; none when there is no such folder."""
    steps = [root]
    for name in filter(None, path.split("/")):
        found = next((sub for sub in steps[-1].folders if sub.name == name), None)
        if found is None:
            return []
        steps.append(found)
    return steps


def _rows(here: Folder) -> list[Row]:
    folders = [
        Row(sub.name, sub.size_bytes, sub.file_count, "/".join(sub.path)) for sub in here.folders
    ]
    return [*folders, *(Row(leaf.name, leaf.file.size_bytes) for leaf in here.files)]
