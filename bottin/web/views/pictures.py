"""Pictures and texts of a release or a work: put beside it, ordered, taken away, served."""

from collections.abc import Callable
from typing import Any, Final, cast

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bottin.accounts.errors import ReasonMissing
from bottin.accounts.permissions import Permission
from bottin.catalog import queries, works
from bottin.catalog.errors import ReleaseNotFound
from bottin.lib.clock import now
from bottin.lib.errors import DomainError
from bottin.pictures import actions, rights
from bottin.pictures import errors as refusals
from bottin.pictures import queries as pictures
from bottin.pictures.actions import NewPicture
from bottin.pictures.errors import PictureTooLarge, TextTooLarge
from bottin.pictures.models import ALT_LENGTH
from bottin.pictures.queries import Served
from bottin.pictures.rights import Place
from bottin.web.errors import sentence_of, status_of
from bottin.web.forms.releases import whole
from bottin.web.permissions import needs
from bottin.web.viewer import viewer_of

# What is read again at the form, in its own words; anything else is a page of its own.
_AT_THE_FORM: Final = (
    refusals.PictureRefusal,
    refusals.AltMissing,
    refusals.TooManyPictures,
    refusals.SamePicture,
    refusals.PictureStaysDown,
    refusals.PicturesLocked,
    refusals.TextTooLarge,
    refusals.NotAText,
    refusals.TooManyTexts,
    ReasonMissing,
)
_YEAR: Final = "public, max-age=31536000, immutable"
_OWN: Final = "private, no-cache"
Deed = Callable[[HttpRequest, Place], None]


@needs(Permission.PUBLISH)
def of_release(request: HttpRequest, pk: int) -> HttpResponse:
    """Show and change what is beside a release."""
    viewer = viewer_of(request)
    release = queries.untagged_release_for(pk, viewer)
    if release.publisher_id != viewer.user_id and not viewer.may(Permission.CURATE):
        raise ReleaseNotFound(release_id=pk)
    context: dict[str, object] = {
        "release": release,
        "category": release.category,
        "may_add": rights.may_add(release, viewer),
    }
    return _page(request, Place(release_id=pk), context)


@needs(Permission.CURATE)
def of_work(request: HttpRequest, pk: int) -> HttpResponse:
    """Show and change the pictures of a work."""
    work = works.work_for(pk, viewer_of(request))
    return _page(request, Place(work_id=pk), {"work": work, "may_add": True})


@needs(Permission.BROWSE)
def text(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Show a README, an NFO or a licence, as text and nothing else."""
    release = queries.untagged_release_for(pk, viewer_of(request))
    context = {"release": release, "text": pictures.text_for(release, number)}
    return render(request, "pictures/text.html", context | {"category": release.category})


@require_POST
@needs(Permission.MODERATE)
def remove(request: HttpRequest, number: int) -> HttpResponse:
    """Take a picture down wherever it is, for good."""
    reason = request.POST.get("reason", "")[:300]
    count = actions.remove_picture(number, by=viewer_of(request), at=now(), reason=reason)
    if count:
        messages.success(request, _("The picture is removed and cannot come back."))
    release = whole(request.POST.get("release", ""))
    return redirect("web:release_pictures", release) if release else redirect("web:moderation")


def picture(request: HttpRequest, digest: str, end: str) -> HttpResponseBase:
    """Serve a file of a picture: for good to everybody, or to who may see it now."""
    found = pictures.public_file(digest, end)
    if found is None:
        return _for_viewer(request, digest, end)
    request.session.accessed = False  # the answer is everybody's: no `Vary: Cookie`
    return _answer(found)


# What everybody may see is answered without asking who asks: one query, no session.
cast("Any", picture).permission = Permission.BROWSE


@needs(Permission.BROWSE)
def _for_viewer(request: HttpRequest, digest: str, end: str) -> HttpResponse:
    return _answer(pictures.file_for(digest, end, viewer_of(request)))


def _answer(found: Served) -> HttpResponse:
    response = HttpResponse(found.content, content_type=found.media_type)
    response["Cache-Control"] = _YEAR if found.is_public else _OWN
    if not found.is_public:
        patch_vary_headers(response, ["Cookie"])
    response["Content-Disposition"] = "inline"
    return response


def _page(request: HttpRequest, place: Place, context: dict[str, object]) -> HttpResponse:
    refusal: DomainError | None = None
    if request.method == "POST":
        try:
            _do(request, place)
        except _AT_THE_FORM as error:
            refusal = error
        else:
            messages.success(request, _("Done."))
            return redirect(request.path)
    context |= {
        "enclosed": pictures.enclosed_of(place),
        "sentence": sentence_of(refusal) if refusal else "",
        "typed_alt": request.POST.get("alt", "") if "add" in request.POST else "",
        "alt_length": ALT_LENGTH,
        "picture_max": settings.BOTTIN_PICTURE_MAX_SIZE,
        "text_max": settings.BOTTIN_TEXT_MAX_SIZE,
        "pictures_max": settings.BOTTIN_PICTURES_MAX,
        "texts_max": settings.BOTTIN_TEXTS_MAX,
        "may_remove": viewer_of(request).may(Permission.MODERATE),
    }
    status = status_of(refusal) if refusal else 200
    return render(request, "pictures/edit.html", context, status=status)


def _do(request: HttpRequest, place: Place) -> None:
    for name, deed in _DEEDS.items():
        if name in request.POST:
            deed(request, place)
            return


def _add(request: HttpRequest, place: Place) -> None:
    raw = _raw(request.FILES.get("picture"), settings.BOTTIN_PICTURE_MAX_SIZE, PictureTooLarge)
    given = NewPicture(raw, request.POST.get("alt", ""), is_cover="cover" in request.POST)
    actions.add_picture(place, given, by=viewer_of(request), at=now())


def _describe(request: HttpRequest, place: Place) -> None:
    number, alt = _number(request, "describe"), request.POST.get("alt", "")
    actions.describe_picture(place, number, alt, by=viewer_of(request), at=now())


def _earlier(request: HttpRequest, place: Place) -> None:
    number = _number(request, "earlier")
    actions.move_picture(place, number, up=True, by=viewer_of(request), at=now())


def _later(request: HttpRequest, place: Place) -> None:
    number = _number(request, "later")
    actions.move_picture(place, number, up=False, by=viewer_of(request), at=now())


def _make_cover(request: HttpRequest, place: Place) -> None:
    number = _number(request, "make_cover")
    actions.make_cover(place, number, by=viewer_of(request), at=now())


def _delete(request: HttpRequest, place: Place) -> None:
    number = _number(request, "delete")
    actions.delete_picture(place, number, by=viewer_of(request), at=now())


def _add_text(request: HttpRequest, place: Place) -> None:
    file = request.FILES.get("text")
    raw = _raw(file, settings.BOTTIN_TEXT_MAX_SIZE, TextTooLarge)
    name = (file.name if isinstance(file, UploadedFile) else "") or ""
    actions.add_text(place.release_id or 0, name, raw, by=viewer_of(request), at=now())


def _delete_text(request: HttpRequest, place: Place) -> None:
    number = _number(request, "delete_text")
    actions.delete_text(place.release_id or 0, number, by=viewer_of(request), at=now())


_DEEDS: Final[dict[str, Deed]] = {
    "add": _add,
    "describe": _describe,
    "earlier": _earlier,
    "later": _later,
    "make_cover": _make_cover,
    "delete": _delete,
    "add_text": _add_text,
    "delete_text": _delete_text,
}


def _number(request: HttpRequest, name: str) -> int:
    return whole(request.POST[name]) or 0


def _raw(file: object, limit: int, refusal: type[DomainError]) -> bytes:
    """Read an uploaded file no further than it may be long; nothing for none."""
    if not isinstance(file, UploadedFile):
        return b""
    if file.size and file.size > limit:
        raise refusal(size_bytes=file.size, limit_bytes=limit)
    return bytes(file.read(limit + 1))
