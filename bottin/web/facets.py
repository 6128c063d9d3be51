"""The choices that narrow a search: their words, their addresses, how many each leaves."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.translation import get_language_info, gettext_lazy
from django.utils.translation import gettext as _
from django_stubs_ext import StrPromise

from bottin.catalog.models import LicenceFamily
from bottin.search.documents import UNKNOWN
from bottin.search.requests import FACETS, MINE, FacetCount

BOOKMARKED: Final = "bookmarked"
_VALUES_MAX: Final = 20
_LONGEST: Final = 100
# Shown unfolded; the others unfold, or are when something of theirs is chosen.
_OPEN: Final = frozenset({"status", "family", "kind", "language"})
_TITLES: Final[dict[str, StrPromise]] = {
    "status": gettext_lazy("Life"),
    "family": gettext_lazy("Ground"),
    "licence": gettext_lazy("Licence"),
    "language": gettext_lazy("Language"),
    "year": gettext_lazy("Year"),
    "size": gettext_lazy("Size"),
    "kind": gettext_lazy("Files"),
    "tag": gettext_lazy("Tags"),
    "version": gettext_lazy("Torrent version"),
    "open": gettext_lazy("Access"),
    "webseed": gettext_lazy("Web server"),
    "publisher": gettext_lazy("Publisher"),
    "mine": gettext_lazy("Mine"),
}
_WORDS: Final[dict[str, dict[str, StrPromise]]] = {
    "status": {
        "alive": gettext_lazy("Alive"),
        "fragile": gettext_lazy("Fragile"),
        "dying": gettext_lazy("Dying"),
        "dormant": gettext_lazy("Dormant"),
    },
    "year": {
        "-1899": gettext_lazy("Before 1900"),
        "1900-1949": gettext_lazy("1900 to 1949"),
        "1950-1979": gettext_lazy("1950 to 1979"),
        "1980-1999": gettext_lazy("1980 to 1999"),
        "2000-2009": gettext_lazy("2000 to 2009"),
        "2010-2019": gettext_lazy("2010 to 2019"),
        "2020-": gettext_lazy("2020 and later"),
    },
    "size": {
        "0-100M": gettext_lazy("Under 100 MB"),
        "100M-700M": gettext_lazy("100 to 700 MB"),
        "700M-4G": gettext_lazy("700 MB to 4 GB"),
        "4G-20G": gettext_lazy("4 to 20 GB"),
        "20G-100G": gettext_lazy("20 to 100 GB"),
        "100G-": gettext_lazy("100 GB and more"),
    },
    "kind": {
        "video": gettext_lazy("Video"),
        "audio": gettext_lazy("Audio"),
        "image": gettext_lazy("Pictures"),
        "document": gettext_lazy("Documents"),
        "archive": gettext_lazy("Archives"),
        "program": gettext_lazy("Programs"),
        "subtitle": gettext_lazy("Subtitles"),
        "other": gettext_lazy("Others"),
    },
    "version": {
        "v1": gettext_lazy("Version 1"),
        "v2": gettext_lazy("Version 2"),
        "hybrid": gettext_lazy("Hybrid"),
    },
    "open": {"yes": gettext_lazy("Open to all"), "no": gettext_lazy("For members")},
    "webseed": {
        "yes": gettext_lazy("With a web server"),
        "no": gettext_lazy("Peers only"),
    },
    "mine": {
        BOOKMARKED: gettext_lazy("Bookmarked"),
        "seeding": gettext_lazy("I seed it"),
        "downloaded": gettext_lazy("I downloaded it"),
        "not_yet": gettext_lazy("Not mine yet"),
    },
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a facet; `url` takes it, or gives it back when it is chosen."""

    label: str
    url: str
    count: int | None = None
    is_current: bool = False


@dataclass(frozen=True, slots=True)
class Facet:
    """A facet with its choices; `clear_url` is "" while nothing of it is chosen."""

    name: str
    title: str
    choices: tuple[Choice, ...]
    clear_url: str = ""

    @property
    def is_open(self) -> bool:
        """Whether its choices are seen at once."""
        return bool(self.clear_url) or self.name in _OPEN


def chosen_in(request: HttpRequest) -> dict[str, tuple[str, ...]]:
    """Return what an address chooses of each facet, long or many values left out."""
    given = {name: request.GET.getlist(name)[:_VALUES_MAX] for name in FACETS}
    short = {
        name: tuple(value for value in values if 0 < len(value) <= _LONGEST)
        for name, values in given.items()
    }
    return {name: values for name, values in short.items() if values}


def groups(
    request: HttpRequest,
    counts: Mapping[str, Sequence[FacetCount]],
    *,
    category_slug: str = "",
    is_signed_in: bool,
) -> list[Facet]:
    """Return the facets that hold a choice, in their order; for a member, their own last."""
    base = request.GET.copy()
    base.pop("cursor", None)
    if category_slug:
        base["category"] = category_slug
    taken = chosen_in(request)
    found = [
        _facet(base, name, counts.get(name, ()), taken.get(name, ()))
        for name in FACETS
        if _is_worth_showing(counts.get(name, ()), taken.get(name, ()))
    ]
    return [*found, _mine(base)] if is_signed_in else found


def _is_worth_showing(counts: Sequence[FacetCount], taken: Sequence[str]) -> bool:
    return bool(taken) or len(counts) > 1


def _facet(base: QueryDict, name: str, counts: Iterable[FacetCount], taken: Sequence[str]) -> Facet:
    rows = {row.value: row.count for row in counts}
    rows |= {value: 0 for value in taken if value not in rows}
    choices = tuple(
        Choice(_label(name, value), _toggled(base, name, value, taken), count, value in taken)
        for value, count in rows.items()
    )
    return Facet(name, str(_TITLES[name]), choices, _url(base, name, ()) if taken else "")


def _mine(base: QueryDict) -> Facet:
    taken = base.get("mine", "")
    choices = tuple(
        Choice(
            str(_WORDS["mine"][value]),
            _url(base, "mine", () if value == taken else (value,)),
            is_current=value == taken,
        )
        for value in (BOOKMARKED, *MINE)
    )
    return Facet("mine", str(_TITLES["mine"]), choices, _url(base, "mine", ()) if taken else "")


def _label(name: str, value: str) -> str:
    if name == "language":
        return _language(value)
    if name == "family" and value in LicenceFamily.values:
        return str(LicenceFamily(value).label)
    word = _WORDS.get(name, {}).get(value)
    return str(word) if word else value


def _language(code: str) -> str:
    if code == UNKNOWN:
        return _("Not said")
    try:
        return str(get_language_info(code)["name_translated"]).capitalize()
    except KeyError:
        return code


def _toggled(base: QueryDict, name: str, value: str, taken: Sequence[str]) -> str:
    others = tuple(one for one in taken if one != value)
    return _url(base, name, others if value in taken else (*taken, value))


def _url(base: QueryDict, name: str, values: Sequence[str]) -> str:
    changed = base.copy()
    changed.pop(name, None)
    for value in values:
        changed.appendlist(name, value)
    encoded = changed.urlencode()
    return reverse("web:search") + (f"?{encoded}" if encoded else "")
