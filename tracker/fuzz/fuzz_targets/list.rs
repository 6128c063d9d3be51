//! Files of info-hashes never panic.
#![no_main]

use bottin_tracker::wire::list;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = (list::hashes(bytes).count(), list::counts(bytes));
});
