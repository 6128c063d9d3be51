//! WebTorrent over WebSocket, against a running tracker.

mod common;

use bottin_tracker::journal::Reader;
use bottin_tracker::serve::Records;
use common::client::{Report, Transport};
use common::web::{Web, latin};
use common::{HYBRID_V2, OPEN, PENDING, REMOVED, Site, UNLISTED, key};
use serde_json::json;
use std::time::{Duration, Instant};
use tungstenite::Message;

/// Waits until a statistic has a value: connections end a moment after their clients.
#[expect(clippy::disallowed_methods, reason = "a deadline of the test")]
fn settles(site: &Site, name: &str, value: u64) {
    let began = Instant::now();
    while site.statistic(name) != value {
        assert!(began.elapsed() < Duration::from_secs(10), "{name} {}", site.statistic(name));
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn ws_03_and_08_ipv4_and_ipv6_meet_over_all_threads_and_count_for_every_protocol() {
    let site = Site::open();
    let mut waiting: Vec<_> = (1..=6)
        .map(|user| Web::member(if user % 2 == 0 { site.v4 } else { site.v6 }, user))
        .collect();
    for (count, client) in waiting.iter_mut().enumerate() {
        let told = client.announce(&json!({"event": "started", "offers": []}));
        assert_eq!(told["incomplete"], json!(count + 1));
        assert!((120..=132).contains(&told["interval"].as_u64().unwrap()));
    }
    let mut seeder = Web::member(site.v4, 7);
    let offer = json!({"type": "offer", "sdp": "v=0 \r\n"});
    let offers: Vec<_> =
        (0..10).map(|at| json!({"offer_id": latin(100 + at), "offer": offer})).collect();
    seeder.announce(&json!({"left": 0, "numwant": 10, "offers": offers}));
    for client in &mut waiting {
        let met = client.hear();
        assert_eq!((&met["offer"], &met["peer_id"]), (&offer, &json!(latin(7))));
    }
    assert_eq!(site.statistic("ws_offers"), 6);
    let reply = Transport::Udp(site.v4).announce(&Report::of(8));
    assert_eq!((reply.seeders, reply.leechers, reply.peers.len()), (1, 7, 0));
    let scraped = seeder.ask(&json!({"action": "scrape", "info_hash": latin(common::HYBRID)}));
    let counts = json!({"complete": 1, "incomplete": 7, "downloaded": 7});
    assert_eq!(scraped["files"][latin(common::HYBRID)], counts);
}

#[test]
fn ws_01_an_answer_reaches_the_one_who_offered_and_nobody_else() {
    let site = Site::open();
    let (mut asked, mut offerer) = (Web::member(site.v6, 1), Web::member(site.v4, 2));
    let mut stranger = Web::member(site.v4, 3);
    asked.announce(&json!({"offers": []}));
    offerer.announce(&json!({}));
    assert_eq!(asked.hear()["offer_id"], json!(latin(2)));
    stranger.announce(&json!({"offers": []}));

    stranger.answer(2);
    settles(&site, "ws_unasked", 1);
    asked.answer(2);
    let answered = offerer.hear();
    assert_eq!(answered["answer"], json!({"type": "answer", "sdp": "v=1"}));
    assert_eq!((&answered["peer_id"], &answered["offer_id"]), (&json!(latin(1)), &json!(latin(2))));
    asked.answer(2);
    settles(&site, "ws_unasked", 2);
    assert!(offerer.is_silent());
}

#[test]
fn ws_01_an_offer_is_answered_in_time_or_never() {
    let site = Site::open();
    let (mut asked, mut offerer) = (Web::member(site.v4, 1), Web::member(site.v4, 2));
    asked.announce(&json!({"offers": []}));
    offerer.announce(&json!({}));
    asked.hear();
    site.advance(121);
    asked.answer(2);
    settles(&site, "ws_unasked", 1);
}

#[test]
fn ws_02_another_connection_cannot_take_a_peer_id_nor_send_it_away() {
    let site = Site::open();
    let mut first = Web::member(site.v4, 1);
    first.announce(&json!({"offers": []}));
    let mut thief = Web::member(site.v4, 2);
    let refused = thief.announce(&json!({"peer_id": latin(1)}));
    assert!(refused["failure reason"].is_string());
    assert_eq!(refused["info_hash"], json!(latin(common::HYBRID)));
    let left = thief.announce(&json!({"peer_id": latin(1), "event": "stopped"}));
    assert_eq!(left["failure reason"], json!(null), "ERR-4");
    assert_eq!(thief.announce(&json!({}))["incomplete"], json!(2), "the first is still there");

    let mut again = Web::member(site.v6, 1);
    let told = again.announce(&json!({"offers": []}));
    assert_eq!(told["incomplete"], json!(2), "a member's new connection takes over");
    drop(first);
    settles(&site, "ws_closed", 1);
    assert_eq!(site.statistic("ws_peers"), 2);
}

#[test]
fn ws_05_a_closed_or_silent_connection_leaves_nothing() {
    let site = Site::open();
    let mut gone = Web::member(site.v4, 1);
    gone.announce(&json!({}));
    assert_eq!((site.statistic("ws_peers"), site.statistic("peers")), (1, 1));
    drop(gone);
    settles(&site, "ws_open", 0);
    assert_eq!((site.statistic("ws_peers"), site.statistic("peers")), (0, 0));

    let mut silent = Web::member(site.v4, 1);
    silent.announce(&json!({}));
    site.advance(61);
    assert!(matches!(silent.socket.read().unwrap(), Message::Ping(_)));
    silent.socket.flush().unwrap();
    site.advance(120);
    assert_eq!(silent.close_code(), Some(1000));
    settles(&site, "ws_open", 0);
    assert_eq!((site.statistic("peers"), site.statistic("ws_idle")), (0, 1));
}

#[test]
fn ws_04_who_speaks_of_one_swarm_only_leaves_the_others() {
    let site = Site::open();
    let mut client = Web::member(site.v4, 1);
    client.announce(&json!({"offers": []}));
    client.announce(&json!({"info_hash": latin(OPEN), "offers": []}));
    assert_eq!(site.statistic("ws_peers"), 2);
    site.advance(100);
    client.announce(&json!({"info_hash": latin(OPEN), "offers": []}));
    site.advance(100);
    settles(&site, "ws_peers", 1);
    assert_eq!(site.statistic("ws_open"), 1);
}

#[test]
fn ws_08_a_members_report_is_in_the_journal_and_a_visitors_is_not() {
    let site = Site::open();
    let reader = Reader::new(&site.directory.path().join("journal"));
    let mut member = Web::at(site.v4, &format!("/announce?key={}", key(1)), 1);
    member.announce(&json!({"event": "started"}));
    member.announce(&json!({"uploaded": 10, "downloaded": 9, "left": 0, "event": "completed"}));
    let told = member.announce(&json!({"uploaded": 20, "downloaded": 9, "left": 0,
        "event": "stopped"}));
    assert_eq!((&told["complete"], &told["downloaded"]), (&json!(0), &json!(7)));
    let facts = reader.read(0, 10).unwrap();
    let said: Vec<_> = facts
        .iter()
        .map(|(_, fact)| (fact.user, fact.event, fact.uploaded, fact.downloaded, fact.left))
        .collect();
    assert_eq!(said, [(1, 2, 0, 0, 9), (1, 1, 10, 9, 0), (1, 3, 20, 9, 0)]);

    let mut visitor = Web::visitor(site.v4, 9);
    let open = json!({"info_hash": latin(OPEN)});
    assert_eq!(visitor.announce(&open)["incomplete"], json!(1));
    assert_eq!(reader.read(0, 10).unwrap().len(), 3);
}

#[test]
fn ws_08_the_same_client_over_two_protocols_counts_once_and_stays_with_its_address() {
    let site = Site::open();
    Transport::Http(site.v4).announce(&Report::of(1));
    let mut web = Web::member(site.v4, 1);
    assert_eq!(web.announce(&json!({}))["incomplete"], json!(1));
    drop(web);
    settles(&site, "ws_open", 0);
    assert_eq!(site.statistic("peers"), 1);
}

#[test]
fn ws_08_policy_and_caps_hold_with_their_sentences() {
    let site = Site::open();
    let mut member = Web::member(site.v4, 1);
    for hash in [UNLISTED, REMOVED] {
        let told = member.announce(&json!({"info_hash": latin(hash)}));
        assert!(told["failure reason"].is_string() && told["info_hash"] == json!(latin(hash)));
    }
    let told = member.announce(&json!({"info_hash": latin(PENDING)}));
    assert!(told["warning message"].is_string() && told["interval"] == json!(120));
    let told = Web::visitor(site.v4, 2).announce(&json!({}));
    assert!(told["failure reason"].as_str().unwrap().contains("key"));
    let mut clients: Vec<_> = (10..14).map(|_| Web::member(site.v4, 2)).collect();
    for (at, client) in clients.iter_mut().enumerate() {
        client.peer = 50 + u8::try_from(at).unwrap();
        let told = client.announce(&json!({"offers": []}));
        assert_eq!(told["failure reason"].is_string(), at == 3, "ID-13: three at once");
    }
}

#[test]
fn v2_02_browsers_that_know_a_hybrid_by_different_hashes_meet() {
    let site = Site::open();
    let (mut first, mut second) = (Web::member(site.v4, 1), Web::member(site.v4, 2));
    first.announce(&json!({"info_hash": latin(HYBRID_V2), "offers": []}));
    let told = second.announce(&json!({}));
    assert_eq!(told["incomplete"], json!(2));
    assert_eq!(first.hear()["info_hash"], json!(latin(HYBRID_V2)));
}

#[test]
fn ws_04_the_limits_hold() {
    let site = Site::with(r#""web": {"max_connections": 2, "max_swarms": 1},"#);
    let mut first = Web::member(site.v4, 1);
    first.announce(&json!({}));
    let told = first.announce(&json!({"info_hash": latin(OPEN)}));
    assert!(told["failure reason"].is_string());
    let mut second = Web::member(site.v4, 2);
    assert_eq!(Web::try_at(site.v4, "/announce", 3).err(), Some(503));
    second.send(&json!("x".repeat(64 * 1024)));
    assert_eq!(second.close_code(), Some(1009));
    drop(second);
    settles(&site, "ws_open", 1);
    Web::member(site.v4, 2);
}

#[test]
fn bad_messages_are_answered_and_then_closed() {
    let site = Site::open();
    let mut client = Web::visitor(site.v4, 1);
    for _ in 0..9 {
        client.socket.send(Message::text("{")).unwrap();
        assert!(client.hear()["failure reason"].is_string());
    }
    client.socket.send(Message::text("{")).unwrap();
    assert_eq!(client.close_code(), Some(1008));
    assert_eq!(site.statistic("ws_malformed"), 10);
    assert_eq!(Web::try_at(site.v4, "/nothing/here/x", 1).err(), Some(404));
}

#[test]
fn text_binary_pings_and_parts_are_all_heard() {
    let site = Site::open();
    let mut client = Web::member(site.v4, 1);
    let message = client.announcement(&json!({})).to_string();
    client.socket.send(Message::binary(message.clone().into_bytes())).unwrap();
    assert_eq!(client.hear()["incomplete"], json!(1));
    client.socket.send(Message::Ping(b"are you there".as_slice().into())).unwrap();
    let pong = client.socket.read().unwrap();
    assert_eq!(pong, Message::Pong(b"are you there".as_slice().into()));
    let many = client.announcement(&json!({"more": "x".repeat(40_000)}));
    for _ in 0..3 {
        client.send(&many);
    }
    for _ in 0..3 {
        assert_eq!(client.hear()["incomplete"], json!(1));
    }
    client.socket.close(None).unwrap();
    assert_eq!(client.close_code(), Some(1000));
}

#[test]
fn abuse_06_one_who_comes_back_at_once_meets_nobody() {
    let site = Site::open();
    let (mut waiting, mut hasty) = (Web::member(site.v4, 1), Web::member(site.v4, 2));
    waiting.announce(&json!({"offers": []}));
    hasty.announce(&json!({}));
    waiting.hear();
    hasty.announce(&json!({}));
    assert!(waiting.is_silent());
    site.advance(61);
    hasty.announce(&json!({}));
    assert!(waiting.hear()["offer"].is_object());
}

#[test]
fn a_takedown_parts_browsers_at_once() {
    let site = Site::open();
    let (mut asked, mut offerer) = (Web::member(site.v4, 1), Web::member(site.v4, 2));
    asked.announce(&json!({"offers": []}));
    offerer.announce(&json!({}));
    asked.hear();
    site.apply(&common::release(7, (Some(common::HYBRID), Some(HYBRID_V2)), 5, false));
    assert_eq!(site.statistic("ws_peers"), 0);
    asked.answer(2);
    settles(&site, "ws_unasked", 1);
}

/// WS-9: `cargo test --release --test webtorrent -- --ignored --nocapture ws_09`.
#[test]
#[ignore = "a measure: run it alone, with room for 8,000 descriptors"]
fn ws_09_memory_of_a_connection() {
    const CONNECTIONS: usize = 2_000;
    let site = Site::with(r#""limits": {"exempt_loopback": true},"#);
    let (releases, accounts) = (&common::releases()[..], &roomy()[..]);
    let records = Records { releases, accounts, ..Records::default() };
    site.handle.shared().load(&records).unwrap();
    site.handle.shared().commit_snapshot(2);
    let resident = || {
        let status = std::fs::read_to_string("/proc/self/statm").unwrap();
        status.split(' ').nth(1).unwrap().parse::<usize>().unwrap() * 4096
    };
    let mut held: Vec<std::net::TcpStream> = Vec::with_capacity(CONNECTIONS);
    Web::visitor(site.v4, 1).announce(&json!({"info_hash": latin(OPEN)}));
    let before = resident();
    for number in 0..CONNECTIONS {
        let mut client = Web::member(site.v4, u8::try_from(number % 9 + 1).unwrap());
        let told = client.announce(&json!({"peer_id": format!("{number:020}"), "numwant": 1}));
        assert_eq!(told["failure reason"], json!(null));
        // Its socket alone stays: what the client kept is given back.
        held.push(client.socket.get_ref().try_clone().unwrap());
    }
    let grown = resident().saturating_sub(before);
    assert_eq!(site.statistic("ws_open"), CONNECTIONS as u64);
    println!("{} bytes a connection, one offer awaited", grown / CONNECTIONS);
    println!(
        "{} offers passed on, {} lost",
        site.statistic("ws_offers"),
        site.statistic("ws_lost")
    );
}

/// The nine members, each with room for 255 clients in a swarm.
fn roomy() -> Vec<u8> {
    let wide = |user| {
        let mut record = common::account(user);
        record.pop();
        record.push(255);
        record
    };
    (1..=9).flat_map(wide).collect()
}
