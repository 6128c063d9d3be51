"""The form of a release, field by field."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bottin.catalog.models import Category, Licence
from bottin.uploads.fields import Choices, ReleaseFields, problems_of, url_fault

SHELF = Category(id=130100, parent_id=130000)
BY = Licence(code="CC-BY-4.0")
GROUND = Licence(code="PD-author-70", needs_statement=True)
GOOD: dict[str, Any] = {
    "title": "Chansons",
    "category_id": 130100,
    "licence_code": "CC-BY-4.0",
    "provenance_url": "https://example.org/x",
}


def problems(
    shelf: Category | None = SHELF, licence: Licence | None = BY, **given_: Any
) -> list[tuple[str, str]]:
    fields = ReleaseFields(**(GOOD | given_)).cleaned()
    return [(p.field, p.code) for p in problems_of(fields, Choices(shelf, licence))]


def test_what_is_right_is_right() -> None:
    assert problems() == []


@pytest.mark.parametrize(
    ("field", "value", "found"),
    [
        ("title", "", ("title", "required")),
        ("title", "   ", ("title", "required")),
        ("title", "ab", ("title", "too_short")),
        ("title", "!!!!", ("title", "too_short")),
        ("title", "a" * 201, ("title", "too_long")),
        ("title", "abc\u202edef", ("title", "hidden_characters")),
        ("title", "abc\x07def", ("title", "hidden_characters")),
        ("category_id", None, ("category", "required")),
        ("licence_code", "", ("licence", "required")),
        ("provenance_url", "", ("provenance_url", "required")),
        ("provenance_url", "ftp://example.org", ("provenance_url", "not_an_address")),
        ("provenance_url", "javascript:alert(1)", ("provenance_url", "not_an_address")),
        ("provenance_url", "https://u:p@example.org", ("provenance_url", "not_an_address")),
        ("provenance_url", "https://exa mple.org", ("provenance_url", "not_an_address")),
        ("provenance_url", "https://[::1", ("provenance_url", "not_an_address")),
        ("provenance_url", "https://a.b:99999", ("provenance_url", "not_an_address")),
        ("provenance_url", "https://a.b/\u202e", ("provenance_url", "not_an_address")),
        ("provenance_url", "https://a.b/" + "x" * 500, ("provenance_url", "too_long")),
        ("provenance_statement", "s" * 2001, ("provenance_statement", "too_long")),
        ("description", "é" * 8193, ("description", "too_long")),
        ("description", "a\u202eb", ("description", "hidden_characters")),
        ("language", "français", ("language", "unknown")),
        ("tags", tuple(map(str, range(21))), ("tags", "too_many")),
        ("tags", ("x" * 41,), ("tags", "too_long")),
        ("tags", ("!!",), ("tags", "unusable")),
    ],
)
def test_what_is_wrong_is_told(field: str, value: Any, found: tuple[str, str]) -> None:
    assert problems(**{field: value}) == [found]


def test_an_unknown_choice_is_told() -> None:
    assert problems(None) == [("category", "unknown")]
    assert problems(licence=None) == [("licence", "unknown")]
    assert problems(Category(id=130000)) == [("category", "family")]


def test_a_ground_of_the_public_domain_wants_a_statement() -> None:
    assert problems(licence=GROUND) == [("provenance_statement", "required_by_licence")]
    assert problems(licence=GROUND, provenance_statement="1885") == [
        ("provenance_statement", "too_short")
    ]
    assert problems(licence=GROUND, provenance_statement="Victor Hugo, mort en 1885, France") == []


def test_a_statement_stands_for_an_address() -> None:
    assert problems(provenance_url="", provenance_statement="Enregistré par moi, 3 mars.") == []


def test_a_draft_may_be_unfinished_but_not_too_long() -> None:
    fields = ReleaseFields(title="a", provenance_url="https:/", language="xx-toolong")
    found = problems_of(fields.cleaned(), Choices(None, None), is_draft=True)

    assert [(p.field, p.code) for p in found] == [("language", "unknown")]


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_any_text_is_cleaned_into_what_the_database_holds(a: str, b: str, c: str) -> None:
    fields = ReleaseFields(title=a, description=b, provenance_url=c, tags=(a,)).cleaned()

    for text in (fields.title, fields.description, fields.provenance_url, *fields.tags):
        assert "\x00" not in text
        assert text.encode("utf-8").decode() == text
    problems_of(fields, Choices(None, None))


@given(st.text(max_size=80))
def test_no_address_breaks_the_check(url: str) -> None:
    assert url_fault(url) in {None, "too_long", "not_an_address"}
