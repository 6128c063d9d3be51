"""Web servers that hold the content of a release (BEP 19): given, checked, handed out (TOR-19)."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.db import transaction

from bottin.accounts.viewer import Viewer
from bottin.audit import log
from bottin.catalog import queries
from bottin.catalog.errors import WebSeedRefused
from bottin.catalog.gathering import own_or_curated
from bottin.catalog.models import Release, SeedState, StoredMetainfo, WebSeed
from bottin.catalog.states import ReleaseState
from bottin.lib import outgoing
from bottin.lib.outgoing import PUBLIC, Answer, Guard, OutgoingError
from bottin.metainfo import bencode

SEEDS_MAX: Final = 10
URL_LENGTH: Final = 500
AGAIN_AFTER: Final = timedelta(days=7)
SLOW_AFTER_S: Final = 3.0
_SAMPLES: Final = 2
_RANGE: Final = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
_SHA1: Final = 20
_BAD: Final = frozenset({SeedState.WRONG, SeedState.GONE, SeedState.REFUSED})
_CHECKED_STATES: Final = (ReleaseState.PENDING, ReleaseState.PUBLISHED)


@dataclass(frozen=True, slots=True)
class Sample:
    """Bytes to ask a web seed for: where they are, the size of that file, their SHA-1 if known."""

    url: str
    first: int
    last: int
    file_bytes: int
    digest: bytes | None


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found: a state and a code that says why."""

    state: SeedState
    code: str


def is_allowed_host(url: str) -> bool:
    """Whether the operator allows the host of an address (META-9); sub-domains count."""
    try:
        host = (urlsplit(url).hostname or "").lower()
    except ValueError:
        return False
    allowed = [name.lower() for name in settings.BOTTIN_WEB_SEED_HOSTS]
    return any(host == name or host.endswith(f".{name}") for name in allowed)


@transaction.atomic
def add_seed(release_id: int, url: str, *, by: Viewer, at: datetime) -> WebSeed:
    """Keep an address that holds the content; the worker checks it where the site does so.

    Raises ReleaseNotFound unless it is the person's own release or they curate,
    WebSeedRefused.
    """
    release = own_or_curated(release_id, by)
    url = url.strip()
    if reason := _fault(url):
        raise WebSeedRefused(reason=reason, hosts=list(settings.BOTTIN_WEB_SEED_HOSTS))
    known = release.web_seeds.filter(url=url).first()
    if known is not None:
        return known
    if release.web_seeds.count() >= SEEDS_MAX:
        raise WebSeedRefused(reason="too_many", limit=SEEDS_MAX)
    seed = WebSeed.objects.create(release=release, url=url, added_by_id=by.user_id, added_at=at)
    _serve(release.pk)
    _record("release.web_seed_added", release, by, url)
    return seed


@transaction.atomic
def remove_seed(release_id: int, seed_id: int, *, by: Viewer) -> None:
    """Drop an address that was given; one of the torrent stays. Raises ReleaseNotFound."""
    release = own_or_curated(release_id, by)
    seed = release.web_seeds.filter(pk=seed_id, is_of_torrent=False).first()
    if seed is not None:
        seed.delete()
        _serve(release.pk)
        _record("release.web_seed_removed", release, by, seed.url)


def keep_those_of_torrent(release: Release, urls: list[str], *, at: datetime) -> None:
    """Write down the web seeds that came in a torrent, those that may be handed out."""
    WebSeed.objects.bulk_create(
        [
            WebSeed(release=release, url=url, is_of_torrent=True, added_at=at)
            for url in dict.fromkeys(urls)
            if not _fault(url)
        ][:SEEDS_MAX],
        ignore_conflicts=True,
    )


def seeds_of(release: Release, stored: StoredMetainfo | None = None) -> tuple[WebSeed, ...]:
    """Return the web seeds of a release with what was found, oldest first.

    One query; none when `stored` says that there are none.
    """
    if stored is not None and not stored.web_seeds and not stored.served_seeds:
        return ()
    return tuple(release.web_seeds.all())


def due(at: datetime, limit: int) -> tuple[WebSeed, ...]:
    """Return what was never checked, then what was not for a week. One query."""
    rows = WebSeed.objects.filter(release__state__in=_CHECKED_STATES)
    never = rows.filter(checked_at=None)
    old = rows.filter(checked_at__lt=at - AGAIN_AFTER)
    wanted = (never | old).select_related("release").order_by("checked_at", "pk")
    return tuple(wanted[:limit])


def check(seed: WebSeed, *, at: datetime, guard: Guard = PUBLIC) -> Finding:
    """Ask a web seed for a few pieces, compare them, and keep what was found; bytes are dropped.

    Reaches nothing but hosts that the operator allows.
    """
    found = _asked(seed, guard)
    with transaction.atomic():
        rows = WebSeed.objects.filter(pk=seed.pk)
        rows.update(state=found.state, finding=found.code, checked_at=at)
        _serve(seed.release_id)
    return found


def samples(release: Release, stored: StoredMetainfo, url: str) -> Iterator[Sample]:
    """Yield what to ask for: whole v1 pieces that lie in one file, else the end of the largest."""
    files = [file for file in queries.files_in(stored.files) if not file.is_pad]
    info = bencode.decode(bytes(stored.info))
    is_single = isinstance(info, dict) and b"length" in info
    pieces = _pieces(info)
    largest = max(files, key=lambda file: file.size_bytes)
    address = url if is_single else _below(url, release.name)
    target = _single(url, release.name) if is_single else _below(address, *largest.path)
    offset = 0
    if not is_single and pieces:
        offset = _offset_of(info, largest.path)
    size, length = largest.size_bytes, release.piece_length
    first = -(-offset // length)
    whole = range(first, (offset + size) // length)
    if pieces and whole and length <= PUBLIC.limit_bytes:
        for number in sorted({whole[0], whole[len(whole) // 2]})[:_SAMPLES]:
            start = number * length - offset
            digest = pieces[number * _SHA1 : (number + 1) * _SHA1]
            yield Sample(target, start, start + length - 1, size, digest)
        return
    yield Sample(target, max(0, size - 1), max(0, size - 1), size, None)


def _asked(seed: WebSeed, guard: Guard) -> Finding:
    if not is_allowed_host(seed.url):
        return Finding(SeedState.REFUSED, "host")
    stored = StoredMetainfo.objects.get(pk=seed.release_id)
    took_s, is_compared = 0.0, True
    for sample in samples(seed.release, stored, seed.url):
        headers = {"Range": f"bytes={sample.first}-{sample.last}"}
        try:
            answer = outgoing.fetch(sample.url, headers, guard)
        except OutgoingError as error:
            return Finding(SeedState.GONE, error.reason)
        if fault := _answer_fault(answer, sample):
            return fault
        took_s = max(took_s, answer.took_s)
        is_compared = sample.digest is not None
    if took_s > SLOW_AFTER_S:
        return Finding(SeedState.SLOW, "slow")
    return Finding(SeedState.OK, "compared" if is_compared else "size_only")


def _answer_fault(answer: Answer, sample: Sample) -> Finding | None:
    if answer.status == 200:  # noqa: PLR2004 - the whole file: it knows no ranges
        return Finding(SeedState.WRONG, "no_ranges")
    span = _RANGE.fullmatch(answer.headers.get("content-range", ""))
    if answer.status != 206 or span is None:  # noqa: PLR2004 - partial content
        return Finding(SeedState.GONE, "answer")
    if int(span[3]) != sample.file_bytes:
        return Finding(SeedState.WRONG, "size")
    if sample.digest is not None:
        found = hashlib.sha1(answer.body, usedforsecurity=False).digest()
        if found != sample.digest:
            return Finding(SeedState.WRONG, "content")
    return None


def _serve(release_id: int) -> None:
    """Write down what downloads hand out: no address that was found bad."""
    stored = StoredMetainfo.objects.select_for_update().get(pk=release_id)
    rows = list(WebSeed.objects.filter(release_id=release_id))
    bad = {row.url for row in rows if row.state in _BAD}
    unchecked = set() if not settings.BOTTIN_WEB_SEED_CHECKS else {SeedState.WAITING}
    given = [r.url for r in rows if not r.is_of_torrent and r.state not in _BAD | unchecked]
    stored.served_seeds = [
        *(url for url in stored.web_seeds if url not in bad),
        *(url for url in given if url not in stored.web_seeds),
    ]
    stored.save(update_fields=["served_seeds"])


def _fault(url: str) -> str | None:
    if len(url) > URL_LENGTH:
        return "too_long"
    try:
        parts = urlsplit(url)
        is_plain = parts.scheme == "https" and parts.username is None and parts.port in {None, 443}
    except ValueError:
        return "not_https"
    if not is_plain or not url.isascii() or any(c.isspace() or c < " " for c in url):
        return "not_https"
    return None if is_allowed_host(url) else "host"


def _record(action: str, release: Release, by: Viewer, url: str) -> None:
    subject = f"release:{release.pk}"
    log.record(action, actor_id=by.user_id, subject=subject, detail={"url": url})


def _pieces(info: bencode.Bencoded) -> bytes:
    found = info.get(b"pieces") if isinstance(info, dict) else None
    return found if isinstance(found, bytes) else b""


def _offset_of(info: bencode.Bencoded, path: tuple[str, ...]) -> int:
    """Return where a file begins in the whole of a v1 torrent, padding counted."""
    wanted = [name.encode() for name in path]
    offset = 0
    listed = info.get(b"files") if isinstance(info, dict) else None
    for file in listed if isinstance(listed, list) else []:
        if isinstance(file, dict):
            if file.get(b"path") == wanted:
                return offset
            length = file.get(b"length")
            offset += length if isinstance(length, int) else 0
    return offset


def _single(url: str, name: str) -> str:
    return f"{url}{quote(name)}" if url.endswith("/") else url


def _below(url: str, *names: str) -> str:
    return "/".join([url.rstrip("/"), *(quote(name, safe="") for name in names)])
