use super::*;
use proptest::prelude::*;
use std::io::{self, Cursor, Read, Write};
use tungstenite::Message;
use tungstenite::protocol::{Role, WebSocket};

const LIMIT: usize = 64 * 1024;

fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    begin(&mut out, 0, payload.len());
    out[0] = first;
    out[1] |= 0x80;
    let mask = [1, 2, 3, 4];
    out.extend(mask);
    out.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    out
}

/// Everything a stream of bytes holds, then why it ended.
fn heard(stream: &[u8], limit: usize) -> (Vec<Incoming<'static>>, Option<Close>) {
    let mut assembly = Assembly::default();
    let mut stream = stream.to_vec();
    let mut rest = stream.as_mut_slice();
    let mut all = Vec::new();
    loop {
        match assembly.next(&mut rest[..], limit) {
            Ok(None) => return (all, None),
            Err(close) => return (all, Some(close)),
            Ok(Some((taken, incoming))) => {
                all.push(match incoming {
                    Incoming::Message(bytes) => Incoming::Message(Cow::Owned(bytes.into_owned())),
                    Incoming::Ping(_) => Incoming::Ping(b""),
                    Incoming::Pong => Incoming::Pong,
                    Incoming::Close(code) => Incoming::Close(code),
                    Incoming::Part => Incoming::Part,
                });
                rest = rest.split_at_mut(taken).1;
            }
        }
    }
}

fn messages(stream: &[u8]) -> Vec<Vec<u8>> {
    let (all, end) = heard(stream, LIMIT);
    assert_eq!(end, None);
    all.into_iter()
        .filter_map(|one| match one {
            Incoming::Message(bytes) => Some(bytes.into_owned()),
            _ => None,
        })
        .collect()
}

#[test]
fn the_handshake_is_answered_as_in_the_standards_example() {
    assert_eq!(accept(b"dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    assert!(is_key(b"dGhlIHNhbXBsZSBub25jZQ=="));
    assert!(!is_key(b"dGhlIHNhbXBsZQ==") && !is_key(b"no base64"));
}

#[test]
fn a_message_in_parts_is_put_together_around_a_ping() {
    let stream = [frame(1, b"he"), frame(0x89, b"?"), frame(0, b"ll"), frame(0x80, b"o")].concat();
    let (all, end) = heard(&stream, LIMIT);
    assert_eq!(end, None);
    assert_eq!(
        all,
        [
            Incoming::Part,
            Incoming::Ping(b""),
            Incoming::Part,
            Incoming::Message(Cow::Borrowed(&b"hello"[..]))
        ]
    );
}

#[test]
fn what_a_client_must_not_send_closes_as_a_fault_of_protocol() {
    let mut unmasked = frame(0x81, b"x");
    unmasked[1] &= 0x7f;
    let long_ping = frame(0x89, &[0; 126]);
    let padded = [vec![0x81, 0xfe, 0, 5], vec![0; 9]].concat();
    for (what, stream) in [
        ("no mask", unmasked),
        ("reserved bit", frame(0xc1, b"x")),
        ("unknown opcode", frame(0x83, b"x")),
        ("a ping in parts", frame(0x09, b"x")),
        ("a long ping", long_ping),
        ("a length longer than needed", padded),
        ("a continuation of nothing", frame(0x80, b"x")),
        ("a message inside another", [frame(1, b"x"), frame(0x81, b"y")].concat()),
        ("half a close code", frame(0x88, b"x")),
        ("a close code that nobody sends", frame(0x88, &1005_u16.to_be_bytes())),
    ] {
        assert_eq!(heard(&stream, LIMIT).1, Some(Close::Protocol), "{what}");
    }
}

#[test]
fn a_text_must_be_utf_8_as_a_whole_and_a_binary_need_not() {
    let (first, second) = "é".as_bytes().split_at(1);
    assert_eq!(
        messages(&[frame(1, first), frame(0x80, second)].concat()),
        ["é".as_bytes().to_vec()]
    );
    assert_eq!(heard(&frame(0x81, b"\xff"), LIMIT).1, Some(Close::NotText));
    assert_eq!(messages(&frame(0x82, b"\xff")), [b"\xff".to_vec()]);
}

#[test]
fn ws_04_a_message_above_the_limit_is_refused_before_it_is_received() {
    let head_only = &frame(0x81, &[b'x'; 1001])[..8];
    assert_eq!(heard(head_only, 1000).1, Some(Close::TooLong));
    let parts = [frame(1, &[b'x'; 600]), frame(0x80, &[b'x'; 600])].concat();
    assert_eq!(heard(&parts, 1000).1, Some(Close::TooLong));
    assert_eq!(messages(&frame(0x81, &vec![b'x'; LIMIT])).len(), 1);
    let huge = [vec![0x81, 0xff], vec![0x7f; 8], vec![0; 4]].concat();
    assert_eq!(heard(&huge, LIMIT).1, Some(Close::TooLong));
}

/// What a client receives; what it answers goes nowhere, and not into what it has yet to read.
struct Received<'a>(&'a [u8]);

impl Read for Received<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Received<'_> {
    fn write(&mut self, answer: &[u8]) -> io::Result<usize> {
        Ok(answer.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

proptest! {
    #[test]
    fn any_message_of_another_implementation_is_read_as_it_was_sent(
        texts in proptest::collection::vec(".{0,300}", 1..5)
    ) {
        let mut client = WebSocket::from_raw_socket(Cursor::new(Vec::new()), Role::Client, None);
        for text in &texts {
            client.send(Message::text(text.as_str())).unwrap();
        }
        let sent: Vec<_> = texts.iter().map(|text| text.clone().into_bytes()).collect();
        prop_assert_eq!(messages(client.get_ref().get_ref()), sent);
    }

    #[test]
    fn what_we_write_is_read_by_another_implementation(
        part in ".{0,300}", copies in 1_usize..200
    ) {
        let message = part.repeat(copies);
        let mut stream = Vec::new();
        ping(&mut stream);
        text(&mut stream, message.as_bytes());
        close(&mut stream, Close::GoingAway.code());
        let mut client = WebSocket::from_raw_socket(Received(&stream), Role::Client, None);
        prop_assert!(client.read().unwrap().is_ping());
        let read = client.read().unwrap().into_text().unwrap();
        prop_assert_eq!(read.as_str(), message);
        prop_assert!(client.read().unwrap().is_close());
    }

    #[test]
    fn any_bytes_are_read_without_a_panic(stream in proptest::collection::vec(any::<u8>(), 0..300)) {
        heard(&stream, 100);
    }
}
