//! Clients that are not welcome, accounts that take too much or are in too many places.

mod common;

use common::Site;
use common::client::{Report, Transport, announce_path, get};

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
