"""Words of a query before they are looked up: elisions and words that say nothing."""

import re
from typing import Final

# l'arbre, d’un, qu'il: what stands before the apostrophe is never what one looks for.
_ELISION: Final = re.compile(
    r"\A(?:l|d|j|m|t|s|n|c|qu|jusqu|lorsqu|puisqu|quoiqu)['’](?=\w)", re.IGNORECASE
)
STOP_WORDS: Final = frozenset(
    {
        *("le", "la", "les", "un", "une", "des", "du", "de", "au", "aux", "et", "ou", "en"),
        *("dans", "sur", "pour", "par", "avec", "sans", "ce", "cette", "ces", "son", "sa", "ses"),
        *("the", "a", "an", "of", "and", "or", "in", "on", "for", "by", "with", "to", "from"),
    }
)


def stripped(word: str) -> str:
    """Return a word without its elision: `l'arbre` is `arbre`."""
    return _ELISION.sub("", word)
