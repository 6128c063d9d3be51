//! One lock's worth of swarms: rows side by side, an index by hash, and what changed.

use crate::clock::Tick;
use crate::swarm::addresses::Address;
use crate::swarm::index::Step;
use crate::swarm::recent::Recent;
use crate::swarm::state::{Swarm, Tools, Walk};
use crate::swarm::{Join, Limits, TooManyLocations};
use crate::wire::fact::Fact;
use crate::wire::{Counts, Event, InfoHash, Neighbours};
use ahash::RandomState;
use fastrand::Rng;
use hashbrown::HashTable;

#[derive(Debug)]
pub(super) struct Shard {
    swarms: Vec<Swarm>,
    index: HashTable<u32>,
    hasher: RandomState,
    recent: Recent,
    /// Swarms whose counts changed and were not taken yet, each at most once.
    changed: Vec<(InfoHash, u32, u32)>,
    walk: Walk,
    peers: usize,
}

impl Shard {
    pub(super) fn new(hasher: RandomState) -> Self {
        Self {
            swarms: Vec::new(),
            index: HashTable::new(),
            hasher,
            recent: Recent::new(),
            changed: Vec::new(),
            walk: Walk::default(),
            peers: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.swarms.len()
    }

    /// Logical peers in all swarms.
    pub(super) fn peers(&self) -> usize {
        self.peers
    }

    pub(super) fn announce(
        &mut self,
        join: &Join<'_>,
        (session, limits): (u64, &Limits),
        (dice, out): (&mut Rng, &mut Neighbours),
    ) -> Result<Option<Fact>, TooManyLocations> {
        let row = self.find(&join.swarm);
        let row = match row {
            Some(row) => row,
            // EVT-4: one who leaves creates nothing, yet a member's last bytes are told.
            None if join.announce.event == Event::Stopped => {
                let mut ghost = Swarm::new(join.swarm, join.release);
                ghost.raise_completed(join.completed);
                let mut tools = Tools { hasher: &self.hasher, recent: &mut self.recent, limits };
                return ghost.announce(join, session, &mut tools, (dice, out));
            }
            None => self.add(Swarm::new(join.swarm, join.release)),
        };
        let Self { swarms, hasher, recent, peers, changed, .. } = self;
        let Some(swarm) = swarms.get_mut(row) else {
            return Ok(None);
        };
        let before = swarm.counts();
        swarm.raise_completed(join.completed);
        let mut tools = Tools { hasher, recent, limits };
        let fact = swarm.announce(join, session, &mut tools, (dice, out));
        *peers = (*peers + swarm.peers()).saturating_sub(Swarm::total(before));
        if swarm.counts() != before {
            note(changed, swarm);
        }
        fact
    }

    pub(super) fn counts(&self, key: &InfoHash) -> Option<Counts> {
        self.find(key).and_then(|row| self.swarms.get(row)).map(Swarm::counts)
    }

    pub(super) fn vacate(&mut self, key: &InfoHash, who: (u64, u64)) {
        let Some(row) = self.find(key) else { return };
        let Self { swarms, hasher, peers, changed, .. } = self;
        let Some(swarm) = swarms.get_mut(row) else { return };
        let before = swarm.counts();
        swarm.vacate(who, hasher);
        *peers = (*peers + swarm.peers()).saturating_sub(Swarm::total(before));
        if swarm.counts() != before {
            note(changed, swarm);
        }
    }

    pub(super) fn purge(&mut self, key: &InfoHash) {
        if let Some(row) = self.find(key) {
            self.remove(row);
        }
    }

    pub(super) fn purge_unless(&mut self, keeps: &impl Fn(&InfoHash) -> bool) {
        for row in (0..self.swarms.len()).rev() {
            if self.swarms.get(row).is_some_and(|swarm| !keeps(&swarm.key())) {
                self.remove(row);
            }
        }
    }

    pub(super) fn take_counts(&mut self, limit: usize, out: &mut Vec<(u32, Counts)>) {
        while out.len() < limit {
            let Some((key, release, completed)) = self.changed.pop() else {
                break;
            };
            let row = self.find(&key);
            let counts = match row.and_then(|row| self.swarms.get_mut(row)) {
                Some(swarm) => swarm.take_counts(),
                None => Counts { completed, ..Counts::default() },
            };
            out.push((release, counts));
        }
        if self.changed.is_empty() {
            self.changed = Vec::new();
        }
    }

    /// Takes counts by hash, for one who keeps them: the swarms may be forgotten then.
    pub(super) fn settle_counts(&mut self, out: &mut Vec<(InfoHash, Counts)>) {
        for (key, _, completed) in std::mem::take(&mut self.changed) {
            let row = self.find(&key);
            let counts = match row.and_then(|row| self.swarms.get_mut(row)) {
                Some(swarm) => {
                    swarm.raise_completed(swarm.counts().completed);
                    swarm.take_counts()
                }
                None => Counts { completed, ..Counts::default() },
            };
            out.push((key, counts));
        }
    }

    /// Walks up to `budget` peers from the last swarm to the first; true when the first is done.
    pub(super) fn sweep(&mut self, now: Tick, limits: &Limits, budget: usize) -> bool {
        let mut budget = budget;
        if self.walk.row == 0 {
            self.walk = Walk::from(self.swarms.len());
        }
        while self.walk.row > 0 && budget > 0 {
            // Swarms may have gone since the last step.
            self.walk.row = self.walk.row.min(self.swarms.len());
            let row = self.walk.row.wrapping_sub(1);
            let Self { swarms, hasher, walk, recent, .. } = self;
            let Some(swarm) = swarms.get_mut(row) else {
                break;
            };
            let before = swarm.counts();
            let mut tools = Tools { hasher, recent, limits };
            let is_done = swarm.expire(&mut tools, now, walk, &mut budget);
            self.peers = (self.peers + swarm.peers()).saturating_sub(Swarm::total(before));
            if swarm.counts() != before {
                note(&mut self.changed, swarm);
            }
            if is_done {
                if swarm.is_idle() {
                    self.remove(row);
                }
                self.walk = Walk::from(row);
                budget = budget.saturating_sub(1);
            }
        }
        self.walk.row == 0
    }

    /// Where a swarm most likely is, by a part of its hash only; for reading ahead.
    pub(super) fn guess(&self, key: &InfoHash) -> Option<usize> {
        self.index.find(self.hasher.hash_one(key), |_| true).map(|row| *row as usize)
    }

    /// Reads what an announce will read of a swarm, one step of the way; it means nothing.
    pub(super) fn approach(
        &self,
        swarm: &Swarm,
        step: Step,
        (address, user): (&Address, Option<u64>),
    ) -> usize {
        let known = match (&swarm.records, user) {
            (Some(records), Some(user)) => records.approach(step, user),
            _ => 0,
        };
        known ^ swarm.addresses.approach(step, &self.hasher, address)
    }

    pub(super) fn find(&self, key: &InfoHash) -> Option<usize> {
        self.index
            .find(self.hasher.hash_one(key), |row| {
                self.swarms.get(*row as usize).is_some_and(|swarm| swarm.key() == *key)
            })
            .map(|row| *row as usize)
    }

    pub(super) fn swarms(&self) -> &[Swarm] {
        &self.swarms
    }

    /// Takes in a swarm of an earlier run, unless it has begun anew; returns its peers.
    pub(super) fn adopt(&mut self, swarm: Swarm) -> usize {
        if self.find(&swarm.key()).is_some() {
            return 0;
        }
        let peers = swarm.peers();
        self.peers += peers;
        let row = self.add(swarm);
        let Self { swarms, changed, .. } = self;
        if let Some(swarm) = swarms.get_mut(row) {
            note(changed, swarm);
        }
        peers
    }

    fn add(&mut self, swarm: Swarm) -> usize {
        let row = self.swarms.len();
        let hash = self.hasher.hash_one(swarm.key());
        if row == self.swarms.capacity() {
            // By an eighth: doubling would leave a third of a full store unused.
            self.swarms.reserve_exact((row / 8).max(4));
        }
        self.swarms.push(swarm);
        let Self { index, swarms, hasher, .. } = self;
        index.insert_unique(hash, u32::try_from(row).unwrap_or(u32::MAX), |held| {
            swarms.get(*held as usize).map_or(0, |swarm| hasher.hash_one(swarm.key()))
        });
        row
    }

    /// Removes a swarm; the last one takes its row.
    fn remove(&mut self, row: usize) {
        let Some(swarm) = self.swarms.get_mut(row) else {
            return;
        };
        self.peers = self.peers.saturating_sub(swarm.peers());
        if swarm.peers() > 0 {
            note(&mut self.changed, swarm);
        }
        let place = u32::try_from(row).unwrap_or(u32::MAX);
        let hash = self.hasher.hash_one(swarm.key());
        if let Ok(entry) = self.index.find_entry(hash, |held| *held == place) {
            entry.remove();
        }
        self.swarms.swap_remove(row);
        let last = u32::try_from(self.swarms.len()).unwrap_or(u32::MAX);
        if let Some(moved) = self.swarms.get(row) {
            let hash = self.hasher.hash_one(moved.key());
            if let Some(held) = self.index.find_mut(hash, |held| *held == last) {
                *held = place;
            }
        }
    }
}

/// Notes once that a swarm's counts are worth telling.
fn note(changed: &mut Vec<(InfoHash, u32, u32)>, swarm: &mut Swarm) {
    if swarm.mark_changed() {
        changed.push((swarm.key(), swarm.release(), swarm.counts().completed));
    }
}

#[cfg(test)]
impl Shard {
    /// Recounts everything and compares.
    pub(super) fn check(&self) {
        assert_eq!(self.peers, self.swarms.iter().map(Swarm::peers).sum::<usize>());
        assert_eq!(self.index.len(), self.swarms.len());
        self.swarms.iter().for_each(|swarm| swarm.check(&self.hasher));
    }
}
