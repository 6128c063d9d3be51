"""The one model field for digests, so that nobody converts `memoryview` by hand."""

from typing import TYPE_CHECKING

from django.db import models

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.expressions import Expression

    _Base = models.BinaryField[bytes | bytearray | memoryview, bytes]
else:
    _Base = models.BinaryField


class DigestField(_Base):
    """Raw bytes of a digest or an info-hash; always read back as `bytes`."""

    def from_db_value(
        self,
        value: bytes | memoryview | None,
        expression: "Expression",
        connection: "BaseDatabaseWrapper",
    ) -> bytes | None:
        """Return `bytes` (or None) whatever the driver returned."""
        del expression, connection
        return None if value is None else bytes(value)
