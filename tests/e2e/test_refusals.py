"""Whoever may not announce is told why, in words, over HTTP and UDP; nothing is served to them."""

import secrets
import socket
import struct
from pathlib import Path
from typing import Final
from urllib.parse import quote_from_bytes

import httpx
import pytest

from bottin.metainfo import bencode, parser
from bottin.metainfo.build import BuildOptions, build
from tests.e2e.clients import LibtorrentClient, wait_until
from tests.e2e.site import Person, Site
from tests.e2e.test_transfers import only

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
_MAGIC: Final = 0x41727101980
_WRONG_KEY: Final = "a" * 39


def over_http(site: Site, path: str, info_hash: bytes, port: int = 6881) -> dict[bytes, object]:
    """Announce as a leecher; the tracker's answer."""
    query = f"info_hash={quote_from_bytes(info_hash)}&peer_id=-XX0001-{secrets.token_hex(6)}"
    rest = f"&port={port}&uploaded=0&downloaded=0&left=1&compact=1&event=started"
    reply = httpx.get(f"http://127.0.0.1:{site.tracker}{path}?{query}{rest}")
    answer = bencode.decode(reply.content)
    assert isinstance(answer, dict)
    return dict(answer)


def over_udp(site: Site, path: str, info_hash: bytes) -> bytes:
    """Announce with the path as URL data (BEP 41); the words of the error, or b""."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.settimeout(10)
        peer.connect(("127.0.0.1", site.tracker))
        peer.send(struct.pack(">QII", _MAGIC, 0, 1))
        _, _, connection = struct.unpack(">IIQ", peer.recv(16))
        url = path.encode()
        body = struct.pack(">QII20s20s", connection, 1, 2, info_hash, secrets.token_bytes(20))
        body += struct.pack(">QQQIIIiH", 0, 1, 0, 2, 0, 7, -1, 6881)
        peer.send(body + bytes([2, len(url)]) + url)
        answer = peer.recv(2048)
    action, transaction = struct.unpack(">II", answer[:8])
    assert transaction == 2
    return answer[8:] if action == 3 else b""


def reason(answer: dict[bytes, object]) -> str:
    """Read the failure reason; empty when there is none."""
    words = answer.get(b"failure reason", b"")
    assert isinstance(words, bytes)
    return words.decode()


def torrent_of(content: Path) -> tuple[bytes, bytes]:
    """Make a v1 torrent: the file and its info-hash."""
    raw = build(content, BuildOptions(version="v1", piece_length=32768)).raw
    return raw, parser.parse(raw).info_hash


def key_of(torrent: bytes) -> str:
    """Take the key out of a personal torrent."""
    outer = bencode.decode(torrent)
    assert isinstance(outer, dict)
    url = outer[b"announce"]
    assert isinstance(url, bytes)
    return url.decode().split("/")[3]


def test_without_a_key_or_with_a_wrong_one_the_sentence_says_what_to_do(
    site: Site, giver: Person, content: Path
) -> None:
    raw, info_hash = torrent_of(content)
    giver.publish(raw, content.name)

    wait_until(lambda: "key missing" in reason(over_http(site, "/announce", info_hash)), "missing")
    assert "unknown announce key" in reason(over_http(site, f"/{_WRONG_KEY}/announce", info_hash))
    assert b"key missing" in over_udp(site, "/announce", info_hash)
    assert b"unknown announce key" in over_udp(site, f"/{_WRONG_KEY}/announce", info_hash)


def test_a_real_client_shows_the_sentence_of_a_wrong_key(
    site: Site, giver: Person, content: Path, tmp_path: Path
) -> None:
    raw, _ = torrent_of(content)
    release = giver.publish(raw, content.name)
    # libtorrent shows the words of HTTP trackers; those that come over UDP it drops.
    torrent = only(giver.torrent(release), "http", "IPv4")
    stolen = torrent.replace(key_of(torrent).encode(), _WRONG_KEY.encode())
    client = LibtorrentClient(tmp_path, "127.0.0.1")
    client.add(stolen, content.parent)

    wait_until(lambda: "unknown announce key" in client.told().trouble, "the client was told")
    client.close()


def test_a_suspended_member_is_told_so_and_comes_back_when_reactivated(
    site: Site, giver: Person, content: Path
) -> None:
    raw, info_hash = torrent_of(content)
    release = giver.publish(raw, content.name)
    member = site.person("mireille")
    path = f"/{key_of(member.torrent(release))}/announce"
    wait_until(lambda: not reason(over_http(site, path, info_hash)), "the member may announce")

    site.bottin("user", "suspend", member.name, "--reason", "a test of suspension")
    wait_until(lambda: "suspend" in reason(over_http(site, path, info_hash)), "suspended")
    assert b"suspend" in over_udp(site, path, info_hash)

    site.bottin("user", "reactivate", member.name, "--reason", "the test is over")
    wait_until(lambda: not reason(over_http(site, path, info_hash)), "reactivated")


def test_a_pending_release_gives_no_peers_and_an_unknown_one_is_refused(
    site: Site, giver: Person, taker: Person, content: Path
) -> None:
    raw, info_hash = torrent_of(content)
    release = taker.publish(raw, content.name)
    assert taker.release(release)["state"] == "pending"
    path = f"/{key_of(taker.torrent(release))}/announce"

    def is_held() -> bool:
        answer = over_http(site, path, info_hash)
        words = answer.get(b"warning message", b"") or answer.get(b"failure reason", b"")
        return b"valid" in bytes(str(words), "utf-8") or b"review" in bytes(str(words), "utf-8")

    wait_until(is_held, "the member is told that it awaits review")
    assert over_http(site, path, info_hash)[b"peers"] == b""
    assert "not listed" in reason(over_http(site, path, secrets.token_bytes(20)))
