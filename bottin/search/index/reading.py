"""Readers: answer searches over one folder and follow its commits."""

import json
from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple

import tantivy
from tantivy import Query

from bottin.search.entries import BY_NAME, ORDERS, Hits, Order, Plan, name_head
from bottin.search.index.asking import Asked
from bottin.search.index.counting import MUCH, SHELVES, Counting, Counts, count
from bottin.search.index.keeping import Kept
from bottin.search.index.leading import Hit, leading
from bottin.search.index.schema import NAME, NAME_HEAD, WEIGHT, registered

# How old counts of large finds may be, where nothing else is said.
COUNTS_AGE_S: Final = 10
# Beginnings whose first releases are remembered.
_FIRST_KEPT: Final = 5_000


class _Commit(NamedTuple):
    """What a reader sees: the engine's searcher, what tells it from others, its size."""

    searcher: tantivy.Searcher
    stamp: object
    documents: int


class Reader:
    """Answers searches over one folder; follows its commits. Safe for threads.

    Every method raises OSError or ValueError when the folder is damaged.
    """

    def __init__(self, folder: Path, *, counts_age_s: int = COUNTS_AGE_S) -> None:
        """Open the folder; large counts may be so old. Raises ValueError without an index."""
        self.folder = folder
        self._index = registered(tantivy.Index.open(str(folder)))
        self._schema = self._index.schema
        self._commit: _Commit | None = None
        self._lock = Lock()
        self._kept: Kept[Counts] = Kept(counts_age_s)
        self._first: Kept[tuple[int, ...]] = Kept(counts_age_s, most=_FIRST_KEPT)

    def searcher(self) -> tantivy.Searcher:
        """Return the last commit, as seen from any process."""
        return self._current().searcher

    def _current(self) -> _Commit:
        # Each commit replaces this file: looking at its time is cheaper than a watching thread.
        path = self.folder / "meta.json"
        found = path.stat()
        stamp = found.st_mtime_ns, found.st_ino
        with self._lock:
            if self._commit is None or self._commit.stamp != stamp:
                segments = json.loads(path.read_bytes())["segments"]
                documents = sum(int(segment["max_doc"]) for segment in segments)
                self._index.reload()
                self._commit = _Commit(self._index.searcher(), stamp, documents)
            return self._commit

    def forget_counts(self) -> None:
        """Count and complete everything anew from now on."""
        self._kept.forget()
        self._first.forget()

    def count(self) -> int:
        """Return how many releases are there."""
        return int(self.searcher().num_docs)

    def search(self, plan: Plan) -> Hits:
        """Return the hits of a plan. Prefixes and typos are looked for in titles only."""
        commit = self._current()
        asked = Asked(self._schema, plan, commit.searcher, commit.stamp)
        is_much = commit.searcher.num_docs >= MUCH and asked.at_most >= MUCH
        counting = Counting(asked, self._kept, is_much=is_much) if plan.with_total else None
        found = self._found(asked, commit.documents if is_much and asked.is_most else 0)
        counts = counting.result() if counting else {}
        if counting and _is_contradicted(plan, len(found), _total(plan, counts)):
            counts = counting.anew()
        return Hits(
            ids=_ids(commit, found),
            keys=tuple(key for key, _ in found) if plan.order.field else (),
            total=_total(plan, counts),
            categories={int(shelf): number for shelf, number in counts.pop(SHELVES, {}).items()},
            facets=counts,
        )

    def first(self, plan: Plan) -> tuple[int, ...]:
        """Return the ids of the first hits of a plan, as old as counts may be.

        For what is asked at each letter that somebody types.
        """
        commit = self._current()
        key = plan.node, plan.order, plan.limit

        def look() -> tuple[int, ...]:
            asked = Asked(self._schema, plan, commit.searcher, commit.stamp)
            ids = _ids(commit, self._found(asked, 0))
            self._first.keep(key, commit.stamp, plan.now_s, ids)
            return ids

        kept = self._first.found(key, commit.stamp, plan.now_s, look)
        return look() if kept is None else kept

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

    def _found(self, asked: Asked, documents: int) -> list[Hit]:
        """Return the hits of a page; `documents` are those of the index where most is found."""
        plan, order = asked.plan, asked.plan.order
        if order.field is None:
            return (leading(asked, documents) if documents else None) or self._ranked(asked)
        if order.field == BY_NAME:
            return self._by_name(asked)
        query = asked.narrowed()
        if order.beyond is not None:
            query = asked.with_also(query, self._beyond(asked, order))
        return asked.searcher.search(
            query,
            limit=plan.limit,
            order_by_field=order.field,
            order=_way(order),
            count=False,
        ).hits

    def _ranked(self, asked: Asked) -> list[Hit]:
        plan = asked.plan
        return asked.searcher.search(
            asked.ranked(),
            limit=plan.limit,
            offset=plan.offset,
            count=False,
            weight_by_field=WEIGHT,
        ).hits

    def _beyond(self, asked: Asked, order: Order) -> Query:
        edge = int(order.beyond or 0)
        if order.is_descending:
            return asked.compiler.between(str(order.field), None, edge)
        return asked.compiler.between(str(order.field), edge, None)

    def _by_name(self, asked: Asked) -> list[Hit]:
        """Order by whole names; ranges know numbers only, so the first letters narrow.

        As many more are read as have the same first letters, and those up to the
        last name shown are left out.
        """
        plan, order, query = asked.plan, asked.plan.order, asked.narrowed()
        last, more = str(order.beyond or ""), 0
        if order.beyond is not None:
            head = name_head(last)
            ends = (None, head) if order.is_descending else (head, None)
            same = asked.compiler.between(NAME_HEAD, head, head, closed=True)
            more = count(asked.searcher, asked.with_also(query, same))
            query = asked.with_also(query, asked.compiler.between(NAME_HEAD, *ends, closed=True))
        hits = asked.searcher.search(
            query, limit=plan.limit + more, order_by_field=NAME, order=_way(order), count=False
        ).hits
        if order.beyond is not None:
            hits = [
                hit for hit in hits if hit[0] != last and (hit[0] < last) is order.is_descending
            ]
        return hits[: plan.limit]


def _ids(commit: _Commit, found: list[Hit]) -> tuple[int, ...]:
    addresses = [address for _, address in found]
    values = commit.searcher.fast_field_values("id", addresses) if addresses else []
    return tuple(int(value) for value in values if value is not None)


def _total(plan: Plan, counts: Counts) -> int:
    # One count for each shelf is the count of everything: hits need none of their own.
    shelves = counts.get(SHELVES, {})
    counted = map(str, plan.category_ids) if plan.category_ids else shelves
    return sum(shelves.get(shelf, 0) for shelf in counted)


def _is_contradicted(plan: Plan, shown: int, total: int) -> bool:
    """Whether counts of an earlier commit tell of more, or fewer, than a page that shows all."""
    is_all = shown < plan.limit and not plan.offset and plan.order.beyond is None
    return is_all and shown != total


def _way(order: Order) -> tantivy.Order:
    return tantivy.Order.Desc if order.is_descending else tantivy.Order.Asc
