//! How many connections one host holds at once (ABUSE-3): places are few, and one host must not
//! take them all.

use crate::config::Network;
use crate::serve::limits::{Grain, holder};
use crate::wire::address::canonical;
use ahash::RandomState;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::Arc;

/// Connections by the host they come from: an IPv4 address, an IPv6 /64.
#[derive(Debug)]
pub(super) struct Crowds {
    most: u32,
    /// Proxies, which many clients come through.
    exempt: Vec<Network>,
    exempts_loopback: bool,
    /// Only hosts that hold a connection are here, so that it is as small as places are few.
    hosts: Mutex<HashMap<u64, u32, RandomState>>,
}

/// A connection's share of its host's; given back when dropped.
#[derive(Debug)]
pub(super) struct Guest(Option<(Arc<Crowds>, u64)>);

impl Crowds {
    /// `most` 0 bounds nothing.
    pub(super) fn new(
        hasher: RandomState,
        most: u32,
        exempt: Vec<Network>,
        exempts_loopback: bool,
    ) -> Self {
        Self { most, exempt, exempts_loopback, hosts: Mutex::new(HashMap::with_hasher(hasher)) }
    }

    /// Lets a connection of `ip` in; `None` when its host holds as many as it may.
    pub(super) fn enter(self: &Arc<Self>, ip: IpAddr) -> Option<Guest> {
        let ip = canonical(ip);
        let is_exempt = self.most == 0
            || (self.exempts_loopback && ip.is_loopback())
            || self.exempt.iter().any(|network| network.contains(ip));
        if is_exempt {
            return Some(Guest::unbounded());
        }
        let host = holder(ip, Grain::Host);
        let mut hosts = self.hosts.lock();
        let held = hosts.entry(host).or_default();
        if *held >= self.most {
            return None;
        }
        *held += 1;
        drop(hosts);
        Some(Guest(Some((Arc::clone(self), host))))
    }
}

impl Guest {
    /// One that no host is charged for: whoever may come through that door.
    pub(super) fn unbounded() -> Self {
        Self(None)
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let Some((crowds, host)) = self.0.take() else { return };
        if let Entry::Occupied(mut held) = crowds.hosts.lock().entry(host) {
            *held.get_mut() -= 1;
            if *held.get() == 0 {
                held.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crowds(most: u32) -> Arc<Crowds> {
        let proxies = vec![Network::try_from(String::from("10.0.0.0/8")).unwrap()];
        Arc::new(Crowds::new(RandomState::with_seeds(1, 2, 3, 4), most, proxies, true))
    }

    fn let_in(crowds: &Arc<Crowds>, ips: &[&str]) -> Vec<Guest> {
        ips.iter().filter_map(|ip| crowds.enter(ip.parse().unwrap())).collect()
    }

    #[test]
    fn abuse_03_an_ipv6_host_is_its_64_bits_and_an_ipv4_host_its_address() {
        let crowds = crowds(2);
        let same = ["2001:db8::1", "2001:db8::2", "2001:db8::ffff:3"];
        let same = let_in(&crowds, &same);
        assert_eq!(same.len(), 2);
        let others = ["2001:db8:0:1::1", "192.0.2.1", "192.0.2.2", "::ffff:192.0.2.1", "192.0.2.1"];
        let others = let_in(&crowds, &others);
        assert_eq!(others.len(), 4, "one of three at one IPv4 address is too many");
    }

    #[test]
    fn abuse_03_a_host_whose_connections_are_gone_is_forgotten() {
        let crowds = crowds(1);
        let guests = let_in(&crowds, &["192.0.2.1", "192.0.2.2"]);
        assert_eq!(crowds.hosts.lock().len(), 2);
        drop(guests);
        assert!(crowds.hosts.lock().is_empty());
        assert_eq!(let_in(&crowds, &["192.0.2.1"]).len(), 1);
    }

    #[test]
    fn abuse_03_proxies_and_an_exempt_loopback_hold_any_number() {
        let crowds = crowds(1);
        assert_eq!(let_in(&crowds, &["10.1.2.3"; 5]).len(), 5);
        assert_eq!(let_in(&crowds, &["127.0.0.1"; 5]).len(), 5);
        assert_eq!(let_in(&self::crowds(0), &["192.0.2.1"; 5]).len(), 5);
    }
}
