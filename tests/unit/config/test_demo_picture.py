"""The picture of a terminal holds what it showed, and asks nothing of another host."""

import re
from pathlib import Path
from xml.etree import ElementTree as ET

from rich.table import Table

from bottin.config.demo import pictures


def _picture(folder: Path) -> str:
    table = Table()
    table.add_column("member")
    table.add_row("[yellow]léa & <bruno>[/yellow]")
    path = folder / "frame.svg"
    pictures.write(path, table, "4 of 4")
    return path.read_text(encoding="utf-8")


def test_a_picture_is_an_image_that_holds_the_words(tmp_path: Path) -> None:
    drawn = ET.fromstring(_picture(tmp_path))  # noqa: S314 - written two lines above

    words = " ".join(drawn.itertext()).replace("\u00a0", " ")
    assert "léa & <bruno>" in words
    assert "4 of 4" in words
    assert "#ffd60a" in words


def test_a_picture_loads_nothing(tmp_path: Path) -> None:
    picture = _picture(tmp_path)

    assert re.findall(r"https?://[^\"' ]+", picture) == ["http://www.w3.org/2000/svg"]
    assert "@font-face" not in picture
