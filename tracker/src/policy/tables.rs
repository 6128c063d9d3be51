//! Compact tables: info-hash to release, user to account, denied hashes.
//!
//! A row of accounts takes 16 bytes and one of releases 60; the indexes hold
//! row numbers only. Lookups hash with a key, because strangers choose what
//! they look up.

use crate::policy::lists::{Hashes, Lists};
use crate::wire::InfoHash;
use crate::wire::record::{Account, AccountState, Language, Release, ReleaseState};
use ahash::RandomState;
use hashbrown::HashTable;

/// What may happen, as of one point of the control plane's history.
#[derive(Debug)]
pub struct Tables {
    hasher: RandomState,
    releases: Vec<Release>,
    by_hash: HashTable<Name>,
    by_id: HashTable<u32>,
    accounts: HashTable<Row>,
    pub(super) denied: Hashes,
    /// Where a tracker stands alone: what it serves to anyone.
    pub(super) lists: Option<Lists>,
}

/// Changes to apply together.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// Releases to add, replace or, without a state, forget.
    pub releases: Vec<Release>,
    /// Accounts to add or replace.
    pub accounts: Vec<Account>,
    /// Hashes to refuse whatever their release says.
    pub denied: Vec<InfoHash>,
    /// Hashes no longer refused so.
    pub permitted: Vec<InfoHash>,
}

impl Tables {
    /// Empty tables under a random key.
    #[must_use]
    pub fn new(hasher: RandomState) -> Self {
        Self {
            releases: Vec::new(),
            by_hash: HashTable::new(),
            by_id: HashTable::new(),
            accounts: HashTable::new(),
            denied: Hashes::new(&hasher),
            lists: None,
            hasher,
        }
    }

    /// The release an info-hash names: v1, or v2 cut to 20 bytes.
    #[must_use]
    pub fn release(&self, info_hash: &InfoHash) -> Option<Release> {
        match self.row_of_hash(info_hash) {
            Some(row) => self.releases.get(row as usize).copied(),
            None => self.lists.as_ref()?.release(info_hash),
        }
    }

    /// The row that most likely is that of an info-hash, by a part of it only; for reading ahead.
    pub(super) fn guess(&self, info_hash: &InfoHash) -> Option<u32> {
        self.by_hash.find(self.hasher.hash_one(info_hash), |_| true).map(|name| name.row())
    }

    /// Reads a row; for reading ahead.
    pub(super) fn approach(&self, row: u32) -> u32 {
        self.releases.get(row as usize).map_or(0, |release| release.id ^ release.completed_members)
    }

    /// The account of a user.
    #[must_use]
    pub fn account(&self, user: u64) -> Option<Account> {
        self.accounts.find(self.hasher.hash_one(user), |row| row.user() == user).map(Row::account)
    }

    /// Whether any hash of a release is denied: the second gate.
    #[must_use]
    pub fn is_denied(&self, release: &Release) -> bool {
        !self.denied.is_empty()
            && [release.v1, release.v2].iter().flatten().any(|hash| self.denied.contains(hash))
    }

    /// Takes in downloads finished since, of hashes without a row; a count never goes down (SCR-4).
    pub fn note_completed(&mut self, hash: &InfoHash, count: u32) {
        if let Some(lists) = &mut self.lists {
            let slot = lists.completed.entry(*hash).or_default();
            *slot = count.max(*slot);
        }
    }

    /// Rows held: releases, accounts, denied hashes.
    #[must_use]
    pub fn sizes(&self) -> (usize, usize, usize) {
        let listed = self.lists.as_ref().map_or(0, Lists::len);
        (self.releases.len() + listed, self.accounts.len(), self.denied.len())
    }

    /// Applies changes and returns the swarms to purge: those of releases no longer served (TRK-3).
    pub fn apply(&mut self, changes: &Changes) -> Vec<InfoHash> {
        for account in &changes.accounts {
            self.put_account(account);
        }
        for hash in &changes.permitted {
            self.denied.remove(hash);
        }
        for hash in &changes.denied {
            self.denied.insert(*hash);
        }
        let mut purged = Vec::new();
        for release in &changes.releases {
            purged.extend(self.put_release(*release));
        }
        purged.extend(
            changes.denied.iter().filter_map(|hash| self.release(hash)).map(|one| one.canonical()),
        );
        purged
    }

    fn put_account(&mut self, account: &Account) {
        let hasher = &self.hasher;
        let row = Row::new(account);
        self.accounts
            .entry(
                hasher.hash_one(account.user),
                |held| held.user() == account.user,
                |held| hasher.hash_one(held.user()),
            )
            .insert(row);
    }

    /// Adds, replaces or forgets a release; returns the swarms that must not outlive the change.
    fn put_release(&mut self, release: Release) -> Vec<InfoHash> {
        let mut purged = Vec::new();
        let held = self.row_of_id(release.id);
        if let Some(old) = held.and_then(|row| self.releases.get(row as usize)).copied() {
            if release.state != Some(ReleaseState::Published)
                || old.canonical() != release.canonical()
            {
                purged.push(old.canonical());
            }
            self.unindex_hashes(held.unwrap_or_default(), &old);
        }
        match (held, release.state) {
            (Some(row), None) => self.forget(row, release.id),
            (Some(row), Some(_)) => {
                if let Some(slot) = self.releases.get_mut(row as usize) {
                    *slot = release;
                }
                self.index_hashes(row, &release);
            }
            (None, None) => {}
            (None, Some(_)) => self.add(release),
        }
        purged
    }

    fn add(&mut self, release: Release) {
        let Ok(row) = u32::try_from(self.releases.len()) else {
            return;
        };
        self.releases.push(release);
        let Self { by_id, hasher, releases, .. } = self;
        by_id.insert_unique(hasher.hash_one(release.id), row, |row| {
            hasher.hash_one(releases.get(*row as usize).map_or(0, |one| one.id))
        });
        self.index_hashes(row, &release);
    }

    /// Removes a row whose hashes are no longer indexed; the last row takes its place.
    fn forget(&mut self, row: u32, id: u32) {
        if let Ok(entry) = self.by_id.find_entry(self.hasher.hash_one(id), |held| *held == row) {
            entry.remove();
        }
        self.releases.swap_remove(row as usize);
        let Some(moved) = self.releases.get(row as usize).copied() else {
            return;
        };
        let last = u32::try_from(self.releases.len()).unwrap_or(u32::MAX);
        for name in Name::all(last) {
            let Some(hash) = name.of(&moved) else {
                continue;
            };
            if let Some(held) = self.by_hash.find_mut(self.hasher.hash_one(hash), |it| *it == name)
            {
                *held = name.moved_to(row);
            }
        }
        if let Some(held) = self.by_id.find_mut(self.hasher.hash_one(moved.id), |it| *it == last) {
            *held = row;
        }
    }

    fn row_of_hash(&self, info_hash: &InfoHash) -> Option<u32> {
        self.by_hash
            .find(self.hasher.hash_one(info_hash), |name| {
                name.hash_in(&self.releases) == Some(*info_hash)
            })
            .map(|name| name.row())
    }

    fn row_of_id(&self, id: u32) -> Option<u32> {
        self.by_id
            .find(self.hasher.hash_one(id), |row| {
                self.releases.get(*row as usize).is_some_and(|one| one.id == id)
            })
            .copied()
    }

    fn index_hashes(&mut self, row: u32, release: &Release) {
        for name in Name::all(row) {
            let Some(hash) = name.of(release) else {
                continue;
            };
            // Two releases cannot share a hash: the first listed keeps it.
            if self.row_of_hash(&hash).is_none() {
                let Self { by_hash, hasher, releases, .. } = self;
                by_hash.insert_unique(hasher.hash_one(hash), name, |held| {
                    hasher.hash_one(held.hash_in(releases).unwrap_or_default())
                });
            }
        }
    }

    fn unindex_hashes(&mut self, row: u32, release: &Release) {
        for name in Name::all(row) {
            let Some(hash) = name.of(release) else {
                continue;
            };
            let entry = self.by_hash.find_entry(self.hasher.hash_one(hash), |held| *held == name);
            if let Ok(entry) = entry {
                entry.remove();
            }
        }
    }
}

/// One of a row's hashes: the row, and in the lowest bit which (0 v1, 1 v2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Name(u32);

impl Name {
    fn all(row: u32) -> [Self; 2] {
        [Self(row << 1), Self((row << 1) | 1)]
    }

    fn row(self) -> u32 {
        self.0 >> 1
    }

    fn moved_to(self, row: u32) -> Self {
        Self((row << 1) | (self.0 & 1))
    }

    fn of(self, release: &Release) -> Option<InfoHash> {
        if self.0 & 1 == 0 { release.v1 } else { release.v2 }
    }

    fn hash_in(self, releases: &[Release]) -> Option<InfoHash> {
        releases.get(self.row() as usize).and_then(|release| self.of(release))
    }
}

const ANNOUNCES: u8 = 1;
const LEECHES: u8 = 2;
const ENGLISH: u8 = 4;
const SUSPENDED: u8 = 8;
const GONE: u8 = 16;

/// An account in 16 bytes.
#[derive(Clone, Copy, Debug)]
struct Row {
    user_low: u32,
    grace_until_s: u32,
    key_version: u16,
    previous_key_version: u16,
    user_high: u8,
    flags: u8,
    max_locations: u8,
}

impl Row {
    fn new(account: &Account) -> Self {
        let [_, _, _, user_high, a, b, c, d] = account.user.to_be_bytes();
        let standing = match account.state {
            AccountState::Active => 0,
            AccountState::Suspended => SUSPENDED,
            AccountState::Gone => GONE,
        };
        let flag = |is_set: bool, bit: u8| if is_set { bit } else { 0 };
        Self {
            user_low: u32::from_be_bytes([a, b, c, d]),
            user_high,
            grace_until_s: account.grace_until_s,
            key_version: account.key_version,
            previous_key_version: account.previous_key_version,
            flags: standing
                | flag(account.may_announce, ANNOUNCES)
                | flag(account.may_leech, LEECHES)
                | flag(account.language == Language::English, ENGLISH),
            max_locations: account.max_locations,
        }
    }

    fn user(&self) -> u64 {
        u64::from(self.user_high) << 32 | u64::from(self.user_low)
    }

    fn account(&self) -> Account {
        let has = |bit: u8| self.flags & bit != 0;
        Account {
            user: self.user(),
            key_version: self.key_version,
            previous_key_version: self.previous_key_version,
            grace_until_s: self.grace_until_s,
            state: match (has(SUSPENDED), has(GONE)) {
                (_, true) => AccountState::Gone,
                (true, false) => AccountState::Suspended,
                (false, false) => AccountState::Active,
            },
            may_announce: has(ANNOUNCES),
            may_leech: has(LEECHES),
            language: if has(ENGLISH) { Language::English } else { Language::French },
            max_locations: self.max_locations,
        }
    }
}

#[cfg(test)]
mod tests;
