"""The words of `bottin publish`, in the language of the terminal, without Django."""

import gettext as _gettext
import os
from pathlib import Path
from typing import Final

LOCALE: Final = Path(__file__).resolve().parents[2] / "locale"
_VARIABLES: Final = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


def language() -> str:
    """Return `fr` or `en`: what the first locale variable that is set asks for."""
    asked = next((value for name in _VARIABLES if (value := os.environ.get(name))), "")
    return "fr" if asked.lower().startswith("fr") else "en"


def gettext(message: str) -> str:
    """Return `message` in the language of the terminal; English when it has no translation."""
    found = _gettext.translation("django", LOCALE, languages=[language()], fallback=True)
    return found.gettext(message)
