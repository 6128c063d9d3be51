"""Databases of sites that the operator ran before, in the neutral form, each by its kind."""

import base64
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha1
from pathlib import Path
from typing import Any, Final

from bottin.exchange import databases
from bottin.exchange.errors import ImportRefused
from bottin.metainfo import bencode

Record = dict[str, Any]
_NYAA_ANONYMOUS: Final = 1
_NYAA_DELETED: Final = 32
_UNIT3D_REJECTED: Final = 2


@dataclass(frozen=True, slots=True)
class Former:
    """A kind of site: the tables that are read, the main one first, and how."""

    tables: Sequence[str]
    read: Callable[[sqlite3.Connection, Path], Iterator[Record]]


def records_of(kind: str, path: Path, folder: Path) -> Iterator[Record]:
    """Yield the accounts, then the releases, of a former site's database.

    `folder` has its `.torrent` files where the database does not hold them.
    Raises ImportRefused for a kind or a file that is not known.
    """
    former = KINDS.get(kind.lower())
    if former is None:
        raise ImportRefused(reason="unknown_kind_of_site", known=sorted(KINDS))
    with databases.opened(path, former.tables) as connection:
        yield from former.read(connection, folder)


# --- UNIT3D -----------------------------------------------------------------------------------


def _unit3d(connection: sqlite3.Connection, folder: Path) -> Iterator[Record]:
    del folder
    banned = {
        str(row["id"]) for row in _all(connection, "groups") if _text(row, "slug") == "banned"
    }
    for row in _all(connection, "users"):
        if _text(row, "deleted_at"):
            continue
        yield _account(
            source_id=_text(row, "id"),
            name=_text(row, "username"),
            email=_text(row, "email"),
            password=_text(row, "password"),
            joined_at=_text(row, "created_at"),
            is_confirmed=bool(_text(row, "email_verified_at")),
            is_banned=_text(row, "group_id") in banned,
            uploaded_bytes=_bytes_of(row, "uploaded"),
            downloaded_bytes=_bytes_of(row, "downloaded"),
        )
    shelves = {_text(row, "id"): _text(row, "name") for row in _all(connection, "categories")}
    for row in _all(connection, "torrents"):
        if _text(row, "deleted_at") or _whole(row, "status") == _UNIT3D_REJECTED:
            continue
        yield _release(
            source_id=_text(row, "id"),
            title=_text(row, "name"),
            description=_text(row, "description"),
            description_format="bbcode",
            category=shelves.get(_text(row, "category_id"), ""),
            publisher_id="" if _whole(row, "anon") else _text(row, "user_id"),
            created_at=_text(row, "created_at"),
            torrent_file=_text(row, "file_name"),
        )


# --- Gazelle ----------------------------------------------------------------------------------


def _gazelle(connection: sqlite3.Connection, folder: Path) -> Iterator[Record]:
    joined = {
        _text(row, "userid"): _text(row, "joindate") for row in _all(connection, "users_info")
    }
    for row in _all(connection, "users_main"):
        yield _account(
            source_id=_text(row, "id"),
            name=_text(row, "username"),
            email=_text(row, "email"),
            password=_text(row, "passhash"),
            joined_at=_date(joined.get(_text(row, "id"), "")),
            is_confirmed=_text(row, "enabled") == "1",
            is_banned=_text(row, "enabled") == "2",
            uploaded_bytes=_bytes_of(row, "uploaded"),
            downloaded_bytes=_bytes_of(row, "downloaded"),
        )
    groups = {_text(row, "id"): row for row in _all(connection, "torrents_group")}
    for row in _all(connection, "torrents"):
        source_id = _text(row, "id")
        group = groups.get(_text(row, "groupid"), {})
        tags = [tag.replace(".", " ") for tag in _text(group, "taglist").split()]
        notes = [_text(group, "wikibody"), _text(row, "description")]
        yield _release(
            source_id=source_id,
            title=_text(group, "name"),
            year=_whole(group, "year"),
            description="\n\n".join(filter(None, notes)),
            description_format="bbcode",
            category=_text(group, "categoryid"),
            tags=[tag for tag in tags if tag][:20],
            publisher_id=_text(row, "userid"),
            created_at=_date(_text(row, "time")),
            **_gazelle_torrent(connection, folder, row["id"]),
        )


def _gazelle_torrent(connection: sqlite3.Connection, folder: Path, key: str | int) -> Record:
    """Find the file: in its table where it was kept as it is, else in the folder of storage."""
    if databases.columns_of(connection, "torrents_files"):
        found = connection.execute(
            "SELECT File FROM torrents_files WHERE TorrentID = ?", [key]
        ).fetchone()
        raw = _raw(found[0]) if found else b""
        if raw.startswith(b"d"):
            return {"torrent": base64.b64encode(raw).decode()}
    source_id = str(key)
    turned = f"{source_id:0>4}"[::-1]
    spread = f"{turned[:2]}/{turned[2:4]}/{source_id}.torrent"
    return {"torrent_file": spread if (folder / spread).is_file() else f"{source_id}.torrent"}


# --- Nyaa -------------------------------------------------------------------------------------


def _nyaa(connection: sqlite3.Connection, folder: Path) -> Iterator[Record]:
    for row in _all(connection, "users"):
        yield _account(
            source_id=_text(row, "id"),
            name=_text(row, "username"),
            email=_text(row, "email"),
            password=_text(row, "password_hash"),
            joined_at=_text(row, "created_time"),
            is_confirmed=_whole(row, "status") == 1,
            is_banned=_whole(row, "status") == 2,  # noqa: PLR2004 - BANNED of its enumeration
        )
    for prefix in ("nyaa", "sukebei"):
        yield from _nyaa_site(connection, folder, prefix)


def _nyaa_site(connection: sqlite3.Connection, folder: Path, prefix: str) -> Iterator[Record]:
    has_infos = bool(databases.columns_of(connection, f"{prefix}_torrents_info"))
    for row in _all(connection, f"{prefix}_torrents"):
        flags = _whole(row, "flags")
        if flags & _NYAA_DELETED:
            continue
        statement = f"SELECT info_dict FROM {prefix}_torrents_info WHERE torrent_id = ?"  # noqa: S608 - one of two prefixes
        found = connection.execute(statement, [row["id"]]).fetchone() if has_infos else None
        shelf = f"{_text(row, 'main_category_id')}_{_text(row, 'sub_category_id')}"
        yield _release(
            source_id=f"{prefix}-{_text(row, 'id')}",
            title=_text(row, "display_name"),
            description=_text(row, "description"),
            category=shelf,
            publisher_id="" if flags & _NYAA_ANONYMOUS else _text(row, "uploader_id"),
            created_at=_text(row, "created_time"),
            **_nyaa_torrent(folder, _raw(row["info_hash"]), _raw(found[0]) if found else b""),
        )


def _nyaa_torrent(folder: Path, info_hash: bytes, info: bytes) -> Record:
    digits = info_hash.hex()
    kept = folder / digits[:2] / digits[2:4] / digits
    if not info and digits and kept.is_file():
        info = kept.read_bytes()
    if not info:
        return {"torrent_file": f"{digits}.torrent"}
    return {"torrent": base64.b64encode(b"d4:info" + info + b"e").decode()}


# --- Torrust ----------------------------------------------------------------------------------


def _torrust(connection: sqlite3.Connection, folder: Path) -> Iterator[Record]:
    del folder
    secrets = {
        _text(r, "user_id"): _text(r, "password")
        for r in _all(connection, "torrust_user_authentication")
    }
    joined = {
        _text(r, "user_id"): _text(r, "date_registered") for r in _all(connection, "torrust_users")
    }
    banned = {_text(row, "user_id") for row in _all(connection, "torrust_user_bans")}
    for row in _all(connection, "torrust_user_profiles"):
        source_id = _text(row, "user_id")
        yield _account(
            source_id=source_id,
            name=_text(row, "username"),
            email=_text(row, "email"),
            password=secrets.get(source_id, ""),
            joined_at=joined.get(source_id, ""),
            is_confirmed=bool(_whole(row, "email_verified")),
            is_banned=source_id in banned,
        )
    shelves = {
        _text(r, "category_id"): _text(r, "name") for r in _all(connection, "torrust_categories")
    }
    said = {_text(row, "torrent_id"): row for row in _all(connection, "torrust_torrent_info")}
    for row in _all(connection, "torrust_torrents"):
        source_id = _text(row, "torrent_id")
        yield _release(
            source_id=source_id,
            title=_text(said.get(source_id, {}), "title") or _text(row, "name"),
            description=_text(said.get(source_id, {}), "description"),
            category=shelves.get(_text(row, "category_id"), ""),
            tags=_torrust_tags(connection, row["torrent_id"]),
            publisher_id=_text(row, "uploader_id"),
            created_at=_text(row, "date_uploaded"),
            **_torrust_torrent(connection, row),
        )


def _torrust_tags(connection: sqlite3.Connection, key: str | int) -> list[str]:
    if not databases.columns_of(connection, "torrust_torrent_tag_links"):
        return []
    rows = connection.execute(
        "SELECT t.name FROM torrust_torrent_tags t JOIN torrust_torrent_tag_links l"
        " ON l.tag_id = t.tag_id WHERE l.torrent_id = ?",
        [key],
    )
    return [str(name) for (name,) in map(tuple, rows)]


def _torrust_torrent(connection: sqlite3.Connection, row: Mapping[str, Any]) -> Record:
    """Put `info` together from the columns it was taken apart into; only when its hash is right."""
    info_hash = _text(row, "info_hash").lower()
    rows = connection.execute(
        "SELECT * FROM torrust_torrent_files WHERE torrent_id = ?"
        " ORDER BY CAST(file_id AS INTEGER)",
        [row["torrent_id"]],
    )
    files = [_lowered(each) for each in rows]
    try:
        pieces = bytes.fromhex(_text(row, "pieces"))
    except ValueError:
        pieces = b""
    info: dict[bytes, Any] = {
        b"name": _text(row, "name").encode(),
        b"piece length": _whole(row, "piece_length"),
        b"pieces": pieces,
    }
    if row.get("private") is not None:
        info[b"private"] = _whole(row, "private")
    if _text(row, "source"):
        info[b"source"] = _text(row, "source").encode()
    if len(files) == 1 and not _text(files[0], "path"):
        info[b"length"] = _whole(files[0], "length")
    else:
        info[b"files"] = [
            {
                b"length": _whole(f, "length"),
                b"path": [p.encode() for p in _text(f, "path").split("/")],
            }
            for f in files
        ]
    encoded = bencode.encode(dict(sorted(info.items())))
    if sha1(encoded, usedforsecurity=False).hexdigest() == info_hash:
        return {"torrent": base64.b64encode(b"d4:info" + encoded + b"e").decode()}
    return {"torrent_file": f"{info_hash}.torrent"}


KINDS: Final[dict[str, Former]] = {
    "unit3d": Former(("torrents", "users", "categories", "groups"), _unit3d),
    "gazelle": Former(
        ("users_main", "users_info", "torrents", "torrents_group", "torrents_files"), _gazelle
    ),
    "nyaa": Former(
        (
            *("users", "nyaa_torrents", "nyaa_torrents_info"),
            *("sukebei_torrents", "sukebei_torrents_info"),
        ),
        _nyaa,
    ),
    "torrust": Former(
        (
            *("torrust_torrents", "torrust_users", "torrust_user_profiles", "torrust_categories"),
            *("torrust_user_authentication", "torrust_user_bans", "torrust_torrent_files"),
            *("torrust_torrent_info", "torrust_torrent_tags", "torrust_torrent_tag_links"),
        ),
        _torrust,
    ),
}


# --- values -----------------------------------------------------------------------------------


def _all(connection: sqlite3.Connection, table: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table, columns in lower case; none where it is missing."""
    if databases.columns_of(connection, table):
        for row in connection.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - names of this module
            yield _lowered(row)


def _lowered(row: sqlite3.Row) -> dict[str, Any]:
    return {key.lower(): row[key] for key in row.keys()}  # noqa: SIM118 - a Row is no mapping


def _account(**values: Any) -> Record:  # noqa: ANN401 - a record
    return {"kind": "account", **{key: value for key, value in values.items() if value}}


def _release(**values: Any) -> Record:  # noqa: ANN401 - a record
    return {"kind": "release", **{key: value for key, value in values.items() if value}}


def _text(row: Mapping[str, Any], name: str) -> str:
    value = row.get(name)
    if value is None:
        return ""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _whole(row: Mapping[str, Any], name: str) -> int:
    text = _text(row, name) or "0"
    try:
        return int(text) if text.lstrip("-").isdecimal() else int(float(text))
    except (ValueError, OverflowError):
        return 0


def _bytes_of(row: Mapping[str, Any], name: str) -> int:
    return max(0, _whole(row, name))


def _date(text: str) -> str:
    return "" if text.startswith("0000") else text


def _raw(value: object) -> bytes:
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape")
    return value if isinstance(value, bytes) else b""
