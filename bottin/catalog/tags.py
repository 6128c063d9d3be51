"""Reads of tags: those of a release with their votes, all of them, what an alias stands for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Exists, FilteredRelation, OuterRef, Q, Sum
from django.db.models.functions import Coalesce

from bottin.accounts.viewer import Viewer
from bottin.catalog.errors import TagNotFound
from bottin.catalog.models import Release, Tag, TagVote
from bottin.catalog.text import tag_of

# A tag that this many more members find wrong than right is not shown.
HIDDEN_BELOW: Final = -3
LISTED_MAX: Final = 500


@dataclass(frozen=True, slots=True)
class TagScore:
    """A tag of a release: for minus against, what this viewer said (1, -1, 0), shown or not."""

    tag: Tag
    score: int
    mine: int
    is_shown: bool


def scores_of(release: Release, viewer: Viewer) -> tuple[TagScore, ...]:
    """Return the tags of a release with their votes; voted-away ones last. One query."""
    link = Release.tags.through.objects.filter(release_id=release.pk, tag_id=OuterRef("pk"))
    mine = Q(said__account_id=viewer.user_id or 0)
    tags = Tag.objects.annotate(
        said=FilteredRelation("votes", condition=Q(votes__release_id=release.pk)),
        is_shown=Exists(link),
        score=Coalesce(Sum("said__value"), 0),
        own=Coalesce(Sum("said__value", filter=mine), 0),
    )
    wanted = tags.filter(
        Q(pk__in=Release.tags.through.objects.filter(release_id=release.pk).values("tag_id"))
        | Q(pk__in=TagVote.objects.filter(release_id=release.pk).values("tag_id"))
    )
    return tuple(
        TagScore(tag, tag.score, tag.own, is_shown=tag.is_shown)
        for tag in wanted.order_by("-is_shown", "-is_official", "slug")
        if tag.is_shown or tag.score < HIDDEN_BELOW
    )


def listed_tags(text: str = "", *, limit: int = LISTED_MAX) -> tuple[Tag, ...]:
    """Return tags that stand for themselves, approved ones first, then by use as last counted.

    `text`: what they or an alias of theirs begin with. One query.
    """
    tags = Tag.objects.filter(canonical=None)
    start = tag_of(text)
    if start:
        aliases = Tag.objects.filter(slug__startswith=start, canonical__isnull=False)
        tags = tags.filter(Q(slug__startswith=start) | Q(pk__in=aliases.values("canonical_id")))
    rows = tags.filter(Q(uses__gt=0) | Q(is_official=True))
    return tuple(rows.order_by("-is_official", "-uses", "slug")[:limit])


def aliases() -> tuple[Tag, ...]:
    """Return the tags that stand for another one, by name. One query."""
    return tuple(Tag.objects.exclude(canonical=None).select_related("canonical").order_by("slug"))


def tag_by_slug(slug: str) -> Tag:
    """Return a tag; an alias gives what it stands for. One query. Raises TagNotFound."""
    tag = Tag.objects.select_related("canonical").filter(slug=slug).first()
    if tag is None:
        raise TagNotFound(slug=slug[:40])
    return tag.canonical or tag


def canonical_of(slugs: Sequence[str]) -> tuple[str, ...]:
    """Return tags with aliases replaced by what they stand for, each once. One query."""
    pairs = Tag.objects.filter(slug__in=slugs).exclude(canonical=None)
    stands = dict(pairs.values_list("slug", "canonical__slug"))
    return tuple(dict.fromkeys(stands.get(slug, slug) for slug in slugs))


def voted_away(release: Release) -> frozenset[str]:
    """Return the tags that members voted off a release, by name. One query."""
    votes = TagVote.objects.filter(release=release).values("tag__slug")
    rows = votes.annotate(score=Sum("value")).filter(score__lt=HIDDEN_BELOW)
    return frozenset(row["tag__slug"] for row in rows)


def suggestions(limit: int = 60) -> Iterable[str]:
    """Return what a publisher is offered: approved tags by name. One query."""
    rows = Tag.objects.filter(canonical=None, is_official=True).order_by("slug")
    return rows.values_list("slug", flat=True)[:limit]
