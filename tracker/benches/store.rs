//! The swarm store without sockets: memory a peer, cost by size of swarm, a day of ten million.
//!
//! `cargo bench --bench store [case…]`. Each case runs in a process of its own,
//! whose memory and time are its figures. The day, a quarter of an hour of real time,
//! is lived through when it is asked for only.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a program for developers")]
#![expect(clippy::disallowed_methods, reason = "it measures real time")]
#![expect(clippy::indexing_slicing, reason = "it builds the bytes that it indexes")]
#![expect(clippy::cast_precision_loss, reason = "figures for people")]

use ahash::RandomState;
use bottin_tracker::clock::{Moment, Tick};
use bottin_tracker::config::Config;
use bottin_tracker::serve::Handle;
use bottin_tracker::swarm::{Credit, Join, Limits, Return, Swarms};
use bottin_tracker::wire::address::Source;
use bottin_tracker::wire::{Announce, AnnounceKey, Event, InfoHash, Neighbours, PeerId};
use fastrand::Rng;
use std::io::{BufReader, BufWriter, Seek, Write};
use std::num::NonZeroU16;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const CASES: [&str; 11] = [
    "one-open",
    "one-keyed",
    "many-open",
    "many-keyed",
    "sizes-open",
    "sizes-keyed",
    "restart-open",
    "restart-keyed",
    "sweep",
    "lists",
    "day",
];
const LIMITS: Limits = Limits {
    max_peers: 50_000_000,
    max_peers_per_swarm: 5_000_000,
    max_locations: 3,
    peer_timeout_s: 2_700,
    min_interval_s: 0,
};
/// Seconds between the announces of a peer.
const INTERVAL_S: u32 = 1_800;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if let Some(at) = words.iter().position(|word| word == "--case") {
        return case(&words[at + 1]);
    }
    let is_asked = |case: &&str| words.iter().any(|word| word == case);
    let usual = !CASES.iter().any(is_asked);
    let is_due = |case: &&&str| usual && **case != "day" || is_asked(case);
    for case in CASES.iter().filter(is_due) {
        let own = std::env::current_exe().unwrap();
        assert!(Command::new(own).args(["--case", case]).status().unwrap().success());
    }
}

fn case(name: &str) {
    let mut store = Store::new();
    let is_keyed = name.ends_with("keyed");
    match name {
        "one-open" | "one-keyed" => store.memory(name, (1, 3_000_000), is_keyed),
        "many-open" | "many-keyed" => store.memory(name, (1_000_000, 3), is_keyed),
        "sizes-open" | "sizes-keyed" => Store::sizes(name, is_keyed),
        "restart-open" | "restart-keyed" => store.restart(name, is_keyed),
        "sweep" => store.while_swept(),
        "lists" => lists(),
        _ => store.day(),
    }
}

struct Store {
    swarms: Arc<Swarms>,
    dice: Rng,
    out: Neighbours,
    now: u32,
}

/// Who announces: which peer of which swarm, and why.
#[derive(Clone, Copy)]
struct Who {
    swarm: u32,
    peer: u32,
    is_keyed: bool,
    event: Event,
    is_seeder: bool,
}

impl Store {
    fn new() -> Self {
        Self {
            swarms: Arc::new(Swarms::new(LIMITS, RandomState::with_seeds(1, 2, 3, 4), &[5; 32])),
            dice: Rng::with_seed(1),
            out: Neighbours::default(),
            now: 1,
        }
    }

    fn announce(&mut self, who: Who) {
        let mut hash = [0; 20];
        hash[..4].copy_from_slice(&who.swarm.to_le_bytes());
        let mut peer_id = [0; 20];
        peer_id[..4].copy_from_slice(&who.peer.to_le_bytes());
        let announce = Announce {
            info_hash: InfoHash(hash),
            peer_id: PeerId(peer_id),
            port: NonZeroU16::new(6881),
            event: who.event,
            uploaded: self.dice.u64(..1 << 40),
            downloaded: 0,
            left: u64::from(!who.is_seeder),
            want: None,
            client_key: 0,
            key: AnnounceKey::Absent,
        };
        let user = u64::from(who.peer) + 1;
        let credit = Credit { user, max_locations: 0, up_quarters: 4, down_quarters: 4 };
        let ip = (0x2000_0000 + who.peer).to_be_bytes().into();
        let join = Join {
            announce: &announce,
            source: Source { ip, is_local_listener: true },
            swarm: announce.info_hash,
            release: who.swarm,
            completed: 0,
            credit: who.is_keyed.then_some(credit),
            want: 30,
            mixes_families: false,
            now: Moment { tick: Tick(self.now), unix_ms: u64::from(self.now) * 1_000 },
        };
        self.out.clear();
        let _ = self.swarms.announce(&join, &mut self.dice, &mut self.out);
    }

    /// A million peers are written to a file and read back into an empty store (RUN-7).
    fn restart(&mut self, name: &str, is_keyed: bool) {
        for peer in 0..1_000_000 {
            let (swarm, event) = (zipf(peer), Event::Started);
            self.announce(Who { swarm, peer, is_keyed, event, is_seeder: peer % 3 == 0 });
        }
        let mut file = tempfile::tempfile().unwrap();
        let begun = Instant::now();
        let saved = self.swarms.save(Tick(self.now), &mut BufWriter::new(&mut file)).unwrap();
        let save_s = begun.elapsed().as_secs_f64();
        let bytes = file.stream_position().unwrap();
        file.rewind().unwrap();
        let next = Swarms::new(LIMITS, RandomState::with_seeds(5, 6, 7, 8), &[5; 32]);
        let back = Return { now: Tick(0), away_s: 3 };
        let begun = Instant::now();
        let restored = next.restore(&mut BufReader::new(&mut file), back, |_| true).unwrap();
        let restore_s = begun.elapsed().as_secs_f64();
        assert_eq!((saved, next.sizes()), (restored, self.swarms.sizes()));
        println!(
            "{name}: {saved} peers in {} MB, {save_s:.2} s to write, {restore_s:.2} s to read",
            bytes / 1_000_000
        );
    }

    fn fill(&mut self, (swarms, size): (u32, u32), is_keyed: bool) {
        for peer in 0..size {
            for swarm in 0..swarms {
                let is_seeder = peer % 4 == 1;
                let event = Event::Started;
                self.announce(Who { swarm, peer, is_keyed, event, is_seeder });
            }
        }
    }

    fn memory(&mut self, name: &str, (swarms, size): (u32, u32), is_keyed: bool) {
        let before = resident();
        self.fill((swarms, size), is_keyed);
        let bytes = (resident() - before) as f64;
        let peers = f64::from(swarms) * f64::from(size);
        let each = bytes / peers;
        println!("{name}: {swarms} x {size} peers in {:.0} MB, {each:.1} bytes each", bytes / 1e6);
    }

    /// Announces of peers that are there, drawn at random; nanoseconds each, sorted.
    fn timed(&mut self, (swarms, size): (u32, u32), is_keyed: bool) -> Vec<u64> {
        let mut times: Vec<u64> = (0..200_000)
            .map(|_| {
                let (swarm, peer) = (self.dice.u32(..swarms), self.dice.u32(..size));
                let is_seeder = peer % 4 == 1;
                let started = Instant::now();
                self.announce(Who { swarm, peer, is_keyed, event: Event::None, is_seeder });
                u64::try_from(started.elapsed().as_nanos()).unwrap()
            })
            .collect();
        times.sort_unstable();
        times
    }

    /// One swarm of each size, asked alone: what does a larger one cost?
    fn sizes(name: &str, is_keyed: bool) {
        for size in [10, 1_000, 100_000, 1_000_000] {
            let mut store = Self::new();
            store.fill((1, size), is_keyed);
            println!("{name}, a swarm of {size}: {}", told(&store.timed((1, size), is_keyed)));
        }
    }

    /// A million peers in one swarm and two millions in others, asked while all are swept, with the
    /// pauses of the service and without.
    fn while_swept(&mut self) {
        self.fill((1, 1_000_000), false);
        self.fill((200_000, 10), false);
        println!("sweep, none: {}", told(&self.timed_for_long()));
        for (pauses, pause_ms) in [("pauses as in service", 200), ("no pause", 0)] {
            let (swarms, now) = (Arc::clone(&self.swarms), moment(self.now));
            let is_over = AtomicBool::new(false);
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    while !is_over.load(Ordering::Relaxed) {
                        for _ in 0..4 {
                            swarms.sweep(now, 2_048);
                        }
                        std::thread::sleep(Duration::from_millis(pause_ms));
                    }
                });
                println!("sweep, {pauses}: {}", told(&self.timed_for_long()));
                is_over.store(true, Ordering::Relaxed);
            });
        }
    }

    /// Two million announces to the swarm of a million: over several steps of the sweep.
    fn timed_for_long(&mut self) -> Vec<u64> {
        let mut times: Vec<_> = (0..10).flat_map(|_| self.timed((1, 1_000_000), false)).collect();
        times.sort_unstable();
        times
    }

    /// Ten million peers come and go over a day of virtual time, as the evening rises and falls.
    fn day(&mut self) {
        const PEERS: u32 = 10_000_000;
        const MINUTES: u32 = 1_440;
        let started = Instant::now();
        // Who announces in each minute to come, an hour ahead at most.
        let mut due: Vec<Vec<(u32, u16)>> = (0..MINUTES + 60).map(|_| Vec::new()).collect();
        let (mut next, mut announces, mut most, mut most_bytes) = (0, 0_u64, 0, 0);
        let mut sweeping_ns = Vec::new();
        for minute in 0..MINUTES {
            self.now = minute * 60 + 1;
            // Twice as many come in the evening as in the morning.
            let wave = 1.0 + 0.33 * (f64::from(minute) / 1_440.0 * std::f64::consts::TAU).sin();
            let last = f64::from(next) + f64::from(PEERS) / f64::from(MINUTES) * wave;
            while f64::from(next) < last && next < PEERS {
                let turns = self.dice.u16(1..=6);
                due[minute as usize].push((next, turns));
                next += 1;
            }
            for (peer, turns) in std::mem::take(&mut due[minute as usize]) {
                announces += 1;
                // A third vanish without a word; the sweep must find them.
                let event = if turns == 0 { Event::Stopped } else { Event::None };
                let is_keyed = peer % 2 == 0;
                let swarm = zipf(peer);
                self.announce(Who { swarm, peer, is_keyed, event, is_seeder: turns < 3 });
                if turns > 1 || (turns == 1 && peer % 3 > 0) {
                    due[(minute + INTERVAL_S / 60) as usize].push((peer, turns - 1));
                }
            }
            // The same steps as in service: four each fifth of a second.
            for _ in 0..60 * 5 * 4 {
                let step = Instant::now();
                self.swarms.sweep(moment(self.now), 2_048);
                sweeping_ns.push(u64::try_from(step.elapsed().as_nanos()).unwrap());
            }
            let (_, held) = self.swarms.sizes();
            most = most.max(held);
            most_bytes = most_bytes.max(resident());
        }
        sweeping_ns.sort_unstable();
        println!(
            "day: {next} peers, {announces} announces, at most {most} at once in {} MB, {:.0} s",
            most_bytes / 1_000_000,
            started.elapsed().as_secs_f64()
        );
        println!("day, a step of the sweep: {}", told(&sweeping_ns));
        self.recount(&due);
    }

    /// The counts of all swarms are those of the peers that are still due; after their time, none.
    fn recount(&mut self, due: &[Vec<(u32, u16)>]) {
        let changed: u32 = self
            .swarms
            .take_counts(usize::MAX)
            .iter()
            .map(|(_, counts)| counts.seeders + counts.leechers)
            .sum();
        let expected = due.iter().flatten().filter(|(_, turns)| *turns < 7).count();
        let (swarms, held) = self.swarms.sizes();
        println!(
            "day, recount: {held} held in {swarms} swarms, {changed} in changed ones, {expected} due"
        );
        assert!(held >= expected, "a peer that is due was forgotten");
        self.now += LIMITS.peer_timeout_s + 600;
        for _ in 0..3 {
            while !self.swarms.sweep(moment(self.now), 1 << 20) {}
            let _ = self.swarms.take_counts(usize::MAX);
        }
        assert_eq!(self.swarms.sizes().1, 0, "the silent are forgotten");
        println!("day, afterwards: none held, {} MB", resident() / 1_000_000);
    }
}

/// A tracker that stands alone reads a million hashes while one that has as many serves.
fn lists() {
    let handle = Handle::new(Config::read(r#"{"standalone": {}}"#).unwrap()).unwrap();
    let mut dice = Rng::with_seed(1);
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut to = BufWriter::new(file.as_file());
    for _ in 0..1_000_000 {
        let hash: [u8; 20] = std::array::from_fn(|_| dice.u8(..));
        writeln!(to, "{}", hash.map(|byte| format!("{byte:02x}")).concat()).unwrap();
    }
    drop(to);
    let mut took_ms: Vec<_> = (0..9)
        .map(|_| {
            let started = Instant::now();
            handle.shared().load_lists(Some(file.path()), None).unwrap();
            started.elapsed().as_millis()
        })
        .collect();
    took_ms.sort_unstable();
    println!(
        "lists, a million hashes read again: {} ms ({}–{})",
        took_ms[4], took_ms[0], took_ms[8]
    );
}

fn moment(second: u32) -> Moment {
    Moment { tick: Tick(second), unix_ms: u64::from(second) * 1_000 }
}

/// A swarm for a peer: few large ones, many small ones, 100,000 in all.
fn zipf(peer: u32) -> u32 {
    let share = f64::from(peer.wrapping_mul(2_654_435_769)) / f64::from(u32::MAX);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rank, from 0 to 100,000"
    )]
    let rank = 100_000_f64.powf(share) as u32;
    rank
}

fn told(sorted: &[u64]) -> String {
    let at = |share: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a place in a list"
        )]
        let place = (sorted.len() as f64 * share) as usize;
        sorted[place.min(sorted.len() - 1)]
    };
    let (middle, p99, p999) = (at(0.5), at(0.99), at(0.999));
    format!("p50 {middle} ns, p99 {p99} ns, p99.9 {p999} ns")
}

/// Memory of this process, in bytes.
fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    statm.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 4_096
}
