//! One swarm: who joins, who leaves, who is forgotten, and the counts that follow.
//!
//! A *logical peer* is what is counted: a member's client (a record), an open
//! client seen on both families (a record of nobody), or an open address alone.

use crate::clock::Tick;
use crate::swarm::addresses::{ALONE, Address, Addresses, Held};
use crate::swarm::recent::Recent;
use crate::swarm::records::{NOBODY, Record, Records, Said};
use crate::swarm::{Join, Limits, TooManyLocations, select};
use crate::wire::fact::Fact;
use crate::wire::{Counts, Event, InfoHash, Neighbours};
use ahash::RandomState;
use fastrand::Rng;

/// What a swarm borrows from its shard.
pub(super) struct Tools<'a> {
    pub(super) hasher: &'a RandomState,
    pub(super) recent: &'a mut Recent,
    pub(super) limits: &'a Limits,
}

/// Where a sweep stands: the swarm's row plus one, and the place in its lists plus one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Walk {
    pub(super) row: usize,
    list: usize,
    left: Option<usize>,
}

impl Walk {
    pub(super) fn from(row: usize) -> Self {
        Self { row, ..Self::default() }
    }
}

#[derive(Debug)]
pub(super) struct Swarm {
    pub(super) key: InfoHash,
    release: u32,
    pub(super) counts: Counts,
    /// The site's own count when it was last told; more than that must not be forgotten.
    known_completed: u32,
    is_changed: bool,
    pub(super) addresses: Addresses,
    pub(super) records: Option<Box<Records>>,
}

impl Swarm {
    pub(super) fn new(key: InfoHash, release: u32) -> Self {
        Self {
            key,
            release,
            counts: Counts::default(),
            known_completed: 0,
            is_changed: false,
            addresses: Addresses::new(),
            records: None,
        }
    }

    pub(super) fn key(&self) -> InfoHash {
        self.key
    }

    pub(super) fn release(&self) -> u32 {
        self.release
    }

    pub(super) fn counts(&self) -> Counts {
        self.counts
    }

    pub(super) fn total(counts: Counts) -> usize {
        counts.seeders as usize + counts.leechers as usize
    }

    pub(super) fn peers(&self) -> usize {
        Self::total(self.counts)
    }

    /// Whether nothing would be lost by forgetting it.
    pub(super) fn is_idle(&self) -> bool {
        self.peers() == 0
            && self.addresses.len() == 0
            && !self.is_changed
            && self.counts.completed <= self.known_completed
    }

    /// True the first time since the counts were taken.
    pub(super) fn mark_changed(&mut self) -> bool {
        !std::mem::replace(&mut self.is_changed, true)
    }

    pub(super) fn take_counts(&mut self) -> Counts {
        self.is_changed = false;
        self.counts
    }

    /// Takes over the site's count of completed downloads; ours never goes down (SCR-4).
    pub(super) fn raise_completed(&mut self, known: u32) {
        self.known_completed = known;
        self.counts.completed = self.counts.completed.max(known);
    }

    /// Brings the swarm up to date (EVT-7), then picks peers.
    pub(super) fn announce(
        &mut self,
        join: &Join<'_>,
        session: u64,
        tools: &mut Tools<'_>,
        (dice, out): (&mut Rng, &mut Neighbours),
    ) -> Result<Option<Fact>, TooManyLocations> {
        let address = join.address();
        let held = address.and_then(|address| self.addresses.find(tools.hasher, &address));
        let fact = match (join.credit, join.announce.event) {
            (Some(credit), Event::Stopped) => self.farewell(join, credit, session, tools),
            (None, Event::Stopped) => {
                self.leave(address, held, tools);
                None
            }
            (Some(credit), _) => self.credited(join, (credit, session), (address, held), tools)?,
            (None, _) => {
                self.open(join, held, tools);
                None
            }
        };
        out.counts = self.counts;
        let is_hasty = join.announce.event == Event::None
            && held
                .is_some_and(|held| held.seen.age_s(join.now.tick) < tools.limits.min_interval_s);
        if join.announce.event != Event::Stopped && !is_hasty {
            self.pick(join, (address, held), tools.hasher, (dice, out));
        }
        Ok(fact)
    }

    pub(super) fn is_members(&self, record: u32) -> bool {
        self.record(record).is_some_and(|record| record.user() != NOBODY)
    }

    /// Counts a finished open download, once per address; the ledger counts members' (EVT-1).
    pub(super) fn complete(&mut self, who: u64, recent: &mut Recent) {
        if recent.is_new_completion(who) {
            self.counts.completed = self.counts.completed.saturating_add(1);
        }
    }

    fn pick(
        &self,
        join: &Join<'_>,
        (address, held): (Option<Address>, Option<Held>),
        hasher: &RandomState,
        (dice, out): (&mut Rng, &mut Neighbours),
    ) {
        // Without records every address stands alone.
        let known = address.filter(|_| self.records.is_some());
        let held = known.and_then(|address| self.addresses.find_again(hasher, &address, held));
        let own = match held.and_then(|held| self.record(held.record)) {
            Some(record) => addresses_of(record),
            None => [address, None],
        };
        let is_v6 = join.source.ip.is_ipv6();
        let mut question = select::Question {
            addresses: &self.addresses,
            own,
            seeks_seeders: !join.is_seeder(),
            hides_local: !join.source.is_local_listener,
            want: join.want,
        };
        question.pick(is_v6, dice, out);
        if join.mixes_families {
            let given = out.v4.len() / 6 + out.v6.len() / 18;
            question.want = join.want.saturating_sub(given);
            question.pick(!is_v6, dice, out);
        }
    }

    /// Forgets the silent among up to `budget` peers; true when all lists were walked.
    pub(super) fn expire(
        &mut self,
        tools: &mut Tools<'_>,
        now: Tick,
        walk: &mut Walk,
        budget: &mut usize,
    ) -> bool {
        let timeout_s = tools.limits.peer_timeout_s;
        while walk.list < 3 {
            let full = match walk.list {
                0 => self.addresses.len_of(false),
                1 => self.addresses.len_of(true),
                _ => self.records.as_ref().map_or(0, |records| records.len()),
            };
            let mut left = walk.left.take().unwrap_or(full).min(full);
            while left > 0 {
                if *budget == 0 {
                    walk.left = Some(left);
                    return false;
                }
                *budget -= 1;
                left -= 1;
                if walk.list < 2 {
                    self.expire_address(walk.list == 1, left, (now, timeout_s), tools.hasher);
                } else {
                    self.expire_record(left, (now, timeout_s), tools.hasher);
                }
            }
            walk.list += 1;
        }
        true
    }

    fn expire_address(
        &mut self,
        is_v6: bool,
        at: usize,
        (now, timeout_s): (Tick, u32),
        hasher: &RandomState,
    ) {
        let Some((address, held)) = self.addresses.at(is_v6, at) else {
            return;
        };
        if held.seen.age_s(now) <= timeout_s {
            return;
        }
        if held.record == ALONE {
            self.count(held.is_seeder, -1);
        } else {
            self.detach(held.record, &address, hasher);
        }
        self.addresses.remove(hasher, &address);
    }

    fn expire_record(&mut self, at: usize, (now, timeout_s): (Tick, u32), hasher: &RandomState) {
        let row = u32::try_from(at).unwrap_or(ALONE);
        if self.record(row).is_some_and(|record| record.seen.age_s(now) > timeout_s) {
            self.remove_record(row, hasher);
        }
    }

    /// Takes an address from its record; true when the record is dropped, having no reason to be.
    pub(super) fn detach(&mut self, row: u32, address: &Address, hasher: &RandomState) -> bool {
        let Some(record) = self.record_mut(row) else {
            return false;
        };
        match address {
            Address::V4(_) => drop(record.replace_v4(None)),
            Address::V6(_) => drop(record.replace_v6(None)),
        }
        if record.user() != NOBODY {
            return false;
        }
        // One address left of an open pair stands alone again, counted as before.
        for one in addresses_of(record).into_iter().flatten() {
            self.addresses.link(hasher, &one, ALONE);
        }
        self.drop_row(row, hasher);
        true
    }

    /// Removes a logical peer with its addresses.
    pub(super) fn remove_record(&mut self, row: u32, hasher: &RandomState) {
        let Some(record) = self.record(row) else {
            return;
        };
        let is_seeder = record.is_seeder();
        for one in addresses_of(record).into_iter().flatten() {
            self.addresses.remove(hasher, &one);
        }
        self.count(is_seeder, -1);
        self.drop_row(row, hasher);
    }

    /// Removes a row, and tells the addresses of the record that takes its place.
    pub(super) fn drop_row(&mut self, row: u32, hasher: &RandomState) {
        let Some(records) = &mut self.records else {
            return;
        };
        records.remove(row);
        if let Some(moved) = records.get(row) {
            for one in addresses_of(moved).into_iter().flatten() {
                self.addresses.link(hasher, &one, row);
            }
        }
        if records.len() == 0 {
            self.records = None;
        }
    }

    pub(super) fn record(&self, row: u32) -> Option<&Record> {
        self.records.as_ref().and_then(|records| records.get(row))
    }

    pub(super) fn record_mut(&mut self, row: u32) -> Option<&mut Record> {
        self.records.as_mut().and_then(|records| records.get_mut(row))
    }

    pub(super) fn row_of(&self, user: u64, is_it: impl Fn(&Record) -> bool) -> Option<u32> {
        self.records.as_ref()?.find(user, is_it)
    }

    pub(super) fn count(&mut self, is_seeder: bool, by: i32) {
        let slot = if is_seeder { &mut self.counts.seeders } else { &mut self.counts.leechers };
        *slot = slot.saturating_add_signed(by);
    }

    pub(super) fn turn(&mut self, was_seeder: bool, is_seeder: bool) {
        if was_seeder != is_seeder {
            self.count(was_seeder, -1);
            self.count(is_seeder, 1);
        }
    }
}

pub(super) fn blank(user: u64, session: u64, join: &Join<'_>) -> Record {
    let said = Said { left: join.announce.left, event: join.announce.event.code() };
    let mut record = Record::new(user, session, said, join.now.tick);
    record.uploaded = join.announce.uploaded;
    record.downloaded = join.announce.downloaded;
    record
}

/// Gives a record an address; returns the one of that family it had.
pub(super) fn place(record: &mut Record, address: Address) -> Option<Address> {
    match address {
        Address::V4(wire) => record.replace_v4(Some(wire)).map(Address::V4),
        Address::V6(wire) => record.replace_v6(Some(wire)).map(Address::V6),
    }
}

pub(super) fn addresses_of(record: &Record) -> [Option<Address>; 2] {
    [record.v4().map(Address::V4), record.v6().map(Address::V6)]
}

#[cfg(test)]
impl Swarm {
    /// Recounts the swarm and compares.
    pub(super) fn check(&self, hasher: &RandomState) {
        let mut counted = Counts { completed: self.counts.completed, ..Counts::default() };
        let mut count = |is_seeder| {
            if is_seeder { counted.seeders += 1 } else { counted.leechers += 1 }
        };
        for is_v6 in [false, true] {
            for at in 0..self.addresses.len_of(is_v6) {
                let (address, held) = self.addresses.at(is_v6, at).unwrap();
                if held.record == ALONE {
                    count(held.is_seeder);
                } else {
                    let record = self.record(held.record).unwrap();
                    assert!(addresses_of(record).contains(&Some(address)));
                    assert_eq!(record.is_seeder(), held.is_seeder);
                }
            }
        }
        for row in 0..self.records.as_ref().map_or(0, |records| records.len()) {
            let record = self.record(u32::try_from(row).unwrap()).unwrap();
            count(record.is_seeder());
            for address in addresses_of(record).into_iter().flatten() {
                let held = self.addresses.find(hasher, &address).unwrap();
                assert_eq!(held.record as usize, row);
            }
        }
        assert_eq!(counted, self.counts);
    }
}
