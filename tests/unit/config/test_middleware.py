"""Forwarded addresses are believed from the site's proxies only; every answer has its headers."""

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from bottin.config import env
from bottin.config.middleware import SecurityHeaders, TrustedProxies


@pytest.fixture
def through_proxies(settings: Settings) -> Any:
    """Give a function that tells what a view sees of a request."""
    settings.BOTTIN = env.read({"BOTTIN_TRUSTED_PROXIES": "10.0.0.0/8, ::1"})
    seen: list[HttpRequest] = []

    def answer(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return HttpResponse()

    def ask(remote: str, **headers: Any) -> HttpRequest:
        request = RequestFactory(REMOTE_ADDR=remote, **headers).get("/")
        TrustedProxies(answer)(request)
        return seen[-1]

    return ask


@pytest.mark.parametrize(
    ("remote", "forwarded", "client"),
    [
        ("10.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("::1", "203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "198.51.100.9, 203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", "203.0.113.7, 10.9.9.9", "203.0.113.7"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "203.0.113.7, nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("203.0.113.66", "198.51.100.9", "203.0.113.66"),
    ],
)
def test_the_nearest_stranger_is_the_client(
    through_proxies: Any, remote: str, forwarded: str, client: str
) -> None:
    request = through_proxies(remote, HTTP_X_FORWARDED_FOR=forwarded)

    assert request.META["REMOTE_ADDR"] == client


def test_a_stranger_cannot_pretend_to_use_tls(through_proxies: Any) -> None:
    assert not through_proxies("203.0.113.66", HTTP_X_FORWARDED_PROTO="https").is_secure()
    assert through_proxies("10.0.0.1", HTTP_X_FORWARDED_PROTO="https").is_secure()


def test_nobody_forwards_a_host(through_proxies: Any) -> None:
    for remote in ("10.0.0.1", "203.0.113.66"):
        request = through_proxies(remote, HTTP_X_FORWARDED_HOST="evil.example")
        assert "HTTP_X_FORWARDED_HOST" not in request.META


def test_every_answer_has_its_headers(client: Client) -> None:
    headers = client.get("/healthz").headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    assert "camera=()" in headers["Permissions-Policy"]


def test_the_content_policy_allows_nothing_inline(client: Client) -> None:
    policy = client.get("/healthz").headers["Content-Security-Policy"]

    rules = dict(rule.strip().partition(" ")[::2] for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["object-src"] == rules["base-uri"] == rules["frame-ancestors"] == "'none'"
    assert "unsafe" not in policy


def test_what_a_member_sees_stays_out_of_caches() -> None:
    class Member:
        is_authenticated = True

    request = RequestFactory().get("/")
    request.user = Member()  # type: ignore[assignment]

    response = SecurityHeaders(lambda _: HttpResponse())(request)

    assert "no-store" in response.headers["Cache-Control"]
