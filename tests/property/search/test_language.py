"""Whatever is typed: an answer, or a refusal with its code; never anything else."""

from hypothesis import example, given
from hypothesis import strategies as st

from bottin.search.errors import BadQuery
from bottin.search.language import (
    DEPTH_MAX,
    TOKENS_MAX,
    AllOf,
    AnyOf,
    Filter,
    Node,
    Not,
    Phrase,
    Word,
    parse,
    written,
)

SIGNS = st.sampled_from(
    [
        *'()"-!|*:<>=&«»“”’ ',
        " or ",
        " not ",
        " OR ",
        "size>",
        "tag:",
        "category:",
        "taille:<",
        "\x00",
    ]
)
TYPED = st.lists(st.one_of(SIGNS, st.text(max_size=8)), max_size=60).map("".join)


@given(TYPED)
@example("(" * 500)
@example('"' * 500)
@example("-" * 500)
@example("size:" + "9" * 400)
@example("a:" * 200)
@example("\ud800 \udfff")
def test_any_text_is_understood_or_refused(text: str) -> None:
    try:
        node = parse(text)
    except BadQuery:
        return

    assert _size(node) <= 3 * TOKENS_MAX + 1
    assert _depth(node) <= 3 * DEPTH_MAX + 3


LETTERS = st.text("abcdefghiklméàœ0123456789", min_size=1, max_size=6)
WORDS = LETTERS.filter(lambda text: text not in {"or", "not"}).map(Word)
PHRASES = st.lists(LETTERS, min_size=1, max_size=3).map(lambda words: Phrase(" ".join(words)))
FILTERS = st.one_of(
    LETTERS.map(lambda tag: Filter("tag", "=", tag)),
    st.integers(0, 10**12).map(lambda size: Filter("size", ">=", size)),
    st.integers(0, 10**6).map(lambda count: Filter("seeders", "<", count)),
)
LEAVES = st.one_of(WORDS, PHRASES, FILTERS)
PLAIN = st.one_of(LEAVES, LEAVES.map(Not))
CHOICES = st.lists(PLAIN, min_size=2, max_size=3).map(lambda nodes: AnyOf(tuple(nodes)))


@given(st.lists(st.one_of(PLAIN, CHOICES), max_size=8))
def test_what_is_written_is_read_back(nodes: list[Node]) -> None:
    # A filter at the end, so that no last word is taken for the beginning of one.
    asked = AllOf((*nodes, Filter("open", "=", "yes")))

    assert parse(" ".join(map(_written, asked.nodes))) == asked


def _written(node: Node) -> str:
    match node:
        case Word(text, _):
            return text
        case Phrase(text):
            return f'"{text}"'
        case Filter(field, comparison, value):
            return f"{field}{':' if comparison == '=' else comparison}{value}"
        case Not(inner):
            return f"-{_written(inner)}"
        case AnyOf(inner_nodes):
            return " or ".join(map(_written, inner_nodes))
        case AllOf(inner_nodes):
            return f"({' '.join(map(_written, inner_nodes))})"


def _size(node: Node) -> int:
    match node:
        case AllOf(nodes) | AnyOf(nodes):
            return 1 + sum(map(_size, nodes))
        case Not(inner):
            return 1 + _size(inner)
        case _:
            return 1


def _depth(node: Node) -> int:
    match node:
        case AllOf(nodes) | AnyOf(nodes):
            return 1 + max(map(_depth, nodes), default=0)
        case Not(inner):
            return 1 + _depth(inner)
        case _:
            return 1


@given(TYPED)
@example("--tag:a -not b")
@example('added:1012 foo:"a b"')
@example("tag==x a or (b c) -(d or e) size:1..2")
def test_the_one_form_of_a_query_means_the_same(text: str) -> None:
    try:
        node = parse(text)
        again = parse(written(node))
    except BadQuery:
        return

    assert _unfinished(again) == _unfinished(node)


def _unfinished(node: AllOf) -> AllOf:
    """Leave out whether the last word is the beginning of one."""
    *before, last = node.nodes or (Word("x"),)
    return AllOf((*before, Word(last.text))) if isinstance(last, Word) else node
