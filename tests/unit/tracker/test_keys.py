"""Announce keys: derived, bound, revocable; and the addresses that carry them."""

import re
from typing import Any

import pytest

from bottin.config import env
from bottin.config.errors import ConfigError
from bottin.config.values import Address
from bottin.tracker import keys, site
from bottin.tracker.dataplane import KeyKind, announce_key, read_announce_key
from bottin.tracker.errors import KeyNotIssuable
from tests.factories.accounts import make_account
from tests.factories.tracker import v1_hash

SECRET = bytes(range(32))


def test_a_key_is_39_characters_of_lower_case_base32() -> None:
    assert re.fullmatch(r"[a-z2-7]{39}", announce_key(SECRET, KeyKind.ACCOUNT, 7, 1))


def test_a_key_says_whose_it_is() -> None:
    key = announce_key(SECRET, KeyKind.ACCOUNT, 7, 3)

    assert read_announce_key(SECRET, key) == (KeyKind.ACCOUNT, 7, 3)


def test_a_key_of_another_secret_is_no_key() -> None:
    assert read_announce_key(SECRET, announce_key(bytes(32), KeyKind.ACCOUNT, 7, 1)) is None


def test_a_torrent_key_opens_its_torrent_only() -> None:
    key = announce_key(SECRET, KeyKind.TORRENT, 7, 1, v1_hash(1))

    assert read_announce_key(SECRET, key, v1_hash(1)) == (KeyKind.TORRENT, 7, 1)
    assert read_announce_key(SECRET, key, v1_hash(2)) is None


@pytest.mark.parametrize("at", range(39))
def test_a_key_with_one_letter_changed_is_no_key(at: int) -> None:
    key = announce_key(SECRET, KeyKind.ACCOUNT, 7, 1)
    changed = key[:at] + ("a" if key[at] != "a" else "b") + key[at + 1 :]

    assert read_announce_key(SECRET, changed) is None


@pytest.mark.django_db
def test_a_new_version_is_another_key() -> None:
    account = make_account()
    before = keys.account_key(account), keys.torrent_key(account, v1_hash(1))

    account.key_version += 1

    assert keys.account_key(account) != before[0]
    assert keys.torrent_key(account, v1_hash(1)) != before[1]


@pytest.mark.django_db
def test_http_15_a_key_that_clients_would_rewrite_is_not_issued(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object) -> str:
        raise ValueError("take the next version")

    monkeypatch.setattr(keys, "announce_key", refuse)

    with pytest.raises(KeyNotIssuable):
        keys.account_key(make_account())


def test_tiers_name_udp_first_then_http_then_what_browsers_speak() -> None:
    host = site.announce_host()

    assert keys.announce_tiers("k") == [
        [f"udp://{host}/k/announce"],
        [f"http://{host}/k/announce"],
        [f"ws://{host}/k/announce"],
    ]


@pytest.mark.parametrize(
    ("given", "tiers"),
    [
        ({"tracker_ws_url": "wss://t.example"}, [["wss://t.example/k/announce"]]),
        ({"tracker_ws_url": "off"}, []),
        ({"tracker_ws_connections": 0}, []),
        (
            {"tracker_host": "t.example:6969", "tracker_tls_listen": (Address("::", 6443),)},
            [["wss://t.example:6443/k/announce"]],
        ),
    ],
)
def test_browsers_are_told_what_the_settings_say(
    given: dict[str, object], tiers: list[list[str]], settings: Any
) -> None:
    settings.BOTTIN = settings.BOTTIN.model_copy(update=given)

    told = [tier for tier in keys.announce_tiers("k") if tier[0].startswith("ws")]
    assert told == tiers
    assert not tiers or keys.announce_tiers("k")[-1] == tiers[0]


TLS = {"tracker_host": "t.example:6969", "tracker_tls_listen": (Address("::", 6443),)}
BEHIND = {"tracker_host": "t.example:6969", "tracker_https_url": "https://t.example"}


@pytest.mark.parametrize(
    ("given", "secure"),
    [
        (TLS, ["https://t.example:6443/k/announce"]),
        (BEHIND, ["https://t.example/k/announce"]),
        (TLS | {"tracker_https_url": "https://elsewhere:1"}, ["https://elsewhere:1/k/announce"]),
        (TLS | {"tracker_host": "[2001:db8::1]:6969"}, ["https://[2001:db8::1]:6443/k/announce"]),
        (TLS | {"tracker_https_url": "off"}, []),
        ({"tracker_host": "t.example:6969"}, []),
    ],
    ids=["a listener", "a proxy", "both", "IPv6", "switched off", "neither"],
)
def test_https_comes_before_plain_http_where_the_tracker_speaks_it(
    given: dict[str, object], secure: list[str], settings: Any
) -> None:
    settings.BOTTIN = settings.BOTTIN.model_copy(update=given)

    tiers = keys.announce_tiers("k")

    host = site.announce_host()
    plain = [f"udp://{host}/k/announce", *secure, f"http://{host}/k/announce"]
    assert [url for tier in tiers for url in tier][:-1] == plain
    assert all(len(tier) == 1 for tier in tiers)


@pytest.mark.parametrize("wrong", ["http://t.example", "https://", "https://t/x", "t.example"])
def test_an_https_address_is_written_whole_or_the_start_is_refused(
    wrong: str,
) -> None:
    with pytest.raises(ConfigError, match="BOTTIN_TRACKER_HTTPS_URL"):
        env.read({"BOTTIN_TRACKER_HTTPS_URL": wrong})


def test_without_a_key_the_addresses_are_those_of_open_releases() -> None:
    assert keys.announce_tiers(None)[1] == [f"http://{site.announce_host()}/announce"]
