"""A release by one request: the torrent file and its fields (TOR-2)."""

from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from typing import Final

from django.db import transaction
from django.http import HttpResponse
from ninja import Field, File, Form, Schema
from ninja.files import UploadedFile

from bottin.accounts.permissions import Permission, Scope
from bottin.accounts.viewer import Viewer
from bottin.api import lookups, schemas, shapes
from bottin.api.callers import ApiRequest
from bottin.api.doors import door
from bottin.api.idempotency import Attempt, key_of, once
from bottin.api.refusals import (
    BadIdempotencyKey,
    FieldRefusal,
    InvalidFields,
    KeyReused,
    StillRunning,
)
from bottin.api.routers import RELEASES
from bottin.catalog import queries
from bottin.catalog.facts import facts_in
from bottin.lib.clock import now
from bottin.lib.errors import DomainError
from bottin.uploads import actions, receiving
from bottin.uploads.errors import TooManyUploads
from bottin.uploads.fields import ReleaseFields
from bottin.wording.marks import marked as _

ROUTE: Final = "POST /api/v1/releases"
# Refused before the torrent was looked at.
_NOT_UPLOADED: Final = (BadIdempotencyKey, KeyReused, StillRunning, InvalidFields, TooManyUploads)


class ReleaseForm(Schema):
    """What is said of a release; the rules are those of the page, field by field."""

    title: str = Field("", description=_("3 to 200 characters."))
    category: str = Field("", description=_("The id or the slug of a category."))
    licence: str = Field("", description=_("The code of a licence."))
    provenance_url: str = Field("", description=_("The address that the content comes from."))
    provenance_statement: str = Field("", description=_("Where it comes from, in words."))
    description: str = Field("", description=_("Markdown, at most 16 KiB."))
    language: str = Field("", description=_("The language of the content: fr, en, pt-BR…"))
    tags: list[str] = Field([], description=_("Labels, at most 20; the field comes once for each."))
    is_open: bool = Field(False, description=_("Open to all, without an account."))  # noqa: FBT003
    original_title: str = Field("", description=_("When it came out under another title."))
    authors: list[str] = Field([], description=_("At most 20; the field comes once for each."))
    year: int | None = Field(None, description=_("Of the work or of this edition."))
    identifiers: list[str] = Field([], description=_("DOI, ISBN, ISSN, ARK, Wikidata, SWHID."))
    facts: list[str] = Field(
        [], description=_("Technical facts, each as `kind=value`: `architecture=amd64`.")
    )


@RELEASES.post(
    "/releases",
    response={201: schemas.ReleaseCreated},
    operation_id="createRelease",
    summary=_("Publish a release"),
    description=_(
        "Hand in a torrent file with its fields, all or nothing. The release awaits review, or is"
        " published at once for those who may: see `state`. A torrent that is here already"
        " answers 409 with the page that it has."
    ),
    tags=["publishing"],
    openapi_extra={
        "parameters": [
            {
                "in": "header",
                "name": "Idempotency-Key",
                "required": False,
                "schema": {"type": "string", "maxLength": 128},
                "description": _("Makes sending the same request again harmless for 24 hours."),
            }
        ]
    },
)
@door(Permission.PUBLISH, Scope.PUBLISH)
def create_release(
    request: ApiRequest, fields: Form[ReleaseForm], torrent: File[UploadedFile]
) -> HttpResponse:
    """Hand in a torrent file with its fields, all or nothing.

    The release awaits review, or is published at once for those who may: see `state`.
    A torrent that is here already answers 409 with the page that it has.
    """
    raw = torrent.read()
    if not raw:
        raise InvalidFields(FieldRefusal("/torrent", "empty_file", {}))
    viewer = request.caller.viewer

    def write() -> HttpResponse:
        return _created(raw, fields, viewer)

    try:
        return _once(request, raw, fields, write)
    except DomainError as refusal:
        _count_refused(refusal, viewer)
        raise


def _once(
    request: ApiRequest, raw: bytes, fields: ReleaseForm, write: Callable[[], HttpResponse]
) -> HttpResponse:
    key = key_of(request)
    if key is None:
        with transaction.atomic():
            return write()
    digest = _digest(raw, fields)
    return once(Attempt(request.caller.account_id, ROUTE, key, digest), write)


def _count_refused(refusal: DomainError, viewer: Viewer) -> None:
    """Count an upload that was refused: its transaction, undone, gave the count back."""
    if not isinstance(refusal, _NOT_UPLOADED):
        with suppress(TooManyUploads):
            receiving.pace(viewer, at=now())


def _created(raw: bytes, form: ReleaseForm, viewer: Viewer) -> HttpResponse:
    at = now()
    described = _fields(form)
    receipt = actions.receive_torrent(raw, by=viewer, at=at)
    release_id = receipt.release.pk
    actions.submit_release(release_id, described, by=viewer, at=at)
    detail = shapes.release_detail(queries.release_for(release_id, viewer))
    body = schemas.ReleaseCreated(
        **detail.model_dump(),
        similar=[str(row.pk) for row in receipt.duplicates],
        warnings=[
            schemas.Notice(code=caution.code, subject=caution.subject)
            for caution in receipt.warnings
        ],
    )
    response = HttpResponse(body.model_dump_json(), status=201, content_type="application/json")
    response["Location"] = f"/api/v1/releases/{release_id}"
    return response


def _fields(form: ReleaseForm) -> ReleaseFields:
    """Put ids in the place of words; what they do not name is left to the rules of the form."""
    category = lookups.category_of(form.category)
    licence = lookups.licence_of(form.licence)
    return ReleaseFields(
        title=form.title,
        category_id=category.pk if category else None,
        licence_code=licence.code if licence else "",
        provenance_url=form.provenance_url,
        provenance_statement=form.provenance_statement,
        description=form.description,
        language=form.language,
        tags=tuple(form.tags),
        is_open=form.is_open,
        original_title=form.original_title,
        authors=tuple(form.authors),
        year=form.year,
        identifiers=tuple(form.identifiers),
        facts=facts_in(form.facts),
    )


def _digest(raw: bytes, form: ReleaseForm) -> bytes:
    said = form.model_dump_json().encode()
    return sha256(len(said).to_bytes(8) + said + raw).digest()
