"""Words that the team says are the same."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from bottin.accounts.models import Account


class SynonymGroup(models.Model):
    """Words and expressions that find each other: `bd`, `bande dessinée`, `comics`."""

    # As typed, for people; searched folded.
    words = ArrayField(models.CharField(max_length=60))
    created_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return ", ".join(self.words)
