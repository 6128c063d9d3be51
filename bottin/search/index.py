"""The only user of tantivy: what is indexed and how, one writer, readers that follow it.

Text is cut into words without case and accents. Every word of a release goes
through the stemmer of its language (French for those in neither): once, in the
field of that language. A query's word is stemmed both ways and asked in both.
Titles and file names are kept whole beside, for prefixes, typos and phrases.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from threading import Lock
from typing import Any, Final

import tantivy
from tantivy import Occur, Query

from bottin.search.entries import ID_MASK, ORDERS, Entry, Hits, Order, Plan, key_of, order_keys
from bottin.search.language import AllOf, AnyOf, Filter, Node, Not, Phrase, Word
from bottin.search.words import STOP_WORDS, stripped

_HEAP: Final = 15_000_000  # bytes for each thread: the least that tantivy takes
_BUILD_HEAP: Final = 256_000_000
_LONGEST_WORD: Final = 60
_SHELVES_MAX: Final = 1_000
_PREFIX_FROM: Final = 2
_TYPO_FROM: Final = 4
_TWO_TYPOS_FROM: Final = 9
_PLAIN, _FRENCH, _ENGLISH = "plain", "french", "english"

# field, analyser, weight in relevance
_TEXT: Final = (
    ("title", _PLAIN, 5.0),
    ("french", _FRENCH, 1.0),
    ("english", _ENGLISH, 1.0),
    ("files", _PLAIN, 0.6),
)
_EXACT: Final = ("licence", "language", "tag", "publisher", "kind", "version", "open")


class Writer:
    """Adds, replaces and removes; nothing is seen before `commit`. One at a time per folder."""

    def __init__(self, folder: Path, *, is_build: bool = False) -> None:
        """Open the folder, making an empty index where there is none."""
        self._index = _open(folder)
        threads, heap = (2, _BUILD_HEAP) if is_build else (1, _HEAP)
        self._writer = self._index.writer(heap_size=heap, num_threads=threads)

    def add(self, entry: Entry) -> None:
        """Add a release that is not there yet."""
        self._writer.add_document(_document(entry))

    def remove(self, release_ids: Sequence[int]) -> None:
        """Take releases out; what is added afterwards stays."""
        # Deleting by term takes a number for a signed one, and finds nothing in this field.
        if release_ids:
            these = Query.term_set_query(self._index.schema, "id", list(release_ids))
            self._writer.delete_documents_by_query(these)

    def commit(self) -> None:
        """Make everything since the last commit visible and durable."""
        self._writer.commit()

    def close(self) -> None:
        """Wait for merges and let go of the folder; the writer is of no use afterwards."""
        self._writer.wait_merging_threads()


class Reader:
    """Answers searches over one folder; follows its commits. Safe for threads."""

    def __init__(self, folder: Path) -> None:
        """Open the folder. Raises ValueError when it holds no index."""
        self.folder = folder
        self._index = tantivy.Index.open(str(folder))
        _register(self._index)
        self._schema = self._index.schema
        self._seen: object = None
        self._lock = Lock()

    def searcher(self) -> tantivy.Searcher:
        """Return the last commit, as seen from any process."""
        # Each commit replaces this file: looking at its time is cheaper than a watching thread.
        stamp = (self.folder / "meta.json").stat()
        now = stamp.st_mtime_ns, stamp.st_ino
        with self._lock:
            if now != self._seen:
                self._index.reload()
                self._seen = now
        return self._index.searcher()

    def count(self) -> int:
        """Return how many releases are there."""
        return int(self.searcher().num_docs)

    def search(self, plan: Plan) -> Hits:
        """Return the hits of a plan. Prefixes and typos are looked for in titles only."""
        searcher = self.searcher()
        asked = self._compile(plan)
        found = self._found(searcher, self._narrowed(asked, plan), plan)
        addresses = [address for _, address in found]
        values = searcher.fast_field_values("id", addresses) if addresses else []
        # One count for each shelf is the count of everything: hits need none of their own.
        categories = _categories(searcher, asked)
        counted = plan.category_ids or categories
        return Hits(
            ids=tuple(int(value) for value in values if value is not None),
            keys=tuple(int(key) for key, _ in found) if plan.order.field else (),
            total=sum(categories.get(category_id, 0) for category_id in counted),
            categories=categories,
        )

    def order_keys(self, release_ids: Sequence[int]) -> dict[int, dict[str, int]]:
        """Return the numbers that these releases are ordered by, of those that are there."""
        searcher = self.searcher()
        wanted = Query.term_set_query(self._schema, "id", list(release_ids))
        hits = searcher.search(wanted, limit=max(1, len(release_ids)), count=False).hits
        addresses = [address for _, address in hits]
        if not addresses:
            return {}
        ids = searcher.fast_field_values("id", addresses)
        columns = {name: searcher.fast_field_values(name, addresses) for name in ORDERS}
        return {
            int(release_id or 0): {name: int(columns[name][row] or 0) for name in ORDERS}
            for row, release_id in enumerate(ids)
        }

    def ids(self) -> set[int]:
        """Return the id of every release that is there, for a check against the source."""
        searcher = self.searcher()
        hits = searcher.search(Query.all_query(), limit=max(1, self.count()), count=False).hits
        values = searcher.fast_field_values("id", [address for _, address in hits])
        return {int(value) for value in values if value is not None}

    def _found(
        self, searcher: tantivy.Searcher, asked: Query, plan: Plan
    ) -> list[tuple[Any, tantivy.DocAddress]]:
        order, limit = plan.order, plan.limit
        if order.field is None:
            return searcher.search(asked, limit=limit, offset=plan.offset, count=False).hits
        if order.beyond is not None:
            asked = _all([asked, self._beyond(order.field, order)])
        way = tantivy.Order.Desc if order.is_descending else tantivy.Order.Asc
        return searcher.search(
            asked, limit=limit, order_by_field=order.field, order=way, count=False
        ).hits

    def _beyond(self, field: str, order: Order) -> Query:
        if order.is_descending:
            return self._range(field, None, order.beyond)
        return self._range(field, order.beyond, None)

    def _range(
        self, field: str, lower: int | None, upper: int | None, *, closed: bool = False
    ) -> Query:
        return Query.range_query(
            self._schema,
            field,
            tantivy.FieldType.Unsigned,
            lower_bound=lower,
            upper_bound=upper,
            include_lower=closed or lower is None,
            include_upper=closed or upper is None,
        )

    def _narrowed(self, asked: Query, plan: Plan) -> Query:
        if not plan.category_ids:
            return asked
        shelves = Query.term_set_query(self._schema, "category", list(plan.category_ids))
        return _all([asked, Query.const_score_query(shelves, 0.0)])

    # --- from what was asked to a query of tantivy ------------------------------------------

    def _compile(self, plan: Plan) -> Query:
        nodes = _without_stop_words(plan.node.nodes)
        return self._all_of(nodes, has_typos=plan.has_typos) or Query.all_query()

    def _all_of(self, nodes: Iterable[Node], *, has_typos: bool) -> Query | None:
        must: list[tuple[Occur, Query]] = []
        for node in nodes:
            occur = Occur.MustNot if isinstance(node, Not) else Occur.Must
            inner = self._node(node.node if isinstance(node, Not) else node, has_typos=has_typos)
            if inner is not None:
                must.append((occur, inner))
        if not must:
            return None
        if all(occur is Occur.MustNot for occur, _ in must):
            must.append((Occur.Must, Query.all_query()))
        return Query.boolean_query(must)

    def _node(self, node: Node, *, has_typos: bool) -> Query | None:
        if isinstance(node, Word):
            return self._word(node, has_typos=has_typos)
        if isinstance(node, Phrase):
            return self._phrase(node.text)
        if isinstance(node, Filter):
            return Query.const_score_query(_FILTERS[node.field](self, node), 0.0)
        if isinstance(node, AllOf):
            return self._all_of(node.nodes, has_typos=has_typos)
        if isinstance(node, Not):
            return self._all_of([node], has_typos=has_typos)
        inner = [self._node(one, has_typos=has_typos) for one in node.nodes]
        return _any([query for query in inner if query is not None])

    def _word(self, word: Word, *, has_typos: bool) -> Query | None:
        text = stripped(word.text)
        parts = _ANALYSERS[_PLAIN].analyze(text)
        if not parts:
            return None
        if len(parts) > 1:
            # `12.5.0`, `debian-12`: its parts, side by side.
            return self._phrase(text, is_prefix=word.is_prefix)
        asked = [
            Query.boost_query(Query.term_query(self._schema, field, term), weight)
            for field, analyser, weight in _TEXT
            for term in _ANALYSERS[analyser].analyze(text)
        ]
        plain = parts[0]
        if word.is_prefix and len(plain) >= _PREFIX_FROM:
            asked.append(self._near(plain, 0, is_prefix=True))
        if has_typos and len(plain) >= _TYPO_FROM:
            asked.append(self._near(plain, 2 if len(plain) >= _TWO_TYPOS_FROM else 1))
        return _any(asked)

    def _near(self, plain: str, distance: int, *, is_prefix: bool = False) -> Query:
        return Query.fuzzy_term_query(
            self._schema, "title", plain, distance=distance, prefix=is_prefix
        )

    def _phrase(self, text: str, *, is_prefix: bool = False) -> Query | None:
        asked = []
        for field, analyser, weight in _TEXT:
            words = _ANALYSERS[analyser].analyze(text)
            if not words:
                continue
            if len(words) == 1:
                query = Query.term_query(self._schema, field, words[0])
            elif is_prefix and field in {"title", "files"}:
                query = Query.phrase_prefix_query(self._schema, field, list(words))
            else:
                query = Query.phrase_query(self._schema, field, list(words))
            asked.append(Query.boost_query(query, weight))
        return _any(asked)

    # --- field:value ------------------------------------------------------------------------

    def _exact(self, node: Filter) -> Query:
        return Query.term_query(self._schema, node.field, str(node.value))

    def _category(self, node: Filter) -> Query:
        field = "family" if int(node.value) % 10_000 == 0 else "category"
        return Query.term_query(self._schema, field, int(node.value))

    def _size(self, node: Filter) -> Query:
        return self._compared("size", node.comparison, int(node.value))

    def _seeders(self, node: Filter) -> Query:
        # The id below the count: the whole range of ids counts as equal.
        value, low, high = int(node.value), 0, ID_MASK
        edges = {
            "=": (key_of(value, low), key_of(value, high)),
            ">=": (key_of(value, low), None),
            ">": (key_of(value + 1, low), None),
            "<": (None, key_of(value, low)),
            "<=": (None, key_of(value, high)),
        }
        lower, upper = edges[node.comparison]
        return self._range("by_seeders", lower, upper, closed=True)

    def _compared(self, field: str, comparison: str, value: int) -> Query:
        if comparison == "=":
            return self._range(field, value, value, closed=True)
        closed = comparison.endswith("=")
        if comparison.startswith(">"):
            return self._range(field, value, None, closed=closed)
        return self._range(field, None, value, closed=closed)


_FILTERS: Final[dict[str, Callable[[Reader, Filter], Query]]] = {
    **dict.fromkeys(_EXACT, Reader._exact),  # noqa: SLF001 - its own table
    "category": Reader._category,  # noqa: SLF001
    "size": Reader._size,  # noqa: SLF001
    "seeders": Reader._seeders,  # noqa: SLF001
}


def _categories(searcher: tantivy.Searcher, asked: Query) -> dict[int, int]:
    wanted = {"shelf": {"terms": {"field": "category", "size": _SHELVES_MAX}}}
    rows = searcher.aggregate(asked, wanted)["shelf"]["buckets"]
    return {int(row["key"]): int(row["doc_count"]) for row in rows}


def _all(queries: list[Query]) -> Query:
    return Query.boolean_query([(Occur.Must, query) for query in queries])


def _any(queries: list[Query]) -> Query | None:
    if len(queries) < 2:  # noqa: PLR2004 - one needs no choice
        return queries[0] if queries else None
    return Query.boolean_query([(Occur.Should, query) for query in queries])


def _without_stop_words(nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    kept = tuple(n for n in nodes if not (isinstance(n, Word) and n.text.lower() in STOP_WORDS))
    has_words = any(isinstance(node, Word | Phrase | AnyOf | AllOf) for node in kept)
    return kept if has_words else nodes


def _document(entry: Entry) -> tantivy.Document:
    document = tantivy.Document()
    document.add_unsigned("id", entry.release_id)
    document.add_text("title", entry.title)
    document.add_text("english" if entry.is_english else "french", f"{entry.title}\n{entry.body}")
    document.add_text("files", entry.files)
    document.add_unsigned("category", entry.category_id)
    document.add_unsigned("family", entry.family_id)
    document.add_unsigned("size", entry.size_bytes)
    for name, values in entry.exact.items():
        for value in values:
            document.add_text(name, value)
    for name, key in order_keys(entry).items():
        document.add_unsigned(name, key)
    return document


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", indexed=True, fast=True)
    for name, analyser, _ in _TEXT:
        builder.add_text_field(name, tokenizer_name=analyser)
    for name in _EXACT:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in ("category", "family", "size"):
        builder.add_unsigned_field(name, indexed=True, fast=True)
    for name in ORDERS:
        builder.add_unsigned_field(name, fast=True)
    return builder.build()


def _analyser(stemmer: str | None = None) -> tantivy.TextAnalyzer:
    # Accents go before the stem: what is typed without them then meets what is written with.
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    for step in (
        tantivy.Filter.remove_long(_LONGEST_WORD),
        tantivy.Filter.lowercase(),
        tantivy.Filter.ascii_fold(),
    ):
        builder = builder.filter(step)
    if stemmer:
        builder = builder.filter(tantivy.Filter.stemmer(stemmer))
    return builder.build()


_ANALYSERS: Final = {
    _PLAIN: _analyser(),
    _FRENCH: _analyser("french"),
    _ENGLISH: _analyser("english"),
}


def _register(index: tantivy.Index) -> None:
    for name, analyser in _ANALYSERS.items():
        index.register_tokenizer(name, analyser)


def _open(folder: Path) -> tantivy.Index:
    index = tantivy.Index(_schema(), path=str(folder))
    _register(index)
    return index
