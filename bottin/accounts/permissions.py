"""The permission table: what each role may do. The only place that answers it."""

from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """Who someone is to the site, from the least to the most trusted."""

    VISITOR = "visitor"
    MEMBER = "member"
    TRUSTED_PUBLISHER = "trusted_publisher"
    MODERATOR = "moderator"
    SUPER_MODERATOR = "super_moderator"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """One thing that may be done. Every route names exactly one."""

    BROWSE = "browse"
    DOWNLOAD_OPEN = "download_open"
    SIGN_IN = "sign_in"
    OWN_ACCOUNT = "own_account"
    DOWNLOAD = "download"
    PUBLISH = "publish"
    PUBLISH_AT_ONCE = "publish_at_once"
    USE_API = "use_api"
    VOTE = "vote"
    MODERATE = "moderate"
    CURATE = "curate"
    REVIEW_LEDGER = "review_ledger"
    REMOVE = "remove"
    SEE_PERMISSIONS = "see_permissions"
    SEE_AUDIT = "see_audit"
    EDIT_CATEGORIES = "edit_categories"
    EDIT_SYNONYMS = "edit_synonyms"
    RULE_CLIENTS = "rule_clients"
    SUSPEND = "suspend"
    GRANT_ROLES = "grant_roles"
    ADMINISTER = "administer"


_VISITOR: Final = frozenset({Permission.BROWSE, Permission.DOWNLOAD_OPEN, Permission.SIGN_IN})
_MEMBER: Final = _VISITOR | {
    Permission.OWN_ACCOUNT,
    Permission.DOWNLOAD,
    Permission.PUBLISH,
    Permission.USE_API,
    Permission.VOTE,
}
_TRUSTED: Final = _MEMBER | {Permission.PUBLISH_AT_ONCE}
_MODERATOR: Final = _TRUSTED | {
    Permission.MODERATE,
    Permission.CURATE,
    Permission.REVIEW_LEDGER,
    Permission.SEE_PERMISSIONS,
    Permission.EDIT_SYNONYMS,
}
_SUPER: Final = _MODERATOR | {
    Permission.REMOVE,
    Permission.SEE_AUDIT,
    Permission.EDIT_CATEGORIES,
    Permission.RULE_CLIENTS,
    Permission.SUSPEND,
}

TABLE: Final[dict[Role, frozenset[Permission]]] = {
    Role.VISITOR: _VISITOR,
    Role.MEMBER: _MEMBER,
    Role.TRUSTED_PUBLISHER: _TRUSTED,
    Role.MODERATOR: _MODERATOR,
    Role.SUPER_MODERATOR: _SUPER,
    Role.ADMINISTRATOR: frozenset(Permission),
}
STAFF: Final = frozenset({Role.MODERATOR, Role.SUPER_MODERATOR, Role.ADMINISTRATOR})


class Scope(StrEnum):
    """What a token may be used for; a token never does what its scopes leave out."""

    READ = "read"
    DOWNLOAD = "download"
    PUBLISH = "publish"


# Nothing here reaches the account itself, moderation or administration: a token that leaks
# publishes or downloads at worst, and is revoked alone.
SCOPE_TABLE: Final[dict[Scope, frozenset[Permission]]] = {
    Scope.READ: frozenset({Permission.BROWSE, Permission.USE_API}),
    Scope.DOWNLOAD: frozenset({Permission.DOWNLOAD_OPEN, Permission.DOWNLOAD, Permission.USE_API}),
    Scope.PUBLISH: frozenset({Permission.PUBLISH, Permission.PUBLISH_AT_ONCE, Permission.USE_API}),
}


def allows(role: Role, permission: Permission) -> bool:
    """Whether `role` holds `permission`."""
    return permission in TABLE[role]


def scopes_allow(scopes: frozenset[str], permission: Permission) -> bool:
    """Whether one of a token's `scopes` covers `permission`; unknown scopes cover nothing."""
    return any(permission in SCOPE_TABLE[scope] for scope in Scope if scope.value in scopes)
