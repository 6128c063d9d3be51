//! Short memories of fixed size, one set per shard: what happened lately and must not count twice.

use crate::clock::Tick;
use crate::swarm::addresses::Address;

const TWINS: usize = 256;
const COMPLETIONS: usize = 1024;
const FAREWELLS: usize = 256;

/// Each memory keeps one thing per place, and the place follows from a keyed
/// hash: nobody can push a chosen thing out.
#[derive(Debug)]
pub(super) struct Recent {
    twins: Box<[Option<(u64, Address)>]>,
    completions: Box<[u64]>,
    farewells: Box<[(u64, Tick)]>,
}

impl Recent {
    pub(super) fn new() -> Self {
        Self {
            twins: vec![None; TWINS].into(),
            completions: vec![0; COMPLETIONS].into(),
            farewells: vec![(0, Tick(0)); FAREWELLS].into(),
        }
    }

    /// Notes an open client's address under its secret tag, and returns the
    /// address of the other family it was last seen at, if any (ID-4).
    pub(super) fn twin(&mut self, tag: u64, address: Address) -> Option<Address> {
        let slot = self.twins.get_mut(place(tag, TWINS))?;
        let before = slot.replace((tag, address));
        before
            .filter(|(held, other)| *held == tag && other.is_v6() != address.is_v6())
            .map(|(_, other)| other)
    }

    /// Whether this completion is new; notes it.
    pub(super) fn is_new_completion(&mut self, who: u64) -> bool {
        match self.completions.get_mut(place(who, COMPLETIONS)) {
            Some(slot) if *slot == who => false,
            Some(slot) => {
                *slot = who;
                true
            }
            None => false,
        }
    }

    /// Whether this farewell was not heard within a minute; notes it.
    pub(super) fn is_new_farewell(&mut self, what: u64, now: Tick) -> bool {
        match self.farewells.get_mut(place(what, FAREWELLS)) {
            Some((held, at)) if *held == what && now.since(*at) < 60 => false,
            Some(slot) => {
                *slot = (what, now);
                true
            }
            None => true,
        }
    }
}

fn place(hash: u64, places: usize) -> usize {
    usize::try_from(hash % places as u64).unwrap_or(0)
}
