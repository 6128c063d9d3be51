//! Announces with a key: a member's client, its record, and what the journal is told of it.

use crate::swarm::addresses::{ALONE, Address, Held};
use crate::swarm::open::completion;
use crate::swarm::state::{Swarm, Tools, addresses_of, blank, place};
use crate::swarm::{Credit, Join, Limits, TooManyLocations};
use crate::wire::Announce;
use crate::wire::fact::{FELL, FIRST, Fact, Tag};

/// Seconds within which an exact repeat of an announce is not journalled again.
const REPEAT_S: u32 = 60;

impl Swarm {
    /// A member's client reports: its record is (user, release, peer id) (ID-2).
    pub(super) fn credited(
        &mut self,
        join: &Join<'_>,
        (credit, session): (Credit, u64),
        (address, held): (Option<Address>, Option<Held>),
        tools: &mut Tools<'_>,
    ) -> Result<Option<Fact>, TooManyLocations> {
        let known = self.row_of(credit.user, |record| record.is_session(session));
        // A restarted client comes back at the same address under another peer id (ID-3).
        let row = known.or_else(|| {
            let address = address?;
            self.row_of(credit.user, |record| addresses_of(record).contains(&Some(address)))
        });
        let Some(row) = row else {
            self.check_locations(&credit, tools.limits)?;
            if self.addresses.len() >= tools.limits.max_peers_per_swarm {
                return Ok(Some(fact(join, credit, session, FIRST)));
            }
            let record = blank(credit.user, session, join);
            let row = self.records.get_or_insert_default().add(record);
            self.count(join.is_seeder(), 1);
            self.bind(row, (address, held), join, tools);
            return Ok(Some(fact(join, credit, session, FIRST)));
        };
        let is_restart = known.is_none();
        let told = self.report((row, is_restart), join, (credit, session), tools);
        self.bind(row, (address, held), join, tools);
        Ok(told)
    }

    fn check_locations(&self, credit: &Credit, limits: &Limits) -> Result<(), TooManyLocations> {
        let allowed =
            if credit.max_locations == 0 { limits.max_locations } else { credit.max_locations };
        let held = self.records.as_ref().map_or(0, |records| records.count(credit.user));
        if held >= usize::from(allowed) { Err(TooManyLocations) } else { Ok(()) }
    }

    /// Takes a known client's counters over; returns the fact when they say something new.
    fn report(
        &mut self,
        (row, is_restart): (u32, bool),
        join: &Join<'_>,
        (credit, session): (Credit, u64),
        tools: &mut Tools<'_>,
    ) -> Option<Fact> {
        let record = self.record_mut(row)?;
        let was_seeder = record.is_seeder();
        let mut next = blank(credit.user, session, join);
        let fell = record.uploaded > next.uploaded || record.downloaded > next.downloaded;
        let repeats =
            !is_restart && record.repeats(&next) && record.told_age_s(join.now.tick) < REPEAT_S;
        if repeats {
            next.keep_told(record);
        }
        next.take_addresses(record);
        let is_seeder = next.is_seeder();
        *record = next;
        self.turn(was_seeder, is_seeder);
        if is_seeder && !was_seeder && credit.is_visitors() {
            self.complete(completion(join, tools.hasher), tools.recent);
        }
        if is_seeder != was_seeder {
            let both = self.record(row).map(addresses_of).unwrap_or_default();
            for one in both.into_iter().flatten() {
                self.addresses.set_seeder(tools.hasher, &one, is_seeder);
            }
        }
        let flags = match (is_restart, fell) {
            (true, _) => FIRST,
            (false, true) => FELL,
            (false, false) => 0,
        };
        (!repeats).then(|| fact(join, credit, session, flags))
    }

    /// Ties an address to a record; it leaves whoever had it, and the record leaves its old one.
    fn bind(
        &mut self,
        row: u32,
        (address, held): (Option<Address>, Option<Held>),
        join: &Join<'_>,
        tools: &mut Tools<'_>,
    ) {
        let Some(address) = address else { return };
        let held = self.addresses.find_again(tools.hasher, &address, held);
        if let Some(held) = held.filter(|held| held.record == row) {
            // As nearly always: nothing to bind.
            self.addresses.touch(&address, held.at, join.now.tick);
            return;
        }
        let mut row = row;
        if let Some(held) = held {
            if held.record == ALONE {
                self.count(held.is_seeder, -1);
            } else {
                let last = self.records.as_ref().map_or(0, |records| records.len()).wrapping_sub(1);
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
        let role = (row, record.is_seeder());
        if let Some(old) = old.filter(|old| *old != address) {
            self.addresses.remove(tools.hasher, &old);
        }
        self.addresses.put(tools.hasher, &address, role, join.now.tick);
    }

    /// A member's client leaves; its last counters are told even when we do not know it.
    pub(super) fn farewell(
        &mut self,
        join: &Join<'_>,
        credit: Credit,
        session: u64,
        tools: &mut Tools<'_>,
    ) -> Option<Fact> {
        let row = self.row_of(credit.user, |record| record.is_session(session));
        let Announce { uploaded, downloaded, left, .. } = *join.announce;
        let said = (self.key, session, uploaded, downloaded, left);
        let is_new = tools.recent.is_new_farewell(tools.hasher.hash_one(said), join.now.tick);
        let Some(record) = row.and_then(|row| self.record(row)) else {
            return is_new.then(|| fact(join, credit, session, FIRST));
        };
        let fell = record.uploaded > join.announce.uploaded
            || record.downloaded > join.announce.downloaded;
        self.remove_record(row.unwrap_or(ALONE), tools.hasher);
        Some(fact(join, credit, session, if fell { FELL } else { 0 }))
    }
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
        tag: Tag::Client(join.announce.peer_id.client()),
    }
}
