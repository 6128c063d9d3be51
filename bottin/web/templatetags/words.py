"""Template filters and tags: numbers, sizes, times and foreign text in the reader's form; marks."""

import datetime as dt
import functools
from typing import Final
from urllib.parse import urlsplit

from django import template
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language_info, gettext_lazy, ngettext, pgettext_lazy
from django.utils.translation import gettext as _
from django_stubs_ext import StrPromise

from bottin.catalog.text import slug_of as slug_of_title
from bottin.lib.clock import now
from bottin.lib.text import visible
from bottin.web import formats

register = template.Library()

# mark name: (shape in marks.svg, tone in the style sheet, word)
MARKS: Final[dict[str, tuple[str, str, StrPromise]]] = {
    "alive": ("alive", "good", gettext_lazy("Alive: three seeders or more")),
    "fragile": ("fragile", "warn", gettext_lazy("Fragile: one or two seeders")),
    "dying": ("dying", "bad", gettext_lazy("Dying: people wait, nobody seeds")),
    "dormant": ("dormant", "", gettext_lazy("Dormant: nobody is there")),
    "draft": ("draft", "", gettext_lazy("Draft")),
    "pending": ("pending", "info", gettext_lazy("Awaiting review")),
    "published": ("published", "good", gettext_lazy("Published")),
    "changes_requested": ("changes_requested", "warn", gettext_lazy("Changes requested")),
    "rejected": ("rejected", "bad", gettext_lazy("Rejected")),
    "withdrawn": ("withdrawn", "", gettext_lazy("Withdrawn")),
    "quarantined": ("quarantined", "warn", gettext_lazy("Quarantined")),
    "removed_legal": ("removed", "bad", gettext_lazy("Removed (law)")),
    "removed_terms": ("removed", "bad", gettext_lazy("Removed (terms)")),
    "held": ("pending", "warn", gettext_lazy("Held credit")),
    "flagged": ("dying", "warn", gettext_lazy("Flag")),
    "seeding": ("seeding", "good", pgettext_lazy("client state", "Seeding")),
    "fetching": ("fetching", "info", pgettext_lazy("client state", "Downloading")),
    "never": ("dormant", "", pgettext_lazy("client state", "Never seen here")),
    "stopped": ("stopped", "", pgettext_lazy("client state", "Stopped")),
}
_ALIVE_FROM: Final = 3
_HEALTH: Final = {
    "alive": gettext_lazy("Alive"),
    "fragile": gettext_lazy("Fragile"),
    "dying": gettext_lazy("Dying"),
    "dormant": gettext_lazy("Dormant"),
}


@register.filter
def count(number: int | None) -> str:
    """`1 234`; an unknown number is a dash."""
    return "–" if number is None else formats.count(number)


@register.filter
def size(size_bytes: int | None) -> str:
    """`1,4 Go`."""
    return "–" if size_bytes is None else formats.size(size_bytes)


@register.filter
def exact_size(size_bytes: int) -> str:
    """The same in bytes, for the `title` of a size."""
    return _("%(n)s bytes") % {"n": formats.count(size_bytes)}


@register.filter
def binary_size(size_bytes: int) -> str:
    """A piece length, always a power of two: `256 Kio`, `4 MiB`."""
    return formats.binary_size(size_bytes)


@register.filter
def version_word(version: str) -> str:
    """`v1`, `v2`, or what a hybrid is."""
    return _("hybrid, v1 and v2") if version == "hybrid" else version


@register.filter
def host(url: str) -> str:
    """The host of an address, or the address when it has none."""
    return urlsplit(url).hostname or url


@register.filter
def language_name(code: str) -> str:
    """A language by its own name when Django knows it, else its code."""
    try:
        return str(get_language_info(code)["name_local"])
    except KeyError:
        return code


@register.filter
def duration(seconds: float | None) -> str:
    """`3 j 4 h`; no time yet is a dash."""
    return formats.duration(seconds) if seconds else "–"


@register.simple_tag
def ratio(uploaded: int, downloaded: int) -> str:
    """Uploaded ÷ downloaded, two digits."""
    return formats.ratio(uploaded, downloaded)


@register.filter
def ago(when: dt.datetime | None) -> str:
    """`<time>` in words relative to now."""
    if when is None:
        return "–"
    return formats.moment(when, formats.relative((now() - when).total_seconds()))


@register.filter
def age(when: dt.datetime | None) -> str:
    """`<time>` in one short unit, for columns."""
    if when is None:
        return "–"
    return formats.moment(when, formats.short_age((now() - when).total_seconds()))


@register.filter
def shown(text: str | None) -> SafeString:
    """Foreign text, isolated, hidden characters as codes."""
    return formats.shown(str(text) if text else "")  # a default is lazily translated


@register.filter
def plain(text: object) -> str:
    """Foreign text where no markup can be: attributes and `<title>`, hidden characters as codes."""
    return visible(str(text))


@register.filter
def shown_title(release: object) -> SafeString:
    """The title of a release, or its name while it has none, isolated."""
    return formats.shown(str(release))


@register.filter
def hexadecimal(digest: bytes | None) -> str:
    """A digest as people and programs write it."""
    return digest.hex() if digest else ""


@register.filter
def slug_of(title: str) -> str:
    """The readable end of a release's address."""
    return slug_of_title(title)


@register.filter
def split_words(text: str) -> list[str]:
    """The words of a literal, to loop over."""
    return text.split()


@register.filter
def health(counts: object) -> str:
    """`alive`, `fragile`, `dying` or `dormant` (SRCH-8), from what has seeders and leechers."""
    seeders = int(getattr(counts, "seeders", 0) or 0)
    if seeders:
        return "alive" if seeders >= _ALIVE_FROM else "fragile"
    return "dying" if getattr(counts, "leechers", 0) else "dormant"


@register.filter
def health_word(name: str) -> str:
    """The one word of a health; its mark says it whole."""
    return str(_HEALTH.get(name, ""))


@register.filter
def last_seen(counts: object) -> dt.datetime | None:
    """When a swarm that is empty now was last heard of, where that was read with the row."""
    known = vars(counts) if hasattr(counts, "__dict__") else {}
    if "swarm_updated_at" in known:
        seen = known["swarm_updated_at"]
    else:
        state = known.get("_state")
        swarm = state.fields_cache.get("swarm") if state else None
        seen = getattr(swarm or counts, "updated_at", None)
    return seen if isinstance(seen, dt.datetime) else None


@register.filter
def gigabytes(size_bytes: int) -> str:
    """Bytes as the number of a field of a form: no separator, a point."""
    return f"{size_bytes / 1_000_000_000:.10g}"


@register.simple_tag
def peers(row: object, kind: str) -> str:
    """`12 seeders` or `3 leechers` of a row with counts."""
    number = int(getattr(row, kind, 0) or 0)
    if kind == "seeders":
        form = ngettext("%(n)s seeder", "%(n)s seeders", number)
    else:
        form = ngettext("%(n)s leecher", "%(n)s leechers", number)
    return form % {"n": formats.count(number)}


@register.simple_tag
def swarm(row: object) -> SafeString:
    """`↑12 ↓3`: seeders and leechers of a row, said in words to who hears it."""
    pairs = (("↑", _("Seeders"), "seeders"), ("↓", _("Leechers"), "leechers"))
    return format_html_join(
        " ",
        '<span title="{}">{}</span>{}',
        (
            (word, sign, formats.count(int(getattr(row, kind, 0) or 0)))
            for sign, word, kind in pairs
        ),
    )


@register.simple_tag
@functools.cache
def icon(name: str) -> SafeString:
    """A shape of the sprite, hidden from screen readers; the names are those of our templates."""
    return format_html(
        '<svg aria-hidden="true"><use href="{}#{}"/></svg>', static("bottin/img/marks.svg"), name
    )


@register.simple_tag
def mark(name: str, *, word: bool = True) -> SafeString:
    """The mark of a state: its shape, and its word, seen or only heard and hovered."""
    return _marked(name, word, formats.language())


# A list has fifty of them, among thirty kinds.
@functools.lru_cache(maxsize=128)
def _marked(name: str, word: bool, language: str) -> SafeString:  # noqa: FBT001 - a key of the cache
    del language
    shape, tone, label = MARKS.get(name, ("dormant", "", gettext_lazy("Unknown")))
    if word:
        return format_html('<span class="mark state {}">{} {}</span>', tone, icon(shape), label)
    return format_html(
        '<span class="mark {}" title="{}">{}<span class="visually-hidden">{}</span></span>',
        tone,
        label,
        icon(shape),
        label,
    )
