//! Who is who, and what is told of members.

use super::*;
use crate::wire::fact::{FELL, FIRST};

#[test]
fn id_01_an_open_peer_is_its_address_whatever_its_peer_id() {
    let swarms = swarms();
    say(&swarms, TOLD);
    say(&swarms, Told { peer: 2, ..TOLD });
    assert_eq!(counts(&swarms).1, 1);
    say(&swarms, Told { ip: "192.0.2.2", ..TOLD });
    assert_eq!(counts(&swarms).1, 2, "a stolen peer id evicts nobody");
}

#[test]
fn id_02_a_member_keeps_its_record_when_its_address_changes() {
    let swarms = swarms();
    say(&swarms, member(42));
    say(&swarms, Told { ip: "192.0.2.9", ..member(42) });
    let other = say(&swarms, Told { ip: "192.0.2.3", peer: 3, ..member(43) });
    assert_eq!(other.seeders_leechers(), (0, 2));
    assert_eq!(other.out.v4[..], [192, 0, 2, 9, 0x1a, 0xe1]);
}

#[test]
fn id_03_a_restarted_client_replaces_itself() {
    let swarms = swarms();
    say(&swarms, member(42));
    let fact = say(&swarms, Told { peer: 2, ..member(42) }).fact.unwrap();
    assert_eq!(fact.flags, FIRST);
    assert_eq!(counts(&swarms).1, 1);
}

#[test]
fn id_04_a_member_on_both_families_counts_once_with_two_addresses() {
    let swarms = swarms();
    say(&swarms, member(42));
    say(&swarms, Told { ip: "2001:db8::1", ..member(42) });
    assert_eq!(counts(&swarms).1, 1);
    let v4 = say(&swarms, Told { ip: "192.0.2.7", ..TOLD });
    let v6 = say(&swarms, Told { ip: "2001:db8::7", ..TOLD });
    assert_eq!((v4.out.v4.len(), v6.out.v6.len()), (6, 18));
    say(&swarms, Told { event: Event::Stopped, ..member(42) });
    assert!(say(&swarms, Told { ip: "2001:db8::7", ..TOLD }).out.v6.is_empty());
}

#[test]
fn id_04_an_open_client_on_both_families_counts_once_by_its_secret_key() {
    for (first, second) in [("192.0.2.1", "2001:db8::1"), ("2001:db8::1", "192.0.2.1")] {
        let swarms = swarms();
        let told = Told { client_key: 77, ..TOLD };
        say(&swarms, Told { ip: first, ..told });
        say(&swarms, Told { ip: second, ..told });
        assert_eq!(counts(&swarms), (0, 1, 10));
        say(&swarms, Told { ip: first, left: 0, ..told });
        assert_eq!(counts(&swarms), (1, 0, 11));
        say(&swarms, Told { ip: second, event: Event::Stopped, ..told });
        assert_eq!(counts(&swarms), (0, 0, 11));
        assert_eq!(swarms.sizes().1, 0);
    }
}

#[test]
fn id_04_two_open_clients_without_a_key_are_two() {
    let swarms = swarms();
    say(&swarms, TOLD);
    say(&swarms, Told { ip: "2001:db8::1", ..TOLD });
    assert_eq!(counts(&swarms).1, 2);
}

#[test]
fn id_09_local_addresses_stay_off_public_listeners() {
    let swarms = swarms();
    say(&swarms, Told { ip: "10.0.0.1", ..TOLD });
    assert_eq!(swarms.sizes().1, 0, "nobody out there could dial it");
    say(&swarms, Told { ip: "10.0.0.1", is_local: true, ..TOLD });
    say(&swarms, Told { ip: "192.0.2.2", ..TOLD });
    assert_eq!(say(&swarms, Told { ip: "192.0.2.3", ..TOLD }).out.v4.len(), 6);
    assert_eq!(say(&swarms, Told { ip: "10.0.0.2", is_local: true, ..TOLD }).out.v4.len(), 18);
}

#[test]
fn id_13_a_member_has_so_many_clients_and_no_more() {
    let swarms = swarms();
    for port in 1..=3 {
        let peer = u8::try_from(port).unwrap();
        say(&swarms, Told { port, peer, ..member(42) });
    }
    let fourth = Told { port: 4, peer: 4, ..member(42) };
    assert_eq!(try_say(&swarms, fourth).err(), Some(TooManyLocations));
    say(&swarms, Told { port: 1, peer: 1, event: Event::Stopped, ..member(42) });
    assert!(try_say(&swarms, fourth).is_ok());
}

#[test]
fn abuse_03_full_swarms_and_full_trackers_still_answer() {
    for (in_all, in_one) in [(2, 100), (100, 2)] {
        let limits = Limits {
            max_peers: in_all,
            max_peers_per_swarm: in_one,
            max_locations: 3,
            peer_timeout_s: 100,
            min_interval_s: 0,
        };
        let swarms = with(limits);
        for port in 1..=5 {
            let answer = say(&swarms, Told { port, ..TOLD });
            assert_eq!(answer.out.v4.len(), usize::from(port - 1).min(2) * 6);
        }
        let told = say(&swarms, Told { port: 9, ..member(42) });
        assert!(told.fact.is_some(), "what a member reports is never lost");
        assert_eq!(swarms.sizes().1, 2);
    }
}

#[test]
fn abuse_06_a_hasty_announce_brings_no_peers_unless_it_says_why() {
    let mut limits = swarms().limits;
    limits.min_interval_s = 60;
    let swarms = with(limits);
    say(&swarms, Told { ip: "192.0.2.2", ..TOLD });
    assert_eq!(say(&swarms, TOLD).out.v4.len(), 6);
    assert!(say(&swarms, Told { at_s: 1_010, ..TOLD }).out.v4.is_empty());
    let started = Told { at_s: 1_011, event: Event::Started, ..TOLD };
    assert_eq!(say(&swarms, started).out.v4.len(), 6);
    assert_eq!(say(&swarms, Told { at_s: 1_100, ..TOLD }).out.v4.len(), 6);
}

#[test]
fn byte_01_the_first_fact_of_a_peer_says_so() {
    let swarms = swarms();
    let fact = say(&swarms, Told { uploaded: 500, ..member(42) }).fact.unwrap();
    assert_eq!((fact.flags, fact.uploaded, fact.user, fact.release), (FIRST, 500, 42, 7));
}

#[test]
fn byte_02_a_counter_that_falls_is_flagged() {
    let swarms = swarms();
    say(&swarms, Told { uploaded: 500, ..member(42) });
    let more = say(&swarms, Told { uploaded: 600, ..member(42) }).fact.unwrap();
    let less = say(&swarms, Told { uploaded: 10, ..member(42) }).fact.unwrap();
    assert_eq!((more.flags, less.flags), (0, FELL));
}

#[test]
fn byte_05_and_06_a_repeat_within_a_minute_is_not_told_twice() {
    let swarms = swarms();
    let first = say(&swarms, member(42)).fact.unwrap();
    assert!(say(&swarms, Told { at_s: 1_059, ..member(42) }).fact.is_none());
    let later = say(&swarms, Told { at_s: 1_060, ..member(42) }).fact.unwrap();
    assert_eq!(first.session, later.session);
    let stopped = Told { event: Event::Stopped, at_s: 1_061, ..member(42) };
    assert!(say(&swarms, stopped).fact.is_some());
    assert!(say(&swarms, Told { ip: "2001:db8::1", ..stopped }).fact.is_none());
}

#[test]
fn byte_04_the_session_is_the_same_after_a_restart() {
    let session = |swarms: &Swarms| say(swarms, member(42)).fact.unwrap().session;
    assert_eq!(session(&swarms()), session(&swarms()));
    let other = Swarms::new(swarms().limits, RandomState::with_seeds(9, 9, 9, 9), &[5; 32]);
    assert_eq!(session(&swarms()), session(&other));
}

#[test]
fn jrn_03_the_last_word_of_a_member_unknown_since_a_restart_is_told() {
    let swarms = swarms();
    let stopped = Told { event: Event::Stopped, uploaded: 900, ..member(42) };
    assert_eq!(say(&swarms, stopped).fact.unwrap().uploaded, 900);
    assert_eq!(swarms.sizes(), (0, 0));
}
