"""Background work of moderation: telling publishers what was decided, in their language."""

from typing import Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils import translation
from django_tasks import task

from bottin.catalog.downloads import page_url
from bottin.catalog.models import StateChange
from bottin.catalog.states import ReleaseState
from bottin.moderation import reasons

_OUTCOMES: Final = {
    ReleaseState.CHANGES_REQUESTED: "changes",
    ReleaseState.REJECTED: "rejected",
    ReleaseState.WITHDRAWN: "withdrawn",
    ReleaseState.QUARANTINED: "quarantined",
    ReleaseState.REMOVED_LEGAL: "removed",
    ReleaseState.REMOVED_TERMS: "removed",
}


@task()
def tell_publisher(change_id: int) -> None:
    """Send the publisher the decision and its reasons (STAFF-2).

    Told twice when the worker dies between sending and noting it; never told
    by a decision that was rolled back.
    """
    change = StateChange.objects.select_related("release__publisher").filter(pk=change_id).first()
    if change is None or change.actor_id == change.release.publisher_id:
        return
    message_of(change).send()


def message_of(change: StateChange) -> EmailMultiAlternatives:
    """Return the message about a decision, in the publisher's language."""
    publisher = change.release.publisher
    with translation.override(publisher.language):
        context = {
            "publisher": publisher,
            "release": change.release,
            "outcome": outcome_of(change),
            "reason": reasons.told(change.reason_code, change.reason, publisher.language),
            "page_url": page_url(change.release),
            "site_name": settings.BOTTIN_SITE_NAME,
        }
        subject = render_to_string("moderation/decision_subject.txt", context)
        body = render_to_string("moderation/decision.txt", context)
    return EmailMultiAlternatives(
        subject=" ".join(subject.split()), body=body.strip() + "\n", to=[publisher.email]
    )


def outcome_of(change: StateChange) -> str:
    """Return the one word that the templates choose their sentences by."""
    to, before = ReleaseState(change.to_state), ReleaseState(change.from_state)
    if to is ReleaseState.PUBLISHED:
        return "approved" if before is ReleaseState.PENDING else "restored"
    return _OUTCOMES[to]
