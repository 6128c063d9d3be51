//! Millions of packets that are no requests: nothing dies, nothing is answered that must not be,
//! and memory stays as it was.
#![expect(clippy::unwrap_used, reason = "a test that cannot set up must stop")]
#![expect(clippy::disallowed_methods, reason = "it says how long it took")]
#![expect(clippy::print_stdout, reason = "figures for the page of benchmarks")]

mod common;
mod mutation;

use bottin_tracker::wire::udp::{self, Action};
use common::Site;
use common::client::{Report, Transport, Udp};
use mutation::{Mutator, seeds};
use std::time::{Duration, Instant};

/// Packets sent before the tracker is waited for: fewer than the socket's queue holds.
const AHEAD: u64 = 512;

/// What is sent: with ids that the tracker never issued, or with a good one and a spoiled body.
#[derive(Default)]
struct Sent {
    strange: u64,
    proven: u64,
    answered: u64,
}

/// Packets the tracker has dealt with.
fn dealt_with(site: &Site) -> u64 {
    let names =
        ["udp_malformed", "udp_bad_connection", "udp_errors", "udp_announces", "udp_scrapes"];
    names.iter().map(|name| site.statistic(name)).sum()
}

/// Waits until the tracker has dealt with so many.
fn wait_for(site: &Site, count: u64) {
    let mut last = (0, 0);
    while last.0 < count {
        std::thread::sleep(Duration::from_micros(50));
        let now = dealt_with(site);
        last = if now == last.0 { (now, last.1 + 1) } else { (now, 0) };
        assert!(
            last.1 < 200_000,
            "{now} of {count}: packets were lost, or the tracker stands still"
        );
    }
}

fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// A packet under an id that is not the sender's: any, or one that is a bit away from its own.
fn estrange(packet: &mut [u8], own: [u8; 8], dice: &mut fastrand::Rng) {
    let id = if dice.bool() {
        (u64::from_be_bytes(own) ^ (1 << dice.u32(..64))).to_be_bytes()
    } else {
        dice.u64(..).to_be_bytes()
    };
    packet.iter_mut().zip(id).for_each(|(slot, byte)| *slot = byte);
}

fn answers(client: &Udp) -> u64 {
    let mut buffer = [0; 2048];
    std::iter::from_fn(|| client.socket.recv(&mut buffer).ok()).count() as u64
}

fn flood(packets: u64) {
    let site = Site::with(r#""limits": {"exempt_loopback": true},"#);
    let (stranger, member) = (Udp::connect(site.v4), Udp::connect(site.v4));
    stranger.socket.set_nonblocking(true).unwrap();
    member.socket.set_nonblocking(true).unwrap();
    let bodies: Vec<_> =
        ["udp_announce", "udp_scrape", "target"].into_iter().flat_map(seeds).collect();
    let whole: Vec<_> =
        (0..3).flat_map(|action| bodies.iter().map(move |it| (action, it))).collect();
    let whole: Vec<_> = whole.iter().map(|(action, body)| member.request(*action, body)).collect();
    let (mut mutator, mut dice) = (Mutator::new(&whole, 10), fastrand::Rng::with_seed(7));
    let before = dealt_with(&site);
    let (mut sent, mut first_kib, began) = (Sent::default(), 0, Instant::now());
    while sent.strange + sent.proven < packets {
        let mut packet = mutator.next().to_vec();
        if dice.u8(..4) == 0 {
            if udp::header(&packet).is_ok_and(|it| it.action == Action::Connect) {
                continue;
            }
            sent.proven += u64::from(member.socket.send(&packet).is_ok());
        } else {
            estrange(&mut packet, member.connection, &mut dice);
            sent.strange += u64::from(stranger.socket.send(&packet).is_ok());
        }
        let all = sent.strange + sent.proven;
        if all % AHEAD == 0 {
            wait_for(&site, before + all);
            assert_eq!(answers(&stranger), 0, "an id that it never issued was answered");
            sent.answered += answers(&member);
        }
        if all == packets / 20 {
            first_kib = resident_kib();
        }
    }
    wait_for(&site, before + packets);
    let last_kib = resident_kib();
    assert_eq!(answers(&stranger), 0);
    assert!(site.handle.dead_threads().is_empty(), "{:?}", site.handle.dead_threads());
    for transport in Transport::all(&site) {
        assert_eq!(transport.announce(&Report::of(1)).failure, None);
    }
    println!(
        "{} packets under false ids: none answered; {} under a good one: {} answered; {first_kib} KiB \
         after a twentieth, {last_kib} KiB at the end; {:.0} s",
        sent.strange,
        sent.proven,
        sent.answered,
        began.elapsed().as_secs_f64(),
    );
    assert!(last_kib * 100 <= first_kib * 105, "{first_kib} KiB grew to {last_kib}");
}

#[test]
fn udp_18_two_hundred_thousand_malformed_packets_change_nothing() {
    flood(200_000);
}

#[test]
#[ignore = "a minute: cargo test --release -p bottin-tracker --test malformed -- --ignored --nocapture"]
fn udp_18_ten_million_malformed_packets_change_nothing() {
    flood(10_000_000);
}
