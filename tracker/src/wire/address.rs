//! Peer addresses: one spelling each, wire form, and which may be handed out.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Bytes of an IPv4 peer on the wire: address, port.
pub const V4_BYTES: usize = 6;
/// Bytes of an IPv6 peer on the wire.
pub const V6_BYTES: usize = 18;

/// One spelling per address: `::ffff:a.b.c.d` becomes `a.b.c.d` (ID-8).
#[must_use]
pub fn canonical(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(ip, IpAddr::V4),
        IpAddr::V4(_) => ip,
    }
}

/// The 6 bytes of an IPv4 peer.
#[must_use]
pub fn v4_wire(ip: Ipv4Addr, port: u16) -> [u8; V4_BYTES] {
    let [a, b, c, d] = ip.octets();
    let [high, low] = port.to_be_bytes();
    [a, b, c, d, high, low]
}

/// The 18 bytes of an IPv6 peer.
#[must_use]
pub fn v6_wire(ip: Ipv6Addr, port: u16) -> [u8; V6_BYTES] {
    let mut bytes = [0; V6_BYTES];
    let (head, tail) = bytes.split_at_mut(16);
    head.copy_from_slice(&ip.octets());
    tail.copy_from_slice(&port.to_be_bytes());
    bytes
}

/// Whether wire bytes of either family name an address of this machine or its site.
#[must_use]
pub fn is_private_wire(wire: &[u8]) -> bool {
    match wire.len() {
        V4_BYTES => wire.first_chunk::<4>().is_some_and(|ip| is_local_v4(Ipv4Addr::from(*ip))),
        _ => wire.first_chunk::<16>().is_some_and(|ip| is_local_v6(Ipv6Addr::from(*ip))),
    }
}

/// Whether `ip` is of this machine or its site: peers may have it only from a local listener.
#[must_use]
pub fn is_local(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => is_local_v4(v4),
        IpAddr::V6(v6) => is_local_v6(v6),
    }
}

fn is_local_v4(ip: Ipv4Addr) -> bool {
    let [a, b, ..] = ip.octets();
    // 100.64/10 is carrier-grade NAT: dialable by neighbours only, like RFC 1918.
    ip.is_private() || ip.is_loopback() || ip.is_link_local() || (a == 100 && (b & 0xc0) == 64)
}

fn is_local_v6(ip: Ipv6Addr) -> bool {
    ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local()
}

/// Whether `ip` may ever be handed out to anyone (ID-9).
///
/// Refused whatever the listener: unspecified, multicast, broadcast, and the
/// IPv6 ranges that wrap an IPv4 address chosen by someone else (NAT64, Teredo, 6to4).
#[must_use]
pub fn is_dialable(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => {
            let [first, ..] = v4.octets();
            first != 0 && first < 224
        }
        IpAddr::V6(v6) => {
            let [first, second, ..] = v6.segments();
            let wraps_v4 = first == 0x2002
                || (first == 0x2001 && second == 0)
                || (first == 0x64 && second == 0xff9b)
                || (first == 0 && !v6.is_loopback());
            !wraps_v4 && !v6.is_multicast() && !v6.is_unspecified()
        }
    }
}

/// The address as BEP 24 `external ip`: 4 or 16 raw bytes.
pub fn push_raw(out: &mut Vec<u8>, ip: IpAddr) {
    match ip {
        IpAddr::V4(v4) => out.extend_from_slice(&v4.octets()),
        IpAddr::V6(v6) => out.extend_from_slice(&v6.octets()),
    }
}

/// Where a request came from and where it arrived, both in their canonical spelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// The announcer's address: the packet's, or the one a trusted proxy vouches for.
    pub ip: IpAddr,
    /// Whether local addresses may be handed out in the answer.
    pub is_local_listener: bool,
}

impl Source {
    /// A source from the socket's own addresses.
    #[must_use]
    pub fn new(from: SocketAddr, is_local_listener: bool) -> Self {
        Self { ip: canonical(from.ip()), is_local_listener }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn id_08_a_mapped_address_becomes_ipv4() {
        assert_eq!(canonical(ip("::ffff:192.0.2.7")), ip("192.0.2.7"));
        assert_eq!(canonical(ip("2001:db8::7")), ip("2001:db8::7"));
    }

    #[test]
    fn id_09_what_nobody_can_dial_is_never_handed_out() {
        for text in ["0.0.0.0", "0.1.2.3", "224.0.0.1", "255.255.255.255", "::", "ff02::1"] {
            assert!(!is_dialable(ip(text)), "{text}");
        }
        for text in ["64:ff9b::1", "2001:0:1::1", "2002:c000:204::1", "::1.2.3.4"] {
            assert!(!is_dialable(ip(text)), "{text}");
        }
        for text in ["192.0.2.1", "2001:db8::1", "127.0.0.1", "::1"] {
            assert!(is_dialable(ip(text)), "{text}");
        }
    }

    #[test]
    fn id_09_local_addresses_are_known_as_such() {
        for text in
            ["10.0.0.1", "127.0.0.1", "169.254.1.1", "100.64.0.1", "::1", "fd00::1", "fe80::1"]
        {
            assert!(is_local(ip(text)), "{text}");
        }
        assert!(!is_local(ip("8.8.8.8")));
        assert!(is_private_wire(&v4_wire(Ipv4Addr::new(10, 0, 0, 1), 1)));
        assert!(is_private_wire(&v6_wire(Ipv6Addr::LOCALHOST, 1)));
        assert!(!is_private_wire(&v4_wire(Ipv4Addr::new(8, 8, 8, 8), 1)));
    }

    #[test]
    fn wire_forms_put_the_port_last_and_big_endian() {
        assert_eq!(v4_wire(Ipv4Addr::new(1, 2, 3, 4), 0x1a2b), [1, 2, 3, 4, 0x1a, 0x2b]);
        assert_eq!(v6_wire(Ipv6Addr::LOCALHOST, 0x1a2b)[15..], [1, 0x1a, 0x2b]);
    }
}
