"""What a client is, from the head of its peer id (BEP 20); its own word, and no proof."""

import re
import unicodedata
from typing import Final

from bottin.tracker.dataplane import IPV6, PROTOCOL

MAKES: Final = {
    "A2": "aria2",
    "AZ": "Vuze",
    "BI": "BiglyBT",
    "BT": "BitTorrent",
    "DE": "Deluge",
    "FD": "Free Download Manager",
    "KT": "KTorrent",
    "LT": "libtorrent",
    "TR": "Transmission",
    "TX": "Tixati",
    "UT": "µTorrent",
    "WD": "WebTorrent Desktop",
    "WW": "WebTorrent",
    "lt": "rTorrent",
    "qB": "qBittorrent",
}
# The head of a peer id that a family of clients shares, and why it is judged so; the data plane
# reads both the same way.
HEAD: Final = re.compile("[!-~]{2,8}")
REASON_LENGTH: Final = 120
_PRINTABLE: Final = re.compile("[ -~]*")
_PLAIN: Final = {"’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "–": "-", "—": "-"}
_JOINED: Final = {"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss"}
_MARKS: Final = str.maketrans(_PLAIN | _JOINED)
_PROTOCOLS: Final = {0: "UDP", 16: "HTTP", 32: "WebSocket"}
_HEAD: Final = re.compile(r"-([A-Za-z]{2})([0-9A-Z]{4})-", re.ASCII)
_ARIA: Final = re.compile(r"A2-(\d+)-(\d+)-", re.ASCII)


def make_of(head: str) -> str:
    """Give the two letters of a client's make; "" when its peer id says none."""
    if head.startswith("A2-"):
        return "A2"
    found = _HEAD.fullmatch(head)
    return found[1] if found else ""


def head_of(make: str) -> str:
    """Write what peer ids of a make begin with; "" for those that name none."""
    if make == "A2":
        return "A2-"
    return f"-{make}" if make else ""


def family_of(head: str) -> str:
    """Give what the whole family of a client begins with; its own head when it names no make."""
    return head_of(make_of(head)) or head


def make_name(head: str) -> str:
    """Write the make of a client as people know it; its own head when it names none."""
    make = make_of(head)
    return MAKES.get(make, make) or head


def plain_reason(text: str) -> str | None:
    """Write a reason as every client can show it, in ASCII: "dépassé" as "depasse".

    Spaces are joined. None when a letter has no such form.
    """
    joined = " ".join(text.translate(_MARKS).split())
    spread = unicodedata.normalize("NFKD", joined)
    plain = "".join(letter for letter in spread if not unicodedata.combining(letter))
    return plain if _PRINTABLE.fullmatch(plain) else None


def shown(head: str) -> str:
    """Write a client as people know it, "qBittorrent 4.6.5"; "" when its peer id says nothing."""
    aria = _ARIA.match(head)
    if aria:
        return f"aria2 {aria[1]}.{aria[2]}"
    found = _HEAD.fullmatch(head)
    if found is None:
        return ""
    numbers = [str(int(digit, 36)) for digit in found[2]]
    while len(numbers) > 2 and numbers[-1] == "0":  # noqa: PLR2004 - "4.0" stays
        numbers.pop()
    return f"{MAKES.get(found[1], found[1])} {'.'.join(numbers)}"


def way_of(flags: int) -> tuple[str, str]:
    """Give the protocol and the family of an announce: ("UDP", "IPv4")."""
    return _PROTOCOLS.get(flags & PROTOCOL, "UDP"), "IPv6" if flags & IPV6 else "IPv4"
