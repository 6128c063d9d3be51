"""The category tree and the licences as data: what a site starts with (CAT-1 to CAT-5, TOR-24)."""

import tomllib
from pathlib import Path
from typing import Any, Final

from bottin.catalog.models import Category, Licence

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


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((SEEDS / name).read_text(encoding="utf-8"))
