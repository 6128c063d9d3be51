"""From rows of the site to the shapes of answers."""

from typing import Final, Literal

from bottin.accounts.models import Account
from bottin.accounts.viewer import Viewer
from bottin.api import schemas
from bottin.catalog import availability
from bottin.catalog.downloads import magnet_of, page_url
from bottin.catalog.models import Category, Licence, Named, Release
from bottin.catalog.queries import ReleasePage, Shelf
from bottin.ledger.models import LedgerEntry
from bottin.ledger.queries import Totals, TransferLine
from bottin.lib.clock import now
from bottin.metainfo.model import File
from bottin.uploads.lookups import Match

# Rates are kept in quarters: 4 is once.
_QUARTERS: Final = 4


def release(row: Release) -> schemas.ReleaseOut:
    """Show a release in a list; `row` comes with category, licence, publisher and swarm."""
    return schemas.ReleaseOut(
        id=str(row.pk),
        title=str(row),
        name=row.name,
        state=row.state,
        page=page_url(row),
        category=category_brief(row.category) if row.category else None,
        licence=licence_brief(row.licence) if row.licence else None,
        publisher=row.publisher.name,
        size_bytes=row.size_bytes,
        file_count=row.file_count,
        version=row.version,  # type: ignore[arg-type]  # one of three words, pydantic checks
        is_open=row.is_open,
        is_private=row.is_private,
        language=row.language,
        info_hash=schemas.InfoHashes(v1=_hex(row.info_hash_v1), v2=_hex(row.info_hash_v2)),
        swarm=schemas.Swarm(seeders=row.seeders, leechers=row.leechers, completed=row.completed),
        published_at=row.published_at,
    )


def release_list(page: ReleasePage) -> schemas.ReleaseList:
    """Show a page of releases."""
    return schemas.ReleaseList(
        data=[release(row) for row in page.rows],
        page=schemas.Page(next=page.next_cursor, prev=page.previous_cursor, total=page.total),
    )


def release_detail(row: Release) -> schemas.ReleaseDetail:
    """Show a release as its page does; `row` comes with its tags too."""
    return schemas.ReleaseDetail(
        **release(row).model_dump(),
        description=row.description,
        description_html=row.description_html,
        provenance=schemas.Provenance(url=row.provenance_url, statement=row.provenance_statement),
        tags=sorted(tag.slug for tag in row.tags.all()),
        original_title=row.original_title,
        authors=row.authors,
        year=row.year,
        identifiers=row.identifiers,
        facts=row.facts,
        work_id=str(row.edition.work_id) if row.edition else None,
        edition=row.edition.label if row.edition else "",
        replaced_by=str(row.replaced_by_id) if row.replaced_by_id else None,
        piece_length=row.piece_length,
        created_at=row.created_at,
        submitted_at=row.submitted_at,
        edited_at=row.edited_at,
        torrent=torrent_path(row.pk),
        magnet=magnet_of(row),
        availability=_availability(row),
    )


def _availability(row: Release) -> schemas.Availability:
    found = availability.of(row, at=now())
    return schemas.Availability(
        whole_copies=found.whole,
        parts_copies=round(found.parts, 3),
        known_leechers=found.known,
    )


def torrent_path(release_id: int) -> str:
    """Return where the torrent file of a release is, relative to the site."""
    return f"/api/v1/releases/{release_id}/torrent"


def file(row: File) -> schemas.FileOut:
    """Show a file."""
    return schemas.FileOut(path=row.display_path, size_bytes=row.size_bytes, attributes=row.attr)


def category_brief(row: Category) -> schemas.CategoryBrief:
    """Show the shelf of a release."""
    return schemas.CategoryBrief(id=str(row.pk), slug=row.slug, name=_name(row))


def category(shelf: Shelf) -> schemas.CategoryOut:
    """Show a shelf of the tree."""
    row = shelf.category
    return schemas.CategoryOut(
        **category_brief(row).model_dump(),
        parent_id=str(row.parent_id) if row.parent_id else None,
        release_count=shelf.listed,
    )


def licence_brief(row: Licence) -> schemas.LicenceBrief:
    """Show the licence of a release."""
    return schemas.LicenceBrief(code=row.code, name=_name(row), url=row.url)


def licence(row: Licence) -> schemas.LicenceOut:
    """Show a licence that may be claimed."""
    return schemas.LicenceOut(
        **licence_brief(row).model_dump(),
        family=row.family,
        summary=schemas.Name(fr=row.summary_fr, en=row.summary_en),
        needs_statement=row.needs_statement,
    )


def found(row: Release, digest: bytes) -> schemas.Found:
    """Show a release that has the info-hash `digest`."""
    if digest == row.info_hash_v1:
        matched: Literal["v1", "v2", "v2-truncated"] = "v1"
    else:
        matched = "v2" if digest == row.info_hash_v2 else "v2-truncated"
    return schemas.Found(
        release_id=str(row.pk), matched=matched, state=row.state, page=page_url(row)
    )


def looked_up(match: Match) -> schemas.LookedUp:
    """Show a release that was found by its content."""
    row = match.release
    return schemas.LookedUp(
        release_id=str(row.pk),
        matched=match.how,
        digest=match.digest.hex(),
        share=match.share,
        state=row.state,
        page=page_url(row),
    )


def totals(sums: Totals) -> schemas.TotalsOut:
    """Show bytes and seed time, with the ratio of what is credited."""
    return schemas.TotalsOut(
        raw_uploaded_bytes=sums.raw_up,
        raw_downloaded_bytes=sums.raw_down,
        uploaded_bytes=sums.credited_up,
        downloaded_bytes=sums.credited_down,
        ratio=None if sums.ratio is None else round(sums.ratio, 4),
        seed_time_s=sums.seed_time_s,
    )


def me(account: Account, viewer: Viewer, sums: Totals) -> schemas.Me:
    """Show the account behind a token."""
    return schemas.Me(
        id=str(account.pk),
        name=account.name,
        role=account.role,
        language=account.language,
        joined_at=account.joined_at,
        scopes=sorted(viewer.scopes or ()),
        totals=totals(sums),
    )


def entry(row: LedgerEntry) -> schemas.EntryOut:
    """Show a row of the ledger."""
    return schemas.EntryOut(
        id=str(row.pk),
        at=row.at,
        kind=row.kind,
        release_id=str(row.release_id) if row.release_id else None,
        raw_uploaded_bytes=row.raw_up,
        raw_downloaded_bytes=row.raw_down,
        uploaded_bytes=row.credited_up,
        downloaded_bytes=row.credited_down,
        seed_time_s=row.seed_time_s,
        upload_factor=row.up_quarters / _QUARTERS,
        download_factor=row.down_quarters / _QUARTERS,
    )


def transfer(line: TransferLine, row: Release | None) -> schemas.TransferOut:
    """Show a release that a member took part in; `row` is None when it is not theirs to see."""
    return schemas.TransferOut(
        release_id=str(line.release_id),
        title=str(row) if row else "",
        page=page_url(row) if row else "",
        totals=totals(line.totals),
        first_at=line.first_at,
        last_at=line.last_at,
        completed_at=line.completed_at,
        now="seeding" if line.is_seeding else "leeching" if line.is_leeching else "absent",
    )


def _name(row: Named) -> schemas.Name:
    return schemas.Name(fr=row.name_fr, en=row.name_en)


def _hex(digest: bytes | None) -> str | None:
    return digest.hex() if digest else None
