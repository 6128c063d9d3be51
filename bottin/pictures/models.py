"""Pictures and texts of releases and works, their files, and pictures that stay down."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bottin.accounts.models import Account
from bottin.catalog.models import Release, Work

ALT_LENGTH = 300
NAME_LENGTH = 100


class Picture(models.Model):
    """A cover, or a picture, of one release or one work."""

    release = models.ForeignKey(
        Release, null=True, on_delete=models.CASCADE, related_name="pictures"
    )
    work = models.ForeignKey(Work, null=True, on_delete=models.CASCADE, related_name="pictures")
    is_cover = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)
    # What it shows, for whom cannot see it.
    alt = models.CharField(_("description"), max_length=ALT_LENGTH)
    # Of the picture written anew; its sizes are in `PictureFile`.
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    # What it is known by: the file handed in, its pixels (SHA-256), how it looks (`coder`).
    source_digest = models.CharField(max_length=64)
    pixels_digest = models.CharField(max_length=64)
    look = models.CharField(max_length=32)
    added_by = models.ForeignKey(Account, null=True, on_delete=models.SET_NULL, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-is_cover", "position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(release__isnull=True) ^ models.Q(work__isnull=True),
                name="picture_of_one",
            ),
            models.UniqueConstraint(
                fields=["release", "pixels_digest"], name="picture_once_a_release"
            ),
            models.UniqueConstraint(fields=["work", "pixels_digest"], name="picture_once_a_work"),
            models.UniqueConstraint(
                fields=["release"], condition=models.Q(is_cover=True), name="cover_of_a_release"
            ),
            models.UniqueConstraint(
                fields=["work"], condition=models.Q(is_cover=True), name="cover_of_a_work"
            ),
        ]

    def __str__(self) -> str:
        return self.alt


class PictureFile(models.Model):
    """One size of a picture in one format; the same bytes may be of several pictures."""

    picture = models.ForeignKey(Picture, on_delete=models.CASCADE, related_name="files")
    # SHA-256 of the content: its name on disk and in its address.
    digest = models.CharField(max_length=64, db_index=True)
    form = models.CharField(max_length=4)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size_bytes = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.digest}.{self.form}"


class PrintKind(models.TextChoices):
    """What a removed picture is recognised by."""

    SOURCE = "source", _("the same file")
    PIXELS = "pixels", _("the same pixels")
    LOOK = "look", _("the same look")


class RefusedPicture(models.Model):
    """A fingerprint of a picture that the team removed: it stays down."""

    kind = models.CharField(max_length=8, choices=PrintKind.choices)
    value = models.CharField(max_length=64)
    reason = models.CharField(max_length=300)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "value"], name="refused_picture_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class TextFile(models.Model):
    """A README, an NFO or a licence of a release: text, and shown as nothing else."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="texts")
    name = models.CharField(max_length=NAME_LENGTH)
    body = models.TextField()
    # How its bytes were read: utf-8, utf-16, cp437.
    encoding = models.CharField(max_length=8)
    size_bytes = models.PositiveIntegerField()
    added_by = models.ForeignKey(Account, null=True, on_delete=models.SET_NULL, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["release", "name"], name="text_once_a_release")
        ]

    def __str__(self) -> str:
        return self.name
