//! Peers known by more than an address: members' clients, and open clients seen on both families.

mod packed;

pub(super) use packed::PACKED;

use crate::clock::Tick;
use crate::swarm::index::{Index, Step, number};
use crate::swarm::peers::Seen;

/// Below this many records a search beats an index.
const INDEXED_FROM: usize = 16;
/// The user of a record that belongs to nobody: an open client with two addresses.
pub(super) const NOBODY: u64 = u64::MAX;
/// Set in the numbers of browsers without a key, beside 40 bits of their own; accounts have no more.
pub(super) const VISITOR: u64 = 1 << 63;
/// What a record keeps instead of an IPv4 address it has not: port 0 is no peer's.
const NO_ADDRESS: [u8; 6] = [0; 6];

const SEEDER: u8 = 1;
const OF_NOBODY: u8 = 2;
const OF_VISITOR: u8 = 4;

/// One logical peer with up to two addresses, counted once (ID-4).
///
/// In 48 bytes: of what is only compared, half a hash is kept.
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) uploaded: u64,
    pub(super) downloaded: u64,
    v6: Option<Box<[u8; 18]>>,
    user_low: u32,
    /// Half of the session's name: a user has few clients in one swarm.
    session: u32,
    /// What else the last report said: bytes left and event.
    said: u32,
    v4: [u8; 6],
    pub(super) seen: Seen,
    /// When the journal last heard of it: the lower half of a tick.
    told: u16,
    user_high: u8,
    flags: u8,
}

/// What a report says beside its counters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Said {
    pub(super) left: u64,
    pub(super) event: u8,
}

impl Record {
    pub(super) fn new(user: u64, session: u64, said: Said, now: Tick) -> Self {
        let [a, b, c, d, user_high, ..] = user.to_le_bytes();
        let owner = match user {
            NOBODY => OF_NOBODY,
            _ if user & VISITOR > 0 => OF_VISITOR,
            _ => 0,
        };
        let mut record = Self {
            uploaded: 0,
            downloaded: 0,
            v6: None,
            user_low: u32::from_le_bytes([a, b, c, d]),
            session: half(session),
            said: half(spread(said.left ^ (u64::from(said.event) << 62))),
            v4: NO_ADDRESS,
            seen: Seen::at(now),
            told: told(now),
            user_high,
            flags: owner,
        };
        record.set_seeder(said.left == 0);
        record
    }

    /// Whose it is; [`NOBODY`]'s if nobody's.
    pub(super) fn user(&self) -> u64 {
        if self.flags & OF_NOBODY > 0 {
            return NOBODY;
        }
        let kind = if self.flags & OF_VISITOR > 0 { VISITOR } else { 0 };
        kind | u64::from(self.user_high) << 32 | u64::from(self.user_low)
    }

    pub(super) fn is_session(&self, session: u64) -> bool {
        self.session == half(session)
    }

    /// Whether both reported the same.
    pub(super) fn repeats(&self, other: &Self) -> bool {
        (self.uploaded, self.downloaded, self.said)
            == (other.uploaded, other.downloaded, other.said)
    }

    /// Seconds since the journal heard of it; exact for what is younger than 18 hours.
    pub(super) fn told_age_s(&self, now: Tick) -> u32 {
        told(now).wrapping_sub(self.told).into()
    }

    pub(super) fn keep_told(&mut self, of: &Self) {
        self.told = of.told;
    }

    pub(super) fn is_seeder(&self) -> bool {
        self.flags & SEEDER > 0
    }

    pub(super) fn set_seeder(&mut self, is_seeder: bool) {
        self.flags = if is_seeder { self.flags | SEEDER } else { self.flags & !SEEDER };
    }

    pub(super) fn v4(&self) -> Option<[u8; 6]> {
        Some(self.v4).filter(|wire| *wire != NO_ADDRESS)
    }

    pub(super) fn v6(&self) -> Option<[u8; 18]> {
        self.v6.as_deref().copied()
    }

    /// Gives it an address, or takes it; returns the one it had.
    pub(super) fn replace_v4(&mut self, wire: Option<[u8; 6]>) -> Option<[u8; 6]> {
        let old = self.v4();
        self.v4 = wire.unwrap_or(NO_ADDRESS);
        old
    }

    pub(super) fn replace_v6(&mut self, wire: Option<[u8; 18]>) -> Option<[u8; 18]> {
        std::mem::replace(&mut self.v6, wire.map(Box::new)).map(|wire| *wire)
    }

    /// Takes over the addresses of the record it follows.
    pub(super) fn take_addresses(&mut self, of: &mut Self) {
        self.v4 = of.v4;
        self.v6 = of.v6.take();
    }
}

fn told(tick: Tick) -> u16 {
    let [a, b, ..] = tick.0.to_le_bytes();
    u16::from_le_bytes([a, b])
}

fn half(bits: u64) -> u32 {
    let [a, b, c, d, ..] = bits.to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}

/// Each bit of the result depends on every bit: for what strangers cannot choose to any use.
fn spread(bits: u64) -> u64 {
    let bits = (bits ^ (bits >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let bits = (bits ^ (bits >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits ^ (bits >> 32)
}

/// The records of one swarm, found by user: a user has few in one swarm (ID-13).
#[derive(Debug, Default)]
pub(super) struct Records {
    rows: Vec<Record>,
    by_user: Option<Box<Index>>,
}

impl Records {
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn get(&self, row: u32) -> Option<&Record> {
        self.rows.get(row as usize)
    }

    pub(super) fn get_mut(&mut self, row: u32) -> Option<&mut Record> {
        self.rows.get_mut(row as usize)
    }

    /// The first of a user's clients that `is_it` knows.
    pub(super) fn find(&self, user: u64, mut is_it: impl FnMut(&Record) -> bool) -> Option<u32> {
        let mut is_it = |record: &Record| record.user() == user && is_it(record);
        match &self.by_user {
            None => self.rows.iter().position(is_it).map(number),
            Some(index) => index.find(spread(user), |row| self.get(row).is_some_and(&mut is_it)),
        }
    }

    /// Reads what [`Records::find`] will read, one step of the way; what it returns means nothing.
    pub(super) fn approach(&self, step: Step, user: u64) -> usize {
        let row = match (&self.by_user, step) {
            (Some(index), _) => match index.approach(step, spread(user)) {
                (Step::Row, row) => row,
                (_, read) => return read,
            },
            (None, Step::Page) => 0,
            (None, _) => return 0,
        };
        self.rows.get(row).map_or(0, |record| usize::from(record.user_high))
    }

    /// How many clients a user has.
    pub(super) fn count(&self, user: u64) -> usize {
        let mut count = 0;
        self.find(user, |_| {
            count += 1;
            false
        });
        count
    }

    pub(super) fn add(&mut self, record: Record) -> u32 {
        let row = number(self.rows.len());
        if self.rows.len() == self.rows.capacity() {
            self.rows.reserve_exact((self.rows.len() / 8).max(3));
        }
        let user = record.user();
        self.rows.push(record);
        let Self { rows, by_user } = self;
        match by_user {
            // Nobody's records are never looked up by user, and would all collide.
            Some(_) if user == NOBODY => {}
            Some(index) => index.insert(spread(user), row, &hashes(rows)),
            None if rows.len() > INDEXED_FROM => *by_user = Some(Box::new(index_of(rows))),
            None => {}
        }
        row
    }

    /// Removes a row; the last one takes its place, and its addresses must then be told.
    pub(super) fn remove(&mut self, row: u32) -> Option<Record> {
        let last = number(self.rows.len()).checked_sub(1).filter(|last| row <= *last)?;
        let Self { rows, by_user } = self;
        if let Some(index) = by_user {
            let hash_of = hashes(rows);
            index.remove(hash_of(row), row, &hash_of);
            if row != last {
                index.renumber(hash_of(last), last, row);
            }
        }
        let removed = self.rows.swap_remove(row as usize);
        if self.rows.len() < INDEXED_FROM / 2 {
            self.by_user = None;
        }
        if self.rows.len() * 2 < self.rows.capacity() {
            self.rows.shrink_to(self.rows.len() + self.rows.len() / 4);
        }
        Some(removed)
    }
}

fn hashes(rows: &[Record]) -> impl Fn(u32) -> u64 {
    |row| spread(rows.get(row as usize).map_or(NOBODY, Record::user))
}

fn index_of(rows: &[Record]) -> Index {
    let mut index = Index::default();
    for (row, record) in rows.iter().enumerate().filter(|(_, record)| record.user() != NOBODY) {
        index.insert(spread(record.user()), number(row), &hashes(rows));
    }
    index
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn record(user: u64, session: u64) -> Record {
        Record::new(user, session, Said { left: 0, event: 0 }, Tick(0))
    }

    proptest! {
        #[test]
        fn any_history_equals_a_plain_list(
            steps in proptest::collection::vec((0..30_u64, any::<bool>()), 1..200)
        ) {
            let mut records = Records::default();
            let mut plain: Vec<(u64, u64)> = Vec::new();
            for (session, (user, adds)) in (0_u64..).zip(steps) {
                if adds {
                    records.add(record(user, session));
                    plain.push((user, session));
                } else {
                    let row = records.find(user, |_| true);
                    prop_assert_eq!(row.is_some(), plain.iter().any(|one| one.0 == user));
                    if let Some(removed) = row.and_then(|row| records.remove(row)) {
                        plain.retain(|one| !removed.is_session(one.1));
                    }
                }
                prop_assert_eq!(records.len(), plain.len());
                let mine: Vec<_> = plain.iter().filter(|one| one.0 == user).collect();
                prop_assert_eq!(records.count(user), mine.len());
                for one in mine {
                    prop_assert!(records.find(user, |it| it.is_session(one.1)).is_some());
                }
            }
        }
    }

    #[test]
    fn a_record_stays_small() {
        assert!(size_of::<Record>() <= 48, "{}", size_of::<Record>());
    }

    #[test]
    fn byte_05_a_report_that_differs_in_one_thing_is_no_repeat() {
        let report = |left, event| Record::new(1, 1, Said { left, event }, Tick(0));
        assert!(report(5, 0).repeats(&report(5, 0)));
        assert!(!report(5, 0).repeats(&report(4, 0)));
        assert!(!report(5, 0).repeats(&report(5, 2)));
        let mut more = report(5, 0);
        more.uploaded = 1;
        assert!(!report(5, 0).repeats(&more));
    }

    #[test]
    fn the_largest_user_is_somebody() {
        assert_eq!(record((1 << 40) - 1, 1).user(), (1 << 40) - 1);
        assert_eq!(record(NOBODY, 1).user(), NOBODY);
    }
}
