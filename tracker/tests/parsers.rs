//! Every parser over its committed seeds, then over what chance makes of them, `FUZZ_S` seconds
//! each: what a newcomer's machine can do without a fuzzer. `make fuzz` does it with coverage.
#![expect(clippy::unwrap_used, reason = "a test that goes astray must stop")]
#![expect(clippy::print_stdout, reason = "how much was tried")]
#![expect(
    clippy::disallowed_methods,
    reason = "it takes as long as its caller says, from any seed"
)]

mod claims;
mod mutation;

use mutation::{Mutator, seeds};
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

/// Seconds for each parser, unless `FUZZ_S` says otherwise.
const SECONDS: f64 = 3.0;
/// Inputs between two looks at the clock.
const TURN: usize = 256;

fn seconds() -> Duration {
    let said = std::env::var("FUZZ_S").ok().and_then(|text| text.parse().ok());
    Duration::from_secs_f64(said.unwrap_or(SECONDS))
}

/// Puts one input to a claim; a failure shows the input, as a test can take it over.
fn put(name: &str, claim: claims::Claim, input: &[u8]) {
    let holds = catch_unwind(AssertUnwindSafe(|| claim(input))).is_ok();
    assert!(holds, "{name}: b\"{}\"", input.escape_ascii());
}

fn hold(name: &str) {
    let (_, claim) = *claims::ALL.iter().find(|(known, _)| *known == name).unwrap();
    let seeds = seeds(name);
    for seed in &seeds {
        put(name, claim, seed);
    }
    let mut mutator = Mutator::new(&seeds, fastrand::u64(..));
    let (began, most) = (Instant::now(), seconds());
    let mut tried = 0_u64;
    while began.elapsed() < most {
        for _ in 0..TURN {
            put(name, claim, mutator.next());
            tried += 1;
        }
    }
    println!("{name}: {} seeds, {tried} inputs", seeds.len());
}

macro_rules! parsers {
    ($($name:ident),+ $(,)?) => {
        $(#[test] fn $name() { hold(stringify!($name)); })+
        const NAMES: &[&str] = &[$(stringify!($name)),+];
    };
}

parsers!(
    fact,
    http_announce,
    http_head,
    key,
    list,
    proxy,
    record,
    swarms,
    target,
    udp_announce,
    udp_scrape,
    websocket,
    webtorrent,
);

#[test]
fn each_fuzz_target_has_its_seeds_and_its_place_here() {
    let targets = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/fuzz_targets");
    let files = fs::read_dir(targets).unwrap().map(|it| it.unwrap().path());
    let mut files: Vec<_> =
        files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    files.sort();
    assert_eq!(files, NAMES);
    assert!(NAMES.iter().all(|name| !seeds(name).is_empty()));
}
