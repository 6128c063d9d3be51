"""Sites for the browser: one full of demonstration content, one empty and open to registration."""

from collections.abc import Iterator
from contextlib import contextmanager
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
_FILLED_WITHIN_S: Final = 300


@contextmanager
def demo_site(folder: Path) -> Iterator[Site]:
    """Run a site with all of its demonstration content."""
    site = Site(folder, {**_NO_HURRY, "BOTTIN_DEMO": "true"})
    site.start()
    told = folder.parent / f"{folder.name}.log"
    wait_until(
        lambda: "Demo logins:" in told.read_text("utf-8"), "the demo is full", _FILLED_WITHIN_S
    )
    yield site
    assert site.stop() == 0


@contextmanager
def open_site(folder: Path) -> Iterator[Site]:
    """Run an empty site where anybody registers; it believes where browsers say they are from."""
    site = Site(folder, {**_NO_HURRY, "BOTTIN_TRUSTED_PROXIES": "127.0.0.1"})
    site.start()
    yield site
    assert site.stop() == 0
