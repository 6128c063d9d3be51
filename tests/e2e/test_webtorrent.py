"""Two browsers exchange a file that only Bottin introduced them for, and both are credited (WS)."""

import base64
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from bottin.metainfo import bencode
from bottin.metainfo.build import BuildOptions, build
from tests.e2e.browser.driver import ARGUMENTS, CHROMIUM
from tests.e2e.clients import wait_until
from tests.e2e.site import Person
from tests.e2e.test_transfers import raw, sha256, swarm

PROGRAMS: Final = Path(__file__).resolve().parents[1] / "programs"
BUNDLE: Final = PROGRAMS / "node_modules/webtorrent/dist/webtorrent.min.js"
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(180),
    pytest.mark.skipif(
        not BUNDLE.is_file(), reason="the packages of tests/programs are not installed"
    ),
]
PAGE: Final = b"<!doctype html><title>peer</title><script type=module src=/peer.js></script>"
# Loopback is all that tests have: its addresses count, and are written out.
RTC: Final = (
    "--allow-loopback-in-peer-connection",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Run a Chromium whose WebRTC reaches itself."""
    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, *RTC])
        yield running
        running.close()


class Files(BaseHTTPRequestHandler):
    """The page of a peer, its script and the bundle; from loopback, which alone may call there."""

    def do_GET(self) -> None:
        """Answer with a file."""
        wanted = {"/peer.js": PROGRAMS / "peer.js", f"/{BUNDLE.name}": BUNDLE}.get(self.path)
        body = wanted.read_bytes() if wanted else PAGE
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript" if wanted else "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def place() -> Iterator[str]:
    """Serve the page that is a peer; its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Files) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_ws_08_two_browsers_exchange_a_file_and_both_members_are_credited_to_the_byte(
    browser: Browser, place: str, giver: Person, taker: Person, content: Path
) -> None:
    made = build(content, BuildOptions(version="v1", piece_length=32768))
    release = giver.publish(made.raw, content.name)
    before = raw(giver).sent, raw(taker).received
    seeder = joined(browser, place, giver.torrent(release), content)
    wait_until(lambda: swarm(giver, release)["seeders"] == 1, "the seeder counts")
    leecher = joined(browser, place, taker.torrent(release), None)

    wait_until(lambda: bool(told(leecher)["isComplete"]), f"everything came: {told(leecher)}")
    wait_until(lambda: told(seeder)["sent"] >= content.stat().st_size, "the seeder counted it")
    moved = told(seeder)["sent"], told(leecher)["received"]
    assert leecher.evaluate("digest()") == sha256(content)
    seeder.evaluate("report()")

    def credited() -> tuple[int, int]:
        return raw(giver).sent - before[0], raw(taker).received - before[1]

    wait_until(lambda: credited() == moved, f"{moved} is credited, to the byte")
    leecher.evaluate("leave()")
    seeder.evaluate("leave()")
    left = {"seeders": 0, "leechers": 0, "completed": 1}
    wait_until(lambda: swarm(giver, release) == left, "both left, one completed")
    assert credited() == moved, "a farewell without counters takes nothing back"


def test_the_torrent_of_a_member_names_where_browsers_announce(
    giver: Person, content: Path
) -> None:
    made = build(content, BuildOptions(version="v1", piece_length=32768))
    outer = bencode.decode(giver.torrent(giver.publish(made.raw, content.name)))

    assert isinstance(outer, dict)
    (udp,), (http,), (web,) = outer[b"announce-list"]
    assert udp.startswith(b"udp://")
    assert web == http.replace(b"http://", b"ws://")


def joined(browser: Browser, place: str, torrent: bytes, content: Path | None) -> Page:
    """Open a window that shares a torrent, from the start or from nothing."""
    page = browser.new_context().new_page()
    page.goto(place)
    page.wait_for_function("window.join !== undefined")
    held = None if content is None else encoded(content.read_bytes())
    page.evaluate("([torrent, content]) => join(torrent, content)", [encoded(torrent), held])
    return page


def encoded(data: bytes) -> str:
    """Write bytes for a page."""
    return base64.b64encode(data).decode()


def told(page: Page) -> dict[str, Any]:
    """What a browser says of its torrent."""
    said: dict[str, Any] = page.evaluate("told()")
    return said
