"""Refusals of the API itself: what is wrong with a call before any rule of the site is asked."""

from dataclasses import dataclass

from bottin.lib.errors import DomainError


class TokenRequired(DomainError):
    """A stranger asked for what an account may do, or the site is private."""

    code = "api.token_required"


class MalformedAuthorization(DomainError):
    """The `Authorization` header is not `Bearer TOKEN`."""

    code = "api.malformed_authorization"


class ScopeMissing(DomainError):
    """The token was not given the scope that this route asks for. Context: `scope`."""

    code = "api.scope_missing"


class PlainHttp(DomainError):
    """The site is served over TLS and this call was not: a token in it is known to others now."""

    code = "api.plain_http"


class NoSuchRoute(DomainError):
    """Nothing answers this path, or no object has this id."""

    code = "api.not_found"


class MethodNotAllowed(DomainError):
    """The path does not know this method. Context: `allowed`, method names."""

    code = "api.method_not_allowed"


class MalformedRequest(DomainError):
    """The body or the request line cannot be read."""

    code = "api.malformed_request"


class LengthRequired(DomainError):
    """A body without a `Content-Length`."""

    code = "api.length_required"


class BodyTooLarge(DomainError):
    """A body above what a torrent file and its fields may take. Context: `limit_bytes`."""

    code = "api.body_too_large"


class UnsupportedMediaType(DomainError):
    """The body is of another type, or compressed. Context: `expected`."""

    code = "api.unsupported_media_type"


class KeyReused(DomainError):
    """The `Idempotency-Key` came before with another body (API-7)."""

    code = "api.idempotency_key_reused"


class StillRunning(DomainError):
    """The first call with this `Idempotency-Key` has not ended (API-7)."""

    code = "api.still_running"


class BadIdempotencyKey(DomainError):
    """The `Idempotency-Key` is not 1 to 128 visible ASCII characters."""

    code = "api.bad_idempotency_key"


class InternalError(DomainError):
    """A bug of ours, as its caller sees it; the log has the rest."""

    code = "api.internal"


@dataclass(frozen=True, slots=True)
class FieldRefusal:
    """One wrong field: where (a JSON pointer), a stable word, and its particulars."""

    pointer: str
    code: str
    context: dict[str, object]


class InvalidFields(DomainError):
    """Fields of the query or of the form are unknown, missing or wrong."""

    code = "api.invalid_fields"

    def __init__(self, *fields: FieldRefusal) -> None:
        """Keep the refused fields, in the order of the request."""
        super().__init__(fields=[field.pointer for field in fields])
        self.fields = fields
