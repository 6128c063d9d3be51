"""What an operator types when something looks wrong: check, recount, reindex."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import Settings
from typer import Typer
from typer.testing import CliRunner, Result

from bottin.catalog.models import Category, Release
from bottin.catalog.states import ReleaseState
from bottin.config.commands import check, recount, reindex
from bottin.search import tasks
from bottin.tracker.models import DeniedHash, Listing, ListingState
from tests.factories import catalog as make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def index_folder(settings: Settings, tmp_path: Path) -> Iterator[None]:
    """Put the index aside."""
    settings.BOTTIN_DATA_DIR = tmp_path
    yield
    tasks.let_go()


def run(app: Typer, *options: str) -> Result:
    return CliRunner().invoke(app, options)


def test_a_site_that_agrees_with_itself_says_so() -> None:
    make.change(make.published(), ReleaseState.QUARANTINED)
    make.published()
    make.pending()
    make.draft()
    run(recount.app)
    run(reindex.app)

    result = run(check.app, "--json")

    assert result.exit_code == 0, result.output
    assert not any(json.loads(result.stdout).values())


def test_each_difference_is_said_and_mended() -> None:
    shown, hidden, lost = make.published(), make.published(), make.published()
    run(recount.app)
    run(reindex.app)
    Category.objects.filter(pk=make.MUSIC).update(listed_count=9)
    Listing.objects.filter(release_id=shown.pk).update(state=ListingState.REMOVED)
    Listing.objects.filter(release_id=lost.pk).delete()
    Listing.objects.create(release_id=10**9, info_hash_v1=bytes(20), state=1)
    Release.objects.filter(pk=hidden.pk).update(state=ReleaseState.REMOVED_LEGAL)

    found = json.loads(run(check.app, "--json").stdout)

    assert {name for name, rows in found.items() if rows} == {
        "shelf counts",
        "listings",
        "denied hashes",
        "search index",
    }
    assert len(found["listings"]) == 4
    assert run(check.app).exit_code == 1
    DeniedHash.objects.create(info_hash=hidden.info_hash_v1 or b"", reason="test")
    run(recount.app)
    run(reindex.app)
    assert run(check.app).exit_code == 0


def test_a_rebuild_says_how_much_it_did() -> None:
    make.published()

    result = run(reindex.app)

    assert result.exit_code == 0
    assert result.stdout.startswith("1 releases indexed")
