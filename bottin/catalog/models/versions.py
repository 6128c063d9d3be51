"""What a release said of itself before each edit."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from bottin.accounts.models import Account
from bottin.catalog.models.releases import Release


class ReleaseVersion(models.Model):
    """All that a release said of itself after an edit; the last one is what it says now."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    # The fields of the form by name; lists and numbers as JSON.
    fields = models.JSONField()
    changed = ArrayField(models.CharField(max_length=30), default=list)
    actor = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    # It was made by bringing this one back.
    restored_from = models.PositiveIntegerField(null=True, blank=True)
    # The team hid it (a name or an address that should not be there): only they read it.
    hidden_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["release", "number"], name="release_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.release_id} v{self.number}"
