use super::*;
use crate::clock::Tick;
use crate::wire::{AnnounceKey, Event, PeerId};
use proptest::prelude::{any, prop_assert_eq, proptest};
use std::num::NonZeroU16;

mod locks;
mod members;
mod saved;

const SWARM: InfoHash = InfoHash([1; 20]);

fn swarms() -> Swarms {
    let limits = Limits {
        max_peers: 10_000,
        max_peers_per_swarm: 10_000,
        max_locations: 3,
        peer_timeout_s: 2_700,
        min_interval_s: 0,
    };
    with(limits)
}

fn with(limits: Limits) -> Swarms {
    Swarms::new(limits, RandomState::with_seeds(1, 2, 3, 4), &[5; 32])
}

/// One announce as a test tells it; values are valid by default.
#[derive(Clone, Copy)]
struct Told {
    ip: &'static str,
    port: u16,
    peer: u8,
    client_key: u32,
    user: Option<u64>,
    event: Event,
    uploaded: u64,
    left: u64,
    want: usize,
    at_s: u32,
    is_local: bool,
}

const TOLD: Told = Told {
    ip: "192.0.2.1",
    port: 6881,
    peer: 1,
    client_key: 0,
    user: None,
    event: Event::None,
    uploaded: 0,
    left: 100,
    want: 50,
    at_s: 1_000,
    is_local: false,
};

fn member(user: u64) -> Told {
    Told { user: Some(user), ..TOLD }
}

struct Answer {
    fact: Option<Fact>,
    out: Neighbours,
}

impl Answer {
    fn seeders_leechers(&self) -> (u32, u32) {
        (self.out.counts.seeders, self.out.counts.leechers)
    }
}

fn try_say(swarms: &Swarms, told: Told) -> Result<Answer, TooManyLocations> {
    let announce = Announce {
        info_hash: SWARM,
        peer_id: PeerId([told.peer; 20]),
        port: NonZeroU16::new(told.port),
        event: told.event,
        uploaded: told.uploaded,
        downloaded: 0,
        left: told.left,
        want: None,
        client_key: told.client_key,
        key: AnnounceKey::Absent,
    };
    let credit = |user| Credit { user, max_locations: 0, up_quarters: 4, down_quarters: 4 };
    let join = Join {
        announce: &announce,
        source: Source { ip: told.ip.parse().unwrap(), is_local_listener: told.is_local },
        swarm: SWARM,
        release: 7,
        completed: 10,
        credit: told.user.map(credit),
        want: told.want,
        mixes_families: false,
        now: at(told.at_s),
    };
    let mut out = Neighbours::default();
    let fact = swarms.announce(&join, &mut Rng::with_seed(told.at_s.into()), &mut out)?;
    Ok(Answer { fact, out })
}

fn at(seconds: u32) -> Moment {
    Moment { tick: Tick(seconds), unix_ms: u64::from(seconds) * 1000 }
}

fn say(swarms: &Swarms, told: Told) -> Answer {
    try_say(swarms, told).unwrap()
}

fn counts(swarms: &Swarms) -> (u32, u32, u32) {
    let counts = swarms.counts(&SWARM, 10);
    (counts.seeders, counts.leechers, counts.completed)
}

#[test]
fn evt_06_counts_include_the_announcer_and_equal_the_scrape() {
    let swarms = swarms();
    say(&swarms, Told { left: 0, ..TOLD });
    let answer = say(&swarms, Told { ip: "192.0.2.2", ..TOLD });
    assert_eq!(answer.seeders_leechers(), (1, 1));
    assert_eq!(counts(&swarms), (1, 1, 10));
}

#[test]
fn evt_08_nobody_gets_itself() {
    let swarms = swarms();
    say(&swarms, TOLD);
    let again = say(&swarms, TOLD);
    assert!(again.out.v4.is_empty());
    say(&swarms, Told { ip: "192.0.2.2", ..TOLD });
    for at_s in 0..50 {
        assert_eq!(say(&swarms, Told { at_s, want: 1, ..TOLD }).out.v4[..4], [192, 0, 2, 2]);
    }
}

#[test]
fn evt_09_seeders_get_only_leechers() {
    let swarms = swarms();
    say(&swarms, Told { left: 0, ..TOLD });
    say(&swarms, Told { ip: "192.0.2.2", ..TOLD });
    let seeder = say(&swarms, Told { ip: "192.0.2.3", left: 0, ..TOLD });
    assert_eq!(seeder.out.v4[..4], [192, 0, 2, 2]);
    assert_eq!(seeder.out.v4.len(), 6);
}

#[test]
fn http_07_zero_wanted_is_counts_only() {
    let swarms = swarms();
    say(&swarms, TOLD);
    let answer = say(&swarms, Told { ip: "192.0.2.2", want: 0, ..TOLD });
    assert!(answer.out.v4.is_empty());
    assert_eq!(answer.seeders_leechers(), (0, 2));
}

#[test]
fn http_08_small_and_odd_wishes_are_met_exactly() {
    let swarms = swarms();
    for port in 1..=20 {
        say(&swarms, Told { port, ..TOLD });
    }
    for want in [1, 3, 7, 19] {
        for at_s in 0..20 {
            let answer = say(&swarms, Told { port: 1, want, at_s, ..TOLD });
            assert_eq!(answer.out.v4.len(), want * 6);
        }
    }
}

#[test]
fn evt_03_and_04_a_stranger_who_leaves_creates_nothing() {
    let swarms = swarms();
    let answer = say(&swarms, Told { event: Event::Stopped, ..TOLD });
    assert_eq!(answer.out.counts.completed, 10);
    assert_eq!(swarms.sizes(), (0, 0));
}

#[test]
fn evt_03_one_who_leaves_gets_no_peers_and_is_gone() {
    let swarms = swarms();
    for told in [TOLD, Told { ip: "192.0.2.2", ..member(42) }] {
        say(&swarms, told);
        let answer = say(&swarms, Told { event: Event::Stopped, ..told });
        assert!(answer.out.v4.is_empty());
        assert_eq!(counts(&swarms), (0, 0, 10));
    }
    assert_eq!(swarms.sizes().1, 0);
}

#[test]
fn evt_02_left_zero_makes_a_seeder_and_more_a_leecher_again() {
    let swarms = swarms();
    for told in [TOLD, Told { ip: "192.0.2.2", ..member(42) }] {
        say(&swarms, told);
        say(&swarms, Told { left: 0, ..told });
        assert_eq!(counts(&swarms).0, 1);
        say(&swarms, told);
        assert_eq!(counts(&swarms).0, 0);
        say(&swarms, Told { event: Event::Stopped, ..told });
    }
}

#[test]
fn evt_01_a_download_counts_once_and_only_when_it_was_seen() {
    let swarms = swarms();
    // What members finish is for the ledger to count, over restarts too.
    for (told, expected) in [(TOLD, 11), (Told { ip: "192.0.2.2", ..member(42) }, 11)] {
        let done = Told { left: 0, event: Event::Completed, ..told };
        say(&swarms, Told { port: 9, peer: 9, ..done });
        let before = if told.user.is_some() { expected } else { expected - 1 };
        assert_eq!(counts(&swarms).2, before, "never seen to lack anything");
        say(&swarms, told);
        say(&swarms, done);
        assert_eq!(counts(&swarms).2, expected);
        say(&swarms, Told { event: Event::Stopped, ..told });
        say(&swarms, told);
        say(&swarms, done);
        assert_eq!(counts(&swarms).2, expected, "the same again");
    }
}

#[test]
fn scr_04_completed_never_goes_down() {
    let swarms = swarms();
    say(&swarms, TOLD);
    say(&swarms, Told { left: 0, ..TOLD });
    say(&swarms, Told { left: 0, event: Event::Stopped, ..TOLD });
    while !swarms.sweep(at(100_000), 1_000) {}
    assert_eq!(counts(&swarms).2, 11, "kept, for the site knows ten only");
    assert_eq!(swarms.take_counts(10), [(7, Counts { seeders: 0, leechers: 0, completed: 11 })]);
}

#[test]
fn scr_01_a_scrape_creates_nothing() {
    let swarms = swarms();
    assert_eq!(counts(&swarms), (0, 0, 10));
    assert_eq!(swarms.sizes(), (0, 0));
}

#[test]
fn a_purged_swarm_is_gone_at_once_and_told() {
    let swarms = swarms();
    say(&swarms, TOLD);
    assert_eq!(swarms.take_counts(10).len(), 1);
    swarms.purge(&SWARM);
    assert_eq!(counts(&swarms), (0, 0, 10));
    assert_eq!(swarms.sizes(), (0, 0));
    assert_eq!(swarms.take_counts(10)[0].1.leechers, 0);
}

#[test]
fn counts_are_taken_once_for_each_change() {
    let swarms = swarms();
    say(&swarms, TOLD);
    assert_eq!(swarms.take_counts(10).len(), 1);
    assert!(swarms.take_counts(10).is_empty());
    say(&swarms, TOLD);
    assert!(swarms.take_counts(10).is_empty(), "nothing new");
}

#[test]
fn run_09_the_silent_are_forgotten_and_empty_swarms_with_them() {
    let swarms = swarms();
    say(&swarms, TOLD);
    say(&swarms, Told { ip: "192.0.2.2", ..member(42) });
    say(&swarms, Told { ip: "2001:db8::2", ..member(42) });
    while !swarms.sweep(at(3_600), 100) {}
    assert_eq!(counts(&swarms).1, 2);
    say(&swarms, Told { at_s: 3_600, ..TOLD });
    while !swarms.sweep(at(4_000), 100) {}
    assert_eq!(counts(&swarms), (0, 1, 10));
    while !swarms.sweep(at(9_000), 100) {}
    let _ = swarms.take_counts(10);
    while !swarms.sweep(at(9_000), 100) {}
    assert_eq!(swarms.sizes(), (0, 0));
}

#[test]
fn run_10_and_perf_05_a_sweep_in_small_steps_ends_like_one_in_a_large_step() {
    let swarms = swarms();
    for port in 1..=500 {
        say(&swarms, Told { port, at_s: if port % 2 == 0 { 0 } else { 4_000 }, ..TOLD });
    }
    while !swarms.sweep(at(4_100), 7) {}
    assert_eq!(counts(&swarms).1, 250);
}

proptest! {
    /// Members and strangers, both families, roles, farewells and sweeps in any
    /// order: the counters equal a recount by asking for everyone.
    #[test]
    fn counts_equal_a_recount_after_any_history(
        steps in proptest::collection::vec((0..6_u8, 0..4_u8, 0..4_u8, any::<bool>(), any::<bool>()), 1..150)
    ) {
        let swarms = swarms();
        let mut at_s = 0;
        for (who, event, peer, is_v6, is_seeder) in steps {
            at_s += 90;
            let told = Told {
                ip: if is_v6 { "2001:db8::1" } else { "192.0.2.1" },
                port: 1 + u16::from(peer),
                peer,
                client_key: if who == 4 { 5 } else { 0 },
                user: (who < 3).then_some(u64::from(who)),
                event: [Event::None, Event::Started, Event::Stopped, Event::None][usize::from(event)],
                uploaded: 0,
                left: u64::from(!is_seeder),
                want: 50,
                at_s,
                is_local: false,
            };
            let _ = try_say(&swarms, told);
            if event == 3 {
                swarms.sweep(at(at_s), 5);
            }
            let shard = swarms.shard(&SWARM).unwrap().lock();
            shard.check();
            let peers = shard.peers();
            drop(shard);
            prop_assert_eq!(swarms.sizes().1, peers);
        }
        while !swarms.sweep(at(at_s + 100_000), 3) {}
        prop_assert_eq!(swarms.sizes().1, 0);
    }
}
