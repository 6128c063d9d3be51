"""From what was asked to queries of the engine."""

from collections.abc import Callable, Iterable
from typing import Final

import tantivy
from tantivy import Occur, Query

from bottin.search.entries import ID_MASK, date_value, key_of
from bottin.search.index.schema import (
    ANALYSERS,
    CHOSEN_IN,
    GRAMS,
    NAMES,
    NAMES_WEIGHT,
    PLAIN,
    TEXT,
)
from bottin.search.language import AllOf, Filter, Node, Not, Phrase, Word
from bottin.search.scripts import gram_words, name_of, runs_of
from bottin.search.words import STOP_WORDS, stripped

_PREFIX_FROM: Final = 2
_TYPO_FROM: Final = 4
_TWO_TYPOS_FROM: Final = 8
# What is spelt like that stands before what is near.
_NEAR: Final = 0.05
# Fields of the language whose words stand in a field of another name.
_WORDS_IN: Final = {"family": "family_word"}


class Compiler:
    """Makes the queries of one search."""

    def __init__(
        self, schema: tantivy.Schema, *, has_typos: bool, now_s: int, is_ranked: bool = True
    ) -> None:
        """`now_s` is what ages are counted from, in unix seconds.

        Without `is_ranked` what finds nothing more is left out: a word of a title is among
        its stems too, and is asked as itself only for its weight.
        """
        self._schema = schema
        self._has_typos = has_typos
        self._now_s = now_s
        self._text = TEXT if is_ranked else tuple(row for row in TEXT if row[0] != "title")

    def everything(self, node: AllOf) -> Query:
        """Return what a whole query asks for."""
        return self._all_of(_without_stop_words(node.nodes)) or Query.all_query()

    def chosen(self, facet: str, values: Iterable[str]) -> Query:
        """Return one of the values of a facet."""
        field = CHOSEN_IN.get(facet, facet)
        return self.unscored(Query.term_set_query(self._schema, field, list(values)))

    def numbers(self, field: str, values: Iterable[int]) -> Query:
        """Return one of these numbers."""
        return self.unscored(Query.term_set_query(self._schema, field, list(values)))

    def unscored(self, query: Query) -> Query:
        """Return a query that chooses and does not rank."""
        return Query.const_score_query(query, 0.0)

    def between(
        self, field: str, lower: int | None, upper: int | None, *, closed: bool = False
    ) -> Query:
        """Return a range of a number; None is no end."""
        return Query.range_query(
            self._schema,
            field,
            tantivy.FieldType.Unsigned,
            lower_bound=lower,
            upper_bound=upper,
            include_lower=closed or lower is None,
            include_upper=closed or upper is None,
        )

    # --- words ----------------------------------------------------------------------------

    def _all_of(self, nodes: Iterable[Node]) -> Query | None:
        must: list[tuple[Occur, Query]] = []
        for node in nodes:
            occur = Occur.MustNot if isinstance(node, Not) else Occur.Must
            inner = self._node(node.node if isinstance(node, Not) else node)
            if inner is not None:
                must.append((occur, inner))
        if not must:
            return None
        if all(occur is Occur.MustNot for occur, _ in must):
            must.append((Occur.Must, self.unscored(Query.all_query())))
        return Query.boolean_query(must)

    def _node(self, node: Node) -> Query | None:
        match node:
            case Word():
                return self._word(node)
            case Phrase(text):
                return self._phrase(text)
            case Filter():
                return self._filter(node)
            case AllOf(nodes):
                return self._all_of(nodes)
            case Not():
                return self._all_of([node])
        inner = [self._node(one) for one in node.nodes]
        return any_of([query for query in inner if query is not None])

    def _word(self, word: Word) -> Query | None:
        runs = runs_of(stripped(word.text))
        if len(runs) == 1 and not runs[0][1]:
            return self._plain(runs[0][0], is_prefix=word.is_prefix)
        # Of several scripts, or one kept in groups of characters: each part must be there.
        queries = [
            self._grams(text) if is_gram else self._plain(text, is_prefix=word.is_prefix)
            for text, is_gram in runs
        ]
        return all_of([query for query in queries if query is not None])

    def _plain(self, text: str, *, is_prefix: bool) -> Query | None:
        parts = ANALYSERS[PLAIN].analyze(text)
        if not parts:
            return None
        by_name = Query.term_query(self._schema, NAMES, name_of(text))
        whole = Query.boost_query(by_name, NAMES_WEIGHT)
        if len(parts) > 1:
            # `12.5.0`, `debian-12`: its parts, side by side, or the name as a whole.
            by_parts = self._phrase(text, is_prefix=is_prefix)
            return any_of([query for query in (whole, by_parts) if query is not None])
        asked = [whole, *self._terms(text), *self.beginnings(parts[0], is_prefix=is_prefix)]
        if text != parts[0] and name_of(text) != parts[0]:
            # `c++`, `c#`: the sign is what tells it from the letter.
            letter = Query.term_query(self._schema, "title", parts[0])
            return any_of([whole, Query.boost_query(letter, 0.1)])
        return any_of(asked)

    def _terms(self, text: str) -> list[Query]:
        return [
            Query.boost_query(Query.term_query(self._schema, field, term), weight)
            for field, analyser, weight in self._text
            for term in ANALYSERS[analyser].analyze(text)
        ]

    def beginnings(self, plain: str, *, is_prefix: bool) -> list[Query]:
        """Return the titles that hold a word that begins so, or nearly."""
        asked = []
        if is_prefix and len(plain) >= _PREFIX_FROM:
            asked.append(self._near(plain, 0, is_prefix=True))
        if self._has_typos and len(plain) >= _TYPO_FROM and not plain.isdigit():
            distance = 2 if len(plain) >= _TWO_TYPOS_FROM else 1
            asked.append(Query.boost_query(self._near(plain, distance), _NEAR))
        return asked

    def _near(self, plain: str, distance: int, *, is_prefix: bool = False) -> Query:
        return Query.fuzzy_term_query(
            self._schema, "title", plain, distance=distance, prefix=is_prefix
        )

    def _grams(self, run: str) -> Query:
        words: list[str | tuple[int, str]] = list(gram_words(run))
        if len(words) > 1:
            return Query.phrase_query(self._schema, GRAMS, words)
        return Query.fuzzy_term_query(self._schema, GRAMS, run, distance=0, prefix=True)

    def _phrase(self, text: str, *, is_prefix: bool = False) -> Query | None:
        runs = runs_of(text)
        if any(is_gram for _text, is_gram in runs):
            inner = [self._grams(part) if is_gram else self._phrase(part) for part, is_gram in runs]
            return all_of([query for query in inner if query is not None])
        asked = []
        for field, analyser, weight in TEXT:
            query = self._phrase_in(field, analyser, text, is_prefix=is_prefix)
            if query is not None:
                asked.append(Query.boost_query(query, weight))
        return any_of(asked)

    def _phrase_in(
        self, field: str, analyser: str, text: str, *, is_prefix: bool = False
    ) -> Query | None:
        found = ANALYSERS[analyser].analyze(text)
        if not found:
            return None
        if len(found) == 1:
            return Query.term_query(self._schema, field, found[0])
        words: list[str | tuple[int, str]] = list(found)
        if is_prefix and field in {"title", "files"}:
            return Query.phrase_prefix_query(self._schema, field, words)
        return Query.phrase_query(self._schema, field, words)

    # --- field:value ------------------------------------------------------------------------

    def _filter(self, node: Filter) -> Query | None:
        made = _FILTERS.get(node.field, Compiler._exact)(self, node)
        return self.unscored(made) if made is not None else None

    def _exact(self, node: Filter) -> Query:
        field = _WORDS_IN.get(node.field, node.field)
        return Query.term_query(self._schema, field, str(node.value))

    def _in_title(self, node: Filter) -> Query | None:
        text = str(node.value)
        if text.endswith("*"):
            return self._beginning_in_title(text.rstrip("*"))
        asked = (
            self._phrase_in("title", PLAIN, text),
            Query.term_query(self._schema, NAMES, name_of(text)),
        )
        return any_of([query for query in asked if query is not None])

    def _beginning_in_title(self, text: str) -> Query | None:
        parts = ANALYSERS[PLAIN].analyze(text)
        if len(parts) == 1:
            return self._near(parts[0], 0, is_prefix=True)
        return self._phrase_in("title", PLAIN, text, is_prefix=True)

    def _in_authors(self, node: Filter) -> Query | None:
        return self._phrase_in("authors", PLAIN, str(node.value))

    def _in_files(self, node: Filter) -> Query | None:
        return self._phrase_in("files", PLAIN, str(node.value), is_prefix=True)

    def _category(self, node: Filter) -> Query:
        field = "family" if int(node.value) % 10_000 == 0 else "category"
        return Query.term_query(self._schema, field, int(node.value))

    def _number(self, node: Filter) -> Query:
        value, comparison = int(node.value), node.comparison
        if comparison == "=":
            return self.between(node.field, value, value, closed=True)
        closed = comparison.endswith("=")
        if comparison.startswith(">"):
            return self.between(node.field, value, None, closed=closed)
        lowest = 1 if node.field == "year" else None  # 0: not known
        query = self.between(node.field, None, value, closed=closed)
        if lowest is None:
            return query
        return all_of([query, self.between(node.field, lowest, None, closed=True)]) or query

    def _count(self, node: Filter) -> Query:
        return self._above_ids(f"by_{node.field}", int(node.value), node.comparison)

    def _added(self, node: Filter) -> Query:
        return self._above_ids("by_date", date_value(int(node.value)), node.comparison)

    def _age(self, node: Filter) -> Query:
        # Younger than thirty days: published later than that.
        mirrored = node.comparison.translate(str.maketrans("<>", "><"))
        value = date_value(self._now_s - int(node.value))
        return self._above_ids("by_date", value, mirrored)

    def _above_ids(self, field: str, value: int, comparison: str) -> Query:
        # The id below the value: the whole range of ids counts as equal.
        edges = {
            "=": (key_of(value, 0), key_of(value, ID_MASK)),
            ">=": (key_of(value, 0), None),
            ">": (key_of(value + 1, 0), None),
            "<": (None, max(0, key_of(value, 0) - 1)),
            "<=": (None, key_of(value, ID_MASK)),
        }
        lower, upper = edges[comparison]
        return self.between(field, lower, upper, closed=True)


_FILTERS: Final[dict[str, Callable[[Compiler, Filter], Query | None]]] = {
    "category": Compiler._category,  # noqa: SLF001 - its own table
    "size": Compiler._number,  # noqa: SLF001
    "year": Compiler._number,  # noqa: SLF001
    "seeders": Compiler._count,  # noqa: SLF001
    "leechers": Compiler._count,  # noqa: SLF001
    "completed": Compiler._count,  # noqa: SLF001
    "added": Compiler._added,  # noqa: SLF001
    "age": Compiler._age,  # noqa: SLF001
    "title": Compiler._in_title,  # noqa: SLF001
    "file": Compiler._in_files,  # noqa: SLF001
    "author": Compiler._in_authors,  # noqa: SLF001
}


def all_of(queries: list[Query]) -> Query | None:
    """Return what all of these find."""
    if len(queries) < 2:  # noqa: PLR2004 - one needs no other
        return queries[0] if queries else None
    return Query.boolean_query([(Occur.Must, query) for query in queries])


def any_of(queries: list[Query]) -> Query | None:
    """Return what one of these finds."""
    if len(queries) < 2:  # noqa: PLR2004 - one needs no choice
        return queries[0] if queries else None
    return Query.boolean_query([(Occur.Should, query) for query in queries])


def _without_stop_words(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    kept = tuple(n for n in nodes if not (isinstance(n, Word) and n.text.lower() in STOP_WORDS))
    has_words = any(not isinstance(node, Not | Filter) for node in kept)
    return kept if has_words else nodes
