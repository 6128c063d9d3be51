"""Web seeds: given on allowed hosts, checked piece by piece, handed out when they hold it."""

import hashlib
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import unquote

import pytest
from pytest_django import Settings

from bottin.accounts.permissions import Role
from bottin.audit.models import AuditEvent
from bottin.catalog import downloads, tasks, web_seeds
from bottin.catalog.errors import ReleaseNotFound, WebSeedRefused
from bottin.catalog.models import Release, SeedState, StoredMetainfo, WebSeed
from bottin.lib.outgoing import Guard
from bottin.metainfo import bencode
from bottin.metainfo.parser import parse
from tests.factories import catalog as make
from tests.factories.catalog import NOON, PIECE

pytestmark = pytest.mark.django_db
URL = "https://archive.org/download/chansons/"
CONTENT = {
    "chansons/petit.txt": b"x" * 900,
    "chansons/un air.flac": bytes(range(256)) * 300,
}


class Server(BaseHTTPRequestHandler):
    """A web server that holds files, and can be made to do wrong."""

    files: ClassVar[dict[str, bytes]] = {}
    knows_ranges = True

    def do_GET(self) -> None:
        body = self.files.get(unquote(self.path).lstrip("/"))
        if body is None:
            self.send_error(404)
            return
        first, last = map(int, self.headers["Range"].removeprefix("bytes=").split("-"))
        part = body[first : last + 1] if self.knows_ranges else body
        self.send_response(206 if self.knows_ranges else 200)
        self.send_header("Content-Length", str(len(part)))
        self.send_header("Content-Range", f"bytes {first}-{last}/{len(body)}")
        self.end_headers()
        self.wfile.write(part)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        del format, args


@pytest.fixture
def server(settings: Settings) -> Iterator[str]:
    settings.BOTTIN_WEB_SEED_HOSTS = ("127.0.0.1",)
    settings.BOTTIN_WEB_SEED_CHECKS = True
    Server.files, Server.knows_ranges = dict(CONTENT), True
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_address[1]}/"
        running.shutdown()
        thread.join()


def here() -> Guard:
    return Guard(ports=None, may_reach=lambda address: address.is_loopback)


def release_of(content: dict[str, bytes]) -> Release:
    whole = b"".join(content.values())
    spans = range(0, len(whole), PIECE)
    digests = [hashlib.sha1(whole[i : i + PIECE], usedforsecurity=False) for i in spans]
    files = [
        {b"length": len(body), b"path": [part.encode() for part in path.split("/")[1:]]}
        for path, body in content.items()
    ]
    info = {
        b"files": files,
        b"name": b"chansons",
        b"piece length": PIECE,
        b"pieces": b"".join(digest.digest() for digest in digests),
    }
    return make.published(of=parse(bencode.encode({b"info": info})))


def seed_at(url: str, release: Release | None = None) -> WebSeed:
    return WebSeed.objects.create(release=release or release_of(CONTENT), url=url)


@pytest.mark.loopback
def test_tor_19_a_server_that_holds_the_pieces_is_found_good_and_handed_out(server: str) -> None:
    seed = seed_at(server)
    release = seed.release

    found = web_seeds.check(seed, at=NOON, guard=here())

    seed.refresh_from_db()
    assert (found.state, found.code) == (SeedState.OK, "compared")
    assert (seed.state, seed.checked_at) == (SeedState.OK, NOON)
    content = downloads.personal_torrent(release, viewer=make.viewer()).content
    whole = bencode.decode(content)
    assert isinstance(whole, dict)
    assert whole[b"url-list"] == [server.encode()]


@pytest.mark.loopback
@pytest.mark.parametrize(
    ("fault", "state", "code"),
    [
        ("other bytes", SeedState.WRONG, "content"),
        ("other size", SeedState.WRONG, "size"),
        ("no ranges", SeedState.WRONG, "no_ranges"),
        ("missing", SeedState.GONE, "answer"),
    ],
)
def test_tor_19_a_wrong_server_is_no_longer_handed_out(
    server: str, fault: str, state: SeedState, code: str
) -> None:
    name = "chansons/un air.flac"
    if fault == "other bytes":
        Server.files[name] = bytes(len(CONTENT[name]))
    elif fault == "other size":
        Server.files[name] += b"!"
    elif fault == "missing":
        del Server.files[name]
    Server.knows_ranges = fault != "no ranges"
    seed = seed_at(server)

    found = web_seeds.check(seed, at=NOON, guard=here())

    assert (found.state, found.code) == (state, code)
    assert StoredMetainfo.objects.get(pk=seed.release_id).served_seeds == []


@pytest.mark.loopback
def test_sec_17_our_own_network_is_out_of_reach(server: str) -> None:
    found = web_seeds.check(seed_at(server), at=NOON)

    assert (found.state, found.code) == (SeedState.GONE, "address")


def test_a_host_that_left_the_list_is_not_asked() -> None:
    found = web_seeds.check(seed_at("https://example.org/x/"), at=NOON)

    assert (found.state, found.code) == (SeedState.REFUSED, "host")


def test_a_seed_of_the_torrent_that_is_wrong_is_left_out_of_downloads() -> None:
    release = make.published()
    StoredMetainfo.objects.filter(pk=release.pk).update(web_seeds=[URL])
    stored = StoredMetainfo.objects.get(pk=release.pk)
    web_seeds.keep_those_of_torrent(release, stored.web_seeds, at=NOON)
    assert downloads.allowed_web_seeds(stored) == (URL,)

    release.web_seeds.update(state=SeedState.WRONG)
    web_seeds.add_seed(release.pk, "https://debian.org/y/", by=make.viewer(Role.MODERATOR), at=NOON)

    stored.refresh_from_db()
    assert downloads.allowed_web_seeds(stored) == ("https://debian.org/y/",)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://archive.org/x/", "not_https"),
        ("https://archive.org:8443/x/", "not_https"),
        ("https://me@archive.org/x/", "not_https"),
        ("https://archive.org/a b", "not_https"),
        ("ftp://archive.org/x", "not_https"),
        ("https://[bad/x", "not_https"),
        ("https://evilarchive.org/x/", "host"),
        ("https://archive.org.example.net/x/", "host"),
        ("https://127.0.0.1/x/", "host"),
        ("https://archive.org/" + "x" * 500, "too_long"),
    ],
)
def test_tor_18_only_https_on_the_hosts_of_the_list(url: str, reason: str) -> None:
    owner = make.viewer()
    release = make.published(owner)

    with pytest.raises(WebSeedRefused) as refusal:
        web_seeds.add_seed(release.pk, url, by=owner, at=NOON)

    assert refusal.value.context["reason"] == reason


def test_a_publisher_gives_a_seed_once_and_takes_it_back() -> None:
    owner = make.viewer()
    release = make.published(owner)

    seed = web_seeds.add_seed(release.pk, URL, by=owner, at=NOON)
    again = web_seeds.add_seed(release.pk, URL, by=owner, at=NOON)

    assert seed == again
    assert StoredMetainfo.objects.get(pk=release.pk).served_seeds == [URL]

    web_seeds.remove_seed(release.pk, seed.pk, by=owner)

    assert web_seeds.seeds_of(release) == ()
    assert StoredMetainfo.objects.get(pk=release.pk).served_seeds == []
    assert AuditEvent.objects.filter(action__startswith="release.web_seed").count() == 2
    with pytest.raises(ReleaseNotFound):
        web_seeds.add_seed(release.pk, URL, by=make.viewer(), at=NOON)


def test_where_seeds_are_checked_an_unchecked_one_waits(settings: Settings) -> None:
    settings.BOTTIN_WEB_SEED_CHECKS = True
    owner = make.viewer()
    release = make.published(owner)

    web_seeds.add_seed(release.pk, URL, by=owner, at=NOON)

    assert StoredMetainfo.objects.get(pk=release.pk).served_seeds == []


def test_seeds_are_asked_weekly_never_checked_ones_first() -> None:
    release = make.published()
    old = WebSeed.objects.create(release=release, url=f"{URL}a", checked_at=NOON)
    new = WebSeed.objects.create(release=release, url=f"{URL}b")

    assert web_seeds.due(NOON + timedelta(days=6), 5) == (new,)
    assert set(web_seeds.due(NOON + timedelta(days=8), 5)) == {old, new}


def test_the_site_asks_nobody_unless_the_operator_wants_it() -> None:
    seed_at("https://example.org/x/")

    assert tasks.check_web_seeds() == 0
