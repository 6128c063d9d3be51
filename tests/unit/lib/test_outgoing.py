"""The way out reaches the Internet, never our own network (SEC-17)."""

import ipaddress

import pytest

from bottin.lib import outgoing
from bottin.lib.outgoing import OutgoingError


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
        *("0.0.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1", "192.0.2.1", "198.18.0.1"),
        *("::1", "::", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "::ffff:10.0.0.1"),
        *("64:ff9b::a00:1", "2002:a00:1::1", "2001:0:a00::1", "::10.0.0.1", "2001:db8::1"),
    ],
)  # fmt: skip
def test_sec_17_what_is_not_on_the_internet_is_out_of_reach(address: str) -> None:
    assert not outgoing.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["9.9.9.9", "203.0.114.1", "2620:fe::fe", "::ffff:9.9.9.9"])
def test_what_is_on_the_internet_is_in_reach(address: str) -> None:
    assert outgoing.is_public(ipaddress.ip_address(address))


@pytest.mark.loopback
@pytest.mark.parametrize(
    "url",
    [
        *("https://127.0.0.1/", "https://[::1]/", "http://2130706433/", "http://0x7f000001/"),
        *(
            "https://9.9.9.9:22/",
            "ftp://9.9.9.9/",
            "https://me:you@9.9.9.9/",
            "https://",
            "file:/x",
        ),
        "http://[::ffff:127.0.0.1]/",
    ],
)
def test_sec_17_an_address_inside_or_odd_is_refused_before_a_packet(url: str) -> None:
    with pytest.raises(OutgoingError) as refusal:
        outgoing.fetch(url)

    assert refusal.value.reason in {"address", "name"}
