"""No log line tells a secret or an address, whatever surrounds it."""

import base64
import ipaddress
import logging
import string

import pytest
import structlog
from hypothesis import example, given
from hypothesis import strategies as st

from bottin.config import env, logs
from bottin.config.redaction import redact, redact_event, redact_text

KEYS = st.binary(min_size=24, max_size=24).map(
    lambda raw: base64.b32encode(raw).decode().rstrip("=").lower()
)
AROUND = st.text(st.sampled_from(" /?&=.,;:'\"\n()[]{}<>é-"), max_size=10)
SECRETS = st.text(string.ascii_letters + string.digits + "+/_-.~", min_size=8, max_size=60)
ADDRESSES = st.ip_addresses().filter(lambda a: not (a.is_loopback or a.is_unspecified))


@given(KEYS, AROUND, AROUND)
def test_announce_keys_are_hidden_wherever_they_stand(key: str, before: str, after: str) -> None:
    assert key not in redact_text(f"GET {before}/{key}/announce{after}")
    assert key.upper() not in redact_text(f"{before}{key.upper()}{after}")


@given(SECRETS, st.sampled_from(["Bearer", "bearer", "Basic", "Token"]))
def test_authorization_headers_are_hidden(secret: str, scheme: str) -> None:
    assert secret not in redact_text(f"Authorization: {scheme} {secret}")


@given(SECRETS, st.sampled_from(["password", "token", "key", "api_key", "csrfmiddlewaretoken"]))
def test_named_secrets_are_hidden_in_texts(secret: str, name: str) -> None:
    for text in (f"?a=1&{name}={secret}&b=2", f"{name}: {secret}", f'{{"{name}": "{secret}"}}'):
        assert secret not in redact_text(text)


@given(ADDRESSES)
@example(ipaddress.ip_address("203.0.113.7"))
@example(ipaddress.ip_address("::ffff:203.0.113.7"))
def test_addresses_are_hidden(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    shown = f"[{address}]" if address.version == 6 else str(address)

    for text in (f"from {address}", f"from {shown}:6881", f"peer={address},", f"({address})"):
        assert str(address) not in redact_text(text)


@pytest.mark.parametrize(
    "text",
    [
        "listening on 127.0.0.1:8411 and [::1]:6969",
        "took 12:34:56 for 3.14 seconds",
        "bottin::wire::udp",
        "postgres 18.6 on 0.0.0.0:5432",
        "release 42 published",
    ],
)
def test_what_tells_nothing_stays(text: str) -> None:
    assert redact_text(text) == text


def test_passwords_in_database_addresses_are_hidden() -> None:
    assert redact_text("postgresql://bottin:hush@db/bottin") == "postgresql://bottin:***@db/bottin"


@given(SECRETS)
def test_fields_named_as_secrets_are_hidden_however_deep(secret: str) -> None:
    event = redact_event(
        None, "info", {"event": "x", "password": secret, "more": [{"Authorization": secret}]}
    )

    assert secret not in str(event)
    assert event["event"] == "x"


def test_the_shape_of_an_event_stays() -> None:
    given_value = {"n": 1, "ok": True, "none": None, "list": ["a", b"b"], "map": {"k": 1.5}}

    assert redact(given_value) == {
        "n": 1,
        "ok": True,
        "none": None,
        "list": ["a", "b"],
        "map": {"k": 1.5},
    }


def test_tracebacks_and_libraries_lines_are_redacted(capsys: pytest.CaptureFixture[str]) -> None:
    before = logging.getLogger().handlers[:]
    logs.configure(env.read({"BOTTIN_LOG_FORMAT": "json"}), "web")
    try:
        try:
            int("refused 203.0.113.7 with password=hush")
        except ValueError:
            structlog.get_logger("test").exception("it.broke", announce_key="a" * 39)
        logging.getLogger("library").warning("peer %s, token=%s", "203.0.113.8", "hush")
    finally:
        logging.getLogger().handlers[:] = before
        logs.configure(env.load(), "command")

    written = capsys.readouterr().err
    assert "it.broke" in written
    assert '"part": "web"' in written
    assert "hush" not in written
    assert "203.0.113" not in written
    assert "a" * 39 not in written
