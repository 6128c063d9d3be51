//! UDP announces with their options never panic.
#![no_main]

use bottin_tracker::wire::udp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = (udp::header(bytes), udp::announce(bytes));
});
