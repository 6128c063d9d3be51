"""docs/settings.md is what the code says."""

from pathlib import Path

from bottin.config.env import FIELDS
from bottin.config.options import Options, sections
from bottin.config.settings_page import settings_page

PAGE = Path(__file__).resolve().parents[3] / "docs/settings.md"


def test_the_page_is_fresh() -> None:
    assert PAGE.read_text(encoding="utf-8") == settings_page(), "run `make docs`"


def test_every_setting_is_on_it_and_says_what_it_means() -> None:
    page = settings_page()

    assert [name for name in FIELDS if f"`{name}`" not in page] == []
    assert [name for name, field in Options.model_fields.items() if not field.description] == []


def test_no_setting_is_in_two_sections() -> None:
    names = [name for _, fields in sections() for name in fields]

    assert sorted(names) == sorted(Options.model_fields)
