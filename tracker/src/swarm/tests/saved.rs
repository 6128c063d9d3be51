//! From one run to the next.

use super::*;
use proptest::prelude::prop_assert;

/// Each has its own: one who lost its address to another is not known again.
const HOMES: [[&str; 2]; 6] = [
    ["192.0.2.1", "2001:db8::1"],
    ["192.0.2.2", "2001:db8::2"],
    ["192.0.2.3", "2001:db8::3"],
    ["192.0.2.4", "2001:db8::4"],
    ["192.0.2.5", "2001:db8::5"],
    ["192.0.2.6", "2001:db8::6"],
];

/// A store of another run: other hashes, the same names of sessions.
fn next_run() -> Swarms {
    let limits = swarms().limits;
    Swarms::new(limits, RandomState::with_seeds(9, 8, 7, 6), &[5; 32])
}

fn bytes_of(swarms: &Swarms, tick: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    swarms.save(Tick(tick), &mut bytes).unwrap();
    bytes
}

fn back(away_s: u32) -> Return {
    Return { now: Tick(0), away_s }
}

proptest! {
    #[test]
    fn run_07_any_swarm_is_the_same_after_a_restart(
        steps in proptest::collection::vec((0..6_u8, 0..3_u8, 0..40_u8, any::<bool>(), any::<bool>()), 1..120)
    ) {
        let swarms = swarms();
        for (who, event, port, is_v6, is_seeder) in steps {
            let _ = try_say(&swarms, Told {
                ip: HOMES[usize::from(who)][usize::from(is_v6)],
                port: 1 + u16::from(port),
                peer: port % 4,
                client_key: if who == 4 { 5 } else { 0 },
                user: (who < 3).then_some(u64::from(who)),
                event: [Event::None, Event::Started, Event::Stopped][usize::from(event)],
                left: u64::from(!is_seeder),
                ..TOLD
            });
        }
        let next = next_run();
        next.restore(&mut bytes_of(&swarms, 1_000).as_slice(), back(5), |_| true).unwrap();

        let counts = |swarms: &Swarms| {
            let counts = swarms.counts(&SWARM, 0);
            (counts.seeders, counts.leechers)
        };
        prop_assert_eq!(counts(&next), counts(&swarms));
        prop_assert_eq!(next.sizes().1, swarms.sizes().1);
        next.shard(&SWARM).unwrap().lock().check();
        while !next.sweep(at(10_000), 1_000) {}
        prop_assert_eq!(next.sizes().1, 0, "ages go on");
    }

    #[test]
    fn run_07_no_bytes_are_too_strange(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let next = next_run();
        let _ = next.restore(&mut bytes.as_slice(), back(0), |_| true);
        let sum = crc32c::crc32c(&bytes).to_le_bytes();
        let length = u32::try_from(bytes.len()).unwrap().to_le_bytes();
        let whole = [&length[..], &sum, &bytes].concat();
        prop_assert!(next.restore(&mut whole.as_slice(), back(0), |_| true).is_err());
    }
}
