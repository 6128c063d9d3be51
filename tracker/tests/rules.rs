//! Rules of the reference that no other test is named for, against a running tracker.
#![expect(clippy::unwrap_used, reason = "a test that cannot set up must stop")]

mod common;

use bottin_tracker::journal::Reader;
use common::client::{Report, Transport, Udp, get, udp_body};
use common::{OPEN, Site};
use std::net::SocketAddr;
use std::time::Duration;

/// Lets others work; false, for chains of tries.
fn thread_waits() -> bool {
    std::thread::sleep(Duration::from_millis(10));
    false
}

fn told(site: &Site) -> Vec<(u8, u64, u64)> {
    let reader = Reader::new(&site.directory.path().join("journal"));
    let facts = reader.read(0, 100).unwrap();
    facts.iter().map(|(_, fact)| (fact.event, fact.uploaded, fact.left)).collect()
}

#[test]
fn evt_12_and_jrn_01_nothing_is_merged_before_the_journal() {
    let site = Site::open();
    let udp = Udp::connect(site.v4);
    for (event, uploaded, left) in [(2, 0, 9), (1, 10, 0), (0, 20, 0), (0, 30, 0)] {
        udp.announce(&Report { event, uploaded, left, ..Report::of(1) });
    }
    assert_eq!(told(&site), [(2, 0, 9), (1, 10, 0), (0, 20, 0), (0, 30, 0)]);
}

#[test]
fn udp_04_a_stale_connection_id_is_counted_and_bans_nobody() {
    let site = Site::with(r#""connection_slot_s": 60,"#);
    let udp = Udp::connect(site.v4);
    site.advance(121);
    for _ in 0..50 {
        udp.socket.send(&udp.request(1, &[0; 82])).unwrap();
    }
    let reply = Udp::connect(site.v4).announce(&Report::of(1));
    assert_eq!((reply.failure, reply.leechers), (None, 1));
    // Another thread may have taken them, and be late.
    let is_counted = || site.statistic("udp_bad_connection") == 50;
    assert!((0..500).any(|_| is_counted() || thread_waits()));
}

#[test]
fn udp_15_each_family_is_answered_and_handed_out_in_its_own_form() {
    let site = Site::open();
    for (transport, length) in Transport::all(&site).into_iter().zip([6, 18]) {
        transport.announce(&Report { hash: OPEN, port: 9001, ..Report::keyless() });
        let reply = transport.announce(&Report { hash: OPEN, port: 9002, ..Report::keyless() });
        assert_eq!(reply.length, 20 + length);
        assert_eq!(reply.peers.iter().map(SocketAddr::port).collect::<Vec<_>>(), [9001]);
    }
}

#[test]
fn run_06_a_flood_grows_nothing_and_the_next_client_is_answered() {
    let site = Site::with(r#""limits": {"exempt_loopback": true},"#);
    let [first, second] = [Udp::connect(site.v4), Udp::connect(site.v4)];
    let announce = first.request(1, &udp_body(&Report::of(1)));
    for _ in 0..50_000 {
        // A full socket is what a flood meets.
        let _ = first.socket.send(&announce);
    }
    let reply = second.announce(&Report::of(2));
    assert_eq!((reply.failure, reply.leechers), (None, 2));
    assert_eq!((site.statistic("peers"), site.statistic("swarms")), (2, 1));
    assert_eq!(site.statistic("threads_died"), 0);
}

#[test]
fn abuse_09_peers_doors_show_no_figures_and_take_no_orders() {
    let site = Site::open();
    for path in ["/metrics", "/stats", "/stats.json", "/admin", "/health", "/api"] {
        assert_eq!(get(site.v4, path, "").0, "HTTP/1.1 404 Not Found", "{path}");
    }
}

#[test]
fn abuse_12_harvesters_and_false_peers_show_in_the_figures() {
    let site = Site::with(r#""list_quotas": [{"lists": 1, "seconds": 600}],"#);
    let udp = Transport::Udp(site.v4);
    udp.announce(&Report { left: 0, ..Report::of(9) });
    for _ in 0..3 {
        udp.announce(&Report { event: 2, ..Report::of(1) });
    }
    udp.announce(&Report { port: 80, ..Report::of(2) });
    udp.announce(&Report { key: Some("a".repeat(39)), ..Report::of(3) });
    assert_eq!(site.statistic("lists_over_quota"), 2);
    assert_eq!(site.statistic("announces_refused"), 2);
    let codes: Vec<_> =
        site.handle.shared().drain_notices().iter().map(|(notice, _)| notice.code).collect();
    for code in ["over_quota", "port_denied", "key_wrong"] {
        assert!(codes.contains(&code), "{code}: {codes:?}");
    }
}
