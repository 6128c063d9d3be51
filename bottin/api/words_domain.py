"""Refusals that are said otherwise to a program than on a page."""

from typing import Final

from bottin.wording.marks import marked as _

TO_PROGRAMS: Final[dict[str, str]] = {
    "paging.bad_cursor": _("This cursor was not given for this list: start from the first page."),
    "catalog.release_not_found": _("There is no such release, or it is not published."),
    "catalog.category_not_found": _("There is no such category."),
    "catalog.account_needed": _("Members download this release: send a token."),
    "catalog.sort_unknown": _("There is no such order; there are: %(known)s."),
    "search.bad_query": _("The search cannot be understood: see the list of errors."),
    "uploads.refused_content": _("This content was taken down and may not be published again."),
    "uploads.invalid_fields": _("Some fields are wrong: see the list of errors."),
    "uploads.edit_conflict": _("The release was changed since you read it: read it again."),
}
