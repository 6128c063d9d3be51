"""Writes of what members keep and look for, and of what the team recommends."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction

from bottin.accounts.permissions import Permission
from bottin.accounts.viewer import Viewer
from bottin.audit import log
from bottin.catalog import queries as catalog
from bottin.catalog.errors import ReleaseNotFound
from bottin.community.errors import (
    BadPick,
    BadSearch,
    SearchExists,
    SearchUnknown,
    TooManyBookmarks,
    TooManySearches,
)
from bottin.community.models import Bookmark, Pace, Pick, SavedSearch

BOOKMARKS_MAX: Final = 5_000
SEARCHES_MAX: Final = 100
NAME_LENGTH: Final = 80
SENTENCE_LENGTH: Final = 160
PARAMETERS_LENGTH: Final = 1_000

# What a person keeps for later is nobody's business: bookmarks and searches leave no audit line.


def add_bookmark(release_id: int, *, by: Viewer, at: datetime) -> None:
    """Keep a release for later; keeping it twice changes nothing.

    Raises ReleaseNotFound, ReleaseGone, and TooManyBookmarks over 5,000.
    """
    by.require(Permission.OWN_ACCOUNT)
    release = catalog.bare_release_for(release_id, by)
    kept = Bookmark.objects.filter(account_id=_own(by))
    if kept.filter(release=release).exists():
        return
    if kept.count() >= BOOKMARKS_MAX:
        raise TooManyBookmarks(limit=BOOKMARKS_MAX)
    Bookmark.objects.bulk_create(
        [Bookmark(account_id=_own(by), release=release, at=at)], ignore_conflicts=True
    )


def remove_bookmark(release_id: int, *, by: Viewer) -> None:
    """Keep a release no longer; one that is not kept stays so."""
    by.require(Permission.OWN_ACCOUNT)
    Bookmark.objects.filter(account_id=_own(by), release_id=release_id).delete()


@dataclass(frozen=True, slots=True)
class Wanted:
    """A search to keep: words and shelf to look with, and the address to open it again."""

    name: str
    text: str
    parameters: str
    category_id: int | None = None
    pace: str = Pace.NEVER


def save_search(wanted: Wanted, *, by: Viewer, at: datetime) -> SavedSearch:
    """Keep a search; what is published from now on and found by it is new.

    Raises BadSearch, SearchExists (with its `name`), TooManySearches.
    """
    by.require(Permission.OWN_ACCOUNT)
    name = _name(wanted.name)
    if (
        not wanted.parameters
        or wanted.pace not in Pace.values
        or len(wanted.parameters) > PARAMETERS_LENGTH
    ):
        raise BadSearch
    mine = SavedSearch.objects.filter(account_id=_own(by))
    if mine.count() >= SEARCHES_MAX:
        raise TooManySearches(limit=SEARCHES_MAX)
    try:
        with transaction.atomic():
            return SavedSearch.objects.create(
                account_id=_own(by),
                name=name,
                text=wanted.text[:500],
                category_id=wanted.category_id,
                parameters=wanted.parameters,
                pace=wanted.pace,
                created_at=at,
                seen_at=at,
            )
    except IntegrityError as error:
        there = mine.filter(parameters=wanted.parameters).first()
        raise SearchExists(name=there.name if there else name) from error


def change_search(search_id: int, *, name: str, pace: str, by: Viewer) -> None:
    """Rename a kept search, or change when letters tell of it. Raises BadSearch, SearchUnknown."""
    by.require(Permission.OWN_ACCOUNT)
    if pace not in Pace.values:
        raise BadSearch
    changed = SavedSearch.objects.filter(pk=search_id, account_id=_own(by)).update(
        name=_name(name), pace=pace
    )
    if not changed:
        raise SearchUnknown(search_id=search_id)


def delete_search(search_id: int, *, by: Viewer) -> None:
    """Forget a kept search and what it found. Raises SearchUnknown."""
    by.require(Permission.OWN_ACCOUNT)
    deleted, _ = SavedSearch.objects.filter(pk=search_id, account_id=_own(by)).delete()
    if not deleted:
        raise SearchUnknown(search_id=search_id)


def look_at_search(search_id: int, *, by: Viewer, at: datetime) -> SavedSearch:
    """Open a kept search: its results are new no more. Raises SearchUnknown."""
    by.require(Permission.OWN_ACCOUNT)
    found = SavedSearch.objects.filter(pk=search_id, account_id=_own(by)).first()
    if found is None:
        raise SearchUnknown(search_id=search_id)
    SavedSearch.objects.filter(pk=search_id).update(seen_at=at)
    return found


@transaction.atomic
def pick_release(
    release_id: int, *, sentence_fr: str, sentence_en: str, by: Viewer, at: datetime
) -> Pick:
    """Recommend a published release on the home page, or say it in other words.

    Raises BadPick, ReleaseNotFound.
    """
    by.require(Permission.MODERATE)
    sentences = [" ".join(text.split()) for text in (sentence_fr, sentence_en)]
    if not all(sentences) or max(map(len, sentences)) > SENTENCE_LENGTH:
        raise BadPick(limit=SENTENCE_LENGTH)
    release = catalog.bare_release_for(release_id, by)
    if not release.is_published:
        raise ReleaseNotFound(release_id=release_id)
    values = {"sentence_fr": sentences[0], "sentence_en": sentences[1], "by_id": by.user_id}
    pick, _ = Pick.objects.update_or_create(
        release=release, defaults=values, create_defaults=values | {"at": at}
    )
    log.record("release.picked", actor_id=by.user_id, subject=f"release:{release_id}")
    return pick


@transaction.atomic
def unpick_release(release_id: int, *, by: Viewer) -> None:
    """Take a release off the home page; one that is not there stays so."""
    by.require(Permission.MODERATE)
    deleted, _ = Pick.objects.filter(release_id=release_id).delete()
    if deleted:
        log.record("release.unpicked", actor_id=by.user_id, subject=f"release:{release_id}")


def _name(given: str) -> str:
    name = " ".join(given.split())
    if not name or len(name) > NAME_LENGTH:
        raise BadSearch
    return name


def _own(by: Viewer) -> int:
    """Return the account that acts; one that may keep things has a number."""
    return by.user_id or 0
