//! Scrapes over UDP and HTTP, against a running tracker.
#![expect(clippy::unwrap_used, reason = "a test that cannot set up must stop")]

mod common;

use common::bencode::Value;
use common::client::{Report, Transport, Udp, escape, get, http_value};
use common::{HYBRID, HYBRID_V2, OPEN, REMOVED, Site, UNLISTED, key, release};

fn udp_scrape(site: &Site, hashes: &[u8]) -> Vec<[u32; 3]> {
    let client = Udp::connect(site.v4);
    let body: Vec<u8> = hashes.iter().flat_map(|hash| [*hash; 20]).collect();
    let answer = client.ask(&client.request(2, &body)).unwrap();
    let (head, counts) = answer.split_at(8);
    assert_eq!(head, b"\0\0\0\x02tran");
    let numbers = |row: &[u8; 12]| {
        let (numbers, _) = row.as_chunks();
        std::array::from_fn(|at| u32::from_be_bytes(*numbers.get(at).unwrap()))
    };
    counts.as_chunks().0.iter().map(numbers).collect()
}

fn http_scrape(site: &Site, key: Option<String>, hashes: &[u8]) -> Value {
    let key = key.map(|key| format!("/{key}")).unwrap_or_default();
    let query: Vec<_> = hashes.iter().map(|hash| format!("info_hash={}", escape(*hash))).collect();
    http_value(site.v4, &format!("{key}/scrape?{}", query.join("&")))
}

fn file(answer: &Value, hash: u8) -> Option<[u64; 3]> {
    let file = answer.get("files").unwrap().at(&[hash; 20])?;
    Some(["complete", "downloaded", "incomplete"].map(|name| file.integer(name).unwrap()))
}

fn with_peers() -> Site {
    let site = Site::open();
    let [udp, udp6, http, _] = Transport::all(&site);
    udp.announce(&Report { hash: OPEN, left: 0, ..Report::keyless() });
    udp6.announce(&Report { hash: OPEN, ..Report::keyless() });
    http.announce(&Report { hash: OPEN, port: 9, ..Report::keyless() });
    http.announce(&Report::of(1));
    site
}

#[test]
fn scr_02_udp_answers_in_the_order_asked_with_repeats_and_unknowns() {
    let site = with_peers();
    assert_eq!(
        udp_scrape(&site, &[UNLISTED, OPEN, OPEN, REMOVED]),
        [[0, 0, 0], [1, 7, 2], [1, 7, 2], [0, 0, 0]]
    );
}

#[test]
fn evt_06_scrape_equals_announce_on_both_protocols() {
    let site = with_peers();
    let reply =
        Transport::Http(site.v4).announce(&Report { hash: OPEN, port: 9, ..Report::keyless() });
    assert_eq!((reply.seeders, reply.leechers), (1, 2));
    assert_eq!(udp_scrape(&site, &[OPEN]), [[1, 7, 2]]);
    assert_eq!(file(&http_scrape(&site, None, &[OPEN]), OPEN), Some([1, 7, 2]));
    let counts = site.handle.shared().take_counts(10);
    let open = counts.iter().find(|(id, _)| *id == 8).unwrap().1;
    assert_eq!((open.seeders, open.leechers, open.completed), (1, 2, 5));
}

#[test]
fn scr_03_a_long_udp_scrape_is_cut_rather_than_refused() {
    assert_eq!(udp_scrape(&Site::open(), &[OPEN; 90]).len(), 74);
}

#[test]
fn scr_05_a_scrape_of_everything_is_off() {
    let site = Site::open();
    assert!(http_value(site.v4, "/scrape").bytes("failure reason").is_some());
}

#[test]
fn scr_06_members_releases_are_shown_to_members_only() {
    let site = with_peers();
    assert_eq!(udp_scrape(&site, &[HYBRID]), [[0, 0, 0]]);
    assert_eq!(file(&http_scrape(&site, None, &[HYBRID]), HYBRID), None);
    assert_eq!(file(&http_scrape(&site, Some(key(1)), &[HYBRID]), HYBRID), Some([0, 7, 1]));
    assert_eq!(file(&http_scrape(&site, Some("x".repeat(39)), &[HYBRID]), HYBRID), None);
}

#[test]
fn v2_02_either_hash_of_a_hybrid_scrapes_the_same() {
    let site = with_peers();
    let answer = http_scrape(&site, Some(key(1)), &[HYBRID_V2, HYBRID]);
    assert_eq!(file(&answer, HYBRID), file(&answer, HYBRID_V2));
    assert!(file(&answer, HYBRID).is_some());
}

#[test]
fn a_removed_release_is_left_out() {
    let site = with_peers();
    site.apply(&release(8, (Some(OPEN), None), 5, true));
    assert_eq!(file(&http_scrape(&site, None, &[OPEN]), OPEN), None);
    assert_eq!(udp_scrape(&site, &[OPEN]), [[0, 0, 0]]);
}

#[test]
fn http_13_a_refused_scrape_is_still_status_200() {
    let site = Site::open();
    assert_eq!(get(site.v4, "/scrape?info_hash=short", "").0, "HTTP/1.1 200 OK");
}
