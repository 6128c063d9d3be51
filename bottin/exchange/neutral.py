"""The neutral form of what an import takes in: one JSON object a line (docs/import.md)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from bottin.exchange.errors import ImportRefused
from bottin.uploads.fields import ReleaseFields

LINE_BYTES: Final = 48 << 20  # a `.torrent` of 32 MiB in base64, with room
_TEXT_MAX: Final = 1_000_000
_BYTES_MAX: Final = 2**60
_ITEMS_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Person:
    """An account of a former site; bytes and seconds as it counted them."""

    source_id: str
    name: str
    email: str
    password: str = ""
    joined_at: datetime | None = None
    is_confirmed: bool = False
    is_banned: bool = False
    uploaded_bytes: int = 0
    downloaded_bytes: int = 0
    seed_time_s: int = 0


@dataclass(frozen=True, slots=True)
class Work:
    """A release of a former site: the fields as stated there, and where its `.torrent` is."""

    source_id: str
    fields: ReleaseFields
    category: str
    torrent: str
    torrent_file: str
    publisher_id: str
    publisher: str
    made_at: datetime | None
    is_bbcode: bool = False


class Given:
    """Reads one JSON object; a value of a wrong type is refused by its name."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def text(self, name: str, default: str = "") -> str:
        """Return a text; a number counts as one."""
        value = self._values.get(name)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise _wrong(name)
        if len(str(value)) > _TEXT_MAX:
            raise _wrong(name)
        return str(value).encode("utf-8", "replace").decode()

    def long_text(self, name: str) -> str:
        """Return a text of any length."""
        value = self._values.get(name)
        if value is not None and not isinstance(value, str):
            raise _wrong(name)
        return value or ""

    def number(self, name: str) -> int:
        """Return a whole number from 0 up; absent is 0."""
        value = self._values.get(name)
        if value is None:
            return 0
        if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 20:  # noqa: PLR2004
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _BYTES_MAX:
            raise _wrong(name)
        return value

    def flag(self, name: str) -> bool:
        """Return true or false; absent is false."""
        value = self._values.get(name)
        if value in (None, False, 0, "0", "", "false"):
            return False
        if value in (True, 1, "1", "true"):
            return True
        raise _wrong(name)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of texts; a text is split at commas."""
        value = self._values.get(name)
        if value is None:
            return ()
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        if not isinstance(value, list) or len(value) > _ITEMS_MAX:
            raise _wrong(name)
        if not all(isinstance(each, str) for each in value):
            raise _wrong(name)
        return tuple(value)

    def time(self, name: str) -> datetime | None:
        """Return a time: ISO 8601, UTC where no zone is given, or unix seconds; absent is None."""
        value = self._values.get(name)
        if value in (None, "", 0):
            return None
        try:
            if isinstance(value, int) and not isinstance(value, bool):
                return datetime.fromtimestamp(value, UTC)
            found = datetime.fromisoformat(str(value))
            zoned = found.replace(tzinfo=UTC) if found.tzinfo is None else found
            return zoned.astimezone(UTC)
        except (ValueError, OverflowError, OSError):
            raise _wrong(name) from None


def person_of(values: Mapping[str, Any]) -> Person:
    """Read an account. Raises ImportRefused."""
    given = Given(values)
    person = Person(
        source_id=given.text("source_id"),
        name=given.text("name"),
        email=given.text("email").strip().lower(),
        password=given.text("password"),
        joined_at=given.time("joined_at"),
        is_confirmed=given.flag("is_confirmed"),
        is_banned=given.flag("is_banned"),
        uploaded_bytes=given.number("uploaded_bytes"),
        downloaded_bytes=given.number("downloaded_bytes"),
        seed_time_s=given.number("seed_time_s"),
    )
    if not 0 < len(person.source_id) <= 64:  # noqa: PLR2004 - the column's
        raise ImportRefused(reason="source_id")
    return person


def work_of(values: Mapping[str, Any]) -> Work:
    """Read a release. A line of our own export is one: its `id` is the `source_id`.

    Raises ImportRefused.
    """
    given = Given(values)
    source_id = given.text("source_id") or given.text("id")
    if not 0 < len(source_id) <= 128:  # noqa: PLR2004 - the column's
        raise ImportRefused(reason="source_id")
    fields = ReleaseFields(
        title=given.text("title"),
        licence_code=given.text("licence"),
        provenance_url=given.text("provenance_url"),
        provenance_statement=given.text("provenance_statement"),
        description=given.text("description"),
        language=given.text("language"),
        tags=given.texts("tags"),
        is_open=given.flag("is_open"),
        original_title=given.text("original_title"),
        authors=given.texts("authors"),
        year=given.number("year") or None,
        identifiers=given.texts("identifiers"),
    )
    return Work(
        source_id=source_id,
        fields=fields,
        category=given.text("category") or given.text("category_id"),
        torrent=given.long_text("torrent"),
        torrent_file=given.text("torrent_file"),
        publisher_id=given.text("publisher_id"),
        publisher=given.text("publisher"),
        made_at=given.time("published_at") or given.time("created_at"),
        is_bbcode=given.text("description_format") == "bbcode",
    )


def _wrong(name: str) -> ImportRefused:
    return ImportRefused(reason="wrong_type", field=name)
