//! WebTorrent messages are read or refused without a panic, within their bounds.
#![no_main]

use bottin_tracker::wire::AnnounceKey;
use bottin_tracker::wire::webtorrent::{Bounds, Message, read};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    match read(bytes, AnnounceKey::Absent, &Bounds { offers: 3, scrape: 3 }) {
        Ok(Message::Announce(_, offers)) => assert!(offers.len() <= 3),
        Ok(Message::Scrape(hashes)) => assert!(hashes.len() <= 3),
        Ok(Message::Answer(_)) | Err(_) => {}
    }
});
