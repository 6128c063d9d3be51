"""`bottin token`: API tokens, for whoever operates the site."""

from typing import Annotated

import typer

from bottin.accounts import queries, tokens
from bottin.accounts.models import ApiToken
from bottin.accounts.permissions import Scope
from bottin.accounts.tokens import LONGEST_D, TokenRequest
from bottin.config.cli import write_json
from bottin.config.commands.account_output import OPERATOR, show_table, spoken
from bottin.config.site import with_database
from bottin.lib import clock

app = typer.Typer(no_args_is_help=True)

Owner = Annotated[str, typer.Option("--account", help="The account it acts for.")]
Json = Annotated[bool, typer.Option("--json", help="For programs.")]


@app.command()
@with_database
def create(
    name: Annotated[str, typer.Argument(help="What it is for.")],
    *,
    account: Owner,
    scope: Annotated[list[Scope], typer.Option("--scope", help="Again for each right.")],
    days: Annotated[int, typer.Option("--days", help="How long it lives.")] = LONGEST_D,
    as_json: Json = False,
) -> None:
    """Make a token and print it, this once."""
    with spoken():
        owner = queries.account_named(account)
        request = TokenRequest(name, frozenset(one.value for one in scope), days)
        issued = tokens.issue(owner, request, by=OPERATOR, at=clock.now())
    if as_json:
        write_json(_facts(issued.token) | {"token": issued.raw})
    else:
        typer.echo(issued.raw)


@app.command(name="list")
@with_database
def list_tokens(*, account: Owner, as_json: Json = False) -> None:
    """List the tokens of an account."""
    with spoken():
        found = queries.tokens_of(queries.account_named(account).pk)
    if as_json:
        write_json([_facts(token) for token in found])
        return
    rows = [
        [str(row.pk), row.name, f"…{row.last_four}", ",".join(row.scopes), f"{row.expires_at:%F}"]
        for row in found
    ]
    show_table(rows, ["ID", "NAME", "ENDS WITH", "SCOPES", "UNTIL"])


@app.command()
@with_database
def revoke(
    token: Annotated[int, typer.Argument(help="Its number, from `bottin token list`.")],
    *,
    as_json: Json = False,
) -> None:
    """Stop a token at once."""
    with spoken():
        revoked = tokens.revoke(token, by=OPERATOR, at=clock.now())
    if as_json:
        write_json(_facts(revoked))
    else:
        typer.echo(f"{revoked.name} …{revoked.last_four}: stopped.")


def _facts(token: ApiToken) -> dict[str, object]:
    return {
        "id": token.pk,
        "name": token.name,
        "account_id": token.account_id,
        "last_four": token.last_four,
        "scopes": token.scopes,
        "created_at": token.created_at.isoformat(),
        "expires_at": token.expires_at.isoformat(),
        "last_used_on": token.last_used_on.isoformat() if token.last_used_on else None,
    }
