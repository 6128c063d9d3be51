"""What worker processes do of an import: read a line, parse its `.torrent`, check what it says.

A worker never speaks to the database: categories and licences are given to it when it is
forked. It may use as much memory as one parser may, beside what it had.
"""

import base64
import binascii
import json
import resource
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from bottin.catalog import markdown
from bottin.catalog.states import ReleaseState
from bottin.catalog.text import tags_of, title_key
from bottin.exchange import neutral
from bottin.exchange.bbcode import to_markdown
from bottin.exchange.errors import ImportRefused
from bottin.exchange.neutral import Person, Work
from bottin.metainfo.errors import MetainfoRefusal
from bottin.metainfo.limits import Limits
from bottin.metainfo.model import Metainfo
from bottin.metainfo.parser import parse
from bottin.metainfo.sandbox import parse_in_worker
from bottin.uploads import actions as uploads
from bottin.uploads.fields import Choices, ReleaseFields, problems_of, url_fault
from bottin.uploads.fingerprints import refusing_prints, roots_of

_TITLE_MAX: Final = 200
# A record that lacks only these waits as a draft until somebody says them (LAW-2).
_AWAITED: Final = frozenset({"licence", "provenance_url", "provenance_statement", "category"})


_UNSAID: Final = frozenset({"required", "required_by_licence", "too_short", "unknown", "family"})


@dataclass(frozen=True, slots=True)
class Ground:
    """What a worker knows of the site, and what the operator says for all releases.

    `choices` maps a category's slug or id, and a word of the mapping file, to what
    stands for it with any licence; `licences` maps a code in lower case to its row.
    """

    choices: Mapping[str, Choices]
    licences: Mapping[str, Any]
    limits: Limits
    folder: Path
    said: ReleaseFields
    fallback: str = ""
    known: frozenset[str] = frozenset()  # releases taken in before: not read again


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a source: where it stands, and its bytes."""

    number: int
    raw: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that cannot be taken in: a stable reason and its particulars."""

    number: int
    source_id: str
    reason: str
    detail: str = ""


class Prepared(NamedTuple):
    """A release that may be written: columns of its rows, and what must not be kept down.

    `columns` are those of the release that neither ids nor the time of writing fill. Plain
    values, because each of them goes from a worker to the process that writes.
    """

    number: int
    source_id: str
    publisher_id: str
    publisher: str
    columns: dict[str, Any]
    stored: dict[str, Any]
    roots: tuple[bytes, ...]
    tags: tuple[str, ...]
    prints: tuple[tuple[str, bytes], ...]
    is_complete: bool
    made_at: datetime | None


@dataclass(frozen=True, slots=True)
class Arrived:
    """An account that may be written."""

    number: int
    person: Person


@dataclass(frozen=True, slots=True)
class Already:
    """A release that was taken in before."""

    number: int


Outcome = Prepared | Arrived | Refused | Already


def confine(limits: Limits) -> None:
    """Let this process grow by what one parser may use, and leave no core."""
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    most = size + limits.memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def prepare(line: Line, ground: Ground, *, alone: bool = False) -> Outcome:
    """Read one line. `alone`: its `.torrent` is parsed in a child of its own, not in this process.

    Never raises for what a line holds.
    """
    source_id = ""
    try:
        values = _values(line.raw)
        source_id = str(values.get("source_id") or values.get("id") or "")[:128]
        return _outcome(line.number, values, ground, alone=alone)
    except ImportRefused as refusal:
        context = dict(refusal.context)
        reason = str(context.pop("reason"))
        detail = " ".join(f"{name}={value}" for name, value in context.items())
        return Refused(line.number, source_id, reason, detail[:300])
    except MetainfoRefusal as refusal:
        detail = " ".join(f"{name}={value}" for name, value in refusal.context.items())
        return Refused(line.number, source_id, refusal.code, detail[:300])
    except MemoryError:
        return Refused(line.number, source_id, "too_costly")


def _outcome(number: int, values: dict[str, Any], ground: Ground, *, alone: bool) -> Outcome:
    kind = values.get("kind", "release")
    if kind == "account":
        return Arrived(number, neutral.person_of(values))
    if kind != "release":
        raise ImportRefused(reason="unknown_kind")
    work = neutral.work_of(values)
    if work.source_id in ground.known:
        return Already(number)
    return _release(number, work, ground, alone=alone)


def _values(raw: bytes) -> dict[str, Any]:
    if len(raw) > neutral.LINE_BYTES:
        raise ImportRefused(reason="line_too_long")
    try:
        values = json.loads(raw)
    except (ValueError, RecursionError):
        raise ImportRefused(reason="not_json") from None
    if not isinstance(values, dict):
        raise ImportRefused(reason="not_json")
    return values


def _release(number: int, work: Work, ground: Ground, *, alone: bool) -> Prepared:
    raw = _torrent(work, ground)
    metainfo = parse_in_worker(raw, ground.limits) if alone else parse(raw, ground.limits)
    fields, choices = _described(work, metainfo, ground)
    is_complete = _is_complete(fields, choices)
    return Prepared(
        number=number,
        source_id=work.source_id,
        publisher_id=work.publisher_id,
        publisher=work.publisher,
        columns=_columns(fields, is_complete=is_complete) | uploads.facts_of(metainfo),
        stored=uploads.stored_of(metainfo),
        roots=roots_of(metainfo),
        tags=tags_of(fields.tags),
        prints=tuple(refusing_prints(metainfo)),
        is_complete=is_complete,
        made_at=work.made_at,
    )


def _columns(fields: ReleaseFields, *, is_complete: bool) -> dict[str, Any]:
    return {
        "state": (ReleaseState.PENDING if is_complete else ReleaseState.DRAFT).value,
        "title": fields.title,
        "title_key": title_key(fields.title),
        "category_id": fields.category_id,
        "licence_id": fields.licence_code or None,
        "provenance_url": fields.provenance_url,
        "provenance_statement": fields.provenance_statement,
        "description": fields.description,
        # A draft's is made when somebody completes it.
        "description_html": markdown.render(fields.description) if is_complete else "",
        "language": fields.language,
        "is_open": fields.is_open,
        "original_title": fields.original_title,
        "authors": list(fields.authors),
        "year": fields.year,
        "identifiers": list(fields.identifiers),
    }


def _torrent(work: Work, ground: Ground) -> bytes:
    if work.torrent:
        try:
            return base64.b64decode(work.torrent, validate=True)
        except (binascii.Error, ValueError):
            raise ImportRefused(reason="torrent_not_base64") from None
    if not work.torrent_file:
        raise ImportRefused(reason="no_torrent")
    path = (ground.folder / work.torrent_file).resolve()
    if not path.is_relative_to(ground.folder.resolve()):
        raise ImportRefused(reason="torrent_outside_folder")
    try:
        with path.open("rb") as file:
            return file.read(ground.limits.upload_bytes + 1)
    except (OSError, ValueError):
        raise ImportRefused(reason="torrent_not_found", file=work.torrent_file[:200]) from None


def _described(work: Work, metainfo: Metainfo, ground: Ground) -> tuple[ReleaseFields, Choices]:
    said, given = ground.said, work.fields
    description = given.description or metainfo.comment
    if work.is_bbcode:
        description = to_markdown(description)
    title = given.title.strip() or metainfo.name
    licence = ground.licences.get((given.licence_code or said.licence_code).lower())
    choices = ground.choices.get(work.category.lower()) or ground.choices.get(ground.fallback)
    choices = choices or Choices(None, None)
    address = given.provenance_url.strip() or said.provenance_url
    fields = replace(
        given,
        title=title[:_TITLE_MAX].rstrip(),
        category_id=choices.category.pk if choices.category else None,
        licence_code=licence.pk if licence else "",
        provenance_url="" if url_fault(address) else address,
        provenance_statement=given.provenance_statement or said.provenance_statement,
        description=markdown.cut(description),
        tags=given.tags[:20],
        is_open=given.is_open,
    ).cleaned()
    return fields, replace(choices, licence=licence)


def _is_complete(fields: ReleaseFields, choices: Choices) -> bool:
    """Tell whether it may wait for the team; it is a draft while a person has to say something.

    Raises ImportRefused for what no draft can hold.
    """
    problems = problems_of(fields, choices)
    wrong = [
        problem
        for problem in problems
        if problem.field not in _AWAITED or problem.code not in _UNSAID
    ]
    if wrong:
        raise ImportRefused(reason="field", field=wrong[0].field, problem=wrong[0].code)
    return not problems
