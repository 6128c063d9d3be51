"""Whether a password is strong enough: Django's checks and two of ours."""

import itertools
from typing import Final

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.password_validation import CommonPasswordValidator, validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from bottin.accounts.errors import BadPassword
from bottin.accounts.models import Account

LONGEST: Final = 256
_DISTINCT_MIN: Final = 6
_ROWS: Final = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiopasdfghjklzxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
)
_LEET: Final = str.maketrans("013457@$!", "oieastasi")


class RegularPasswordValidator:
    """Refuses what is long but regular: `aaaaaaaaaaaa`, `abcabcabcabc`, `123456789012`."""

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """Raise ValidationError when a pattern, not chance, made `password`."""
        del user
        folded = password.casefold()
        if len(set(folded)) < _DISTINCT_MIN or _repeats(folded) or _follows_a_row(folded):
            raise ValidationError(
                _("This password follows a pattern: take several words, or more kinds of signs."),
                code="password_regular",
            )

    def get_help_text(self) -> str:
        """Say the rule."""
        return _("Your password can’t be a repetition or a row of keys.")


class DressedUpPasswordValidator:
    """Refuses a common password with figures or signs around it: `Password2026!`."""

    def __init__(self) -> None:
        self._common = CommonPasswordValidator().passwords

    def validate(self, password: str, user: AbstractBaseUser | None = None) -> None:
        """Raise ValidationError when the core of `password` is a common one."""
        del user
        bare = password.casefold().strip("0123456789.,;:!?-_*+#@$&%/ ")
        if {bare, bare.translate(_LEET)} & self._common:
            raise ValidationError(
                _("This is a common password with signs around it: those are tried first."),
                code="password_dressed_up",
            )

    def get_help_text(self) -> str:
        """Say the rule."""
        return _("Your password can’t be a common one with figures or signs around it.")


def check_password(password: str, *, name: str = "", email: str = "") -> None:
    """Raise BadPassword, with the sentences in `problems`, unless `password` is strong enough."""
    if len(password) > LONGEST:
        raise BadPassword(problems=[_("A password has at most %(n)d signs.") % {"n": LONGEST}])
    try:
        validate_password(password, Account(name=name, email=email))
    except ValidationError as error:
        raise BadPassword(problems=list(error.messages)) from error


def _repeats(text: str) -> bool:
    """Whether `text` is one unit, at least twice."""
    return any(
        (text[:unit] * (len(text) // unit + 1))[: len(text)] == text
        for unit in range(1, len(text) // 2 + 1)
    )


def _follows_a_row(text: str) -> bool:
    """Whether most of `text` walks along the alphabet, the figures or a keyboard."""
    steps = [a + b for a, b in itertools.pairwise(text)]
    walked = sum(1 for step in steps if any(step in row or step[::-1] in row for row in _ROWS))
    return walked * 10 >= len(steps) * 9
