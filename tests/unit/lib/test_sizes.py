"""Sizes, counts and durations in words. `~` stands for the space of the language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bottin.lib.sizes import NARROW_SPACE, SPACE, format_bytes, format_duration, format_number


@pytest.mark.parametrize(
    ("size", "french", "english"),
    [
        (0, "0~o", "0~B"),
        (1, "1~o", "1~B"),
        (999, "999~o", "999~B"),
        (1_000, "1~ko", "1~kB"),
        (1_500, "1,5~ko", "1.5~kB"),
        (1_049, "1~ko", "1~kB"),
        (99_949, "99,9~ko", "99.9~kB"),
        (99_960, "100~ko", "100~kB"),
        (123_456, "123~ko", "123~kB"),
        (999_499, "999~ko", "999~kB"),
        (999_500, "1~Mo", "1~MB"),
        (1_500_000_000, "1,5~Go", "1.5~GB"),
        (4_700_000_000_000, "4,7~To", "4.7~TB"),
        (10**18, "1~Eo", "1~EB"),
        (123 * 10**20, "12300~Eo", "12300~EB"),
        (-1_500, "-1,5~ko", "-1.5~kB"),
    ],
)
def test_a_size_has_three_figures_at_most_and_a_decimal_unit(
    size: int, french: str, english: str
) -> None:
    assert format_bytes(size, "fr") == french.replace("~", NARROW_SPACE)
    assert format_bytes(size, "en") == english.replace("~", SPACE)


@given(st.integers(0, 10**20))
def test_a_size_never_shows_a_thousand_of_a_unit(size: int) -> None:
    number = format_bytes(size, "en").split(SPACE)[0]

    assert float(number) < 1_000


@pytest.mark.parametrize(
    ("number", "french", "english"),
    [
        (0, "0", "0"),
        (999, "999", "999"),
        (1_234, "1~234", "1,234"),
        (-1_234_567, "-1~234~567", "-1,234,567"),
    ],
)
def test_a_count_has_its_thousands_apart(number: int, french: str, english: str) -> None:
    assert format_number(number, "fr") == french.replace("~", NARROW_SPACE)
    assert format_number(number, "en") == english


@pytest.mark.parametrize(
    ("seconds", "french", "english"),
    [
        (0, "0~s", "0~s"),
        (0.9, "0~s", "0~s"),
        (59, "59~s", "59~s"),
        (60, "1~min", "1~min"),
        (3_599, "59~min~59~s", "59~min~59~s"),
        (3_600, "1~h", "1~h"),
        (3_605, "1~h", "1~h"),
        (277_200, "3~j~5~h", "3~d~5~h"),
        (86_400 * 365, "1~an", "1~y"),
        (86_400 * 740, "2~ans~10~j", "2~y~10~d"),  # codespell:ignore ans
        (-90, "-1~min~30~s", "-1~min~30~s"),
    ],
)
def test_a_duration_is_told_by_its_two_largest_units(
    seconds: float, french: str, english: str
) -> None:
    assert format_duration(seconds, "fr") == french.replace("~", NARROW_SPACE)
    assert format_duration(seconds, "en") == english.replace("~", SPACE)


@pytest.mark.parametrize("language", ["fr", "fr-fr", "fr-ca"])
def test_every_french_is_french(language: str) -> None:
    assert format_bytes(1_500, language) == f"1,5{NARROW_SPACE}ko"
