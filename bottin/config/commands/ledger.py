"""`bottin ledger`: how credit is doing, and what only an operator may decide about it."""

from datetime import timedelta
from typing import Annotated

import typer
from django.db import transaction

from bottin.audit import log
from bottin.config.cli import FAILED, write_json
from bottin.config.commands.account_output import OPERATOR, show_table, spoken
from bottin.config.site import with_database
from bottin.ledger import health, queries
from bottin.ledger.actions import accept_gap
from bottin.ledger.errors import LedgerRunsElsewhere
from bottin.ledger.models import Flag, Hold
from bottin.lib import clock
from bottin.moderation import actions

app = typer.Typer(no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="For programs.")]
Number = Annotated[int, typer.Argument(min=1, help="Its number in the list.")]
Limit = Annotated[int, typer.Option("--limit", min=1, help="How many lines.")]
_NO_JOURNAL = "The tracker has never run here: there is no journal."


@app.command()
@with_database
def status(*, as_json: Json = False) -> None:
    """Say how far the journal is applied. Exit code 1 when facts are lost."""
    found = health.journal()
    lag = health.journal_lag() if found is not None else None
    flags = health.open_flags()
    if as_json:
        write_json({"journal": _facts(found), "lag_s": _seconds(lag), "open_flags": flags})
    elif found is None:
        typer.echo(_NO_JOURNAL)
    else:
        _show(found, _seconds(lag) or 0.0)
        typer.echo(f"flags       {flags} that no person has looked at")
    if found is not None and found.lost:
        raise typer.Exit(FAILED)


@app.command()
@with_database
def flags(*, limit: Limit = 50, as_json: Json = False) -> None:
    """List what looked implausible and waits for a person, the latest seen first."""
    found = queries.open_flags(limit=limit)
    if as_json:
        write_json([_facts_of(row, kind=row.kind) for row in found])
        return
    headings = ["FLAG", "SEEN", "ACCOUNT", "RELEASE", "WHAT", "EVIDENCE"]
    show_table([_cells(_facts_of(row, kind=row.kind)) for row in found], headings)


@app.command()
@with_database
def holds(*, limit: Limit = 50, as_json: Json = False) -> None:
    """List the credit that is held until a person decides, the oldest first."""
    found = queries.open_holds(limit=limit)
    if as_json:
        write_json([_facts_of(row, credited_bytes=row.credited_up) for row in found])
        return
    headings = ["HOLD", "SINCE", "ACCOUNT", "RELEASE", "HELD BYTES", "EVIDENCE"]
    rows = [_cells(_facts_of(row, credited_bytes=row.credited_up)) for row in found]
    show_table(rows, headings)


@app.command()
@with_database
def hold(
    number: Number,
    *,
    gives_back: Annotated[
        bool, typer.Option("--give-back/--keep", help="Back to the member, or held for good.")
    ],
    remark: Annotated[str, typer.Option("--remark", help="Why; the member reads it.")],
    as_json: Json = False,
) -> None:
    """Decide on held credit. Exit code 1 when somebody decided first."""
    with spoken():
        decided = actions.decide_held_credit(
            number, gives_back=gives_back, remark=remark, by=OPERATOR, at=clock.now()
        )
    if as_json:
        facts = {"is_given_back": decided.is_given_back, "remark": decided.remark}
        write_json(_facts_of(decided, credited_bytes=decided.credited_up, **facts))
        return
    what = "given back" if gives_back else "kept"
    typer.echo(f"Hold {number}: {decided.credited_up:,} bytes of credit {what}.")


@app.command()
@with_database
def flag(
    number: Number,
    *,
    is_fault: Annotated[
        bool, typer.Option("--fault/--no-fault", help="What was found, for the team.")
    ] = False,
    remark: Annotated[str, typer.Option("--remark", help="Why; the team reads it.")],
    as_json: Json = False,
) -> None:
    """Close a flag; no credit moves. Exit code 1 when it is not open."""
    with spoken():
        closed = actions.close_flag(
            number, is_fault=is_fault, remark=remark, by=OPERATOR, at=clock.now()
        )
    if as_json:
        write_json(_facts_of(closed, kind=closed.kind, is_fault=is_fault, remark=closed.remark))
        return
    typer.echo(f"Flag {number}: closed, {'a fault' if is_fault else 'no fault'}.")


@app.command(name="accept-gap")
@with_database
def accept(
    *,
    reason: Annotated[str, typer.Option("--reason", help="Why; it is kept in the audit log.")],
    is_sure: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Go on after facts that are lost for good; the ledger stands still until then."""
    found = health.journal()
    if found is None or not found.lost:
        typer.echo("Nothing is lost: there is no gap to accept.", err=True)
        raise typer.Exit(FAILED)
    to = found.applied + found.lost
    typer.echo(
        f"{found.lost} facts, {found.applied} to {to - 1}, will never be credited. Clients that"
        " still run report their whole counters again, so only what stopped meanwhile is lost.\n"
        "If a copy of the journal's files exists, put it back instead."
    )
    if not is_sure:
        typer.confirm("Go on without them?", abort=True)
    _accept(found, to, reason)
    typer.echo(f"The ledger goes on at {to}.")


def _accept(found: health.JournalHealth, to: int, reason: str) -> None:
    detail = {"stream": found.stream, "from": found.applied, "to": to, "lost": found.lost}
    try:
        with transaction.atomic():
            accept_gap(found.stream, to=to)
            log.record(
                "ledger.gap_accepted",
                actor_id=None,
                subject="ledger:journal",
                reason=reason,
                detail=detail,
            )
    except LedgerRunsElsewhere:
        typer.echo("The ledger is applying facts at this moment: try again.", err=True)
        raise typer.Exit(FAILED) from None


def _facts(found: health.JournalHealth | None) -> dict[str, object] | None:
    if found is None:
        return None
    return {
        "stream": found.stream,
        "applied": found.applied,
        "applied_at": found.applied_at.isoformat() if found.applied_at else None,
        "end": found.end,
        "waiting": found.waiting,
        "lost": found.lost,
        "size_bytes": found.size_bytes,
    }


def _facts_of(row: Flag | Hold, **own: object) -> dict[str, object]:
    """Write a flag or a hold: who and what, what is its own, the evidence."""
    return {
        "id": row.pk,
        "at": row.at.isoformat(timespec="seconds"),
        "account_id": row.user_id,
        "release_id": row.release_id,
        **own,
        "detail": row.detail,
    }


def _cells(facts: dict[str, object]) -> list[str]:
    return [_evidence(fact) if isinstance(fact, dict) else str(fact) for fact in facts.values()]


def _evidence(detail: dict[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in sorted(detail.items()))


def _seconds(lag: timedelta | None) -> float | None:
    return None if lag is None else round(lag.total_seconds(), 3)


def _show(found: health.JournalHealth, lag_s: float) -> None:
    typer.echo(f"journal     {found.stream}, {found.size_bytes:,} bytes on disk")
    typer.echo(f"written     {found.end:,} facts")
    typer.echo(f"applied     {found.applied:,} facts, {_when(found)}")
    typer.echo(f"waiting     {found.waiting:,} facts, {lag_s:.1f} s late")
    if found.lost:
        typer.echo(
            f"LOST        {found.lost:,} facts were removed before they were applied: put the"
            " journal's files back, or run `bottin ledger accept-gap`"
        )


def _when(found: health.JournalHealth) -> str:
    return (
        f"the last at {found.applied_at:%Y-%m-%d %H:%M:%S %Z}" if found.applied_at else "none yet"
    )
