"""How each refusal becomes a page: its HTTP status and its sentence in the reader's language."""

from typing import Final

from django.utils.translation import gettext

from bottin.accounts import errors as accounts
from bottin.catalog import errors as catalog
from bottin.community import errors as community
from bottin.exchange import errors as exchange
from bottin.ledger import errors as ledger
from bottin.lib.errors import DomainError
from bottin.lib.paging import BadCursor
from bottin.metainfo import errors as metainfo
from bottin.moderation import errors as moderation
from bottin.pictures import errors as pictures
from bottin.search import errors as search
from bottin.tracker.errors import KeyNotIssuable
from bottin.uploads import errors as uploads
from bottin.web import formats
from bottin.wording.fill import fill, plain
from bottin.wording.refusals import QUERIES, SENTENCES, SYNONYMS

STATUS: Final[dict[type[DomainError], int]] = {
    BadCursor: 400,
    # people
    accounts.NotAllowed: 403,
    accounts.BadName: 422,
    accounts.NameTaken: 409,
    accounts.EmailTaken: 409,
    accounts.BadPassword: 422,
    accounts.AccountNotFound: 404,
    accounts.OutranksYou: 403,
    accounts.LastAdministrator: 409,
    accounts.ReasonMissing: 422,
    accounts.TooManyTries: 429,
    accounts.BadToken: 403,
    accounts.BadScopes: 422,
    accounts.BadLifetime: 422,
    accounts.TokenNotFound: 404,
    accounts.NoKeysLeft: 409,
    accounts.UndoExpired: 410,
    accounts.ProofMissing: 422,
    accounts.ProofRefused: 422,
    accounts.RegistrationShut: 403,
    accounts.BadPreference: 400,
    KeyNotIssuable: 409,
    ledger.JournalGap: 503,
    ledger.LedgerRunsElsewhere: 503,
    ledger.FlagUnknown: 404,
    ledger.HoldUnknown: 404,
    ledger.HoldDecided: 409,
    # the directory
    catalog.ReleaseNotFound: 404,
    catalog.ReleaseGone: 410,
    catalog.CategoryNotFound: 404,
    catalog.ImpossibleChange: 409,
    catalog.ReasonRequired: 422,
    catalog.StaleDecision: 409,
    catalog.ChangeNotAllowed: 403,
    catalog.WithdrawalTooLate: 409,
    catalog.AlreadyListed: 409,
    catalog.SortUnknown: 400,
    catalog.NotDownloadable: 409,
    catalog.AccountNeeded: 403,
    catalog.AccountSuspended: 403,
    catalog.WorkNotFound: 404,
    catalog.InvalidWork: 422,
    catalog.CannotMerge: 409,
    catalog.CannotSplit: 422,
    catalog.CannotUndo: 409,
    catalog.BadReplacement: 422,
    catalog.TagNotFound: 404,
    catalog.BadAlias: 422,
    catalog.WebSeedRefused: 422,
    catalog.FormatUnknown: 404,
    uploads.DuplicateRelease: 409,
    uploads.RefusedTorrent: 422,
    uploads.TooManyUploads: 429,
    uploads.TooManyDrafts: 409,
    uploads.NotADraft: 409,
    uploads.NotEditable: 409,
    uploads.EditConflict: 409,
    uploads.VersionNotFound: 404,
    uploads.InvalidFields: 422,
    pictures.PictureTooLarge: 413,
    pictures.PictureRefusal: 422,
    pictures.AltMissing: 422,
    pictures.TooManyPictures: 409,
    pictures.SamePicture: 409,
    pictures.PictureStaysDown: 422,
    pictures.PictureNotFound: 404,
    pictures.PicturesLocked: 409,
    pictures.TextTooLarge: 413,
    pictures.NotAText: 422,
    pictures.TooManyTexts: 409,
    pictures.TextNotFound: 404,
    moderation.UnknownReason: 422,
    moderation.ReasonTextNeeded: 422,
    moderation.NotInQueue: 409,
    moderation.RemarkMissing: 422,
    moderation.OwnCredit: 403,
    community.TooManyBookmarks: 409,
    community.TooManySearches: 409,
    community.SearchExists: 409,
    community.SearchUnknown: 404,
    community.BadSearch: 422,
    community.BadHook: 422,
    community.TooManyHooks: 409,
    community.HookUnknown: 404,
    community.BadPace: 422,
    community.BadOffer: 422,
    community.NothingToPledge: 422,
    community.TooManyPledges: 409,
    community.PledgeUnknown: 404,
    community.BadPick: 422,
    search.BadQuery: 422,
    search.SearchNotReady: 503,
    search.IndexBusy: 503,
    search.BadSynonyms: 422,
    search.SynonymsNotFound: 404,
    exchange.DumpsClosed: 404,
    exchange.NoSuchDump: 404,
    exchange.CursorUnknown: 410,
    exchange.ImportRefused: 422,
    # torrent files: every other refusal of them is 422
    metainfo.MetainfoTooLarge: 413,
    metainfo.CompressedUpload: 415,
    metainfo.PrivateMagnet: 404,
    metainfo.NoSuchVariant: 404,
    metainfo.MetainfoRefusal: 422,
}


def status_of(refusal: DomainError) -> int:
    """Return the status of `refusal`: its class's, or that of the nearest class above.

    Raises LookupError for a refusal that nobody gave a status: a bug, and a test finds it first.
    """
    if isinstance(refusal, catalog.ReleaseGone) and refusal.is_legal:
        return 451
    for kind in type(refusal).__mro__:
        if kind in STATUS:
            return STATUS[kind]
    raise LookupError(f"no HTTP status for {refusal.code}")


def sentence_of(refusal: DomainError) -> str:
    """Return what the reader is told. Raises LookupError when the code has no sentence."""
    words = SENTENCES[refusal.code]
    if isinstance(refusal, search.BadQuery):
        words = QUERIES.get(str(refusal.context.get("reason")), words)
    if isinstance(refusal, search.BadSynonyms):
        words = SYNONYMS.get(str(refusal.context.get("reason")), words)
    return fill(gettext(words), refusal.context, _written)


def _written(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        return formats.count(value)
    return plain(value)
