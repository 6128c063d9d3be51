"""Widens the words of a query by those that the team says are the same."""

from collections.abc import Sequence
from typing import Final

from django.core.cache import cache

from bottin.catalog.text import fold
from bottin.search.language import AllOf, AnyOf, Node, Not, Phrase, Word
from bottin.search.models import SynonymGroup

_KEPT_S: Final = 30
_KEY: Final = "search:synonyms"
_LONGEST: Final = 5

# What is typed, folded and cut into words → the group.
Groups = dict[tuple[str, ...], tuple[str, ...]]


def widened(node: AllOf) -> AllOf:
    """Return the query with each word or expression of a group asked as any of the group.

    No query but every thirty seconds.
    """
    groups = _groups()
    return AllOf(tuple(_in_row(node.nodes, groups))) if groups else node


def forget_kept() -> None:
    """Read the groups anew at the next search."""
    cache.delete(_KEY)


def _groups() -> Groups:
    kept: Groups | None = cache.get(_KEY)
    if kept is None:
        rows = SynonymGroup.objects.values_list("words", flat=True)
        kept = {_cut(word): tuple(words) for words in rows for word in words}
        cache.set(_KEY, kept, _KEPT_S)
    return kept


def _in_row(nodes: Sequence[Node], groups: Groups) -> list[Node]:
    """Read words side by side for the longest expression that begins there."""
    found: list[Node] = []
    start = 0
    while start < len(nodes):
        length, group = _longest(nodes[start:], groups)
        if group:
            found.append(_any_of(nodes[start : start + length], group))
        else:
            found.append(_inside(nodes[start], groups))
        start += length
    return found


def _longest(nodes: Sequence[Node], groups: Groups) -> tuple[int, tuple[str, ...]]:
    words: list[str] = []
    best: tuple[int, tuple[str, ...]] = (1, ())
    for count, node in enumerate(nodes[:_LONGEST], start=1):
        if not isinstance(node, Word):
            break
        words += _cut(node.text)
        group = groups.get(tuple(words))
        if group:
            best = count, group
    return best


def _any_of(typed: Sequence[Node], group: Sequence[str]) -> AnyOf:
    asked: Node = typed[0] if len(typed) == 1 else AllOf(tuple(typed))
    own = tuple(part for node in typed if isinstance(node, Word) for part in _cut(node.text))
    others = [word for word in group if _cut(word) != own]
    return AnyOf((asked, *(Phrase(word) if " " in word else Word(word) for word in others)))


def _inside(node: Node, groups: Groups) -> Node:
    if isinstance(node, AllOf):
        return AllOf(tuple(_in_row(node.nodes, groups)))
    if isinstance(node, AnyOf):
        return AnyOf(tuple(_inside_one(one, groups) for one in node.nodes))
    if isinstance(node, Not):
        return Not(_inside(node.node, groups))
    return node


def _inside_one(node: Node, groups: Groups) -> Node:
    widened_nodes = _in_row([node], groups)
    return widened_nodes[0]


def _cut(text: str) -> tuple[str, ...]:
    return tuple(fold(text).split())
