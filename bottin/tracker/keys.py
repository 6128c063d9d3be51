"""Announce keys and the addresses that carry them; a key is derived, never stored."""

from typing import TYPE_CHECKING

from bottin.tracker import site
from bottin.tracker.dataplane import KeyKind, announce_key
from bottin.tracker.errors import KeyNotIssuable

if TYPE_CHECKING:
    from bottin.accounts.models import Account


def account_key(account: "Account") -> str:
    """Give the key that covers all the account's swarms: lower-case base32, 39 characters.

    Raises KeyNotIssuable when this version's key may not be used; renewing gives the next.
    """
    return _key(KeyKind.ACCOUNT, account, None)


def torrent_key(account: "Account", canonical_info_hash: bytes) -> str:
    """Give the key of one torrent, which a downloaded `.torrent` carries.

    `canonical_info_hash` is 20 bytes: v1, or v2 cut. Raises KeyNotIssuable as `account_key`.
    """
    return _key(KeyKind.TORRENT, account, canonical_info_hash)


def announce_tiers(key: str | None) -> list[list[str]]:
    """List the announce addresses by tier (BEP 12); without a key, those of open releases.

    UDP first, HTTP after it: some clients send no key over UDP (UDP-11) and go on
    to the next tier. HTTPS before plain HTTP, where the tracker speaks it: nobody on the
    way reads the key. WebSocket last: it is all that browsers have, and nothing to others.
    """
    path = "/announce" if key is None else f"/{key}/announce"
    host = site.announce_host()
    addresses = [f"udp://{host}", site.https_origin(), f"http://{host}", site.web_origin()]
    return [[f"{address}{path}"] for address in addresses if address]


def _key(kind: KeyKind, account: "Account", info_hash: bytes | None) -> str:
    version = account.key_version
    try:
        return announce_key(site.key_secret(), kind, account.pk, version, info_hash)
    except ValueError as error:
        raise KeyNotIssuable(version=version) from error
