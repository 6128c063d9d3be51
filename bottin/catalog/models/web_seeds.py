"""Web servers that hold the content of a release, and whether they really do."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bottin.accounts.models import Account
from bottin.catalog.models.releases import Release


class SeedState(models.TextChoices):
    """What the last check of a web seed found (TOR-19)."""

    WAITING = "waiting", _("Not checked yet")
    OK = "ok", _("Holds it")
    SLOW = "slow", _("Holds it, slowly")
    WRONG = "wrong", _("Holds something else")
    GONE = "gone", _("Does not answer")
    REFUSED = "refused", _("Host not on the list")


class WebSeed(models.Model):
    """An address that the publisher gave, or that was in the torrent."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="web_seeds")
    url = models.CharField(max_length=500)
    state = models.CharField(max_length=8, choices=SeedState.choices, default=SeedState.WAITING)
    # A code of `web_seeds.FINDINGS`.
    finding = models.CharField(max_length=30, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    is_of_torrent = models.BooleanField(default=False)
    added_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["release", "url"], name="web_seed_once"),
        ]
        indexes = [models.Index(fields=["checked_at"], name="web_seed_by_check")]

    def __str__(self) -> str:
        return self.url
