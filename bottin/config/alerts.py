"""Joins kept searches and the index, which are neighbours and do not know each other."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict

from bottin.accounts.permissions import Role
from bottin.accounts.viewer import Viewer
from bottin.community import alerts
from bottin.community.models import SavedSearch
from bottin.lib import clock
from bottin.lib.errors import DomainError
from bottin.search import places
from bottin.search.queries import search as search_for
from bottin.search.requests import FACETS, SearchRequest


@dataclass(frozen=True, slots=True)
class IndexFinder:
    """Asks the index what a kept search finds among a few releases."""

    def reached(self) -> int | None:
        """Return the transaction before which the index holds all changes; None without index."""
        folder = places.in_force()
        position = places.position_of(folder) if folder else None
        return position.transaction_id if position else None

    def found(self, search: SavedSearch, release_ids: Sequence[int]) -> set[int]:
        """Return those of these releases that a search finds; nothing for one that is refused."""
        given = QueryDict(search.parameters)
        request = SearchRequest(
            text=search.text,
            category=search.category,
            filters={name: tuple(given.getlist(name)) for name in FACETS if name in given},
            among=frozenset(release_ids),
            sort="newest",
            limit=len(release_ids),
        )
        try:
            page = search_for(Viewer(search.account_id, Role.MEMBER), request)
        except DomainError:
            return set()
        # What is only nearly spelt like it is no reason for a letter.
        return set() if page.has_typos else {row.pk for row in page.rows} & set(release_ids)


def note_matches() -> int:
    """Look for what was published in every kept search; how many results are new."""
    return alerts.note_matches(IndexFinder(), at=clock.now())
