"""The one model field for digests, so that nobody converts `memoryview` by hand."""

from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.expressions import Expression

    # `Any` here lets django-stubs take the types below, made optional where `null=True`.
    class _Base(models.BinaryField[Any, Any]):
        _pyi_private_set_type: bytes | bytearray | memoryview
        _pyi_private_get_type: bytes
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
