//! What holds for every parser, whatever bytes it is given: fuzzed with coverage by `make fuzz`, and
//! from the same seeds without it by `parsers.rs`.
#![allow(dead_code, reason = "each fuzz target uses its own")]
#![allow(unreachable_pub, reason = "shared by several programs")]

use bottin_tracker::swarm::{Limits, Return, Swarms};
use bottin_tracker::wire::AnnounceKey;
use bottin_tracker::wire::fact::{FACT_BYTES, Fact};
use bottin_tracker::wire::key::RawKey;
use bottin_tracker::wire::websocket::{Assembly, Incoming};
use bottin_tracker::wire::webtorrent::{Bounds, Message, read};
use bottin_tracker::wire::{http, list, proxy, record, target, udp};
use std::cell::RefCell;

/// What holds for a parser and any input.
pub type Claim = fn(&[u8]);

/// Every parser by the name of its fuzz target and of the folder of its seeds.
pub const ALL: [(&str, Claim); 13] = [
    ("fact", fact),
    ("http_announce", http_announce),
    ("http_head", http_head),
    ("key", key),
    ("list", hash_list),
    ("proxy", proxy_header),
    ("record", policy_record),
    ("swarms", swarms),
    ("target", announce_url),
    ("udp_announce", udp_announce),
    ("udp_scrape", udp_scrape),
    ("websocket", websocket),
    ("webtorrent", webtorrent),
];

/// A journal record that reads is written the same.
pub fn fact(bytes: &[u8]) {
    for record in bytes.as_chunks::<FACT_BYTES>().0 {
        if let Some(fact) = Fact::decode(record) {
            assert_eq!(Fact::decode(&fact.encode()), Some(fact));
        }
    }
}

/// HTTP queries never panic.
pub fn http_announce(bytes: &[u8]) {
    let _ = http::announce(AnnounceKey::Absent, bytes);
    assert!(http::scrape(bytes).count() <= http::SCRAPE_LIMIT);
}

/// HTTP heads never claim more than was sent.
pub fn http_head(bytes: &[u8]) {
    if let Ok(Some(head)) = http::head(bytes) {
        assert!(head.length <= bytes.len());
    }
}

/// Announce keys are read or refused.
pub fn key(bytes: &[u8]) {
    let _ = RawKey::read(bytes);
}

/// Files of info-hashes are read or refused by their line.
pub fn hash_list(bytes: &[u8]) {
    let _ = (list::hashes(bytes).count(), list::counts(bytes));
}

/// The header of the PROXY protocol claims no more than was sent.
pub fn proxy_header(bytes: &[u8]) {
    if let Ok(proxy::Preface::Whole { length, .. }) = proxy::preface(bytes) {
        assert!(length <= bytes.len());
    }
}

/// Policy records are read or refused.
pub fn policy_record(bytes: &[u8]) {
    let _ = (record::releases(bytes), record::accounts(bytes), record::hashes(bytes));
    for rule in record::clients(bytes).unwrap_or_default() {
        assert!(rule.head.len() <= record::HEAD_BYTES && rule.head.is_ascii());
        assert!(rule.reason.len() <= record::REASON_BYTES && !rule.reason.contains('\0'));
    }
}

/// Announce URLs never panic.
pub fn announce_url(bytes: &[u8]) {
    let _ = (target::read(bytes), target::key_in_url_data(bytes));
}

/// UDP announces with their options never panic.
pub fn udp_announce(bytes: &[u8]) {
    let _ = (udp::header(bytes), udp::announce(bytes));
}

/// UDP scrapes never exceed their cap.
pub fn udp_scrape(bytes: &[u8]) {
    assert!(udp::scrape(bytes).count() <= udp::SCRAPE_LIMIT);
}

/// Nothing comes out of a WebSocket stream that is longer than the limit.
pub fn websocket(bytes: &[u8]) {
    let (mut stream, mut assembly, mut at) = (bytes.to_vec(), Assembly::default(), 0);
    while let Some(rest) = stream.get_mut(at..)
        && let Ok(Some((taken, incoming))) = assembly.next(rest, 1024)
    {
        assert!(!matches!(incoming, Incoming::Message(message) if message.len() > 1024));
        at += taken;
    }
    assert!(at <= bytes.len());
}

/// WebTorrent messages are read or refused within their bounds.
pub fn webtorrent(bytes: &[u8]) {
    match read(bytes, AnnounceKey::Absent, &Bounds { offers: 3, scrape: 3 }) {
        Ok(Message::Announce(_, offers)) => assert!(offers.len() <= 3),
        Ok(Message::Scrape(hashes)) => assert!(hashes.len() <= 3),
        Ok(Message::Answer(_)) | Err(_) => {}
    }
}

thread_local! {
    static STORE: RefCell<Swarms> = RefCell::new(store());
}

/// Swarms of an earlier run are taken back or refused, and can be forgotten again.
pub fn swarms(bytes: &[u8]) {
    // The first block is the input's, its sum in order; the other shards have none.
    let mut file = Vec::with_capacity(bytes.len() + 256 * 8);
    file.extend(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
    file.extend(crc32c::crc32c(bytes).to_le_bytes());
    file.extend(bytes);
    file.resize(file.len() + 255 * 8, 0);
    STORE.with_borrow_mut(|store| {
        let back = Return { now: bottin_tracker::clock::Tick(100), away_s: 7 };
        let restored = store.restore(&mut file.as_slice(), back, |_| true);
        assert!(restored.is_err() || restored.is_ok_and(|peers| peers <= store.sizes().1));
        store.purge_unless(|_| false);
        assert_eq!(store.sizes().1, 0);
    });
}

fn store() -> Swarms {
    let limits = Limits {
        max_peers: 10_000,
        max_peers_per_swarm: 1_000,
        max_locations: 3,
        peer_timeout_s: 2_700,
        min_interval_s: 60,
    };
    Swarms::new(limits, ahash::RandomState::with_seeds(1, 2, 3, 4), &[7; 32])
}
