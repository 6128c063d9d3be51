"""What roles, permissions, scopes and credential events are called on pages."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from bottin.accounts.permissions import Permission, Role, Scope

ROLES: Final[dict[Role, Promise]] = {
    Role.VISITOR: _("Visitor"),
    Role.MEMBER: _("Member"),
    Role.TRUSTED_PUBLISHER: _("Trusted publisher"),
    Role.MODERATOR: _("Moderator"),
    Role.SUPER_MODERATOR: _("Super-moderator"),
    Role.ADMINISTRATOR: _("Administrator"),
}
PERMISSIONS: Final[dict[Permission, Promise]] = {
    Permission.BROWSE: _("Browse and search"),
    Permission.DOWNLOAD_OPEN: _("Download open releases"),
    Permission.SIGN_IN: _("Register and sign in"),
    Permission.OWN_ACCOUNT: _("Have an account and change it"),
    Permission.DOWNLOAD: _("Download every published release"),
    Permission.PUBLISH: _("Publish, after review"),
    Permission.PUBLISH_AT_ONCE: _("Publish without waiting for review"),
    Permission.VOTE: _("Vote on the tags of releases"),
    Permission.USE_API: _("Use the API"),
    Permission.MODERATE: _("Review releases"),
    Permission.CURATE: _("Gather works, keep tags in order"),
    Permission.REVIEW_LEDGER: _("Decide on held credit and flags"),
    Permission.REMOVE: _("Remove releases"),
    Permission.SEE_PERMISSIONS: _("See this table"),
    Permission.SEE_AUDIT: _("Read the audit log"),
    Permission.EDIT_CATEGORIES: _("Edit categories"),
    Permission.EDIT_SYNONYMS: _("Edit the synonyms of search"),
    Permission.RULE_CLIENTS: _("Decide which clients are served"),
    Permission.SUSPEND: _("Suspend accounts of a lower rank"),
    Permission.GRANT_ROLES: _("Give roles"),
    Permission.ADMINISTER: _("Administer the site"),
}
CREDENTIALS: Final[dict[tuple[str, str], Promise]] = {
    ("announce", "renewed"): _("Announce key renewed"),
    ("announce", "compromised"): _("Announce key renewed at once: someone else had it"),
    ("token", "issued"): _("API token made"),
    ("token", "revoked"): _("API token stopped"),
    ("feed", "renewed"): _("Feed key renewed"),
    ("password", "changed"): _("Password changed"),
    ("email", "changed"): _("E-mail address changed"),
    ("email", "undone"): _("Change of e-mail address undone from the former one"),
}
SCOPES: Final[dict[Scope, Promise]] = {
    Scope.READ: _("read"),
    Scope.DOWNLOAD: _("download"),
    Scope.PUBLISH: _("publish"),
}
