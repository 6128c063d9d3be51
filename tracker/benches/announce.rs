//! The announce line without sockets: small and large swarms, open and keyed.

use ahash::RandomState;
use bottin_tracker::clock::{Moment, Tick};
use bottin_tracker::policy::clients::{Clients, Lists};
use bottin_tracker::swarm::{Credit, Join, Limits, Swarms};
use bottin_tracker::wire::address::Source;
use bottin_tracker::wire::record::{ClientRule, Welcome};
use bottin_tracker::wire::{Announce, AnnounceKey, Event, InfoHash, Neighbours, PeerId};
use criterion::{Criterion, criterion_group, criterion_main};
use fastrand::Rng;
use std::num::NonZeroU16;

const LIMITS: Limits = Limits {
    max_peers: 50_000_000,
    max_peers_per_swarm: 5_000_000,
    max_locations: 3,
    peer_timeout_s: 2_700,
    min_interval_s: 0,
};

/// Peer number `peer` announces in swarm number `swarm`.
fn announce(
    swarms: &Swarms,
    (swarm, peer): (u32, u32),
    is_keyed: bool,
    (dice, out): (&mut Rng, &mut Neighbours),
) {
    let mut hash = [0; 20];
    hash[..4].copy_from_slice(&swarm.to_le_bytes());
    let mut peer_id = [0; 20];
    peer_id[..4].copy_from_slice(&peer.to_le_bytes());
    let announce = Announce {
        info_hash: InfoHash(hash),
        peer_id: PeerId(peer_id),
        port: NonZeroU16::new(6881),
        event: Event::None,
        uploaded: u64::from(dice.u32(..)),
        downloaded: 0,
        left: u64::from(peer % 2),
        want: None,
        client_key: peer,
        key: AnnounceKey::Absent,
    };
    let credit = Credit { user: peer.into(), max_locations: 0, up_quarters: 4, down_quarters: 4 };
    let join = Join {
        announce: &announce,
        source: Source { ip: (0x5000_0000 + peer).to_be_bytes().into(), is_local_listener: false },
        swarm: announce.info_hash,
        release: swarm,
        completed: 0,
        credit: is_keyed.then_some(credit),
        want: 50,
        mixes_families: false,
        now: Moment { tick: Tick(1), unix_ms: 1 },
    };
    out.clear();
    let _ = swarms.announce(&join, dice, out);
}

fn announces(bench: &mut Criterion) {
    for (count, size) in [(100_000, 3), (1_000, 300), (1, 1_000_000)] {
        for is_keyed in [false, true] {
            let swarms = Swarms::new(LIMITS, RandomState::with_seeds(1, 2, 3, 4), &[5; 32]);
            let (mut dice, mut out) = (Rng::with_seed(1), Neighbours::default());
            for swarm in 0..count {
                for peer in 0..size {
                    announce(&swarms, (swarm, peer), is_keyed, (&mut dice, &mut out));
                }
            }
            let kind = if is_keyed { "keyed" } else { "open" };
            bench.bench_function(&format!("announce/{kind}, {count} swarms of {size}"), |it| {
                it.iter(|| {
                    let place = (dice.u32(..count), dice.u32(..size));
                    announce(&swarms, place, is_keyed, (&mut dice, &mut out));
                });
            });
        }
    }
}

/// What judging a client costs, without rules and with the most there may be of both kinds.
fn welcomes(bench: &mut Criterion) {
    const HEADS: [&[u8]; 5] = [b"-qB4650-", b"-TR4060-", b"-lt0E00-", b"A2-1-36-", b"-XL0012-"];
    let named = |number: usize| format!("-{:02}{number:03}", number % 100).into_bytes();
    for (lists, rules) in [(0, 0), (0, 10), (1_000, 500)] {
        let denied: Vec<_> = (0..lists).map(named).collect();
        let rules: Vec<_> = (0..rules)
            .map(|number| ClientRule {
                head: named(number + 1_000),
                welcome: Welcome::Denied,
                reason: String::from("too old"),
            })
            .collect();
        let clients = Clients::new(&Lists::new(&[], &[], &denied), &rules);
        let mut dice = Rng::with_seed(1);
        let ids: Vec<_> = (0..4_096)
            .map(|_| {
                let mut id = [0; 20];
                dice.fill(&mut id);
                let head = dice.choice(HEADS).unwrap_or_default();
                id.iter_mut().zip(head).for_each(|(slot, byte)| *slot = *byte);
                PeerId(id)
            })
            .collect();
        let named = format!("welcome, {lists} in lists, {} rules", rules.len());
        let mut ids = ids.iter().cycle();
        bench.bench_function(&named, |it| {
            it.iter(|| ids.next().map(|id| clients.welcome(id)));
        });
    }
}

criterion_group!(benches, announces, welcomes);
criterion_main!(benches);
