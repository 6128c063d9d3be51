"""Webhooks: signed documents, each told once, tried so often, then switched off."""

import hashlib
import hmac
import json
import re
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from django.core import mail
from pytest_django import Settings

from bottin.accounts.models import Account, AccountState
from bottin.accounts.viewer import Viewer, viewer_for
from bottin.community import actions, alerts, deliveries, hooks
from bottin.community.actions import Wanted
from bottin.community.errors import BadHook, HookUnknown, SearchUnknown, TooManyHooks
from bottin.community.hooks import Made
from bottin.community.models import Delivery, Hook, Match, SavedSearch
from bottin.lib.outgoing import Guard
from tests.factories import catalog as make
from tests.factories.catalog import NOON

pytestmark = pytest.mark.django_db
GUIDE = Path(__file__).parents[3] / "docs" / "api.md"
URL = "https://listener.example/bottin"
HOUR = timedelta(hours=1)
HERE = Guard(ports=None, may_reach=lambda address: address.is_loopback, timeout_s=5)


class Listener(BaseHTTPRequestHandler):
    """A program that takes what it is sent, or answers what it is told to."""

    heard: ClassVar[list[tuple[dict[str, str], bytes]]] = []
    status = 204

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.heard.append((dict(self.headers.items()), body))
        self.send_response(self.status)
        self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        del format, args


@pytest.fixture
def listener() -> Iterator[str]:
    Listener.heard, Listener.status = [], 204
    with ThreadingHTTPServer(("127.0.0.1", 0), Listener) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_address[1]}/hook"
        running.shutdown()
        thread.join()


def kept(member: Viewer, text: str = "jazz") -> SavedSearch:
    return actions.save_search(Wanted(text, text, f"q={text}"), by=member, at=NOON - HOUR)


def hooked(url: str = URL, member: Viewer | None = None) -> Made:
    """Give a search a webhook whose check was sent, and which may be on this machine."""
    member = member or make.viewer()
    made = hooks.set_hook(kept(member).pk, URL, by=member, at=NOON)
    Hook.objects.filter(pk=made.hook.pk).update(url=url)
    Delivery.objects.update(sent_at=NOON)
    return made


def found(hook: Hook, *, at: datetime = NOON, title: str = "Jazz") -> Match:
    release = make.published(title=title)
    return Match.objects.create(search_id=hook.pk, release=release, at=at)


def tell(at: datetime) -> int:
    deliveries.write_deliveries(at=at)
    return deliveries.send_deliveries(at=at, guard=HERE)


@pytest.mark.loopback
def test_a_result_is_sent_once_and_signed_with_the_secret_that_was_shown(listener: str) -> None:
    made = hooked(listener)
    match = found(made.hook)

    tell(NOON + HOUR)
    tell(NOON + 2 * HOUR)

    [(headers, body)] = Listener.heard
    signed = headers["Bottin-Timestamp"].encode() + b"." + body
    expected = hmac.new(made.secret.encode(), signed, hashlib.sha256).hexdigest()
    assert headers["Bottin-Signature"] == f"sha256={expected}"
    assert headers["Bottin-Timestamp"] == str(int((NOON + HOUR).timestamp()))
    told = json.loads(body)
    assert (told["kind"], told["search"]["name"]) == ("results", "jazz")
    assert [one["id"] for one in told["results"]] == [match.release_id]


@pytest.mark.loopback
def test_the_check_in_the_documentation_tells_true_from_false(listener: str) -> None:
    secret = hooked(listener).secret
    found(Hook.objects.get())
    tell(NOON)
    [(headers, body)] = Listener.heard
    example = re.search(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert example
    known: dict[str, Callable[..., bool]] = {}
    exec(example[1], known)  # noqa: S102 - our own page
    is_ours, soon = known["is_ours"], NOON.timestamp() + 10

    assert is_ours(secret, headers, body, soon)
    assert not is_ours(secret, headers, body + b" ", soon)
    assert not is_ours(secret, headers, body, soon + 600)
    assert not is_ours("other", headers, body, soon)


@pytest.mark.loopback
def test_a_new_webhook_is_checked_at_once(listener: str) -> None:
    member = make.viewer()
    made = hooks.set_hook(kept(member).pk, URL, by=member, at=NOON)
    Hook.objects.update(url=listener)

    tell(NOON)

    assert json.loads(Listener.heard[0][1])["kind"] == "check"
    made.hook.refresh_from_db()
    assert (made.hook.answer, made.hook.told_at) == ("204", NOON)


@pytest.mark.loopback
@pytest.mark.parametrize("status", [500, 302, 404])
def test_what_is_not_taken_is_sent_again_later_with_the_same_number(
    listener: str, status: int
) -> None:
    found(hooked(listener).hook)
    Listener.status = status

    tries = [tell(NOON + timedelta(minutes=minutes)) for minutes in (0, 0.5, 1, 5, 6)]

    assert tries == [1, 0, 1, 0, 1]
    assert len({headers["Bottin-Delivery"] for headers, _ in Listener.heard}) == 1
    assert not Delivery.objects.filter(sent_at=None, is_check=True).exists()


@pytest.mark.loopback
def test_after_the_last_try_it_is_switched_off_and_its_owner_is_told(
    listener: str, settings: Settings
) -> None:
    settings.BOTTIN_HOOK_TRIES = 2
    account = make.account()
    hook = hooked(listener, viewer_for(account)).hook
    found(hook)
    Listener.status = 500

    for hours in range(5):
        tell(NOON + hours * HOUR)
    alerts.send_letters(at=NOON + 5 * HOUR)
    alerts.send_letters(at=NOON + 6 * HOUR)

    hook.refresh_from_db()
    assert (len(Listener.heard), hook.off_at, hook.answer) == (2, NOON + HOUR, "500")
    [letter] = mail.outbox
    assert letter.to == [account.email]
    assert listener in letter.body


@pytest.mark.loopback
def test_switched_on_again_it_tells_what_it_missed(listener: str, settings: Settings) -> None:
    settings.BOTTIN_HOOK_TRIES = 1
    member = make.viewer()
    hook = hooked(listener, member).hook
    found(hook, title="Jazz un")
    Listener.status = 500
    tell(NOON)
    found(hook, title="Jazz deux", at=NOON + HOUR)
    Listener.status, Listener.heard = 200, []

    hooks.check_hook(hook.pk, by=member, at=NOON + 2 * HOUR)
    for hours in (2, 3):
        tell(NOON + hours * HOUR)

    titles = [one["title"] for _, body in Listener.heard for one in json.loads(body)["results"]]
    assert titles == ["Jazz un", "Jazz deux"]


@pytest.mark.loopback
def test_a_listener_that_says_gone_is_not_asked_again(listener: str) -> None:
    hook = hooked(listener).hook
    found(hook)
    Listener.status = 410

    tell(NOON)

    hook.refresh_from_db()
    assert hook.off_at == NOON


@pytest.mark.loopback
def test_a_crash_while_sending_counts_as_a_try_and_repeats_the_same_document(
    listener: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found(hooked(listener).hook)
    Listener.status = 500

    def die(*_given: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(deliveries, "_note", die)
        with pytest.raises(KeyboardInterrupt):
            tell(NOON)
    before = Delivery.objects.get(sent_at=None)

    tried = [tell(NOON + timedelta(minutes=minutes)) for minutes in (1, 5)]

    after = Delivery.objects.get(sent_at=None)
    assert (before.tries, tried, after.pk, after.tries) == (1, [0, 1], before.pk, 2)


@pytest.mark.loopback
def test_sec_17_our_own_network_is_out_of_reach() -> None:
    hook = hooked("https://127.0.0.1/").hook
    found(hook)
    deliveries.write_deliveries(at=NOON)

    deliveries.send_deliveries(at=NOON)

    hook.refresh_from_db()
    assert hook.answer == "address"


@pytest.mark.loopback
def test_what_is_published_no_longer_is_not_told(listener: str) -> None:
    match = found(hooked(listener).hook)
    match.release.state = "quarantined"
    match.release.save(update_fields=["state"])

    tell(NOON)

    assert Listener.heard == []


def test_of_a_suspended_account_nothing_is_sent() -> None:
    account = make.account()
    found(hooked(member=viewer_for(account)).hook)
    Account.objects.filter(pk=account.pk).update(state=AccountState.SUSPENDED, is_active=False)

    assert tell(NOON) == 0


@pytest.mark.parametrize(
    "url",
    [
        *("http://listener.example/", "https://", "ftp://x.example/", "https://me:it@x.example/"),
        *("https://x.example:22/", "https://x.example:port/", "https://[x/", "https://é.example/"),
        *("https://x.example/#part", "https://x.example/ y", f"https://x.example/{'a' * 500}"),
    ],
)
def test_an_address_that_cannot_be_is_refused(url: str) -> None:
    member = make.viewer()

    with pytest.raises(BadHook):
        hooks.set_hook(kept(member).pk, url, by=member, at=NOON)


def test_an_account_has_so_many_webhooks(settings: Settings) -> None:
    settings.BOTTIN_HOOKS_MAX = 1
    member = make.viewer()
    first = kept(member, "jazz")
    hooks.set_hook(first.pk, URL, by=member, at=NOON)

    with pytest.raises(TooManyHooks):
        hooks.set_hook(kept(member, "rock").pk, URL, by=member, at=NOON)
    again = hooks.set_hook(first.pk, URL, by=member, at=NOON)

    assert again.hook.pk == first.pk


def test_another_address_has_another_secret() -> None:
    member = make.viewer()
    search = kept(member)

    secrets = {hooks.set_hook(search.pk, URL, by=member, at=NOON).secret for _ in range(3)}

    assert len(secrets) == 3


def test_the_webhook_of_another_is_unknown() -> None:
    search, stranger = kept(make.viewer()), make.viewer()

    with pytest.raises(SearchUnknown):
        hooks.set_hook(search.pk, URL, by=stranger, at=NOON)
    with pytest.raises(SearchUnknown):
        hooks.check_hook(search.pk, by=stranger, at=NOON)


def test_a_webhook_that_is_removed_is_unknown() -> None:
    member = make.viewer()
    hook = hooked(member=member).hook

    hooks.remove_hook(hook.pk, by=member)

    with pytest.raises(HookUnknown):
        hooks.remove_hook(hook.pk, by=member)
