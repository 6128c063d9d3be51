"""Compile the translations: each `.po` of the package gets its `.mo`; gettext is not needed.

Translators type plain spaces: those that French keeps from breaking are set here.
"""

import re
import sys
from pathlib import Path
from typing import Final

import polib

NARROW: Final = "\u202f"
_BEFORE: Final = re.compile(r" (?=[;:!?»](?:[\s\"”»).,]|$))")
_AFTER: Final = re.compile(r"(?<=«) ")


def main() -> int:
    """Compile all; a file with a broken entry stops the build with its name."""
    for source in sorted(Path("bottin/locale").glob("*/LC_MESSAGES/*.po")):
        catalogue = polib.pofile(str(source), check_for_duplicates=True)
        if source.parts[-3] == "fr":
            _set(catalogue)
        catalogue.save_as_mofile(str(source.with_suffix(".mo")))
    return 0


def french(text: str) -> str:
    """Return a text whose « ; : ! ? » do not begin a line, nor end one."""
    return _AFTER.sub(NARROW, _BEFORE.sub(NARROW, text))


def _set(catalogue: polib.POFile) -> None:
    for entry in catalogue:
        entry.msgstr = french(entry.msgstr)
        entry.msgstr_plural = {n: french(text) for n, text in entry.msgstr_plural.items()}


if __name__ == "__main__":
    sys.exit(main())
