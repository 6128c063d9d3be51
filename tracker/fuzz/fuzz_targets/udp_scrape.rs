//! UDP scrapes never panic and never exceed their cap.
#![no_main]

use bottin_tracker::wire::udp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    assert!(udp::scrape(bytes).count() <= udp::SCRAPE_LIMIT);
});
