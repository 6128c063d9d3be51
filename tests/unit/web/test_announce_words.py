"""Whatever the tracker tells a client has its sentences, in both languages."""

import re
from pathlib import Path
from typing import Final

import pytest
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from bottin.web.announce_words import ADVICE, DOORS, OTHER, advice_on

CRATE: Final = Path(__file__).resolve().parents[3] / "tracker" / "src"
_MADE_BY_MACRO: Final = re.compile(r"^    (\w+), Retry::", re.MULTILINE)
_MADE_BY_HAND: Final = re.compile(r'Refusal \{\s*code: "(\w+)"')
_WARNED: Final = re.compile(r'(?:(?:Caution|Warning) \{\s*code: |PENDING_CODE: &str = )"(\w+)"')
_NOTED: Final = re.compile(r'\("(\w+)", now\)')


def codes_of_the_tracker() -> set[str]:
    """Read the codes where the crate makes them: refusals anywhere, warnings among the
    words, notes where they are taken.

    Sources of tests are left out.
    """
    words = (CRATE / "policy" / "words.rs").read_text(encoding="utf-8")
    noted = (CRATE / "serve" / "desk.rs").read_text(encoding="utf-8")
    found = {*_MADE_BY_MACRO.findall(words), *_WARNED.findall(words), *_NOTED.findall(noted)}
    for path in CRATE.rglob("*.rs"):
        if "tests" not in path.parts and path.name != "tests.rs":
            found |= set(_MADE_BY_HAND.findall(path.read_text(encoding="utf-8")))
    return found


CODES: Final = sorted(codes_of_the_tracker())


def test_the_codes_are_found_where_the_crate_makes_them() -> None:
    assert {"unlisted", "too_many_locations", "port_denied", "hash_missing", "pending"} <= set(
        CODES
    )
    assert {"key_wrong", "key_renewed", "suspended", "out_of_touch", "malformed"} <= set(CODES)


def test_no_sentence_is_for_a_code_that_the_tracker_does_not_say() -> None:
    assert sorted(ADVICE) == CODES


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_each_code_says_what_happened_and_what_to_do(code: str, language: str) -> None:
    advice = advice_on(code)

    with translation.override(language):
        says, todo = gettext(advice.says), gettext(advice.do)

    assert advice is not OTHER
    assert says.endswith(".")
    assert todo.endswith(".")
    assert says != todo
    assert ((says, todo) == (advice.says, advice.do)) is (language == "en")


def test_only_what_travels_with_an_answer_is_a_warning() -> None:
    assert {code for code in CODES if advice_on(code).is_warning} == {
        "client_warned",
        "key_renewed",
        "many_networks",
        "over_quota",
        "pending",
    }


def test_a_code_of_a_newer_tracker_has_general_words() -> None:
    assert advice_on("made_up_tomorrow") is OTHER


@pytest.mark.parametrize("code", CODES)
def test_the_page_that_helps_exists(code: str) -> None:
    door = advice_on(code).door

    assert not door or reverse(DOORS[door][0], args=[1] if door == "release" else [])
