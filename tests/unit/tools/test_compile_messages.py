"""French that is compiled does not begin a line with a mark, whatever space was typed before it."""

import pytest

from tools.compile_messages import NARROW, french

N = NARROW


@pytest.mark.parametrize(
    ("typed", "compiled"),
    [
        ("Compris :", f"Compris{N}:"),
        ("peut-être ; « bd » trouve", f"peut-être{N}; «{N}bd{N}» trouve"),
        ("Où ?", f"Où{N}?"),
        ("« Bravo ! »", f"«{N}Bravo{N}!{N}»"),
        (f"déjà{N}: bon", f"déjà{N}: bon"),
        ("titre:, auteur: et http://a.test/?q=1 :x", "titre:, auteur: et http://a.test/?q=1 :x"),
    ],
)
def test_french_spaces_are_set(typed: str, compiled: str) -> None:
    assert french(typed) == compiled
