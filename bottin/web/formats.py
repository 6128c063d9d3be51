"""How numbers, sizes, times and foreign text are written for the reader's language."""

import datetime as dt
import re
from typing import Final

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from bottin.lib import sizes, text

NARROW: Final = sizes.NARROW_SPACE
_MINUS: Final = "\u2212"
_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86_400
_MONTH: Final = 30 * _DAY
_YEAR: Final = 365 * _DAY
_CODE: Final = re.compile(r"U\+[0-9A-F]{4,6}")


def language() -> str:
    """Two letters: `fr` or `en`."""
    return "en" if (get_language() or "fr").startswith("en") else "fr"


def count(number: int) -> str:
    """`1 234` in French (narrow no-break spaces), `1,234` in English."""
    return sizes.format_number(number, language())


def decimal(number: float, digits: int = 2) -> str:
    """`1 234,50` in French, `1,234.50` in English."""
    grouped = f"{number:,.{digits}f}"
    if language() == "en":
        return grouped
    return grouped.replace(",", NARROW).replace(".", ",")


def size(size_bytes: int) -> str:
    """`1,4 Go` in French, `1.4 GB` in English; with a true minus sign, as wide as a figure."""
    return sizes.format_bytes(size_bytes, language()).replace("-", _MINUS)


def binary_size(size_bytes: int) -> str:
    """A power of two in its own units: `256 Kio` in French, `256 KiB` in English."""
    step = max(0, min(3, (size_bytes.bit_length() - 1) // 10))
    unit = ("", "Ki", "Mi", "Gi")[step] + ("o" if language() == "fr" else "B")
    return f"{count(size_bytes >> (10 * step))}{NARROW}{unit}"


def ratio(uploaded: int, downloaded: int) -> str:
    """Uploaded ÷ downloaded with two digits; `∞` when nothing was taken, `–` when nothing moved."""
    if downloaded:
        return decimal(uploaded / downloaded)
    return "∞" if uploaded else "–"


def duration(seconds: float) -> str:
    """`3 j 4 h`."""
    return sizes.format_duration(seconds, language())


def short_age(seconds: float) -> str:
    """One unit, for the columns of a list: `3 h`, `12 d`, `4 mo`, `2 y`."""
    steps = (
        (_HOUR, _MINUTE, _("%(n)s min")),
        (_DAY, _HOUR, _("%(n)s h")),
        (2 * _MONTH, _DAY, _("%(n)s d")),
        (_YEAR, _MONTH, _("%(n)s mo")),
    )
    for below, unit, form in steps:
        if seconds < below:
            return form % {"n": max(0, int(seconds // unit))}
    return _("%(n)s y") % {"n": int(seconds // _YEAR)}


def relative(seconds: float) -> str:
    """A moment that many seconds ago (or ahead, when negative), in words."""
    for unit in (_YEAR, _MONTH, _DAY, _HOUR, _MINUTE):
        amount = int(abs(seconds) // unit)
        if amount:
            span = _span(unit, amount)
            return (_("%(span)s ago") if seconds > 0 else _("in %(span)s")) % {"span": span}
    return _("just now")


def _span(unit: int, n: int) -> str:
    forms = {
        _YEAR: ngettext("%(n)s year", "%(n)s years", n),
        _MONTH: ngettext("%(n)s month", "%(n)s months", n),
        _DAY: ngettext("%(n)s day", "%(n)s days", n),
        _HOUR: ngettext("%(n)s hour", "%(n)s hours", n),
        _MINUTE: ngettext("%(n)s minute", "%(n)s minutes", n),
    }
    return forms[unit] % {"n": n}


def short_day(day: dt.date) -> str:
    """`3 nov` in French, `3 Nov` in English: for the axes of plots."""
    return date_format(day, "j b" if language() == "fr" else "j M")


def moment(when: dt.datetime, words: str) -> SafeString:
    """A `<time>` element: `words` to read, the exact date and time on hover."""
    local = timezone.localtime(when)
    exact = _("%(date)s at %(time)s") % {
        "date": date_format(local, "DATE_FORMAT"),
        "time": date_format(local, "TIME_FORMAT"),
    }
    return format_html('<time datetime="{}" title="{}">{}</time>', when.isoformat(), exact, words)


def shown(foreign: str) -> SafeString:
    """Isolate foreign text (`<bdi>`): no hidden character stays hidden, look-alikes are flagged."""
    visible = text.visible(foreign)
    markup = str(escape(visible))
    if visible != foreign:
        markup = _CODE.sub(lambda code: f"<code>{code[0]}</code>", markup)
    flag = _lookalike_flag(foreign)
    return mark_safe(f"<bdi>{markup}</bdi>{flag}")  # noqa: S308 - escaped above


def _lookalike_flag(foreign: str) -> str:
    words = text.lookalike_words(foreign)
    if not words:
        return ""
    why = _("Mixes letters of several alphabets that look alike: %(words)s") % {
        "words": ", ".join(words)
    }
    return format_html(' <abbr class="flag" title="{}">≠</abbr>', why)
