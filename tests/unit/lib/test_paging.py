"""Cursors."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bottin.lib.paging import BadCursor, Position, decode, encode

KEY = b"k" * 32
values = st.text(st.characters(codec="utf-8"), max_size=20) | st.integers() | st.none()


@given(st.lists(values, max_size=4).map(tuple))
def test_a_position_comes_back(position: Position) -> None:
    assert decode(encode(position, scope="newest", key=KEY), scope="newest", key=KEY) == position


def test_a_cursor_fits_in_a_url() -> None:
    assert re.fullmatch(r"[A-Za-z0-9_-]+", encode(("é/+", 7), scope="newest", key=KEY))


@pytest.mark.parametrize(
    "context", [{"scope": "oldest", "key": KEY}, {"scope": "newest", "key": b"x"}]
)
def test_a_cursor_is_good_for_one_list_and_one_key(context: dict[str, Any]) -> None:
    token = encode((1,), scope="newest", key=KEY)

    with pytest.raises(BadCursor):
        decode(token, **context)


def test_no_character_of_a_cursor_can_be_changed() -> None:
    token = encode((1_700_000_000, 42), scope="newest", key=KEY)

    for at in range(len(token) - 1):
        forged = token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
        with pytest.raises(BadCursor):
            decode(forged, scope="newest", key=KEY)


@given(st.text(max_size=60))
def test_any_text_is_refused(token: str) -> None:
    with pytest.raises(BadCursor):
        decode(token, scope="newest", key=KEY)


def test_a_very_long_cursor_is_refused_unread() -> None:
    with pytest.raises(BadCursor):
        decode("A" * 2_000, scope="newest", key=KEY)


def test_a_position_too_long_to_read_back_is_not_written() -> None:
    with pytest.raises(ValueError, match="too long"):
        encode(("x" * 2_000,), scope="newest", key=KEY)
