//! WebSocket streams never panic, and nothing comes out that is longer than the limit.
#![no_main]

use bottin_tracker::wire::websocket::{Assembly, Incoming};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let (mut stream, mut assembly, mut at) = (bytes.to_vec(), Assembly::default(), 0);
    while let Ok(Some((taken, incoming))) = assembly.next(&mut stream[at..], 1024) {
        assert!(!matches!(incoming, Incoming::Message(message) if message.len() > 1024));
        at += taken;
    }
});
