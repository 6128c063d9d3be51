//! What members' clients were refused or warned of, until the control plane fetches it.
//!
//! Bounded in all and for each account: a client that errs in many ways cannot
//! grow it, nor push the notes of others out. No address is kept.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Notes kept between two fetches.
const MOST: usize = 16_384;
/// Of these for one account.
const MOST_OF_ONE: u16 = 8;
/// Of these for all who prove no account, one for each kind of client and reason.
const MOST_OF_NOBODY: u16 = 1_024;

/// One thing that a client was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The account that the key proves; 0 for nobody.
    pub user: u64,
    /// What it was told, in a word.
    pub code: &'static str,
    /// The release, 0 when it is not known.
    pub release: u32,
    /// The first seven bytes of the info-hash.
    pub name: u64,
    /// The head of the peer id.
    pub client: [u8; 8],
    /// Protocol and family, as in a fact.
    pub flags: u8,
    /// Milliseconds since 1970.
    pub time_ms: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    user: u64,
    code: &'static str,
    subject: u64,
}

#[derive(Debug, Default)]
struct Held {
    notes: HashMap<Key, (Notice, u32)>,
    of_one: HashMap<u64, u16>,
    dropped: u64,
}

/// The notes of one tracker.
#[derive(Debug, Default)]
pub struct Notices(Mutex<Held>);

impl Notices {
    /// Keeps a note, or counts it once more; forgets it when there is no room.
    pub fn note(&self, notice: &Notice) {
        let is_nobody = notice.user == 0;
        let subject = if is_nobody { u64::from_be_bytes(notice.client) } else { notice.name };
        let key = Key { user: notice.user, code: notice.code, subject };
        let mut held = self.0.lock();
        let has_room = held.notes.len() < MOST;
        let Held { notes, of_one, dropped } = &mut *held;
        match notes.entry(key) {
            Entry::Occupied(mut entry) => {
                let (kept, count) = entry.get_mut();
                *kept = *notice;
                *count = count.saturating_add(1);
            }
            Entry::Vacant(entry) => {
                let own = of_one.entry(notice.user).or_default();
                let most = if is_nobody { MOST_OF_NOBODY } else { MOST_OF_ONE };
                if *own >= most || !has_room {
                    *dropped += 1;
                    return;
                }
                *own += 1;
                entry.insert((*notice, 1));
            }
        }
    }

    /// Takes all notes, each with how often it was told, the latest values kept.
    pub fn drain(&self) -> Vec<(Notice, u32)> {
        let held = std::mem::take(&mut *self.0.lock());
        let taken = held.notes.into_values().collect();
        self.0.lock().dropped += held.dropped;
        taken
    }

    /// Notes that found no room, since the start.
    pub fn dropped(&self) -> u64 {
        self.0.lock().dropped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(user: u64, name: u64) -> Notice {
        let client = *b"-qB4650-";
        Notice { user, code: "unlisted", release: 0, name, client, flags: 0, time_ms: name }
    }

    #[test]
    fn what_is_told_again_is_one_note_with_a_count() {
        let notices = Notices::default();
        for _ in 0..3 {
            notices.note(&notice(7, 1));
        }
        assert_eq!(notices.drain(), [(notice(7, 1), 3)]);
        assert!(notices.drain().is_empty());
    }

    #[test]
    fn abuse_03_a_client_that_errs_in_many_ways_takes_its_own_room_only() {
        let notices = Notices::default();
        for name in 0..100_000 {
            notices.note(&notice(7, name));
        }
        notices.note(&notice(8, 1));
        assert_eq!(notices.drain().len(), usize::from(MOST_OF_ONE) + 1);
        assert_eq!(notices.dropped(), 100_000 - u64::from(MOST_OF_ONE));
    }

    #[test]
    fn strangers_are_counted_by_kind_of_client() {
        let notices = Notices::default();
        for name in 0..50 {
            notices.note(&notice(0, name));
        }
        let drained = notices.drain();
        assert_eq!((drained.len(), drained[0].1), (1, 50));
    }
}
