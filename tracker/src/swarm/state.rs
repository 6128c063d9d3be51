//! One swarm: who joins, who leaves, who is forgotten, and the counts that follow.
//!
//! A *logical peer* is what is counted: a member's client (a record), an open
//! client seen on both families (a record of nobody), or an open address alone.

use crate::clock::Tick;
use crate::swarm::addresses::{ALONE, Address, Addresses, Held};
use crate::swarm::peers::Seen;
use crate::swarm::recent::Recent;
use crate::swarm::records::{NOBODY, Record, Records};
use crate::swarm::{Credit, Join, Limits, TooManyLocations, select};
use crate::wire::fact::{FELL, FIRST, Fact};
use crate::wire::{Counts, Event, InfoHash, Neighbours};
use ahash::RandomState;
use fastrand::Rng;

/// Seconds within which an exact repeat of an announce is not journalled again.
const REPEAT_S: u32 = 60;

/// What a swarm borrows from its shard.
pub(super) struct Tools<'a> {
    pub(super) hasher: &'a RandomState,
    pub(super) recent: &'a mut Recent,
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
        Self {
            row,
            ..Self::default()
        }
    }
}

#[derive(Debug)]
pub(super) struct Swarm {
    key: InfoHash,
    release: u32,
    counts: Counts,
    /// The site's own count when it was last told; more than that must not be forgotten.
    known_completed: u32,
    is_changed: bool,
    addresses: Addresses,
    records: Option<Box<Records>>,
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
        limits: &Limits,
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
            (Some(credit), _) => {
                Some(self.credited(join, (credit, session), limits, tools)?).flatten()
            }
            (None, _) => {
                self.open(join, held, limits, tools);
                None
            }
        };
        out.counts = self.counts;
        let is_hasty = join.announce.event == Event::None
            && held.is_some_and(|held| held.seen.age_s(join.now.tick) < limits.min_interval_s);
        if join.announce.event != Event::Stopped && !is_hasty {
            self.pick(join, address, tools.hasher, (dice, out));
        }
        Ok(fact)
    }

    /// An announce without a key: its peer is its address (ID-1).
    fn open(
        &mut self,
        join: &Join<'_>,
        held: Option<Held>,
        limits: &Limits,
        tools: &mut Tools<'_>,
    ) {
        let Some(address) = join.address() else {
            return;
        };
        let is_seeder = join.is_seeder();
        let now = join.now.tick;
        match held {
            // A member's client that also announces without its key stays the member's.
            Some(held) if self.is_members(held.record) => {
                self.addresses
                    .put(tools.hasher, &address, (held.record, held.is_seeder), now);
                return;
            }
            Some(held) => {
                self.turn(held.is_seeder, is_seeder);
                if !held.is_seeder && is_seeder {
                    self.complete(open_completion(join, tools.hasher), tools.recent);
                }
                self.addresses
                    .put(tools.hasher, &address, (held.record, is_seeder), now);
                self.turn_pair(held.record, is_seeder, now, tools.hasher);
            }
            None if self.addresses.len() >= limits.max_peers_per_swarm => return,
            None => {
                self.count(is_seeder, 1);
                self.addresses
                    .put(tools.hasher, &address, (ALONE, is_seeder), now);
            }
        }
        if held.is_none_or(|held| held.record == ALONE) {
            self.pair(join, address, tools);
        }
    }

    fn is_members(&self, record: u32) -> bool {
        self.record(record)
            .is_some_and(|record| record.user != NOBODY)
    }

    /// Joins the two addresses of one open client, known by a secret only it and we have (ID-4).
    fn pair(&mut self, join: &Join<'_>, address: Address, tools: &mut Tools<'_>) {
        if join.announce.client_key == 0 {
            return;
        }
        let tag =
            tools
                .hasher
                .hash_one((self.key, join.announce.peer_id, join.announce.client_key));
        let Some(other) = tools.recent.twin(tag, address) else {
            return;
        };
        let Some(twin) = self.addresses.find(tools.hasher, &other) else {
            return;
        };
        if twin.record != ALONE {
            return;
        }
        self.count(twin.is_seeder, -1);
        let mut record = blank(NOBODY, tag, join);
        for one in [address, other] {
            place(&mut record, one);
        }
        let row = self.records.get_or_insert_default().add(record);
        for one in [address, other] {
            self.addresses.link(tools.hasher, &one, row);
            self.addresses
                .set_seeder(tools.hasher, &one, join.is_seeder());
        }
    }

    fn turn_pair(&mut self, row: u32, is_seeder: bool, now: Tick, hasher: &RandomState) {
        let Some(record) = self.record_mut(row) else {
            return;
        };
        record.is_seeder = is_seeder;
        record.seen = Seen::at(now);
        let both = addresses_of(record);
        for one in both.into_iter().flatten() {
            self.addresses.set_seeder(hasher, &one, is_seeder);
        }
    }

    /// An open peer leaves; an unknown one changes nothing (EVT-3).
    fn leave(&mut self, address: Option<Address>, held: Option<Held>, tools: &Tools<'_>) {
        let (Some(address), Some(held)) = (address, held) else {
            return;
        };
        if held.record == ALONE {
            self.addresses.remove(tools.hasher, &address);
            self.count(held.is_seeder, -1);
        } else if !self.is_members(held.record) {
            self.remove_record(held.record, tools.hasher);
        }
    }

    /// A member's client reports: its record is (user, release, peer id) (ID-2).
    fn credited(
        &mut self,
        join: &Join<'_>,
        (credit, session): (Credit, u64),
        limits: &Limits,
        tools: &mut Tools<'_>,
    ) -> Result<Option<Fact>, TooManyLocations> {
        let address = join.address();
        let known = self.row_of(credit.user, |record| record.session == session);
        // A restarted client comes back at the same address under another peer id (ID-3).
        let row = known.or_else(|| {
            let address = address?;
            self.row_of(credit.user, |record| {
                addresses_of(record).contains(&Some(address))
            })
        });
        let Some(row) = row else {
            self.check_locations(&credit, limits)?;
            if self.addresses.len() >= limits.max_peers_per_swarm {
                return Ok(Some(fact(join, credit, session, FIRST)));
            }
            let mut record = blank(credit.user, session, join);
            record.told = join.now.tick;
            let row = self.records.get_or_insert_default().add(record);
            self.count(join.is_seeder(), 1);
            self.bind(row, address, join, tools);
            return Ok(Some(fact(join, credit, session, FIRST)));
        };
        let is_restart = known.is_none();
        let told = self.report(row, join, (credit, session), is_restart, tools);
        self.bind(row, address, join, tools);
        Ok(told)
    }

    fn check_locations(&self, credit: &Credit, limits: &Limits) -> Result<(), TooManyLocations> {
        let allowed = if credit.max_locations == 0 {
            limits.max_locations
        } else {
            credit.max_locations
        };
        let held = self
            .records
            .as_ref()
            .map_or(0, |records| records.of_user(credit.user).count());
        if held >= usize::from(allowed) {
            Err(TooManyLocations)
        } else {
            Ok(())
        }
    }

    /// Takes a known client's counters over; returns the fact when they say something new.
    fn report(
        &mut self,
        row: u32,
        join: &Join<'_>,
        (credit, session): (Credit, u64),
        is_restart: bool,
        tools: &mut Tools<'_>,
    ) -> Option<Fact> {
        let now = join.now.tick;
        let record = self.record_mut(row)?;
        let was_seeder = record.is_seeder;
        let may_complete = record.may_complete && !is_restart;
        let mut next = blank(credit.user, session, join);
        let fell = record.uploaded > next.uploaded || record.downloaded > next.downloaded;
        let repeats =
            !is_restart && same_report(record, &next) && now.since(record.told) < REPEAT_S;
        next.v4 = record.v4;
        next.v6 = record.v6.take();
        next.told = if repeats { record.told } else { now };
        next.may_complete |= may_complete && !next.is_seeder;
        let is_seeder = next.is_seeder;
        let both = addresses_of(&next);
        *record = next;
        self.turn(was_seeder, is_seeder);
        if is_seeder != was_seeder {
            for one in both.into_iter().flatten() {
                self.addresses.set_seeder(tools.hasher, &one, is_seeder);
            }
        }
        if may_complete && is_seeder {
            let who = tools.hasher.hash_one((self.key, credit.user));
            self.complete(who, tools.recent);
        }
        let flags = match (is_restart, fell) {
            (true, _) => FIRST,
            (false, true) => FELL,
            (false, false) => 0,
        };
        (!repeats).then(|| fact(join, credit, session, flags))
    }

    /// Ties an address to a record; it leaves whoever had it, and the record leaves its old one.
    fn bind(&mut self, row: u32, address: Option<Address>, join: &Join<'_>, tools: &mut Tools<'_>) {
        let Some(address) = address else { return };
        let mut row = row;
        if let Some(held) = self.addresses.find(tools.hasher, &address)
            && held.record != row
        {
            if held.record == ALONE {
                self.count(held.is_seeder, -1);
            } else {
                let last = self
                    .records
                    .as_ref()
                    .map_or(0, |records| records.len())
                    .wrapping_sub(1);
                let is_dropped = self.detach(held.record, &address, tools.hasher);
                // The last record takes the place of one that is dropped.
                if is_dropped && row as usize == last {
                    row = held.record;
                }
            }
        }
        let Some(record) = self.record_mut(row) else {
            return;
        };
        let old = place(record, address);
        let role = (row, record.is_seeder);
        if let Some(old) = old.filter(|old| *old != address) {
            self.addresses.remove(tools.hasher, &old);
        }
        self.addresses
            .put(tools.hasher, &address, role, join.now.tick);
    }

    /// A member's client leaves; its last counters are told even when we do not know it.
    fn farewell(
        &mut self,
        join: &Join<'_>,
        credit: Credit,
        session: u64,
        tools: &mut Tools<'_>,
    ) -> Option<Fact> {
        let row = self.row_of(credit.user, |record| record.session == session);
        let said = (
            session,
            join.announce.uploaded,
            join.announce.downloaded,
            join.announce.left,
        );
        let is_new = tools
            .recent
            .is_new_farewell(tools.hasher.hash_one(said), join.now.tick);
        let Some(record) = row.and_then(|row| self.record(row)) else {
            return is_new.then(|| fact(join, credit, session, FIRST));
        };
        let fell = record.uploaded > join.announce.uploaded
            || record.downloaded > join.announce.downloaded;
        if record.may_complete && join.is_seeder() {
            let who = tools.hasher.hash_one((self.key, credit.user));
            self.complete(who, tools.recent);
        }
        self.remove_record(row.unwrap_or(ALONE), tools.hasher);
        Some(fact(join, credit, session, if fell { FELL } else { 0 }))
    }

    /// Counts a finished download once per member or address (EVT-1).
    fn complete(&mut self, who: u64, recent: &mut Recent) {
        if recent.is_new_completion(who) {
            self.counts.completed = self.counts.completed.saturating_add(1);
        }
    }

    fn pick(
        &self,
        join: &Join<'_>,
        address: Option<Address>,
        hasher: &RandomState,
        (dice, out): (&mut Rng, &mut Neighbours),
    ) {
        let held = address.and_then(|address| self.addresses.find(hasher, &address));
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
        (now, timeout_s): (Tick, u32),
        walk: &mut Walk,
        budget: &mut usize,
    ) -> bool {
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
        if self
            .record(row)
            .is_some_and(|record| record.seen.age_s(now) > timeout_s)
        {
            self.remove_record(row, hasher);
        }
    }

    /// Takes an address from its record; true when the record is dropped, having no reason to be.
    fn detach(&mut self, row: u32, address: &Address, hasher: &RandomState) -> bool {
        let Some(record) = self.record_mut(row) else {
            return false;
        };
        match address {
            Address::V4(_) => record.v4 = None,
            Address::V6(_) => record.v6 = None,
        }
        if record.user != NOBODY {
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
    fn remove_record(&mut self, row: u32, hasher: &RandomState) {
        let Some(record) = self.record(row) else {
            return;
        };
        let is_seeder = record.is_seeder;
        for one in addresses_of(record).into_iter().flatten() {
            self.addresses.remove(hasher, &one);
        }
        self.count(is_seeder, -1);
        self.drop_row(row, hasher);
    }

    /// Removes a row, and tells the addresses of the record that takes its place.
    fn drop_row(&mut self, row: u32, hasher: &RandomState) {
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

    fn record(&self, row: u32) -> Option<&Record> {
        self.records.as_ref().and_then(|records| records.get(row))
    }

    fn record_mut(&mut self, row: u32) -> Option<&mut Record> {
        self.records
            .as_mut()
            .and_then(|records| records.get_mut(row))
    }

    fn row_of(&self, user: u64, is_it: impl Fn(&Record) -> bool) -> Option<u32> {
        let records = self.records.as_ref()?;
        records
            .of_user(user)
            .find(|row| records.get(*row).is_some_and(&is_it))
    }

    fn count(&mut self, is_seeder: bool, by: i32) {
        let slot = if is_seeder {
            &mut self.counts.seeders
        } else {
            &mut self.counts.leechers
        };
        *slot = slot.saturating_add_signed(by);
    }

    fn turn(&mut self, was_seeder: bool, is_seeder: bool) {
        if was_seeder != is_seeder {
            self.count(was_seeder, -1);
            self.count(is_seeder, 1);
        }
    }
}

fn same_report(one: &Record, other: &Record) -> bool {
    (one.uploaded, one.downloaded, one.left, one.event)
        == (other.uploaded, other.downloaded, other.left, other.event)
}

fn open_completion(join: &Join<'_>, hasher: &RandomState) -> u64 {
    hasher.hash_one((join.swarm, join.source.ip))
}

fn blank(user: u64, session: u64, join: &Join<'_>) -> Record {
    Record {
        user,
        session,
        uploaded: join.announce.uploaded,
        downloaded: join.announce.downloaded,
        left: join.announce.left,
        told: Tick(0),
        v4: None,
        v6: None,
        seen: Seen::at(join.now.tick),
        event: join.announce.event.code(),
        is_seeder: join.is_seeder(),
        may_complete: !join.is_seeder(),
    }
}

/// Gives a record an address; returns the one of that family it had.
fn place(record: &mut Record, address: Address) -> Option<Address> {
    match address {
        Address::V4(wire) => record.v4.replace(wire).map(Address::V4),
        Address::V6(wire) => record
            .v6
            .replace(Box::new(wire))
            .map(|old| Address::V6(*old)),
    }
}

fn addresses_of(record: &Record) -> [Option<Address>; 2] {
    [
        record.v4.map(Address::V4),
        record.v6.as_ref().map(|wire| Address::V6(**wire)),
    ]
}

fn fact(join: &Join<'_>, credit: Credit, session: u64, flags: u8) -> Fact {
    Fact {
        release: join.release,
        session,
        user: credit.user,
        event: join.announce.event.code(),
        flags,
        up_quarters: credit.up_quarters,
        down_quarters: credit.down_quarters,
        uploaded: join.announce.uploaded,
        downloaded: join.announce.downloaded,
        left: join.announce.left,
        time_ms: join.now.unix_ms,
    }
}
