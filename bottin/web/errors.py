"""How each refusal becomes a page: its HTTP status and its sentence in the reader's language."""

from typing import Final

from django.utils.translation import gettext

from bottin import statuses
from bottin.accounts import errors as accounts
from bottin.catalog import errors as catalog
from bottin.lib.errors import DomainError
from bottin.pictures import errors as pictures
from bottin.search import errors as search
from bottin.tracker import errors as tracker
from bottin.uploads import errors as uploads
from bottin.web import formats
from bottin.wording.fill import fill, plain
from bottin.wording.refusals import CLIENT_RULES, QUERIES, SENTENCES, SYNONYMS

STATUS: Final[statuses.Statuses] = {
    **statuses.COMMON,
    # nobody signs in to a page by a header
    accounts.BadToken: 403,
    catalog.AccountNeeded: 403,
    # what was handed in by a form, which is shown again
    uploads.RefusedTorrent: 422,
    pictures.PictureStaysDown: 422,
}


def status_of(refusal: DomainError) -> int:
    """Return the status of the page that tells it. Raises LookupError for one that has none."""
    return statuses.status_of(refusal, STATUS)


def sentence_of(refusal: DomainError) -> str:
    """Return what the reader is told. Raises LookupError when the code has no sentence."""
    words = SENTENCES[refusal.code]
    if isinstance(refusal, search.BadQuery):
        words = QUERIES.get(str(refusal.context.get("reason")), words)
    if isinstance(refusal, search.BadSynonyms):
        words = SYNONYMS.get(str(refusal.context.get("reason")), words)
    if isinstance(refusal, tracker.BadClientRule):
        words = CLIENT_RULES.get(str(refusal.context.get("reason")), words)
    return fill(gettext(words), refusal.context, _written)


def _written(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        return formats.count(value)
    return plain(value)
