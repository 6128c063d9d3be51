"""What programs name by a word: categories, licences, people, info-hashes."""

import re
from typing import Final

from bottin.accounts.errors import AccountNotFound
from bottin.accounts.models import Account
from bottin.accounts.queries import account_named
from bottin.api.refusals import FieldRefusal, InvalidFields, NoSuchRoute
from bottin.catalog import queries
from bottin.catalog.errors import CategoryNotFound
from bottin.catalog.models import Category, Licence

_ID: Final = re.compile(r"[0-9]{1,9}")
# Ids fit PostgreSQL's bigint; a longer number is no id of ours.
_RELEASE_ID: Final = re.compile(r"[1-9][0-9]{0,17}")
_INFO_HASH: Final = re.compile(r"(?:[0-9a-f]{40}|[0-9a-f]{64})", re.IGNORECASE)


def category_of(word: str) -> Category | None:
    """Return the category of that id or slug, None for an empty word. Raises InvalidFields."""
    if not word:
        return None
    if not _ID.fullmatch(word):
        try:
            return queries.category_by_slug(word)
        except CategoryNotFound:
            raise _unknown("category") from None
    rows = Category.objects.filter(pk=int(word), is_active=True).select_related("alias_of")
    category = rows.first()
    if category is None:
        raise _unknown("category")
    return category.alias_of or category


def licence_of(code: str) -> Licence | None:
    """Return the licence of that code, whatever the case, None for "". Raises InvalidFields."""
    if not code:
        return None
    licence = Licence.objects.filter(code__iexact=code, is_active=True).first()
    if licence is None:
        raise _unknown("licence")
    return licence


def publisher_of(name: str) -> Account | None:
    """Return the account of that name, None for an empty name. Raises InvalidFields."""
    if not name:
        return None
    try:
        return account_named(name)
    except AccountNotFound:
        raise _unknown("publisher") from None


def id_of(digits: str) -> int:
    """Read the id of a release. Raises NoSuchRoute for what can be nobody's id."""
    if not _RELEASE_ID.fullmatch(digits):
        raise NoSuchRoute
    return int(digits)


def info_hash_of(digits: str) -> bytes:
    """Read an info-hash: 40 or 64 hexadecimal digits, any case. Raises InvalidFields."""
    if not _INFO_HASH.fullmatch(digits):
        raise InvalidFields(FieldRefusal("/info_hash", "bad_info_hash", {}))
    return bytes.fromhex(digits)


def _unknown(field: str) -> InvalidFields:
    return InvalidFields(FieldRefusal(f"/{field}", f"unknown_{field}", {}))
