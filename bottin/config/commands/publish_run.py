"""One path, from its files to a release and a torrent ready to seed."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from bottin.config.commands.publish_client import DUPLICATE, Published, Site, SiteRefused
from bottin.config.commands.publish_state import Shelf, shelf_for, write_whole
from bottin.config.commands.publish_words import gettext as _
from bottin.config.publishing.hashes import hash_log
from bottin.lib.errors import DomainError
from bottin.metainfo import build, parser
from bottin.metainfo.disk import collect
from bottin.metainfo.model import Caution

Progress = Callable[[int, int], None]
# A file system takes 255 bytes: some are for the number of the release and the extension.
_NAME_BYTES: Final = 200
# Statuses with which a site says that the file is not to be had in the release's present state.
_NOT_YET: Final = frozenset({403, 404, 409})
IN_HAND: Final = frozenset({"published", "pending"})


@dataclass(frozen=True, slots=True)
class Job:
    """What to publish: `fields` are the form's, `options` how to make the torrent.

    `path` is absolute, without `.` or `..`.
    """

    path: Path
    options: build.BuildOptions
    fields: tuple[tuple[str, str], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a path. `torrent` is the file ready to seed, None while there is none."""

    path: Path
    published: Published
    torrent: Path | None
    info_hash: str
    size_bytes: int
    cautions: tuple[Caution, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Desk:
    """Where jobs are done: the site, the folder of notes, where files go, who is told."""

    origin: str
    site: Site
    state: Path
    output: Path | None
    progress: Progress


def publish(job: Job, desk: Desk) -> Outcome:
    """Make the torrent, hand it in, fetch the personal one; go on where a run stopped.

    Raises MetainfoRefusal when the files cannot be made into a torrent,
    SiteRefused, SiteUnreachable, AlreadyRunning, OSError.
    """
    identity = (desk.origin, str(job.path), _stamp(repr(job.options)))
    with shelf_for(desk.state, *identity) as shelf:
        raw, cautions = _made(job, shelf, desk)
        metainfo = parser.parse(raw)
        published, notes = _handed_in(job, shelf, raw, desk.site)
        return Outcome(
            job.path,
            published,
            _fetched(job, published, desk),
            metainfo.info_hash.hex(),
            metainfo.size_bytes,
            cautions,
            (*job.notes, *notes),
        )


def _made(job: Job, shelf: Shelf, desk: Desk) -> tuple[bytes, tuple[Caution, ...]]:
    """Return the torrent file: the one kept when the content is as it was, else a new one."""
    content = _content_stamp(job)
    kept = shelf.torrent
    if kept is not None and shelf.notes.content == content:
        return kept, ()
    with hash_log(desk.state, job.path) as log:
        built = build.build(job.path, job.options, desk.progress, memo=log)
        log.forget_others()
    shelf.keep_torrent(built.raw, content)
    return built.raw, built.warnings


def _handed_in(job: Job, shelf: Shelf, raw: bytes, site: Site) -> tuple[Published, tuple[str, ...]]:
    """Publish, unless it is done; what this account published before is as good as done."""
    key = shelf.prepare(_stamp(repr(job.fields)))
    notes: tuple[str, ...] = ()
    if shelf.notes.release_id:
        try:
            return site.release(shelf.notes.release_id), notes
        except SiteRefused as refused:
            if refused.status not in _NOT_YET:
                raise
    try:
        published = site.publish(f"{_shortened(job.path.name)}.torrent", raw, job.fields, key)
    except SiteRefused as refused:
        if refused.code != DUPLICATE or not refused.own_release_id:
            raise
        published = site.release(refused.own_release_id)
        if published.state not in IN_HAND:
            raise
        notes = (_("You published it before. To change what is said of it, edit its page."),)
    shelf.notes.release_id = published.release_id
    shelf.save()
    return published, notes


def _fetched(job: Job, published: Published, desk: Desk) -> Path | None:
    """Write the personal torrent beside the content; None when it cannot be had (yet)."""
    try:
        content = desk.site.personal_torrent(published.release_id)
    except SiteRefused as refused:
        if refused.status not in _NOT_YET:
            raise
        return None
    target = _free_place(job, published, content, desk.output)
    write_whole(target, content)
    return target


def _free_place(job: Job, published: Published, content: bytes, output: Path | None) -> Path:
    """Choose a name that overwrites no other torrent."""
    folder, name = output or job.path.parent, _shortened(job.path.name)
    plain = folder / f"{name}.torrent"
    if not plain.exists() or _info_hash(plain.read_bytes()) == _info_hash(content):
        return plain
    return folder / f"{name}.{published.release_id}.torrent"


def _shortened(name: str) -> str:
    """Return the beginning of a name that leaves room for what is added to it."""
    return name.encode(errors="surrogateescape")[:_NAME_BYTES].decode(errors="ignore")


def _info_hash(raw: bytes) -> bytes | None:
    try:
        return parser.parse(raw).info_hash
    except DomainError:
        return None


def _content_stamp(job: Job) -> str:
    files, _cautions = collect(job.path, job.options.exclude, job.options.limits)
    return _stamp(repr([(file.path, file.size_bytes, file.modified_ns) for file in files]))


def _stamp(text: str) -> str:
    return sha256(text.encode()).hexdigest()
