"""The arguments and options of `bottin publish`, and what was given."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from bottin.config.commands.publish_words import gettext as _
from bottin.config.publishing.said import Description, Said, Value
from bottin.config.publishing.tables import Table, Wish

_SAID: Final = _("What is said of the release")
_MADE: Final = _("How the torrent is made")
_SENT: Final = _("Where it goes")

# What cannot be read is told by the hashing, file by file, in our own words.
Paths = Annotated[
    list[Path], typer.Argument(exists=True, readable=False, help=_("Files or folders."))
]
Each = Annotated[
    bool, typer.Option("--each", help=_("Each subfolder of PATH is a release of its own."))
]
DryRun = Annotated[
    bool,
    typer.Option("--dry-run", help=_("Show what would be sent, and where each field is from.")),
]
Json = Annotated[bool, typer.Option("--json", help=_("Results for programs."))]

Sidecar = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        dir_okay=False,
        rich_help_panel=_SAID,
        help=_("A file that describes the release; absent: bottin.toml or bottin.json."),
    ),
]
Template = Annotated[
    str, typer.Option(rich_help_panel=_SAID, help=_("A table of your settings with usual fields."))
]
ReadsFound = Annotated[
    bool,
    typer.Option(
        "--found/--no-found",
        rich_help_panel=_SAID,
        help=_("Read datapackage.json, CITATION.cff, LICENSES and README of the folder."),
    ),
]
Category = Annotated[
    str, typer.Option(rich_help_panel=_SAID, help=_("The shelf: its id or its short name."))
]
Licence = Annotated[
    str, typer.Option(rich_help_panel=_SAID, help=_("The licence, as an SPDX identifier."))
]
Source = Annotated[
    str, typer.Option(rich_help_panel=_SAID, help=_("The address that the content comes from."))
]
Statement = Annotated[
    str, typer.Option(rich_help_panel=_SAID, help=_("Where it comes from, in words."))
]
Title = Annotated[str, typer.Option(rich_help_panel=_SAID, help=_("The title; absent: the name."))]
OriginalTitle = Annotated[
    str, typer.Option(rich_help_panel=_SAID, help=_("When it came out under another title."))
]
DescriptionText = Annotated[
    str, typer.Option("--description", rich_help_panel=_SAID, help=_("Markdown, or @FILE."))
]
Language = Annotated[
    str, typer.Option(rich_help_panel=_SAID, help=_("The language of the content: fr, en…"))
]
Tags = Annotated[
    list[str] | None, typer.Option(rich_help_panel=_SAID, help=_("A label; may come again."))
]
Authors = Annotated[
    list[str] | None, typer.Option(rich_help_panel=_SAID, help=_("Who made it; may come again."))
]
Year = Annotated[
    int | None, typer.Option(rich_help_panel=_SAID, help=_("Of the work or of this edition."))
]
Identifiers = Annotated[
    list[str] | None,
    typer.Option(rich_help_panel=_SAID, help=_("DOI, ISBN, ISSN, ARK…; may come again.")),
]
Facts = Annotated[
    list[str] | None,
    typer.Option(rich_help_panel=_SAID, help=_("A technical fact, kind=value; may come again.")),
]
Open = Annotated[
    bool | None,
    typer.Option("--open/--members", rich_help_panel=_SAID, help=_("Open to all, or not.")),
]

Version = Annotated[
    Literal["v1", "v2", "hybrid"] | None,
    typer.Option(rich_help_panel=_MADE, help=_("The kind of torrent; absent: hybrid.")),
]
PieceLength = Annotated[
    int | None,
    typer.Option(min=0, rich_help_panel=_MADE, help=_("Of a piece, in bytes; 0 chooses.")),
]
Private = Annotated[
    bool | None,
    typer.Option(
        "--private-flag/--no-private-flag",
        rich_help_panel=_MADE,
        help=_("Peers from the tracker only."),
    ),
]
Exclude = Annotated[
    list[str] | None,
    typer.Option(rich_help_panel=_MADE, help=_("Names to skip, as *.tmp, or /path from the top.")),
]
Announce = Annotated[
    list[str] | None,
    typer.Option(rich_help_panel=_MADE, help=_("One more tracker; may come again.")),
]

Site = Annotated[
    str, typer.Option(envvar="BOTTIN_SITE", rich_help_panel=_SENT, help=_("Where to publish."))
]
Token = Annotated[
    str, typer.Option(envvar="BOTTIN_TOKEN", rich_help_panel=_SENT, help=_("An API token."))
]
Output = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        file_okay=False,
        rich_help_panel=_SENT,
        help=_("Where torrent files go; absent: beside the content."),
    ),
]
Tries = Annotated[
    int,
    typer.Option(
        min=1, max=50, rich_help_panel=_SENT, help=_("How often to ask a site in trouble.")
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The command line, as typed; `description` may be `@FILE`."""

    paths: list[Path]
    each: bool
    dry_run: bool
    json: bool
    sidecar: Path | None
    template: str
    found: bool
    category: str
    licence: str
    source: str
    statement: str
    title: str
    original_title: str
    description: str
    language: str
    tag: list[str] | None
    author: list[str] | None
    year: int | None
    identifier: list[str] | None
    fact: list[str] | None
    is_open: bool | None
    version: str | None
    piece_length: int | None
    is_private: bool | None
    exclude: list[str] | None
    announce: list[str] | None
    site: str
    token: str
    output: Path | None
    tries: int

    def table(self, description: str) -> Table:
        """Return what was said of the release, each with its option; `description` is read."""
        flag = {True: "true", False: "false", None: ""}[self.is_open]
        rows: list[tuple[str, Value, str]] = [
            ("title", self.title, "--title"),
            ("category", self.category, "--category"),
            ("licence", self.licence, "--licence"),
            ("provenance_url", self.source, "--source"),
            ("provenance_statement", self.statement, "--statement"),
            ("description", description, "--description"),
            ("language", self.language, "--language"),
            ("tags", tuple(self.tag or ()), "--tag"),
            ("is_open", flag, "--open" if self.is_open else "--members"),
            ("original_title", self.original_title, "--original-title"),
            ("authors", tuple(self.author or ()), "--author"),
            ("year", "" if self.year is None else str(self.year), "--year"),
            ("identifiers", tuple(self.identifier or ()), "--identifier"),
            ("facts", tuple(self.fact or ()), "--fact"),
        ]
        fields: Description = {name: Said(value, origin) for name, value, origin in rows if value}
        return Table(fields=fields, torrent=self._torrent())

    def _torrent(self) -> dict[str, Wish]:
        wishes: dict[str, Wish] = {}
        if self.version is not None:
            wishes["version"] = Wish(self.version, "--version")
        if self.piece_length is not None:
            wishes["piece_length"] = Wish(self.piece_length, "--piece-length")
        if self.is_private is not None:
            wishes["is_private"] = Wish(self.is_private, "--private-flag")
        if self.exclude:
            wishes["exclude"] = Wish(tuple(self.exclude), "--exclude")
        if self.announce:
            wishes["announce"] = Wish(tuple(self.announce), "--announce")
        return wishes
