//! Clients that are not welcome, accounts that take too much or are in too many places.

mod common;

use bottin_tracker::config::Family;
use bottin_tracker::serve::Records;
use common::client::{Report, Transport, announce_path, get};
use common::{OPEN, Site, rule};

/// The family of the peer ids that tests make of one letter.
const DENIED: &str = r#""denied_clients": ["XXX"], "warned_clients": ["WWW"],"#;

#[test]
fn id_16_a_client_is_refused_or_warned_by_its_family_over_every_transport() {
    let site = Site::with(DENIED);
    for transport in Transport::all(&site) {
        let denied = transport.announce(&Report { peer: b'X', ..Report::of(1) });
        assert!(denied.failure.unwrap().contains("not accepted"));
        let warned = transport.announce(&Report { peer: b'W', ..Report::of(2) });
        assert_eq!(warned.failure, None);
        if let Transport::Http(_) = transport {
            assert!(warned.warning.unwrap().contains("update it"));
        }
    }
    assert_eq!(site.statistic("announces_refused"), 4);
    let leaving = Report { peer: b'X', event: 3, ..Report::of(1) };
    assert_eq!(Transport::Http(site.v4).announce(&leaving).failure, None, "ERR-4");
}

#[test]
fn id_16_a_rule_of_the_team_reaches_a_running_client_at_its_next_announce_with_its_reason() {
    let site = Site::open();
    let announce =
        |transport: Transport, user, peer| transport.announce(&Report { peer, ..Report::of(user) });
    for transport in Transport::all(&site) {
        assert_eq!(announce(transport, 1, b'X').failure, None);
    }
    site.rule_clients(&[rule("XXX", 2, "it counts wrong: install 4.6"), rule("WW", 1, "old")]);
    for transport in Transport::all(&site) {
        let failure = announce(transport, 1, b'X').failure.unwrap();
        assert_eq!(failure, "client refused here: it counts wrong: install 4.6");
        let warned = announce(transport, 2, b'W');
        assert_eq!((warned.failure, warned.leechers), (None, 2), "who runs stays for its time");
        let open = Report { hash: OPEN, peer: b'X', ..Report::keyless() };
        let failure = transport.announce(&open).failure.unwrap();
        assert!(failure.starts_with("logiciel refus\u{e9} ici / client refused here: it counts"));
    }
    assert_eq!(site.statistic("policy_clients"), 2);
    let codes: Vec<_> =
        site.handle.shared().drain_notices().iter().map(|(notice, _)| notice.code).collect();
    assert!(codes.contains(&"client_denied") && codes.contains(&"client_warned"), "{codes:?}");
    let leaving = Report { peer: b'X', event: 3, ..Report::of(1) };
    assert_eq!(Transport::Http(site.v4).announce(&leaving).failure, None, "ERR-4");

    site.apply(&[]);
    assert!(announce(Transport::Udp(site.v4), 1, b'X').failure.is_some(), "other changes keep it");
    site.rule_clients(&[]);
    assert_eq!(announce(Transport::Udp(site.v4), 1, b'X').failure, None);
    assert_eq!(site.statistic("policy_clients"), 0);
}

#[test]
fn id_16_a_snapshot_carries_the_rules_and_one_without_lifts_them() {
    let site = Site::starting("", r#"["127.0.0.1:0"]"#);
    let served = |peer| {
        let report = Report { peer, ..Report::of(1) };
        Transport::Udp(site.v4).announce(&report).failure
    };
    let broken_off = [rule("QQ", 2, "gone when it was read again")];
    let rules = [rule("", 2, "not on our list"), rule("QQ", 0, "")];
    for read in [broken_off.as_flattened(), rules.as_flattened()] {
        let records = Records { clients: Some(read), ..Records::default() };
        site.handle.shared().load(&records).unwrap();
    }
    site.load();
    assert_eq!(served(b'Q'), None);
    assert_eq!(served(b'X').unwrap(), "client refused here: not on our list");
    site.load();
    assert_eq!(served(b'X'), None);
}

#[test]
fn id_16_lists_and_rules_change_apart_and_the_stricter_holds() {
    let site = Site::with(DENIED);
    let is_served = |peer| {
        let report = Report { peer, ..Report::of(1) };
        Transport::Udp(site.v4).announce(&report).failure.is_none()
    };
    let told = || [b'X', b'Y', b'Z'].map(is_served);
    let family = |head: &str| [Family::try_from(head.to_owned()).unwrap()];
    site.rule_clients(&[rule("XXX", 0, ""), rule("YY", 2, "why")]);
    assert_eq!(told(), [false, false, true], "no rule of the team lets in whom the operator bars");
    site.handle.shared().set_clients(&[], &[], &family("ZZ"));
    assert_eq!(told(), [true, false, false], "the rules stay when the lists are read again");
    site.rule_clients(&[rule("-XL", 2, "why")]);
    assert_eq!(told(), [true, true, false], "the lists stay when the rules change");
}

#[test]
fn id_16_a_rule_that_cannot_be_changes_nothing() {
    let site = Site::open();
    site.rule_clients(&[rule("XXX", 2, "why")]);
    let wrong = [rule("YYY", 2, "why"), rule("-", 2, "why")];
    let records = Records { clients: Some(wrong.as_flattened()), ..Records::default() };
    assert!(site.handle.shared().apply(3, &records).is_err());
    let failure = |peer| {
        let report = Report { peer, ..Report::of(1) };
        Transport::Udp(site.v4).announce(&report).failure
    };
    assert!(failure(b'X').is_some() && failure(b'Y').is_none());
    assert_eq!(site.handle.shared().policy_sequence(), Some(2));
}

#[test]
fn abuse_05_over_its_quota_an_account_gets_a_whole_answer_without_peers_and_waits_longer() {
    let site = Site::with(r#""list_quotas": [{"lists": 2, "seconds": 600}],"#);
    for transport in Transport::all(&site) {
        for seeder in [8, 9] {
            transport.announce(&Report { left: 0, ..Report::of(seeder) });
        }
    }
    let asks =
        |transport: Transport, user| transport.announce(&Report { event: 2, ..Report::of(user) });
    let [udp, _, http, _] = Transport::all(&site);
    for (user, transport) in [(1, udp), (2, http)] {
        let given: Vec<_> = (0..2).map(|_| asks(transport, user)).collect();
        assert!(given.iter().all(|reply| !reply.peers.is_empty() && reply.interval_s < 2_000));
        let over = asks(transport, user);
        assert_eq!((over.failure, over.peers.len(), over.interval_s), (None, 0, 2_430));
        assert_eq!(over.seeders, 2, "it is counted, and told the counts");
    }
    assert!(asks(http, 2).warning.unwrap().contains("too many peer lists"));
    assert!(!asks(udp, 3).peers.is_empty(), "others have their own");
    site.advance(3_600);
    for seeder in [8, 9] {
        udp.announce(&Report { left: 0, ..Report::of(seeder) });
    }
    assert!(!asks(udp, 1).peers.is_empty(), "what it took has faded");
}

#[test]
fn byte_13_who_takes_lists_and_moves_nothing_gets_short_ones_until_a_byte_moves() {
    let site = Site::with(r#""lists_in_vain": 2,"#);
    for seeder in 4..=9 {
        for udp in [Transport::Udp(site.v4), Transport::Udp(site.v6)] {
            udp.announce(&Report { left: 0, ..Report::of(seeder) });
        }
    }
    for (user, transport) in (1..).zip([Transport::Udp(site.v4), Transport::Udp(site.v6)]) {
        let asks = |uploaded| {
            let report = Report { event: 2, uploaded, ..Report::of(user) };
            transport.announce(&report).peers.len()
        };
        assert_eq!([asks(0), asks(0), asks(0), asks(0)], [6, 6, 3, 3]);
        assert_eq!([asks(1), asks(0), asks(0), asks(0)], [6, 6, 6, 3], "it begins anew");
    }
    assert_eq!(site.statistic("lists_cut_short"), 6);
}

#[test]
fn id_14_a_key_in_many_networks_is_told_to_the_site() {
    let site = Site::with(r#""networks_per_hour": 2, "trusted_proxies": ["127.0.0.1"],"#);
    let announces = |number: u8| {
        let header = format!("X-Forwarded-For: 9.9.{number}.1\r\n");
        get(site.v4, &announce_path(&Report::of(1)), &header);
    };
    announces(1);
    announces(2);
    announces(1);
    let codes = || -> Vec<_> {
        let told = site.handle.shared().drain_notices();
        told.iter()
            .map(|(notice, times)| (notice.user, notice.code, notice.release, *times))
            .collect()
    };
    assert!(codes().is_empty());
    announces(3);
    announces(4);
    assert_eq!(codes(), [(1, "many_networks", 7, 2)]);
    assert_eq!(site.statistic("many_networks"), 2);
}

#[test]
fn run_07_after_a_crash_clients_come_back_sooner_and_each_in_its_own_time() {
    let site = Site::open();
    let interval = |user| Transport::Udp(site.v4).announce(&Report::of(user)).interval_s;
    assert!((1..=9).all(|user| interval(user) >= 1_800));
    site.handle.shared().heal();
    let told: Vec<_> = (1..=9).map(interval).collect();
    assert!(told.iter().all(|it| (900..=1_800).contains(it)), "{told:?}");
    assert!(told.iter().any(|it| *it != told[0]), "{told:?}");
    site.advance(1_801);
    assert!((1..=9).all(|user| interval(user) >= 1_800));
}
