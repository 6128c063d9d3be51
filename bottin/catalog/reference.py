"""Shelves, licences and technical facts as data: what a site starts with (CAT-1 to 5, TOR-24)."""

import tomllib
from pathlib import Path
from typing import Any, Final

from bottin.catalog.models import Category, CategoryFact, FactChoice, FactKind, Licence

SEEDS: Final = Path(__file__).parent / "seeds"


def categories() -> list[Category]:
    """Read the tree, parents first, unsaved; positions follow the file."""
    return [
        Category(
            id=row["id"],
            parent_id=row.get("parent"),
            alias_of_id=row.get("alias_of"),
            slug=row["slug"],
            name_fr=row["fr"],
            name_en=row["en"],
            newznab=row.get("newznab", ""),
            era=row.get("era", ""),
            position=position,
        )
        for position, row in enumerate(_read("categories.toml")["category"])
    ]


def licences() -> list[Licence]:
    """Read the licences and grounds, unsaved; positions follow the file."""
    content = _read("licences.toml")
    sentences = content["summaries"]
    return [
        Licence(
            code=row["code"],
            family=row["family"],
            name_fr=row["fr"],
            name_en=row["en"],
            url=row.get("url", ""),
            summary_fr=sentences[row["summary"]]["fr"],
            summary_en=sentences[row["summary"]]["en"],
            needs_statement=row.get("needs_statement", False),
            position=position,
        )
        for position, row in enumerate(content["licence"])
    ]


def fact_kinds() -> list[FactKind]:
    """Read the kinds of technical facts, unsaved; positions follow the file (WORK-3)."""
    return [
        FactKind(
            code=row["code"],
            name_fr=row["fr"],
            name_en=row["en"],
            type=row["type"],
            unit=row.get("unit", ""),
            least=row.get("least"),
            most=row.get("most"),
            position=position,
        )
        for position, row in enumerate(_read("facts.toml")["kind"])
    ]


def fact_choices() -> list[FactChoice]:
    """Read what each kind may say, unsaved."""
    return [
        FactChoice(
            kind_id=kind["code"],
            code=row["code"],
            name_fr=row["fr"],
            name_en=row["en"],
            position=position,
        )
        for kind in _read("facts.toml")["kind"]
        for position, row in enumerate(kind.get("choices", ()))
    ]


def category_facts() -> list[CategoryFact]:
    """Read which shelves ask for which facts, unsaved."""
    return [
        CategoryFact(
            category_id=shelf["category"],
            kind_id=row["kind"],
            choices=row.get("choices", []),
            position=position,
        )
        for shelf in _read("facts.toml")["asked"]
        for position, row in enumerate(shelf["facts"])
    ]


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((SEEDS / name).read_text(encoding="utf-8"))
