//! What accounts do over time, in a table of fixed size: peer lists taken (ABUSE-5), also those
//! that nothing came of (BYTE-13), and networks a key comes from (ID-14).

use crate::clock::Tick;
use crate::config::{Config, NETWORKS, Quota, WINDOWS};
use crate::wire::Announce;
use ahash::RandomState;
use parking_lot::Mutex;
use std::hint::black_box;
use std::net::IpAddr;

const STRIPES: usize = 64;
const SETS: usize = 256;
const WAYS: usize = 4;
/// A network is forgotten after an hour without an announce.
const HOUR_S: u32 = 3_600;
/// Over which lists fade that nothing came of.
const DAY_S: u32 = 86_400;

/// Rows that an account may be in; whose they are stands apart, in one line of the cache.
#[derive(Clone, Copy, Debug, Default)]
struct Set {
    tags: [u64; WAYS],
    rows: [Row; WAYS],
}

/// An account's row: since when, how many lists for each quota and how many in vain, and its
/// networks with the minute they were last seen in.
#[derive(Clone, Copy, Debug, Default)]
struct Row {
    at: u32,
    lists: [f32; WINDOWS],
    in_vain: f32,
    networks: [[(u16, u16); NETWORKS]; 2],
}

/// What is worth telling of an announce.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Noted {
    /// It has taken its share of peer lists.
    pub(super) is_over_quota: bool,
    /// It takes list after list, and none of its clients ever moved a byte.
    pub(super) is_ghost: bool,
    /// It came from one network more than an account should be in within an hour.
    pub(super) is_spread: bool,
}

/// What an announce does, as far as habits go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Doing {
    takes_list: bool,
    lacks: bool,
    has_moved: bool,
}

impl Doing {
    pub(super) fn of(announce: &Announce, takes_list: bool) -> Self {
        let has_moved = announce.uploaded > 0 || announce.downloaded > 0;
        Self { takes_list, lacks: announce.left > 0, has_moved }
    }

    /// Counts a list that one takes who lacks everything and gave nothing; any byte moved by any
    /// client of the account clears it.
    fn is_in_vain(self, row: &mut Row) -> bool {
        if self.has_moved {
            row.in_vain = 0.0;
        }
        let is_it = self.takes_list && self.lacks && !self.has_moved;
        row.in_vain += f32::from(u8::from(is_it));
        is_it
    }
}

type Stripe = Mutex<Box<[Set]>>;

/// The habits of every account that was seen of late.
#[derive(Debug)]
pub(super) struct Habits {
    stripes: Box<[Stripe]>,
    hasher: RandomState,
    quotas: Vec<Quota>,
    networks: usize,
    in_vain: f32,
}

impl Habits {
    /// Without a bound of any kind nothing is kept.
    pub(super) fn new(hasher: RandomState, config: &Config) -> Self {
        let networks = usize::from(config.networks_per_hour).min(NETWORKS);
        let in_vain = seconds(config.lists_in_vain);
        let is_idle = config.list_quotas.is_empty() && networks == 0 && config.lists_in_vain == 0;
        let stripes = if is_idle { 0 } else { STRIPES };
        let stripe = || Mutex::new(vec![Set::default(); SETS].into());
        let quotas = config.list_quotas.iter().take(WINDOWS).copied().collect();
        let stripes = (0..stripes).map(|_| stripe()).collect();
        Self { stripes, hasher, quotas, networks, in_vain }
    }

    /// Notes an announce of an account, and whether it would be given peers.
    pub(super) fn note(&self, user: u64, ip: IpAddr, doing: Doing, now: Tick) -> Noted {
        let tag = self.tag(user);
        let Some(stripe) = self.stripes.get(stripe_of(tag)) else {
            return Noted::default();
        };
        let mut sets = stripe.lock();
        let Some(row) = sets.get_mut(set_of(tag)).and_then(|set| set.row(tag, now)) else {
            return Noted::default();
        };
        self.fade(row, now);
        Noted {
            is_over_quota: doing.takes_list && !self.take(row),
            is_ghost: self.in_vain > 0.0 && doing.is_in_vain(row) && row.in_vain > self.in_vain,
            is_spread: self.networks > 0 && self.is_new_place(row, ip, now),
        }
    }

    /// Reads what [`Habits::note`] will read, unless another thread is at it; for reading ahead.
    pub(super) fn approach(&self, user: u64) {
        let tag = self.tag(user);
        if let Some(sets) = self.stripes.get(stripe_of(tag)).and_then(Mutex::try_lock)
            && let Some(set) = sets.get(set_of(tag))
        {
            let row = set.tags.iter().position(|held| *held == tag).unwrap_or(0);
            black_box(set.rows.get(row).map(|row| row.at));
        }
    }

    fn tag(&self, user: u64) -> u64 {
        self.hasher.hash_one(user) | 1
    }

    fn fade(&self, row: &mut Row, now: Tick) {
        let elapsed = now.since(Tick(row.at));
        if elapsed == 0 {
            return;
        }
        row.at = now.0;
        for (level, quota) in row.lists.iter_mut().zip(&self.quotas) {
            *level *= (-seconds(elapsed) / seconds(quota.seconds)).exp();
        }
        row.in_vain *= (-seconds(elapsed) / seconds(DAY_S)).exp();
    }

    /// Counts one more list, if every quota has room for it.
    fn take(&self, row: &mut Row) -> bool {
        let is_full = |(level, quota): (&f32, &Quota)| *level + 1.0 > seconds(quota.lists);
        if row.lists.iter().zip(&self.quotas).any(is_full) {
            return false;
        }
        row.lists.iter_mut().zip(&self.quotas).for_each(|(level, _)| *level += 1.0);
        true
    }

    /// Whether this network is new, while as many as are allowed were seen within the hour.
    fn is_new_place(&self, row: &mut Row, ip: IpAddr, now: Tick) -> bool {
        let Some(held) = row.networks.get_mut(usize::from(ip.is_ipv6())) else { return false };
        let held = held.get_mut(..self.networks).unwrap_or_default();
        let (network, minute) = (self.network(ip), minute(now));
        if let Some((_, seen)) = held.iter_mut().find(|(it, _)| *it == network) {
            *seen = minute;
            return false;
        }
        let age = |(known, seen): &(u16, u16)| match known {
            0 => u16::MAX,
            _ => minute.wrapping_sub(*seen),
        };
        let Some(oldest) = held.iter_mut().max_by_key(|it| age(it)) else { return false };
        let is_fresh = u32::from(age(oldest)) * 60 < HOUR_S;
        *oldest = (network, minute);
        is_fresh
    }

    /// An IPv4 /24 or an IPv6 /48, in a word that tells nobody which; never 0.
    fn network(&self, ip: IpAddr) -> u16 {
        let prefix = match ip {
            IpAddr::V4(v4) => u64::from(u32::from(v4) >> 8),
            IpAddr::V6(v6) => {
                let [a, b, c, ..] = v6.segments();
                [a, b, c].into_iter().fold(0, |prefix, part| (prefix << 16) | u64::from(part))
            }
        };
        u16::try_from(self.hasher.hash_one(prefix) >> 48).unwrap_or(1).max(1)
    }
}

impl Set {
    /// The row of a tag: its own, or that which was silent for longest, emptied.
    fn row(&mut self, tag: u64, now: Tick) -> Option<&mut Row> {
        if let Some(at) = self.tags.iter().position(|held| *held == tag) {
            return self.rows.get_mut(at);
        }
        let rows = self.tags.iter_mut().zip(&mut self.rows);
        let (held, row) = rows.min_by_key(|(held, row)| (**held != 0, row.at))?;
        (*held, *row) = (tag, Row { at: now.0, ..Row::default() });
        Some(row)
    }
}

fn stripe_of(tag: u64) -> usize {
    usize::try_from((tag >> 56) % STRIPES as u64).unwrap_or(0)
}

fn set_of(tag: u64) -> usize {
    usize::try_from((tag >> 32) % SETS as u64).unwrap_or(0)
}

/// The minute of a tick; wraps after 45 days, which an hour does not mind.
fn minute(now: Tick) -> u16 {
    u16::try_from((now.0 / 60) & 0xffff).unwrap_or(0)
}

#[expect(clippy::cast_precision_loss, reason = "a share of a quota, to a millionth")]
fn seconds(count: u32) -> f32 {
    count as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUOTAS: [Quota; 2] =
        [Quota { lists: 3, seconds: 60 }, Quota { lists: 5, seconds: 86_400 }];

    const LIST: Doing = Doing { takes_list: true, lacks: true, has_moved: false };
    const NO_LIST: Doing = Doing { takes_list: false, ..LIST };

    fn habits(networks: u8) -> Habits {
        kept(&QUOTAS, networks, 0)
    }

    fn kept(quotas: &[Quota], networks_per_hour: u8, lists_in_vain: u32) -> Habits {
        let list_quotas = quotas.to_vec();
        let config = Config { list_quotas, networks_per_hour, lists_in_vain, ..Config::default() };
        Habits::new(RandomState::with_seeds(1, 2, 3, 4), &config)
    }

    fn is_ghost(habits: &Habits, doing: Doing, tick: u32) -> bool {
        habits.note(7, "192.0.2.1".parse().unwrap(), doing, Tick(tick)).is_ghost
    }

    #[test]
    fn byte_13_who_takes_lists_and_never_moves_a_byte_is_a_ghost_until_one_moves() {
        let habits = kept(&[], 0, 10);
        assert!((0..10).all(|tick| !is_ghost(&habits, LIST, tick)));
        assert!(is_ghost(&habits, LIST, 10));
        assert!(!is_ghost(&habits, NO_LIST, 10), "it takes nothing");
        assert!(
            !is_ghost(&habits, Doing { lacks: false, ..LIST }, 10),
            "it has everything to give"
        );
        assert!(!is_ghost(&habits, Doing { has_moved: true, ..LIST }, 11));
        assert!((12..22).all(|tick| !is_ghost(&habits, LIST, tick)), "it begins anew");
        assert!(is_ghost(&habits, LIST, 22));
    }

    #[test]
    fn byte_13_lists_in_vain_fade_within_days() {
        let habits = kept(&[], 0, 10);
        assert!(
            (0..60).all(|hour| !is_ghost(&habits, LIST, hour * 10_000)),
            "nine a day stay below"
        );
        assert!(!is_ghost(&kept(&[], 0, 0), LIST, 1), "nothing is bounded at 0");
    }

    fn taken(habits: &Habits, user: u64, tick: u32) -> usize {
        let ip = "192.0.2.1".parse().unwrap();
        (0..9).filter(|_| !habits.note(user, ip, LIST, Tick(tick)).is_over_quota).count()
    }

    fn is_spread(habits: &Habits, ip: &str, tick: u32) -> bool {
        habits.note(7, ip.parse().unwrap(), NO_LIST, Tick(tick)).is_spread
    }

    #[test]
    fn abuse_05_an_account_takes_its_share_of_lists_and_what_it_took_fades() {
        let habits = habits(0);
        assert_eq!(taken(&habits, 7, 10), 3);
        assert_eq!(taken(&habits, 8, 10), 3, "others have their own");
        assert_eq!(taken(&habits, 7, 10), 0);
        assert_eq!(taken(&habits, 7, 310), 2, "then the longer quota is full");
        assert_eq!(taken(&habits, 7, 310 + 3 * 86_400), 3);
    }

    #[test]
    fn abuse_05_an_answer_without_peers_costs_nothing() {
        let habits = habits(0);
        let ip = "192.0.2.1".parse().unwrap();
        for _ in 0..100 {
            assert_eq!(habits.note(7, ip, NO_LIST, Tick(1)), Noted::default());
        }
        assert_eq!(taken(&habits, 7, 1), 3);
    }

    #[test]
    fn id_14_one_network_more_within_an_hour_is_told_each_time_one_comes() {
        let habits = habits(3);
        for ip in ["192.0.2.1", "198.51.100.1", "203.0.113.1", "192.0.2.77"] {
            assert!(!is_spread(&habits, ip, 100), "{ip}");
        }
        assert!(is_spread(&habits, "9.9.9.9", 200));
        assert!(!is_spread(&habits, "9.9.9.10", 200), "the same network");
        assert!(is_spread(&habits, "8.8.8.8", 300));
    }

    #[test]
    fn id_14_a_network_is_forgotten_after_an_hour() {
        let habits = habits(3);
        for (hour, ip) in (0..).zip(["192.0.2.1", "198.51.100.1", "203.0.113.1", "9.9.9.9"]) {
            assert!(!is_spread(&habits, ip, hour * 1_300), "{ip}");
        }
    }

    #[test]
    fn id_14_two_families_of_one_home_are_no_two_networks() {
        let habits = habits(1);
        assert!(!is_spread(&habits, "192.0.2.1", 1));
        assert!(!is_spread(&habits, "2001:db8:1:2::3", 1));
        assert!(!is_spread(&habits, "2001:db8:1:9::4", 1));
        assert!(is_spread(&habits, "2001:db8:2::1", 1));
    }

    #[test]
    fn abuse_03_more_accounts_than_rows_stay_in_the_table() {
        let habits = habits(3);
        for user in 0..300_000 {
            taken(&habits, user, 5);
        }
        assert_eq!(habits.stripes.len() * habits.stripes[0].lock().len(), STRIPES * SETS);
        let kept = size_of::<Set>() * STRIPES * SETS;
        assert!(kept < 8 << 20, "{kept} bytes");
    }
}
