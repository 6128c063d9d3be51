"""Where releases stand and under which ground: categories and licences, in both languages."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Named(models.Model):
    """A row with a name in French and in English."""

    name_fr = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the reader's language."""
        return self.name_en if (get_language() or "fr").startswith("en") else self.name_fr


class Category(Named):
    """A shelf. Ids are those of the CAT rules: family `1G0000`, sub-category `1GSS00`."""

    id = models.IntegerField(primary_key=True)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    slug = models.SlugField(max_length=60, unique=True)
    # What a release emits before its own id (CAT-3, CAT-4); the seeds say how to read it.
    newznab = models.CharField(max_length=40, blank=True)
    # The categories of former sites that it answers to (CAT-5), one letter each.
    era = models.CharField(max_length=4, blank=True)
    # A second place where people look for the shelf; nothing is ever stored under it.
    alias_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="aliases"
    )
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    # Published releases, refreshed by `tasks.refresh_counts`; read only where counting is slow.
    listed_count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]

    @property
    def is_family(self) -> bool:
        """Whether it is a shelf of shelves; releases stand in sub-categories (CAT-1)."""
        return self.parent_id is None

    @property
    def family_id(self) -> int:
        """The id of its family, its own for a family."""
        return self.parent_id or self.id


class LicenceFamily(models.TextChoices):
    """The ground on which a release may be shared."""

    FREE_SOFTWARE = "free_software", _("Free software")
    CREATIVE_COMMONS = "creative_commons", _("Creative Commons")
    PUBLIC_DOMAIN = "public_domain", _("Public domain")
    OPEN_DATA = "open_data", _("Open data")
    OWN_WORK = "own_work", _("Own work")


class Licence(Named):
    """A licence or public-domain ground that a release may claim (TOR-24)."""

    code = models.CharField(max_length=40, primary_key=True)
    family = models.CharField(max_length=20, choices=LicenceFamily.choices)
    url = models.URLField(blank=True)
    summary_fr = models.CharField(max_length=300, blank=True)
    summary_en = models.CharField(max_length=300, blank=True)
    needs_statement = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "code"]

    @property
    def summary(self) -> str:
        """What the licence lets one do, in the reader's language."""
        return self.summary_en if (get_language() or "fr").startswith("en") else self.summary_fr
