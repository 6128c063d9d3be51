"""Why is my torrent not counted? The member's page, the team's figures, and the ways there."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from bottin.accounts.permissions import Role
from bottin.accounts.viewer import viewer_for
from bottin.catalog.states import ReleaseState
from bottin.ledger.models import EntryKind, LedgerEntry, PeerSession, Transfer
from bottin.tracker.dataplane import IPV6
from bottin.tracker.models import AnnounceNotice, NoticeTotal
from tests.factories import catalog as make
from tests.factories.catalog import NOON

pytestmark = pytest.mark.django_db

Browser = Callable[..., Client]
MINUTE = timedelta(minutes=1)
TODAY = NOON.date()
NARROW = "\u202f"


def _announce(
    user_id: int,
    release_id: int,
    *,
    at: datetime = NOON - 3 * MINUTE,
    session: int = 1,
    **given: object,
) -> None:
    values = {
        "uploaded": 0,
        "downloaded": 0,
        "left": 0,
        "first_at": NOON - 90 * MINUTE,
        "client": "-qB4500-",
    }
    PeerSession.objects.create(
        user_id=user_id, release_id=release_id, session=session, last_at=at, **(values | given)
    )


def _credit(user_id: int, release_id: int, at: datetime, **given: int) -> None:
    LedgerEntry.objects.create(user_id=user_id, release_id=release_id, at=at, **given)


def _told(user_id: int, code: str, subject: int, **given: object) -> None:
    values = {
        "times": 1,
        "first_at": NOON - 60 * MINUTE,
        "last_at": NOON - 10 * MINUTE,
        "client": "-TR4000-",
        "flags": IPV6 | 16,
    }
    AnnounceNotice.objects.create(user_id=user_id, code=code, subject=subject, **(values | given))


def _text(page: str) -> str:
    """Leave the marks of `<time>` out, to read whole sentences."""
    head, *rest = page.split("<time ")
    return head + "".join(part.split(">", 1)[1].replace("</time>", "", 1) for part in rest)


def test_the_last_announce_is_told_in_a_sentence(browser: Browser) -> None:
    person, release = make.account(), make.published()
    _announce(person.pk, release.pk)
    twelve = {"raw_up": 12_000_000, "credited_up": 12_000_000, "seed_time_s": 1_800}
    _credit(person.pk, release.pk, NOON - 3 * MINUTE, **twelve)
    # Of another announce, and of another release at the same moment.
    _credit(person.pk, release.pk, NOON - 33 * MINUTE, raw_up=5_000_000, credited_up=5_000_000)
    _credit(person.pk, release.pk + 1, NOON - 3 * MINUTE, raw_up=7, credited_up=7)

    page = _text(browser(person).get("/me/announces").text)

    assert (
        "Announce received 3 minutes ago from qBittorrent 4.5, UDP, IPv4;"
        " credited +12\u00a0MB, 30\u00a0min of seed time." in page
    )
    assert f'<a href="/torrents/{release.pk}">' in page


def test_the_same_in_french(browser: Browser) -> None:
    person, release = make.account(language="fr"), make.published()
    _announce(person.pk, release.pk)
    _credit(person.pk, release.pk, NOON - 3 * MINUTE, raw_up=12_000_000, credited_up=12_000_000)

    page = _text(browser(person, "fr").get("/me/announces").text)

    sentence = "Annonce reçue il y a 3 minutes de qBittorrent 4.5, UDP, IPv4 ; +12 Mo crédités."
    assert sentence.replace(" ;", f"{NARROW};").replace(" Mo", f"{NARROW}Mo") in page


def test_what_counts_for_nothing_is_told_as_such(browser: Browser) -> None:
    person, release = make.account(), make.published()
    _announce(person.pk, release.pk)
    _credit(person.pk, release.pk, NOON - 3 * MINUTE, raw_down=9_000_000, down_quarters=0)

    assert "; 0\u00a0B downloaded." in _text(browser(person).get("/me/announces").text)


@pytest.mark.parametrize(
    ("first_at", "words"),
    [(NOON - 3 * MINUTE, "counting begins with it"), (NOON - 90 * MINUTE, "nothing new to credit")],
)
def test_an_announce_that_added_nothing_says_why(
    browser: Browser, first_at: datetime, words: str
) -> None:
    person, release = make.account(), make.published()
    _announce(person.pk, release.pk, first_at=first_at, client="")

    page = _text(browser(person).get("/me/announces").text)

    assert f"from a client without a name, UDP, IPv4; {words}." in page


def test_held_credit_is_not_taken_for_that_of_an_announce(browser: Browser) -> None:
    person, release = make.account(), make.published()
    _announce(person.pk, release.pk)
    _credit(person.pk, release.pk, NOON - 3 * MINUTE, credited_up=-5)
    LedgerEntry.objects.update(kind=EntryKind.HELD)

    assert "nothing new to credit" in browser(person).get("/me/announces").text


def test_a_refusal_says_what_to_do_and_where(browser: Browser) -> None:
    person, release = make.account(), make.published()
    _told(person.pk, "key_revoked", release.pk, times=4)
    _told(person.pk, "unlisted", -77)

    page = _text(browser(person).get("/me/announces").text)
    refusals = page.split("<h2>Refusals</h2>")[1].split("</section>")[0]

    assert "The key in this .torrent is no longer good." in refusals
    assert "download the .torrent again and replace the one in your client" in refusals
    assert f'<a href="/torrents/{release.pk}">Download it again</a>' in refusals
    assert "4 times · the last 10 minutes ago · Transmission 4.0 · HTTP, IPv6" in refusals
    assert "Unknown torrent" in refusals
    assert "<h2>Warnings</h2>" not in page


def test_a_warning_stands_apart_and_names_the_members_own_release(browser: Browser) -> None:
    person = make.account()
    waiting = make.pending(viewer_for(person), title="Mes chansons")
    _told(person.pk, "pending", waiting.pk)

    page = browser(person).get("/me/announces").text
    warnings = page.split("<h2>Warnings</h2>")[1].split("</section>")[0]

    assert "Mes chansons" in warnings
    assert "The release waits for review by the team." in warnings
    assert "<h2>Refusals</h2>" not in page


def test_a_release_that_the_member_may_not_see_has_a_number_and_no_title(browser: Browser) -> None:
    person, removed = make.account(), make.published(title="Chose retirée")
    make.change(removed, ReleaseState.REMOVED_TERMS)
    hidden = make.pending(title="Chose cachée")
    _told(person.pk, "removed", removed.pk)
    _told(person.pk, "key_missing", hidden.pk)

    page = browser(person).get("/me/announces").text

    assert f"release no. {removed.pk}" in page
    assert f"release no. {hidden.pk}" in page
    assert "Chose" not in page
    assert "Download it again" not in page


@pytest.mark.parametrize(
    ("later", "is_over"),
    [
        ({"at": NOON - MINUTE}, True),
        ({"at": NOON - 20 * MINUTE}, False),
        ({"at": NOON - MINUTE, "is_running": False}, False),
    ],
    ids=["announced since", "announced before", "its last word"],
)
def test_a_refusal_is_over_once_an_announce_was_taken(
    browser: Browser, later: dict[str, object], *, is_over: bool
) -> None:
    person, release = make.account(), make.published()
    _told(person.pk, "out_of_touch", release.pk)
    _announce(person.pk, release.pk, **later)  # type: ignore[arg-type]

    page = browser(person).get("/me/announces").text

    assert ("Since then, an announce of this release was taken." in page) is is_over


def test_an_empty_page_gives_the_usual_causes(browser: Browser) -> None:
    page = browser(make.account()).get("/me/announces").text

    assert "No announce with your key yet" in page
    for cause in ("does not carry your key", "has not announced yet", "does not reach the tracker"):
        assert cause in page
    assert "<h2>Last announces</h2>" not in page


def test_the_causes_are_there_beside_other_torrents_too(browser: Browser) -> None:
    person, release = make.account(), make.published()
    _announce(person.pk, release.pk)

    page = browser(person).get("/me/announces").text

    assert "Your torrent is not among these?" in page
    assert "does not carry your key" in page


def test_nobody_reads_what_another_was_told(browser: Browser) -> None:
    person, release = make.account(), make.published()
    _told(person.pk, "suspended", release.pk)
    _announce(person.pk, release.pk)

    page = browser(make.account()).get("/me/announces").text

    assert "No announce with your key yet" in page
    assert "The account is suspended." not in page


def test_the_page_takes_few_queries_whatever_is_on_it(
    browser: Browser, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    person = make.account()
    for number in range(25):
        release = make.published()
        _announce(person.pk, release.pk, session=number)
        _told(person.pk, "key_revoked", release.pk)
    member = browser(person)

    # Who asks (three); announces, their credit, what was told, the releases.
    with django_assert_max_num_queries(7):
        answer = member.get("/me/announces")

    assert answer.status_code == 200
    assert answer.text.count("Announce received") == 20


@pytest.mark.parametrize("page", ["/me", "/me/downloads", "/me/downloads/{pk}", "/torrents/{pk}"])
def test_the_way_there_is_where_one_would_look(browser: Browser, page: str) -> None:
    person, release = make.account(), make.published(is_open=True)
    Transfer.objects.create(user_id=person.pk, release_id=release.pk, first_at=NOON, last_at=NOON)
    link = '<a href="/me/announces">Not counted? See why</a>'

    assert link in browser(person).get(page.format(pk=release.pk), follow=True).text


def test_a_visitor_is_not_led_to_a_page_of_members(browser: Browser) -> None:
    release = make.published(is_open=True)

    page = browser().get(f"/torrents/{release.pk}", follow=True).text

    assert "/me/announces" not in page


def _total(code: str, make_code: str, times: int, day: date = TODAY) -> None:
    NoticeTotal.objects.create(day=day, code=code, make=make_code, times=times)


def test_the_team_sees_reasons_by_make(
    browser: Browser, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    _total("unlisted", "qB", 1_200)
    _total("unlisted", "TR", 30)
    _total("key_wrong", "", 5)
    _total("pending", "qB", 2)
    for number, other in enumerate(("AZ", "DE", "LT", "UT")):
        _total("unlisted", other, 1 + number)
    moderator = browser(Role.MODERATOR)

    with django_assert_max_num_queries(5):
        page = moderator.get("/moderation/announces").text

    head = page.split("<thead>")[-1].split("</thead>")[0]
    assert [
        make for make in ("qBittorrent", "Transmission", "no name", "Vuze") if make in head
    ] == [
        "qBittorrent",
        "Transmission",
        "no name",
    ]
    rows = page.split("<tbody>")[-1].split("</tbody>")[0]
    assert rows.index("This torrent is not in the directory.") < rows.index("key_wrong")
    assert 'data-label="qBittorrent">1,200</td>' in rows
    assert 'data-label="Others">3</td>' in rows
    assert "<strong>1,240</strong>" in rows
    assert rows.count("a warning: the announce was taken") == 1
    assert "Refusals and warnings by day</title>" in page


@pytest.mark.parametrize(
    ("asked", "total"),
    [("", 3), ("?days=1", 1), ("?days=30", 7), ("?days=9999", 3), ("?days=x", 3)],
)
def test_the_team_chooses_how_far_back(browser: Browser, asked: str, total: int) -> None:
    for passed, times in ((0, 1), (6, 2), (29, 4), (30, 8)):
        _total("unlisted", "qB", times, TODAY - timedelta(days=passed))

    page = browser(Role.MODERATOR).get(f"/moderation/announces{asked}").text

    assert f"<strong>{total}</strong>" in page


def test_a_quiet_tracker_says_so(browser: Browser) -> None:
    page = browser(Role.MODERATOR).get("/moderation/announces").text

    assert "Nothing was refused" in page
    assert "<svg viewBox" not in page.split("<main")[1].split("</main>")[0]


def test_the_figures_are_the_teams(browser: Browser) -> None:
    assert browser().get("/moderation/announces").status_code == 302
    assert browser(Role.MEMBER).get("/moderation/announces").status_code == 403
    assert 'href="/moderation/announces"' in browser(Role.MODERATOR).get("/moderation").text


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", ("Held for review", "Given after review")), ("fr", ("Retenu pour", "Rendu après"))],
)
@pytest.mark.parametrize("is_listed", [True, False])
def test_held_and_given_credit_have_words_of_their_own(
    browser: Browser, language: str, words: tuple[str, str], *, is_listed: bool
) -> None:
    person = make.account(language=language)
    number = make.published().pk if is_listed else 987_654
    for kind, moved in ((EntryKind.HELD, -5_000_000), (EntryKind.GIVEN, 5_000_000)):
        LedgerEntry.objects.create(
            user_id=person.pk, release_id=number, kind=kind, credited_up=moved, at=NOON
        )
    LedgerEntry.objects.create(user_id=person.pk, kind=EntryKind.CORRECTION, credited_up=1, at=NOON)

    page = browser(person, language).get("/me/ledger").text

    for word in words:
        assert page.count(word) == 1
    assert page.count("Correction") == 1
    assert ("987654" in page) is not is_listed
