"""Every component with its states, on one page, from samples that look like the real thing."""

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bottin.accounts.permissions import Permission
from bottin.lib.clock import now
from bottin.metainfo.model import File
from bottin.metainfo.tree import Folder, tree_of
from bottin.web import formats, plots
from bottin.web.context import THEMES
from bottin.web.lists import SortLink, need_heads
from bottin.web.permissions import needs

COLOURS: Final = (
    *("paper", "sheet", "ink", "ink-2", "hairline", "rule", "yellow", "yellow-wash"),
    *("marker", "good", "warn", "bad", "info"),
)
STATES: Final = (
    *("draft", "pending", "published", "changes_requested", "rejected", "withdrawn"),
    *("quarantined", "removed_legal", "removed_terms"),
)
_MB: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class SampleCategory:
    """What lists need of a category."""

    label: str


@dataclass(frozen=True, slots=True)
class SampleLicence:
    """What the badge needs of a licence."""

    label: str
    family: str
    summary: str = ""
    url: str = "https://creativecommons.org/licenses/by/4.0/"

    @property
    def get_family_display(self) -> str:
        """The word of the family, as Django's choice fields say it."""
        return self.family


@dataclass(frozen=True, slots=True)
class SampleRelease:
    """What a line of a list needs of a release."""

    pk: int
    title: str
    category: SampleCategory
    licence: SampleLicence
    size_bytes: int
    published_at: datetime
    seeders: int
    leechers: int
    completed: int
    is_open: bool = field(default=False)


@dataclass(frozen=True, slots=True)
class Sample:
    """The figures of a line."""

    megabytes: int
    days: int
    seeders: int
    leechers: int = 0


@dataclass(frozen=True, slots=True)
class SampleNeed:
    """What a line of the needs shows."""

    release: SampleRelease
    score: float
    promised: int
    is_unique: bool

    @property
    def seeders(self) -> int:
        """Peers that have all of it."""
        return self.release.seeders

    @property
    def leechers(self) -> int:
        """Peers that wait."""
        return self.release.leechers

    @property
    def size_bytes(self) -> int:
        """Its size."""
        return self.release.size_bytes


@dataclass(frozen=True, slots=True)
class SamplePick:
    """What the team says of a release."""

    release: SampleRelease
    sentence: str


class SampleForm(forms.Form):
    """One field of each kind."""

    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=40,
        help_text=gettext_lazy("As it is known: work, version, year."),
    )
    source = forms.URLField(label=gettext_lazy("Source address"), assume_scheme="https")
    note = forms.CharField(
        label=gettext_lazy("Description"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    shelf = forms.ChoiceField(label=gettext_lazy("Category"), choices=[("a", "Audio")])
    is_open = forms.BooleanField(
        label=gettext_lazy("Open to all"),
        required=False,
        help_text=gettext_lazy("Anyone may download it, without an account."),
    )


@needs(Permission.BROWSE)
def design(request: HttpRequest) -> HttpResponse:
    """Show each component with its states."""
    rows = sample_rows()
    theme = request.GET.get("theme", "")
    return render(
        request,
        "design.html",
        ({"theme": theme} if theme in THEMES else {})
        | {
            "colours": COLOURS,
            "states": STATES,
            "rows": rows,
            "no_rows": [],
            "needs": [SampleNeed(row, 82 - 17 * n, n, n != 1) for n, row in enumerate(rows[1:])],
            "need_sorts": need_heads(),
            "picks": [SamplePick(rows[1], _("A short film that its makers gave to everybody."))],
            "licence": rows[1].licence,
            "sorts": [
                SortLink("size", _("Size"), "", "#"),
                SortLink("newest", _("Age"), "", "#", is_current=True),
                SortLink("seeders", "↑", _("Seeders"), "#"),
                SortLink("leechers", "↓", _("Leechers"), "#"),
                SortLink("completed", "✓", _("Completed"), "#"),
            ],
            "form": SampleForm({"title": "L'Atalante", "source": "ftp:", "note": ""}),
            "tree": sample_tree(),
            "plot": sample_plot(),
            "calendar": sample_bars(),
            "hostile": "fiche\u202egpj.exe \u0000 pаypal",
        },
    )


def sample_rows() -> list[SampleRelease]:
    """Lines of a list: alive, fragile, dying, dormant, and one with a hostile title."""
    free = SampleLicence("GPL-3.0", _("Free software"))
    commons = SampleLicence(
        "CC BY 4.0",
        "Creative Commons",
        _("You may share and adapt it, even for money, if you credit the author."),
    )
    domain = SampleLicence(_("Public domain"), _("Public domain"))
    software, video, audio = map(SampleCategory, (_("Software"), _("Video"), _("Audio")))
    return [
        _row(
            "Debian 13.1 «\N{NO-BREAK SPACE}Trixie\N{NO-BREAK SPACE}», amd64, netinst",
            software,
            free,
            Sample(784, 0, 1284),
        ),
        _row("Sintel (2010), 4K, sous-titres fr, en, de, es", video, commons, Sample(5210, 4, 2)),
        _row("Bach, Variations Goldberg, FLAC 24 bits", audio, domain, Sample(1340, 71, 0, 4)),
        _row("Le Voyage dans la Lune\u202e (1902)", video, domain, Sample(148, 900, 0)),
    ]


def _row(
    title: str, category: SampleCategory, licence: SampleLicence, sample: Sample
) -> SampleRelease:
    return SampleRelease(
        pk=1,
        title=title,
        category=category,
        licence=licence,
        size_bytes=sample.megabytes * _MB,
        published_at=now() - timedelta(days=sample.days, hours=3),
        seeders=sample.seeders,
        leechers=sample.leechers,
        completed=sample.seeders * 17 + sample.days,
        is_open=True,
    )


def sample_tree() -> Folder:
    """A few files in folders."""
    names = ("LISEZMOI.txt", "film/Sintel.mkv", "film/subs/fr.srt", "film/subs/en.srt", "art/1.png")
    return tree_of(
        [File(path=tuple(name.split("/")), size_bytes=len(name) ** 5 * 977) for name in names],
        "Sintel",
    )


def sample_plot() -> plots.Plot:
    """Two lines over thirty days."""
    words = plots.Words(
        "sample-credit",
        _("Credit over thirty days"),
        _("Bytes given and taken, added up."),
        _("Day"),
        lambda value: formats.size(int(value)),
    )
    given = [day * day * 7 * _MB for day in range(30)]
    taken = [int(math.sqrt(day) * 600 * _MB) for day in range(30)]
    return plots.draw(
        words,
        [str(day + 1) for day in range(30)],
        [plots.Series(_("Uploaded"), "a", given), plots.Series(_("Downloaded"), "b", taken)],
    )


def sample_bars() -> plots.Plot:
    """One bar a day."""
    words = plots.Words(
        "sample-time",
        _("Seed time by day"),
        _("Hours of sharing, each day."),
        _("Day"),
        lambda value: formats.duration(value) if value else "0",
    )
    hours = [3600 * (day * 5 % 23) for day in range(30)]
    return plots.draw(
        words, [str(day + 1) for day in range(30)], [plots.Series(_("Seed time"), "bar", hours)]
    )
