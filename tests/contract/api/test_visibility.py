"""Who may know of a release: the pages, the API, its look-ups and its lists give one answer."""

from typing import Any, Final

import pytest
from django.test import Client

from bottin.accounts.viewer import viewer_for
from bottin.catalog.actions import change_state
from bottin.catalog.models import Release
from bottin.catalog.states import ReleaseState
from tests.factories import catalog
from tests.factories.api import Caller, caller_for

pytestmark = [pytest.mark.contract, pytest.mark.django_db]

S: Final = ReleaseState
# How a published or pending release gets to each state.
PATHS: Final = {
    S.PENDING: [],
    S.PUBLISHED: [S.PUBLISHED],
    S.CHANGES_REQUESTED: [S.CHANGES_REQUESTED],
    S.REJECTED: [S.REJECTED],
    S.WITHDRAWN: [S.PUBLISHED, S.WITHDRAWN],
    S.QUARANTINED: [S.PUBLISHED, S.QUARANTINED],
    S.REMOVED_LEGAL: [S.PUBLISHED, S.REMOVED_LEGAL],
    S.REMOVED_TERMS: [S.PUBLISHED, S.REMOVED_TERMS],
}
ALLAUTH: Final = "bottin.config.sign_in.EvenBackend"


@pytest.fixture(params=list(PATHS), ids=str)
def release(request: pytest.FixtureRequest) -> Release:
    """Give a release in each state."""
    made = catalog.pending(viewer_for(catalog.account()))
    for state in PATHS[request.param]:
        made = change_state(made.pk, to=state, by=catalog.SYSTEM, at=catalog.NOON, reason="why")
    return made


def _doors(release: Release, who: str) -> tuple[Client, Caller]:
    if who == "stranger":
        return Client(), Caller()
    account = release.publisher if who == "publisher" else catalog.account()
    client = Client()
    client.force_login(account, backend=ALLAUTH)
    return client, caller_for(account)


@pytest.mark.parametrize("who", ["stranger", "publisher", "other"])
def test_the_page_and_the_api_agree(release: Release, who: str) -> None:
    browser, program = _doors(release, who)

    page: Any = browser.get(f"/torrents/{release.pk}", follow=True)
    answer = program.get(f"/releases/{release.pk}")

    assert answer.status_code == page.status_code


@pytest.mark.parametrize("who", ["stranger", "publisher", "other"])
def test_lists_and_look_ups_show_no_more_than_the_release(release: Release, who: str) -> None:
    _browser, program = _doors(release, who)
    is_known = program.get(f"/releases/{release.pk}").status_code != 404
    digest = release.canonical_info_hash.hex()

    listed = program.get("/releases").json()["data"]
    found = program.get(f"/lookup/infohash/{digest}").json()["data"]
    files = program.get(f"/releases/{release.pk}/files")

    assert bool(listed) is (release.state == S.PUBLISHED)
    assert bool(found) is is_known
    assert (files.status_code != 404) is is_known
