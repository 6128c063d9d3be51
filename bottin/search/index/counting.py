"""Counts of shelves and facets: in few passes over the hits, several at once, large ones kept."""

from collections.abc import Iterable
from functools import partial
from typing import Any, Final, NamedTuple

import tantivy
from tantivy import Query

from bottin.search.bands import KIND_MASK, PACKED, kinds_in, unpacked
from bottin.search.entries import Plan
from bottin.search.index.asking import Asked
from bottin.search.index.keeping import Kept
from bottin.search.index.schema import COUNTED
from bottin.search.index.sharing import Job, results

_SHELVES_MAX: Final = 1_000
_BUNDLE_MAX: Final = 10_000
# How many choices of each facet are counted; all of what is counted is exact.
_SHOWN: Final = {"licence": 40, "language": 30, "tag": 15, "publisher": 12}
# A choice is counted exactly while it is among so many of each segment of the index.
_PER_SEGMENT: Final = 2_000
# What fewer releases match is counted as quickly as it is looked up, and by one thread.
MUCH: Final = 20_000

_BUNDLE_OF: Final = {name: bundle for bundle, parts in PACKED.items() for name, _ in parts}
_FACETS: Final = (*_BUNDLE_OF, "kind", *COUNTED)
SHELVES: Final = "category"
TAGS: Final = "tag"

# By facet ("category" for shelves), by value, how many releases.
Counts = dict[str, dict[str, int]]


class _Pass(NamedTuple):
    """Facets that are counted together; what is chosen of `without` does not narrow them."""

    facets: tuple[str, ...]
    without: str = ""


class Counting:
    """The counts of one search, under way."""

    def __init__(self, asked: Asked, kept: Kept[Counts], *, is_much: bool) -> None:
        """Begin to count, in other threads when there is much to count."""
        self._asked = asked
        self._kept = kept
        self._is_most = is_much and asked.is_most
        self._passes = tuple(_passes(asked.plan, is_most=self._is_most))
        self._jobs = [Job(partial(self._counted, one), is_shared=is_much) for one in self._passes]

    def result(self) -> Counts:
        """Return all of them; what is chosen and too rare to be shown is counted too."""
        counts: Counts = {}
        for found in results(self._jobs):
            counts |= found
        return self._with_rare(counts)

    def anew(self) -> Counts:
        """Count again, of this commit."""
        counts: Counts = {}
        for one in self._passes:
            counts |= self._count(one)
        return self._with_rare(counts)

    def _counted(self, one: _Pass) -> Counts:
        plan = self._asked.plan
        if not plan.may_be_kept:
            return self._count(one)
        key = _key(plan, one)
        count = partial(self._count_and_keep, key, one)
        found = self._kept.found(key, self._asked.commit, plan.now_s, count)
        return count() if found is None else found

    def _count_and_keep(self, key: object, one: _Pass) -> Counts:
        counts = self._count(one)
        # Every facet but tags has a value for nearly each release.
        if any(sum(values.values()) >= MUCH for values in counts.values()):
            self._kept.keep(key, self._asked.commit, self._asked.plan.now_s, counts)
        return counts

    def _count(self, one: _Pass) -> Counts:
        searcher, query = self._asked.searcher, self._asked.narrowed(without=one.without)
        if self._is_most and one.facets == (TAGS,):
            rows = searcher.terms_with_prefix(TAGS, "", query, limit=_SHOWN[TAGS])
            return {TAGS: dict(rows)}
        return _named(one.facets, searcher.aggregate(query, _aggregations(one.facets)))

    def _with_rare(self, counts: Counts) -> Counts:
        asked = self._asked
        if not asked.plan.with_facets:
            return counts
        for name, values in asked.plan.chosen.items():
            for value in values:
                if value not in counts[name]:
                    rare = asked.compiler.chosen(name, [value])
                    query = asked.with_also(asked.narrowed(without=name), rare)
                    counts[name] = counts[name] | {value: count(asked.searcher, query)}
        return counts


def count(searcher: tantivy.Searcher, query: Query) -> int:
    """Return how many releases a query finds."""
    found: Any = searcher.search(query, limit=1)
    return int(found.count)


def _key(plan: Plan, one: _Pass) -> object:
    chosen = tuple(sorted(plan.chosen.items()))
    return plan.node, plan.has_typos, chosen, plan.category_ids, one


def _passes(plan: Plan, *, is_most: bool) -> Iterable[_Pass]:
    shelves = () if plan.category_ids else (SHELVES,)
    open_facets = [name for name in _FACETS if plan.with_facets and name not in plan.chosen]
    if is_most and TAGS in open_facets:
        # By the releases of each tag: reading the tags of each release would cost far more.
        open_facets.remove(TAGS)
        yield _Pass((TAGS,))
    if shelves or open_facets:
        yield _Pass((*shelves, *open_facets))
    if plan.category_ids:
        yield _Pass((SHELVES,), without=SHELVES)
    if plan.with_facets:
        yield from (_Pass((name,), without=name) for name in plan.chosen)


def _named(facets: Iterable[str], found: dict[str, Any]) -> Counts:
    """Return what the engine counted by field as what these facets mean."""
    counts = {field: _buckets(rows) for field, rows in found.items()}
    named: Counts = {}
    for name in facets:
        if name in _BUNDLE_OF:
            bundle = _BUNDLE_OF[name]
            numbers = {int(key): number for key, number in counts[bundle].items()}
            named[name] = unpacked(bundle, numbers)[name]
        elif name == "kind":
            masks = {int(key): number for key, number in counts[KIND_MASK].items()}
            named[name] = kinds_in(masks)
        else:
            field = COUNTED.get(name, name)
            # Whole numbers come back as floats.
            values = counts[field].items()
            named[name] = {str(int(key) if name == SHELVES else key): n for key, n in values}
    return named


def _aggregations(facets: Iterable[str]) -> dict[str, Any]:
    wanted: dict[str, Any] = {}
    for name in facets:
        if name == SHELVES:
            wanted[name] = {"terms": {"field": name, "size": _SHELVES_MAX}}
        elif name in COUNTED:
            terms = {"field": COUNTED[name], "size": _SHOWN[name], "segment_size": _PER_SEGMENT}
            wanted[COUNTED[name]] = {"terms": terms}
        else:
            field = KIND_MASK if name == "kind" else _BUNDLE_OF[name]
            wanted[field] = {"terms": {"field": field, "size": _BUNDLE_MAX}}
    return wanted


def _buckets(found: dict[str, Any]) -> dict[Any, int]:
    return {row["key"]: int(row["doc_count"]) for row in found["buckets"]}
