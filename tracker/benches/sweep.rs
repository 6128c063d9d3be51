//! One step of the sweep over a full store: what an announce may have to wait for.

use ahash::RandomState;
use bottin_tracker::clock::{Moment, Tick};
use bottin_tracker::swarm::{Join, Limits, Swarms};
use bottin_tracker::wire::address::Source;
use bottin_tracker::wire::{Announce, AnnounceKey, Event, InfoHash, Neighbours, PeerId};
use criterion::{Criterion, criterion_group, criterion_main};
use fastrand::Rng;
use std::num::NonZeroU16;

fn fill(swarms: &Swarms, dice: &mut Rng) {
    let mut out = Neighbours::default();
    for _ in 0..1_000_000 {
        let mut hash = [0; 20];
        hash[..4].copy_from_slice(&dice.u32(..100_000).to_le_bytes());
        let announce = Announce {
            info_hash: InfoHash(hash),
            peer_id: PeerId([1; 20]),
            port: NonZeroU16::new(6881),
            event: Event::None,
            uploaded: 0,
            downloaded: 0,
            left: 1,
            want: None,
            client_key: 0,
            key: AnnounceKey::Absent,
        };
        let join = Join {
            announce: &announce,
            source: Source {
                ip: (0x5000_0000 + dice.u32(..0x0fff_ffff)).to_be_bytes().into(),
                is_local_listener: false,
            },
            swarm: announce.info_hash,
            release: 1,
            completed: 0,
            credit: None,
            want: 0,
            mixes_families: false,
            now: Moment { tick: Tick(1), unix_ms: 1 },
        };
        let _ = swarms.announce(&join, dice, &mut out);
    }
}

fn sweeps(bench: &mut Criterion) {
    let limits = Limits {
        max_peers: 50_000_000,
        max_peers_per_swarm: 5_000_000,
        max_locations: 3,
        peer_timeout_s: 2_700,
        min_interval_s: 0,
    };
    let swarms = Swarms::new(limits, RandomState::with_seeds(1, 2, 3, 4), &[5; 32]);
    fill(&swarms, &mut Rng::with_seed(1));
    let now = Moment { tick: Tick(2), unix_ms: 2 };
    bench
        .bench_function("sweep/one step of 2,048 peers", |it| it.iter(|| swarms.sweep(now, 2_048)));
}

criterion_group!(benches, sweeps);
criterion_main!(benches);
