use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

const BOUNDS: Bounds = Bounds { offers: 10, scrape: 255 };

fn latin(bytes: &[u8; 20]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

fn announce() -> Value {
    json!({
        "action": "announce", "info_hash": latin(&[0xe9; 20]), "peer_id": latin(b"-WW0101-abcdefghijkl"),
        "event": "started", "uploaded": 1, "downloaded": 2.0, "left": null, "numwant": 5,
        "offers": [{"offer_id": latin(&[7; 20]), "offer": {"type": "offer", "sdp": "v=0\r\n"}}],
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut message = announce();
    message[name] = value;
    message
}

fn why(message: &Value) -> WireError {
    read(message.to_string().as_bytes(), AnnounceKey::Absent, &BOUNDS).unwrap_err().error
}

#[test]
fn an_announce_is_read_with_its_offers() {
    let text = announce().to_string();
    let message = read(text.as_bytes(), AnnounceKey::Malformed, &BOUNDS).unwrap();
    let Message::Announce(announce, offers) = message else { panic!("{message:?}") };
    assert_eq!(announce.info_hash, InfoHash([0xe9; 20]));
    assert_eq!(announce.peer_id, PeerId(*b"-WW0101-abcdefghijkl"));
    assert_eq!((announce.uploaded, announce.downloaded), (1, 2));
    assert_eq!(announce.left, i64::MAX.unsigned_abs());
    assert_eq!((announce.want, announce.port), (Some(5), None));
    assert_eq!((announce.event, announce.key), (Event::Started, AnnounceKey::Malformed));
    assert_eq!(offers, [Offer { id: OfferId([7; 20]), sdp: r#""v=0\r\n""# }]);
}

#[test]
fn numbers_are_read_as_javascript_writes_them() {
    for (left, bytes) in [
        (json!(5), 5),
        (json!(5.9), 5),
        (json!(1e300), i64::MAX.unsigned_abs()),
        (json!(-1), i64::MAX.unsigned_abs()),
        (json!(-1.5), i64::MAX.unsigned_abs()),
        (Value::Null, i64::MAX.unsigned_abs()),
    ] {
        let text = with("left", left.clone()).to_string();
        let message = read(text.as_bytes(), AnnounceKey::Absent, &BOUNDS).unwrap();
        let Message::Announce(announce, _) = message else { panic!("{message:?}") };
        assert_eq!(announce.left, bytes, "{left}");
    }
}

#[test]
fn ws_04_offers_and_hashes_beyond_the_limits_are_left_out() {
    let one = announce()["offers"][0].clone();
    let text = with("offers", Value::Array(vec![one; 12])).to_string();
    let message = read(text.as_bytes(), AnnounceKey::Absent, &BOUNDS).unwrap();
    assert!(matches!(message, Message::Announce(_, offers) if offers.len() == 10));
    let hashes = vec![latin(&[1; 20]); 300];
    let text = json!({"action": "scrape", "info_hash": hashes}).to_string();
    let message = read(text.as_bytes(), AnnounceKey::Absent, &BOUNDS).unwrap();
    assert!(matches!(message, Message::Scrape(hashes) if hashes.len() == 255));
}

#[test]
fn a_bad_message_says_what_is_wrong_and_what_it_was_about() {
    for (message, error) in [
        (json!([1]), WireError::Unintelligible),
        (with("action", json!("dance")), WireError::UnknownAction),
        (json!({}), WireError::UnknownAction),
        (with("info_hash", json!("short")), WireError::BadInfoHash),
        (with("info_hash", json!([latin(&[1; 20])])), WireError::BadInfoHash),
        (with("peer_id", json!("é".repeat(19) + "€")), WireError::BadPeerId),
        (
            with("offers", json!([{"offer_id": "x", "offer": {"type": "offer", "sdp": ""}}])),
            WireError::BadOffer,
        ),
        (
            with(
                "offers",
                json!([{"offer_id": latin(&[7; 20]), "offer": {"type": "offer", "sdp": {"x": 1}}}]),
            ),
            WireError::BadOffer,
        ),
        (with("answer", json!({"type": "offer", "sdp": "v=0"})), WireError::BadOffer),
        (json!({"action": "scrape"}), WireError::BadInfoHash),
        (json!({"action": "scrape", "info_hash": []}), WireError::BadInfoHash),
    ] {
        assert_eq!(why(&message), error, "{message}");
    }
    let text = with("peer_id", json!("short")).to_string();
    let bad = read(text.as_bytes(), AnnounceKey::Absent, &BOUNDS).unwrap_err();
    assert_eq!((bad.action, bad.info_hash), (Action::Announce, Some(InfoHash([0xe9; 20]))));
    assert_eq!(
        read(b"\xff{}", AnnounceKey::Absent, &BOUNDS).unwrap_err().error,
        WireError::Unintelligible
    );
}

#[test]
fn a_failure_names_its_reason_and_its_swarm() {
    let mut out = Vec::new();
    let refusal = Refusal { code: "x", text: "a \"quoted\" reason", retry: Retry::Never };
    failure(&mut out, Action::Announce, Some(&InfoHash([0xe9; 20])), refusal);
    let read: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(
        read,
        json!({
            "action": "announce", "failure reason": "a \"quoted\" reason",
            "info_hash": latin(&[0xe9; 20]), "retry in": "never",
        })
    );
}

proptest! {
    #[test]
    fn every_byte_string_makes_the_round_trip(
        hash: [u8; 20], from: [u8; 20], to: [u8; 20], id: [u8; 20], sdp in ".{0,80}"
    ) {
        let sdp = serde_json::to_string(&sdp).unwrap();
        let message = format!(
            r#"{{"action": "announce", "info_hash": {}, "peer_id": {}, "to_peer_id": {},
                "offer_id": {}, "answer": {{"type": "answer", "sdp": {sdp}, "more": [1]}}}}"#,
            json!(latin(&hash)), json!(latin(&from)), json!(latin(&to)), json!(latin(&id)),
        );
        let read = read(message.as_bytes(), AnnounceKey::Absent, &BOUNDS).unwrap();
        let Message::Answer(answer) = read else { panic!("{read:?}") };
        prop_assert_eq!(answer, Answer {
            info_hash: InfoHash(hash), from: PeerId(from), to: PeerId(to),
            offer: Offer { id: OfferId(id), sdp: &sdp },
        });
        let mut out = Vec::new();
        answer_message(&mut out, &answer);
        let written: Value = serde_json::from_slice(&out).unwrap();
        prop_assert_eq!(written, json!({
            "action": "announce", "info_hash": latin(&hash), "peer_id": latin(&from),
            "offer_id": latin(&id),
            "answer": {"type": "answer", "sdp": serde_json::from_str::<Value>(&sdp).unwrap()},
        }));
    }

    #[test]
    fn counts_make_the_round_trip(
        hashes: Vec<[u8; 20]>, seeders: u32, leechers: u32, completed: u32
    ) {
        let counts = Counts { seeders, leechers, completed };
        let files: Vec<_> = hashes.iter().map(|hash| (InfoHash(*hash), counts)).collect();
        let mut out = Vec::new();
        scrape_answer(&mut out, &files);
        let scraped: Value = serde_json::from_slice(&out).unwrap();
        let expected = json!({"complete": seeders, "downloaded": completed, "incomplete": leechers});
        for hash in &hashes {
            prop_assert_eq!(&scraped["files"][latin(hash)], &expected);
        }
        let mut out = Vec::new();
        let terms = Terms { interval_s: 120, warning: Some("é\n") };
        announce_answer(&mut out, &InfoHash([0xff; 20]), counts, &terms);
        let announced: Value = serde_json::from_slice(&out).unwrap();
        prop_assert_eq!(announced, json!({
            "action": "announce", "info_hash": latin(&[0xff; 20]), "interval": 120,
            "complete": seeders, "downloaded": completed, "incomplete": leechers,
            "warning message": "é\n",
        }));
    }

    #[test]
    fn any_text_is_read_without_a_panic(message in ".{0,200}") {
        let _ = read(message.as_bytes(), AnnounceKey::Absent, &BOUNDS);
    }
}
