"""The files of a release, one folder at a time: for those that have too many for a page."""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from bottin.catalog.models import Release
from tests.factories import catalog as make

pytestmark = pytest.mark.django_db

Browser = Callable[..., Client]


def _release(*files: str) -> Release:
    sized = [(name, 1_000) for name in files]
    return make.published(of=make.metainfo("Œuvres", files=sized))


def test_a_folder_shows_what_is_in_it_and_no_more(browser: Browser) -> None:
    release = _release("tome 1/a.txt", "tome 1/images/b.png", "LISEZMOI.txt")

    root = browser().get(f"/torrents/{release.pk}/folder").text
    below = browser().get(f"/torrents/{release.pk}/folder", {"path": "tome 1"}).text

    assert "tome 1" in root
    assert "LISEZMOI.txt" in root
    assert "a.txt" not in root
    assert "a.txt" in below
    assert "LISEZMOI.txt" not in below
    assert f'href="/torrents/{release.pk}/folder?path=tome+1%2Fimages"' in below


def test_a_folder_of_many_files_has_pages(browser: Browser) -> None:
    release = _release(*(f"{number:04}.txt" for number in range(250)))

    first = browser().get(f"/torrents/{release.pk}/folder").text
    second = browser().get(f"/torrents/{release.pk}/folder", {"page": "2"}).text

    assert "0199.txt" in first
    assert "0200.txt" not in first
    assert "0200.txt" in second
    assert 'rel="next"' not in second


@pytest.mark.parametrize("path", ["nowhere", "tome 1/a.txt", "..", "tome 1/../tome 1", "\x00"])
def test_a_folder_that_is_not_there_is_not_found(browser: Browser, path: str) -> None:
    release = _release("tome 1/a.txt", "b.txt")

    answer = browser().get(f"/torrents/{release.pk}/folder", {"path": path})

    assert answer.status_code == 404


@pytest.mark.parametrize("page", ["0", "-1", "999", "x"])
def test_a_page_that_is_not_there_is_the_nearest(browser: Browser, page: str) -> None:
    release = _release("a.txt", "b.txt")

    answer = browser().get(f"/torrents/{release.pk}/folder", {"page": page})

    assert answer.status_code == 200


def test_folders_of_what_is_hidden_are_hidden(browser: Browser) -> None:
    release = make.pending()

    assert browser().get(f"/torrents/{release.pk}/folder").status_code == 404


def test_a_release_with_too_many_files_leads_to_its_folders(
    browser: Browser, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    release = _release("tome 1/a.txt", "b.txt")
    Release.objects.filter(pk=release.pk).update(file_count=1_001)

    page = browser().get(f"/torrents/{release.pk}", follow=True).text

    assert f'href="/torrents/{release.pk}/folder"' in page
    assert "a.txt" not in page
    reader = browser()
    with django_assert_max_num_queries(12):
        reader.get(f"/torrents/{release.pk}/folder")
