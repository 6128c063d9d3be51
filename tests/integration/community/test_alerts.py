"""Kept searches tell of what is published: once each, over crashes, at the chosen pace."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail import EmailMessage

from bottin.accounts.viewer import Viewer
from bottin.catalog.models import Release
from bottin.catalog.states import ReleaseState
from bottin.community import actions, alerts, queries
from bottin.community.actions import Wanted
from bottin.community.models import Letter, Match, Pace, SavedSearch
from bottin.config.alerts import IndexFinder
from bottin.search import tasks as search
from tests.factories import catalog as make
from tests.factories.catalog import NOON
from tests.factories.transactions import settle

# Changes are followed by transaction: they have to be committed.
pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


class Crashed(Exception):
    """The worker dies here."""


@dataclass
class TitleFinder:
    """An index that is always up to date and finds by the words of titles."""

    crashes: list[int] = field(default_factory=list)
    asked: int = 0

    def reached(self) -> int | None:
        """Hold every change."""
        return 2**62

    def found(self, search: SavedSearch, release_ids: Sequence[int]) -> set[int]:
        """Find by title; die at the calls that are to crash."""
        self.asked += 1
        if self.asked in self.crashes:
            raise Crashed
        rows = Release.objects.filter(pk__in=release_ids, title__icontains=search.text)
        return set(rows.values_list("pk", flat=True))


def look(finder: TitleFinder | IndexFinder, *, at: datetime) -> int:
    """Look for news once everything that was published can be followed."""
    settle()
    return alerts.note_matches(finder, at=at)


def follow_all() -> None:
    """Bring the index up to everything that was published."""
    settle()
    search.index_changes()


def keep(member: Viewer, text: str, pace: Pace = Pace.NEVER) -> SavedSearch:
    """Keep a search, an hour ago."""
    wanted = Wanted(text, text, f"q={text}", pace=pace)
    return actions.save_search(wanted, by=member, at=NOON - 60 * MINUTE)


@pytest.fixture
def finder() -> TitleFinder:
    """Begin to follow."""
    made = TitleFinder()
    look(made, at=NOON)
    return made


def test_a_published_release_is_new_for_the_searches_that_find_it(finder: TitleFinder) -> None:
    member = make.viewer()
    jazz, rock = keep(member, "jazz"), keep(member, "rock")
    make.published(title="Jazz manouche")

    look(finder, at=NOON)

    fresh = {line.search.pk: line.fresh for line in queries.saved_searches(member)}
    assert fresh == {jazz.pk: 1, rock.pk: 0}


def test_a_release_is_told_once_however_often_it_changes(finder: TitleFinder) -> None:
    keep(make.viewer(), "jazz")
    release = make.published(title="Jazz")
    for _ in range(3):
        look(finder, at=NOON)
        make.change(release, to=ReleaseState.QUARANTINED)
        make.change(release, to=ReleaseState.PUBLISHED)

    look(finder, at=NOON)

    assert Match.objects.count() == 1


def test_what_was_published_before_the_search_was_kept_is_no_news(finder: TitleFinder) -> None:
    make.published(title="Jazz", at=NOON - DAY)
    keep(make.viewer(), "jazz")

    look(finder, at=NOON)

    assert not Match.objects.exists()


def test_a_crash_while_looking_loses_and_repeats_nothing() -> None:
    finder = TitleFinder(crashes=[2])
    look(finder, at=NOON)
    for text in ("jazz", "manouche"):
        keep(make.viewer(), text, Pace.AT_ONCE)
    make.published(title="Jazz manouche")

    with pytest.raises(Crashed):
        look(finder, at=NOON)
    in_between = Match.objects.count()
    for _ in range(2):
        look(finder, at=NOON)

    assert (in_between, Match.objects.count()) == (0, 2)


def _post(at_minutes: int) -> None:
    at = NOON + at_minutes * MINUTE
    alerts.write_letters(at=at)
    alerts.send_letters(at=at)


def test_a_letter_tells_once_over_a_crash_between_writing_and_sending(
    finder: TitleFinder, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(make.viewer(), "jazz", Pace.AT_ONCE)
    release = make.published(title="Jazz manouche")
    look(finder, at=NOON)
    alerts.write_letters(at=NOON + MINUTE)
    real = EmailMessage.send

    def die(_message: EmailMessage, **_given: object) -> int:
        raise Crashed

    monkeypatch.setattr(EmailMessage, "send", die)
    with pytest.raises(Crashed):
        alerts.send_letters(at=NOON + MINUTE)
    monkeypatch.setattr(EmailMessage, "send", real)
    for minute in (2, 3):
        _post(minute)

    assert [message.subject.endswith("1 new result") for message in mail.outbox] == [True]
    assert f"/torrents/{release.pk}" in mail.outbox[0].body
    assert "Message-ID" in mail.outbox[0].extra_headers


def test_a_mail_server_that_is_away_is_asked_again_five_times(
    finder: TitleFinder, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(make.viewer(), "jazz", Pace.AT_ONCE)
    make.published(title="Jazz")
    look(finder, at=NOON)
    tries = []

    def refuse(_message: EmailMessage, **_given: object) -> int:
        tries.append(1)
        raise SMTPServerDisconnected

    monkeypatch.setattr(EmailMessage, "send", refuse)
    for minute in range(1, 9):
        _post(minute)

    assert len(tries) == alerts.TRIES_MAX
    assert Letter.objects.get().sent_at is None


def test_a_daily_letter_gathers_and_waits_for_the_morning(finder: TitleFinder) -> None:
    member = make.viewer()
    for text in ("jazz", "manouche"):
        keep(member, text, Pace.DAILY)
    make.published(title="Jazz manouche")
    look(finder, at=NOON)

    _post(60)
    same_day = len(mail.outbox)
    _post(24 * 60)
    _post(25 * 60)

    assert (same_day, len(mail.outbox)) == (0, 1)
    assert "2 new results" in mail.outbox[0].subject


def test_what_was_looked_at_on_the_site_is_not_mailed(finder: TitleFinder) -> None:
    member = make.viewer()
    kept = keep(member, "jazz", Pace.DAILY)
    make.published(title="Jazz")
    look(finder, at=NOON)
    actions.look_at_search(kept.pk, by=member, at=NOON + MINUTE)

    _post(24 * 60)

    assert mail.outbox == []


def test_letters_speak_the_language_of_their_reader(finder: TitleFinder) -> None:
    member = make.viewer(language="fr")
    keep(member, "jazz", Pace.AT_ONCE)
    make.published(title="Jazz")
    look(finder, at=NOON)

    _post(1)

    assert mail.outbox[0].subject.endswith("1 nouveau résultat")
    assert "Voici ce qui a paru" in mail.outbox[0].body
    assert "\njazz\n  Jazz\n  http" in mail.outbox[0].body


def test_old_results_are_forgotten_and_never_told_again(finder: TitleFinder) -> None:
    keep(make.viewer(), "jazz", Pace.AT_ONCE)
    make.published(title="Jazz")
    look(finder, at=NOON)
    _post(1)
    recent = alerts.forget_old(before=NOON - DAY)
    old = alerts.forget_old(before=NOON + DAY)

    _post(60)

    assert (recent, old, Letter.objects.count(), len(mail.outbox)) == (0, 1, 0, 1)


def test_the_index_itself_answers_for_kept_searches() -> None:
    real, member = IndexFinder(), make.viewer()
    search.index_changes()
    follow_all()
    look(real, at=NOON)
    kept = keep(member, "manouche -swing")
    make.published(title="Jazz manouche")
    make.published(title="Swing manouche")
    before = look(real, at=NOON)
    follow_all()

    after = look(real, at=NOON)

    assert (before, after) == (0, 1)
    assert [row.title for row in queries.results_of(member, kept.pk)] == ["Jazz manouche"]
