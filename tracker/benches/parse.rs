//! Reading requests, and the two candidates for the MAC of announce keys.

use bottin_tracker::wire::key::{ACCOUNT, KeyMaker, RawKey, TORRENT};
use bottin_tracker::wire::{InfoHash, http, target, udp};
use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;

fn requests(bench: &mut Criterion) {
    let key = KeyMaker::new(&[7; 32]).issue(ACCOUNT, 42, 1, None).unwrap_or_default();
    let url = format!("/{key}/announce");
    let option = [&[2, u8::try_from(url.len()).unwrap_or(0)][..], url.as_bytes()].concat();
    let body = [&[1; 82][..], &option].concat();
    bench.bench_function("parse/udp announce with key", |it| {
        it.iter(|| udp::announce(black_box(&body)));
    });

    let escaped = "%12%34%56%78%9a".repeat(4);
    let query = format!(
        "info_hash={escaped}&peer_id=-XX1234-abcdefghijkl&port=6881&uploaded=0&downloaded=0&left=9&numwant=50&compact=1&key=1A2B3C4D&event=started"
    );
    let request = format!(
        "GET {url}?{query} HTTP/1.1\r\nHost: tracker.example\r\nUser-Agent: x\r\nAccept-Encoding: gzip\r\n\r\n"
    );
    bench.bench_function("parse/http announce with key", |it| {
        it.iter(|| {
            let head = http::head(black_box(request.as_bytes()));
            let target = head.ok().flatten().map(|head| target::read(head.target));
            let Some(target::Target::Announce(key, query)) = target else { return None };
            http::announce(key, query).ok()
        });
    });
}

fn key_macs(bench: &mut Criterion) {
    let hash = InfoHash([1; 20]);
    let maker = KeyMaker::new(&[7; 32]);
    let text = maker.issue(TORRENT, 42, 1, Some(&hash)).unwrap_or_default();
    let Some(raw) = RawKey::read(text.as_bytes()) else { return };
    bench
        .bench_function("key/read text", |it| it.iter(|| RawKey::read(black_box(text.as_bytes()))));
    bench.bench_function("key/mac siphash-2-4-128", |it| {
        it.iter(|| maker.verifies(black_box(&raw), Some(black_box(&hash))));
    });
    bench.bench_function("key/mac blake3 keyed", |it| {
        it.iter(|| blake3::keyed_hash(&[7; 32], black_box(&[9; 28])));
    });
}

criterion_group!(benches, requests, key_macs);
criterion_main!(benches);
