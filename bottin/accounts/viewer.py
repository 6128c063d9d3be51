"""Who is asking, an account or a stranger: passed to queries and actions, never a request."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from bottin.accounts.errors import NotAllowed
from bottin.accounts.permissions import STAFF, Permission, Role, allows, scopes_allow

if TYPE_CHECKING:
    from bottin.accounts.models import Account


@dataclass(frozen=True, slots=True)
class Viewer:
    """The person (or program) behind a call; `user_id` is None for a stranger.

    `scopes` is None for a person and the token's scopes for a program, which
    may do what both the role and the scopes allow.
    """

    user_id: int | None
    role: Role
    language: str = "fr"
    scopes: frozenset[str] | None = None

    def may(self, permission: Permission) -> bool:
        """Whether this viewer's role holds `permission` (and a token's scopes cover it)."""
        is_covered = self.scopes is None or scopes_allow(self.scopes, permission)
        return is_covered and allows(self.role, permission)

    def require(self, permission: Permission) -> None:
        """Raise NotAllowed, naming the permission, unless the viewer holds it."""
        if not self.may(permission):
            raise NotAllowed(permission=permission.value, role=self.role.value)

    @property
    def is_signed_in(self) -> bool:
        """Whether an account is behind this viewer."""
        return self.user_id is not None

    @property
    def is_moderator(self) -> bool:
        """Whether the viewer is a person of the team; a program never acts as one."""
        return self.role in STAFF and self.scopes is None

    @property
    def rules_clients(self) -> bool:
        """Whether the viewer decides which clients are served."""
        return self.may(Permission.RULE_CLIENTS)


ANONYMOUS: Final = Viewer(user_id=None, role=Role.VISITOR)


def viewer_for(account: "Account", scopes: frozenset[str] | None = None) -> Viewer:
    """Return the viewer that stands for `account`, limited to `scopes` when a token speaks."""
    return Viewer(account.pk, Role(account.role), account.language, scopes)
