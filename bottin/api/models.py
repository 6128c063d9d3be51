"""Answers kept for a day, so that a write repeated with its key is not done twice (API-7)."""

from django.db import models
from django.utils import timezone

from bottin.accounts.fields import DigestField


class KeptAnswer(models.Model):
    """What one account was answered under one `Idempotency-Key` on one route."""

    account_id = models.BigIntegerField()
    route = models.CharField(max_length=80)
    key = models.CharField(max_length=128)
    # SHA-256 of the fields and of the file: the same key with another body is refused.
    request_digest = DigestField(max_length=32)
    status = models.PositiveSmallIntegerField()
    body = models.TextField()
    location = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account_id", "route", "key"], name="kept_answer_once")
        ]

    def __str__(self) -> str:
        return f"{self.route} {self.status}"
