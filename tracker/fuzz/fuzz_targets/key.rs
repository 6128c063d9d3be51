//! Announce keys are read or refused without a panic.
#![no_main]

use bottin_tracker::wire::key::RawKey;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = RawKey::read(bytes);
});
