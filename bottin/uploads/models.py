"""What is refused at the door: fingerprints that stay down."""

from django.db import models
from django.utils import timezone

from bottin.accounts.fields import DigestField


class FingerprintKind(models.TextChoices):
    """What a fingerprint is a digest of (STAY-1)."""

    V1 = "v1", "info-hash v1"
    V2 = "v2", "info-hash v2"
    CONTENT = "content", "piece length and pieces"
    ROOT = "root", "v2 file root"
    TREE = "tree", "paths and sizes"


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
