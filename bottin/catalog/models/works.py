"""Works (œuvres), their editions, and who gathered what: one model for every medium."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bottin.accounts.models import Account


class WorkKind(models.TextChoices):
    """What a work is, whatever the files are."""

    TEXT = "text", _("Text")
    SOUND = "sound", _("Music or sound")
    VIDEO = "video", _("Film or video")
    IMAGE = "image", _("Image")
    SOFTWARE = "software", _("Software")
    DATASET = "dataset", _("Dataset")
    GAME = "game", _("Game")
    OTHER = "other", _("Other")


class Work(models.Model):
    """A film, an album, a distribution, a book, a dataset: what editions are editions of."""

    kind = models.CharField(max_length=10, choices=WorkKind.choices, default=WorkKind.OTHER)
    title = models.CharField(_("title"), max_length=200)
    # Folded for sorting and looking up, as `Release.title_key` is.
    title_key = models.CharField(max_length=200, db_collation="C", editable=False)
    original_title = models.CharField(_("original title"), max_length=200, blank=True)
    authors = ArrayField(models.CharField(max_length=160), default=list, blank=True)
    year = models.SmallIntegerField(_("year"), null=True, blank=True)
    identifiers = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    created_by = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    # It was the same as another one: its address leads there.
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged"
    )

    class Meta:
        ordering = ["title_key", "pk"]
        indexes = [
            models.Index(
                fields=["title_key", "id"],
                condition=models.Q(merged_into=None),
                name="work_by_title",
            ),
            GinIndex(fields=["identifiers"], name="work_by_identifier"),
        ]

    def __str__(self) -> str:
        return self.title


class Edition(models.Model):
    """One form of a work: version, date, language, format. A work has at least one."""

    work = models.ForeignKey(Work, on_delete=models.PROTECT, related_name="editions")
    # `13.1`, `2nd edition`, `restored`; empty for the only or usual one.
    label = models.CharField(_("version"), max_length=80, blank=True)
    # What versions sort by: digits filled up, folded.
    label_key = models.CharField(max_length=120, blank=True, db_collation="C", editable=False)
    published_on = models.DateField(_("date"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=8, blank=True)
    format = models.CharField(_("format"), max_length=40, blank=True)

    class Meta:
        ordering = ["-label_key", "-published_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["work", "label_key", "language", "format"], name="edition_once"
            ),
        ]

    def __str__(self) -> str:
        return self.label


class WorkChangeKind(models.TextChoices):
    """What was done to a work."""

    CREATED = "created", _("Created")
    EDITED = "edited", _("Described anew")
    ATTACHED = "attached", _("Release attached")
    DETACHED = "detached", _("Release detached")
    MERGED = "merged", _("Merged with another work")
    SPLIT = "split", _("Split off")
    UNDONE = "undone", _("Undone")


class WorkChange(models.Model):
    """One change of a work: who, when, why, and in `detail` what it takes to undo it."""

    work = models.ForeignKey(Work, on_delete=models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=10, choices=WorkChangeKind.choices)
    actor = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    reason = models.CharField(max_length=500, blank=True)
    detail = models.JSONField(default=dict)
    undone_by = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="undoes"
    )

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.work_id}: {self.kind}"
