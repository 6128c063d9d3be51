#![no_main]
#[path = "../../tests/claims/mod.rs"]
mod claims;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| claims::announce_url(bytes));
