"""Titles as sort keys and slugs, tags in one form."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bottin.catalog.text import (
    TAGS_MAX,
    fold,
    slug_of,
    suggested_title,
    tag_of,
    tags_of,
    title_key,
)


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Les Misérables, tome 1", "les-miserables-tome-1"),
        ("L’Œuvre au noir", "l-oeuvre-au-noir"),
        ("Debian 12.5.0 (amd64)", "debian-12-5-0-amd64"),
        ("日本語", "fiche"),
        ("", "fiche"),
        ("../../etc", "etc"),
    ],
)
def test_a_title_makes_a_readable_address(title: str, slug: str) -> None:
    assert slug_of(title) == slug


@given(st.text(max_size=300))
def test_an_address_is_always_safe(title: str) -> None:
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]{0,79}", slug_of(title))


@pytest.mark.parametrize(
    ("before", "after"),
    [("Album 9", "album 10"), ("Être", "etrf"), ("« Ça »", "cb"), ("œil", "of")],
)
def test_titles_sort_by_what_is_read(before: str, after: str) -> None:
    assert title_key(before) < title_key(after)


@given(st.text(max_size=400))
def test_a_sort_key_fits_its_column(title: str) -> None:
    assert len(title_key(title)) <= 200


@pytest.mark.parametrize(
    ("label", "tag"),
    [
        ("Musique Libre", "musique-libre"),
        ("C++", "c++"),
        ("c#", "c#"),
        ("  --  ", ""),
        ("Été", "été"),
        ("E\u0301te\u0301", "été"),
        ("a/b", "a-b"),
        ("音楽", "音楽"),
    ],
)
def test_a_label_has_one_form(label: str, tag: str) -> None:
    assert tag_of(label) == tag


@given(st.text(max_size=100))
def test_the_form_of_a_label_is_its_own_form(label: str) -> None:
    tag = tag_of(label)

    assert tag_of(tag) == tag
    assert len(tag) <= 40


def test_labels_are_kept_once_and_at_most_twenty() -> None:
    assert tags_of(["Rock", "rock", " ROCK "]) == ("rock",)
    assert len(tags_of(map(str, range(99)))) == TAGS_MAX


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("Mon_Album.2020", "Mon Album 2020"),
        ("Herbier des Alpes (1911)", "Herbier des Alpes (1911)"),
        ("debian-12.5", "debian-12.5"),
        ("a.b. c", "a.b. c"),
        ("x" * 300, "x" * 200),
    ],
)
def test_a_folder_suggests_its_name_as_title(name: str, title: str) -> None:
    assert suggested_title(name, is_file=False) == title


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("linux-6.6.tar.xz", "linux-6.6"),
        ("Les_Misérables.epub", "Les Misérables"),
        ("chanson.mp3", "chanson"),
        ("version 1.2", "version 1.2"),
        (".epub", ""),
    ],
)
def test_a_file_suggests_its_name_without_its_extension(name: str, title: str) -> None:
    assert suggested_title(name, is_file=True) == title


@given(st.text(max_size=60))
def test_a_text_is_folded_as_its_characters_are_asked_one_by_one(text: str) -> None:
    marked = "".join(f"{character}\u0301" for character in text)

    folded = fold(marked)

    assert folded == fold(text)
    assert not any(unicodedata.combining(character) for character in folded)
