//! The addresses of one swarm, both families behind one face.

use crate::clock::Tick;
use crate::swarm::index::Step;
use crate::swarm::peers::{NO_RECORD, Peers, Seen};
use crate::wire::address;
use ahash::RandomState;
use std::net::IpAddr;

/// A peer's address in wire form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Address {
    V4([u8; 6]),
    V6([u8; 18]),
}

impl Address {
    pub(super) fn new(ip: IpAddr, port: u16) -> Self {
        match ip {
            IpAddr::V4(v4) => Self::V4(address::v4_wire(v4, port)),
            IpAddr::V6(v6) => Self::V6(address::v6_wire(v6, port)),
        }
    }

    pub(super) fn wire(&self) -> &[u8] {
        match self {
            Self::V4(wire) => wire,
            Self::V6(wire) => wire,
        }
    }

    pub(super) fn is_v6(&self) -> bool {
        matches!(self, Self::V6(_))
    }
}

/// What is known of an address.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held {
    /// Its place among the addresses of its family, until one of them is put or removed.
    pub(super) at: usize,
    pub(super) record: u32,
    pub(super) is_seeder: bool,
    pub(super) seen: Seen,
}

/// Both families. IPv6 is allocated when a first peer brings it.
#[derive(Debug)]
pub(super) struct Addresses {
    v4: Peers<6>,
    v6: Option<Box<Peers<18>>>,
    /// How many are of this machine or its site, which public listeners must not hand out.
    local: u32,
}

impl Addresses {
    pub(super) fn new() -> Self {
        Self { v4: Peers::new(), v6: None, local: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.v4.len() + self.v6.as_ref().map_or(0, |peers| peers.len())
    }

    pub(super) fn v4(&self) -> &Peers<6> {
        &self.v4
    }

    pub(super) fn v6(&self) -> Option<&Peers<18>> {
        self.v6.as_deref()
    }

    pub(super) fn local(&self) -> usize {
        self.local as usize
    }

    pub(super) fn find(&self, hasher: &RandomState, address: &Address) -> Option<Held> {
        match address {
            Address::V4(wire) => held(&self.v4, hasher, wire),
            Address::V6(wire) => held(self.v6.as_deref()?, hasher, wire),
        }
    }

    /// The same for an address that was found before: most often it is still where it was.
    pub(super) fn find_again(
        &self,
        hasher: &RandomState,
        address: &Address,
        before: Option<Held>,
    ) -> Option<Held> {
        let there = before.and_then(|held| self.at(address.is_v6(), held.at));
        match there {
            Some((held, it)) if held == *address => Some(it),
            _ => self.find(hasher, address),
        }
    }

    /// Reads what finding an address will read, one step of the way.
    pub(super) fn approach(&self, step: Step, hasher: &RandomState, address: &Address) -> usize {
        match address {
            Address::V4(wire) => self.v4.approach(step, hasher, wire),
            Address::V6(wire) => {
                self.v6.as_deref().map_or(0, |peers| peers.approach(step, hasher, wire))
            }
        }
    }

    /// Adds an address or brings it up to date; does not touch the other family.
    pub(super) fn put(
        &mut self,
        hasher: &RandomState,
        address: &Address,
        (record, is_seeder): (u32, bool),
        now: Tick,
    ) {
        let is_new = match address {
            Address::V4(wire) => put(&mut self.v4, hasher, wire, (record, is_seeder), now),
            Address::V6(wire) => {
                let peers = self.v6.get_or_insert_with(|| Box::new(Peers::new()));
                put(peers, hasher, wire, (record, is_seeder), now)
            }
        };
        if is_new && address::is_private_wire(address.wire()) {
            self.local += 1;
        }
    }

    /// Notes that the address at a place was heard.
    pub(super) fn touch(&mut self, address: &Address, at: usize, now: Tick) {
        match address {
            Address::V4(_) => self.v4.touch(at, now),
            Address::V6(_) => {
                if let Some(peers) = &mut self.v6 {
                    peers.touch(at, now);
                }
            }
        }
    }

    /// Moves the address at a place to the seeders or the leechers.
    pub(super) fn set_seeder_at(
        &mut self,
        hasher: &RandomState,
        address: &Address,
        at: usize,
        is_seeder: bool,
    ) {
        match address {
            Address::V4(_) => {
                self.v4.set_seeder(hasher, at, is_seeder);
            }
            Address::V6(_) => {
                if let Some(peers) = &mut self.v6 {
                    peers.set_seeder(hasher, at, is_seeder);
                }
            }
        }
    }

    /// Moves an address to the seeders or the leechers, if it is there.
    pub(super) fn set_seeder(&mut self, hasher: &RandomState, address: &Address, is_seeder: bool) {
        match address {
            Address::V4(wire) => set_seeder(&mut self.v4, hasher, wire, is_seeder),
            Address::V6(wire) => {
                if let Some(peers) = &mut self.v6 {
                    set_seeder(peers, hasher, wire, is_seeder);
                }
            }
        }
    }

    /// Ties an address to a record, if it is there.
    pub(super) fn link(&mut self, hasher: &RandomState, address: &Address, record: u32) {
        match address {
            Address::V4(wire) => link(&mut self.v4, hasher, wire, record),
            Address::V6(wire) => {
                if let Some(peers) = &mut self.v6 {
                    link(peers, hasher, wire, record);
                }
            }
        }
    }

    pub(super) fn remove(&mut self, hasher: &RandomState, address: &Address) {
        let is_gone = match address {
            Address::V4(wire) => remove(&mut self.v4, hasher, wire),
            Address::V6(wire) => self.v6.as_mut().is_some_and(|peers| remove(peers, hasher, wire)),
        };
        if self.v6.as_ref().is_some_and(|peers| peers.len() == 0) {
            self.v6 = None;
        }
        if is_gone && address::is_private_wire(address.wire()) {
            self.local = self.local.saturating_sub(1);
        }
    }

    /// The address at a place of a family, with what is known of it; for walks.
    pub(super) fn at(&self, is_v6: bool, at: usize) -> Option<(Address, Held)> {
        if is_v6 {
            let peers = self.v6.as_deref()?;
            Some((Address::V6(peers.address(at)?), held_at(peers, at)))
        } else {
            Some((Address::V4(self.v4.address(at)?), held_at(&self.v4, at)))
        }
    }

    pub(super) fn len_of(&self, is_v6: bool) -> usize {
        if is_v6 { self.len() - self.v4.len() } else { self.v4.len() }
    }
}

fn held_at<const N: usize>(peers: &Peers<N>, at: usize) -> Held {
    Held { at, record: peers.record(at), is_seeder: peers.is_seeder(at), seen: peers.seen(at) }
}

fn held<const N: usize>(peers: &Peers<N>, hasher: &RandomState, wire: &[u8; N]) -> Option<Held> {
    peers.find(hasher, wire).map(|at| held_at(peers, at))
}

fn put<const N: usize>(
    peers: &mut Peers<N>,
    hasher: &RandomState,
    wire: &[u8; N],
    (record, is_seeder): (u32, bool),
    now: Tick,
) -> bool {
    let found = peers.find(hasher, wire);
    let at = found.unwrap_or_else(|| peers.add(hasher, *wire, now));
    peers.touch(at, now);
    peers.set_record(at, record);
    peers.set_seeder(hasher, at, is_seeder);
    found.is_none()
}

fn set_seeder<const N: usize>(
    peers: &mut Peers<N>,
    hasher: &RandomState,
    wire: &[u8; N],
    is_seeder: bool,
) {
    if let Some(at) = peers.find(hasher, wire) {
        peers.set_seeder(hasher, at, is_seeder);
    }
}

fn link<const N: usize>(peers: &mut Peers<N>, hasher: &RandomState, wire: &[u8; N], record: u32) {
    if let Some(at) = peers.find(hasher, wire) {
        peers.set_record(at, record);
    }
}

fn remove<const N: usize>(peers: &mut Peers<N>, hasher: &RandomState, wire: &[u8; N]) -> bool {
    let found = peers.find(hasher, wire);
    if let Some(at) = found {
        peers.remove(hasher, at);
    }
    found.is_some()
}

/// The record value of an address that has none.
pub(super) const ALONE: u32 = NO_RECORD;
