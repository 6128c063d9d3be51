"""Releases, their metainfo and their history; and, once, who may see which release."""

from typing import TYPE_CHECKING, Final, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Cast
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bottin.accounts.fields import DigestField
from bottin.accounts.models import Account
from bottin.catalog.models.shelves import Category, Licence
from bottin.catalog.models.tags import Tag
from bottin.catalog.states import TOMBSTONES, ReleaseState
from bottin.tracker.models import CurrentTransaction, SwarmCount

if TYPE_CHECKING:
    from bottin.accounts.viewer import Viewer


class StateChoice(models.TextChoices):
    """The states of `states.py` with the words that people read."""

    DRAFT = ReleaseState.DRAFT.value, _("Draft")
    PENDING = ReleaseState.PENDING.value, _("Awaiting review")
    PUBLISHED = ReleaseState.PUBLISHED.value, _("Published")
    CHANGES_REQUESTED = ReleaseState.CHANGES_REQUESTED.value, _("Changes requested")
    REJECTED = ReleaseState.REJECTED.value, _("Rejected")
    WITHDRAWN = ReleaseState.WITHDRAWN.value, _("Withdrawn")
    QUARANTINED = ReleaseState.QUARANTINED.value, _("Quarantined")
    REMOVED_LEGAL = ReleaseState.REMOVED_LEGAL.value, _("Removed (law)")
    REMOVED_TERMS = ReleaseState.REMOVED_TERMS.value, _("Removed (terms)")


class ReleaseQuerySet(models.QuerySet["Release"]):
    """Named reads. Visibility has one home: `visible_to`."""

    def visible_to(self, viewer: "Viewer") -> Self:
        """Rows this viewer may know exist.

        The only place that answers that question; every list, feed, search
        result and API page starts here. Tombstones are visible to all: their
        page says why the release is gone, and `listed` leaves them out. A
        private site shows nothing to a stranger.
        """
        if viewer.user_id is None and settings.BOTTIN_ACCESS == "private":
            return self.none()
        mine = models.Q(publisher_id=viewer.user_id) if viewer.user_id else models.Q(pk__in=())
        if viewer.is_moderator:
            return self.exclude(~mine, state=ReleaseState.DRAFT)
        public = models.Q(state__in=[ReleaseState.PUBLISHED, *TOMBSTONES])
        return self.filter(public | mine)

    def listed(self) -> Self:
        """Published rows only: what lists, feeds and the index hold."""
        return self.filter(state=ReleaseState.PUBLISHED)

    def of_family(self, category: Category) -> Self:
        """Those on this shelf, or on any shelf of this family."""
        if category.alias_of_id is not None:
            return self.filter(category_id=category.alias_of_id)
        if category.is_family:
            shelves = Category.objects.filter(parent_id=category.id).values_list("pk", flat=True)
            return self.filter(category_id__in=[category.id, *shelves])
        return self.filter(category_id=category.id)

    def newest_first(self) -> Self:
        """By publication, newest first; ties broken by id so that pages are stable."""
        return self.order_by("-published_at", "-pk")


_LISTED: Final = models.Q(state="published")


class Release(models.Model):
    """One torrent as the directory lists it: page, licence, provenance, state, history."""

    publisher = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="releases")
    state = models.CharField(max_length=20, choices=StateChoice.choices, default=StateChoice.DRAFT)
    title = models.CharField(_("title"), max_length=200, blank=True)
    # The title folded for sorting: without case, accents or leading punctuation.
    title_key = models.CharField(max_length=200, blank=True, db_collation="C", editable=False)
    category = models.ForeignKey(Category, null=True, blank=True, on_delete=models.PROTECT)
    licence = models.ForeignKey(Licence, null=True, blank=True, on_delete=models.PROTECT)
    provenance_url = models.URLField(_("source address"), max_length=500, blank=True)
    provenance_statement = models.TextField(_("statement"), max_length=2000, blank=True)
    description = models.TextField(_("description"), max_length=16384, blank=True)
    description_html = models.TextField(blank=True, editable=False)
    language = models.CharField(_("language"), max_length=8, blank=True)
    tags = models.ManyToManyField(Tag, blank=True, related_name="releases")
    is_open = models.BooleanField(_("open to all"), default=False)
    # What one cites it by. `identifiers` are `scheme:value`, as `identifiers.py` writes them.
    original_title = models.CharField(_("original title"), max_length=200, blank=True)
    authors = ArrayField(models.CharField(max_length=160), default=list, blank=True)
    year = models.SmallIntegerField(_("year"), null=True, blank=True)
    identifiers = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    # Technical facts by the code of their kind: a list of choices, or a whole number.
    facts = models.JSONField(default=dict, blank=True)
    # The edition of a work that it is a copy of; most stand alone.
    edition = models.ForeignKey(
        "catalog.Edition",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="releases",
    )
    # A better or newer one: its page draws attention there, and changes no link.
    replaced_by = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="replaces"
    )
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    submitted_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    edited_at = models.DateTimeField(null=True, blank=True)
    # What the metainfo said; never edited afterwards.
    name = models.CharField(max_length=255)
    size_bytes = models.BigIntegerField()
    file_count = models.PositiveIntegerField()
    piece_length = models.PositiveIntegerField()
    version = models.CharField(max_length=6)
    is_private = models.BooleanField(default=False)
    source = models.CharField(max_length=255, blank=True)
    info_hash_v1 = DigestField(max_length=20, null=True)
    info_hash_v2 = DigestField(max_length=32, null=True)
    content_digest = DigestField(max_length=32, null=True)
    pieces_digest = DigestField(max_length=20, null=True)
    tree_digest = DigestField(max_length=32, null=True)
    file_kinds = ArrayField(models.CharField(max_length=12), default=list)
    # The tracker knows releases by number only, so this relation has no column and no constraint.
    swarm = models.ForeignObject(
        SwarmCount,
        on_delete=models.DO_NOTHING,
        from_fields=["id"],
        to_fields=["release_id"],
        null=True,
        related_name="+",
    )

    objects = ReleaseQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["info_hash_v1"],
                condition=~models.Q(state__in=["draft", "rejected", "withdrawn"]),
                name="release_v1_once",
            ),
            models.UniqueConstraint(
                fields=["info_hash_v2"],
                condition=~models.Q(state__in=["draft", "rejected", "withdrawn"]),
                name="release_v2_once",
            ),
            models.CheckConstraint(
                condition=models.Q(state="draft")
                | (
                    models.Q(category__isnull=False, licence__isnull=False)
                    & ~models.Q(title="")
                    & (~models.Q(provenance_url="") | ~models.Q(provenance_statement=""))
                ),
                name="release_has_licence_and_provenance",
            ),
            models.CheckConstraint(
                condition=models.Q(info_hash_v1__isnull=False)
                | models.Q(info_hash_v2__isnull=False),
                name="release_has_info_hash",
            ),
        ]
        indexes = [
            models.Index(fields=["-published_at", "-id"], condition=_LISTED, name="release_newest"),
            models.Index(
                fields=["category", "-published_at", "-id"],
                condition=_LISTED,
                name="release_by_category",
            ),
            models.Index(fields=["-size_bytes", "-id"], condition=_LISTED, name="release_by_size"),
            models.Index(fields=["title_key", "id"], condition=_LISTED, name="release_by_title"),
            models.Index(fields=["publisher", "-id"], name="release_by_publisher"),
            models.Index(
                fields=["submitted_at", "id"],
                condition=models.Q(state="pending"),
                name="release_waiting",
            ),
            models.Index(fields=["info_hash_v1"], name="release_by_v1"),
            models.Index(fields=["info_hash_v2"], name="release_by_v2"),
            models.Index(fields=["content_digest"], name="release_by_content"),
            models.Index(fields=["pieces_digest"], name="release_by_pieces"),
            models.Index(fields=["tree_digest"], name="release_by_tree"),
            GinIndex(fields=["identifiers"], name="release_by_identifier"),
        ]

    def __str__(self) -> str:
        return self.title or self.name

    @property
    def is_published(self) -> bool:
        """Whether it is listed and announced."""
        return self.state == ReleaseState.PUBLISHED

    @property
    def seeders(self) -> int:
        """Peers that have all of it, as the tracker last said."""
        return self._count("seeders")

    @property
    def leechers(self) -> int:
        """Peers that lack pieces, as the tracker last said."""
        return self._count("leechers")

    @property
    def completed(self) -> int:
        """Downloads finished since ever."""
        return self._count("completed")

    def _count(self, field: str) -> int:
        # Annotated by `queries.lines`, or read with `select_related("swarm")`, or here;
        # a release nobody announced has none.
        annotated = f"swarm_{field}"
        if annotated in self.__dict__:
            return self.__dict__[annotated] or 0
        try:
            counts = self.swarm
        except SwarmCount.DoesNotExist:
            return 0
        return int(getattr(counts, field)) if counts else 0

    @property
    def canonical_info_hash(self) -> bytes:
        """20 bytes: v1, or v2 cut (V2-1). What a per-torrent announce key is bound to."""
        return self.info_hash_v1 or (self.info_hash_v2 or b"")[:20]


class StoredMetainfo(models.Model):
    """The publisher's bytes, kept apart from the row that lists read."""

    release = models.OneToOneField(
        Release, primary_key=True, on_delete=models.CASCADE, related_name="metainfo"
    )
    # The raw slice of `info`: what every digest is computed over, never re-encoded (META-1).
    info = models.BinaryField()
    piece_layers = models.BinaryField(null=True)
    # One line for each file, padding left out: size in bytes, BEP 47 flags, path; tabs between.
    # META-6 keeps tabs and line ends out of names, so a line needs no quoting.
    files = models.TextField()
    web_seeds = ArrayField(models.CharField(max_length=500), default=list)
    # Those to hand out, once they were checked (`WebSeed`); null: those of the torrent.
    served_seeds = ArrayField(models.CharField(max_length=500), null=True)
    created_by = models.CharField(max_length=200, blank=True)
    creation_date = models.BigIntegerField(null=True)

    def __str__(self) -> str:
        return f"metainfo {self.pk}"


class FileRoot(models.Model):
    """A v2 per-file root, so that the same file is found in another package (STAY-1).

    Files under `uploads.receiving.ROOT_FLOOR_BYTES` have none: a licence text
    or an empty cover is in lawful and unlawful packages alike.
    """

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="file_roots")
    root = DigestField(max_length=32, db_index=True)

    def __str__(self) -> str:
        return bytes(self.root).hex()


class StateChange(models.Model):
    """One change of state: who, when, why. The reason is what the publisher is told."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="state_changes")
    from_state = models.CharField(max_length=20, choices=StateChoice.choices)
    to_state = models.CharField(max_length=20, choices=StateChoice.choices)
    actor = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    reason = models.TextField(blank=True)
    reason_code = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.release_id}: {self.from_state} → {self.to_state}"


class ReleaseChange(models.Model):
    """A release whose searchable facts changed; the index follows these rows.

    Ids are drawn before commit, so a smaller one may appear later: a follower
    resumes from the oldest transaction that was still running.
    """

    release_id = models.BigIntegerField()
    at = models.DateTimeField(default=timezone.now)
    transaction_id = models.BigIntegerField(
        db_default=Cast(Cast(CurrentTransaction(), models.TextField()), models.BigIntegerField()),
        editable=False,
    )

    class Meta:
        indexes = [models.Index(fields=["transaction_id"], name="change_by_transaction")]

    def __str__(self) -> str:
        return str(self.release_id)
