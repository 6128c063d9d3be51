//! What a tracker that stands alone serves to anyone: listed hashes, or all.

use crate::policy::tables::Tables;
use crate::wire::InfoHash;
use crate::wire::list::{self, BadLine};
use crate::wire::record::{Release, ReleaseState};
use ahash::RandomState;
use std::collections::{HashMap, HashSet};

/// Sets by the last byte of their hashes: each is small enough to stay in a cache while it is
/// filled, and a million hashes wait for no memory.
const PARTS: usize = 32;

/// Downloads finished, by hash.
pub type Completed = HashMap<InfoHash, u32, RandomState>;

/// Hashes of a list.
#[derive(Debug)]
pub struct Hashes(Box<[HashSet<InfoHash, RandomState>; PARTS]>);

impl Hashes {
    /// None.
    #[must_use]
    pub fn new(hasher: &RandomState) -> Self {
        Self(Box::new(std::array::from_fn(|_| HashSet::with_hasher(hasher.clone()))))
    }

    /// Those of a file's text.
    ///
    /// # Errors
    ///
    /// The first line that holds something else.
    pub fn read(text: &[u8], hasher: &RandomState) -> Result<Self, BadLine> {
        let room = list::size(text) / PARTS;
        let room = room + room / 16;
        let mut sorted: [Vec<InfoHash>; PARTS] = std::array::from_fn(|_| Vec::with_capacity(room));
        for hash in list::hashes(text) {
            let hash = hash?;
            if let Some(part) = sorted.get_mut(part_of(&hash)) {
                part.push(hash);
            }
        }
        let mut all = Self::new(hasher);
        for (part, found) in all.0.iter_mut().zip(sorted) {
            part.extend(found);
        }
        Ok(all)
    }

    /// Whether it is one of them.
    #[must_use]
    pub fn contains(&self, hash: &InfoHash) -> bool {
        self.0.get(part_of(hash)).is_some_and(|part| part.contains(hash))
    }

    /// Adds one.
    pub fn insert(&mut self, hash: InfoHash) {
        if let Some(part) = self.0.get_mut(part_of(&hash)) {
            part.insert(hash);
        }
    }

    /// Takes one out.
    pub fn remove(&mut self, hash: &InfoHash) {
        if let Some(part) = self.0.get_mut(part_of(hash)) {
            part.remove(hash);
        }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.iter().map(HashSet::len).sum()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(HashSet::is_empty)
    }
}

fn part_of(hash: &InfoHash) -> usize {
    let [.., last] = hash.0;
    usize::from(last) % PARTS
}

/// What is served; the hashes lie in the table itself, because a list holds millions.
#[derive(Debug)]
pub struct Lists {
    /// `None` serves all.
    allowed: Option<Hashes>,
    pub(super) completed: Completed,
}

impl Lists {
    /// A hash that is served, as a release that anyone may share.
    pub(super) fn release(&self, hash: &InfoHash) -> Option<Release> {
        if self.allowed.as_ref().is_some_and(|allowed| !allowed.contains(hash)) {
            return None;
        }
        Some(Release {
            id: 0,
            v1: Some(*hash),
            v2: None,
            state: Some(ReleaseState::Published),
            is_open: true,
            up_quarters: 4,
            down_quarters: 4,
            completed_open: self.completed.get(hash).copied().unwrap_or(0),
            completed_members: 0,
        })
    }

    pub(super) fn len(&self) -> usize {
        self.allowed.as_ref().map_or(0, Hashes::len)
    }
}

impl Tables {
    /// Serves `allowed` to anyone, or without a list everything; but never those of `denied`.
    #[must_use]
    pub fn of_lists(
        hasher: RandomState,
        allowed: Option<Hashes>,
        denied: Hashes,
        completed: Completed,
    ) -> Self {
        let mut tables = Self::new(hasher);
        tables.denied = denied;
        tables.lists = Some(Lists { allowed, completed });
        tables
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seeds() -> RandomState {
        RandomState::with_seeds(1, 2, 3, 4)
    }

    fn hashes(bytes: &[u8]) -> Hashes {
        let mut hashes = Hashes::new(&seeds());
        for byte in bytes {
            hashes.insert(InfoHash([*byte; 20]));
        }
        hashes
    }

    fn tables(allowed: Option<&[u8]>, denied: &[u8]) -> Tables {
        let mut completed = Completed::with_hasher(seeds());
        completed.insert(InfoHash([1; 20]), 9);
        Tables::of_lists(seeds(), allowed.map(hashes), hashes(denied), completed)
    }

    #[test]
    fn abuse_01_a_list_serves_its_hashes_and_no_other() {
        let tables = tables(Some(&[1, 2]), &[]);
        let completed = |byte| tables.release(&InfoHash([byte; 20])).map(|it| it.completed_open);
        assert_eq!([completed(1), completed(2), completed(3)], [Some(9), Some(0), None]);
        assert_eq!(tables.sizes().0, 2);
    }

    #[test]
    fn a_list_as_read_holds_each_hash_once_and_names_a_bad_line() {
        let hashes = |bytes: std::ops::RangeInclusive<u8>| bytes.map(|byte| InfoHash([byte; 20]));
        let lines: Vec<_> = hashes(0..=255).chain(hashes(7..=9)).collect();
        let line = |hash: &InfoHash| hash.0.map(|byte| format!("{byte:02x}")).concat() + "\n";
        let text: String = lines.iter().map(line).collect();

        let mut read = Hashes::read(text.as_bytes(), &seeds()).unwrap();

        assert_eq!(read.len(), 256);
        assert!(hashes(0..=255).all(|hash| read.contains(&hash)));
        for hash in hashes(0..=255) {
            read.remove(&hash);
        }
        assert!(read.is_empty() && !read.contains(&InfoHash([8; 20])));
        let bad = format!("{text}noise\n");
        assert_eq!(Hashes::read(bad.as_bytes(), &seeds()).err(), Some(BadLine(260)));
    }

    #[test]
    fn without_a_list_everything_is_served_but_what_is_denied() {
        let tables = tables(None, &[3]);
        let release = |byte| tables.release(&InfoHash([byte; 20])).unwrap();
        assert_eq!((release(1).completed_open, release(2).completed_open), (9, 0));
        assert!(!tables.is_denied(&release(2)) && tables.is_denied(&release(3)));
        assert_eq!(tables.sizes().0, 0);
    }

    #[test]
    fn downloads_finished_since_are_told() {
        for allowed in [None, Some(&[1][..])] {
            let mut tables = tables(allowed, &[]);
            tables.note_completed(&InfoHash([1; 20]), 12);
            tables.note_completed(&InfoHash([1; 20]), 11);
            assert_eq!(tables.release(&InfoHash([1; 20])).unwrap().completed_open, 12);
        }
    }
}
