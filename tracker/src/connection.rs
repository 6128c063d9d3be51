//! Connection ids (BEP 15): a keyed tag of address and time, so nothing is stored.
//!
//! The tag covers no source port: a client may announce from another socket
//! with the id it has (UDP-2). Time is wall time and the secret a setting, so
//! ids outlive a restart and hold on every instance (UDP-3).

use siphasher::sip::SipHasher24;
use siphasher::sip128;
use std::net::IpAddr;

/// Issues and checks connection ids.
#[derive(Clone)]
pub struct ConnectionIds {
    tagger: SipHasher24,
    slot_s: u64,
}

impl std::fmt::Debug for ConnectionIds {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ConnectionIds(***)")
    }
}

impl ConnectionIds {
    /// Ids under a 32-byte secret, good for `slot_s` to twice that many seconds.
    #[must_use]
    pub fn new(secret: &[u8; 32], slot_s: u32) -> Self {
        let (first, second) = secret.split_at(16);
        let first = first.first_chunk().copied().unwrap_or_default();
        let key = sip128::SipHasher24::new_with_key(&first).hash(second).as_bytes();
        Self { tagger: SipHasher24::new_with_key(&key), slot_s: u64::from(slot_s.max(1)) }
    }

    /// The id for `ip` (canonical spelling) at `unix_s`.
    #[must_use]
    pub fn issue(&self, ip: IpAddr, unix_s: u64) -> u64 {
        self.tag(ip, unix_s / self.slot_s)
    }

    /// Whether `id` was issued to `ip` in this slot of time or the one before.
    #[must_use]
    pub fn holds(&self, ip: IpAddr, id: u64, unix_s: u64) -> bool {
        let slot = unix_s / self.slot_s;
        // Whole words are compared, so timing tells nothing of a tag; that it may tell which of
        // two slots an id is from, its holder knows anyway.
        self.tag(ip, slot) == id || self.tag(ip, slot.wrapping_sub(1)) == id
    }

    fn tag(&self, ip: IpAddr, slot: u64) -> u64 {
        let mut message = [0; 24];
        let (address, time) = message.split_at_mut(16);
        let octets = match ip {
            IpAddr::V4(v4) => v4.to_ipv6_mapped().octets(),
            IpAddr::V6(v6) => v6.octets(),
        };
        address.copy_from_slice(&octets);
        time.copy_from_slice(&slot.to_le_bytes());
        self.tagger.hash(&message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids() -> ConnectionIds {
        ConnectionIds::new(&[3; 32], 120)
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn udp_01_an_id_lives_one_to_two_slots_and_no_longer() {
        let id = ids().issue(ip("192.0.2.1"), 1_200);
        assert!(ids().holds(ip("192.0.2.1"), id, 1_200));
        assert!(ids().holds(ip("192.0.2.1"), id, 1_439));
        assert!(!ids().holds(ip("192.0.2.1"), id, 1_440));
    }

    #[test]
    fn udp_01_an_id_from_the_future_is_refused() {
        let id = ids().issue(ip("192.0.2.1"), 1_440);
        assert!(!ids().holds(ip("192.0.2.1"), id, 1_200));
    }

    #[test]
    fn udp_01_an_id_is_good_for_its_address_only() {
        let id = ids().issue(ip("192.0.2.1"), 1_200);
        assert!(!ids().holds(ip("192.0.2.2"), id, 1_200));
        assert!(!ids().holds(ip("2001:db8::1"), id, 1_200));
    }

    #[test]
    fn udp_03_ids_hold_over_a_restart_with_the_same_secret_only() {
        let id = ids().issue(ip("::1"), 1_200);
        assert!(ConnectionIds::new(&[3; 32], 120).holds(ip("::1"), id, 1_200));
        assert!(!ConnectionIds::new(&[4; 32], 120).holds(ip("::1"), id, 1_200));
    }
}
