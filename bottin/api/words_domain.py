"""What programs and their people are told when a rule of the site says no."""

from typing import Final

from bottin.api.marks import marked as _

PEOPLE: Final[dict[str, str]] = {
    "accounts.not_allowed": _("Your account may not do this. The team can tell you who may."),
    "accounts.bad_token": _("This API token opens nothing: make a new one on your page."),
    "accounts.too_many_tries": _("Too many tries: wait %(retry_after_s)s seconds, then try again."),
    "accounts.not_found": _("No account has this name."),
    "accounts.token_not_found": _("You have no such token, or it was revoked already."),
    "accounts.outranks_you": _("This account is of a rank that you may not change."),
    "accounts.registration_shut": _("Nobody registers here at the moment."),
    "accounts.name_taken": _("Someone already has this name, or one that looks the same."),
    "accounts.email_taken": _("An account already has this e-mail address."),
    "accounts.last_administrator": _(
        "This is the last administrator: name another one before this change."
    ),
    "accounts.no_keys_left": _(
        "Your announce key was renewed as often as can be: write to the team."
    ),
    "accounts.bad_name": _("This name cannot be used: choose 3 to 32 letters, digits or hyphens."),
    "accounts.bad_password": _("This password is too weak: choose a longer one."),
    "accounts.bad_scopes": _("Choose at least one right for the token, among those you hold."),
    "accounts.bad_lifetime": _("A token lives from 1 to %(longest_d)s days."),
    "accounts.bad_preference": _("The site does not have this language or theme."),
    "accounts.reason_missing": _("Give the reason: the person it touches will read it."),
    "accounts.proof_missing": _("The small proof of the form is missing: send it once more."),
    "accounts.proof_refused": _("The small proof of the form is out of date: send it once more."),
    "tracker.key_not_issuable": _("Your announce key cannot be issued: renew it on your page."),
}

DIRECTORY: Final[dict[str, str]] = {
    "paging.bad_cursor": _("This cursor was not given for this list: start from the first page."),
    "catalog.release_not_found": _("There is no such release, or it is not published."),
    "catalog.release_gone": _("This release was removed."),
    "catalog.category_not_found": _("There is no such category."),
    "catalog.impossible_change": _("The release cannot change that way any more."),
    "catalog.stale_decision": _("Someone else decided in the meantime: look at the new state."),
    "catalog.already_listed": _("Another release already has this torrent."),
    "catalog.not_downloadable": _("This release cannot be downloaded in its present state."),
    "catalog.withdrawal_too_late": _(
        "You can withdraw a release within %(hours)s hours; afterwards, ask the team."
    ),
    "catalog.change_not_allowed": _("You may not make this change of this release."),
    "catalog.account_needed": _("Members download this release: send a token."),
    "catalog.account_suspended": _(
        "Your account is suspended: you can read the directory, not download."
    ),
    "catalog.reason_required": _("Give the reason: the publisher will read it."),
    "catalog.sort_unknown": _("There is no such order; there are: %(known)s."),
}

SEARCH: Final[dict[str, str]] = {
    "search.bad_query": _("The search cannot be understood: see the list of errors."),
    "search.not_ready": _("The search is being prepared: try again in a moment."),
    "search.index_busy": _("The search index is being rebuilt: try again in a moment."),
}

UPLOADS: Final[dict[str, str]] = {
    "uploads.duplicate": _("This torrent is here already."),
    "uploads.refused_content": _("This content was taken down and may not be published again."),
    "uploads.too_many": _("Too many uploads: wait %(retry_after_s)s seconds."),
    "uploads.too_many_drafts": _("You have %(limit)s drafts: finish or discard one first."),
    "uploads.not_a_draft": _("This release was handed in already."),
    "uploads.not_editable": _("This release cannot be edited in its present state."),
    "uploads.edit_conflict": _("The release was changed since you read it: read it again."),
    "uploads.invalid_fields": _("Some fields are wrong: see the list of errors."),
}

TEAM: Final[dict[str, str]] = {
    "moderation.unknown_reason": _("There is no such reason for this decision."),
    "moderation.reason_text_needed": _("This reason has to be explained in words."),
    "moderation.not_in_queue": _("This release does not wait for that decision."),
    "ledger.journal_gap": _("The ledger waits for facts that are missing: try again later."),
    "ledger.runs_elsewhere": _("The ledger is at work elsewhere: try again later."),
}

DOMAIN: Final = PEOPLE | DIRECTORY | SEARCH | UPLOADS | TEAM
