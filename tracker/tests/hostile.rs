//! What strangers throw at a tracker; after each, it still serves.

mod common;

use common::client::{Report, Transport, Udp, get, split, udp_body};
use common::{OPEN, Site};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

fn still_serves(site: &Site) {
    for transport in Transport::all(site) {
        assert_eq!(transport.announce(&Report::of(1)).failure, None);
    }
    assert!(site.handle.dead_threads().is_empty(), "{:?}", site.handle.dead_threads());
}

fn open(report: &Report) -> Report {
    Report { hash: OPEN, ..report.clone() }
}

#[test]
fn udp_05_a_wrong_connection_id_meets_silence() {
    let site = Site::open();
    let client = Udp::without_id(site.v4);
    for action in [1, 2] {
        assert!(client.is_ignored(&client.request(action, &udp_body(&Report::of(1)))));
    }
    assert_eq!(site.statistic("udp_bad_connection"), 2);
    still_serves(&site);
}

#[test]
fn udp_06_what_is_no_request_meets_silence() {
    let site = Site::open();
    let client = Udp::connect(site.v4);
    let cut = udp_body(&Report::keyless());
    for datagram in [
        Vec::new(),
        vec![0; 15],
        vec![0xff; 2000],
        client.request(9, &[]),
        client.request(0, &[]),
        client.request(1, &cut[..81]),
    ] {
        assert!(client.is_ignored(&datagram), "{datagram:?}");
    }
    still_serves(&site);
}

#[test]
fn udp_01_an_old_connection_id_meets_silence() {
    let site = Site::open();
    let client = Udp::connect(site.v4);
    site.advance(60);
    assert_eq!(client.announce(&Report::of(1)).failure, None);
    site.advance(241);
    assert!(client.is_ignored(&client.request(1, &udp_body(&Report::of(1)))));
    still_serves(&site);
}

#[test]
fn udp_18_a_flood_of_noise_ends_nothing() {
    let site = Site::with(r#""limits": {"exempt_loopback": true},"#);
    let client = Udp::connect(site.v4);
    let mut dice = fastrand::Rng::with_seed(7);
    for _ in 0..20_000 {
        let mut datagram: Vec<u8> = (0..dice.usize(..300)).map(|_| dice.u8(..)).collect();
        if dice.bool() {
            // Past the first checks, so that bodies and options are read too.
            let action = dice.u32(1..3);
            datagram = client.request(action, &datagram);
        }
        let _ = client.socket.send(&datagram);
    }
    still_serves(&site);
}

#[test]
fn noise_over_http_is_answered_400_or_closed() {
    let site = Site::open();
    let mut dice = fastrand::Rng::with_seed(8);
    for _ in 0..300 {
        let mut stream = TcpStream::connect(site.v4).unwrap();
        let noise: Vec<u8> = (0..dice.usize(..400)).map(|_| dice.u8(..)).collect();
        let _ = stream.write_all(&noise);
    }
    still_serves(&site);
}

#[test]
fn random_queries_are_answered_with_a_reason() {
    let site = Site::open();
    let mut dice = fastrand::Rng::with_seed(9);
    for _ in 0..300 {
        let query: String = (0..dice.usize(..200)).map(|_| dice.char('!'..'~')).collect();
        let (status, _) = get(site.v4, &format!("/announce?{query}"), "");
        assert!(status.contains("200") || status.contains("400"), "{status}: {query}");
    }
    still_serves(&site);
}

#[test]
fn http_19_a_head_without_end_is_refused() {
    let site = Site::open();
    let mut stream = TcpStream::connect(site.v4).unwrap();
    let _ = stream.write_all(b"GET / HTTP/1.1\r\nA: ");
    let _ = stream.write_all(&vec![b'a'; 20_000]);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    assert!(answer.is_empty() || split(&answer).0.contains("431"));
    still_serves(&site);
}

#[test]
fn http_19_a_client_that_dawdles_is_dropped() {
    let site = Site::open();
    let mut stream = TcpStream::connect(site.v4).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    stream.write_all(b"GET / HT").unwrap();
    while site.statistic("http_connections") == 0 {
        std::thread::yield_now();
    }
    site.advance(12);
    assert_eq!(stream.read(&mut [0; 10]).unwrap_or(0), 0);
    assert_eq!(site.statistic("http_timeouts"), 1);
}

#[test]
fn abuse_03_connections_are_counted_and_the_rest_refused() {
    let site = Site::with(r#""limits": {"max_connections": 4},"#);
    let held: Vec<_> = (0..40).map(|_| TcpStream::connect(site.v4).unwrap()).collect();
    while site.statistic("http_full") + site.statistic("http_connections") < 40 {
        std::thread::yield_now();
    }
    assert!(site.statistic("http_connections") <= 4);
    drop(held);
}

#[test]
fn abuse_03_one_host_holds_so_many_connections_and_others_still_come_in() {
    let site = Site::with(r#""limits": {"max_connections_per_host": 4},"#);
    let seen = || site.statistic("http_connections") + site.statistic("http_crowded");
    let connect = || {
        let (before, stream) = (seen(), TcpStream::connect(site.v4).unwrap());
        while seen() == before {
            std::thread::yield_now();
        }
        stream
    };
    let held: Vec<_> = (0..10).map(|_| connect()).collect();
    assert_eq!((site.statistic("http_connections"), site.statistic("http_crowded")), (4, 6));
    assert_eq!(Transport::Http(site.v6).announce(&Report::of(1)).failure, None);
    drop(held);
    // Its places are its own again, as soon as the tracker has seen the connections end.
    let taken = site.statistic("http_connections");
    while site.statistic("http_connections") == taken {
        drop(connect());
    }
}

#[test]
fn abuse_04_and_err_06_a_sender_over_its_rate_waits_and_its_limit_heals() {
    let site = Site::with(r#""limits": {"announces_per_s": 1, "announce_burst": 5},"#);
    let client = Udp::connect(site.v4);
    for _ in 0..5 {
        client.announce(&open(&Report::keyless()));
    }
    assert!(client.is_ignored(&client.request(1, &udp_body(&open(&Report::keyless())))));
    let over = Transport::Http(site.v4).announce(&open(&Report::keyless()));
    assert!(over.failure.unwrap().contains("slow down"));
    site.advance(3);
    assert_eq!(client.announce(&open(&Report::keyless())).failure, None);
}

#[test]
fn abuse_04_connects_are_limited_by_network() {
    let site = Site::with(r#""limits": {"connects_per_s": 1, "connect_burst": 3},"#);
    let clients: Vec<_> = (0..3).map(|_| Udp::connect(site.v4)).collect();
    let connect = [&[0, 0, 4, 0x17, 0x27, 0x10, 0x19, 0x80][..], &[0; 8]].concat();
    assert!(clients[0].is_ignored(&connect));
    assert_eq!(site.statistic("udp_limited"), 1);
}

#[test]
fn udp_17_one_busy_socket_starves_no_other() {
    let site = Site::open();
    let (v4, v6) = (site.v4, site.v6);
    let flood = std::thread::spawn(move || {
        let client = Udp::without_id(v4);
        for _ in 0..50_000 {
            let _ = client.socket.send(&[0; 16]);
        }
    });
    for _ in 0..20 {
        assert_eq!(Transport::Udp(v6).announce(&Report::of(1)).failure, None);
    }
    flood.join().unwrap();
}
