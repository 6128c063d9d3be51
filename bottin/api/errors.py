"""Which HTTP status each refusal has for programs: the common one, but where they need another."""

from typing import Final

from bottin import statuses
from bottin.accounts import errors as accounts
from bottin.api import refusals
from bottin.catalog import errors as catalog
from bottin.lib.errors import DomainError
from bottin.lib.paging import BadCursor
from bottin.uploads import errors as uploads

STATUS: Final[statuses.Statuses] = {
    **statuses.COMMON,
    # the call itself
    refusals.TokenRequired: 401,
    refusals.MalformedAuthorization: 401,
    refusals.ScopeMissing: 403,
    refusals.PlainHttp: 403,
    refusals.NoSuchRoute: 404,
    refusals.MethodNotAllowed: 405,
    refusals.MalformedRequest: 400,
    refusals.LengthRequired: 411,
    refusals.BodyTooLarge: 413,
    refusals.UnsupportedMediaType: 415,
    refusals.KeyReused: 422,
    refusals.StillRunning: 409,
    refusals.BadIdempotencyKey: 400,
    refusals.InvalidFields: 422,
    refusals.InternalError: 500,
    # a value of a field or a parameter that cannot be, as any other
    BadCursor: 422,
    accounts.BadPreference: 422,
    catalog.SortUnknown: 422,
    uploads.EditConflict: 412,  # of `If-Match`
}


def status_of(refusal: DomainError) -> int:
    """Return the status of `refusal`. Raises LookupError for one that has none."""
    return statuses.status_of(refusal, STATUS)
