//! What is locked for how long, and what is not.

use super::*;
use crate::swarm::web::{Claim, Line};
use std::thread;

#[test]
fn perf_04_swarms_spread_evenly_over_256_locks() {
    let swarms = swarms();
    let mut held = vec![0_u32; swarms.shards.len()];
    for number in 0..100_000_u32 {
        let mut hash = [0; 20];
        hash[..4].copy_from_slice(&number.to_be_bytes());
        let shard = swarms.shard(&InfoHash(hash)).unwrap();
        let at = swarms.shards.iter().position(|it| std::ptr::eq(it, shard)).unwrap();
        held[at] += 1;
    }
    assert!(held.len() >= 256);
    assert!(held.iter().all(|count| (250..550).contains(count)), "{held:?}");
}

#[test]
fn scr_07_a_scrape_never_sees_a_peer_twice_or_not_at_all_while_it_turns() {
    let swarms = swarms();
    say(&swarms, TOLD);
    thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..20_000 {
                say(&swarms, Told { left: round % 2, ..TOLD });
            }
        });
        for _ in 0..20_000 {
            let counts = swarms.counts(&SWARM, 0);
            assert_eq!(counts.seeders + counts.leechers, 1);
        }
    });
}

#[test]
fn ws_06_signalling_waits_for_no_swarm_that_is_being_cleaned() {
    let swarms = swarms();
    let cleaned: Vec<_> = swarms.shards.iter().map(Mutex::lock).collect();
    let claim = Claim {
        swarm: SWARM,
        asked: SWARM,
        peer_id: PeerId([1; 20]),
        line: Line { thread: 0, place: 1, serial: 1 },
        user: None,
        is_seeder: false,
        now: Tick(0),
    };
    assert!(swarms.web().claim(&claim).is_ok());
    assert_eq!(swarms.web().len(), 1);
    drop(cleaned);
}
