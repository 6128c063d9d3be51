"""What was noticed when a `.torrent` was dropped, kept in the session until its form is done."""

from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from bottin.uploads.actions import Receipt

_KEY: Final = "receipts"
_KEPT: Final = 8
_LISTED: Final = 20

CAUTIONS: Final[dict[str, str]] = {
    "unknown_key_left_out": _("Outside the info dictionary, the key “%(subject)s” was left out."),
    "web_seed_left_out": _("A web seed is not a plain https address and was left out: %(subject)s"),
    "piece_layers_left_out": _("Piece layers of files that are not there were left out."),
    "outer_keys_unsorted": _(
        "The file is not sorted as it should be; its info-hash is not touched."
    ),
    "trailing_bytes_left_out": _("%(subject)s bytes after the end of the file were left out."),
    "double_extension": _("“%(subject)s” has two extensions: people take such files for traps."),
    "dangling_symlink": _("The link “%(subject)s” points to nothing inside the torrent."),
    "held_for_review": _("It resembles content that was removed: the team looks at it first."),
    "lookalike_title": _("The title mixes letters of several alphabets: “%(subject)s”."),
}


@dataclass(frozen=True, slots=True)
class Noticed:
    """Sentences about the file."""

    cautions: list[str]


def keep_receipt(request: HttpRequest, receipt: Receipt) -> None:
    """Remember what the parser noticed, for the last few files."""
    kept = dict(request.session.get(_KEY, {}))
    kept.pop(str(receipt.release.pk), None)
    kept[str(receipt.release.pk)] = {
        "cautions": [[c.code, c.subject[:200]] for c in receipt.warnings[:_LISTED]],
    }
    request.session[_KEY] = dict(list(kept.items())[-_KEPT:])


def receipt_of(request: HttpRequest, pk: int) -> Noticed:
    """Return what was noticed of this release; nothing when it was long ago."""
    kept = request.session.get(_KEY, {}).get(str(pk), {})
    cautions = [caution_sentence(code, subject) for code, subject in kept.get("cautions", [])]
    return Noticed(cautions)


def caution_sentence(code: str, subject: str) -> str:
    """Return a caution of the parser, or of the evidence, in words; the code when it has none."""
    return gettext(CAUTIONS[code]) % {"subject": subject} if code in CAUTIONS else code
