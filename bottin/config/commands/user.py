"""`bottin user`: accounts, for whoever operates the site."""

from typing import Annotated

import typer
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from bottin.accounts import actions, queries
from bottin.accounts.actions import NewAccount
from bottin.accounts.models import Account, AccountState
from bottin.accounts.permissions import Role
from bottin.config.cli import write_json
from bottin.config.commands.account_output import OPERATOR, password, show_table, spoken
from bottin.config.site import with_database
from bottin.lib import clock

app = typer.Typer(no_args_is_help=True)

# A visitor is nobody's role.
Roles = Annotated[Role, typer.Option("--role", help="The role it has.")]
Json = Annotated[bool, typer.Option("--json", help="For programs.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; the person may read it.")]
Name = Annotated[str, typer.Argument(help="The account's name.")]


@app.command()
@with_database
def create(
    name: Name,
    *,
    email: Annotated[str, typer.Option("--email", help="Its address, taken as confirmed.")],
    role: Roles = Role.MEMBER,
    language: Annotated[str, typer.Option("--language", help="fr or en.")] = "fr",
    as_json: Json = False,
) -> None:
    """Make an account; the password comes from BOTTIN_PASSWORD or is asked for."""
    _refuse_visitor(role)
    _refuse_bad_address(email)
    with spoken():
        new = NewAccount(name, email, password(), role, language, is_confirmed=True)
        account = actions.create_account(new, by=OPERATOR, at=clock.now())
    _say(account, as_json=as_json)


@app.command(name="list")
@with_database
def list_accounts(
    *,
    role: Annotated[Role | None, typer.Option("--role", help="Only this role.")] = None,
    state: Annotated[AccountState | None, typer.Option("--state", help="Only this state.")] = None,
    as_json: Json = False,
) -> None:
    """List accounts by name."""
    found = queries.accounts(role=role, state=state)
    if as_json:
        write_json([_facts(account) for account in found])
        return
    rows = [[row.name, row.role, row.state, f"{row.joined_at:%Y-%m-%d}"] for row in found]
    show_table(rows, ["NAME", "ROLE", "STATE", "JOINED"])


@app.command()
@with_database
def role(
    name: Name,
    role: Annotated[Role, typer.Argument(help="The new role.")],
    *,
    reason: Reason = "by the operator",
    as_json: Json = False,
) -> None:
    """Give an account another role."""
    _refuse_visitor(role)
    with spoken():
        account = queries.account_named(name)
        account = actions.change_role(account.pk, role, by=OPERATOR, at=clock.now(), reason=reason)
    _say(account, as_json=as_json)


@app.command()
@with_database
def suspend(name: Name, *, reason: Reason, as_json: Json = False) -> None:
    """Stop an account from signing in, announcing and using its tokens."""
    with spoken():
        account = queries.account_named(name)
        account = actions.suspend(account.pk, by=OPERATOR, at=clock.now(), reason=reason)
    _say(account, as_json=as_json)


@app.command()
@with_database
def reactivate(name: Name, *, reason: Reason, as_json: Json = False) -> None:
    """Let a suspended account act again."""
    with spoken():
        account = queries.account_named(name)
        account = actions.reactivate(account.pk, by=OPERATOR, at=clock.now(), reason=reason)
    _say(account, as_json=as_json)


@app.command(name="password")
@with_database
def set_password(name: Name, *, as_json: Json = False) -> None:
    """Replace a password and sign every browser out; from BOTTIN_PASSWORD, or asked for."""
    with spoken():
        account = queries.account_named(name)
        account = actions.set_password(account.pk, password(), by=OPERATOR, at=clock.now())
    _say(account, as_json=as_json)


def _refuse_visitor(role: Role) -> None:
    if role is Role.VISITOR:
        raise typer.BadParameter("a visitor is somebody without an account")


def _refuse_bad_address(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError as error:
        raise typer.BadParameter(f"{email!r} is not an e-mail address") from error


def _say(account: Account, *, as_json: bool) -> None:
    if as_json:
        write_json(_facts(account))
    else:
        typer.echo(f"{account.name}: {account.role}, {account.state}.")


def _facts(account: Account) -> dict[str, object]:
    return {
        "id": account.pk,
        "name": account.name,
        "email": account.email,
        "role": account.role,
        "state": account.state,
        "language": account.language,
        "joined_at": account.joined_at.isoformat(),
    }
