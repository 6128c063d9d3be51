"""Names for downloaded files, built by us from titles written by strangers (META-12, DL-4)."""

import re
import unicodedata
from typing import Final
from urllib.parse import quote

from bottin.lib.text import nfc

# What a shell, a header, Windows or a bidi trick could make something of.
_UNSAFE: Final = re.compile(r'[/\\:*?"<>|%;\x00-\x1f\x7f-\x9f]')
_ENDS: Final = re.compile(r"\A[\s.]+|[\s.]+\Z")
_STEM_BYTES: Final = 180
_EMPTY: Final = "torrent"
_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def safe_stem(title: str) -> str:
    """Return a file name without extension: NFC, at most 180 bytes, never empty.

    Characters that are unsafe somewhere become `_`; invisible and reordering ones
    go; no dot or space at either end.
    """
    shown = "".join(c for c in nfc(title) if unicodedata.category(c) not in _HIDDEN)
    cut = _UNSAFE.sub("_", shown).encode()[:_STEM_BYTES].decode("utf-8", "ignore")
    return _ENDS.sub("", cut) or _EMPTY


def content_disposition(title: str, extension: str) -> str:
    """Return the header value that saves a download under `title` (RFC 6266, RFC 8187).

    `extension` comes with its dot. ASCII only: `filename` for old clients, accents
    dropped, then `filename*` with the whole name.
    """
    stem = safe_stem(title)
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    plain = _ENDS.sub("", _UNSAFE.sub("_", plain)) or _EMPTY
    whole = quote(stem + extension, safe="")
    return f"attachment; filename=\"{plain}{extension}\"; filename*=UTF-8''{whole}"
