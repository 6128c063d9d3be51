"""The best of very many hits, without scoring them all.

Of the releases that hold a common word the first pages are those that hold it in their
titles. These alone are scored, which is several times quicker; that no other can come
before the last of them is proven by the most that it could score. Where that cannot be
proven (deep pages, words that titles hardly hold) all are scored.
"""

import math
from typing import Any, Final, NamedTuple

import tantivy
from tantivy import Occur, Query

from bottin.search.entries import weight_max
from bottin.search.index.asking import Asked
from bottin.search.index.schema import ANALYSERS, NAMES, NAMES_WEIGHT, PLAIN, TEXT, WEIGHT
from bottin.search.language import Word
from bottin.search.scripts import name_of, runs_of
from bottin.search.words import stripped

Hit = tuple[Any, tantivy.DocAddress]

TITLE: Final = "title"
# Where the title is in full too, so that what a title holds is found there as well.
_BESIDE: Final = ("french", "english")
# Fields that are leaders as titles are, while they hold the word no more often than that.
_SELDOM: Final = ("authors", NAMES)
_SELDOM_MAX: Final = 20_000
# A word that is repeated without end in a field scores so many times its rarity there (k1 + 1).
_SATURATED: Final = 2.2
# The beginning of another word of a title scores this.
_BEGINNING: Final = 1.0
# How far the engine's single precision may be from sums made here.
_MARGIN: Final = 1.01


class _Term(NamedTuple):
    text: str
    weight: float
    held: int


def leading(asked: Asked, documents: int) -> list[Hit] | None:
    """Return the hits of a page in the order of relevance, None when all must be scored.

    `documents` is how many the index holds, removed ones included, as the engine counts.
    """
    plan = asked.plan
    terms = _terms(asked)
    if not terms or not terms[TITLE].held:
        return None
    if any(terms[field].held > _SELDOM_MAX for field in _SELDOM):
        return None
    last = plan.offset + plan.limit
    found: dict[tuple[int, int], Hit] = {}
    for leader in (TITLE, *_SELDOM):
        if terms[leader].held:
            query = asked.ranked(_chained(asked, leader, terms))
            hits = asked.searcher.search(query, last, count=False, weight_by_field=WEIGHT).hits
            found |= {(place.segment_ord, place.doc): (score, place) for score, place in hits}
    # Equal scores in the engine's order.
    best = sorted(found.items(), key=lambda row: (-row[1][0], row[0]))[:last]
    if len(best) < last or best[-1][1][0] <= _most_elsewhere(terms, plan.now_s, documents):
        return None
    return [hit for _, hit in best[plan.offset :]]


def _terms(asked: Asked) -> dict[str, _Term]:
    """Return by field what is asked of it, nothing when a query is more than one plain word."""
    nodes = asked.plan.node.nodes
    word = nodes[0] if len(nodes) == 1 else None
    if asked.plan.has_typos or not isinstance(word, Word):
        return {}
    text = stripped(word.text)
    plain = ANALYSERS[PLAIN].analyze(text)
    is_one = len(plain) == 1 and name_of(text) == plain[0] and runs_of(text) == [(text, False)]
    if not is_one:
        return {}
    texts = {field: (ANALYSERS[by].analyze(text), weight) for field, by, weight in TEXT}
    texts[NAMES] = plain, NAMES_WEIGHT
    return {
        field: _Term(found[0], weight, asked.searcher.doc_freq(field, found[0]))
        for field, (found, weight) in texts.items()
    }


def _chained(asked: Asked, leader: str, terms: dict[str, _Term]) -> Query:
    """Return what the leading field holds, with the score that all fields give it.

    One field after the other: the engine then looks each up for what the leader found,
    while it reads alternatives from end to end.
    """
    queries = {
        field: Query.boost_query(Query.term_query(asked.schema, field, term.text), term.weight)
        for field, term in terms.items()
        if term.held
    }
    must = [leader, *_BESIDE] if leader == TITLE else [leader]
    chain = Query.boolean_query([(Occur.Must, queries.pop(field)) for field in must])
    word = asked.plan.node.nodes[0]
    is_prefix = isinstance(word, Word) and word.is_prefix
    beginnings = asked.compiler.beginnings(terms[TITLE].text, is_prefix=is_prefix)
    for query in (*queries.values(), *beginnings):
        chain = Query.boolean_query([(Occur.Must, chain), (Occur.Should, query)])
    return chain


def _most_elsewhere(terms: dict[str, _Term], now_s: int, documents: int) -> float:
    """Return what a release can score at most without any of the leading fields."""
    fields = (term for field, term in terms.items() if field not in {TITLE, *_SELDOM})
    words = sum(term.weight * _SATURATED * _rarity(term.held, documents) for term in fields)
    return (words + _BEGINNING) * weight_max(now_s) * _MARGIN


def _rarity(held: int, documents: int) -> float:
    """Return the inverse document frequency of BM25."""
    return math.log(1 + (documents - held + 0.5) / (held + 0.5)) if held else 0.0
