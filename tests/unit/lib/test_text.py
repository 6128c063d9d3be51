"""Text of strangers (META-12)."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bottin.lib.text import lookalike_words, nfc, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("Été à Nîmes", "Été à Nîmes"),
        ("e\u0301te\u0301", "été"),
        ("攻殻機動隊 كتاب 🎵", "攻殻機動隊 كتاب 🎵"),
        ("a\0b", "aU+0000b"),
        ("a\nb\tc", "aU+000AbU+0009c"),
        ("a\x9bb", "aU+009Bb"),
        ("cod\u202efdp.exe", "codU+202Efdp.exe"),
        ("a\u2066b\u2069", "aU+2066bU+2069"),
        ("a\u200eb\u061c", "aU+200EbU+061C"),
        ("a\u200bb\ufeff", "aU+200BbU+FEFF"),
        ("a\u00adb", "aU+00ADb"),
        ("a\u2028b", "aU+2028b"),
        ("\ud800", "U+D800"),
        ("\ue000", "U+E000"),
        ("\U000e0041x", "U+E0041x"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("\u200da\u200d", "U+200DaU+200D"),
        ("narrow\u202fspace\u00a0x", "narrow\u202fspace\u00a0x"),
    ],
)
def test_meta_12_what_hides_is_shown_as_a_code(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text(max_size=100))
def test_meta_12_nothing_that_reorders_or_breaks_a_line_is_left(text: str) -> None:
    left = {
        unicodedata.category(character)
        for character in visible(text)
        if character not in "\u200c\u200d"
    }

    assert not left & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(st.text(max_size=50))
def test_meta_12_showing_twice_changes_nothing(text: str) -> None:
    assert visible(visible(text)) == visible(text)


@given(st.text(max_size=50))
def test_composing_twice_changes_nothing(text: str) -> None:
    assert nfc(nfc(text)) == nfc(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("p\u0430ypal release", ("p\u0430ypal",)),
        ("\u03b1lpha and n\u043ermal", ("\u03b1lpha", "n\u043ermal")),
        ("plain ascii", ()),
        ("Été à Nîmes, œuvre", ()),
        ("Москва 2024 documentary", ()),
        ("Ελληνικά and English", ()),
        ("NHKスペシャル 攻殻機動隊 tower東京", ()),
        ("e\u0301te\u0301", ()),
        ("", ()),
    ],
)
def test_meta_12_words_that_mix_lookalike_scripts_are_named(
    text: str, words: tuple[str, ...]
) -> None:
    assert lookalike_words(text) == words
