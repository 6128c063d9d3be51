"""Readers: answer searches over one folder and follow its commits."""

from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from typing import Any, Final

import tantivy
from tantivy import Query

from bottin.search.bands import KIND_MASK, PACKED, kinds_in, unpacked
from bottin.search.entries import BY_NAME, ORDERS, Hits, Order, Plan, name_head
from bottin.search.index.compiling import Compiler, all_of
from bottin.search.index.schema import COUNTED, NAME, NAME_HEAD, WEIGHT, registered

_SHELVES_MAX: Final = 1_000
_BUNDLE_MAX: Final = 10_000
# How many choices of each facet are counted; all of what is counted is exact.
_SHOWN: Final = {"licence": 40, "language": 30, "tag": 15, "publisher": 12}
# A choice is counted exactly while it is among so many of each segment of the index.
_PER_SEGMENT: Final = 2_000
_KEPT: Final = 128
# What fewer releases are counted for is counted again as quickly.
_KEPT_FROM: Final = 20_000

Counts = dict[str, dict[str, int]]


class Reader:
    """Answers searches over one folder; follows its commits. Safe for threads.

    Every method raises OSError or ValueError when the folder is damaged.
    """

    def __init__(self, folder: Path) -> None:
        """Open the folder. Raises ValueError when it holds no index."""
        self.folder = folder
        self._index = registered(tantivy.Index.open(str(folder)))
        self._schema = self._index.schema
        self._seen: object = None
        self._lock = Lock()
        # Counts of what many releases match, good until the next commit.
        self._kept: dict[object, dict[str, Any]] = {}

    def searcher(self) -> tantivy.Searcher:
        """Return the last commit, as seen from any process."""
        return self._current()[0]

    def _current(self) -> tuple[tantivy.Searcher, object]:
        """Return the last commit, and what tells it from others."""
        # Each commit replaces this file: looking at its time is cheaper than a watching thread.
        stamp = (self.folder / "meta.json").stat()
        now = stamp.st_mtime_ns, stamp.st_ino
        with self._lock:
            if now != self._seen:
                self._index.reload()
                self._seen = now
                self._kept.clear()
            return self._index.searcher(), now

    def count(self) -> int:
        """Return how many releases are there."""
        return int(self.searcher().num_docs)

    def search(self, plan: Plan) -> Hits:
        """Return the hits of a plan. Prefixes and typos are looked for in titles only."""
        searcher, commit = self._current()
        asked = _Asked(self._schema, plan, commit)
        found = self._found(searcher, asked)
        addresses = [address for _, address in found]
        values = searcher.fast_field_values("id", addresses) if addresses else []
        counts = self._counts(searcher, asked) if plan.with_total else _Counts()
        categories = counts.categories
        counted = plan.category_ids or categories
        return Hits(
            ids=tuple(int(value) for value in values if value is not None),
            keys=tuple(key for key, _ in found) if plan.order.field else (),
            # One count for each shelf is the count of everything: hits need none of their own.
            total=sum(categories.get(category_id, 0) for category_id in counted),
            categories=categories,
            facets=counts.facets,
        )

    def order_keys(self, release_ids: Iterable[int]) -> dict[int, dict[str, int]]:
        """Return the numbers that these releases are ordered by, of those that are there."""
        return self.columns(ORDERS, release_ids)

    def columns(
        self, names: tuple[str, ...], release_ids: Iterable[int] | None = None
    ) -> dict[int, dict[str, int]]:
        """Return numbers of these releases, of all for None, by id and name."""
        searcher = self.searcher()
        if release_ids is None:
            wanted, limit = Query.all_query(), int(searcher.num_docs)
        else:
            ids = list(release_ids)
            wanted, limit = Query.term_set_query(self._schema, "id", ids), len(ids)
        hits = searcher.search(wanted, limit=max(1, limit), count=False).hits
        addresses = [address for _, address in hits]
        if not addresses:
            return {}
        ids_found = searcher.fast_field_values("id", addresses)
        columns = {name: searcher.fast_field_values(name, addresses) for name in names}
        return {
            int(release_id or 0): {name: int(columns[name][row] or 0) for name in names}
            for row, release_id in enumerate(ids_found)
        }

    def ids(self) -> set[int]:
        """Return the id of every release that is there, for a check against the source."""
        return set(self.columns(()))

    def words_with(self, field: str, prefix: str, limit: int) -> list[tuple[str, int]]:
        """Return the words of an exact field that begin so, each with its releases."""
        return self.searcher().terms_with_prefix(field, prefix, limit=limit)

    # --- hits -------------------------------------------------------------------------------

    def _found(
        self, searcher: tantivy.Searcher, asked: "_Asked"
    ) -> list[tuple[Any, tantivy.DocAddress]]:
        plan, query = asked.plan, asked.narrowed()
        order = plan.order
        if order.field is None:
            return searcher.search(
                query, limit=plan.limit, offset=plan.offset, count=False, weight_by_field=WEIGHT
            ).hits
        if order.field == BY_NAME:
            return self._by_name(searcher, asked, query)
        if order.beyond is not None:
            query = asked.with_also(query, self._beyond(asked, order))
        return searcher.search(
            query,
            limit=plan.limit,
            order_by_field=order.field,
            order=_way(order),
            count=False,
        ).hits

    def _beyond(self, asked: "_Asked", order: Order) -> Query:
        edge = int(order.beyond or 0)
        if order.is_descending:
            return asked.compiler.between(str(order.field), None, edge)
        return asked.compiler.between(str(order.field), edge, None)

    def _by_name(
        self, searcher: tantivy.Searcher, asked: "_Asked", query: Query
    ) -> list[tuple[Any, tantivy.DocAddress]]:
        """Order by whole names; ranges know numbers only, so the first letters narrow.

        As many more are read as have the same first letters, and those up to the
        last name shown are left out.
        """
        plan, order = asked.plan, asked.plan.order
        last, more = str(order.beyond or ""), 0
        if order.beyond is not None:
            head = name_head(last)
            ends = (None, head) if order.is_descending else (head, None)
            same = asked.compiler.between(NAME_HEAD, head, head, closed=True)
            more = _count(searcher, asked.with_also(query, same))
            query = asked.with_also(query, asked.compiler.between(NAME_HEAD, *ends, closed=True))
        hits = searcher.search(
            query, limit=plan.limit + more, order_by_field=NAME, order=_way(order), count=False
        ).hits
        if order.beyond is not None:
            hits = [
                hit for hit in hits if hit[0] != last and (hit[0] < last) is order.is_descending
            ]
        return hits[: plan.limit]

    # --- counts -----------------------------------------------------------------------------

    def _counts(self, searcher: tantivy.Searcher, asked: "_Asked") -> "_Counts":
        plan = asked.plan
        counts = _Counts()
        open_facets = [name for name in _FACETS if name not in plan.chosen]
        shelves = ["category"] if not plan.category_ids else []
        shown = [*shelves, *(open_facets if plan.with_facets else [])]
        if shown:
            counts.add(shown, self._aggregated(searcher, asked, shown, without=""))
        if plan.category_ids:
            found = self._aggregated(searcher, asked, ["category"], without="category")
            counts.add(["category"], found)
        if plan.with_facets:
            for name, values in plan.chosen.items():
                counts.add([name], self._aggregated(searcher, asked, [name], without=name))
                self._add_rare(searcher, asked, name, values, counts)
        return counts

    def _add_rare(
        self,
        searcher: tantivy.Searcher,
        asked: "_Asked",
        name: str,
        values: Iterable[str],
        counts: "_Counts",
    ) -> None:
        """Count what is chosen and too rare to be among those shown."""
        for value in values:
            if value not in counts.facets[name]:
                query = asked.with_also(
                    asked.narrowed(without=name), asked.compiler.chosen(name, [value])
                )
                counts.facets[name][value] = _count(searcher, query)

    def _aggregated(
        self, searcher: tantivy.Searcher, asked: "_Asked", facets: list[str], *, without: str
    ) -> dict[str, Any]:
        plan = asked.plan
        wanted = _aggregations(facets)
        if not plan.may_be_kept:
            return searcher.aggregate(asked.narrowed(without=without), wanted)
        chosen = tuple(sorted(plan.chosen.items()))
        words = (plan.node, plan.has_typos)
        # Another thread may have seen a later commit meanwhile: counts are kept with their own.
        key = (asked.commit, words, tuple(wanted), chosen, plan.category_ids, without)
        kept = self._kept.get(key)
        if kept is None:
            kept = searcher.aggregate(asked.narrowed(without=without), wanted)
            if _is_long(kept):
                if len(self._kept) >= _KEPT:
                    self._kept.clear()
                self._kept[key] = kept
        return kept


class _Asked:
    """A plan with its parts compiled, to be put together with or without one of them."""

    def __init__(self, schema: tantivy.Schema, plan: Plan, commit: object) -> None:
        self.plan = plan
        self.commit = commit
        self.compiler = Compiler(schema, has_typos=plan.has_typos, now_s=plan.now_s)
        self._words = self.compiler.everything(plan.node)
        self._parts = {
            name: self.compiler.chosen(name, values) for name, values in plan.chosen.items()
        }
        if plan.category_ids:
            self._parts["category"] = self.compiler.numbers("category", plan.category_ids)
        self._always = [self.compiler.numbers("id", plan.only)] if plan.only is not None else []

    def narrowed(self, *, without: str = "") -> Query:
        """Return what is asked, one facet left out."""
        parts = [query for name, query in self._parts.items() if name != without]
        wanted = self.with_also(self._words, *parts, *self._always)
        if not self.plan.never:
            return wanted
        never = self.compiler.numbers("id", self.plan.never)
        return Query.boolean_query([(tantivy.Occur.Must, wanted), (tantivy.Occur.MustNot, never)])

    def with_also(self, query: Query, *others: Query) -> Query:
        """Return what all of these find, ranked by the first."""
        return all_of([query, *others]) or query


class _Counts:
    """Counts of shelves and facets, gathered from several passes."""

    def __init__(self) -> None:
        self.categories: dict[int, int] = {}
        self.facets: Counts = {}

    def add(self, names: list[str], found: dict[str, Any]) -> None:
        """Take from what the engine counted that which these names mean."""
        counts = {field: _buckets(rows) for field, rows in found.items()}
        if "category" in names:
            self.categories = {int(key): count for key, count in counts["category"].items()}
        for name in names:
            field = COUNTED.get(name)
            if field:
                self.facets[name] = {str(key): count for key, count in counts[field].items()}
            elif name == "kind":
                masks = {int(key): count for key, count in counts[KIND_MASK].items()}
                self.facets[name] = kinds_in(masks)
            elif name != "category":
                bundle = _BUNDLE_OF[name]
                numbers = {int(key): count for key, count in counts[bundle].items()}
                self.facets[name] = unpacked(bundle, numbers)[name]


_BUNDLE_OF: Final = {name: bundle for bundle, parts in PACKED.items() for name, _ in parts}
_FACETS: Final = (*_BUNDLE_OF, "kind", *COUNTED)


def _aggregations(facets: Iterable[str]) -> dict[str, Any]:
    wanted: dict[str, Any] = {}
    for name in facets:
        if name == "category":
            wanted["category"] = {"terms": {"field": "category", "size": _SHELVES_MAX}}
        elif name in COUNTED:
            terms = {"field": COUNTED[name], "size": _SHOWN[name], "segment_size": _PER_SEGMENT}
            wanted[COUNTED[name]] = {"terms": terms}
        elif name == "kind":
            wanted[KIND_MASK] = {"terms": {"field": KIND_MASK, "size": _BUNDLE_MAX}}
        else:
            bundle = _BUNDLE_OF[name]
            wanted[bundle] = {"terms": {"field": bundle, "size": _BUNDLE_MAX}}
    return wanted


def _is_long(found: dict[str, Any]) -> bool:
    return any(sum(_buckets(rows).values()) >= _KEPT_FROM for rows in found.values())


def _buckets(found: dict[str, Any]) -> dict[Any, int]:
    return {row["key"]: int(row["doc_count"]) for row in found["buckets"]}


def _count(searcher: tantivy.Searcher, query: Query) -> int:
    found: Any = searcher.search(query, limit=1)
    return int(found.count)


def _way(order: Order) -> tantivy.Order:
    return tantivy.Order.Desc if order.is_descending else tantivy.Order.Asc
