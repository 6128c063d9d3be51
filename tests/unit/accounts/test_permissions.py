"""The permission table: what it gives, and what a token can have of it (ROLE-1, ACC-16)."""

import itertools

import pytest

from bottin.accounts.errors import NotAllowed
from bottin.accounts.permissions import SCOPE_TABLE, STAFF, TABLE, Permission, Role, Scope
from bottin.accounts.viewer import ANONYMOUS, Viewer


def test_each_role_has_all_that_the_one_below_has() -> None:
    for lower, higher in itertools.pairwise(Role):
        assert TABLE[lower] < TABLE[higher]


def test_administrators_may_do_everything_and_visitors_nothing_that_writes() -> None:
    assert TABLE[Role.ADMINISTRATOR] == set(Permission)
    assert TABLE[Role.VISITOR] == {
        Permission.BROWSE,
        Permission.DOWNLOAD_OPEN,
        Permission.SIGN_IN,
    }


@pytest.mark.parametrize("role", sorted(STAFF))
def test_no_set_of_scopes_reaches_accounts_or_the_team(role: Role) -> None:
    program = Viewer(1, role, scopes=frozenset(Scope))

    reached = {permission for permission in Permission if program.may(permission)}

    assert reached == frozenset().union(*SCOPE_TABLE.values())
    assert not reached & {
        Permission.OWN_ACCOUNT,
        Permission.MODERATE,
        Permission.REMOVE,
        Permission.SUSPEND,
        Permission.GRANT_ROLES,
        Permission.ADMINISTER,
    }
    assert not program.is_moderator


@pytest.mark.parametrize("scopes", [frozenset[str](), frozenset({"admin"}), frozenset({"READ"})])
def test_unknown_scopes_give_nothing(scopes: frozenset[str]) -> None:
    program = Viewer(1, Role.ADMINISTRATOR, scopes=scopes)

    assert not any(program.may(permission) for permission in Permission)


def test_a_refusal_names_the_permission_that_is_missing() -> None:
    with pytest.raises(NotAllowed) as refused:
        ANONYMOUS.require(Permission.PUBLISH)

    assert refused.value.context == {"permission": "publish", "role": "visitor"}
