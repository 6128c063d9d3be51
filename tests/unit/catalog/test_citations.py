"""Citations hold what was said, whatever was typed."""

import json
import re
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bottin.accounts.models import Account
from bottin.catalog import citations
from bottin.catalog.errors import FormatUnknown
from bottin.catalog.models import Licence, Release
from bottin.web.linked_data import linked_data

HOSTILE: Final = (
    r"Les \input{/etc/passwd} & 100% d'{accolades} $x_1^2$ ~ #1",
    "Titre\r\nER  - \r\nTY  - BOOK",
    "},\n  note = {injecté",
    '</script><script>alert(1)</script><!-- ]]> " \\',
    "a\u2028b\u2029c\u202ed\x00e",
)


def release(title: str = "Les Misérables", **given: object) -> Release:
    values: dict[str, object] = {
        "pk": 12,
        "title": title,
        "authors": ["Victor Hugo"],
        "year": 1862,
        "language": "fr",
        "category_id": 140100,
        "identifiers": ["isbn:9782070409228", "wikidata:Q180736", "doi:10.1000/a_b"],
        "licence": Licence(code="PD-old-70", name_en="Public domain", name_fr="Domaine public"),
        "publisher": Account(name="lea"),
        "size_bytes": 1000,
    } | given
    return Release(**values)


def test_work_09_a_book_in_bibtex() -> None:
    assert citations.bibtex(release()) == (
        "@book{hugo1862miserables12,\n"
        "  title = {Les Misérables},\n"
        "  author = {{Victor Hugo}},\n"
        "  year = {1862},\n"
        "  url = {http://127.0.0.1:8411/torrents/12},\n"
        "  isbn = {9782070409228},\n"
        "  doi = {10.1000/a\\_b},\n"
        "  language = {fr},\n"
        "  publisher = {Bottin},\n"
        "  note = {Public domain (PD-old-70)}\n"
        "}\n"
    )


def test_work_09_a_book_in_ris() -> None:
    lines = citations.ris(release()).split("\r\n")

    assert lines[:5] == [
        *("TY  - BOOK", "TI  - Les Misérables", "AU  - Victor Hugo", "PY  - 1862"),
        "DO  - 10.1000/a_b",
    ]
    assert lines[-2:] == ["ER  - ", ""]


def test_work_09_a_book_in_csl() -> None:
    (item,) = json.loads(citations.csl(release()))

    assert item["type"] == "book"
    assert item["author"] == [{"literal": "Victor Hugo"}]
    assert item["issued"] == {"date-parts": [[1862]]}
    assert (item["ISBN"], item["DOI"]) == ("9782070409228", "10.1000/a_b")


@pytest.mark.parametrize("title", HOSTILE)
def test_a_hostile_title_stays_inside_its_field(title: str) -> None:
    made = release(title, authors=[title])
    entry, record = citations.bibtex(made), citations.ris(made)

    assert _depth(entry) == 0
    assert len(re.findall(r"^  \w+ = \{", entry, re.MULTILINE)) == 9
    assert "\\input" not in entry
    assert record.count("TY  - ") + record.count("ER  - ") == 2
    assert all(re.match(r"[A-Z][A-Z0-9]  - ", line) for line in record.split("\r\n")[:-1])
    assert len(json.loads(citations.csl(made))) == 1


@given(st.text(max_size=200), st.text(max_size=60))
def test_any_title_gives_whole_citations(title: str, author: str) -> None:
    made = release(title, authors=[author])

    assert _depth(citations.bibtex(made)) == 0
    assert all(re.match(r"[A-Z][A-Z0-9]  - ", x) for x in citations.ris(made).split("\r\n")[:-1])
    json.loads(citations.csl(made))


def test_an_unknown_form_is_refused() -> None:
    with pytest.raises(FormatUnknown):
        citations.cite(release(), "docx")


@pytest.mark.django_db
@pytest.mark.parametrize("title", HOSTILE)
def test_linked_data_cannot_end_its_element(title: str) -> None:
    made = release(title)

    text = linked_data(made)

    assert not re.search("[<>&\u2028\u2029]", text)
    schema, dcat = json.loads(text)["@graph"]
    assert schema["name"] == dcat["dct:title"] == title
    assert schema["@type"] == "Book"


def _depth(entry: str) -> int:
    """Braces that stay open, as BibTeX counts them: it knows no escape; -1 when one is too many."""
    depth = 0
    for character in entry:
        depth += (character == "{") - (character == "}")
        if depth < 0:
            return -1
    return depth
