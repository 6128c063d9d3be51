"""What mails to members say, each in its reader's language."""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bottin.catalog import downloads
from bottin.community.models import Letter, Loss, LostKeeper, Topic

LINES: Final = 50


def message(letter: Letter) -> EmailMessage:
    """Make the mail of a letter, in its reader's language."""
    with translation.override(letter.account.language):
        subject, template, particulars = _ABOUT[Topic(letter.topic)](letter)
        context = {"account": letter.account, "site_name": settings.BOTTIN.site_name} | particulars
        body = render_to_string(f"community/{template}.txt", context)
    host = settings.BOTTIN.host
    headers = {
        "Message-ID": f"<{letter.topic}-{letter.pk}@{host}>",
        "Auto-Submitted": "auto-generated",
    }
    subject = f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}{subject}"
    return EmailMessage(subject, body, to=[letter.account.email], headers=headers)


_Told = tuple[str, str, dict[str, object]]


def _of_results(letter: Letter) -> _Told:
    matches = list(
        letter.matches.filter(release__state="published")
        .select_related("search", "release")
        .order_by("search__name", "-release__published_at")
    )
    lines: dict[str, list[tuple[str, str]]] = {}
    for match in matches[:LINES]:
        told = (str(match.release), downloads.page_url(match.release))
        lines.setdefault(match.search.name, []).append(told)
    count = len(matches)
    subject = ngettext("%(n)s new result", "%(n)s new results", count) % {"n": count}
    more = max(0, count - LINES)
    return subject, "letter", {"searches": lines.items(), "more": more, "address": _searches()}


def _of_hook(letter: Letter) -> _Told:
    hooks = letter.hooks.select_related("search")
    context: dict[str, object] = {"hooks": list(hooks), "address": _searches()}
    return _("A webhook was switched off"), "hook_letter", context


def _of_keepers(letter: Letter) -> _Told:
    losses = list(
        letter.losses.filter(release__state="published")
        .select_related("release")
        .order_by("-at", "release__title")
    )
    lines = [
        (loss_sentence(one), str(one.release), downloads.page_url(one.release))
        for one in losses[:LINES]
    ]
    count = len(losses)
    subject = ngettext(
        "%(n)s release that you keep has fewer seeds",
        "%(n)s releases that you keep have fewer seeds",
        count,
    )
    context: dict[str, object] = {
        "lines": lines,
        "more": max(0, count - LINES),
        "address": f"{settings.BOTTIN.origin}/me/pledges",
    }
    return subject % {"n": count}, "keepers_letter", context


def loss_sentence(one: LostKeeper) -> str:
    """Say what a release lost, to one who keeps it."""
    return _SENTENCES[Loss(one.loss)](one)


def _of_pledge(one: LostKeeper) -> str:
    return ngettext(
        "a keeper has left: you are the last one to keep it",
        "a keeper has left: %(n)s of you keep it still",
        one.left,
    ) % {"n": one.left}


_SENTENCES: Final[dict[Loss, Callable[[LostKeeper], str]]] = {
    Loss.PLEDGE: _of_pledge,
    Loss.OTHERS: lambda _one: _("the others have left: you are the last one to seed it"),
    Loss.ONE_LEFT: lambda _one: _("one seeder is left"),
    Loss.ALL: lambda _one: _("nobody seeds it any more"),
}


def _searches() -> str:
    return f"{settings.BOTTIN.origin}/me/searches"


_ABOUT: Final = {
    Topic.RESULTS: _of_results,
    Topic.HOOK: _of_hook,
    Topic.KEEPERS: _of_keepers,
}
