//! Policy records never panic.
#![no_main]

use bottin_tracker::wire::record;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = (record::releases(bytes), record::accounts(bytes), record::hashes(bytes));
});
