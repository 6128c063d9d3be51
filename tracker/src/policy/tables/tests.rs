use super::*;
use proptest::prelude::*;
use std::collections::HashMap;

fn tables() -> Tables {
    Tables::new(RandomState::with_seeds(1, 2, 3, 4))
}

fn release(id: u32, v1: Option<u8>, v2: Option<u8>, state: Option<ReleaseState>) -> Release {
    Release {
        id,
        v1: v1.map(|byte| InfoHash([byte; 20])),
        v2: v2.map(|byte| InfoHash([byte; 20])),
        state,
        is_open: false,
        up_quarters: 4,
        down_quarters: 4,
        completed_open: 0,
        completed_members: 0,
    }
}

fn changes(releases: Vec<Release>) -> Changes {
    Changes { releases, ..Changes::default() }
}

const PUBLISHED: Option<ReleaseState> = Some(ReleaseState::Published);

#[test]
fn v2_02_both_hashes_of_a_hybrid_name_one_release() {
    let mut tables = tables();
    tables.apply(&changes(vec![release(7, Some(1), Some(2), PUBLISHED)]));
    assert_eq!(tables.release(&InfoHash([1; 20])), tables.release(&InfoHash([2; 20])));
    assert_eq!(tables.release(&InfoHash([2; 20])).unwrap().canonical(), InfoHash([1; 20]));
}

#[test]
fn a_release_that_is_no_longer_served_is_to_be_purged() {
    let mut tables = tables();
    assert!(tables.apply(&changes(vec![release(7, Some(1), None, PUBLISHED)])).is_empty());
    let gone = changes(vec![release(7, Some(1), None, Some(ReleaseState::Removed))]);
    assert_eq!(tables.apply(&gone), [InfoHash([1; 20])]);
    let denied = Changes { denied: vec![InfoHash([1; 20])], ..Changes::default() };
    assert_eq!(tables.apply(&denied), [InfoHash([1; 20])]);
}

#[test]
fn an_account_reads_back_from_its_row() {
    let account = Account {
        user: (1 << 40) - 2,
        key_version: 7,
        previous_key_version: 6,
        grace_until_s: 5,
        state: AccountState::Suspended,
        may_announce: true,
        may_leech: false,
        language: Language::English,
        max_locations: 9,
    };
    let mut tables = tables();
    tables.apply(&Changes { accounts: vec![account], ..Changes::default() });
    assert_eq!(tables.account(account.user), Some(account));
    assert_eq!(size_of::<Row>(), 16);
    assert_eq!(size_of::<Release>(), 60);
}

proptest! {
    #[test]
    fn any_history_of_changes_equals_a_plain_map(
        steps in proptest::collection::vec((0..6_u32, 0..3_u8), 1..60)
    ) {
        let mut tables = tables();
        let mut plain = HashMap::new();
        for (id, kind) in steps {
            // Each id owns two hashes, so that no two releases claim one.
            let byte = u8::try_from(id * 2 + 1).unwrap();
            let (v1, v2) = match kind {
                0 => (Some(byte), None),
                1 => (None, Some(byte + 1)),
                _ => (Some(byte), Some(byte + 1)),
            };
            let is_forgotten = kind == 0 && plain.contains_key(&id);
            let one = release(id, v1, v2, if is_forgotten { None } else { PUBLISHED });
            tables.apply(&changes(vec![one]));
            if is_forgotten { plain.remove(&id); } else { plain.insert(id, one); }
        }
        prop_assert_eq!(tables.sizes().0, plain.len());
        for byte in 0..14_u8 {
            let hash = InfoHash([byte; 20]);
            let expected = plain.values().find(|one| one.v1 == Some(hash) || one.v2 == Some(hash));
            prop_assert_eq!(tables.release(&hash), expected.copied());
        }
    }
}
