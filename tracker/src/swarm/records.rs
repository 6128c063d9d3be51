//! Peers known by more than an address: members' clients, and open clients seen on both families.

use crate::clock::Tick;
use crate::swarm::peers::Seen;
use hashbrown::HashTable;

/// Below this many records a search beats an index.
const INDEXED_FROM: usize = 16;
/// The user of a record that belongs to nobody: an open client with two addresses.
pub(super) const NOBODY: u64 = u64::MAX;

/// One logical peer with up to two addresses, counted once (ID-4).
#[derive(Clone, Debug)]
pub(super) struct Record {
    pub(super) user: u64,
    pub(super) session: u64,
    pub(super) uploaded: u64,
    pub(super) downloaded: u64,
    pub(super) left: u64,
    /// When the journal last heard of it.
    pub(super) told: Tick,
    pub(super) v4: Option<[u8; 6]>,
    pub(super) v6: Option<Box<[u8; 18]>>,
    pub(super) seen: Seen,
    pub(super) event: u8,
    pub(super) is_seeder: bool,
    /// Seen as a leecher and not counted as completed since (EVT-1).
    pub(super) may_complete: bool,
}

/// The records of one swarm, found by user: a user has few in one swarm (ID-13).
#[derive(Debug, Default)]
pub(super) struct Records {
    rows: Vec<Record>,
    by_user: Option<HashTable<u32>>,
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

    /// The rows of a user's clients.
    pub(super) fn of_user(&self, user: u64) -> impl Iterator<Item = u32> {
        let indexed = self.by_user.iter().flat_map(move |index| {
            index.iter_hash(hash(user)).copied().filter(move |row| self.is_of(*row, user))
        });
        let searched = if self.by_user.is_some() { 0 } else { number(self.rows.len()) };
        indexed.chain((0..searched).filter(move |row| self.is_of(*row, user)))
    }

    fn is_of(&self, row: u32, user: u64) -> bool {
        self.get(row).is_some_and(|record| record.user == user)
    }

    pub(super) fn add(&mut self, record: Record) -> u32 {
        let row = number(self.rows.len());
        self.rows.push(record);
        match &mut self.by_user {
            Some(index) => insert(index, &self.rows, row),
            None if self.rows.len() > INDEXED_FROM => {
                let mut index = HashTable::with_capacity(self.rows.len() * 2);
                for row in 0..number(self.rows.len()) {
                    insert(&mut index, &self.rows, row);
                }
                self.by_user = Some(index);
            }
            None => {}
        }
        row
    }

    /// Removes a row; the last one takes its place, and its addresses must then be told.
    pub(super) fn remove(&mut self, row: u32) -> Option<Record> {
        let last = number(self.rows.len()).checked_sub(1)?;
        self.unindex(row);
        if row != last
            && let (Some(index), Some(moved)) = (&mut self.by_user, self.rows.get(last as usize))
            && moved.user != NOBODY
            && let Some(slot) = index.find_mut(hash(moved.user), |held| *held == last)
        {
            *slot = row;
        }
        (row <= last).then(|| self.rows.swap_remove(row as usize))
    }

    fn unindex(&mut self, row: u32) {
        let (Some(index), Some(record)) = (&mut self.by_user, self.rows.get(row as usize)) else {
            return;
        };
        if let Ok(entry) = index.find_entry(hash(record.user), |held| *held == row) {
            entry.remove();
        }
    }
}

fn insert(index: &mut HashTable<u32>, rows: &[Record], row: u32) {
    let user = |row: u32| rows.get(row as usize).map_or(NOBODY, |record| record.user);
    // Nobody's records are never looked up by user, and would all collide.
    if user(row) != NOBODY {
        index.insert_unique(hash(user(row)), row, |held| hash(user(*held)));
    }
}

/// The site numbers its users, so spreading suffices; a multiplier spreads them.
fn hash(user: u64) -> u64 {
    (user ^ (user >> 29)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(26)
}

fn number(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn record(user: u64, session: u64) -> Record {
        Record {
            user,
            session,
            uploaded: 0,
            downloaded: 0,
            left: 0,
            told: Tick(0),
            v4: None,
            v6: None,
            seen: Seen::default(),
            event: 0,
            is_seeder: false,
            may_complete: false,
        }
    }

    proptest! {
        #[test]
        fn any_history_equals_a_plain_list(
            steps in proptest::collection::vec((0..30_u64, any::<bool>()), 1..200)
        ) {
            let mut records = Records::default();
            let mut plain: Vec<(u64, u64)> = Vec::new();
            for (session, (user, adds)) in steps.into_iter().enumerate() {
                let session = session as u64;
                if adds {
                    records.add(record(user, session));
                    plain.push((user, session));
                } else {
                    let row = records.of_user(user).next();
                    prop_assert_eq!(row.is_some(), plain.iter().any(|one| one.0 == user));
                    if let Some(removed) = row.and_then(|row| records.remove(row)) {
                        plain.retain(|one| one.1 != removed.session);
                    }
                }
                prop_assert_eq!(records.len(), plain.len());
                let mut held: Vec<_> = records
                    .of_user(user)
                    .map(|row| records.get(row).unwrap().session)
                    .collect();
                held.sort_unstable();
                let expected: Vec<_> =
                    plain.iter().filter(|one| one.0 == user).map(|one| one.1).collect();
                prop_assert_eq!(held, expected);
            }
        }
    }

    #[test]
    fn a_record_stays_small() {
        assert!(size_of::<Record>() <= 72, "{}", size_of::<Record>());
    }
}
