"""Text is found the way people write it: parts and wholes, scripts, versions, identifiers."""

from typing import Any

import pytest

from bottin.accounts.permissions import Role
from bottin.accounts.viewer import ANONYMOUS
from bottin.catalog.models import Release
from bottin.search import tasks
from bottin.search.queries import SearchRequest, search
from tests.factories import catalog as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def library() -> None:
    """Names as the world writes them, indexed."""
    owner = make.viewer(Role.TRUSTED_PUBLISHER)
    works: list[dict[str, Any]] = [
        {"title": "FreeBSD 13.1 x86_64", "language": "en"},
        {"title": "FreeBSD 13.10 x86_64", "language": "en"},
        {"title": "Le wi-fi pour tous"},
        {"title": "Un guide de l'UTF-8"},
        {"title": "Introduction à C++"},
        {"title": "Jusqu’à l'aube, qu'il disait"},
        {"title": "東京2020年の地図", "language": "ja"},
        {"title": "Война и мир", "language": "ru"},
        {"title": "Mon_album.2019.flac"},
        {"title": "Cartes géologiques régionales"},
        {"title": "Collected stories", "language": "en", "description": "walking dictionaries"},
    ]
    for work in works:
        of = make.metainfo(files=[("lisez.moi", 900)])
        make.published(owner, of=of, **({"description": "", "tags": ()} | work))
    Release.objects.filter(title__startswith="Cartes").update(
        authors=["Émilie du Châtelet"],
        original_title="Geological maps",
        identifiers=["doi:10.5281/zenodo.12345", "isbn:9782070409228"],
        year=1859,
    )
    tasks.index_changes()


def titles(text: str) -> list[str]:
    page = search(ANONYMOUS, SearchRequest(text))
    return [] if page.has_typos else sorted(row.title for row in page.rows)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("13.1 freebsd", ["FreeBSD 13.1 x86_64"]),
        ("x86_64 13.10", ["FreeBSD 13.10 x86_64"]),
        ("x86 64 13.10", ["FreeBSD 13.10 x86_64"]),
        ("wifi", ["Le wi-fi pour tous"]),
        ("wi-fi", ["Le wi-fi pour tous"]),
        ("wi_fi", ["Le wi-fi pour tous"]),
        ("utf8", ["Un guide de l'UTF-8"]),
        ("UTF-8", ["Un guide de l'UTF-8"]),
        ("c++", ["Introduction à C++"]),
        ("aube", ["Jusqu’à l'aube, qu'il disait"]),
        ("l’aube", ["Jusqu’à l'aube, qu'il disait"]),
        ("東京", ["東京2020年の地図"]),
        ("地図", ["東京2020年の地図"]),
        ("図", ["東京2020年の地図"]),
        ("東京2020", ["東京2020年の地図"]),
        ("京東", []),
        ("война", ["Война и мир"]),
        ("ВОЙН", ["Война и мир"]),
        ("ойна", ["Война и мир"]),
        ("album 2019", ["Mon_album.2019.flac"]),
        ("mon_album.2019", ["Mon_album.2019.flac"]),
        ("carte geologique", ["Cartes géologiques régionales"]),
        ("regional", ["Cartes géologiques régionales"]),
        ("geological map", ["Cartes géologiques régionales"]),
        ("chatelet", ["Cartes géologiques régionales"]),
        ("auteur:chatelet", ["Cartes géologiques régionales"]),
        ("title:chatelet", []),
        ("doi:10.5281/ZENODO.12345", ["Cartes géologiques régionales"]),
        ("10.5281/zenodo.12345", ["Cartes géologiques régionales"]),
        ("978-2-07-040922-8", ["Cartes géologiques régionales"]),
        ("year:1850..1860", ["Cartes géologiques régionales"]),
        ("année:2019", ["Mon_album.2019.flac"]),
        ("année:<1900", ["Cartes géologiques régionales"]),
        ("dictionary walk", ["Collected stories"]),
        ("titre:intro*", ["Introduction à C++"]),
        ("file:lisez.moi wifi", ["Le wi-fi pour tous"]),
    ],
)
def test_what_is_meant_is_found(library: None, text: str, found: list[str]) -> None:
    assert titles(text) == found


def test_a_release_is_found_by_its_hashes_as_a_field() -> None:
    release = make.published()
    make.published()
    tasks.index_changes()
    assert release.info_hash_v1

    found = search(ANONYMOUS, SearchRequest(f"hash:{release.info_hash_v1.hex()}")).rows

    assert [row.pk for row in found] == [release.pk]


def test_ages_are_counted_from_now() -> None:
    from datetime import timedelta

    from bottin.lib import clock

    old, new = clock.now() - timedelta(days=40), clock.now() - timedelta(days=4)
    make.published(title="Vieux", at=old)
    make.published(title="Neuf", at=new)
    tasks.index_changes()

    assert titles("added:<30d") == ["Neuf"]
    assert titles("added:>30d") == ["Vieux"]
    assert titles(f"added:{new:%Y-%m-%d}") == ["Neuf"]
    assert titles(f"added:..{old:%Y-%m-%d}") == ["Vieux"]
