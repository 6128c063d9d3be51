"""What the account commands share: the operator as viewer, passwords, sentences, tables."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import typer
from django.utils import translation

from bottin.accounts.permissions import Role
from bottin.accounts.viewer import Viewer
from bottin.config.cli import FAILED
from bottin.lib.errors import DomainError
from bottin.web.errors import sentence_of

# Whoever may run commands on the machine may do everything; the audit log says "nobody's number".
OPERATOR: Final = Viewer(user_id=None, role=Role.ADMINISTRATOR)
PASSWORD_VARIABLE: Final = "BOTTIN_PASSWORD"  # noqa: S105 - the name of a variable


@contextmanager
def spoken() -> Iterator[None]:
    """Turn a refusal into its sentence, in the language of the terminal, and exit code 1."""
    language = (
        "fr" if os.environ.get("LC_ALL", os.environ.get("LANG", "")).startswith("fr") else "en"
    )
    with translation.override(language):
        try:
            yield
        except DomainError as refusal:
            typer.echo(f"bottin: {_sentence(refusal)}", err=True)
            raise typer.Exit(FAILED) from refusal


def password() -> str:
    """Read a password from BOTTIN_PASSWORD, or ask for it twice."""
    given = os.environ.get(PASSWORD_VARIABLE)
    if given is not None:
        return given
    asked: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return asked


def show_table(rows: list[list[str]], headings: list[str]) -> None:
    """Write rows in columns as wide as they need."""
    widths = [max(len(row[at]) for row in [headings, *rows]) for at in range(len(headings))]
    for row in [headings, *rows]:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        typer.echo("  ".join(cells).rstrip())


def _sentence(refusal: DomainError) -> str:
    problems = refusal.context.get("problems")
    if isinstance(problems, list):
        return " ".join(map(str, problems))
    return sentence_of(refusal)
