"""Many rows at once: COPY of plain values, without an object for each row."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection, models
from django.db.models.fields import NOT_PROVIDED
from psycopg.types.json import Jsonb


def copy_in(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> None:
    """Insert rows of a model by COPY: `columns` are its attributes (`release_id`), in their order.

    Values are bytes, texts, numbers, times, lists and dictionaries (JSON). A column that is
    not named gets the model's default, or is left to the database where that fills it. No
    signal is sent and no id is read back.
    """
    meta = model._meta  # noqa: SLF001 - Django's documented Model._meta
    given = {str(field.attname): field for field in meta.concrete_fields}
    defaults = _defaults(given, columns)
    quoted = connection.ops.quote_name
    names = ", ".join(quoted(str(given[name].column)) for name in (*columns, *defaults))
    constants = tuple(defaults.values())
    statement = f"COPY {quoted(meta.db_table)} ({names}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row((*map(_plain, row), *constants))


def fresh_ids(model: type[models.Model], count: int) -> list[int]:
    """Draw ids of a model's sequence."""
    table = model._meta.db_table  # noqa: SLF001 - Django's documented Model._meta
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [table, count],
        )
        return [int(row[0]) for row in cursor.fetchall()]


def _defaults(given: Mapping[str, Any], columns: Sequence[str]) -> dict[str, object]:
    """Return what the columns that are not named hold, as `save` would prepare it."""
    return {
        name: field.get_db_prep_save(field.get_default(), connection)
        for name, field in given.items()
        if name not in columns and field.db_default is NOT_PROVIDED and not field.primary_key
    }


def _plain(value: object) -> object:
    return Jsonb(value) if isinstance(value, dict) else value
