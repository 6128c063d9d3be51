"""What is refused at the door, and what finds the same files in another package."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils import timezone

from bottin.accounts.fields import DigestField
from bottin.catalog.models import Release


class FingerprintKind(models.TextChoices):
    """What a fingerprint is a digest of (STAY-1)."""

    V1 = "v1", "info-hash v1"
    V2 = "v2", "info-hash v2"
    CONTENT = "content", "piece length and pieces"
    ROOT = "root", "v2 file root"
    TREE = "tree", "paths and sizes"
    SIZES = "sizes", "sizes of the files"
    FILE = "file", "name and size of a file"


class RefusedContent(models.Model):
    """A fingerprint that an upload may not carry, or that holds it for review."""

    kind = models.CharField(max_length=8, choices=FingerprintKind.choices)
    value = DigestField(max_length=32)
    holds_only = models.BooleanField(default=False)
    reason = models.CharField(max_length=300)
    release_id = models.BigIntegerField(null=True)
    since = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "value"], name="refused_content_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.value.hex()}"


class ContentKeys(models.Model):
    """What finds other packages with some of the same files (TOR-12).

    `file_keys` stand for names and sizes of the largest files, `sizes_digest` for
    the sizes of all: see `duplicates.py`.
    """

    release = models.OneToOneField(
        Release, primary_key=True, on_delete=models.CASCADE, related_name="content_keys"
    )
    sizes_digest = DigestField(max_length=32)
    file_keys = ArrayField(models.BigIntegerField(), default=list)

    class Meta:
        indexes = [
            models.Index(fields=["sizes_digest"], name="content_by_sizes"),
            GinIndex(fields=["file_keys"], name="content_by_files"),
        ]

    def __str__(self) -> str:
        return f"keys {self.pk}"
