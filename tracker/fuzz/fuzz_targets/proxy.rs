//! The header of the PROXY protocol never panics.
#![no_main]

use bottin_tracker::wire::proxy;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = proxy::preface(bytes);
});
