"""The arguments and options of `bottin publish`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from bottin.config.commands.publish_words import gettext as _

# What cannot be read is told by the hashing, file by file, in our own words.
Paths = Annotated[
    list[Path], typer.Argument(exists=True, readable=False, help=_("Files or folders."))
]
Category = Annotated[str, typer.Option(help=_("The shelf: its id or its short name."))]
Licence = Annotated[str, typer.Option(help=_("The licence, as an SPDX identifier."))]
Source = Annotated[str, typer.Option(help=_("The address that the content comes from."))]
Statement = Annotated[str, typer.Option(help=_("Where it comes from, in words."))]
Title = Annotated[str, typer.Option(help=_("The title; absent: the name."))]
Description = Annotated[str, typer.Option(help=_("Markdown, or @FILE."))]
Language = Annotated[str, typer.Option(help=_("The language of the content: fr, en…"))]
Tags = Annotated[list[str] | None, typer.Option(help=_("A label; may come again."))]
Open = Annotated[bool, typer.Option("--open", help=_("Open to all."))]
Private = Annotated[bool, typer.Option("--private-flag", help=_("Peers from the tracker only."))]
Version = Annotated[Literal["v1", "v2", "hybrid"], typer.Option(help=_("The kind of torrent."))]
PieceLength = Annotated[int, typer.Option(min=0, help=_("Of a piece, in bytes; 0 chooses."))]
Exclude = Annotated[list[str] | None, typer.Option(help=_("Names to skip, as *.tmp."))]
Announce = Annotated[list[str] | None, typer.Option(help=_("One more tracker; may come again."))]
Site = Annotated[str, typer.Option(envvar="BOTTIN_SITE", help=_("Where to publish."))]
Token = Annotated[str, typer.Option(envvar="BOTTIN_TOKEN", help=_("An API token."))]
Output = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        file_okay=False,
        help=_("Where torrent files go; absent: beside the content."),
    ),
]
Tries = Annotated[int, typer.Option(min=1, max=50, help=_("How often to ask a site in trouble."))]
Json = Annotated[bool, typer.Option("--json", help=_("Results for programs."))]
