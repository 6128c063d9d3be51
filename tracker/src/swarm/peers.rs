//! The addresses of one family in one swarm, in wire form: an answer is a copy of slices.
//!
//! Seeders come first, leechers after, so that each kind is one slice. Removing
//! moves at most two peers. Small lists are searched; above a threshold an
//! index of row numbers is kept. An open IPv4 peer of a large swarm takes 13 to
//! 16 bytes: 6 of address, 2 of age, 5 of index, and room to grow by an eighth.

use crate::clock::Tick;
use crate::swarm::index::{Index, Step, number};
use ahash::RandomState;
use smallvec::SmallVec;

/// Below this many peers a search beats an index.
const INDEXED_FROM: usize = 32;
/// Peers kept without an allocation of their own.
const INLINE: usize = 4;
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
    seen: SmallVec<[Seen; INLINE]>,
    /// Empty while no peer has a record, as in open swarms.
    record: SmallVec<[u32; INLINE]>,
    seeders: u32,
    index: Option<Box<Index>>,
}

impl<const N: usize> Peers<N> {
    pub(super) fn new() -> Self {
        Self {
            wire: SmallVec::new(),
            seen: SmallVec::new(),
            record: SmallVec::new(),
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
        self.wire.get(self.seeders as usize..).unwrap_or_default()
    }

    pub(super) fn is_seeder(&self, at: usize) -> bool {
        at < self.seeders as usize
    }

    pub(super) fn record(&self, at: usize) -> u32 {
        self.record.get(at).copied().unwrap_or(NO_RECORD)
    }

    pub(super) fn set_record(&mut self, at: usize, record: u32) {
        if self.record.is_empty() && record != NO_RECORD {
            self.record.reserve_exact(self.wire.capacity());
            self.record.resize(self.wire.len(), NO_RECORD);
        }
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
                .find(hasher.hash_one(address), |at| self.wire.get(at as usize) == Some(address))
                .map(|at| at as usize),
        }
    }

    /// Reads what [`Peers::find`] will read, one step of the way; what it returns means nothing.
    pub(super) fn approach(&self, step: Step, hasher: &RandomState, address: &[u8; N]) -> usize {
        let at = match (&self.index, step) {
            (Some(index), _) => match index.approach(step, hasher.hash_one(address)) {
                (Step::Row, at) => at,
                (_, read) => return read,
            },
            (None, Step::Page) => 0,
            (None, _) => return 0,
        };
        let first = self.wire.get(at).map_or(0, |address| usize::from(address[0]));
        first ^ usize::from(self.seen(at).0) ^ (self.record(at) as usize)
    }

    /// Adds an address that is not there yet, as a leecher, and says where.
    pub(super) fn add(&mut self, hasher: &RandomState, address: [u8; N], now: Tick) -> usize {
        let at = self.wire.len();
        if at == self.wire.capacity() {
            let more = (at / 8).max(INLINE);
            self.wire.reserve_exact(more);
            self.seen.reserve_exact(more);
            if !self.record.is_empty() {
                self.record.reserve_exact(more);
            }
        }
        if !self.record.is_empty() {
            self.record.push(NO_RECORD);
        }
        self.wire.push(address);
        self.seen.push(Seen::at(now));
        let Self { wire, index, .. } = self;
        match index {
            Some(index) => {
                index.insert(hasher.hash_one(address), number(at), &hashes(wire, hasher));
            }
            None if at >= INDEXED_FROM => {
                *index = Some(Box::new(Index::of(at + 1, hashes(wire, hasher))));
            }
            None => {}
        }
        at
    }

    /// Makes the peer at `at` a seeder or a leecher and says where it is now.
    pub(super) fn set_seeder(&mut self, hasher: &RandomState, at: usize, is_seeder: bool) -> usize {
        match (self.is_seeder(at), is_seeder) {
            (false, true) => {
                let to = self.seeders as usize;
                self.seeders += 1;
                self.swap(hasher, at, to);
                to
            }
            (true, false) => {
                self.seeders -= 1;
                let to = self.seeders as usize;
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
        if let Some(index) = &mut self.index {
            let hash_of = hashes(&self.wire, hasher);
            index.remove(hash_of(number(last)), number(last), &hash_of);
        }
        self.wire.pop();
        self.record.pop();
        self.seen.pop();
        self.give_back();
    }

    fn give_back(&mut self) {
        if self.wire.len() < INDEXED_FROM / 2 {
            self.index = None;
        }
        // A swarm that was large must not keep its memory; half of it avoids see-sawing.
        if self.wire.len() > INLINE && self.wire.len() * 2 < self.wire.capacity() {
            let room = self.wire.len() + self.wire.len() / 4;
            shrink(&mut self.wire, room);
            shrink(&mut self.seen, room);
            if !self.record.is_empty() {
                shrink(&mut self.record, room);
            }
        }
    }

    fn swap(&mut self, hasher: &RandomState, one: usize, other: usize) {
        if one == other {
            return;
        }
        let Self { wire, index, .. } = self;
        if let Some(index) = index {
            let hash_of = hashes(wire, hasher);
            let [one, other] = [one, other].map(number);
            index.swap((hash_of(one), one), (hash_of(other), other));
        }
        self.wire.swap(one, other);
        self.seen.swap(one, other);
        if !self.record.is_empty() {
            self.record.swap(one, other);
        }
    }
}

fn shrink<T: Copy>(list: &mut SmallVec<[T; INLINE]>, room: usize) {
    let mut smaller = SmallVec::new();
    smaller.reserve_exact(room);
    smaller.extend_from_slice(list);
    *list = smaller;
}

/// The hash of each row of a list.
fn hashes<const N: usize>(wire: &[[u8; N]], hasher: &RandomState) -> impl Fn(u32) -> u64 {
    |row| wire.get(row as usize).map_or(0, |address| hasher.hash_one(address))
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
    fn perf_02_an_open_peer_of_a_large_swarm_takes_16_bytes_at_most() {
        let hasher = RandomState::with_seeds(1, 2, 3, 4);
        let mut peers = Peers::<6>::new();
        for number in 0..100_000_u32 {
            let [_, a, b, c] = number.to_be_bytes();
            peers.add(&hasher, [9, a, b, c, 1, 1], Tick(0));
            let lists = peers.wire.capacity() * 6 + peers.seen.capacity() * 2;
            if number > 5_000 && number % 500 == 0 {
                let index = peers.index.as_ref().unwrap().bytes();
                assert!(lists + index <= peers.len() * 16, "{number}: {lists} + {index}");
            }
        }
        assert!(peers.record.is_empty());
        assert!(size_of::<Peers<6>>() <= 112, "{}", size_of::<Peers<6>>());
    }

    #[test]
    fn perf_03_a_small_swarm_has_no_memory_of_its_own_and_only_a_large_one_an_index() {
        let hasher = RandomState::with_seeds(1, 2, 3, 4);
        let mut peers = Peers::<6>::new();
        for number in 0..40 {
            let at = peers.add(&hasher, address(number), Tick(0));
            peers.set_seeder(&hasher, at, number.is_multiple_of(2));
            assert_eq!(peers.wire.spilled(), peers.len() > INLINE);
            assert_eq!(peers.index.is_some(), peers.len() > INDEXED_FROM);
        }
        let is_seeder = |it: &[u8; 6]| it[3].is_multiple_of(2);
        assert!(peers.all()[..20].iter().all(is_seeder), "seeders lie apart, in one piece");
        assert!(!peers.leechers().iter().any(is_seeder));
    }

    #[test]
    fn ages_survive_the_wrap_of_their_16_bits() {
        let seen = Seen::at(Tick(16 * 65_535));
        assert_eq!(seen.age_s(Tick(16 * 65_537)), 32);
    }
}
