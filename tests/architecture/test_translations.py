"""Every text that people see is translated, in both languages."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Final

import polib
import pytest

PACKAGE: Final = Path(__file__).resolve().parents[2] / "bottin"
CATALOGUES: Final = sorted((PACKAGE / "locale").glob("*/LC_MESSAGES/django.po"))
_PLACEHOLDER: Final = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")

pytestmark = pytest.mark.skipif(not CATALOGUES, reason="nothing is translated yet")


@pytest.fixture(params=CATALOGUES, ids=lambda path: path.parent.parent.name)
def catalogue(request: pytest.FixtureRequest) -> polib.POFile:
    """Give each catalogue."""
    return polib.pofile(str(request.param))


def test_both_languages_are_there() -> None:
    assert {path.parent.parent.name for path in CATALOGUES} == {"fr", "en"}


def test_every_text_is_translated(catalogue: polib.POFile) -> None:
    assert [entry.msgid for entry in catalogue.untranslated_entries()] == []


def test_no_translation_is_a_guess(catalogue: polib.POFile) -> None:
    assert [entry.msgid for entry in catalogue.fuzzy_entries()] == []


def test_translations_keep_the_places_for_values(catalogue: polib.POFile) -> None:
    wrong = [
        entry.msgid
        for entry in catalogue
        if not entry.obsolete
        for text in (list(entry.msgstr_plural.values()) or [entry.msgstr])
        if set(_PLACEHOLDER.findall(text))
        - set(_PLACEHOLDER.findall(entry.msgid + entry.msgid_plural))
    ]

    assert wrong == []


@pytest.mark.skipif(not shutil.which("xgettext"), reason="gettext is not installed")
def test_every_text_of_the_code_is_in_the_catalogue(
    catalogue: polib.POFile, tmp_path: Path
) -> None:
    found = _texts_of_the_code(tmp_path)

    assert sorted(found - {(e.msgctxt or "", e.msgid) for e in catalogue if not e.obsolete}) == []


def _texts_of_the_code(folder: Path) -> set[tuple[str, str]]:
    """Run xgettext as Django does: templates are turned to Python first."""
    from django.utils.translation import templatize

    sources = [str(path) for path in PACKAGE.rglob("*.py") if "migrations" not in path.parts]
    templates = [p for p in PACKAGE.rglob("templates/**/*") if p.suffix in {".html", ".txt"}]
    for number, path in enumerate(sorted(templates)):
        copy = folder / f"{number}.html.py"
        copy.write_text(templatize(path.read_text(encoding="utf-8"), origin=str(path)), "utf-8")
        sources.append(str(copy))
    keywords = "gettext_noop gettext_lazy ngettext_lazy:1,2 pgettext:1c,2 npgettext:1c,2,3"
    keywords += " pgettext_lazy:1c,2 npgettext_lazy:1c,2,3"
    target = folder / "all.pot"
    subprocess.run(
        ["xgettext", "--language=Python", "--from-code=UTF-8", "--output", str(target)]
        + [f"--keyword={keyword}" for keyword in keywords.split()]
        + sources,
        check=True,
        capture_output=True,
    )
    return {(entry.msgctxt or "", entry.msgid) for entry in polib.pofile(str(target))}
