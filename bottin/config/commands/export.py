"""`bottin export`: every release, for another Bottin or for keeping; dumps now."""

from pathlib import Path
from typing import Annotated

import typer

from bottin.config.cli import FAILED, write_json
from bottin.config.site import with_database

app = typer.Typer()


@app.command()
@with_database
def export(
    file: Annotated[
        Path, typer.Argument(help="FILE.ndjson, or FILE.ndjson.zst to have it compressed.")
    ],
    *,
    with_torrents: Annotated[
        bool,
        typer.Option(
            "--with-torrents",
            help="Put each .torrent in its line, so that `bottin import` can read it.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Write every published release as NDJSON, as strangers see it."""
    from bottin.exchange import exports

    try:
        count = exports.write(file, with_torrents=with_torrents)
    except OSError as error:
        typer.echo(f"Cannot write {file}: {error.strerror}.", err=True)
        raise typer.Exit(FAILED) from None
    if as_json:
        write_json({"file": str(file), "releases": count})
    else:
        typer.echo(f"{count} releases written to {file}.")
