"""The shapes of answers: ids are strings, times RFC 3339 in UTC, sizes bytes, spans seconds."""

from datetime import datetime
from typing import Literal

from ninja import Field, Schema

from bottin.wording.marks import marked as _


class Name(Schema):
    """A thing's words in both languages."""

    fr: str
    en: str


class CategoryBrief(Schema):
    """The shelf of a release."""

    id: str
    slug: str
    name: Name


class CategoryOut(CategoryBrief):
    """A shelf of the tree."""

    parent_id: str | None
    release_count: int = Field(description=_("Published releases, those of its shelves included."))


class LicenceBrief(Schema):
    """The licence of a release."""

    code: str = Field(description=_("SPDX identifier, or the ground on which it is shared."))
    name: Name
    url: str


class LicenceOut(LicenceBrief):
    """A licence that a release may claim."""

    family: str
    summary: Name
    needs_statement: bool = Field(
        description=_("Whether provenance must be told in words, not by an address alone.")
    )


class Swarm(Schema):
    """Who shares it now."""

    seeders: int
    leechers: int
    completed: int = Field(description=_("Downloads finished since ever."))


class InfoHashes(Schema):
    """Digests of `info`, in hexadecimal."""

    v1: str | None = Field(description=_("SHA-1, 40 digits."))
    v2: str | None = Field(description=_("SHA-256, 64 digits."))


class ReleaseOut(Schema):
    """A release as lists show it."""

    id: str
    title: str
    name: str = Field(description=_("The name inside the torrent."))
    state: str
    page: str = Field(description=_("The address of its page."))
    category: CategoryBrief | None
    licence: LicenceBrief | None
    publisher: str
    size_bytes: int
    file_count: int
    version: Literal["v1", "v2", "hybrid"]
    is_open: bool = Field(description=_("Whether strangers may download and announce it."))
    is_private: bool = Field(description=_("Whether peers come from the tracker only (BEP 27)."))
    language: str = Field(description=_("BCP 47, empty when it has none."))
    info_hash: InfoHashes
    swarm: Swarm
    published_at: datetime | None


class Provenance(Schema):
    """Where the content comes from and why it may be shared."""

    url: str
    statement: str


class Availability(Schema):
    """How many copies are online, as far as the tracker can know."""

    whole_copies: int = Field(description=_("At least so many: the seeders."))
    parts_copies: float = Field(
        description=_("What downloaders hold adds up to so many copies at most.")
    )
    known_leechers: int = Field(description=_("Whose parts are known: members' clients."))


class ReleaseDetail(ReleaseOut):
    """A release as its page shows it."""

    description: str = Field(description=_("Markdown, as the publisher wrote it."))
    description_html: str = Field(description=_("The same, rendered and sanitised."))
    provenance: Provenance
    tags: list[str]
    original_title: str
    authors: list[str]
    year: int | None
    identifiers: list[str] = Field(description=_("Each as `scheme:value`: doi, isbn, issn, ark…"))
    facts: dict[str, list[str] | int] = Field(
        description=_("Technical facts by kind: codes of choices, or a whole number.")
    )
    work_id: str | None = Field(description=_("The work that it is an edition of."))
    edition: str = Field(description=_("The version of that work, as its authors number it."))
    replaced_by: str | None = Field(description=_("The id of a better or newer release."))
    piece_length: int
    created_at: datetime
    submitted_at: datetime | None
    edited_at: datetime | None
    torrent: str = Field(description=_("The address of its torrent file."))
    magnet: str | None = Field(description=_("Open releases only; never holds a key."))
    availability: Availability


class Notice(Schema):
    """Something odd in the torrent file that did not stop it."""

    code: str
    subject: str


class ReleaseCreated(ReleaseDetail):
    """A release just handed in: `state` says whether it is published or awaits review."""

    similar: list[str] = Field(description=_("Ids of releases with the same content or files."))
    warnings: list[Notice]


class FileOut(Schema):
    """One file of a release."""

    path: str
    size_bytes: int
    attributes: str = Field(description=_("BEP 47 flags: l link, x executable, h hidden."))


class Page(Schema):
    """Cursors of the neighbouring pages; null where there is none."""

    next: str | None
    prev: str | None
    total: int | None = Field(None, description=_("Rows in all, where they were counted."))


class ReleaseList(Schema):
    """A page of releases."""

    data: list[ReleaseOut]
    page: Page


class FileList(Schema):
    """A page of files, in the order of the torrent."""

    data: list[FileOut]
    page: Page


class CategoryList(Schema):
    """The whole tree, parents first."""

    data: list[CategoryOut]


class LicenceList(Schema):
    """Every licence that may be claimed."""

    data: list[LicenceOut]


class TotalsOut(Schema):
    """What a member sent and received: as reported, and as credited by the rules."""

    raw_uploaded_bytes: int
    raw_downloaded_bytes: int
    uploaded_bytes: int
    downloaded_bytes: int
    ratio: float | None = Field(description=_("Uploaded ÷ downloaded; null before any download."))
    seed_time_s: int


class Me(Schema):
    """The account behind the token."""

    id: str
    name: str
    role: str
    language: str
    joined_at: datetime
    scopes: list[str] = Field(description=_("What this token may be used for."))
    totals: TotalsOut


class EntryOut(Schema):
    """A row of the ledger: what one batch of announces added."""

    id: str
    at: datetime
    kind: str
    release_id: str | None
    raw_uploaded_bytes: int
    raw_downloaded_bytes: int
    uploaded_bytes: int
    downloaded_bytes: int
    seed_time_s: int
    upload_factor: float
    download_factor: float


class EntryList(Schema):
    """A page of the ledger, newest first."""

    data: list[EntryOut]
    page: Page


class TransferOut(Schema):
    """A release that the member took part in."""

    release_id: str
    title: str
    page: str
    totals: TotalsOut
    first_at: datetime
    last_at: datetime
    completed_at: datetime | None
    now: Literal["seeding", "leeching", "absent"]


class TransferList(Schema):
    """A page of the member's torrents, the latest announced first."""

    data: list[TransferOut]
    page: Page


class Found(Schema):
    """What has an info-hash."""

    release_id: str
    matched: Literal["v1", "v2", "v2-truncated"]
    state: str
    page: str


class FoundList(Schema):
    """Releases with an info-hash: the listed one, and those withdrawn or rejected before."""

    data: list[Found]


class LookedUp(Schema):
    """A release that was found, and by what."""

    release_id: str
    matched: Literal[
        "v1", "v2", "v2-truncated", "pieces", "content", "exact", "renamed", "roots", "part"
    ]
    digest: str = Field(description=_("The digest that was asked for; empty for lists of files."))
    share: float | None = Field(
        description=_("`part`: how much of the bytes asked for it holds, from 0 to 1.")
    )
    state: str
    page: str


class LookedUpList(Schema):
    """Releases that were found, the closest first."""

    data: list[LookedUp]


class Problem(Schema):
    """A refusal (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str = Field(description=_("A stable word for programs."))
    errors: list["FieldProblem"]


class FieldProblem(Schema):
    """One wrong field."""

    pointer: str
    code: str
    detail: str


Problem.model_rebuild()
