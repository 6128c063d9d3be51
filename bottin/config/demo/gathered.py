"""What stands beside the demo releases: authors, technical facts, works with editions, tags."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from bottin.accounts.models import Account
from bottin.accounts.viewer import Viewer, viewer_for
from bottin.catalog import gathering, replacing, tagging
from bottin.catalog.facts import Facts
from bottin.catalog.gathering import EditionFields, WorkFields
from bottin.catalog.models import Release, Tag, WorkKind
from bottin.catalog.models import Work as CatalogWork
from bottin.config.demo.works import Work
from bottin.uploads import actions as uploads
from bottin.uploads.fields import ReleaseFields

# title of the work: its kind, and what the titles of its releases look like: version, then form
_WORKS: Final = {
    "Debian GNU/Linux": (WorkKind.SOFTWARE, r"Debian GNU/Linux (\d+) « \w+ » (.*)"),
    "Ubuntu": (WorkKind.SOFTWARE, r"Ubuntu ([\d.]+)(?: LTS)? (.*)"),
    "Fedora Linux": (WorkKind.SOFTWARE, r"Fedora Workstation (\d+) (.*)"),
    "FreeBSD": (WorkKind.SOFTWARE, r"FreeBSD ([\d.]+) (.*)"),
    "OpenBSD": (WorkKind.SOFTWARE, r"OpenBSD ([\d.]+) (.*)"),
    "LibreOffice": (WorkKind.SOFTWARE, r"LibreOffice ([\d.]+) (.*)"),
    "Blender": (WorkKind.SOFTWARE, r"Blender ([\d.]+)(?: LTS)? (.*)"),
    "OpenStreetMap": (WorkKind.DATASET, r"OpenStreetMap : ()(.*), pbf"),
    "Bach : Le Clavier bien tempéré": (WorkKind.SOUND, r"Bach : Le Clavier bien tempéré, ()(.*)"),
}
_REPLACED: Final = (
    ("Debian GNU/Linux 12 « bookworm » amd64 netinst", "Debian GNU/Linux 13 « trixie »"),
)
_APPROVED: Final = ("linux", "bsd", "roman", "classique", "documentaire", "cartes", "libre", "jeu")
_ALIASES: Final = (("gnu-linux", "linux"), ("carte", "cartes"), ("jeux", "jeu"))
_IDENTIFIERS: Final = {
    "Les Misérables": "Q180736",
    "Notre-Dame de Paris": "Q191380",
    "Frankenstein": "Q150827",
}
_MORE: Final = {"fr": "Sommes de contrôle : voir la source.", "en": "Checksums: see the source."}
_SIGNED: Final = frozenset({1201, 1203, 1204, 1207, 1401, 1403})
_ARCHITECTURES: Final = {
    "amd64": ("amd64", "x86_64", "x86-64", "64 bits", "x64"),
    "arm64": ("arm64", "aarch64"),
    "riscv64": ("riscv64",),
}
# How `payload.py` shapes the files of a shelf.
_SHAPES: Final[dict[int, Facts]] = {
    1101: {"container": ["iso"], "system": ["linux"], "package": ["installer"]},
    1102: {"container": ["iso"], "package": ["installer"]},
    1201: {"container": ["webm"]},
    1202: {"container": ["webm"]},
    1203: {"container": ["webm"]},
    1207: {"container": ["webm"]},
    1301: {"audio_codec": ["flac"]},
    1401: {"file_format": ["epub", "pdf"]},
    1404: {"file_format": ["pdf"]},
}


def authors_of(work: Work) -> tuple[str, ...]:
    """Return who signed it, where its title says so: `Nosferatu, F. W. Murnau`."""
    _title, comma, name = work.title.rpartition(", ")
    is_signed = work.category_id // 100 in _SIGNED and comma and name[:1].isupper()
    return (name,) if is_signed else ()


def identifiers_of(work: Work) -> tuple[str, ...]:
    """Return what the work is known as, for the few that everybody knows."""
    return tuple(value for title, value in _IDENTIFIERS.items() if work.title.startswith(title))


def facts_of(work: Work) -> Facts:
    """Return what its shape and its title say technically."""
    facts = dict(_SHAPES.get(work.category_id // 100, {}))
    if work.category_id // 10_000 == 11:  # noqa: PLR2004 - software
        found = [
            code for code, names in _ARCHITECTURES.items() if any(n in work.title for n in names)
        ]
        facts |= {"architecture": found} if found else {}
        facts |= {"package": ["source"]} if "code source" in work.title else {}
        facts |= {"package": ["appimage"]} if "AppImage" in work.title else {}
    return facts


def write(staff: dict[str, Account], at: datetime) -> None:
    """Gather, replace, approve and edit a few, once; a second run finds them there."""
    team = viewer_for(staff["samir"], None)
    for title, (kind, pattern) in _WORKS.items():
        if not CatalogWork.objects.filter(title=title).exists():
            _gather(WorkFields(title, kind), re.compile(pattern), team, at)
    _keep_tags_in_order(team, at)
    for old, new in _REPLACED:
        pair = [
            Release.objects.listed().filter(is_demo=True, title__startswith=title).first()
            for title in (old, new)
        ]
        if pair[0] and pair[1]:
            replacing.set_replacement(pair[0].pk, pair[1].pk, by=team, at=at)
    _edit_some(at)


def _gather(fields: WorkFields, pattern: re.Pattern[str], team: Viewer, at: datetime) -> None:
    rows = Release.objects.listed().filter(is_demo=True).order_by("pk")
    matches = [(row, found) for row in rows if (found := pattern.fullmatch(row.title))]
    if not matches:
        return
    work = gathering.create_work(fields, by=team, at=at)
    for row, found in matches:
        edition = EditionFields(found[1], row.language, found[2][:40])
        gathering.attach_release(row.pk, work.pk, edition, by=team, at=at)


def _keep_tags_in_order(team: Viewer, at: datetime) -> None:
    for slug in _APPROVED:
        if not Tag.objects.filter(slug=slug, is_official=True).exists():
            tagging.approve_tag(slug, is_official=True, by=team)
    for slug, stands_for in _ALIASES:
        tag, _is_new = Tag.objects.get_or_create(slug=slug)
        if tag.canonical_id is None:
            tagging.set_alias(slug, stands_for, by=team, at=at)
    tagging.recount_tags()


def _edit_some(at: datetime) -> None:
    """Have a few publishers say more than at first, so that pages have an earlier version."""
    rows = Release.objects.listed().filter(is_demo=True, edited_at__isnull=False)
    for row in rows.select_related("publisher").order_by("-published_at")[:12]:
        if row.versions.count() != 1:
            continue
        fields = ReleaseFields.of(row)
        described = f"{fields.description}\n\n{_MORE[row.publisher.language]}"
        uploads.edit_release(
            row.pk,
            replace(fields, description=described),
            by=viewer_for(row.publisher, None),
            at=min(at, (row.published_at or at) + timedelta(hours=5)),
        )
