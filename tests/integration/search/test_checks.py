"""`bottin check` sees an index that is not the image of the catalogue."""

from datetime import timedelta

import pytest

from bottin.catalog.models import Release
from bottin.search import places, tasks
from bottin.search.checks import indexed_releases
from tests.factories import catalog as make
from tests.factories.catalog import LINUX, NOON

pytestmark = pytest.mark.django_db


def subjects() -> list[str]:
    return [difference.subject for difference in indexed_releases()]


def test_an_index_that_followed_has_no_difference() -> None:
    make.published()
    tasks.index_changes()

    assert subjects() == []


def test_what_is_missing_extra_or_other_is_named() -> None:
    kept, gone, moved = (make.published() for _number in range(3))
    tasks.index_changes()
    # Behind the back of every action: the index has not heard of it.
    Release.objects.filter(pk=gone.pk).update(state="withdrawn")
    Release.objects.filter(pk=moved.pk).update(
        category_id=LINUX, size_bytes=1, published_at=NOON - timedelta(days=1)
    )
    late = make.published()

    assert subjects() == [
        f"release:{gone.pk}",
        f"release:{moved.pk} category",
        f"release:{moved.pk} size",
        f"release:{moved.pk} by_date",
        f"release:{late.pk}",
    ]
    assert kept.is_published


def test_no_index_and_a_damaged_one_are_differences() -> None:
    assert subjects() == ["index"]
    make.published()
    tasks.index_changes()
    folder = places.in_force()
    assert folder is not None

    (folder / "meta.json").write_text("{")

    assert subjects() == ["index"]
