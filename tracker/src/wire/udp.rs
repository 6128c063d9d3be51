//! UDP tracker packets (BEP 15) and their options (BEP 41). Integers are big-endian.

use crate::wire::{
    Announce, AnnounceKey, Counts, Event, InfoHash, Neighbours, PeerId, WireError, bounded, field,
    target,
};
use smallvec::SmallVec;
use std::num::NonZeroU16;

/// The connection id a client sends before it has one.
pub const PROTOCOL_ID: u64 = 0x0417_2710_1980;
/// Bytes before a request's body.
pub const HEADER_BYTES: usize = 16;
/// Info-hashes answered in one scrape: what fits 1,496 bytes of request (SCR-3).
pub const SCRAPE_LIMIT: usize = 74;
/// Peers in one answer over IPv4: 1,220 bytes (UDP-12).
pub const V4_LIMIT: usize = 200;
/// Peers in one answer over IPv6: under 1,232 bytes, which no path fragments (UDP-12).
pub const V6_LIMIT: usize = 66;

const ANNOUNCE_BYTES: usize = 82;
/// A path longer than this is nobody's announce URL.
const URL_DATA_LIMIT: usize = 512;

/// What a datagram asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Give me a connection id.
    Connect,
    /// Here is my report.
    Announce,
    /// Counts, please.
    Scrape,
}

/// The first 16 bytes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Connection id, or [`PROTOCOL_ID`].
    pub connection: u64,
    /// What is asked.
    pub action: Action,
    /// Echoed in the answer.
    pub transaction: u32,
}

/// Reads a request's header; the rest of `datagram` is its body.
///
/// # Errors
///
/// `Truncated` below 16 bytes; `Unintelligible` for an unknown action or a
/// connect without its magic number.
pub fn header(datagram: &[u8]) -> Result<Header, WireError> {
    let connection = u64::from_be_bytes(field(datagram, 0)?);
    let action = match u32::from_be_bytes(field(datagram, 8)?) {
        0 if connection == PROTOCOL_ID => Action::Connect,
        1 => Action::Announce,
        2 => Action::Scrape,
        _ => return Err(WireError::Unintelligible),
    };
    Ok(Header { connection, action, transaction: u32::from_be_bytes(field(datagram, 12)?) })
}

/// Reads an announce (action 1).
///
/// `body` is the datagram without its header: 82 bytes, then options (BEP 41)
/// if any, and never a length to insist on (UDP-8). Byte counts are in bytes.
/// The address field is ignored: honouring it would let anyone enlist a victim
/// in a swarm (ID-5).
///
/// # Errors
///
/// `Truncated` below 82 bytes; `ZeroPort` when the port is 0 and the client is
/// not leaving.
pub fn announce(body: &[u8]) -> Result<Announce, WireError> {
    let event = match u32::from_be_bytes(field(body, 64)?) {
        1 => Event::Completed,
        2 => Event::Started,
        3 => Event::Stopped,
        _ => Event::None,
    };
    let port = NonZeroU16::new(u16::from_be_bytes(field(body, 80)?));
    if port.is_none() && event != Event::Stopped {
        return Err(WireError::ZeroPort);
    }
    Ok(Announce {
        info_hash: InfoHash(field(body, 0)?),
        peer_id: PeerId(field(body, 20)?),
        port,
        event,
        downloaded: bounded(u64::from_be_bytes(field(body, 40)?)),
        left: bounded(u64::from_be_bytes(field(body, 48)?)),
        uploaded: bounded(u64::from_be_bytes(field(body, 56)?)),
        want: u32::try_from(i32::from_be_bytes(field(body, 76)?)).ok(),
        client_key: u32::from_be_bytes(field(body, 72)?),
        key: key_in_options(body.get(ANNOUNCE_BYTES..).unwrap_or_default()),
    })
}

/// Finds the announce key in the options; several URL data join into one (UDP-9).
fn key_in_options(mut options: &[u8]) -> AnnounceKey {
    let mut path = SmallVec::<[u8; 256]>::new();
    while let [kind, rest @ ..] = options {
        options = match kind {
            0 => break,
            1 => rest,
            _ => {
                let Some((length, rest)) = rest.split_first() else {
                    break;
                };
                let Some((data, rest)) = rest.split_at_checked(usize::from(*length)) else {
                    break;
                };
                if *kind == 2 && path.len() + data.len() <= URL_DATA_LIMIT {
                    path.extend_from_slice(data);
                }
                rest
            }
        };
    }
    target::key_in_url_data(&path)
}

/// The info-hashes of a scrape body in order, a partial one left out (SCR-2).
pub fn scrape(body: &[u8]) -> impl Iterator<Item = InfoHash> {
    body.as_chunks::<20>().0.iter().take(SCRAPE_LIMIT).map(|hash| InfoHash(*hash))
}

/// Writes a connect answer: 16 bytes, as many as the request (UDP-7).
pub fn connect_answer(out: &mut Vec<u8>, transaction: u32, connection: u64) {
    answer_header(out, 0, transaction);
    out.extend_from_slice(&connection.to_be_bytes());
}

/// Writes an announce answer with peers of one family: the packet's own (ID-10).
pub fn announce_answer(
    out: &mut Vec<u8>,
    transaction: u32,
    interval_s: u32,
    counts: Counts,
    peers: &[u8],
) {
    answer_header(out, 1, transaction);
    for number in [interval_s, counts.leechers, counts.seeders] {
        out.extend_from_slice(&number.to_be_bytes());
    }
    out.extend_from_slice(peers);
}

/// Writes the start of a scrape answer; [`push_counts`] adds each swarm.
pub fn scrape_answer(out: &mut Vec<u8>, transaction: u32) {
    answer_header(out, 2, transaction);
}

/// Adds one swarm to a scrape answer, in the order asked (SCR-2).
pub fn push_counts(out: &mut Vec<u8>, counts: Counts) {
    for number in [counts.seeders, counts.completed, counts.leechers] {
        out.extend_from_slice(&number.to_be_bytes());
    }
}

/// Writes an error (action 3) with a text for people (UDP-13).
pub fn error_answer(out: &mut Vec<u8>, transaction: u32, text: &str) {
    answer_header(out, 3, transaction);
    out.extend_from_slice(text.as_bytes());
}

/// The peers of `neighbours` that a packet of this family may carry.
#[must_use]
pub fn peers_of(neighbours: &Neighbours, is_v6: bool) -> &[u8] {
    if is_v6 { &neighbours.v6 } else { &neighbours.v4 }
}

fn answer_header(out: &mut Vec<u8>, action: u32, transaction: u32) {
    out.clear();
    out.extend_from_slice(&action.to_be_bytes());
    out.extend_from_slice(&transaction.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::key::{ACCOUNT, KeyMaker, RawKey};
    use proptest::prelude::*;

    fn body() -> Vec<u8> {
        vec![1; ANNOUNCE_BYTES]
    }

    fn with_options(options: &[u8]) -> AnnounceKey {
        announce(&[&body(), options].concat()).unwrap().key
    }

    fn key() -> Vec<u8> {
        KeyMaker::new(&[1; 32]).issue(ACCOUNT, 5, 1, None).unwrap().into_bytes()
    }

    #[test]
    fn every_short_packet_is_refused_and_none_panics() {
        let whole = body();
        for length in 0..whole.len() {
            assert_eq!(announce(&whole[..length]), Err(WireError::Truncated));
        }
        assert!(announce(&whole).is_ok());
        for length in 0..HEADER_BYTES {
            assert!(header(&whole[..length]).is_err());
        }
    }

    #[test]
    fn udp_08_a_longer_request_is_read_all_the_same() {
        assert_eq!(announce(&[1; 200]).unwrap().port.unwrap().get(), 0x0101);
    }

    #[test]
    fn udp_09_url_data_joins_and_unknown_options_are_skipped() {
        let url = [b"/", &key()[..], b"/announce"].concat();
        let (first, second) = url.split_at(20);
        let joined = [
            &[1, 9, 2, 7, 7, 2, 20][..],
            first,
            &[2, u8::try_from(second.len()).unwrap()],
            second,
            &[0, 2, 1, b'x'],
        ]
        .concat();
        assert!(matches!(with_options(&joined), AnnounceKey::Given(RawKey { user: 5, .. })));
    }

    #[test]
    fn udp_09_a_cut_option_ends_the_options() {
        for options in [&[2][..], &[2, 40, b'/'], &[7, 255], &[0, 2, 1]] {
            assert_eq!(with_options(options), AnnounceKey::Absent);
        }
    }

    #[test]
    fn http_07_numwant_minus_one_is_the_default_and_zero_is_zero() {
        let mut bytes = body();
        for (sent, read) in [(-1_i32, None), (0, Some(0)), (-7, None), (3, Some(3))] {
            bytes[76..80].copy_from_slice(&sent.to_be_bytes());
            assert_eq!(announce(&bytes).unwrap().want, read);
        }
    }

    #[test]
    fn id_11_port_zero_is_no_peer_unless_it_leaves() {
        let mut bytes = body();
        bytes[80..].fill(0);
        assert_eq!(announce(&bytes), Err(WireError::ZeroPort));
        bytes[64..68].copy_from_slice(&3_u32.to_be_bytes());
        assert_eq!(announce(&bytes).unwrap().port, None);
    }

    #[test]
    fn evt_05_an_unknown_event_is_none() {
        let mut bytes = body();
        bytes[64..68].copy_from_slice(&9_u32.to_be_bytes());
        assert_eq!(announce(&bytes).unwrap().event, Event::None);
    }

    #[test]
    fn http_06_left_minus_one_stays_a_leecher() {
        let mut bytes = body();
        bytes[48..56].fill(0xff);
        assert_eq!(announce(&bytes).unwrap().left, i64::MAX.unsigned_abs());
    }

    #[test]
    fn scr_02_a_partial_trailing_hash_is_ignored() {
        assert_eq!(scrape(&[1; 59]).count(), 2);
    }

    #[test]
    fn scr_03_a_scrape_is_cut_at_74() {
        assert_eq!(scrape(&[1; 2000]).count(), 74);
    }

    #[test]
    fn udp_07_a_connect_answer_is_no_longer_than_its_request() {
        let mut out = Vec::new();
        connect_answer(&mut out, 7, 9);
        assert_eq!(out.len(), HEADER_BYTES);
    }

    #[test]
    fn udp_12_the_largest_answers_fit_their_path() {
        const { assert!(20 + V6_LIMIT * 18 < 1232 && 20 + V4_LIMIT * 6 <= 1220) }
    }

    proptest! {
        #[test]
        fn any_datagram_is_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..700)) {
            let _ = (header(&bytes), announce(&bytes), scrape(&bytes).count());
        }
    }
}
