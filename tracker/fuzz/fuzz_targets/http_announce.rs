//! HTTP queries never panic.
#![no_main]

use bottin_tracker::wire::{AnnounceKey, http};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = http::announce(AnnounceKey::Absent, bytes);
    assert!(http::scrape(bytes).count() <= http::SCRAPE_LIMIT);
});
