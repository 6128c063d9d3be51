"""How a refusal is told to a program that reads feeds: a status and one line of plain text."""

from typing import Final

from django.http import HttpResponse
from django.utils.translation import gettext

from bottin import statuses
from bottin.accounts import errors as accounts
from bottin.catalog import errors as catalog
from bottin.lib.errors import DomainError
from bottin.search import errors as search
from bottin.wording.fill import fill
from bottin.wording.marks import marked as _
from bottin.wording.refusals import QUERIES, SENTENCES


class NoSuchFeed(DomainError):
    """No list answers to this name. Context: `feed`."""

    code = "feeds.not_found"


class PlainFeed(DomainError):
    """The site is served over TLS and this call was not: a key in it is known to others now."""

    code = "feeds.plain_http"


STATUS: Final[statuses.Statuses] = {
    **statuses.COMMON,
    NoSuchFeed: 404,
    PlainFeed: 403,
    catalog.NotDownloadable: 410,  # what a feed named is there no more
}
# Not the API's words: what opens nothing here is an address that was copied from a page.
_OWN_WORDS: Final = {
    "feeds.not_found": _("No feed has this address: copy it again from the page of the list."),
    "feeds.plain_http": _("Use https: over plain HTTP others can read your feed key."),
    "accounts.bad_token": _(
        "This feed key opens nothing: copy the address again from your page of feeds."
    ),
    "accounts.not_allowed": _("A feed key is needed here: copy the address from a page."),
}
_SUSPENDED: Final = 403


def answer_to(refusal: DomainError) -> HttpResponse:
    """Return the refusal as plain text, never a page or a way to sign in (RSS-3, DL-5)."""
    response = HttpResponse(sentence_of(refusal) + "\n", "text/plain; charset=utf-8")
    response.status_code = status_of(refusal)
    response["Cache-Control"] = "no-store"
    retry_after_s = refusal.context.get("retry_after_s")
    if isinstance(retry_after_s, int | float):
        response["Retry-After"] = str(int(retry_after_s))
    return response


def status_of(refusal: DomainError) -> int:
    """Return the status of a refusal. Raises LookupError for one that has none."""
    if isinstance(refusal, accounts.BadToken) and refusal.context.get("problem") == "account":
        return _SUSPENDED
    return statuses.status_of(refusal, STATUS)


def sentence_of(refusal: DomainError) -> str:
    """Return what the reader of a log is told."""
    words = _OWN_WORDS.get(refusal.code) or SENTENCES[refusal.code]
    if isinstance(refusal, search.BadQuery):
        words = QUERIES.get(str(refusal.context.get("reason")), words)
    return fill(gettext(words), refusal.context)
