"""What a person reads when a rule of the site says no: a sentence for each code, what to do.

Pages, API and commands say the same, each in the reader's language.
"""

from typing import Final

from bottin.wording.marks import marked as _

PEOPLE: Final[dict[str, str]] = {
    "accounts.not_allowed": _("Your account may not do this. The team can tell you who may."),
    "accounts.bad_name": _("This name cannot be used: choose 3 to 32 letters, digits or hyphens."),
    "accounts.name_taken": _("Someone already has this name, or one that looks the same."),
    "accounts.email_taken": _("An account already has this e-mail address."),
    "accounts.bad_password": _("This password is too weak: choose a longer one."),
    "accounts.not_found": _("No account has this name."),
    "accounts.outranks_you": _("This account is of a rank that you may not change."),
    "accounts.last_administrator": _(
        "This is the last administrator: name another one before this change."
    ),
    "accounts.reason_missing": _("Give the reason: the person it touches will read it."),
    "accounts.too_many_tries": _("Too many tries: wait %(retry_after_s)s seconds, then try again."),
    "accounts.bad_token": _("This API token opens nothing: make a new one on your page."),
    "accounts.bad_scopes": _("Choose at least one right for the token, among those you hold."),
    "accounts.bad_lifetime": _("A token lives from 1 to %(longest_d)s days."),
    "accounts.token_not_found": _("You have no such token, or it was revoked already."),
    "accounts.no_keys_left": _(
        "Your announce key was renewed as often as can be: write to the team."
    ),
    "accounts.undo_expired": _("This link is out of date, or was used already."),
    "accounts.proof_missing": _(
        "This form came back sooner than a person fills it: wait %(wait_s)s seconds, then send it"
        " again. Nothing you typed is lost but the password."
    ),
    "accounts.proof_refused": _("The small proof of the form is out of date: send it once more."),
    "accounts.registration_shut": _("Nobody registers here at the moment."),
    "accounts.bad_preference": _("The site does not have this language or theme."),
    "ledger.journal_gap": _("The ledger waits for facts that are missing: try again later."),
    "ledger.runs_elsewhere": _("The ledger is at work elsewhere: try again later."),
    "ledger.flag_unknown": _("There is no such open flag: somebody may have closed it."),
    "ledger.hold_unknown": _("There is no such held credit."),
    "ledger.hold_decided": _("Somebody decided on this held credit already: look again."),
    "tracker.key_not_issuable": _("Your announce key cannot be issued: renew it on your page."),
    "tracker.bad_client_rule": _("This rule about clients cannot be kept."),
    "tracker.client_rule_gone": _(
        "This rule was changed or removed meanwhile. Nothing was done: look at the rules again."
    ),
}

DIRECTORY: Final[dict[str, str]] = {
    "paging.bad_cursor": _(
        "This page of the list no longer exists: start again from the first one."
    ),
    "catalog.release_not_found": _(
        "There is no such release, or it is not published: search for it by its title."
    ),
    "catalog.release_gone": _("This release was removed."),
    "catalog.category_not_found": _("There is no such category: choose one of the tabs."),
    "catalog.impossible_change": _(
        "This release cannot change that way any more: reload the page to see its state."
    ),
    "catalog.reason_required": _("Give the reason: the publisher will read it."),
    "catalog.stale_decision": _(
        "Someone else decided in the meantime. Nothing of yours was applied:"
        " look at the new state, then decide again if needed."
    ),
    "catalog.change_not_allowed": _("You may not make this change of this release."),
    "catalog.withdrawal_too_late": _(
        "You can withdraw a release within %(hours)s hours; afterwards, ask the team."
    ),
    "catalog.already_listed": _("Another release already has this torrent."),
    "catalog.sort_unknown": _("Lists have no such order: choose a column."),
    "catalog.not_downloadable": _("This release cannot be downloaded in its present state."),
    "catalog.account_needed": _(
        "Members download this release: sign in, or choose one that is open to all."
    ),
    "catalog.account_suspended": _(
        "Your account is suspended: you can read the directory, not download."
    ),
    "catalog.work_not_found": _("There is no such work, or none of its releases is public."),
    "catalog.invalid_work": _(
        "A work needs a title, and identifiers that can be read: look at “%(value)s”."
    ),
    "catalog.cannot_merge": _("A work is merged with another one, and only once."),
    "catalog.cannot_split": _("Choose some of the releases of this work, not all of them."),
    "catalog.cannot_undo": _(
        "This cannot be undone any more: it was undone already, or changed since."
    ),
    "catalog.bad_replacement": _("A release is replaced by another one that is published."),
    "catalog.tag_not_found": _("There is no such tag."),
    "catalog.bad_alias": _("A tag can stand for another one, not for itself."),
    "catalog.web_seed_refused": _(
        "This address cannot be a web seed here: https, and one of the hosts of the list."
    ),
    "catalog.format_unknown": _("Citations are written as BibTeX, RIS or CSL-JSON."),
}

METAINFO: Final[dict[str, str]] = {
    "metainfo.refused": _("The torrent file was refused."),
    "metainfo.too_large": _(
        "The torrent file has %(size_bytes)s bytes; at most %(limit_bytes)s are taken."
    ),
    "metainfo.compressed": _("Send the torrent file itself, not a %(format)s archive."),
    "metainfo.malformed_bencode": _(
        "The file is not a torrent: its encoding is wrong at byte %(offset)s."
    ),
    "metainfo.info_not_canonical": _(
        "The info dictionary is not in canonical form at byte %(offset)s: make the torrent again."
    ),
    "metainfo.nested_too_deep": _(
        "The torrent file nests too deeply at byte %(offset)s; the limit is %(limit)s."
    ),
    "metainfo.too_many_tokens": _("The torrent file holds more than %(limit)s values."),
    "metainfo.integer_out_of_range": _("The torrent file holds a number that cannot be right."),
    "metainfo.missing_key": _("The key “%(key)s” is missing from the torrent file."),
    "metainfo.wrong_type": _("The key “%(key)s” of the torrent file should be: %(expected)s."),
    "metainfo.unsupported_version": _(
        "The torrent is of version %(version)s; versions 1 and 2 are known here."
    ),
    "metainfo.ambiguous_layout": _("The torrent describes its content in two ways: %(keys)s."),
    "metainfo.bad_private_flag": _("The key “private” must be 0 or 1, not %(value)s."),
    "metainfo.empty_content": _("The torrent holds nothing: no file, or empty files only."),
    "metainfo.too_many_files": _("The torrent holds more than %(limit)s files."),
    "metainfo.bad_path": _("The path “%(path)s” is not allowed (%(reason)s)."),
    "metainfo.duplicate_path": _(
        "The paths “%(path)s” and “%(other)s” would be the same file on some computers."
    ),
    "metainfo.bad_attr": _("The file “%(path)s” has unknown attributes: %(attr)s."),
    "metainfo.bad_symlink": _("The link “%(path)s” is not allowed (%(reason)s)."),
    "metainfo.bad_piece_length": _(
        "Pieces of %(piece_length)s bytes are not allowed: a power of two,"
        " from 16 KiB to 64 MiB, is needed."
    ),
    "metainfo.piece_count_mismatch": _("The pieces of the torrent do not cover its content."),
    "metainfo.too_many_pieces": _(
        "The torrent has %(pieces)s pieces, the limit is %(limit)s: use larger pieces."
    ),
    "metainfo.bad_pieces_root": _("The root of the file “%(path)s” is missing or wrong."),
    "metainfo.bad_piece_layers": _(
        "The piece layers of the file “%(path)s” do not match its root."
    ),
    "metainfo.hybrid_mismatch": _(
        "The two halves of this hybrid torrent describe different files: “%(path)s”."
    ),
    "metainfo.content_changed": _("The file “%(path)s” changed while it was read: start again."),
    "metainfo.content_unreadable": _("“%(path)s” cannot be read (%(reason)s)."),
    "metainfo.private_magnet": _("A private torrent has no magnet link."),
    "metainfo.no_such_variant": _("This torrent has no %(variant)s hash."),
    "metainfo.parser_crashed": _(
        "The torrent file took too much time or memory to read, and was given up."
    ),
}

UPLOADS: Final[dict[str, str]] = {
    "uploads.duplicate": _("The directory already has this torrent. Nothing was kept."),
    "uploads.refused_content": _(
        "This content was removed from the directory and cannot come back: %(reason)s"
    ),
    "uploads.too_many": _(
        "Many torrents in a short time: the next one may come in %(retry_after_s)s seconds."
    ),
    "uploads.too_many_drafts": _(
        "You have %(limit)s drafts waiting: finish or delete one before the next torrent."
    ),
    "uploads.not_a_draft": _("It was handed in already: open its page to see where it stands."),
    "uploads.not_editable": _("It cannot be edited in its present state."),
    "uploads.edit_conflict": _(
        "It was saved elsewhere since you opened the form: reload it, then make your changes."
    ),
    "uploads.version_not_found": _("There is no such earlier version."),
    "uploads.invalid_fields": _("Some fields are missing or wrong. Nothing you typed is lost."),
}

PICTURES: Final[dict[str, str]] = {
    "pictures.too_large": _(
        "The picture has %(size_bytes)s bytes, and %(limit_bytes)s is the most: save it smaller."
    ),
    "pictures.wrong_type": _(
        "A picture is a JPEG, PNG or WebP file. This is something else, whatever its name says."
    ),
    "pictures.animated": _("This picture moves: only still ones are taken."),
    "pictures.too_many_pixels": _(
        "The picture is %(width)s × %(height)s: at most %(limit)s pixels in all, %(side)s a side."
    ),
    "pictures.too_few_pixels": _(
        "The picture is %(width)s × %(height)s: at least %(limit)s pixels a side."
    ),
    "pictures.unreadable": _("The picture is damaged or cut short and cannot be read."),
    "pictures.coder_failed": _(
        "The picture took too much time or memory to read, and was given up."
    ),
    "pictures.alt_missing": _(
        "Say in words what the picture shows, in %(limit)s characters at most: "
        "some readers cannot see it."
    ),
    "pictures.too_many": _("There are %(limit)s pictures: delete one before the next."),
    "pictures.same": _("This very picture is there already."),
    "pictures.stays_down": _("The team removed this picture (%(reason)s): it cannot come back."),
    "pictures.not_found": _("There is no such picture here."),
    "pictures.locked": _(
        "Pictures and texts cannot be added or changed in the present state of the release: "
        "once it is published, only trusted publishers and the team add some."
    ),
    "pictures.text_too_large": _(
        "The text has %(size_bytes)s bytes, and %(limit_bytes)s is the most."
    ),
    "pictures.not_a_text": _("This is no text: UTF-8 is read, and for .nfo files the DOS letters."),
    "pictures.too_many_texts": _("There are %(limit)s texts: delete one before the next."),
    "pictures.text_not_found": _("There is no such text here."),
}

MODERATION: Final[dict[str, str]] = {
    "moderation.unknown_reason": _("This reason does not explain that decision: choose another."),
    "moderation.reason_text_needed": _("This reason has to be explained in your own words."),
    "moderation.remark_missing": _(
        "Say why in a remark: whoever looks at this account next will read it."
    ),
    "moderation.own_credit": _(
        "This is about your own account: somebody else of the team decides it."
    ),
    "moderation.not_in_queue": _(
        "It no longer waits for that decision. Nothing of yours was applied: look at its new state."
    ),
}

SEARCH: Final[dict[str, str]] = {
    "search.bad_query": _("This search cannot be understood."),
    "search.not_ready": _(
        "The index is being made for the first time: try again in a minute. Categories work."
    ),
    "search.bad_synonyms": _("This group of synonyms cannot be kept."),
    "search.synonyms_not_found": _("This group of synonyms was removed already."),
    "search.index_busy": _("The index is being rebuilt: try again in a minute."),
}
QUERIES: Final[dict[str, str]] = {
    "too_long": _("This search is too long: at most %(limit)s characters."),
    "too_many_words": _("This search has too many words: at most %(limit)s."),
    "too_deep": _("This search has too many brackets inside each other."),
    "bad_value": _("“%(value)s” is not a value of “%(field)s:”."),
    "bad_comparison": _("“%(field)s:” is not compared that way: “%(value)s”."),
    "unknown_category": _("There is no category called “%(value)s”: choose one of the tabs."),
    "unknown_value": _("“%(field)s:” does not know “%(value)s”."),
    "unknown_field": _("There is no field “%(field)s:”."),
    "too_many_values": _("“%(field)s:” takes at most %(limit)s values."),
}
CLIENT_RULES: Final[dict[str, str]] = {
    "client_head": _(
        "A client is named by the 2 to 8 first characters of its peer id: letters, digits and"
        " signs without accents or spaces, as in “-qB” or “-TR3000”."
    ),
    "client_why": _("Say why: whoever is refused reads it in their client."),
    "client_why_letters": _(
        "Some clients show plain letters only: write the reason without other signs."
    ),
    "client_why_length": _("The reason is too long: at most %(limit)s characters."),
    "client_rules": _("There are %(limit)s rules: remove one before the next."),
    "client_none_allowed": _(
        "Nobody at all would be served: first write a rule that serves a client, or let"
        " unlisted clients in."
    ),
}
SYNONYMS: Final[dict[str, str]] = {
    "synonym_count": _("A group needs two different words, and at most %(limit)s."),
    "synonym_word": _("“%(word)s” is no word, or longer than %(limit)s characters."),
    "synonym_taken": _("“%(word)s” is in another group: remove that one first."),
    "synonym_groups": _("There are too many groups: at most %(limit)s."),
}

COMMUNITY: Final[dict[str, str]] = {
    "community.too_many_bookmarks": _(
        "You keep %(limit)s bookmarks: remove some before the next one."
    ),
    "community.too_many_searches": _("You keep %(limit)s searches: forget one before the next."),
    "community.search_exists": _("You keep this search already, as “%(name)s”."),
    "community.search_unknown": _("You keep no such search: it may have been forgotten."),
    "community.bad_search": _("A search needs something to look for, and a name of 80 signs."),
    "community.bad_hook": _(
        "A webhook is an address that begins with https://, of at most %(limit)s signs, on port 443"
        " or 8443."
    ),
    "community.too_many_hooks": _("You have %(limit)s webhooks: remove one before the next."),
    "community.hook_unknown": _("This search has no webhook: it may have been removed."),
    "community.bad_pace": _("Choose when letters come: never, at once, daily or weekly."),
    "community.bad_offer": _("Disk space is a number of gigabytes, from 1 to 1,000,000."),
    "community.nothing_to_pledge": _("Choose at least one published release."),
    "community.too_many_pledges": _(
        "You hold %(limit)s pledges: release some before promising more."
    ),
    "community.pledge_unknown": _("You hold no such pledge: it may have ended."),
    "community.bad_pick": _(
        "A recommendation needs a sentence in French and in English, of %(limit)s signs at most."
    ),
}

EXCHANGE: Final[dict[str, str]] = {
    "exchange.dumps_closed": _("This site gives out no dumps."),
    "exchange.no_such_dump": _("There is no such dump: the page of dumps lists those there are."),
    "exchange.cursor_unknown": _("This site never gave that cursor: begin again from a dump."),
    "exchange.import_refused": _("This record cannot be taken in: %(reason)s."),
}

SENTENCES: Final = (
    EXCHANGE | COMMUNITY | SEARCH | PICTURES | MODERATION | PEOPLE | DIRECTORY | METAINFO | UPLOADS
)
