"""What was given out to mirrors, in one order; what was taken in from elsewhere, once."""

from django.db import models

from bottin.accounts.fields import DigestField
from bottin.accounts.models import Account


class PublicEntry(models.Model):
    """A release that is, or was, in the public dump: one row, at the place of its last change.

    `sequence` grows with each change; a mirror asks for what comes after the one it knows.
    """

    release_id = models.BigIntegerField(primary_key=True)
    sequence = models.BigIntegerField(unique=True)
    is_listed = models.BooleanField(default=True)
    digest = DigestField(max_length=32)

    def __str__(self) -> str:
        return f"{self.sequence}: {self.release_id}"


class PublicPosition(models.Model):
    """How far the changes of the catalogue were followed; one row, locked by who follows."""

    sequence = models.BigIntegerField(default=0)
    # Changes of transactions before this one were all seen.
    horizon = models.BigIntegerField(default=0)
    # The last release that the first walk over the catalogue reached; None once it is done.
    filled_to = models.BigIntegerField(null=True, default=0)

    def __str__(self) -> str:
        return str(self.sequence)


class ImportedAccount(models.Model):
    """An account of a former site and the one it became: an import that runs again finds it."""

    source = models.CharField(max_length=64)
    source_id = models.CharField(max_length=64)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "source_id"], name="imported_account_once")
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.source_id}"


class ImportedRelease(models.Model):
    """The same for a release; by number, since a draft may be discarded later."""

    source = models.CharField(max_length=64)
    source_id = models.CharField(max_length=128)
    release_id = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "source_id"], name="imported_release_once")
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.source_id}"
