"""Which HTTP status each refusal has, for every front end; each names where it differs."""

from collections.abc import Mapping
from typing import Final

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
from bottin.tracker import errors as tracker
from bottin.uploads import errors as uploads

Statuses = Mapping[type[DomainError], int]
COMMON: Final[Statuses] = {
    BadCursor: 400,
    # people
    accounts.NotAllowed: 403,
    accounts.BadToken: 401,
    accounts.TooManyTries: 429,
    accounts.AccountNotFound: 404,
    accounts.TokenNotFound: 404,
    accounts.OutranksYou: 403,
    accounts.RegistrationShut: 403,
    accounts.NameTaken: 409,
    accounts.EmailTaken: 409,
    accounts.LastAdministrator: 409,
    accounts.NoKeysLeft: 409,
    accounts.UndoExpired: 410,
    accounts.BadName: 422,
    accounts.BadPassword: 422,
    accounts.BadScopes: 422,
    accounts.BadLifetime: 422,
    accounts.BadPreference: 400,
    accounts.ReasonMissing: 422,
    accounts.ProofMissing: 422,
    accounts.ProofRefused: 422,
    tracker.KeyNotIssuable: 409,
    tracker.BadClientRule: 422,
    tracker.ClientRuleGone: 409,
    exchange.DumpsClosed: 404,
    exchange.NoSuchDump: 404,
    exchange.CursorUnknown: 410,
    exchange.ImportRefused: 422,
    # the directory
    catalog.ReleaseNotFound: 404,
    catalog.CategoryNotFound: 404,
    catalog.ReleaseGone: 410,  # or 451: see `status_of`
    catalog.ImpossibleChange: 409,
    catalog.StaleDecision: 409,
    catalog.AlreadyListed: 409,
    catalog.NotDownloadable: 409,
    catalog.WithdrawalTooLate: 409,
    catalog.ChangeNotAllowed: 403,
    catalog.AccountNeeded: 401,
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
    catalog.ReasonRequired: 422,
    catalog.SortUnknown: 400,
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
    # uploads
    uploads.DuplicateRelease: 409,
    uploads.RefusedTorrent: 451,
    uploads.TooManyUploads: 429,
    uploads.TooManyDrafts: 409,
    uploads.NotADraft: 409,
    uploads.NotEditable: 409,
    uploads.EditConflict: 409,
    uploads.VersionNotFound: 404,
    uploads.InvalidFields: 422,
    # torrent files: every other refusal of them is 422
    metainfo.MetainfoTooLarge: 413,
    metainfo.CompressedUpload: 415,
    metainfo.PrivateMagnet: 404,
    metainfo.NoSuchVariant: 404,
    metainfo.MetainfoRefusal: 422,
    # pictures and texts
    pictures.PictureTooLarge: 413,
    pictures.PictureRefusal: 422,
    pictures.AltMissing: 422,
    pictures.TooManyPictures: 409,
    pictures.SamePicture: 409,
    pictures.PictureStaysDown: 451,
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
    ledger.JournalGap: 503,
    ledger.LedgerRunsElsewhere: 503,
    ledger.FlagUnknown: 404,
    ledger.HoldUnknown: 404,
    ledger.HoldDecided: 409,
}
UNAVAILABLE_FOR_LEGAL_REASONS: Final = 451


def status_of(refusal: DomainError, statuses: Statuses) -> int:
    """Return the status of `refusal`: its class's, or that of the nearest class above.

    Raises LookupError for a refusal that nobody gave a status: a bug, and a test finds it first.
    """
    if isinstance(refusal, catalog.ReleaseGone) and refusal.is_legal:
        return UNAVAILABLE_FOR_LEGAL_REASONS
    for kind in type(refusal).__mro__:
        if kind in statuses:
            return statuses[kind]
    raise LookupError(f"no HTTP status for {refusal.code}")
