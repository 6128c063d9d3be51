"""Every refusal has its words, and they can always be written."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Final

import pytest
from django.utils import translation

from bottin.lib.errors import DomainError
from bottin.search.errors import BadQuery
from bottin.uploads.errors import FieldProblem
from bottin.web.errors import sentence_of, status_of
from bottin.web.field_words import COMMON, PROBLEMS, problem_sentence
from bottin.web.sentences import PAGES
from bottin.wording.refusals import QUERIES, SENTENCES

PACKAGE: Final = Path(__file__).resolve().parents[3] / "bottin"
FOREIGN: Final = {"bottin.api", "bottin.feeds"}


def refusals() -> Iterator[type[DomainError]]:
    """Walk all refusals that a page may meet."""
    for path in sorted(PACKAGE.glob("*/errors.py")):
        import_module(f"bottin.{path.parent.name}.errors")
    waiting = [DomainError]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        package = ".".join(kind.__module__.split(".")[:2])
        if "code" in vars(kind) and package.startswith("bottin.") and package not in FOREIGN:
            yield kind


@pytest.mark.parametrize("kind", sorted(refusals(), key=str))
@pytest.mark.parametrize("language", ["fr", "en"])
def test_each_refusal_is_told_even_without_particulars(
    kind: type[DomainError], language: str
) -> None:
    with translation.override(language):
        sentence = sentence_of(kind())

    # What is not in the context shows as a question mark, also at the end.
    assert sentence.endswith((".", "?"))
    assert status_of(kind()) in PAGES


@pytest.mark.parametrize("reason", sorted(QUERIES))
def test_a_query_that_is_not_understood_says_why(reason: str) -> None:
    refusal = BadQuery(reason=reason, field="size", value="big", limit=3, at=0)

    with translation.override("en"):
        assert sentence_of(refusal) != SENTENCES["search.bad_query"]


@pytest.mark.parametrize("code", sorted(COMMON))
def test_each_problem_of_a_field_is_told(code: str) -> None:
    with translation.override("en"):
        particulars: dict[str, object] = {"limit": 3, "tag": "x", "least": 1, "most": 9}
        sentence = problem_sentence(FieldProblem("title", code, particulars))

    assert sentence.endswith(".")


def test_a_problem_of_one_field_may_have_its_own_words() -> None:
    with translation.override("en"):
        sentence = problem_sentence(FieldProblem("title", "required"))

    assert sentence == PROBLEMS["title.required"]
