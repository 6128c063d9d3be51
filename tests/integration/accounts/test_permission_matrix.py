"""Every route declares one permission, and holds every role to it (SEC-12, ROLE-2)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern
from pytest_django import Settings

from bottin.accounts.models import Account
from bottin.accounts.permissions import TABLE, Permission, Role
from bottin.web.permissions import permission_of
from tests.factories.accounts import make_account

# Asked by a load balancer, which has no role; they say up or down and nothing else.
WITHOUT_ROLE: Final = {"healthz", "readyz"}
# Pages that answer 403 to whoever they are for.
SAYS_NO_BY_ITSELF: Final = {"account_inactive"}
SAMPLES: Final = {"int": "999999", "str": "personne", "slug": "rien", "uuid": "0" * 32, "path": "x"}
REGEX_SAMPLES: Final = {"key": "x", "uidb36": "1", "rest": "x"}


@dataclass(frozen=True)
class Route:
    """One pattern of the URLconf: a path that it takes, its name and its view."""

    path: str
    name: str
    view: object


def routes() -> list[Route]:
    return list(_walk(get_resolver().url_patterns, "/"))


def _walk(patterns: list[URLPattern | URLResolver], start: str) -> Iterator[Route]:
    for item in patterns:
        path = start + _sample(item)
        if isinstance(item, URLResolver):
            yield from _walk(item.url_patterns, path)
        else:
            yield Route(path, str(item.name), item.callback)


def _sample(item: URLPattern | URLResolver) -> str:
    """Write a path that the pattern takes."""
    if isinstance(item.pattern, RoutePattern):
        return re.sub(
            r"<(?:(\w+):)?\w+>", lambda found: SAMPLES[found[1] or "str"], str(item.pattern)
        )
    text = re.sub(r"\(\?P<(\w+)>[^()]*\)", lambda found: REGEX_SAMPLES[found[1]], str(item.pattern))
    return text.replace("^", "").replace("$", "")


def test_every_route_declares_a_permission() -> None:
    silent = {
        route.path
        for route in routes()
        if route.path.strip("/") not in WITHOUT_ROLE and permission_of(route.view) is None
    }

    assert silent == set()


def test_the_walk_reaches_the_pages_it_should() -> None:
    names = {route.name for route in routes()}

    assert {"home", "release", "publish", "moderation", "me", "me_key", "account_login"} <= names


def test_every_sample_path_leads_to_its_route() -> None:
    resolver = get_resolver()

    strays = [route for route in routes() if resolver.resolve(route.path).func != route.view]

    assert strays == []


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_every_route_holds_this_role_to_its_permission(role: Role) -> None:
    account = None if role is Role.VISITOR else make_account(role=role)
    wrong = []

    for route in routes():
        permission = permission_of(route.view)
        if permission is None or route.path.startswith("/api/"):  # it answers to tokens
            continue
        if _is_refused(_signed_in(account), route) is (permission in TABLE[role]):
            wrong.append((route.path, permission))

    assert wrong == []


def _signed_in(account: Account | None) -> Client:
    """Open a browser for each route: some routes sign out."""
    client = Client(HTTP_HOST="localhost")
    if account is not None:
        client.force_login(account)
    return client


def _is_refused(client: Client, route: Route) -> bool:
    answer = client.get(route.path)
    if answer.status_code == 405:
        answer = client.post(route.path)
    to_sign_in = answer.status_code == 302 and answer["Location"].startswith("/account/sign-in")
    return to_sign_in or (answer.status_code == 403 and route.name not in SAYS_NO_BY_ITSELF)


@pytest.mark.django_db
def test_a_private_site_shows_a_visitor_the_way_in_and_nothing_else(settings: Settings) -> None:
    settings.BOTTIN_ACCESS = "private"
    client = _signed_in(None)

    shown = {
        permission_of(route.view)
        for route in routes()
        if permission_of(route.view) is not None
        and not route.path.startswith("/api/")
        and client.get(route.path).status_code == 200
    }

    assert shown <= {Permission.SIGN_IN}
