"""Held credit and flags for the team: what waits, the evidence, decisions by button or key."""

from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from bottin.accounts.permissions import Permission
from bottin.ledger.errors import FlagUnknown, HoldDecided, LedgerRunsElsewhere
from bottin.lib.clock import now
from bottin.lib.errors import DomainError
from bottin.moderation import actions, cases
from bottin.moderation.cases import Case, CasePage, Suspicion, Wanted
from bottin.moderation.errors import OwnCredit, RemarkMissing
from bottin.web import case_words
from bottin.web.errors import sentence_of, status_of
from bottin.web.permissions import needs
from bottin.web.viewer import viewer_of

AGES: Final = (0, 1, 7, 30)
_SHOWN_AGAIN: Final = (HoldDecided, FlagUnknown, LedgerRunsElsewhere, RemarkMissing, OwnCredit)
_LONGEST_NAME: Final = 32
_LONGEST_REMARK: Final = 2000


@needs(Permission.REVIEW_LEDGER)
def waiting(request: HttpRequest) -> HttpResponse:
    """Show what waits and open what waits longest."""
    page = _waiting(request)
    chosen = _with_evidence(request, page.rows[0].is_hold, page.rows[0].pk) if page.rows else None
    return _page(request, page, chosen)


@needs(Permission.REVIEW_LEDGER)
def hold(request: HttpRequest, pk: int) -> HttpResponse:
    """Show held credit with its evidence; decide on POST and go to the next."""
    return _item(request, pk, is_hold=True)


@needs(Permission.REVIEW_LEDGER)
def flag(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a flag with its evidence; close it on POST and go to the next."""
    return _item(request, pk, is_hold=False)


def _item(request: HttpRequest, pk: int, *, is_hold: bool) -> HttpResponse:
    if request.method != "POST":
        return _page(request, _waiting(request), _with_evidence(request, is_hold, pk))
    page = _waiting(request)
    try:
        return _decide(request, page, (is_hold, pk))
    except _SHOWN_AGAIN as refusal:
        chosen = _with_evidence(request, is_hold, pk)
        return _page(request, page, chosen, refusal)


def _decide(request: HttpRequest, page: CasePage, which: tuple[bool, int]) -> HttpResponse:
    is_hold, pk = which
    choices = case_words.ON_HOLDS if is_hold else case_words.ON_FLAGS
    asked = request.POST.get("decision", "")
    choice = next((one for one in choices if one.name == asked), None)
    if choice is None:
        return redirect(_address(is_hold, pk, request))
    remark = _typed(request.POST.get("remark", ""))[:_LONGEST_REMARK]
    why: dict[str, Any] = {"remark": remark, "by": viewer_of(request), "at": now()}
    if is_hold:
        actions.decide_held_credit(pk, gives_back=not choice.is_against, **why)
    else:
        actions.close_flag(pk, is_fault=choice.is_against, **why)
    messages.success(request, _("Decided: %(decision)s.") % {"decision": str(choice.label).lower()})
    following = _neighbours(page, which)[1]
    if following is None:
        return redirect(f"{reverse('web:moderation_ledger')}{_filters(request)}")
    return redirect(_address(following.is_hold, following.pk, request))


def _page(
    request: HttpRequest,
    page: CasePage,
    chosen: Suspicion | None,
    refusal: DomainError | None = None,
) -> HttpResponse:
    context: dict[str, Any] = {
        "here": "moderation",
        "moderation_page": "ledger",
        "page": page,
        "first": reverse("web:moderation_ledger"),
        "rows": [(row, kind_of(row), _address(row.is_hold, row.pk, request)) for row in page.rows],
        "wanted": _wanted(request),
        "kinds": [(kind, case_words.kind_words(kind)) for kind in cases.KINDS],
        "ages": AGES,
        "chosen": chosen,
        "is_chosen": chosen is not None,
    }
    if chosen is not None:
        context |= _evidence(request, page, chosen)
    if refusal is not None:
        context |= {"refusal": sentence_of(refusal), "typed": request.POST}
    status = 200 if refusal is None else status_of(refusal)
    return render(request, "moderation/cases.html", context, status=status)


def _evidence(request: HttpRequest, page: CasePage, chosen: Suspicion) -> dict[str, Any]:
    case = chosen.case
    row = chosen.hold or chosen.flag
    before, after = _neighbours(page, (case.is_hold, case.pk))
    told = case_words.about_hold(chosen.hold) if chosen.hold else []
    return {
        "case": case,
        "kind": kind_of(case),
        "row": row,
        "told": case_words.about_flag(chosen.flag) if chosen.flag else told,
        "innocent": case_words.innocent_words(case.kind),
        "past": [(one, case_words.kind_words(one.kind)) for one in chosen.past],
        "choices": case_words.ON_HOLDS if case.is_hold else case_words.ON_FLAGS,
        "is_own": case.user_id == viewer_of(request).user_id,
        "address": _address(case.is_hold, case.pk, request),
        "previous": before and _address(before.is_hold, before.pk, request),
        "next": after and _address(after.is_hold, after.pk, request),
    }


def kind_of(case: Case) -> str:
    """Name what a case is."""
    return case_words.kind_words(case.kind)


def _neighbours(page: CasePage, which: tuple[bool, int]) -> tuple[Case | None, Case | None]:
    """Return what stands before and after a case on the page; the first row where it is not on."""
    places = [(row.is_hold, row.pk) for row in page.rows]
    if which not in places:
        return None, page.rows[0] if page.rows else None
    at = places.index(which)
    before = page.rows[at - 1] if at else None
    return before, page.rows[at + 1] if at + 1 < len(page.rows) else None


def _waiting(request: HttpRequest) -> CasePage:
    viewer, cursor = viewer_of(request), request.GET.get("cursor")
    return cases.open_cases(viewer, _wanted(request), at=now(), cursor=cursor)


def _with_evidence(request: HttpRequest, is_hold: bool, pk: int) -> Suspicion:  # noqa: FBT001 - of which kind
    look = cases.hold_with_evidence if is_hold else cases.flag_with_evidence
    return look(pk, viewer_of(request))


def _wanted(request: HttpRequest) -> Wanted:
    kind, older = request.GET.get("kind", ""), request.GET.get("older", "")
    return Wanted(
        kind=kind if kind in cases.KINDS else "",
        older_d=int(older) if older in {str(age) for age in AGES} else 0,
        member=_typed(request.GET.get("member", ""))[:_LONGEST_NAME],
    )


def _typed(text: str) -> str:
    """Leave out what PostgreSQL cannot keep."""
    return text.replace("\0", "").strip()


def _address(is_hold: bool, pk: int, request: HttpRequest) -> str:  # noqa: FBT001 - of which kind
    name = "web:moderation_hold" if is_hold else "web:moderation_flag"
    return f"{reverse(name, args=[pk])}{_filters(request)}"


def _filters(request: HttpRequest) -> str:
    """Write the filters and the page of the list as the end of an address."""
    kept = request.GET.copy()
    for name in set(kept) - {"kind", "older", "member", "cursor"}:
        del kept[name]
    return f"?{kept.urlencode()}" if kept else ""
