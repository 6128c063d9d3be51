//! HTTP heads never panic and never claim more than was sent.
#![no_main]

use bottin_tracker::wire::http;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(Some(head)) = http::head(bytes) {
        assert!(head.length <= bytes.len());
    }
});
