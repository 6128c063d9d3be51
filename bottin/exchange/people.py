"""Accounts of a former site: made once, with a password that still opens, or one to be reset."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models.functions import Lower

from bottin.accounts.errors import BadName
from bottin.accounts.models import Account, AccountState
from bottin.accounts.names import check_name, skeleton
from bottin.accounts.signals import Change, tell
from bottin.exchange.models import ImportedAccount
from bottin.exchange.preparing import Arrived, Refused
from bottin.ledger.openings import Opening, open_accounts

# Costs that a sign-in may be asked for; a dearer hash is no better here, and one more way to tire
# the site.
_BCRYPT: Final = re.compile(r"\$2[aby]\$(0[4-9]|1[0-4])\$[./A-Za-z0-9]{53}")
_ARGON: Final = re.compile(
    r"\$argon2(?:id|i)\$v=19\$m=(\d{1,6}),t=(\d{1,2}),p=(\d{1,2})\$[+/A-Za-z0-9]{8,64}\$[+/A-Za-z0-9]{16,128}"
)
_ARGON_KIB_MAX: Final = 131_072
_ARGON_COST_MAX: Final = 10


@transaction.atomic
def land(source: str, arrived: Sequence[Arrived], *, at: datetime) -> tuple[int, list[Refused]]:
    """Make the accounts that are not here yet; return how many, and the refusals.

    An account here with the same name and the same address is the same person: it is
    noted, and left as it is. Counters become one opening row of the ledger.
    """
    known = _known(source, [each.person.source_id for each in arrived])
    fresh = [each for each in arrived if each.person.source_id not in known]
    taken = _Taken(fresh)
    made, refused = 0, []
    for each in fresh:
        reason = taken.reason_against(each)
        if reason:
            refused.append(Refused(each.number, each.person.source_id, reason, each.person.name))
            continue
        _make(source, each, taken, at)
        made += 1
    return made, refused


def accounts_by_source(source: str, ids: Iterable[str]) -> dict[str, int]:
    """Return the accounts that those of a former site became, by its ids. One query."""
    return _known(source, ids)


def password_of(former: str) -> str:
    """Return a password hash in the form that Django reads, or one that nothing opens.

    bcrypt of PHP and others is the same under three names; argon2 keeps its own costs
    until the first sign-in, which hashes it anew.
    """
    if _BCRYPT.fullmatch(former):
        return "bcrypt$$2b$" + former[4:]
    found = _ARGON.fullmatch(former)
    if found is not None:
        memory_kib, passes, lanes = map(int, found.groups())
        if memory_kib <= _ARGON_KIB_MAX and passes <= _ARGON_COST_MAX and lanes <= _ARGON_COST_MAX:
            return "argon2" + former
    return make_password(None)


class _Taken:
    """Names and addresses that exist, here or earlier in the batch."""

    def __init__(self, arrived: Sequence[Arrived]) -> None:
        self.names: dict[str, str] = {}
        self._same: dict[str, Account] = {}
        skeletons = {skeleton(each.person.name) for each in arrived}
        emails = {each.person.email for each in arrived}
        rows = Account.objects.filter(name_skeleton__in=skeletons)
        self._by_skeleton = {row.name_skeleton: row for row in rows}
        lowered = Account.objects.annotate(lowered=Lower("email")).filter(lowered__in=emails)
        self._emails = set(lowered.values_list("lowered", flat=True))

    def reason_against(self, each: Arrived) -> str:
        """Return why an account cannot be made, "" when it can (or is here already)."""
        person = each.person
        try:
            self.names[person.source_id] = check_name(person.name)
            validate_email(person.email)
        except BadName as refusal:
            return f"{refusal.code}.{refusal.context['problem']}"
        except ValidationError:
            return "bad_email"
        other = self._by_skeleton.get(skeleton(person.name))
        if other is not None and other.email == person.email and other.name == person.name:
            self._same[person.source_id] = other
            return ""
        if other is not None:
            return "accounts.name_taken"
        return "accounts.email_taken" if person.email in self._emails else ""

    def same(self, each: Arrived) -> Account | None:
        """Return the account here that is this person's already."""
        return self._same.get(each.person.source_id)

    def add(self, account: Account) -> None:
        """Remember one that was made."""
        self._by_skeleton[account.name_skeleton] = account
        self._emails.add(account.email)


def _make(source: str, each: Arrived, taken: _Taken, at: datetime) -> None:
    person = each.person
    account = taken.same(each)
    if account is None:
        is_active = not person.is_banned
        account = Account.objects.create(
            name=taken.names[person.source_id],
            email=person.email,
            password=password_of(person.password),
            state=AccountState.ACTIVE if is_active else AccountState.SUSPENDED,
            is_active=is_active,
            joined_at=min(person.joined_at or at, at),
        )
        EmailAddress.objects.create(
            user=account, email=account.email, verified=person.is_confirmed, primary=True
        )
        tell(Change(account.pk, "account.imported", None, detail={"source": source}))
        taken.add(account)
        opening = Opening(
            account.pk, person.uploaded_bytes, person.downloaded_bytes, person.seed_time_s
        )
        open_accounts([opening], at=at)
    ImportedAccount.objects.create(source=source, source_id=person.source_id, account=account)


def _known(source: str, ids: Iterable[str]) -> dict[str, int]:
    rows = ImportedAccount.objects.filter(source=source, source_id__in=list(ids))
    return dict(rows.values_list("source_id", "account_id"))
