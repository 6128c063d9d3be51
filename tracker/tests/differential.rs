//! Our reading of UDP packets beside that of `aquatic_udp_protocol`: the same, or different for a
//! reason that has a name here.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a difference without a reason must stop")]

mod mutation;

use aquatic_udp_protocol::{
    AnnounceEvent, AnnounceRequest, Request, RequestParseError, Response, ScrapeRequest,
};
use bottin_tracker::wire::udp::{self, Action, HEADER_BYTES, SCRAPE_LIMIT};
use bottin_tracker::wire::{Announce, Counts, Event, WireError};
use mutation::{Mutator, seeds};
use proptest::prelude::*;
use std::collections::BTreeMap;

const INPUTS: u32 = 300_000;

/// Where we differ, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Difference {
    /// Theirs refuses port 0 always; ours lets a client leave without one, for a `stopped` is never
    /// refused (ERR-4, ID-11): Transmission repeats a refused one for ever.
    LeavesWithoutPort,
    /// Theirs refuses an event above 3; ours takes it for none, as over HTTP, where unknown events
    /// such as `paused` are many (EVT-5).
    UnknownEvent,
    /// Theirs answers an error to a scrape of nothing; ours counts of nothing. Both are short.
    ScrapeOfNothing,
    /// Theirs refuses a scrape whose last hash is cut; ours leaves that one out (SCR-2).
    CutHash,
    /// Theirs hands byte counts below zero on; ours take them for the largest count there is, or
    /// unknown `left` would be none missing (HTTP-6).
    CountBelowZero,
}

/// What both make of one datagram; panics where they differ without a reason.
fn compare(datagram: &[u8]) -> Option<Difference> {
    let limit = u8::try_from(SCRAPE_LIMIT).unwrap();
    let theirs = Request::parse_bytes(datagram, limit);
    let Ok(header) = udp::header(datagram) else {
        // Nobody is answered who sent no request.
        assert!(matches!(theirs, Err(RequestParseError::Unsendable { .. })), "{theirs:?}");
        return None;
    };
    let body = datagram.get(HEADER_BYTES..).unwrap_or_default();
    match (header.action, theirs) {
        (Action::Connect, Ok(Request::Connect(theirs))) => {
            assert_eq!(header.transaction, unsigned(theirs.transaction_id.0.get()));
            None
        }
        (Action::Announce, theirs) => {
            let ours = udp::announce(body);
            if let Ok(Request::Announce(theirs)) = &theirs {
                assert_eq!(header.transaction, unsigned(theirs.transaction_id.0.get()));
                assert_eq!(header.connection.cast_signed(), theirs.connection_id.0.get());
            }
            compare_announces(ours, theirs)
        }
        (Action::Scrape, theirs) => compare_scrapes(body, theirs),
        (action, theirs) => panic!("{action:?}, {theirs:?}"),
    }
}

fn compare_announces(
    ours: Result<Announce, WireError>,
    theirs: Result<Request, RequestParseError>,
) -> Option<Difference> {
    match (ours, theirs) {
        (Ok(ours), Ok(Request::Announce(theirs))) => compare_fields(&ours, &theirs),
        (Err(WireError::Truncated), Err(RequestParseError::Unsendable { .. }))
        | (Err(WireError::ZeroPort), Err(RequestParseError::Sendable { .. })) => None,
        (Ok(ours), Err(RequestParseError::Sendable { err: "Port can't be 0", .. })) => {
            assert_eq!((ours.event, ours.port), (Event::Stopped, None));
            Some(Difference::LeavesWithoutPort)
        }
        (Ok(ours), Err(RequestParseError::Sendable { err: "Invalid announce event", .. })) => {
            assert_eq!(ours.event, Event::None);
            Some(Difference::UnknownEvent)
        }
        (ours, theirs) => panic!("{ours:?}, {theirs:?}"),
    }
}

fn compare_fields(ours: &Announce, theirs: &AnnounceRequest) -> Option<Difference> {
    assert_eq!(ours.info_hash.0, theirs.info_hash.0);
    assert_eq!(ours.peer_id.0, theirs.peer_id.0);
    assert_eq!(ours.port.map(u16::from), Some(theirs.port.0.get()));
    assert_eq!(ours.want, u32::try_from(theirs.peers_wanted.0.get()).ok());
    assert_eq!(ours.client_key, unsigned(theirs.key.0.get()));
    let event = match AnnounceEvent::from(theirs.event) {
        AnnounceEvent::Started => Event::Started,
        AnnounceEvent::Stopped => Event::Stopped,
        AnnounceEvent::Completed => Event::Completed,
        AnnounceEvent::None => Event::None,
    };
    assert_eq!(ours.event, event);
    let counts = [
        (ours.downloaded, theirs.bytes_downloaded.0.get()),
        (ours.left, theirs.bytes_left.0.get()),
        (ours.uploaded, theirs.bytes_uploaded.0.get()),
    ];
    for (ours, theirs) in counts {
        assert_eq!(ours, u64::try_from(theirs).unwrap_or(i64::MAX.unsigned_abs()));
    }
    counts.iter().any(|(_, theirs)| *theirs < 0).then_some(Difference::CountBelowZero)
}

fn compare_scrapes(body: &[u8], theirs: Result<Request, RequestParseError>) -> Option<Difference> {
    let ours: Vec<_> = udp::scrape(body).map(|hash| hash.0).collect();
    match theirs {
        Ok(Request::Scrape(ScrapeRequest { info_hashes, .. })) => {
            let theirs: Vec<_> = info_hashes.iter().map(|hash| hash.0).collect();
            assert_eq!(ours, theirs);
            None
        }
        Err(RequestParseError::Sendable { err: "Full scrapes are not allowed", .. }) => {
            assert!(ours.is_empty() && body.is_empty());
            Some(Difference::ScrapeOfNothing)
        }
        Err(RequestParseError::Sendable { err: "Invalid info hash list", .. }) => {
            assert_ne!(body.len() % 20, 0);
            Some(Difference::CutHash)
        }
        other => panic!("{other:?}"),
    }
}

fn unsigned(number: i32) -> u32 {
    number.cast_unsigned()
}

/// The seeds as datagrams: those of bodies behind a header of each action.
fn datagrams() -> Vec<Vec<u8>> {
    let bodies: Vec<_> = ["udp_announce", "udp_scrape"].into_iter().flat_map(seeds).collect();
    let mut all = bodies.clone();
    for body in bodies {
        for action in 0..4_u32 {
            let connection: u64 = if action == 0 { udp::PROTOCOL_ID } else { 7 };
            let head = [connection.to_be_bytes(), u64::from(action).rotate_left(32).to_be_bytes()];
            all.push([&head.concat(), body.as_slice()].concat());
        }
    }
    all
}

#[test]
fn udp_requests_are_read_as_another_tracker_reads_them_or_for_a_reason_not() {
    let seeds = datagrams();
    let mut mutator = Mutator::new(&seeds, 15);
    let mut found = BTreeMap::<_, u32>::new();
    for seed in &seeds {
        *found.entry(compare(seed)).or_default() += 1;
    }
    for _ in 0..INPUTS {
        *found.entry(compare(mutator.next())).or_default() += 1;
    }
    let named = [
        Difference::LeavesWithoutPort,
        Difference::UnknownEvent,
        Difference::ScrapeOfNothing,
        Difference::CutHash,
        Difference::CountBelowZero,
    ];
    assert!(named.iter().all(|name| found.contains_key(&Some(*name))), "{found:?}");
    assert!(found[&None] > INPUTS / 4, "{found:?}");
}

proptest! {
    #[test]
    fn udp_answers_are_read_by_another_tracker_as_we_meant_them(
        (transaction, interval_s) in any::<(u32, u32)>(),
        (seeders, leechers, completed) in any::<(u32, u32, u32)>(),
        peers in 0..200_usize,
        byte in any::<u8>(),
    ) {
        let counts = Counts { seeders, leechers, completed };
        let mut out = Vec::new();
        for (width, is_v4) in [(6, true), (18, false)] {
            let list = vec![byte; peers * width];
            udp::announce_answer(&mut out, transaction, interval_s, counts, &list);
            let mut again = Vec::new();
            Response::parse_bytes(&out, is_v4).unwrap().write_bytes(&mut again).unwrap();
            prop_assert_eq!(&again, &out);
        }
        udp::announce_answer(&mut out, transaction, interval_s, counts, &vec![byte; peers * 6]);
        let Ok(Response::AnnounceIpv4(read)) = Response::parse_bytes(&out, true) else {
            return Err(TestCaseError::fail("no announce"));
        };
        prop_assert_eq!(unsigned(read.fixed.seeders.0.get()), seeders);
        prop_assert_eq!(unsigned(read.fixed.leechers.0.get()), leechers);
        prop_assert_eq!(unsigned(read.fixed.announce_interval.0.get()), interval_s);
        prop_assert_eq!(read.peers.len(), peers);
        udp::scrape_answer(&mut out, transaction);
        udp::push_counts(&mut out, counts);
        let Ok(Response::Scrape(read)) = Response::parse_bytes(&out, true) else {
            return Err(TestCaseError::fail("no scrape"));
        };
        let [row] = read.torrent_stats[..] else { return Err(TestCaseError::fail("no row")) };
        prop_assert_eq!(unsigned(row.completed.0.get()), completed);
        udp::error_answer(&mut out, transaction, "No such release.");
        let read = Response::parse_bytes(&out, true);
        prop_assert!(matches!(&read, Ok(Response::Error(it)) if it.message == "No such release."));
        udp::connect_answer(&mut out, transaction, u64::from(byte));
        let read = Response::parse_bytes(&out, true);
        let Ok(Response::Connect(read)) = read else { return Err(TestCaseError::fail("no id")) };
        prop_assert_eq!(read.connection_id.0.get(), i64::from(byte));
    }
}
