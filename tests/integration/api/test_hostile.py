"""Whatever is sent, the answer is an answer: never an error of ours."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bottin.catalog.models import Release
from tests.factories.api import Caller, form

pytestmark = pytest.mark.django_db

ODD = [
    "\x00",
    "a\x00b",
    "%00",
    "'\"\\;--",
    "\u202e",
    "9" * 400,
    "-1",
    "{}",
    "%(x)s",
    "\r\nX: y",
    "💥" * 30,
]
_FIELDS = ["category", "licence", "publisher", "sort", "cursor", "limit", "\x00", "x" * 999]
_LAX = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.parametrize("value", ODD, ids=ascii)
@pytest.mark.parametrize("name", ["category", "licence", "publisher", "cursor", "limit", "sort"])
def test_odd_filters(stranger: Caller, name: str, value: str) -> None:
    answer = stranger.get("/releases", {name: value})

    assert answer.status_code < 500


@pytest.mark.parametrize("value", ODD, ids=ascii)
@pytest.mark.parametrize(
    "name",
    [
        "title",
        "category",
        "licence",
        "provenance_url",
        "provenance_statement",
        "description",
        "language",
        "tags",
        "is_open",
    ],
)
def test_odd_fields(member: Caller, name: str, value: str) -> None:
    answer = member.post("/releases", form() | {name: value})

    assert answer.status_code < 500


@pytest.mark.parametrize("value", [odd for odd in ODD if odd.isascii()], ids=ascii)
@pytest.mark.parametrize("header", ["Authorization", "Accept-Language", "If-None-Match"])
def test_odd_headers(stranger: Caller, header: str, value: str) -> None:
    for text in (value, f"Bearer {value}"):
        answer = stranger.client.get("/api/v1/releases", headers={header: text})
        assert answer.status_code < 500


@_LAX
@given(query=st.dictionaries(st.sampled_from(_FIELDS), st.text(max_size=60), max_size=4))
def test_any_query(stranger: Caller, query: dict[str, str]) -> None:
    answer = stranger.get(
        "/releases", {name: value for name, value in query.items() if name != "q"}
    )

    assert answer.status_code in {200, 422}


@_LAX
@given(path=st.text(max_size=40))
def test_any_path(stranger: Caller, path: str) -> None:
    for prefix in ("/releases/", "/lookup/infohash/", "/"):
        answer = stranger.get(prefix + path.replace("?", "").replace("#", ""))
        assert answer.status_code < 500


@_LAX
@given(body=st.binary(max_size=300))
def test_any_body(member: Caller, body: bytes) -> None:
    answer = member.send("POST", "/releases", body, "multipart/form-data; boundary=x")

    assert 400 <= answer.status_code < 500
    assert not Release.objects.exists()


@_LAX
@given(raw=st.binary(min_size=1, max_size=200))
def test_any_torrent(member: Caller, raw: bytes) -> None:
    answer = member.post("/releases", form(raw))

    assert 400 <= answer.status_code < 500
