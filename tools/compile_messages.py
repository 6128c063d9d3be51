"""Compile the translations: each `.po` of the package gets its `.mo`; gettext is not needed."""

import sys
from pathlib import Path

import polib


def main() -> int:
    """Compile all; a file with a broken entry stops the build with its name."""
    for source in sorted(Path("bottin/locale").glob("*/LC_MESSAGES/*.po")):
        polib.pofile(str(source), check_for_duplicates=True).save_as_mofile(
            str(source.with_suffix(".mo"))
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
