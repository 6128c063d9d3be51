"""Free labels, their aliases, and what members say of them on a release."""

from django.db import models
from django.utils import timezone

from bottin.accounts.models import Account


class Tag(models.Model):
    """A free label, normalised.

    One with a `canonical` is an alias: no release keeps it, whoever types it gets the other.
    """

    slug = models.SlugField(max_length=40, unique=True, allow_unicode=True)
    canonical = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="aliases"
    )
    # Approved by the team: suggested first.
    is_official = models.BooleanField(default=False)
    # Published releases that have it, refreshed by `tasks.refresh_tag_counts`.
    uses = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.slug


class TagVote(models.Model):
    """A member says that a tag fits a release, or does not."""

    release = models.ForeignKey(
        "catalog.Release", on_delete=models.CASCADE, related_name="tag_votes"
    )
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="votes")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    value = models.SmallIntegerField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["release", "tag", "account"], name="tag_vote_once"),
            models.CheckConstraint(
                condition=models.Q(value__in=[-1, 1]), name="tag_vote_is_for_or_against"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.release_id} {self.tag_id}: {self.value:+}"
