"""The command `bottin`: its own commands, and those of `bottin.config.commands`, loaded late."""

import sys
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Annotated, Any, Final

import typer
from typer._click.core import Command, Context  # the library's own copy of click
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from bottin.config.errors import ConfigError
from bottin.lib.errors import DomainError

FAILED: Final = 1


@dataclass(frozen=True, slots=True)
class Late:
    """A command in a module of its own, imported when it is asked for."""

    module: str
    help: str
    needs_django: bool = True


_HERE: Final = "bottin.config.commands"
# Each module exports a typer application named `app`. Absent modules are not offered.
LATE: Final = {
    "serve": Late(f"{_HERE}.serve", "Run the whole site.", needs_django=False),
    "web": Late(f"{_HERE}.web", "Run the web part alone.", needs_django=False),
    "tracker": Late(f"{_HERE}.tracker", "Run the tracker part alone.", needs_django=False),
    "worker": Late(f"{_HERE}.worker", "Run the worker part alone.", needs_django=False),
    "doctor": Late(f"{_HERE}.doctor", "Say what is wrong, and what to do.", needs_django=False),
    "migrate": Late(f"{_HERE}.migrate", "Bring the database up to date.", needs_django=False),
    "docs": Late(f"{_HERE}.docs", "Write the generated pages of docs/.", needs_django=False),
    "user": Late(f"{_HERE}.user", "Accounts: create, list, change."),
    "token": Late(f"{_HERE}.token", "API tokens: create, list, revoke."),
    "clients": Late(f"{_HERE}.clients", "Client programs: refuse, warn, allow."),
    "publish": Late(f"{_HERE}.publish", "Make a torrent and publish it.", needs_django=False),
    "import": Late(f"{_HERE}.import_", "Publish many releases."),
    "export": Late(f"{_HERE}.export", "Write all releases to a file."),
    "demo": Late(f"{_HERE}.demo", "Fill the site with demonstration content."),
    "reindex": Late(f"{_HERE}.reindex", "Rebuild the search index."),
    "recount": Late(f"{_HERE}.recount", "Rebuild the counters."),
    "check": Late(f"{_HERE}.check", "Compare the derived with its source."),
    "audit": Late(f"{_HERE}.audit", "The log of who did what: verify it."),
    "ledger": Late(f"{_HERE}.ledger", "The ledger: how it is doing, gaps."),
    "journal": Late(f"{_HERE}.journal", "The tracker's journal: read it."),
    "backup": Late(f"{_HERE}.backup", "Write a backup."),
    "restore": Late(f"{_HERE}.restore", "Read a backup into an empty site."),
}


class LateGroup(TyperGroup):
    """Lists commands from the table above and imports only the one that runs."""

    def list_commands(self, ctx: Context) -> list[str]:
        """Name the commands that exist."""
        del ctx
        return [name for name, late in LATE.items() if find_spec(late.module)]

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        """Give a command: whole when it is about to run, its help line while listing."""
        del ctx
        late = LATE.get(cmd_name)
        if late is None or not find_spec(late.module):
            return None
        if cmd_name not in sys.argv[1:]:
            return TyperCommand(cmd_name, help=late.help)
        if late.needs_django:
            from bottin.config.site import load_django

            load_django()
        application = import_module(late.module).app
        application._add_completion = False  # noqa: SLF001 - typer offers it on every application
        command = get_command(application)
        command.help = command.help or late.help
        return command


app = typer.Typer(
    cls=LateGroup,
    name="bottin",
    help="A tracker and directory for lawful sharing.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(*, wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            typer.echo(f"bottin {version('bottin')}")
        except PackageNotFoundError:
            typer.echo("bottin, from a checkout")
        raise typer.Exit


@app.callback()
def bottin(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    """A tracker and directory for lawful sharing."""


def main() -> None:
    """Run one command: exit code 0 done, 1 failed with a sentence, 2 wrong usage."""
    try:
        app()
    except (ConfigError, DomainError) as error:
        sys.exit(_fail(_sentence(error)))
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:  # the edge of the process: a lost database is not a bug of ours
        if not _is_database_trouble(error):
            raise
        sys.exit(_fail(_database_sentence(error)))


def _fail(sentence: str) -> int:
    print(f"bottin: {sentence}", file=sys.stderr)  # noqa: T201 - the answer of a command
    return FAILED


def _sentence(error: Exception) -> str:
    if not isinstance(error, DomainError):
        return str(error)
    from bottin.config.commands.publish_words import gettext
    from bottin.wording.fill import fill
    from bottin.wording.refusals import SENTENCES

    return fill(gettext(SENTENCES.get(error.code, error.code)), error.context)


def _is_database_trouble(error: Exception) -> bool:
    names = {f"{kind.__module__}.{kind.__name__}" for kind in type(error).__mro__}
    return bool(names & {"django.db.utils.OperationalError", "psycopg.OperationalError"})


def _database_sentence(error: Exception) -> str:
    from bottin.config import env
    from bottin.config.connections import unreachable

    return unreachable(env.load(), error)


def write_json(value: Any) -> None:  # noqa: ANN401 - whatever JSON can say
    """Print a result for programs, as `--json` promises."""
    import json

    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))  # noqa: T201
