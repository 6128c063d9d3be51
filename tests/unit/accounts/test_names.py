"""Names: what is allowed, what looks like another (SEC-14)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bottin.accounts.errors import BadName
from bottin.accounts.names import NAME_MAX, NAME_MIN, check_name, skeleton
from tests.data.payloads import PAYLOADS


@pytest.mark.parametrize("name", ["Élodie", "jean-pierre", "Zoë_42", "x.y.z", "Дмитрий", "李小龙"])
def test_names_of_one_script_are_allowed(name: str) -> None:
    assert check_name(name) == name


def test_a_name_is_kept_in_its_composed_form() -> None:
    assert check_name("  E\u0301lodie ") == "Élodie"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("ab", "length"),
        ("a" * 33, "length"),
        ("jean pierre", "characters"),
        ("a@b.example", "characters"),
        ("nul\x00byte", "characters"),
        ("rtl\u202eabc", "characters"),
        ("zero\u200bwidth", "characters"),
        ("emoji\U0001f600", "characters"),
        ("١٢٣abc", "characters"),
        ("pаypal", "scripts"),
        ("-jean", "joiners"),
        ("jean.", "joiners"),
        ("jean..pierre", "joiners"),
        ("12345", "joiners"),
        ("Admin", "reserved"),
        ("adm1n", "reserved"),
        ("m0derateur", "reserved"),
        ("modérateur", "reserved"),
        ("b.o.t.t.i.n", "reserved"),
        ("deleted-3f", "reserved"),
    ],
)
def test_other_names_are_refused_with_the_problem(name: str, problem: str) -> None:
    with pytest.raises(BadName) as refused:
        check_name(name)

    assert refused.value.context["problem"] == problem


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Paul", "paul"),
        ("Paul", "PauI"),
        ("Paul", "Pau1"),
        ("zoe", "Zoë"),
        ("toto", "t0t0"),
        ("modern", "modem"),
        ("wave", "vvave"),
        ("jean-pierre", "jean_pierre"),
        ("jeanpierre", "jean.pierre"),
        ("сору", "copy"),
        ("œuvre", "oeuvre"),
        ("ＦＵＬＬ", "full"),
    ],
)
def test_names_that_look_alike_fold_to_one_skeleton(one: str, other: str) -> None:
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(("one", "other"), [("paul", "pauline"), ("anna", "hanna"), ("lea", "leo")])
def test_names_that_differ_keep_their_skeletons_apart(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)


@given(st.text(max_size=40))
def test_any_text_is_kept_or_refused_and_never_fails(text: str) -> None:
    try:
        name = check_name(text)
    except BadName:
        return

    assert NAME_MIN <= len(name) <= NAME_MAX
    assert check_name(name) == name
    assert skeleton(name.upper()) == skeleton(skeleton(name)) or skeleton(name)
    assert len(skeleton(name)) <= 96


def test_no_markup_is_a_name_whole_or_in_part() -> None:
    pieces = {payload[start : start + NAME_MAX] for payload in PAYLOADS for start in (0, 7)}

    for piece in pieces:
        with pytest.raises(BadName):
            check_name(piece)
