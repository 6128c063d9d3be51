"""Internet addresses, cut short or hashed before anything keeps them (PRIV-3, PRIV-4)."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from django.utils.crypto import salted_hmac

Network = IPv4Network | IPv6Network
_NEAR: Final = {4: 32, 6: 64}  # what one subscriber holds: SEC-10
_WIDE: Final = {4: 24, 6: 48}  # what one small network holds: ACC-9, PRIV-3
_DIGEST: Final = 32  # hexadecimal digits kept, 128 bits
UNKNOWN: Final = "unknown"


def near(address: str) -> str:
    """Return the IPv4 address or the IPv6 /64 that `address` stands for, as text."""
    return _cut(address, _NEAR)


def wide(address: str) -> str:
    """Return the IPv4 /24 or the IPv6 /48 around `address`, the finest that is ever stored."""
    return _cut(address, _WIDE)


def keyed(purpose: str, text: str) -> str:
    """Hash `text` under the site's secret, apart for each purpose: 32 hexadecimal digits.

    Without the secret the hash says nothing, even of a text as guessable as
    an address.
    """
    digest = salted_hmac(f"bottin.accounts.network/{purpose}", text, algorithm="sha256")
    return digest.hexdigest()[:_DIGEST]


def _cut(address: str, lengths: dict[int, int]) -> str:
    try:
        parsed: IPv4Address | IPv6Address = ip_address(address.split("%", maxsplit=1)[0])
    except ValueError:
        return UNKNOWN
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    network: Network = ip_network((parsed, lengths[parsed.version]), strict=False)
    return str(network.network_address) if network.num_addresses == 1 else str(network)
