"""Writes on tags: aliases lead to one name, members vote, the team approves (WORK-4, WORK-5)."""

from datetime import datetime

from django.db import transaction
from django.db.models import Count, Sum
from django.db.models.functions import Coalesce

from bottin.accounts.permissions import Permission
from bottin.accounts.viewer import Viewer
from bottin.audit import log
from bottin.catalog import actions
from bottin.catalog.errors import BadAlias, ReleaseNotFound, TagNotFound
from bottin.catalog.models import Release, Tag, TagVote
from bottin.catalog.states import ReleaseState
from bottin.catalog.tags import HIDDEN_BELOW
from bottin.catalog.text import tag_of


@transaction.atomic
def vote(release_id: int, slug: str, value: int, *, by: Viewer, at: datetime) -> int:
    """Say that a tag fits (1), does not (-1), or take it back (0); return the new score.

    Below `HIDDEN_BELOW` the release loses the tag; votes can bring it back.

    Raises NotAllowed, ReleaseNotFound unless it is published, TagNotFound.
    """
    by.require(Permission.VOTE)
    # Two votes at once would each count without the other.
    rows = Release.objects.visible_to(by).filter(pk=release_id, state=ReleaseState.PUBLISHED)
    release = rows.select_for_update(of=("self",), no_key=True).order_by().first()
    if release is None or by.user_id is None:
        raise ReleaseNotFound(release_id=release_id)
    tag = Tag.objects.filter(slug=slug).first()
    there = tag is not None and release.tags.filter(pk=tag.pk).exists()
    if tag is None or not (there or TagVote.objects.filter(release=release, tag=tag).exists()):
        raise TagNotFound(slug=slug[:40])
    said = TagVote.objects.filter(release=release, tag=tag, account_id=by.user_id)
    if value == 0:
        said.delete()
    else:
        sign = 1 if value > 0 else -1
        TagVote.objects.update_or_create(
            release=release, tag=tag, account_id=by.user_id, defaults={"value": sign, "at": at}
        )
    score = _score(release, tag)
    if there is (score < HIDDEN_BELOW):
        (release.tags.remove if there else release.tags.add)(tag)
        actions.touch([release.pk], at=at)
    return score


@transaction.atomic
def set_alias(slug: str, stands_for: str, *, by: Viewer, at: datetime, reason: str = "") -> Tag:
    """Have a tag stand for another one, made where it is missing; releases move to that one.

    Also how a tag is renamed. Raises NotAllowed, TagNotFound, BadAlias.
    """
    by.require(Permission.CURATE)
    tag = Tag.objects.select_for_update().filter(slug=tag_of(slug)).first()
    if tag is None:
        raise TagNotFound(slug=slug[:40])
    wanted = tag_of(stands_for)
    if not wanted or wanted == tag.slug:
        raise BadAlias(slug=tag.slug, other=wanted)
    target, _is_new = Tag.objects.get_or_create(slug=wanted)
    target = target.canonical or target
    if target.pk == tag.pk:
        raise BadAlias(slug=tag.slug, other=wanted)
    moved = list(tag.releases.order_by("pk").values_list("pk", flat=True))
    link = Release.tags.through.objects
    link.bulk_create(
        [Release.tags.through(release_id=pk, tag_id=target.pk) for pk in moved],
        ignore_conflicts=True,
    )
    link.filter(tag_id=tag.pk).delete()
    tag.canonical, tag.is_official = target, False
    tag.save(update_fields=["canonical", "is_official"])
    Tag.objects.filter(canonical=tag).update(canonical=target)
    actions.touch(moved, at=at)
    log.record(
        "tag.aliased",
        actor_id=by.user_id,
        subject=f"tag:{tag.slug}",
        reason=reason.strip()[:500],
        detail={"to": target.slug, "releases": len(moved)},
    )
    return tag


@transaction.atomic
def free_alias(slug: str, *, by: Viewer) -> Tag:
    """Have an alias stand for itself again; releases stay where they are.

    Raises NotAllowed, TagNotFound.
    """
    by.require(Permission.CURATE)
    tag = Tag.objects.select_for_update().filter(slug=slug).exclude(canonical=None).first()
    if tag is None:
        raise TagNotFound(slug=slug[:40])
    tag.canonical = None
    tag.save(update_fields=["canonical"])
    log.record("tag.freed", actor_id=by.user_id, subject=f"tag:{tag.slug}")
    return tag


@transaction.atomic
def approve_tag(slug: str, *, is_official: bool, by: Viewer) -> Tag:
    """Approve a tag, made where it is missing, or take that back.

    Raises NotAllowed, TagNotFound.
    """
    by.require(Permission.CURATE)
    wanted = tag_of(slug)
    if not wanted:
        raise TagNotFound(slug=slug[:40])
    tag, _is_new = Tag.objects.get_or_create(slug=wanted)
    tag = tag.canonical or tag
    tag.is_official = is_official
    tag.save(update_fields=["is_official"])
    action = "tag.approved" if is_official else "tag.disapproved"
    log.record(action, actor_id=by.user_id, subject=f"tag:{tag.slug}")
    return tag


@transaction.atomic
def recount_tags() -> int:
    """Count the published releases of each tag again; return how many counts were wrong."""
    counted = Release.tags.through.objects.filter(release__state=ReleaseState.PUBLISHED)
    found = dict(counted.values_list("tag_id").annotate(uses=Count("pk")).order_by())
    wrong = [
        Tag(pk=pk, uses=found.get(pk, 0))
        for pk, uses in Tag.objects.values_list("pk", "uses")
        if uses != found.get(pk, 0)
    ]
    Tag.objects.bulk_update(wrong, ["uses"], batch_size=1_000)
    return len(wrong)


def _score(release: Release, tag: Tag) -> int:
    total = Coalesce(Sum("value"), 0)
    return int(TagVote.objects.filter(release=release, tag=tag).aggregate(total=total)["total"])
