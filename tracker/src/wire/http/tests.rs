use super::*;
use proptest::prelude::*;

const GOOD: &str = "info_hash=aaaaaaaaaaaaaaaaaaaa&peer_id=bbbbbbbbbbbbbbbbbbbb&port=6881";

fn read(extra: &str) -> Result<Announce, WireError> {
    announce(AnnounceKey::Absent, format!("{extra}&{GOOD}").as_bytes())
}

#[test]
fn http_01_hashes_are_raw_bytes_in_either_case_of_hex() {
    let query = "info_hash=%00%fF%Ffaaaaaaaaaaaaaaaaa&peer_id=bbbbbbbbbbbbbbbbbbbb&port=1";
    let hash = announce(AnnounceKey::Absent, query.as_bytes()).unwrap().info_hash.0;
    assert_eq!(hash[..4], [0, 0xff, 0xff, b'a']);
}

#[test]
fn http_01_anything_but_20_bytes_is_refused() {
    for hash in [
        "",
        "a",
        "aaaaaaaaaaaaaaaaaaa",
        "aaaaaaaaaaaaaaaaaaaaa",
        "%zzaaaaaaaaaaaaaaaaaaa",
        "aaaaaaaaaaaaaaaaaaa%a",
    ] {
        assert_eq!(read(&format!("info_hash={hash}")), Err(WireError::BadInfoHash), "{hash}");
    }
    assert_eq!(read("peer_id=short"), Err(WireError::BadPeerId));
}

#[test]
fn http_02_a_plus_is_a_plus() {
    assert_eq!(read("info_hash=++++++++++++++++++++").unwrap().info_hash.0, [b'+'; 20]);
}

#[test]
fn http_05_the_first_of_a_repeated_parameter_holds() {
    assert_eq!(read("port=1&port=2").unwrap().port.unwrap().get(), 1);
}

#[test]
fn http_06_unknown_left_is_a_leecher() {
    for left in ["a=b", "left=-1", "left=9223372036854775807", "left=18446744073709551616", "left="]
    {
        assert_eq!(read(left).unwrap().left, i64::MAX.unsigned_abs(), "{left}");
    }
    assert_eq!(read("left=0").unwrap().left, 0);
    assert_eq!(read("left=x"), Err(WireError::BadNumber));
}

#[test]
fn http_07_numwant_is_clamped_and_never_wraps() {
    for (text, want) in
        [("a=b", None), ("numwant=-1", None), ("numwant=-99", None), ("numwant=0", Some(0))]
    {
        assert_eq!(read(text).unwrap().want, want, "{text}");
    }
    assert_eq!(read("numwant=99999999999").unwrap().want, Some(u32::MAX));
}

#[test]
fn http_12_compact_is_advice_and_never_an_error() {
    assert!(read("compact=0").is_ok());
}

#[test]
fn evt_05_paused_and_empty_events_are_none() {
    for event in ["paused", "", "nonsense"] {
        assert_eq!(read(&format!("event={event}")).unwrap().event, Event::None);
    }
}

#[test]
fn evt_03_stopped_may_come_with_port_zero_or_none() {
    assert_eq!(read("event=stopped&port=0").unwrap().port, None);
    assert_eq!(read("port=0"), Err(WireError::ZeroPort));
    assert_eq!(read("port=65536"), Err(WireError::BadPort));
}

#[test]
fn id_02_the_clients_key_is_the_same_over_http_and_udp() {
    assert_eq!(read("key=1A2B3C4D").unwrap().client_key, 0x1A2B_3C4D);
}

#[test]
fn scr_02_a_scrape_takes_every_hash_in_order() {
    let query = b"info_hash=bbbbbbbbbbbbbbbbbbbb&info_hash=short&info_hash=aaaaaaaaaaaaaaaaaaaa";
    assert_eq!(scrape(query).collect::<Vec<_>>(), [InfoHash([b'b'; 20]), InfoHash([b'a'; 20])]);
}

#[test]
fn http_09_an_empty_answer_still_has_interval_and_peers() {
    let terms = Terms {
        interval_s: 1800,
        min_interval_s: 60,
        external: "192.0.2.1".parse().unwrap(),
        warning: None,
    };
    let mut out = Vec::new();
    announce_answer(&mut out, &Neighbours::default(), &terms);
    let expected = b"d8:completei0e10:downloadedi0e11:external ip4:\xc0\x00\x02\x0110:incompletei0e8:intervali1800e12:min intervali60e5:peers0:e";
    assert_eq!(out, expected);
}

#[test]
fn http_16_the_largest_answer_is_far_below_a_mebibyte() {
    let terms = Terms {
        interval_s: u32::MAX,
        min_interval_s: u32::MAX,
        external: "::1".parse().unwrap(),
        warning: Some("w"),
    };
    let neighbours =
        Neighbours { v4: vec![1; 200 * 6], v6: vec![1; 200 * 18], ..Neighbours::default() };
    let mut out = Vec::new();
    announce_answer(&mut out, &neighbours, &terms);
    assert!(out.len() < 1 << 20);
}

#[test]
fn http_17_an_ipv6_announcer_reads_its_16_bytes() {
    let terms = Terms {
        interval_s: 1,
        min_interval_s: 1,
        external: "::1".parse().unwrap(),
        warning: Some("w"),
    };
    let mut out = Vec::new();
    announce_answer(&mut out, &Neighbours::default(), &terms);
    assert!(out.windows(18).any(|part| part == b"ip16:\0\0\0\0\0\0\0\0\0\0\0\0\0"));
    assert!(out.ends_with(b"5:peers0:6:peers60:15:warning message1:we"));
}

#[test]
fn err_01_02_and_08_a_failure_has_a_reason_no_peers_and_a_retry() {
    let mut out = Vec::new();
    failure_answer(&mut out, Refusal { code: "no", text: "no", retry: Retry::Minutes(5) });
    assert_eq!(out, b"d14:failure reason2:no12:min intervali300e5:peers0:8:retry ini5ee");
    out.clear();
    failure_answer(&mut out, Refusal { code: "no", text: "no", retry: Retry::Never });
    assert_eq!(out, b"d14:failure reason2:no5:peers0:8:retry in5:nevere");
}

#[test]
fn http_19_an_endless_head_is_refused_and_a_partial_one_awaited() {
    assert_eq!(head(b"GET / HT"), Ok(None));
    let endless = [b"GET / HTTP/1.1\r\nA: ".as_slice(), &[b'a'; HEAD_LIMIT]].concat();
    assert_eq!(head(&endless), Err(WireError::TooLong));
}

#[test]
fn http_18_keep_alive_follows_the_version_and_the_header() {
    for (request, keeps) in [
        ("GET / HTTP/1.1\r\n\r\n", true),
        ("GET / HTTP/1.0\r\n\r\n", false),
        ("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true),
        ("GET / HTTP/1.1\r\nConnection: close\r\n\r\n", false),
    ] {
        assert_eq!(head(request.as_bytes()).unwrap().unwrap().keeps_alive, keeps, "{request}");
    }
}

#[test]
fn a_request_with_a_body_is_refused() {
    assert_eq!(
        head(b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc"),
        Err(WireError::Unintelligible)
    );
}

proptest! {
    #[test]
    fn any_query_is_read_or_refused(query in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = (announce(AnnounceKey::Absent, &query), scrape(&query).count(), head(&query));
    }

    #[test]
    fn escaped_bytes_read_back(bytes: [u8; 20]) {
        let escaped = bytes.iter().fold(String::new(), |text, byte| format!("{text}%{byte:02x}"));
        prop_assert_eq!(twenty(Some(escaped.as_bytes())), Some(bytes));
    }
}
