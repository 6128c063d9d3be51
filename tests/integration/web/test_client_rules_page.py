"""The page on which the team says which clients are served (ID-16)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from bottin.accounts.permissions import Role
from bottin.accounts.viewer import Viewer, viewer_for
from bottin.ledger.models import PeerSession
from bottin.tracker import actions, queries
from bottin.tracker.models import AnnounceNotice, ClientRule, ClientWelcome, NoticeTotal
from tests.factories import catalog as make
from tests.factories.catalog import NOON

pytestmark = pytest.mark.django_db

Browser = Callable[..., Client]
PAGE = "/moderation/clients"
DENIED, WARNED, SERVED = ClientWelcome.DENIED, ClientWelcome.WARNED, ClientWelcome.FULL


@pytest.fixture
def staff(browser: Browser) -> Client:
    """A super-moderator's browser."""
    return browser(Role.SUPER_MODERATOR)


def someone() -> Viewer:
    """Another of the team."""
    return viewer_for(make.account(Role.SUPER_MODERATOR))


def rule(head: str, welcome: ClientWelcome = DENIED, reason: str = "why") -> ClientRule:
    return actions.set_client_rule(head, welcome, reason, by=someone(), at=NOON)


def kept() -> dict[str, tuple[int, str]]:
    return {one.head: (one.welcome, one.reason) for one in queries.client_rules()}


def send(client: Client, **given: str) -> str:
    answer = client.post(PAGE, {"head": "-XL", "welcome": "2", "reason": "why"} | given)
    return answer.text if answer.status_code == 422 else ""


def session(head: str, *, number: int, user_id: int = 1, ago: timedelta = timedelta(0)) -> None:
    at = NOON - ago
    PeerSession.objects.create(
        user_id=user_id, release_id=number, session=number, uploaded=0, downloaded=0, left=0,
        first_at=at, last_at=at, client=head,
    )  # fmt: skip


@pytest.mark.parametrize("role", [Role.MEMBER, Role.MODERATOR])
def test_only_super_moderators_see_it_and_its_link(browser: Browser, role: Role) -> None:
    someone_else = browser(role)

    assert someone_else.get(PAGE).status_code == 403
    for path in (PAGE, f"{PAGE}/others", f"{PAGE}/1/remove"):
        assert someone_else.post(path, {"head": "-XL", "reason": "why"}).status_code == 403
    assert f'href="{PAGE}"' not in someone_else.get("/moderation/announces").text
    assert f'href="{PAGE}"' in browser(Role.SUPER_MODERATOR).get("/moderation/announces").text


def test_a_rule_is_written_shown_replaced_and_removed(staff: Client) -> None:
    assert "Every client is served." in staff.get(PAGE).text
    assert not send(staff, head="-qB43", reason="Dépassé : prenez la 4.6")
    page = staff.get(PAGE).text
    assert "-qB43" in page
    assert "Depasse : prenez la 4.6" in page
    assert "The rule is in force within a second." in page

    assert not send(staff, head="-qB43", welcome="1", reason="")
    assert kept() == {"-qB43": (1, "")}

    one = ClientRule.objects.get()
    answer = staff.post(f"{PAGE}/{one.pk}/remove")
    assert (answer.status_code, kept()) == (302, {})


def test_what_is_wrong_is_said_and_what_was_typed_stays(staff: Client) -> None:
    page = send(staff, head="-", reason="<too old>")

    assert "is named by the 2 to 8 first characters" in page
    assert 'value="&lt;too old&gt;"' in page
    assert "Say why" in send(staff, reason=" ")
    assert "plain letters only" in send(staff, reason="устарел")
    assert "at most 120" in send(staff, reason="x" * 121)
    # What is no choice is the strictest.
    assert "Say why" in send(staff, welcome="7", reason="")
    assert kept() == {}


def test_two_of_the_team_at_once_do_not_undo_each_other(staff: Client) -> None:
    seen = rule("-XL", reason="the first")
    rule("-XL", reason="the second")

    page = staff.post(f"{PAGE}/{seen.pk}/remove", follow=True).text

    assert "This rule was changed or removed meanwhile." in page
    assert kept() == {"-XL": (2, "the second")}


def test_only_listed_clients_are_served_once_one_is(staff: Client) -> None:
    refused = staff.post(f"{PAGE}/others", {"reason": "not on our list"})
    assert refused.status_code == 422
    assert "Nobody at all would be served" in refused.text
    rule("-qB", SERVED, "")

    page = staff.post(f"{PAGE}/others", {"reason": "not on our list"}, follow=True).text

    assert "not on our list" in page
    assert kept()[""] == (2, "not on our list")
    only = ClientRule.objects.get(head="-qB")
    page = staff.post(f"{PAGE}/{only.pk}/remove", follow=True).text
    assert "Nobody at all would be served" in page
    staff.post(f"{PAGE}/others", {"serve": "1"})
    assert "" not in kept()


def test_families_seen_lately_stand_with_their_versions_and_refusals(
    staff: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number, head in enumerate(["-qB4650-", "-qB4650-", "-qB4310-", "-XL0012-", ""]):
        session(head, number=number, user_id=1 + number % 2)
    session("-DE2110-", number=9, ago=timedelta(days=8))
    NoticeTotal.objects.create(day=NOON.date(), code="client_denied", make="XL", times=1_234)
    NoticeTotal.objects.create(day=NOON.date(), code="client_denied", make="TX", times=3)
    NoticeTotal.objects.create(day=NOON.date(), code="unlisted", make="XL", times=99_999)
    rule("-XL")

    # Who asks (three), the rules, the sessions, the refusals.
    with django_assert_max_num_queries(7):
        page = staff.get(PAGE).text

    rows = [row for row in page.split("Seen lately")[-1].split("<tr>") if '<th scope="row"' in row]
    heads = [row.split('mono">')[1].split("<")[0] if 'mono">' in row else "" for row in rows]
    assert heads == ["-qB", "-XL", "", "-TX"]
    assert "qBittorrent 4.6.5" in rows[0]
    assert "2 members" in rows[0]
    assert 'href="?head=-qB4310-#rule"' in rows[0]
    assert "1\u202f234" in rows[1] or "1,234" in rows[1]
    assert "<strong>refused</strong>" in rows[1]
    assert "Deluge" not in page


def test_a_link_fills_the_form(staff: Client) -> None:
    page = staff.get(f'{PAGE}?head=-TR30"><b>').text

    assert 'value="-TR30&quot;&gt;&lt;"' in page


def test_what_the_operator_set_is_shown_beside(staff: Client, settings: Settings) -> None:
    lists = {"tracker_denied_clients": ("-UT", "-XL")}
    settings.BOTTIN = settings.BOTTIN.model_copy(update=lists)

    assert "-UT, -XL" in staff.get(PAGE).text


@pytest.mark.parametrize(
    ("code", "welcome"), [("client_denied", DENIED), ("client_warned", WARNED)]
)
def test_a_member_reads_the_reason_where_they_ask_why(
    browser: Browser, code: str, welcome: ClientWelcome
) -> None:
    person = make.account()
    AnnounceNotice.objects.create(
        user_id=person.pk, code=code, subject=-1, times=1, first_at=NOON, last_at=NOON,
        client="-qB4310-",
    )  # fmt: skip
    rule("-qB", SERVED if welcome is DENIED else DENIED, "of no weight")
    assert "of no weight" not in browser(person).get("/me/announces").text

    rule("-qB43", welcome, "counts wrong: install 4.6")

    assert "counts wrong: install 4.6" in browser(person).get("/me/announces").text
