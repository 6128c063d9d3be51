"""Did you mean: words that nothing is spelt like, replaced by near ones that titles hold."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from bottin.catalog.text import fold

_WORD: Final = re.compile(r"\w+")
_TYPO_FROM: Final = 4
_TWO_TYPOS_FROM: Final = 8


def corrected(text: str, words: Iterable[str], titles: Iterable[str]) -> str:
    """Return `text` with each of `words` as the titles spell it; "" when none is near.

    `words` are those that were looked for, as typed; those that a title holds stay.
    """
    spellings = Counter(word.lower() for title in titles for word in set(_WORD.findall(title)))
    known = {fold(word) for word in spellings}
    changed = text
    for word in words:
        folded = fold(word)
        if folded in known or len(folded) < _TYPO_FROM or not folded.isalpha():
            continue
        near = _nearest(folded, spellings)
        if near:
            pattern = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)
            changed = pattern.sub(lambda _match, near=near: near, changed, count=1)  # type: ignore[misc]
    return changed if changed != text else ""


def distance(first: str, second: str, most: int) -> int:
    """Return how many letters differ, a swap of neighbours counted once; over `most`, any more."""
    if abs(len(first) - len(second)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(second) + 1))
    for i, letter in enumerate(first, start=1):
        before, last, row = row, before, [i]
        for j, other in enumerate(second, start=1):
            cost = min(before[j] + 1, row[-1] + 1, before[j - 1] + (letter != other))
            is_swap = i > 1 and j > 1 and letter == second[j - 2] and first[i - 2] == other
            row.append(min(cost, last[j - 2] + 1) if is_swap else cost)
    return row[-1]


def _nearest(folded: str, spellings: Counter[str]) -> str:
    most = 2 if len(folded) >= _TWO_TYPOS_FROM else 1
    found = [
        (steps, -count, word)
        for word, count in spellings.items()
        if (steps := distance(folded, fold(word), most)) <= most
    ]
    return min(found)[2] if found else ""
