"""Fuzz the query language: `python -m tests.fuzz.search.fuzz_language [FOLDER]`.

Anything but a refusal that tells its place is a finding, and so is a query that
means something else once it is written in its one form.
"""

import sys

import atheris

with atheris.instrument_imports(include=["bottin.search.language", "bottin.search.values"]):
    from bottin.search.errors import BadQuery
    from bottin.search.language import AllOf, Word, parse, written


def one_input(raw: bytes) -> None:
    """Parse, write, parse again."""
    text = raw.decode("utf-8", errors="replace")
    try:
        node = parse(text)
    except BadQuery as refusal:
        check(is_right=0 <= int(str(refusal.context["at"])) <= len(text))
        return
    try:
        again = parse(written(node))
    except BadQuery as refusal:
        # The one form may be longer than what was typed, and nothing else.
        check(is_right=refusal.context["reason"] in {"too_long", "too_many_words", "too_deep"})
        return
    assert plain(again) == plain(node)


def check(*, is_right: bool) -> None:
    """Raise for a finding."""
    assert is_right


def plain(node: AllOf) -> AllOf:
    """Leave out whether the last word is a beginning."""
    *before, last = node.nodes or (Word("x"),)
    return AllOf((*before, Word(last.text))) if isinstance(last, Word) else node


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
