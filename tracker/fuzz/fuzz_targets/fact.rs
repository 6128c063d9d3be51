//! A journal record that reads is written the same.
#![no_main]

use bottin_tracker::wire::fact::{FACT_BYTES, Fact};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for record in bytes.as_chunks::<FACT_BYTES>().0 {
        if let Some(fact) = Fact::decode(record) {
            assert_eq!(Fact::decode(&fact.encode()), Some(fact));
        }
    }
});
