"""Names a browser and its system from the User-Agent header, coarsely: for its owner's eyes."""

from typing import Final

# The first that is found names it: each later one also stands in the header of those before it.
_BROWSERS: Final = (
    ("bottin", "Bottin"),
    ("edg", "Edge"),
    ("opr/", "Opera"),
    ("samsungbrowser", "Samsung Internet"),
    ("vivaldi", "Vivaldi"),
    ("firefox", "Firefox"),
    ("fxios", "Firefox"),
    ("crios", "Chrome"),
    ("chrome", "Chrome"),
    ("safari", "Safari"),
    ("curl", "curl"),
)
_SYSTEMS: Final = (
    ("android", "Android"),
    ("iphone", "iPhone"),
    ("ipad", "iPad"),
    ("windows", "Windows"),
    ("mac os", "macOS"),
    ("cros", "ChromeOS"),
    ("linux", "Linux"),
    ("bsd", "BSD"),
)


def device_label(user_agent: str) -> str:
    """Return such as `Firefox · Linux`, or an empty text when neither is known.

    Versions are dropped: they would tell people apart, and tell them nothing.
    """
    folded = user_agent.casefold()
    found = (_first(folded, _BROWSERS), _first(folded, _SYSTEMS))
    return " · ".join(name for name in found if name)


def _first(text: str, names: tuple[tuple[str, str], ...]) -> str:
    return next((name for mark, name in names if mark in text), "")
