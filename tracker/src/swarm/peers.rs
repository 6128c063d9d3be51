//! The addresses of one family in one swarm, in wire form: an answer is a copy of slices.
//!
//! Seeders come first, leechers after, so that each kind is one slice. Removing
//! moves at most two peers. Small lists are searched; above a threshold an
//! index of row numbers is kept.

use crate::clock::Tick;
use ahash::RandomState;
use hashbrown::HashTable;
use smallvec::SmallVec;

/// Below this many peers a search beats an index.
const INDEXED_FROM: usize = 16;
/// Peers kept without an allocation of their own.
const INLINE: usize = 2;
/// No record: an open peer seen at one address only.
pub(super) const NO_RECORD: u32 = u32::MAX;

/// When a peer was last heard, in 16-second steps that wrap after 12 days; peers live minutes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Seen(u16);

impl Seen {
    pub(super) fn at(tick: Tick) -> Self {
        let [a, b, ..] = (tick.0 >> 4).to_le_bytes();
        Self(u16::from_le_bytes([a, b]))
    }

    /// Seconds from then to `now`, to the nearest step below.
    pub(super) fn age_s(self, now: Tick) -> u32 {
        u32::from(Self::at(now).0.wrapping_sub(self.0)) * 16
    }
}

/// Peers of one family; `N` bytes each on the wire.
#[derive(Debug, Default)]
pub(super) struct Peers<const N: usize> {
    wire: SmallVec<[[u8; N]; INLINE]>,
    record: SmallVec<[u32; INLINE]>,
    seen: SmallVec<[Seen; INLINE]>,
    seeders: usize,
    index: Option<Box<HashTable<u32>>>,
}

impl<const N: usize> Peers<N> {
    pub(super) fn new() -> Self {
        Self {
            wire: SmallVec::new(),
            record: SmallVec::new(),
            seen: SmallVec::new(),
            seeders: 0,
            index: None,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.wire.len()
    }

    /// Every address, seeders first.
    pub(super) fn all(&self) -> &[[u8; N]] {
        &self.wire
    }

    /// The leechers' addresses.
    pub(super) fn leechers(&self) -> &[[u8; N]] {
        self.wire.get(self.seeders..).unwrap_or_default()
    }

    pub(super) fn is_seeder(&self, at: usize) -> bool {
        at < self.seeders
    }

    pub(super) fn record(&self, at: usize) -> u32 {
        self.record.get(at).copied().unwrap_or(NO_RECORD)
    }

    pub(super) fn set_record(&mut self, at: usize, record: u32) {
        if let Some(slot) = self.record.get_mut(at) {
            *slot = record;
        }
    }

    pub(super) fn seen(&self, at: usize) -> Seen {
        self.seen.get(at).copied().unwrap_or_default()
    }

    pub(super) fn touch(&mut self, at: usize, now: Tick) {
        if let Some(slot) = self.seen.get_mut(at) {
            *slot = Seen::at(now);
        }
    }

    pub(super) fn address(&self, at: usize) -> Option<[u8; N]> {
        self.wire.get(at).copied()
    }

    /// Where an address is.
    pub(super) fn find(&self, hasher: &RandomState, address: &[u8; N]) -> Option<usize> {
        match &self.index {
            None => self.wire.iter().position(|held| held == address),
            Some(index) => index
                .find(hasher.hash_one(address), |at| self.wire.get(*at as usize) == Some(address))
                .map(|at| *at as usize),
        }
    }

    /// Adds an address that is not there yet, as a leecher, and says where.
    pub(super) fn add(&mut self, hasher: &RandomState, address: [u8; N], now: Tick) -> usize {
        let at = self.wire.len();
        self.wire.push(address);
        self.record.push(NO_RECORD);
        self.seen.push(Seen::at(now));
        match &mut self.index {
            Some(index) => insert(index, &self.wire, hasher, at),
            None if self.wire.len() > INDEXED_FROM => {
                let mut index = HashTable::with_capacity(self.wire.len() * 2);
                for at in 0..self.wire.len() {
                    insert(&mut index, &self.wire, hasher, at);
                }
                self.index = Some(Box::new(index));
            }
            None => {}
        }
        at
    }

    /// Makes the peer at `at` a seeder or a leecher and says where it is now.
    pub(super) fn set_seeder(&mut self, hasher: &RandomState, at: usize, is_seeder: bool) -> usize {
        match (self.is_seeder(at), is_seeder) {
            (false, true) => {
                let to = self.seeders;
                self.seeders += 1;
                self.swap(hasher, at, to);
                to
            }
            (true, false) => {
                self.seeders -= 1;
                let to = self.seeders;
                self.swap(hasher, at, to);
                to
            }
            _ => at,
        }
    }

    /// Removes the peer at `at`.
    ///
    /// Only peers at higher places move, and only to lower ones, so that a walk
    /// from the last to the first misses none.
    pub(super) fn remove(&mut self, hasher: &RandomState, at: usize) {
        if at >= self.wire.len() {
            return;
        }
        let at = self.set_seeder(hasher, at, false);
        let last = self.wire.len() - 1;
        self.swap(hasher, at, last);
        self.unindex(hasher, last);
        self.wire.pop();
        self.record.pop();
        self.seen.pop();
        self.give_back();
    }

    fn give_back(&mut self) {
        if self.wire.len() < INDEXED_FROM / 2 {
            self.index = None;
        }
        // A swarm that was large must not keep its memory; a quarter avoids see-sawing.
        if self.wire.len() > INLINE && self.wire.len() * 4 < self.wire.capacity() {
            let room = self.wire.len() * 2;
            shrink(&mut self.wire, room);
            shrink(&mut self.record, room);
            shrink(&mut self.seen, room);
        }
    }

    fn swap(&mut self, hasher: &RandomState, one: usize, other: usize) {
        if one == other {
            return;
        }
        if let Some(index) = &mut self.index {
            // Both entries are found before either is changed: afterwards they would be mistaken.
            let places = [one, other].map(|at| {
                let hash = self.wire.get(at).map_or(0, |address| hasher.hash_one(address));
                (hash, at)
            });
            let [(hash_one, _), (hash_other, _)] = places;
            set(index, hash_one, one, usize::MAX);
            set(index, hash_other, other, one);
            set(index, hash_one, usize::MAX, other);
        }
        self.wire.swap(one, other);
        self.record.swap(one, other);
        self.seen.swap(one, other);
    }

    fn unindex(&mut self, hasher: &RandomState, at: usize) {
        let (Some(index), Some(address)) = (&mut self.index, self.wire.get(at)) else {
            return;
        };
        if let Ok(entry) = index.find_entry(hasher.hash_one(address), |held| *held as usize == at) {
            entry.remove();
        }
    }
}

fn shrink<T: Copy>(list: &mut SmallVec<[T; INLINE]>, room: usize) {
    let mut smaller = SmallVec::with_capacity(room);
    smaller.extend_from_slice(list);
    *list = smaller;
}

fn row(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn set(index: &mut HashTable<u32>, hash: u64, from: usize, to: usize) {
    let from = row(from);
    if let Some(slot) = index.find_mut(hash, |held| *held == from) {
        *slot = row(to);
    }
}

fn insert<const N: usize>(
    index: &mut HashTable<u32>,
    wire: &[[u8; N]],
    hasher: &RandomState,
    at: usize,
) {
    let hash = |at: usize| wire.get(at).map_or(0, |address| hasher.hash_one(address));
    index.insert_unique(hash(at), row(at), |held| hash(*held as usize));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    fn address(number: u8) -> [u8; 6] {
        [10, 0, 0, number, 1, number]
    }

    proptest! {
        #[test]
        fn any_history_equals_a_plain_map(
            steps in proptest::collection::vec((0..60_u8, 0..3_u8), 1..300)
        ) {
            let hasher = RandomState::with_seeds(1, 2, 3, 4);
            let mut peers = Peers::<6>::new();
            let mut plain = HashMap::new();
            for (number, step) in steps {
                let at = peers.find(&hasher, &address(number));
                prop_assert_eq!(at.is_some(), plain.contains_key(&number));
                if step == 2 {
                    if let Some(at) = at { peers.remove(&hasher, at); }
                    plain.remove(&number);
                } else {
                    let at = at.unwrap_or_else(|| peers.add(&hasher, address(number), Tick(0)));
                    let at = peers.set_seeder(&hasher, at, step == 0);
                    peers.set_record(at, number.into());
                    plain.insert(number, step == 0);
                }
                prop_assert_eq!(peers.len(), plain.len());
                prop_assert_eq!(peers.leechers().len(), plain.values().filter(|seeds| !**seeds).count());
            }
            for (number, is_seeder) in plain {
                let at = peers.find(&hasher, &address(number)).unwrap();
                prop_assert_eq!(peers.is_seeder(at), is_seeder);
                prop_assert_eq!(peers.record(at), u32::from(number));
            }
        }
    }

    #[test]
    fn ages_survive_the_wrap_of_their_16_bits() {
        let seen = Seen::at(Tick(16 * 65_535));
        assert_eq!(seen.age_s(Tick(16 * 65_537)), 32);
    }
}
