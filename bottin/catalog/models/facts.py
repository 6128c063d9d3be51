"""Technical facts: which kinds there are, what they may say, and which shelves ask for them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from bottin.catalog.models.shelves import Category, Named


class FactType(models.TextChoices):
    """What a fact is written as."""

    CHOICE = "choice", _("One of a list")
    CHOICES = "choices", _("Several of a list")
    NUMBER = "number", _("A whole number")


class FactKind(Named):
    """A kind of technical fact, neutral: container, architecture, sampling, height in pixels."""

    code = models.CharField(max_length=30, primary_key=True)
    type = models.CharField(max_length=8, choices=FactType.choices)
    # Behind a number: `px`, `Hz`; empty for choices.
    unit = models.CharField(max_length=12, blank=True)
    least = models.BigIntegerField(null=True, blank=True)
    most = models.BigIntegerField(null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "code"]

    @property
    def is_number(self) -> bool:
        """Whether it is a whole number rather than choices."""
        return self.type == FactType.NUMBER


class FactChoice(Named):
    """One thing that a fact may say."""

    kind = models.ForeignKey(FactKind, on_delete=models.CASCADE, related_name="choices")
    code = models.CharField(max_length=30)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "code"], name="fact_choice_once"),
        ]


class CategoryFact(models.Model):
    """A kind of fact that a shelf, or every shelf of a family, asks for."""

    category = models.ForeignKey(Category, on_delete=models.CASCADE, related_name="facts")
    kind = models.ForeignKey(FactKind, on_delete=models.CASCADE, related_name="+")
    # The codes of the choices that make sense there; empty: all of the kind.
    choices = ArrayField(models.CharField(max_length=30), default=list, blank=True)
    is_required = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["category", "kind"], name="category_fact_once"),
        ]

    def __str__(self) -> str:
        return f"{self.category_id}: {self.kind_id}"
