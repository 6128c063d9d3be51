"""Look-ups (XS-1 to XS-6): which release is this? By info-hash, pieces, file root, files."""

import json
import re
from typing import Annotated, Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Field, Schema
from pydantic import ConfigDict

from bottin.accounts import feed_keys, throttle
from bottin.accounts.permissions import Permission
from bottin.api import lookups, schemas, shapes
from bottin.api.callers import ApiRequest
from bottin.api.doors import JSON, door
from bottin.api.refusals import BodyTooLarge, FieldRefusal, InvalidFields, MalformedRequest
from bottin.api.routers import RELEASES
from bottin.catalog import queries
from bottin.uploads import lookups as contents
from bottin.uploads.lookups import Match, WantedFile
from bottin.wording.marks import marked as _

HASHES_MAX: Final = 500
FILES_MAX: Final = 50_000
PIECES_MAX: Final = 100  # XS-1
_ROOT: Final = re.compile(r"[0-9a-f]{64}", re.IGNORECASE)
_PIECES: Final = re.compile(r"[0-9a-f]{40}", re.IGNORECASE)
_SIZE_MAX: Final = 2**62


class InfoHashesAsked(Schema):
    """Several info-hashes at once."""

    model_config = ConfigDict(extra="forbid")
    info_hashes: Annotated[list[str], Field(min_length=1, max_length=HASHES_MAX)]


class FileAsked(Schema):
    """A file that the caller has."""

    model_config = ConfigDict(extra="forbid")
    path: Annotated[str, Field(min_length=1, max_length=4_096)]
    length: Annotated[int, Field(ge=0, le=_SIZE_MAX)]
    root: str | None = Field(None, description=_("The file's v2 root, 64 hexadecimal digits."))


class FilesAsked(Schema):
    """The files of a torrent that the caller has."""

    model_config = ConfigDict(extra="forbid")
    files: Annotated[list[FileAsked], Field(min_length=1, max_length=FILES_MAX)]


@RELEASES.get(
    "/lookup/infohash/{info_hash}",
    response=schemas.FoundList,
    operation_id="lookUpInfoHash",
    summary=_("Find releases by info-hash"),
    description=_("40 digits are v1, or v2 cut to 20 bytes; 64 digits are v2; any case."),
)
@door(Permission.BROWSE)
def look_up_info_hash(request: ApiRequest, info_hash: str) -> schemas.FoundList:
    """40 digits are v1, or v2 cut to 20 bytes; 64 digits are v2; any case (XS-2)."""
    digest = lookups.info_hash_of(info_hash)
    rows = queries.with_info_hash(request.caller.viewer, digest)
    return schemas.FoundList(data=[shapes.found(row, digest) for row in rows.order_by("pk")])


@RELEASES.post(
    "/lookup/infohash",
    response=schemas.LookedUpList,
    operation_id="lookUpInfoHashes",
    summary=_("Find releases by several info-hashes"),
    description=_("At most 500 at once; those that nothing has are absent from the answer."),
)
@door(Permission.BROWSE, weight=5, body=JSON)
def look_up_info_hashes(request: ApiRequest, asked: InfoHashesAsked) -> schemas.LookedUpList:
    """At most 500 at once; those that nothing has are absent from the answer."""
    digests = list(dict.fromkeys(map(lookups.info_hash_of, asked.info_hashes)))
    return _shown(contents.by_info_hashes(request.caller.viewer, digests))


@RELEASES.get(
    "/lookup/pieces/{digest}",
    response=schemas.LookedUpList,
    operation_id="lookUpPieces",
    summary=_("Find releases by their pieces"),
    description=_("The SHA-1 of the string `pieces`, as cross-seeding tools compute it."),
)
@door(Permission.BROWSE)
def look_up_pieces(request: ApiRequest, digest: str) -> schemas.LookedUpList:
    """The SHA-1 of the string `pieces`, as cross-seeding tools compute it."""
    return _shown(contents.by_pieces(request.caller.viewer, [_hex(digest, _PIECES, "digest")]))


@RELEASES.get(
    "/lookup/root/{root}",
    response=schemas.LookedUpList,
    operation_id="lookUpRoot",
    summary=_("Find releases by a file's v2 root"),
    description=_("Which releases hold this file, whatever its name; files of 1 MiB or more."),
)
@door(Permission.BROWSE)
def look_up_root(request: ApiRequest, root: str) -> schemas.LookedUpList:
    """Which releases hold this file, whatever its name; files of 1 MiB or more."""
    return _shown(contents.by_root(request.caller.viewer, _hex(root, _ROOT, "root")))


@RELEASES.post(
    "/lookup/file-tree",
    response=schemas.LookedUpList,
    operation_id="lookUpFiles",
    summary=_("Find releases by their files"),
    description=_(
        "All the files of a release or a part of them. `exact`: equal paths and lengths;"
        " `renamed`: equal lengths; `roots`: an equal large file; `part`: some files of at"
        " least 64 KiB with equal names and lengths, in whatever folder."
    ),
)
@door(Permission.BROWSE, weight=5, body=JSON)
def look_up_files(request: ApiRequest, asked: FilesAsked) -> schemas.LookedUpList:
    """All the files of a release or a part of them; `matched` says how each was found."""
    files = [
        WantedFile(
            tuple(part for part in file.path.split("/") if part),
            file.length,
            _hex(file.root, _ROOT, "root") if file.root else None,
        )
        for file in asked.files
    ]
    return _shown(contents.by_files(request.caller.viewer, files))


def pieces_hash(request: HttpRequest) -> HttpResponse:
    """Answer cross-seeding tools in the form that they know (XS-1): a feed key opens it.

    Raises MalformedRequest, BodyTooLarge, BadToken, TooManyTries.
    """
    asked = _asked(request)
    viewer = feed_keys.authenticate(str(asked.get("passkey", "")))
    throttle.require(
        throttle.key_of("api", str(viewer.user_id)), settings.BOTTIN_THROTTLE_API_ACCOUNT
    )
    given = asked.get("pieces_hash", [])
    if not isinstance(given, list) or len(given) > PIECES_MAX:
        raise InvalidFields(FieldRefusal("/pieces_hash", "too_long", {"limit": PIECES_MAX}))
    digests = [bytes.fromhex(each) for each in given if _PIECES.fullmatch(str(each))]
    found = contents.by_pieces(viewer, digests)
    listed = {match.digest.hex(): match.release.pk for match in found if match.release.is_published}
    return HttpResponse(json.dumps({"data": listed}), content_type="application/json")


def _asked(request: HttpRequest) -> dict[str, Any]:
    if request.method != "POST":
        raise MalformedRequest
    if int(request.META.get("CONTENT_LENGTH") or 0) > settings.BOTTIN_REQUEST_MAX_SIZE:
        raise BodyTooLarge(limit_bytes=settings.BOTTIN_REQUEST_MAX_SIZE)
    try:
        asked = json.loads(request.body)
    except (ValueError, RecursionError):
        raise MalformedRequest from None
    if not isinstance(asked, dict):
        raise MalformedRequest
    return asked


def _shown(found: list[Match]) -> schemas.LookedUpList:
    return schemas.LookedUpList(data=[shapes.looked_up(match) for match in found])


def _hex(digits: str, shape: re.Pattern[str], field: str) -> bytes:
    if not shape.fullmatch(digits):
        raise InvalidFields(FieldRefusal(f"/{field}", "bad_info_hash", {}))
    return bytes.fromhex(digits)
