//! What is journalled of clients that the policy refuses, what members are noted, and odd clocks.

mod common;

use bottin_tracker::journal::Reader;
use bottin_tracker::wire::InfoHash;
use bottin_tracker::wire::fact::{ALONE, Fact, IPV6, LATE, LONELY, Tag, Via};
use common::client::{Report, Transport};
use common::{HYBRID, NOON_MS, OPEN, PENDING, REMOVED, Site, UNLISTED, account, key, release};

const HOUR_MS: i64 = 3_600_000;

fn facts(site: &Site) -> Vec<Fact> {
    let read = Reader::new(&site.directory.path().join("journal")).read(0, 100);
    read.into_iter().flatten().map(|(_, fact)| fact).collect()
}

fn stopped(user: u64) -> Report {
    Report { event: 3, uploaded: 500, ..Report::of(user) }
}

#[test]
fn jrn_03_a_farewell_before_the_first_snapshot_is_journalled_by_the_name_of_its_hash() {
    let site = Site::starting("", r#"["127.0.0.1:0", "[::1]:0"]"#);

    for (transport, user) in Transport::all(&site).into_iter().zip(1..) {
        assert_eq!(transport.announce(&stopped(user)).failure, None);
    }

    let facts = facts(&site);
    assert_eq!(facts.iter().map(|fact| fact.user).collect::<Vec<_>>(), [1, 2, 3, 4]);
    for fact in facts {
        assert_eq!((fact.release, fact.flags & LATE, fact.uploaded), (0, LATE, 500));
        assert_eq!(fact.tag, Tag::Name(InfoHash([HYBRID; 20]).name()));
    }
}

#[test]
fn jrn_03_a_farewell_names_its_client_the_same_before_the_snapshot_and_after() {
    let site = Site::starting("", r#"["127.0.0.1:0", "[::1]:0"]"#);
    Transport::Http(site.v4).announce(&stopped(1));
    site.load();

    Transport::Http(site.v4).announce(&Report { uploaded: 7, ..Report::of(1) });

    let sessions: Vec<_> = facts(&site).iter().map(|fact| fact.session).collect();
    assert_eq!(sessions[0], sessions[1]);
}

#[test]
fn jrn_03_a_farewell_with_a_refused_key_or_for_a_removed_release_is_journalled() {
    let site = Site::open();
    let mut barred = account(2);
    barred[20] = 1;
    let mut renewed = account(3);
    renewed[9] = 9;
    let records = bottin_tracker::serve::Records {
        accounts: &[barred, renewed].concat(),
        ..bottin_tracker::serve::Records::default()
    };
    site.handle.shared().apply(2, &records).unwrap();

    for report in [
        stopped(2),
        stopped(3),
        Report { hash: REMOVED, ..stopped(1) },
        Report { hash: PENDING, ..stopped(1) },
        Report { hash: UNLISTED, ..stopped(1) },
        Report { key: Some("x".repeat(39)), ..stopped(1) },
        Report { event: 3, ..Report::keyless() },
        Report { port: 25, ..stopped(4) },
    ] {
        assert_eq!(Transport::Udp(site.v4).announce(&report).failure, None);
    }

    let told: Vec<_> =
        facts(&site).iter().map(|fact| (fact.user, fact.release, fact.flags & LATE)).collect();
    assert_eq!(told, [(2, 7, LATE), (3, 7, LATE), (1, 10, LATE), (1, 9, LATE), (4, 7, 0)]);
}

#[test]
fn a_refused_farewell_takes_the_peer_out_and_learns_nothing() {
    let site = Site::open();
    let [transport, ..] = Transport::all(&site);
    transport.announce(&Report::of(2));
    let mut barred = account(2);
    barred[20] = 1;
    let records = bottin_tracker::serve::Records {
        accounts: &barred,
        ..bottin_tracker::serve::Records::default()
    };
    site.handle.shared().apply(2, &records).unwrap();

    let reply = transport.announce(&stopped(2));

    assert_eq!((reply.seeders, reply.leechers, reply.peers.len()), (0, 0, 0));
    assert_eq!(transport.announce(&Report::of(1)).leechers, 1);
}

#[test]
fn a_fact_says_which_way_it_came_and_which_client_it_was() {
    let site = Site::open();
    for (transport, user) in Transport::all(&site).into_iter().zip(1..) {
        transport.announce(&Report::of(user));
    }

    let facts = facts(&site);
    let way = IPV6 | Via::Http.flag() | Via::WebSocket.flag();
    let ways: Vec<_> = facts.iter().map(|fact| fact.flags & way).collect();
    assert_eq!(ways, [0, IPV6, Via::Http.flag(), Via::Http.flag() | IPV6]);
    assert_eq!(facts[1].tag, Tag::Client([2; 8]));
}

#[test]
fn byte_11_a_fact_says_whether_anyone_was_there_to_give_to() {
    let site = Site::open();
    let [transport, ..] = Transport::all(&site);
    transport.announce(&Report { left: 0, ..Report::of(1) });
    transport.announce(&Report { left: 0, ..Report::of(2) });
    transport.announce(&Report::of(3));
    transport.announce(&Report { left: 0, uploaded: 5, ..Report::of(1) });
    transport.announce(&stopped(3));

    let marks: Vec<_> = facts(&site).iter().map(|fact| fact.flags & (LONELY | ALONE)).collect();

    assert_eq!(marks, [LONELY | ALONE, LONELY, LONELY, 0, LONELY]);
}

#[test]
fn what_a_member_is_refused_or_warned_of_is_noted_for_the_site() {
    let site = Site::open();
    let [transport, ..] = Transport::all(&site);
    for report in [
        Report { hash: UNLISTED, ..Report::of(1) },
        Report { hash: UNLISTED, ..Report::of(1) },
        Report { hash: PENDING, ..Report::of(1) },
        Report { port: 25, ..Report::of(2) },
        Report { key: Some("x".repeat(39)), ..Report::of(3) },
        Report::of(4),
    ] {
        transport.announce(&report);
    }

    let mut notes: Vec<_> = site
        .handle
        .shared()
        .drain_notices()
        .into_iter()
        .map(|(note, count)| (note.user, note.code, note.release, count))
        .collect();
    notes.sort_unstable();

    assert_eq!(
        notes,
        [
            (0, "key_wrong", 7, 1),
            (1, "pending", 9, 1),
            (1, "unlisted", 0, 2),
            (2, "port_denied", 7, 1)
        ]
    );
    assert!(site.handle.shared().drain_notices().is_empty());
}

#[test]
fn trk_06_without_word_from_the_site_nothing_new_begins_and_what_runs_goes_on() {
    let site = Site::with(r#""policy_max_age_s": 60,"#);
    let [transport, ..] = Transport::all(&site);
    let elsewhere = Report { hash: OPEN, ..Report::of(2) };
    transport.announce(&Report::of(1));
    site.advance(61);

    let refused = transport.announce(&elsewhere).failure.unwrap();
    assert!(refused.contains("lost touch"), "{refused}");
    assert_eq!(transport.announce(&Report::of(2)).failure, None);
    assert_eq!(transport.announce(&Report { event: 3, ..elsewhere.clone() }).failure, None);
    assert_eq!(site.statistic("policy_age_s"), 61);

    site.handle.shared().confirm_policy();
    assert_eq!(transport.announce(&elsewhere).failure, None);
}

#[test]
fn run_05_a_clock_that_jumps_expires_nobody_and_changes_no_counter() {
    let ten_years = 10 * 365 * 24 * HOUR_MS;
    for jump in [HOUR_MS, -HOUR_MS, ten_years, -ten_years] {
        let site = Site::open();
        let transports = Transport::all(&site);
        for (transport, user) in transports.into_iter().zip(1..) {
            transport.announce(&Report { uploaded: user, ..Report::of(user) });
        }

        site.handle.shared().clock().jump(jump);
        site.advance(61);
        for (transport, user) in transports.into_iter().zip(1..) {
            let reply = transport.announce(&Report { uploaded: user * 2, ..Report::of(user) });
            assert_eq!((reply.failure, reply.leechers), (None, 4), "{jump}");
        }

        let facts = facts(&site);
        assert_eq!(facts.len(), 8);
        let uploaded: u64 = facts.iter().map(|fact| fact.uploaded).sum();
        assert_eq!(uploaded, 3 * (1 + 2 + 3 + 4));
        let expected = (NOON_MS + 61_000).saturating_add_signed(jump);
        assert_eq!(facts[7].time_ms, expected);
    }
}

#[test]
fn scr_04_what_the_ledger_counted_reaches_announces_and_scrapes() {
    let site = Site::open();
    let mut more = release(8, (Some(OPEN), None), 1, true);
    more[67] = 9;

    site.apply(&more);

    let body = format!("/{}/scrape?info_hash={}", key(1), common::client::escape(OPEN));
    let answer = common::client::http_value(site.v4, &body);
    assert!(format!("{answer:?}").contains("14"), "{answer:?}");
}
