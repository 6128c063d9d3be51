"""Sites for the browser: one full of demonstration content, one empty and open to registration."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.e2e.clients import wait_until
from tests.e2e.site import Site

# The browsers of a test come from one address and are quicker than people.
_NO_HURRY: Final = {
    "BOTTIN_THROTTLE_LOGIN": "10000/1m",
    "BOTTIN_THROTTLE_SIGN_UP": "10000/1m",
    "BOTTIN_THROTTLE_SEARCH": "10000/1m",
    "BOTTIN_REGISTRATION": "open",
}
# It takes a minute of processor time; a busy machine shares its cores with others.
_FILLED_WITHIN_S: Final = 900


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody with an account; pages speak the account's language, whatever the browser asks."""

    name: str
    role: str
    language: str


def create(site: Site, member: Member) -> Member:
    """Make the account."""
    chosen = ("--role", member.role, "--language", member.language)
    site.bottin("user", "create", member.name, "--email", f"{member.name}@1.test", *chosen)
    return member


@contextmanager
def demo_site(folder: Path) -> Iterator[Site]:
    """Run a site with all of its demonstration content; nobody shares it, so pages stay still."""
    quiet = {"BOTTIN_DEMO": "true", "BOTTIN_DEMO_CLIENTS": "0"}
    with _running(Site(folder, {**_NO_HURRY, **quiet})) as site:
        log = folder.parent / f"{folder.name}.log"

        def is_full() -> bool:
            told = log.read_text("utf-8")
            assert site.process is not None
            assert site.process.poll() is None, told
            return "Demo logins:" in told

        wait_until(is_full, "the demo is full", _FILLED_WITHIN_S)
        yield site


@contextmanager
def open_site(folder: Path) -> Iterator[Site]:
    """Run an empty site where anybody registers; it believes where browsers say they are from."""
    with _running(Site(folder, {**_NO_HURRY, "BOTTIN_TRUSTED_PROXIES": "127.0.0.1"})) as site:
        yield site


@contextmanager
def _running(site: Site) -> Iterator[Site]:
    try:
        site.start()
        yield site
    finally:
        code = site.stop()
    assert code == 0
