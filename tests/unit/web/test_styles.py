"""The style sheets and templates keep the rules of the pages (WEB-2, WEB-6, WEB-7)."""

import re
from pathlib import Path
from typing import Final

import pytest
from django.template import Engine

WEB: Final = Path(__file__).resolve().parents[3] / "bottin" / "web"
SHEETS: Final = sorted((WEB / "static" / "bottin" / "css").glob("*.css"))
TEMPLATES: Final = sorted(WEB.glob("templates/**/*.html"))
LAYERS: Final = ["reset", "tokens", "base", "layout", "components", "utilities"]
_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(|oklch\(")


# The page of components shows all of them, so it loads every sheet.
PAGES_WITH_SHEETS: Final = [
    str(path.relative_to(WEB / "templates"))
    for path in TEMPLATES
    if path.name not in {"base.html", "plain.html", "design.html"}
    and "stylesheet" in path.read_text(encoding="utf-8")
]


def _base() -> str:
    return (WEB / "templates" / "base.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("template", [*PAGES_WITH_SHEETS, "base.html"])
def test_the_sheets_of_a_page_together_are_small(template: str) -> None:
    """WEB-7: what every page loads, and what this one adds."""
    text = _base() + (WEB / "templates" / template).read_text(encoding="utf-8")
    sizes = {path.name: path.stat().st_size for path in SHEETS if f"css/{path.name}" in text}

    assert len(sizes) >= len(LAYERS)
    assert sum(sizes.values()) <= 30_000, sizes


def test_the_layers_are_declared_in_order() -> None:
    first = (WEB / "static" / "bottin" / "css" / "reset.css").read_text(encoding="utf-8")

    assert first.startswith(f"@layer {', '.join(LAYERS)};")


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_every_rule_stands_in_a_layer(sheet: Path) -> None:
    text = re.sub(r"/\*.*?\*/", "", sheet.read_text(encoding="utf-8"), flags=re.DOTALL)
    outside = re.sub(r"@layer [\w, ]+;", "", text).strip()

    assert re.match(r"@layer \w+ \{", outside)
    depth, closes = 0, 0
    for character in outside:
        depth += (character == "{") - (character == "}")
        closes += depth == 0 and character == "}"
    assert (depth, closes) == (0, 1)


def test_colours_are_named_once() -> None:
    elsewhere = [path for path in SHEETS if path.name not in {"tokens.css", "utilities.css"}]
    # One hover of the yellow button is lighter than the token.
    found = {
        path.name: _COLOUR.findall(path.read_text(encoding="utf-8").replace("#ffe14d", ""))
        for path in elsewhere
    }

    assert {name: colours for name, colours in found.items() if colours} == {}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(WEB)))
def test_templates_hold_no_inline_style_or_script(template: Path) -> None:
    text = template.read_text(encoding="utf-8")

    assert not re.search(r"\sstyle=|<style|\son\w+=", text)
    # A data block is run by no browser, and no policy has to allow it.
    scripts = [t for t in re.findall(r"<script[^>]*>", text) if "application/ld+json" not in t]
    assert all("src=" in tag for tag in scripts)


@pytest.mark.parametrize(
    "component", sorted((WEB / "templates" / "cotton").glob("*.html")), ids=lambda path: path.stem
)
def test_each_component_is_shown_on_the_design_page(component: Path) -> None:
    design = (WEB / "templates" / "design.html").read_text(encoding="utf-8")

    assert f"<c-{component.stem}" in design


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(WEB)))
def test_templates_use_classes_that_exist(template: Path) -> None:
    rules = "".join(path.read_text(encoding="utf-8") for path in SHEETS)
    known = set(re.findall(r"\.([a-zA-Z][\w-]*)", rules))
    text = template.read_text(encoding="utf-8")
    classes = (
        re.sub(r"\{%.*?%\}|\w*-?\{\{.*?\}\}", " ", found)
        for found in re.findall(r'class="([^"]*)"', text)
    )

    assert {name for found in classes for name in found.split()} - known == set()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(WEB)))
def test_no_installed_app_has_a_template_of_the_same_name(template: Path) -> None:
    found = Engine.get_default().get_template(str(template.relative_to(WEB / "templates")))

    assert Path(found.origin.name) == template
