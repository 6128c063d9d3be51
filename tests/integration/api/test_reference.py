"""The API described: the document, the page, and what they promise."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.urls import get_resolver

from bottin.api import openapi
from bottin.api.errors import STATUS
from bottin.api.sentences import FIELDS, SENTENCES
from bottin.lib.errors import DomainError
from tests.factories.api import Caller

COMMITTED = Path(__file__).parents[3] / "docs" / "openapi.json"


def _subclasses(kind: type[DomainError]) -> set[type[DomainError]]:
    below = kind.__subclasses__()
    return set(below).union(*(_subclasses(each) for each in below))


def test_the_committed_document_is_up_to_date() -> None:
    assert COMMITTED.read_text() == openapi.document(), "run `make docs`"


def test_every_operation_has_words_a_scope_and_refusals() -> None:
    for path, methods in openapi.schema()["paths"].items():
        for operation in methods.values():
            assert operation["summary"], path
            assert operation["description"], path
            assert operation["security"][0]["token"], path
            assert {"401", "422", "429"} <= operation["responses"].keys(), path


def test_every_refusal_has_a_status_and_a_sentence() -> None:
    kinds = _subclasses(DomainError)
    # A kind that others derive from has no code of its own, and is never raised.
    ours = {
        kind for kind in kinds if kind.__module__.startswith("bottin.") and hasattr(kind, "code")
    }
    known = {
        kind
        for kind in ours
        if any(parent in STATUS for parent in kind.__mro__) and kind.code in SENTENCES
    }
    # Refusals of layers that the API does not call have no way through it.
    called = {kind for kind in ours if not kind.__module__.startswith(_NOT_CALLED)}

    assert called - known == set()


_NOT_CALLED = (
    *("bottin.moderation", "bottin.web", "bottin.config", "bottin.ledger", "bottin.audit"),
    "bottin.feeds",
)


def test_field_words_are_sentences() -> None:
    for words in (*FIELDS.values(), *SENTENCES.values()):
        assert words.endswith("."), words


@pytest.mark.django_db
def test_the_document_is_served(stranger: Caller) -> None:
    answer = stranger.get("/openapi.json")

    assert answer.json() == json.loads(COMMITTED.read_text())
    assert answer["Access-Control-Allow-Origin"] == "*"


@pytest.mark.django_db
def test_the_page_shows_every_route_and_refusal(stranger: Caller) -> None:
    page = stranger.get("/docs").content.decode()

    for methods in openapi.schema()["paths"].values():
        for operation in methods.values():
            assert f'id="{operation["operationId"]}"' in page
    assert 'id="uploads.duplicate"' in page


@pytest.mark.django_db
def test_the_page_runs_no_script_and_asks_no_third_party(stranger: Caller) -> None:
    page = stranger.get("/docs").content.decode()
    own = page[page.index("<article") : page.index("</article>")]

    assert "<script" not in own
    assert "style=" not in own
    assert "//cdn" not in page


def test_every_route_declares_its_permission() -> None:
    routes = [
        pattern
        for root in get_resolver("bottin.api.urls").url_patterns
        for pattern in getattr(root, "url_patterns", [root])
    ]

    assert len(routes) > 10
    for route in routes:
        callback: Any = route.callback
        assert callback.permission, route
