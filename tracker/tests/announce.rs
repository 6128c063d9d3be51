//! Announces over every transport, against a running tracker.

mod common;

use bottin_tracker::journal::Reader;
use bottin_tracker::serve::Records;
use common::client::{Report, Transport, Udp, announce_path, get, http_value, split, udp_body};
use common::{HYBRID, HYBRID_V2, OPEN, PENDING, REMOVED, Site, UNLISTED, key, release};
use std::collections::HashSet;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

#[test]
fn two_members_meet_over_every_transport() {
    for at in 0..4 {
        let site = Site::open();
        let transport = Transport::all(&site)[at];
        let first = transport.announce(&Report { left: 0, ..Report::of(1) });
        let second = transport.announce(&Report::of(2));
        assert_eq!((first.seeders, first.leechers, first.peers.len()), (1, 0, 0));
        assert_eq!((second.seeders, second.leechers), (1, 1));
        assert_eq!(second.peers.iter().map(SocketAddr::port).collect::<Vec<_>>(), [7001]);
    }
}

#[test]
fn evt_07_all_transports_share_one_swarm_brought_up_to_date_before_the_answer() {
    let site = Site::open();
    for (transport, user) in Transport::all(&site).into_iter().zip(1..) {
        let reply = transport.announce(&Report::of(user));
        assert_eq!(u64::from(reply.leechers), user);
    }
}

#[test]
fn id_10_and_http_11_a_udp_answer_holds_its_own_family_and_http_both() {
    let site = Site::open();
    let [udp4, udp6, http4, _] = Transport::all(&site);
    udp4.announce(&Report::of(1));
    udp6.announce(&Report::of(2));
    assert!(udp4.announce(&Report::of(3)).peers.iter().all(SocketAddr::is_ipv4));
    assert!(udp6.announce(&Report::of(4)).peers.iter().all(SocketAddr::is_ipv6));
    let mixed = http4.announce(&Report::of(5)).peers;
    assert_eq!(mixed.len(), 4);
    assert!(mixed[0].is_ipv4());
}

#[test]
fn v2_02_and_03_a_hybrid_client_counts_once_and_is_told_once() {
    let site = Site::open();
    for transport in Transport::all(&site) {
        for hash in [HYBRID, HYBRID_V2] {
            let reply =
                transport.announce(&Report { hash, uploaded: 10, event: 2, ..Report::of(1) });
            assert_eq!(reply.leechers, 1);
        }
    }
    let facts = Reader::new(&site.directory.path().join("journal")).read(0, 100).unwrap();
    let sessions: HashSet<_> = facts.iter().map(|(_, fact)| fact.session).collect();
    assert_eq!(sessions.len(), 1);
    assert_eq!(facts.len(), 1, "the same report seven more times says nothing new");
}

#[test]
fn jrn_03_what_is_answered_is_in_the_journal() {
    let site = Site::open();
    let reader = Reader::new(&site.directory.path().join("journal"));
    for (transport, round) in Transport::all(&site).into_iter().zip(1..) {
        transport.announce(&Report { uploaded: round * 100, ..Report::of(1) });
        let (_, fact) = *reader.read(round - 1, 10).unwrap().last().unwrap();
        assert_eq!((fact.uploaded, fact.user, fact.release), (round * 100, 1, 7));
        assert_eq!((fact.up_quarters, fact.down_quarters), (4, 2));
    }
}

#[test]
fn http_13_and_udp_13_every_refusal_is_a_sentence_of_its_own() {
    let site = Site::open();
    for transport in Transport::all(&site) {
        let asked = [
            Report { hash: UNLISTED, ..Report::of(1) },
            Report { hash: REMOVED, ..Report::of(1) },
            Report::keyless(),
            Report { key: Some("x".repeat(39)), ..Report::of(1) },
            Report { port: 0, ..Report::of(1) },
            Report { port: 25, ..Report::of(1) },
        ];
        let texts: HashSet<_> =
            asked.iter().map(|report| transport.announce(report).failure.unwrap()).collect();
        assert_eq!(texts.len(), asked.len(), "{texts:?}");
    }
}

#[test]
fn err_03_a_pending_release_waits_without_peers() {
    let site = Site::open();
    for transport in Transport::all(&site) {
        let reply = transport.announce(&Report { hash: PENDING, ..Report::of(1) });
        assert_eq!(reply.failure, None);
        assert!(reply.interval_s <= 300 && reply.peers.is_empty());
        assert_eq!(reply.warning.is_some(), matches!(transport, Transport::Http(_)));
    }
}

#[test]
fn err_04_leaving_is_never_a_failure() {
    let site = Site::open();
    for transport in Transport::all(&site) {
        for hash in [UNLISTED, REMOVED, HYBRID] {
            let reply =
                transport.announce(&Report { hash, event: 3, port: 0, ..Report::keyless() });
            assert_eq!(reply.failure, None);
        }
    }
}

#[test]
fn an_open_release_needs_no_key() {
    let site = Site::open();
    for transport in Transport::all(&site) {
        assert_eq!(transport.announce(&Report { hash: OPEN, ..Report::keyless() }).failure, None);
    }
    assert_eq!(site.statistic("facts"), 0);
}

#[test]
fn nobody_is_served_before_the_first_snapshot() {
    let site = Site::starting("", r#"["127.0.0.1:0", "[::1]:0"]"#);
    for transport in Transport::all(&site) {
        let failure = transport.announce(&Report::of(1)).failure.unwrap();
        assert!(failure.contains("tracker starting"));
    }
    let answer = http_value(site.v4, &announce_path(&Report::of(1)));
    assert_eq!(answer.integer("retry in"), Some(1));
}

#[test]
fn a_snapshot_holds_nothing_of_one_that_broke_off() {
    let site = Site::starting("", r#"["127.0.0.1:0", "[::1]:0"]"#);
    let releases = release(8, (Some(UNLISTED), None), 1, true);
    let records = Records { releases: &releases, ..Records::default() };
    site.handle.shared().load(&records).unwrap();
    site.handle.shared().begin_snapshot();
    site.load();
    let report = Report { hash: UNLISTED, ..Report::keyless() };
    assert!(Transport::Udp(site.v4).announce(&report).failure.is_some());
}

#[test]
fn a_takedown_holds_at_once_and_purges_the_swarm() {
    let site = Site::open();
    let [udp, _, http, _] = Transport::all(&site);
    udp.announce(&Report::of(1));
    site.apply(&release(7, (Some(HYBRID), Some(HYBRID_V2)), 5, false));
    assert!(udp.announce(&Report::of(2)).failure.unwrap().contains("removed"));
    let answer = http_value(site.v4, &announce_path(&Report::of(2)));
    assert_eq!(answer.bytes("retry in"), Some(&b"never"[..]));
    assert_eq!(site.statistic("peers"), 0);
    site.apply(&release(7, (Some(HYBRID), Some(HYBRID_V2)), 1, false));
    assert!(http.announce(&Report::of(2)).peers.is_empty());
}

#[test]
fn http_14_the_key_may_be_in_the_query() {
    let site = Site::open();
    let path = announce_path(&Report { key: None, ..Report::of(1) });
    let answer =
        http_value(site.v4, &path.replace("announce?", &format!("announce?key={}&", key(1))));
    assert_eq!(answer.integer("incomplete"), Some(1));
}

#[test]
fn http_17_the_client_reads_its_own_address() {
    let site = Site::open();
    let path = announce_path(&Report::of(1));
    assert_eq!(http_value(site.v4, &path).bytes("external ip"), Some(&[127, 0, 0, 1][..]));
    assert_eq!(http_value(site.v6, &path).bytes("external ip").unwrap().len(), 16);
}

#[test]
fn http_18_a_connection_carries_many_announces_even_at_once() {
    let site = Site::open();
    let mut stream = TcpStream::connect(site.v4).unwrap();
    let request = format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", announce_path(&Report::of(1)));
    stream.write_all(request.repeat(5).as_bytes()).unwrap();
    let last = request.replace("Host: x", "Connection: close");
    stream.write_all(last.as_bytes()).unwrap();
    let mut answers = Vec::new();
    stream.read_to_end(&mut answers).unwrap();
    assert_eq!(answers.windows(15).filter(|part| part == b"HTTP/1.1 200 OK").count(), 6);
    assert_eq!(site.statistic("http_connections"), 1);
}

#[test]
fn http_18_a_client_that_sends_far_ahead_is_answered_in_full() {
    let site = Site::with(r#""min_interval_s": 0, "limits": {"exempt_loopback": true},"#);
    let request = |port: u16| {
        let report = Report { hash: OPEN, port, numwant: 200, ..Report::keyless() };
        format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", announce_path(&report))
    };
    let mut stream = TcpStream::connect(site.v4).unwrap();
    let mut sender = stream.try_clone().unwrap();
    let sending = std::thread::spawn(move || {
        for round in 0..2_000 {
            sender.write_all(request(1_000 + round % 300).as_bytes()).unwrap();
        }
        sender.shutdown(std::net::Shutdown::Write).unwrap();
    });
    let mut answers = Vec::new();
    stream.read_to_end(&mut answers).unwrap();
    sending.join().unwrap();
    assert_eq!(answers.windows(15).filter(|part| part == b"HTTP/1.1 200 OK").count(), 2_000);
}

#[test]
fn http_18_a_client_that_ends_its_side_is_answered_and_let_go_at_once() {
    // Far later than what is claimed: the end must be seen, not waited for.
    let site = Site::with(r#""limits": {"http_timeout_s": 300, "exempt_loopback": true},"#);
    let request = format!("GET {} HTTP/1.1\r\nHost: x\r\n\r\n", announce_path(&Report::of(1)));
    let (head, rest) = request.as_bytes().split_at(40);
    for pieces in [&[request.as_bytes()][..], &[head, rest], &[b"", request.as_bytes()]] {
        for asks_again in [false, true] {
            let mut stream = TcpStream::connect(site.v4).unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
            for piece in pieces {
                // Another connection's turn passes between the pieces.
                announce_open_over_http(&site);
                stream.write_all(piece).unwrap();
            }
            let mut answers = Vec::new();
            if asks_again {
                let mut first = [0; 15];
                stream.read_exact(&mut first).unwrap();
                answers.extend(first);
                stream.write_all(request.as_bytes()).unwrap();
            }
            stream.shutdown(std::net::Shutdown::Write).unwrap();
            stream.read_to_end(&mut answers).unwrap();
            let whole = answers.windows(15).filter(|part| part == b"HTTP/1.1 200 OK").count();
            assert_eq!(whole, 1 + usize::from(asks_again));
        }
    }
}

fn announce_open_over_http(site: &Site) {
    http_value(site.v4, &announce_path(&Report { hash: OPEN, ..Report::keyless() }));
}

#[test]
fn id_05_an_address_in_the_request_is_ignored() {
    let site = Site::open();
    let path = announce_path(&Report::of(1)) + "&ip=6.6.6.6&ipv4=6.6.6.6&ipv6=2001:db8::6";
    http_value(site.v4, &path);
    // The UDP report of this suite always carries 6.6.6.6 in its address field.
    let reply = Transport::Udp(site.v4).announce(&Report::of(2));
    assert!(reply.peers[0].ip().is_loopback());
}

#[test]
fn id_06_a_trusted_proxy_vouches_for_its_client_and_others_do_not() {
    let header = "X-Forwarded-For: 6.6.6.6, 198.51.100.9\r\n";
    for (settings, seen) in
        [(r#""trusted_proxies": ["127.0.0.0/8"],"#, [198, 51, 100, 9]), ("", [127, 0, 0, 1])]
    {
        let site = Site::with(settings);
        let (_, body) = get(site.v4, &announce_path(&Report::of(1)), header);
        assert_eq!(common::bencode::read(&body).bytes("external ip"), Some(&seen[..]));
    }
}

#[test]
fn evt_11_intervals_differ_so_that_no_herd_forms() {
    let site = Site::open();
    let client = Udp::connect(site.v4);
    let seen: HashSet<_> = (0..50).map(|_| client.announce(&Report::of(1)).interval_s).collect();
    assert!(seen.len() > 5);
    assert!(seen.iter().all(|interval_s| (1800..=1980).contains(interval_s)));
}

#[test]
fn udp_14_the_answer_leaves_from_the_address_that_was_asked() {
    let site = Site::starting("", r#"["0.0.0.0:0"]"#);
    site.load();
    for host in ["127.0.0.1", "127.0.0.2", "127.1.2.3"] {
        // A connected socket takes answers from that address only.
        let client =
            Udp::connect((host.parse::<std::net::Ipv4Addr>().unwrap(), site.v4.port()).into());
        assert_eq!(client.announce(&Report::of(1)).failure, None);
    }
}

#[test]
fn udp_14_holds_for_ipv6_on_every_address() {
    let site = Site::starting("", r#"["[::]:0"]"#);
    site.load();
    let client = Udp::connect((std::net::Ipv6Addr::LOCALHOST, site.v6.port()).into());
    assert_eq!(client.announce(&Report::of(1)).failure, None);
}

#[test]
fn udp_02_and_16_a_connection_id_works_from_any_port_on_any_thread() {
    let site = Site::open();
    let first = Udp::connect(site.v4);
    for _ in 0..16 {
        let second = Udp { connection: first.connection, ..Udp::without_id(site.v4) };
        assert_eq!(second.announce(&Report::of(1)).failure, None);
    }
}

#[test]
fn udp_07_answers_are_as_long_as_the_protocol_says() {
    let site = Site::open();
    for (at, stride) in [(0, 6), (1, 18)] {
        let transport = Transport::all(&site)[at];
        let empty = transport.announce(&Report { numwant: 0, ..Report::of(1) });
        assert_eq!(empty.length, 20);
        let reply = transport.announce(&Report::of(2));
        assert_eq!(reply.length, 20 + stride * reply.peers.len());
    }
}

#[test]
fn udp_09_to_11_a_report_without_url_data_is_a_report_without_a_key() {
    let site = Site::open();
    let client = Udp::connect(site.v4);
    let bare = udp_body(&Report { key: None, ..Report::of(1) });
    let answer = client.ask(&client.request(1, &bare)).unwrap();
    assert_eq!(answer[..4], 3_u32.to_be_bytes());
}

#[test]
fn run_11_policy_changes_while_announces_go_on() {
    let site = Site::with(r#""limits": {"exempt_loopback": true},"#);
    let is_over = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(std::sync::atomic::Ordering::Relaxed) {
                site.apply(&release(7, (Some(HYBRID), Some(HYBRID_V2)), 1, false));
                site.load();
            }
        });
        let client = Udp::connect(site.v4);
        for round in 0..2_000 {
            let reply = client.announce(&Report { uploaded: round, ..Report::of(1) });
            assert_eq!((reply.failure, reply.leechers), (None, 1));
        }
        is_over.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}

#[test]
fn the_short_page_and_nothing_else() {
    let site = Site::open();
    let (status, body) = get(site.v4, "/", "");
    assert_eq!(status, "HTTP/1.1 200 OK");
    assert!(body.starts_with(b"Bottin"));
    assert!(get(site.v4, "/index.html", "").0.contains("404"));
    let mut stream = TcpStream::connect(site.v4).unwrap();
    stream.write_all(b"DELETE / HTTP/1.1\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    assert!(split(&answer).0.contains("405"));
}

#[test]
fn udp_12_a_large_swarm_fills_an_answer_to_its_limit() {
    let site = Site::with(r#""numwant_max": 200,"#);
    for transport in [Transport::Http(site.v4), Transport::Http(site.v6)] {
        for port in 1..=210 {
            transport.announce(&Report { hash: OPEN, port: 10_000 + port, ..Report::keyless() });
        }
    }
    let greedy = Report { hash: OPEN, numwant: i32::MAX, event: 2, ..Report::keyless() };
    assert_eq!(Transport::Udp(site.v4).announce(&greedy).peers.len(), 200);
    assert_eq!(Transport::Udp(site.v6).announce(&greedy).peers.len(), 66);
    assert_eq!(Transport::Http(site.v6).announce(&greedy).peers.len(), 200);
}
