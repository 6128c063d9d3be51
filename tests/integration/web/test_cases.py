"""Held credit and flags on pages: the team decides with a remark, the member reads why it waits."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from bottin.accounts.models import Account
from bottin.accounts.permissions import Role
from bottin.ledger import queries as ledger
from bottin.ledger.models import Flag, FlagKind, Hold, PeerSession
from bottin.web import case_words
from tests.factories import cases as make_case
from tests.factories import catalog as make
from tests.factories.cases import MB, NOON

pytestmark = pytest.mark.django_db

Browser = Callable[..., Client]
LIST = "/moderation/ledger"


def _hold(**given: object) -> Hold:
    person, release = make.account(), make.published(title="Chansons")
    return make_case.hold(person.pk, release.pk, **given)


def _path(case: Hold | Flag) -> str:
    return f"{LIST}/{'holds' if isinstance(case, Hold) else 'flags'}/{case.pk}"


def _post(client: Client, case: Hold | Flag, decision: str, remark: str = "why") -> str:
    answer = client.post(_path(case), {"decision": decision, "remark": remark}, follow=True)
    return answer.text


def test_a_decision_without_a_remark_is_refused_and_what_was_chosen_stays(browser: Browser) -> None:
    hold = _hold()
    moderator = browser(Role.MODERATOR)

    answer = moderator.post(_path(hold), {"decision": "give", "remark": "  "})

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert "Say why in a remark" in answer.text
    assert '<details data-key="g" open' in answer.text
    assert ledger.open_holds() == [hold]


def test_the_second_of_two_decisions_changes_nothing_and_is_told(browser: Browser) -> None:
    hold = _hold()
    _post(browser(Role.MODERATOR), hold, "keep", "no such peers")

    answer = browser(Role.MODERATOR).post(_path(hold), {"decision": "give", "remark": "why"})

    assert answer.status_code == 409
    assert "Somebody decided on this held credit already" in answer.text
    assert "no such peers" in answer.text
    assert not Hold.objects.get().is_given_back


def test_a_closed_flag_is_not_closed_again(browser: Browser) -> None:
    flag = make_case.flag(make.account().pk, None)
    _post(browser(Role.MODERATOR), flag, "no_fault")

    answer = browser(Role.MODERATOR).post(_path(flag), {"decision": "fault", "remark": "why"})

    assert answer.status_code == 404
    assert Flag.objects.get().is_fault is False


def test_a_moderator_sees_their_own_case_without_buttons_and_cannot_post(browser: Browser) -> None:
    person = make.account(Role.MODERATOR)
    hold = make_case.hold(person.pk, make.published().pk)
    moderator = browser(person)

    page = moderator.get(_path(hold)).text
    answer = moderator.post(_path(hold), {"decision": "give", "remark": "mine"})

    assert "somebody else of the team decides it" in page
    assert 'name="decision"' not in page
    assert answer.status_code == 403
    assert ledger.open_holds() == [hold]


def test_a_remark_is_kept_without_what_the_database_cannot_hold(browser: Browser) -> None:
    hold = _hold()

    _post(browser(Role.MODERATOR), hold, "keep", " no\0thing ")

    assert Hold.objects.get().remark == "nothing"


@pytest.mark.parametrize("decision", ["", "burn", "no_fault"])
def test_a_decision_that_does_not_exist_changes_nothing(browser: Browser, decision: str) -> None:
    hold = _hold()

    _post(browser(Role.MODERATOR), hold, decision)

    assert ledger.open_holds() == [hold]


def test_members_and_visitors_do_not_enter(browser: Browser) -> None:
    hold = _hold()

    for path in (LIST, _path(hold)):
        assert browser().get(path).status_code == 302
        assert browser(Role.TRUSTED_PUBLISHER).get(path).status_code == 403
    assert browser(Role.MEMBER).post(_path(hold), {"decision": "give"}).status_code == 403


@pytest.mark.parametrize("path", [f"{LIST}/holds/987654", f"{LIST}/flags/987654"])
def test_what_does_not_exist_is_not_found(browser: Browser, path: str) -> None:
    assert browser(Role.MODERATOR).get(path).status_code == 404


@pytest.mark.parametrize(
    "query", ["?kind=x&older=-1&member=%00", "?older=9999999999999", "?member=" + "a" * 5000]
)
def test_filters_that_make_no_sense_are_left_out(browser: Browser, query: str) -> None:
    assert browser(Role.MODERATOR).get(LIST + query).status_code == 200


def test_a_forged_cursor_is_a_bad_request(browser: Browser) -> None:
    assert browser(Role.MODERATOR).get(f"{LIST}?cursor=forged").status_code == 400


def test_names_and_remarks_of_others_are_text_only(browser: Browser) -> None:
    hold = _hold()
    _post(browser(Role.MODERATOR), hold, "keep", "<script>alert(1)</script>")
    flag = make_case.flag(hold.user_id, hold.release_id, detail={"client": "<b>AB-", "times": 1})

    for path in (_path(hold), _path(flag)):
        page = browser(Role.MODERATOR).get(path).text
        assert "<script>alert" not in page
        assert "<b>AB-" not in page


def test_held_credit_is_told_in_sentences_with_figures(browser: Browser) -> None:
    hold = _hold()
    PeerSession.objects.create(
        user_id=hold.user_id,
        release_id=hold.release_id,
        session=1,
        uploaded=300 * MB,
        downloaded=0,
        left=0,
        first_at=NOON - timedelta(days=1),
        last_at=NOON,
        client="-qB4650-",
    )

    page = browser(Role.MODERATOR).get(LIST).text

    for words in (
        "members said to have sent 400\u00a0MB of this release, and to have received 100\u00a0MB.",
        "What is beyond 1.05 times that and 64\u202fMiB is too much: 200\u00a0MB.",
        "said to have sent 300\u00a0MB of it, so 150\u00a0MB of theirs is in doubt",
        "qBittorrent 4.6.5",
        "None was decided before.",
        "Chansons",
        "1 case waits",
    ):
        assert words in page


@pytest.mark.parametrize(
    ("kind", "detail", "words"),
    [
        ("above_line_rate", {"not_counted_up": "5000000", "not_counted_down": "0"}, "5\u00a0MB"),
        ("upload_to_nobody", {"uploaded": "20000000"}, "20\u00a0MB were sent while nobody else"),
        (
            "same_again",
            {"uploaded_each_time": "3000000", "rows": 6},
            "Exactly 3\u00a0MB were sent 6",
        ),
        ("too_much_down", {"downloaded": "200", "size": "100"}, "200\u00a0B were received"),
        ("ghost_leecher", {"left": "100", "since": "2026-05-30 10:00:00+00"}, "has moved nothing"),
        ("ghost_leecher", {"left": "100", "since": "nonsense"}, "since ?"),
        ("above_line_rate", {}, "? sent"),
        ("unbalanced", {}, "Sent and received do not agree"),
        ("above_others", {"sent": "9000000", "rows": 8, "score": 52}, "5.2 times"),
        ("above_habit", {"sent": "9000000", "rows": 8, "score": 52}, "5.2 times"),
    ],
)
def test_byte_11_every_kind_of_flag_has_a_sentence_with_its_figures(
    browser: Browser, kind: str, detail: dict[str, object], words: str
) -> None:
    flag = make_case.flag(make.account().pk, None, kind=kind, detail=detail)

    assert words in browser(Role.MODERATOR).get(_path(flag)).text


def test_every_kind_has_a_name_in_words() -> None:
    assert set(case_words.KINDS) == {"hold", *FlagKind}


def test_a_decision_leads_to_the_next_case_with_the_same_filters(browser: Browser) -> None:
    person = make.account()
    first, second = (make_case.flag(person.pk, number, at=NOON) for number in (1, 2))
    make_case.flag(make.account().pk, 1, at=NOON)
    moderator, query = browser(Role.MODERATOR), f"?member={person.name}"

    answer = moderator.post(_path(first) + query, {"decision": "no_fault", "remark": "why"})
    last = moderator.post(_path(second) + query, {"decision": "fault", "remark": "why"})

    assert answer["Location"] == _path(second) + query
    assert last["Location"] == LIST + query
    assert "Nothing waits" in moderator.get(last["Location"]).text


def test_the_keys_are_those_of_the_queue(browser: Browser) -> None:
    for number in range(3):
        make_case.flag(make.account().pk, number, at=NOON - timedelta(hours=number))
    middle = Flag.objects.order_by("at")[1]

    page = browser(Role.MODERATOR).get(_path(middle)).text

    assert "bottin/js/keys.js" in page
    for key in ("n", "x", "j", "k"):
        assert f'data-key="{key}"' in page


def test_a_case_takes_few_queries_whatever_is_on_it(
    browser: Browser, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    hold = _hold()
    for number in range(40):
        make_case.hold(make.account().pk, hold.release_id)
        make_case.flag(hold.user_id, number)
        make_case.flag(hold.user_id, number, resolved_at=NOON, is_fault=True)
    moderator = browser(Role.MODERATOR)

    # Who asks (three), the list (two); the case: itself, account, totals, balance, clients,
    # shares, earlier cases.
    with django_assert_max_num_queries(12):
        page = moderator.get(_path(hold)).text

    assert "81 cases wait" in page
    assert 'rel="next"' in page


def test_the_pages_of_the_team_lead_to_one_another(browser: Browser) -> None:
    moderator = browser(Role.MODERATOR)
    pages = ("/moderation", LIST, "/moderation/announces")

    for path in pages:
        text = moderator.get(path).text
        assert all(f'href="{other}"' in text for other in pages)


def test_a_member_reads_that_credit_waits_and_why(
    browser: Browser, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    hold = _hold()
    person = Account.objects.get(pk=hold.user_id)
    member = browser(person)

    with django_assert_max_num_queries(8):
        page = member.get("/me/ledger").text

    assert 'id="held">Held credit' in page
    assert "150\u00a0MB of credit" in page
    assert "to have received 100\u00a0MB." in page
    assert "It is held, not lost" in page


def test_a_member_reads_why_credit_stays_held_and_nothing_of_what_was_given(
    browser: Browser,
) -> None:
    kept = _hold()
    person = Account.objects.get(pk=kept.user_id)
    given = make_case.hold(person.pk, make.published(title="Contes").pk)
    moderator = browser(Role.MODERATOR)
    _post(moderator, kept, "keep", "nobody received it")
    _post(moderator, given, "give", "found the peers")

    page = browser(person).get("/me/ledger").text
    notices = page.split('id="held"')[1].split("</section>")[0]

    assert "it stays held." in notices
    assert "nobody received it" in notices
    assert "Contes" not in notices


def test_a_member_is_not_told_for_ever_what_was_kept(browser: Browser) -> None:
    kept = _hold()
    _post(browser(Role.MODERATOR), kept, "keep", "nobody received it")
    member = browser(Account.objects.get(pk=kept.user_id))

    pages = []
    for days in (89, 91):
        Hold.objects.update(decided_at=NOON - timedelta(days=days))
        pages.append(member.get("/me/ledger").text)

    assert ["nobody received it" in page for page in pages] == [True, False]


def test_flags_are_not_shown_to_their_member_nor_holds_to_others(browser: Browser) -> None:
    hold = _hold()
    person = make.account()
    make_case.flag(person.pk, hold.release_id)

    page = browser(person).get("/me/ledger").text

    assert 'id="held"' not in page


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Held credit and flags"), ("fr", "Crédit retenu et signaux")],
)
def test_the_page_speaks_both_languages(browser: Browser, language: str, words: str) -> None:
    _hold()

    assert (
        words in browser(make.account(Role.MODERATOR, language=language), language).get(LIST).text
    )
