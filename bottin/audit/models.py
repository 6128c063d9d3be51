"""The append-only record of who did what, to what, when, and why."""

from django.db import models
from django.utils import timezone

from bottin.accounts.fields import DigestField


class AuditEvent(models.Model):
    """One audit line, chained to the one before it (AUD-1). Never edited: a trigger forbids it."""

    at = models.DateTimeField(default=timezone.now)
    actor_id = models.BigIntegerField(null=True)
    action = models.CharField(max_length=64)
    subject = models.CharField(max_length=64)
    reason = models.TextField(blank=True)
    detail = models.JSONField(default=dict)
    previous_digest = DigestField(max_length=32)
    digest = DigestField(max_length=32, unique=True)

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["subject", "id"], name="audit_by_subject"),
            models.Index(fields=["actor_id", "id"], name="audit_by_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"
