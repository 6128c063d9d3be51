//! Announce URLs never panic.
#![no_main]

use bottin_tracker::wire::target;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = (target::read(bytes), target::key_in_url_data(bytes));
});
