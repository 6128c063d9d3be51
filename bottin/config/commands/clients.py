"""`bottin clients`: the rules about client programs, for whoever operates the site."""

from typing import Annotated, Final

import typer

from bottin.config.cli import write_json
from bottin.config.commands.account_output import OPERATOR, show_table, spoken
from bottin.config.site import with_database
from bottin.lib import clock
from bottin.tracker import actions, queries
from bottin.tracker.errors import ClientRuleGone
from bottin.tracker.models import ClientRule, ClientWelcome

app = typer.Typer(no_args_is_help=True)

_WORDS: Final = {
    ClientWelcome.FULL: "served",
    ClientWelcome.WARNED: "warned",
    ClientWelcome.DENIED: "refused",
}

# Heads begin with a dash, and no option of these commands is short.
_DASHED: Final = {"ignore_unknown_options": True}

Head = Annotated[str, typer.Argument(help="The 2 to 8 first characters of peer ids: -qB43")]
Reason = Annotated[str, typer.Option("--reason", help="What the client shows.")]
Json = Annotated[bool, typer.Option("--json", help="For programs.")]


@app.command(name="list")
@with_database
def list_rules(*, as_json: Json = False) -> None:
    """List the rules; the longest characters that fit decide."""
    found = queries.client_rules()
    if as_json:
        write_json([_facts(rule) for rule in found])
        return
    rows = [[_shown(rule), _word(rule), rule.reason, f"{rule.set_at:%F}"] for rule in found]
    show_table(rows, ["CLIENTS", "ARE", "REASON", "SINCE"])


@app.command(context_settings=_DASHED)
@with_database
def deny(head: Head, *, reason: Reason, as_json: Json = False) -> None:
    """Refuse clients, with a reason that they show."""
    _set(head, ClientWelcome.DENIED, reason, as_json=as_json)


@app.command(context_settings=_DASHED)
@with_database
def warn(head: Head, *, reason: Reason = "", as_json: Json = False) -> None:
    """Serve clients, and tell their users that they will soon be refused."""
    _set(head, ClientWelcome.WARNED, reason, as_json=as_json)


@app.command(context_settings=_DASHED)
@with_database
def allow(head: Head, *, reason: Reason = "", as_json: Json = False) -> None:
    """Serve clients, whatever a rule for fewer characters says."""
    _set(head, ClientWelcome.FULL, reason, as_json=as_json)


@app.command(context_settings=_DASHED)
@with_database
def remove(head: Head, *, as_json: Json = False) -> None:
    """Take the rule for these characters away."""
    with spoken():
        rule = next((one for one in queries.client_rules() if one.head == head and head), None)
        if rule is None:
            raise ClientRuleGone
        actions.remove_client_rule(rule.pk, by=OPERATOR)
    if as_json:
        write_json(_facts(rule))
    else:
        typer.echo(f"{head}: no rule any more.")


@app.command(name="listed-only")
@with_database
def listed_only(*, reason: Reason, as_json: Json = False) -> None:
    """Refuse all clients that no rule names."""
    with spoken():
        rule = actions.serve_listed_only(reason, by=OPERATOR, at=clock.now())
    _say(rule, as_json=as_json)


@app.command()
@with_database
def unlisted(*, as_json: Json = False) -> None:
    """Serve clients that no rule names again."""
    with spoken():
        was_closed = actions.serve_unlisted(by=OPERATOR)
    if as_json:
        write_json({"changed": was_closed})
    else:
        typer.echo("Clients without a rule are served.")


def _set(head: str, welcome: ClientWelcome, reason: str, *, as_json: bool) -> None:
    with spoken():
        rule = actions.set_client_rule(head, welcome, reason, by=OPERATOR, at=clock.now())
    _say(rule, as_json=as_json)


def _say(rule: ClientRule, *, as_json: bool) -> None:
    if as_json:
        write_json(_facts(rule))
    else:
        typer.echo(f"{_shown(rule)}: {_word(rule)}{rule.reason and f' ({rule.reason})'}.")


def _word(rule: ClientRule) -> str:
    return _WORDS[ClientWelcome(rule.welcome)]


def _shown(rule: ClientRule) -> str:
    return rule.head or "all others"


def _facts(rule: ClientRule) -> dict[str, object]:
    return {
        "head": rule.head,
        "welcome": _word(rule),
        "reason": rule.reason,
        "set_by": rule.set_by.name if rule.set_by else None,
        "set_at": rule.set_at.isoformat(),
    }
