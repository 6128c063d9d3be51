"""Databases of former sites in the neutral form, from small dumps after their public schemas."""

import base64
import sqlite3
from pathlib import Path
from typing import Any, Final

import pytest

from bottin.exchange.converting import records_of
from bottin.exchange.errors import ImportRefused
from bottin.metainfo.parser import parse
from tests.factories import catalog as make
from tests.unit.exchange.former import mysql, postgres

BCRYPT: Final = "$2y$10$" + "a" * 53
JOINED: Final = "2019-03-04 05:06:07"
HOSTILE: Final = "L'été; (1,2),('a'\\)\n-- \"x\" `y` \U0001f3b5"


def unit3d() -> dict[str, list[dict[str, Any]]]:
    user = {
        "id": 7,
        "username": "Lea",
        "email": "lea@example.org",
        "password": BCRYPT,
        "group_id": 3,
    }
    user |= {"email_verified_at": JOINED, "uploaded": 12345678901234567, "downloaded": 5}
    user |= {"created_at": JOINED, "deleted_at": None}
    torrent = {
        "id": 42,
        "name": HOSTILE,
        "description": "[b]gras[/b] (1),(2)",
        "file_name": "a.torrent",
    }
    torrent |= {"category_id": 1, "user_id": 7, "anon": 0, "status": 1, "created_at": JOINED}
    torrent |= {"deleted_at": None, "info_hash": b"'\\\x00\xff\n" * 4}
    return {
        "groups": [{"id": 3, "slug": "user"}, {"id": 5, "slug": "banned"}],
        "users": [user, user | {"id": 8, "username": "Bob", "group_id": 5}],
        "categories": [{"id": 1, "name": "Films"}],
        "torrents": [
            torrent,
            torrent | {"id": 43, "anon": 1},
            torrent | {"id": 44, "deleted_at": JOINED},
            torrent | {"id": 45, "status": 2},
        ],
    }


def gazelle(raw: bytes) -> dict[str, list[dict[str, Any]]]:
    user = {"ID": 7, "Username": "Lea", "Email": "lea@example.org", "PassHash": BCRYPT}
    torrent = {"ID": 9123, "GroupID": 2, "UserID": 7, "Time": JOINED, "Description": "notes"}
    return {
        "users_main": [user | {"Enabled": "1", "Uploaded": 10, "Downloaded": 20}],
        "users_info": [{"UserID": 7, "JoinDate": JOINED}],
        "torrents_group": [
            {
                "ID": 2,
                "Name": "Album",
                "Year": 1999,
                "CategoryID": 1,
                "TagList": "jazz free.jazz",
                "WikiBody": "corps",
            }
        ],
        "torrents": [torrent, torrent | {"ID": 9124, "Time": "0000-00-00 00:00:00"}],
        "torrents_files": [{"TorrentID": 9123, "File": raw}],
    }


def nyaa(raw: bytes) -> dict[str, list[dict[str, Any]]]:
    metainfo = parse(raw)
    row = {"id": 3, "info_hash": metainfo.info_hash, "display_name": HOSTILE, "description": "*md*"}
    row |= {"flags": 0, "uploader_id": 7, "main_category_id": 2, "sub_category_id": 1}
    row |= {"created_time": JOINED}
    user = {"id": 7, "username": "Lea", "email": "lea@example.org", "created_time": JOINED}
    return {
        "users": [
            user | {"password_hash": "$argon2i$v=19$m=512,t=2,p=2$c2Vs$aGFjaGU", "status": 1}
        ],
        "nyaa_torrents": [
            row,
            row | {"id": 4, "flags": 1, "info_hash": b"\x01" * 20},
            row | {"id": 5, "flags": 32, "info_hash": b"\x02" * 20},
        ],
        "nyaa_torrents_info": [{"torrent_id": 3, "info_dict": metainfo.info_bytes}],
    }


def converted(kind: str, content: bytes, folder: Path) -> dict[str, dict[str, Any]]:
    path = folder / "dump.sql"
    path.write_bytes(content)
    return {f"{r['kind']}:{r['source_id']}": r for r in records_of(kind, path, folder)}


def test_unit3d_gives_accounts_and_releases(tmp_path: Path) -> None:
    found = converted("unit3d", mysql(unit3d()), tmp_path)

    assert set(found) == {"account:7", "account:8", "release:42", "release:43"}
    assert found["account:7"]["password"] == BCRYPT
    assert found["account:7"]["uploaded_bytes"] == 12345678901234567
    assert found["account:7"]["joined_at"] == JOINED
    assert "is_banned" not in found["account:7"]
    assert found["account:8"]["is_banned"] is True
    assert found["release:42"]["title"] == HOSTILE
    assert found["release:42"]["category"] == "Films"
    assert found["release:42"]["torrent_file"] == "a.torrent"
    assert found["release:42"]["description_format"] == "bbcode"
    assert found["release:42"]["publisher_id"] == "7"


def test_who_published_anonymously_stays_unnamed(tmp_path: Path) -> None:
    found = converted("unit3d", mysql(unit3d()), tmp_path)
    other = converted("nyaa", mysql(nyaa(make.torrent())), tmp_path)

    assert "publisher_id" not in found["release:43"]
    assert "publisher_id" not in other["release:nyaa-4"]


def test_gazelle_joins_groups_and_finds_files(tmp_path: Path) -> None:
    raw = make.torrent()
    (tmp_path / "42/19").mkdir(parents=True)
    (tmp_path / "42/19/9124.torrent").write_bytes(raw)

    found = converted("gazelle", mysql(gazelle(raw)), tmp_path)

    assert base64.b64decode(found["release:9123"]["torrent"]) == raw
    assert found["release:9124"]["torrent_file"] == "42/19/9124.torrent"
    assert found["release:9123"]["tags"] == ["jazz", "free jazz"]
    assert found["release:9123"]["year"] == 1999
    assert found["release:9123"]["title"] == "Album"
    assert "created_at" not in found["release:9124"]
    assert found["account:7"]["joined_at"] == JOINED


@pytest.mark.parametrize("write", [mysql, postgres])
def test_nyaa_wraps_info_dictionaries_of_both_databases(tmp_path: Path, write: Any) -> None:
    raw = make.torrent()

    found = converted("nyaa", write(nyaa(raw)), tmp_path)

    release = found["release:nyaa-3"]
    assert parse(base64.b64decode(release["torrent"])).info_hash == parse(raw).info_hash
    assert release["title"] == HOSTILE
    assert release["category"] == "2_1"
    assert found["release:nyaa-4"]["torrent_file"] == "01" * 20 + ".torrent"
    assert "release:nyaa-5" not in found


def test_nyaa_finds_info_dictionaries_on_disk(tmp_path: Path) -> None:
    raw = make.torrent()
    tables = nyaa(raw)
    tables["nyaa_torrents_info"][0]["info_dict"] = None
    digits = parse(raw).info_hash.hex()
    kept = tmp_path / digits[:2] / digits[2:4]
    kept.mkdir(parents=True)
    (kept / digits).write_bytes(parse(raw).info_bytes)

    found = converted("nyaa", mysql(tables), tmp_path)

    assert parse(base64.b64decode(found["release:nyaa-3"]["torrent"])).info_hash.hex() == digits


def torrust(path: Path, raw: bytes) -> None:
    metainfo = parse(raw)
    from bottin.metainfo import bencode

    info = bencode.decode(metainfo.info_bytes)
    base = sqlite3.connect(path)
    base.executescript(
        "CREATE TABLE torrust_users (user_id INTEGER PRIMARY KEY, date_registered TEXT);"
        "CREATE TABLE torrust_user_profiles (user_id INTEGER, username TEXT, email TEXT,"
        " email_verified BOOL);"
        "CREATE TABLE torrust_user_authentication (user_id INTEGER, password TEXT);"
        "CREATE TABLE torrust_categories (category_id INTEGER, name TEXT);"
        "CREATE TABLE torrust_torrents (torrent_id INTEGER, uploader_id INTEGER,"
        " category_id INTEGER, info_hash TEXT, size INTEGER, name TEXT, pieces TEXT,"
        " piece_length INTEGER, private BOOLEAN, source TEXT, date_uploaded TEXT);"
        "CREATE TABLE torrust_torrent_files (file_id INTEGER, torrent_id INTEGER,"
        " length BIGINT, path TEXT);"
        "CREATE TABLE torrust_torrent_info (torrent_id INTEGER, title TEXT, description TEXT);"
        "CREATE TABLE torrust_torrent_tags (tag_id INTEGER, name TEXT);"
        "CREATE TABLE torrust_torrent_tag_links (torrent_id INTEGER, tag_id INTEGER);"
        "INSERT INTO torrust_users VALUES (7, '2019-03-04 05:06:07');"
        "INSERT INTO torrust_user_profiles VALUES (7, 'Lea', 'lea@example.org', 1);"
        "INSERT INTO torrust_user_authentication VALUES (7, '$argon2id$x');"
        "INSERT INTO torrust_categories VALUES (1, 'software');"
        "INSERT INTO torrust_torrent_info VALUES (3, 'Titre', 'Texte');"
        "INSERT INTO torrust_torrent_tags VALUES (5, 'libre');"
        "INSERT INTO torrust_torrent_tag_links VALUES (3, 5);"
    )
    row = (
        metainfo.info_hash.hex().upper(),
        1,
        metainfo.name,
        info[b"pieces"].hex(),
        info[b"piece length"],
    )
    base.execute(
        "INSERT INTO torrust_torrents VALUES (3, 7, 1, ?, ?, ?, ?, ?, NULL, NULL, ?)",
        (*row, JOINED),
    )
    base.execute(
        "INSERT INTO torrust_torrents VALUES (4, 7, 1, 'ff', 1, 'x', '', 1, 1, 'S', ?)", (JOINED,)
    )
    files = [(n, file.size_bytes, file.display_path) for n, file in enumerate(metainfo.files)]
    base.executemany("INSERT INTO torrust_torrent_files VALUES (?, 3, ?, ?)", files)
    base.commit()
    base.close()


def test_torrust_puts_info_together_again(tmp_path: Path) -> None:
    raw = make.torrent()
    path = tmp_path / "torrust.db"
    torrust(path, raw)

    found = {f"{r['kind']}:{r['source_id']}": r for r in records_of("torrust", path, tmp_path)}

    release = found["release:3"]
    assert parse(base64.b64decode(release["torrent"])).info_hash == parse(raw).info_hash
    assert (release["title"], release["category"], release["tags"]) == (
        "Titre",
        "software",
        ["libre"],
    )
    assert found["account:7"]["password"] == "$argon2id$x"
    assert found["release:4"]["torrent_file"] == "ff.torrent"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 100,
        b"CREATE TABLE `torrents` (",
        b"INSERT INTO `torrents` VALUES (1,'",
        b"SQLite format 3\0" + b"x" * 200,
    ],
)
def test_what_is_no_such_dump_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ImportRefused):
        converted("unit3d", content, tmp_path)


def test_a_torn_dump_gives_its_whole_rows(tmp_path: Path) -> None:
    content = mysql(unit3d())

    for cut in range(len(content) // 2, len(content), 37):
        try:
            found = converted("unit3d", content[:cut], tmp_path)
        except ImportRefused:
            continue
        assert all(record["source_id"] for record in found.values())


def test_an_unknown_kind_of_site_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused):
        list(records_of("autre", tmp_path, tmp_path))
