"""Small dumps of former sites, written here after their public schemas."""

from collections.abc import Mapping, Sequence
from typing import Any


def mysql(tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> bytes:
    """Write tables as `mysqldump` does: columns in CREATE TABLE, rows without their names."""
    parts = [b"-- MySQL dump 10.13\n/*!40101 SET NAMES utf8mb4 */;\n"]
    for name, rows in tables.items():
        columns = b",\n".join(b"  `%b` text" % key.encode() for key in rows[0])
        parts.append(
            b"CREATE TABLE `%b` (\n%b,\n  PRIMARY KEY (`x`)\n) ENGINE=InnoDB;\n"
            % (name.encode(), columns)
        )
        values = b",".join(b"(" + b",".join(map(_quoted, row.values())) + b")" for row in rows)
        parts.append(b"LOCK TABLES `%b` WRITE;\n" % name.encode())
        parts.append(b"INSERT INTO `%b` VALUES %b;\nUNLOCK TABLES;\n" % (name.encode(), values))
    return b"".join(parts)


def postgres(tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> bytes:
    """Write tables as `pg_dump` does: COPY and tabs."""
    parts = [b"-- PostgreSQL database dump\n"]
    for name, rows in tables.items():
        columns = ", ".join(rows[0])
        parts.append(f"COPY public.{name} ({columns}) FROM stdin;\n".encode())
        parts += [b"\t".join(map(_copied, row.values())) + b"\n" for row in rows]
        parts.append(b"\\.\n\n")
    return b"".join(parts)


def _quoted(value: object) -> bytes:
    if value is None:
        return b"NULL"
    if isinstance(value, int):
        return str(value).encode()
    plain = value if isinstance(value, bytes) else str(value).encode()
    for sign, escaped in (
        (b"\\", b"\\\\"),
        (b"'", b"\\'"),
        (b"\n", b"\\n"),
        (b"\r", b"\\r"),
        (b"\0", b"\\0"),
        (b"\x1a", b"\\Z"),
    ):
        plain = plain.replace(sign, escaped)
    return (b"_binary " if isinstance(value, bytes) else b"") + b"'" + plain + b"'"


def _copied(value: object) -> bytes:
    if value is None:
        return b"\\N"
    if isinstance(value, bytes):
        return b"\\\\x" + value.hex().encode()
    return str(value).replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").encode()
