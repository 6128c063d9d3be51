//! Tables of a tracker that stands alone: what lists say, for anyone.

use crate::policy::tables::{Completed, Tables};
use crate::wire::InfoHash;
use crate::wire::record::{Release, ReleaseState};
use ahash::RandomState;

impl Tables {
    /// Serves `allowed` to anyone, or without a list everything; but never those of `denied`.
    #[must_use]
    pub fn of_lists(
        hasher: RandomState,
        allowed: Option<&[InfoHash]>,
        denied: &[InfoHash],
        completed: &Completed,
    ) -> Self {
        let mut tables = Self::new(hasher);
        tables.deny(denied);
        match allowed {
            Some(allowed) => tables.list(allowed.iter().map(|hash| {
                let completed = completed.get(hash).copied().unwrap_or(0);
                Release { completed_open: completed, ..open(*hash) }
            })),
            None => tables.serve_unlisted(completed.clone()),
        }
        tables
    }
}

/// A hash that anyone may share.
pub(super) fn open(hash: InfoHash) -> Release {
    Release {
        id: 0,
        v1: Some(hash),
        v2: None,
        state: Some(ReleaseState::Published),
        is_open: true,
        up_quarters: 4,
        down_quarters: 4,
        completed_open: 0,
        completed_members: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables(allowed: Option<&[InfoHash]>, denied: &[InfoHash]) -> Tables {
        let mut completed = Completed::with_hasher(RandomState::with_seeds(1, 2, 3, 4));
        completed.insert(InfoHash([1; 20]), 9);
        Tables::of_lists(RandomState::with_seeds(1, 2, 3, 4), allowed, denied, &completed)
    }

    #[test]
    fn abuse_01_a_list_serves_its_hashes_and_no_other() {
        let tables = tables(Some(&[InfoHash([1; 20]), InfoHash([2; 20]), InfoHash([1; 20])]), &[]);
        let completed = |byte| tables.release(&InfoHash([byte; 20])).map(|it| it.completed_open);
        assert_eq!([completed(1), completed(2), completed(3)], [Some(9), Some(0), None]);
    }

    #[test]
    fn without_a_list_everything_is_served_but_what_is_denied() {
        let tables = tables(None, &[InfoHash([3; 20])]);
        let release = |byte| tables.release(&InfoHash([byte; 20])).unwrap();
        assert_eq!((release(1).completed_open, release(2).completed_open), (9, 0));
        assert!(!tables.is_denied(&release(2)) && tables.is_denied(&release(3)));
        assert_eq!(tables.sizes().0, 0);
    }

    #[test]
    fn downloads_finished_since_are_told() {
        for allowed in [None, Some(&[InfoHash([1; 20])][..])] {
            let mut tables = tables(allowed, &[]);
            tables.note_completed(&InfoHash([1; 20]), 12);
            assert_eq!(tables.release(&InfoHash([1; 20])).unwrap().completed_open, 12);
        }
    }
}
