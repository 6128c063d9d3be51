"""From what was typed and chosen to what the index knows: categories, facets, own releases."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from bottin.accounts.viewer import Viewer
from bottin.catalog import identifiers
from bottin.catalog.models import Category
from bottin.ledger.models import Transfer
from bottin.ledger.queries import running_sessions
from bottin.search.bands import VALUES
from bottin.search.errors import BadQuery
from bottin.search.language import AllOf, AnyOf, Filter, Node, Not, Phrase, Word
from bottin.search.requests import FACETS, MINE, SearchRequest
from bottin.search.values import IDENTIFIERS

CHOICES_MAX: Final = 20
IDENTIFIER: Final = "identifier"
_LONGEST: Final = 100


def resolved(node: AllOf) -> AllOf:
    """Replace the names of categories by their ids. Raises BadQuery for one that is not there."""
    return AllOf(tuple(map(_resolve, node.nodes)))


def shelves_of(category: Category | None) -> tuple[int, ...]:
    """Return the ids that stand for a category: for a family, all of its shelves."""
    if category is None:
        return ()
    if not category.is_family:
        return (category.alias_of_id or category.pk,)
    children = Category.objects.filter(parent_id=category.pk).values_list("pk", flat=True)
    return (category.pk, *children)


def as_identifier(text: str) -> AllOf | None:
    """Return the search for the identifier that a whole query is, None if it is none."""
    found = identifiers.parse(text)
    return AllOf((Filter(IDENTIFIER, "=", str(found)),)) if found else None


def chosen(filters: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Return what is chosen of each facet, each value once.

    Raises BadQuery for a facet that there is not, a value that it cannot have,
    more than 20 values.
    """
    found = {name: tuple(dict.fromkeys(values)) for name, values in filters.items() if values}
    for name, values in found.items():
        if name not in FACETS:
            raise BadQuery(reason="unknown_field", field=name[:40], value="", at=0, understood="")
        if len(values) > CHOICES_MAX:
            raise BadQuery(reason="too_many_values", field=name, limit=CHOICES_MAX, at=0)
        wrong = next((value for value in values if not _may_be(name, value)), None)
        if wrong is not None:
            raise BadQuery(reason="unknown_value", field=name, value=wrong[:40], at=0)
    return found


def own_releases(
    viewer: Viewer, request: SearchRequest
) -> tuple[frozenset[int] | None, frozenset[int]]:
    """Return the ids that alone may be found (None: any), and those that may not.

    "downloaded": finished, or seeded from elsewhere; "not_yet": never touched. One
    query, none without `mine`. Raises BadQuery for an unknown one.
    """
    if not request.mine:
        return request.among, frozenset()
    if request.mine not in MINE:
        raise BadQuery(reason="unknown_value", field="mine", value=request.mine[:40], at=0)
    touched = _ids(viewer, request.mine)
    if request.mine == "not_yet":
        return request.among, touched
    return (touched if request.among is None else touched & request.among), frozenset()


def words_of(node: Node) -> list[Word | Phrase]:
    """Return what a query looks for as text; what must not match is left out."""
    if isinstance(node, Word | Phrase):
        return [node]
    if isinstance(node, AllOf | AnyOf):
        return [word for inner in node.nodes for word in words_of(inner)]
    return []


def _ids(viewer: Viewer, mine: str) -> frozenset[int]:
    if viewer.user_id is None:
        return frozenset()
    if mine == "seeding":
        running = running_sessions(viewer.user_id)
        return frozenset(session.release_id for session in running if session.left == 0)
    rows = Transfer.objects.filter(user_id=viewer.user_id)
    if mine == "downloaded":
        rows = rows.filter(completed_at__isnull=False)
    return frozenset(rows.values_list("release_id", flat=True))


def _may_be(name: str, value: str) -> bool:
    known = VALUES.get(name)
    return value in known if known else 0 < len(value) <= _LONGEST


def _resolve(node: Node) -> Node:
    if isinstance(node, AllOf | AnyOf):
        return type(node)(tuple(map(_resolve, node.nodes)))
    if isinstance(node, Not):
        return Not(_resolve(node.node))
    if isinstance(node, Filter) and node.field == "category":
        return replace(node, value=_category_id(str(node.value), node.at))
    if isinstance(node, Filter) and node.field in IDENTIFIERS:
        return _identifier(node)
    return node


def _identifier(node: Filter) -> Filter:
    found = identifiers.parse(f"{node.field}:{node.value}")
    if found is None:
        value = str(node.value)[:40]
        raise BadQuery(reason="bad_value", field=node.field, value=value, at=node.at)
    return replace(node, field=IDENTIFIER, value=str(found))


def _category_id(value: str, at: int) -> int:
    wanted = Category.objects.filter(is_active=True)
    if value.isascii() and value.isdigit() and len(value) < 10:  # noqa: PLR2004 - int4
        found = wanted.filter(pk=int(value)).first()
    else:
        found = wanted.filter(slug=value.replace("\x00", "")).first()
    if found is None:
        raise BadQuery(reason="unknown_category", field="category", value=value[:60], at=at)
    return found.alias_of_id or found.pk
