"""Numbers, sizes, times and foreign text in the reader's form."""

from datetime import UTC, datetime

import pytest
from django.utils import translation

from bottin.web import formats

N = "\u202f"


@pytest.mark.parametrize(
    ("language", "number", "size", "ratio"),
    [
        ("fr", f"1{N}234{N}567", f"1,5{N}Go", "1,25"),
        ("en", "1,234,567", "1.5\u00a0GB", "1.25"),
    ],
)
def test_numbers_follow_the_reader(language: str, number: str, size: str, ratio: str) -> None:
    with translation.override(language):
        assert formats.count(1_234_567) == number
        assert formats.size(1_500_000_000) == size
        assert formats.ratio(125, 100) == ratio


def test_what_is_taken_away_has_a_true_minus_sign() -> None:
    with translation.override("fr"):
        assert formats.size(-398_000_000) == f"\u2212398{N}Mo"


def test_a_ratio_without_downloads_is_infinite_and_without_anything_a_dash() -> None:
    assert formats.ratio(1, 0) == "∞"
    assert formats.ratio(0, 0) == "–"


@pytest.mark.parametrize(
    ("language", "seconds", "words"),
    [
        ("fr", 30, "à l’instant"),
        ("fr", 7_200, "il y a 2 heures"),
        ("en", 86_400, "1 day ago"),
        ("en", -3_600, "in 1 hour"),
        ("fr", 400 * 86_400, "il y a 1 an"),
    ],
)
def test_times_are_told_in_words(language: str, seconds: int, words: str) -> None:
    with translation.override(language):
        assert formats.relative(seconds) == words


def test_a_time_carries_its_exact_moment() -> None:
    when = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)

    with translation.override("en"):
        element = formats.moment(when, "now")

    assert 'datetime="2026-06-01T12:00:00+00:00"' in element
    assert "1 June 2026 at 14:00" in element


def test_pieces_are_told_in_binary_units() -> None:
    with translation.override("fr"):
        assert formats.binary_size(16_384) == f"16{N}Kio"
    with translation.override("en"):
        assert formats.binary_size(4_194_304) == f"4{N}MiB"


def test_markup_of_strangers_stays_text() -> None:
    assert formats.shown("<b>&") == "<bdi>&lt;b&gt;&amp;</bdi>"


def test_characters_that_hide_are_shown_as_codes() -> None:
    shown = formats.shown("fiche\u202egpj.exe")

    assert shown == "<bdi>fiche<code>U+202E</code>gpj.exe</bdi>"


def test_look_alikes_are_flagged() -> None:
    assert 'class="flag"' in formats.shown("p\u0430ypal")
    assert 'class="flag"' not in formats.shown("paypal")
