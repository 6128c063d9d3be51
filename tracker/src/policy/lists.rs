//! What a tracker that stands alone serves to anyone: listed hashes, or all.

use crate::policy::tables::Tables;
use crate::wire::InfoHash;
use crate::wire::record::{Release, ReleaseState};
use ahash::RandomState;
use std::collections::{HashMap, HashSet};

/// Hashes of a list.
pub type Hashes = HashSet<InfoHash, RandomState>;
/// Downloads finished, by hash.
pub type Completed = HashMap<InfoHash, u32, RandomState>;

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
        self.allowed.as_ref().map_or(0, HashSet::len)
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
        let mut hashes = Hashes::with_hasher(seeds());
        hashes.extend(bytes.iter().map(|byte| InfoHash([*byte; 20])));
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
