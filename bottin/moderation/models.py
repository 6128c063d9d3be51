"""Who of the team is looking at what."""

from django.db import models

from bottin.accounts.models import Account
from bottin.catalog.models import Release


class ReviewLock(models.Model):
    """A moderator has a release open. It warns the others and forbids nothing."""

    release = models.OneToOneField(
        Release, primary_key=True, on_delete=models.CASCADE, related_name="review_lock"
    )
    moderator = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()
    until = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.release_id} · {self.moderator_id}"
