"""What an account may be called: the characters, and names too alike to tell apart (SEC-14)."""

import functools
import itertools
import unicodedata
from typing import Final

from confusable_homoglyphs import confusables
from django.db import models

from bottin.accounts.errors import BadName

NAME_MIN: Final = 3
NAME_MAX: Final = 32
_JOINERS: Final = "-_."
_DIGITS: Final = "0123456789"
_LETTERS: Final = frozenset({"Lu", "Ll", "Lo"})

# Read as the same letter in most fonts, once the case is folded.
_ALIKE: Final = str.maketrans({"0": "o", "1": "l", "i": "l", "|": "l", "ı": "l", "ſ": "s"})
_PAIRS: Final = (("rn", "m"), ("vv", "w"))
# Names that would speak for the site, in its languages.
RESERVED: Final = frozenset(
    # A column of words reads better than a list of fifty strings.
    """admin administrator administrateur administration anonymous anonyme api bottin bot contact
    dmca help aide everyone guest invite legal me moderation moderator moderateur moderatrice
    news null nobody official officiel owner postmaster press presse root security securite staff
    status support system systeme team equipe tracker undefined user utilisateur visitor visiteur
    webmaster www supermoderator""".split()  # noqa: SIM905
)
_RESERVED_START: Final = "deleted-"


def check_name(name: str) -> str:
    """Return `name` in the form that is kept (NFC), or raise BadName.

    A name has 3 to 32 characters: letters of one script, the digits 0 to 9,
    and `-`, `_`, `.` between them. The context of BadName says what is wrong:
    `problem` is `length`, `characters`, `scripts`, `joiners` or `reserved`.
    """
    name = unicodedata.normalize("NFC", name.strip())
    if not NAME_MIN <= len(name) <= NAME_MAX:
        raise BadName(problem="length", shortest=NAME_MIN, longest=NAME_MAX)
    strange = sorted({char for char in name if not _is_allowed(char)})
    if strange:
        raise BadName(problem="characters", characters=[f"U+{ord(char):04X}" for char in strange])
    if len({_script(char) for char in name if char.isalpha()}) > 1:
        raise BadName(problem="scripts")
    _check_joiners(name)
    folded = skeleton(name)
    if folded in _reserved_skeletons() or name.casefold().startswith(_RESERVED_START):
        raise BadName(problem="reserved")
    return name


def skeleton(name: str) -> str:
    """Fold `name` so that two names which look alike give the same text.

    Accents, case, joiners and the script are dropped; letters and digits that
    are read as one another become one (after UTS 39, coarser for `0`/`o`,
    `1`/`l`/`i`, `rn`/`m`, `vv`/`w`). Never shown: only compared.
    """
    plain = "".join(_prototype(char) for char in unicodedata.normalize("NFKD", name))
    folded = unicodedata.normalize("NFKD", plain).casefold()
    kept = _unmarked(folded).translate(_ALIKE)
    for pair, single in _PAIRS:
        kept = kept.replace(pair, single)
    return "".join(char for char in kept if char not in _JOINERS)


class SkeletonField(models.CharField[str, str]):
    """The folded form of the account's `name`, set whenever the row is written."""

    def pre_save(self, model_instance: models.Model, add: bool) -> str:  # noqa: FBT001 - Django's
        """Recompute the value, bulk writes included."""
        del add
        value = skeleton(str(model_instance.name))  # type: ignore[attr-defined]
        setattr(model_instance, self.attname, value)
        return value


def _is_allowed(char: str) -> bool:
    return char in _JOINERS or char in _DIGITS or unicodedata.category(char) in _LETTERS


def _check_joiners(name: str) -> None:
    is_edge = name[0] in _JOINERS or name[-1] in _JOINERS
    is_double = any(a in _JOINERS and b in _JOINERS for a, b in itertools.pairwise(name))
    if is_edge or is_double or not any(char.isalpha() for char in name):
        raise BadName(problem="joiners")


@functools.cache
def _reserved_skeletons() -> frozenset[str]:
    return frozenset(skeleton(word) for word in RESERVED)


def _script(char: str) -> str:
    return unicodedata.name(char, "?").split(" ")[0]


def _prototype(char: str) -> str:
    """Return the Latin letters that `char` is mistaken for, or `char` itself."""
    if char.isascii() or unicodedata.combining(char):
        return char
    alike = confusables.is_confusable(char, preferred_aliases=[], greedy=True)
    if not alike:
        return char
    shapes = (_unmarked(shape["c"]) for shape in alike[0]["homoglyphs"])
    return min((shape for shape in shapes if shape.isascii() and shape.isalnum()), default=char)


def _unmarked(text: str) -> str:
    return "".join(char for char in text if not unicodedata.combining(char))
