"""Refusals of the accounts app."""

from bottin.lib.errors import DomainError


class NotAllowed(DomainError):
    """The viewer's role (or token) lacks the permission named in the context."""

    code = "accounts.not_allowed"


class BadName(DomainError):
    """A name that no account may have; `problem` says why."""

    code = "accounts.bad_name"


class NameTaken(DomainError):
    """Another account has this name, or one that looks the same."""

    code = "accounts.name_taken"


class EmailTaken(DomainError):
    """Another account has this address. Told to operators only, never to strangers."""

    code = "accounts.email_taken"


class BadPassword(DomainError):
    """A password that is too weak; `problems` are the sentences of the checks."""

    code = "accounts.bad_password"


class AccountNotFound(DomainError):
    """No account has this name or number."""

    code = "accounts.not_found"


class OutranksYou(DomainError):
    """The account is of a rank that the viewer may not touch."""

    code = "accounts.outranks_you"


class LastAdministrator(DomainError):
    """The change would leave the site without an active administrator."""

    code = "accounts.last_administrator"


class ReasonMissing(DomainError):
    """The change needs a reason, which the person it touches will read."""

    code = "accounts.reason_missing"


class TooManyTries(DomainError):
    """Too often; `retry_after_s` says in how many seconds one more try is allowed."""

    code = "accounts.too_many_tries"


class BadToken(DomainError):
    """The API token opens nothing; `problem` is unknown, expired, revoked, unused or account."""

    code = "accounts.bad_token"


class BadScopes(DomainError):
    """Scopes that do not exist, none at all, or more than the owner may do."""

    code = "accounts.bad_scopes"


class BadLifetime(DomainError):
    """A token lives from one day to `longest_d` days."""

    code = "accounts.bad_lifetime"


class TokenNotFound(DomainError):
    """The account has no such token, or it is revoked already."""

    code = "accounts.token_not_found"


class NoKeysLeft(DomainError):
    """The announce key was renewed as often as its two-byte version can count."""

    code = "accounts.no_keys_left"


class UndoExpired(DomainError):
    """The link that undoes a change of address is old, used, or not ours."""

    code = "accounts.undo_expired"


class ProofMissing(DomainError):
    """The registration proves nothing yet; `wait_s`: how long the way without JavaScript takes."""

    code = "accounts.proof_missing"


class ProofRefused(DomainError):
    """A proof that is wrong, stale or spent; a new page gives a new challenge."""

    code = "accounts.proof_refused"


class RegistrationShut(DomainError):
    """Nobody registers here now; `mode` is the setting."""

    code = "accounts.registration_shut"


class BadPreference(DomainError):
    """A language or a theme that the site does not have."""

    code = "accounts.bad_preference"
