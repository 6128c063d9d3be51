"""Decisions of the team by forms: reasons, races, and what the page says of them."""

from collections.abc import Callable

import pytest
from django.test import Client

from bottin.accounts.permissions import Role
from bottin.catalog.models import Release, StateChange
from bottin.catalog.states import ReleaseState
from tests.factories import catalog as make

pytestmark = pytest.mark.django_db

Browser = Callable[..., Client]


def _seen(release: Release) -> str:
    return str(StateChange.objects.filter(release=release).latest("pk").pk)


def test_approving_publishes_and_goes_to_the_next(browser: Browser) -> None:
    first, second = make.pending(), make.pending()

    answer = browser(Role.MODERATOR).post(
        f"/moderation/{first.pk}", {"decision": "approve", "seen_change_id": _seen(first)}
    )

    first.refresh_from_db()
    assert first.is_published
    assert answer["Location"] == f"/moderation/{second.pk}"


def test_rejecting_needs_a_reason_that_the_publisher_reads(browser: Browser) -> None:
    release = make.pending()
    decision = {
        "decision": "reject",
        "reason_code": "licence_unproven",
        "reason": "la page dit autre chose",
        "seen_change_id": _seen(release),
    }

    browser(Role.MODERATOR).post(f"/moderation/{release.pk}", decision)

    release.refresh_from_db()
    change = StateChange.objects.filter(release=release).latest("pk")
    assert release.state == ReleaseState.REJECTED
    assert (change.reason_code, change.reason) == ("licence_unproven", "la page dit autre chose")


def test_an_unknown_reason_changes_nothing_and_keeps_what_was_typed(browser: Browser) -> None:
    release = make.pending()
    decision = {"decision": "reject", "reason_code": "nope", "reason": "gardé"}

    answer = browser(Role.MODERATOR).post(f"/moderation/{release.pk}", decision)

    release.refresh_from_db()
    assert answer.status_code == 422
    assert "choose another" in answer.text
    assert "gardé" in answer.text
    assert release.state == ReleaseState.PENDING


def test_the_second_moderator_is_told(browser: Browser) -> None:
    release = make.pending()
    seen = _seen(release)
    browser(Role.MODERATOR).post(
        f"/moderation/{release.pk}", {"decision": "approve", "seen_change_id": seen}
    )

    answer = browser(Role.MODERATOR).post(
        f"/moderation/{release.pk}",
        {"decision": "changes", "reason_code": "title_unclear", "seen_change_id": seen},
    )

    release.refresh_from_db()
    assert answer.status_code == 409
    assert "Someone else decided in the meantime" in answer.text
    assert release.is_published


def test_who_looks_at_it_is_shown_to_the_others(browser: Browser) -> None:
    release = make.pending()
    first = make.account(Role.MODERATOR)
    browser(first).get(f"/moderation/{release.pk}")

    page = browser(Role.MODERATOR).get(f"/moderation/{release.pk}").text

    assert f"{first.name}</bdi> is looking at this release" in page


def test_leaving_lets_the_others_have_it(browser: Browser) -> None:
    release = make.pending()
    first = browser(Role.MODERATOR)
    first.get(f"/moderation/{release.pk}")

    answer = first.post(f"/moderation/{release.pk}/leave")

    assert answer["Location"] == "/moderation"
    page = browser(Role.MODERATOR).get(f"/moderation/{release.pk}").text
    assert "is looking at this release" not in page


def test_keys_stand_on_the_buttons(browser: Browser) -> None:
    release = make.pending()
    make.pending()

    page = browser(Role.MODERATOR).get(f"/moderation/{release.pk}").text

    for key in "acrju":
        assert f'data-key="{key}"' in page
        assert f"<kbd>{key}</kbd>" in page


def test_only_a_super_moderator_is_offered_removal(browser: Browser) -> None:
    release = make.published()
    path = f"/moderation/{release.pk}"

    assert "Remove (law)" not in browser(Role.MODERATOR).get(path).text
    assert "Remove (law)" in browser(Role.SUPER_MODERATOR).get(path).text


def test_a_removed_release_is_gone_and_can_be_restored(browser: Browser) -> None:
    release = make.published()
    path = f"/moderation/{release.pk}"
    team = browser(Role.SUPER_MODERATOR)

    team.post(path, {"decision": "remove_legal", "reason": "décision de justice"})
    assert browser().get(f"/torrents/{release.pk}").status_code == 451

    team.post(path, {"decision": "restore"})
    assert browser().get(f"/torrents/{release.pk}", follow=True).status_code == 200


def test_an_empty_queue_says_so(browser: Browser) -> None:
    page = browser(Role.MODERATOR).get("/moderation").text

    assert "The queue is empty" in page


def test_a_member_decides_nothing(browser: Browser) -> None:
    release = make.pending()

    answer = browser(Role.MEMBER).post(f"/moderation/{release.pk}", {"decision": "approve"})

    release.refresh_from_db()
    assert answer.status_code == 403
    assert release.state == ReleaseState.PENDING
