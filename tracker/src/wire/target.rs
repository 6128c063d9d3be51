//! The path and query of an announce URL, shared by HTTP and UDP (BEP 41).

use crate::wire::AnnounceKey;
use crate::wire::key::{RawKey, TEXT_LENGTH};

/// What a URL asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target<'a> {
    /// An announce, with its key and raw query.
    Announce(AnnounceKey, &'a [u8]),
    /// A scrape, with its key and raw query.
    Scrape(AnnounceKey, &'a [u8]),
    /// The short page for people.
    Root,
    /// Nothing we serve.
    Unknown,
}

/// Reads a request target: `/KEY/announce`, `/announce?key=KEY`, `/announce`; the same for `scrape`.
#[must_use]
pub fn read(target: &[u8]) -> Target<'_> {
    let (path, query) = split_once(target, b'?');
    let mut segments = path.split(|byte| *byte == b'/').skip(1);
    match (segments.next(), segments.next(), segments.next()) {
        (Some(b"announce"), None, _) => Target::Announce(key_in(query), query),
        (Some(b"scrape"), None, _) => Target::Scrape(key_in(query), query),
        (Some(key), Some(b"announce"), None) => Target::Announce(key_of(key), query),
        (Some(key), Some(b"scrape"), None) => Target::Scrape(key_of(key), query),
        (Some(b""), None, _) => Target::Root,
        _ => Target::Unknown,
    }
}

/// The key in BEP 41 URL data: a client cuts it to 255 bytes, so only the key must be whole (UDP-10).
#[must_use]
pub fn key_in_url_data(data: &[u8]) -> AnnounceKey {
    let (path, query) = split_once(data, b'?');
    match path.split(|byte| *byte == b'/').find(|segment| !segment.is_empty()) {
        None | Some(b"announce") => key_in(query),
        Some(key) => key_of(key),
    }
}

/// Whether a query parameter `key` is ours rather than the client's own (BEP 7): by its length.
#[must_use]
pub fn is_announce_key(value: &[u8]) -> bool {
    value.len() == TEXT_LENGTH
}

/// The parameters of a query in order: `&` separates (HTTP-3), no `=` means none (HTTP-4).
pub fn parameters(query: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    query
        .split(|byte| *byte == b'&')
        .filter(|pair| pair.contains(&b'='))
        .map(|pair| split_once(pair, b'='))
}

fn key_of(segment: &[u8]) -> AnnounceKey {
    RawKey::read(segment).map_or(AnnounceKey::Malformed, AnnounceKey::Given)
}

fn key_in(query: &[u8]) -> AnnounceKey {
    parameters(query)
        .find(|(name, value)| *name == b"key" && is_announce_key(value))
        .map_or(AnnounceKey::Absent, |(_, value)| key_of(value))
}

fn split_once(bytes: &[u8], at: u8) -> (&[u8], &[u8]) {
    let mut halves = bytes.splitn(2, |byte| *byte == at);
    (halves.next().unwrap_or_default(), halves.next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::key::{ACCOUNT, KeyMaker};
    use proptest::prelude::*;

    fn key() -> String {
        KeyMaker::new(&[1; 32]).issue(ACCOUNT, 5, 1, None).unwrap()
    }

    #[test]
    fn http_14_the_key_is_read_from_the_path_and_from_the_query() {
        for url in [format!("/{}/announce?a=b", key()), format!("/announce?key={}&a=b", key())] {
            assert!(matches!(
                read(url.as_bytes()),
                Target::Announce(AnnounceKey::Given(RawKey { user: 5, .. }), _)
            ));
        }
    }

    #[test]
    fn a_clients_own_key_parameter_is_not_ours() {
        assert_eq!(
            read(b"/announce?key=1A2B3C4D"),
            Target::Announce(AnnounceKey::Absent, b"key=1A2B3C4D")
        );
    }

    #[test]
    fn other_paths_lead_nowhere() {
        assert_eq!(read(b"/"), Target::Root);
        for path in [&b"/x"[..], b"/a/b/announce", b"/announce/", b"announce", b"", b"/x/scrape/y"]
        {
            assert_eq!(read(path), Target::Unknown, "{path:?}");
        }
        assert_eq!(read(b"/x/scrape"), Target::Scrape(AnnounceKey::Malformed, b""));
    }

    #[test]
    fn http_04_a_parameter_without_equals_does_not_shift_the_next() {
        let read: Vec<_> = parameters(b"a&b=1&&c=2=3").collect();
        assert_eq!(read, [(&b"b"[..], &b"1"[..]), (b"c", b"2=3")]);
    }

    #[test]
    fn http_03_only_an_ampersand_separates() {
        assert_eq!(parameters(b"a=1;b=2").collect::<Vec<_>>(), [(&b"a"[..], &b"1;b=2"[..])]);
    }

    #[test]
    fn udp_10_a_url_cut_after_the_key_still_carries_it() {
        let data = format!("/{}/anno", key());
        assert!(matches!(key_in_url_data(data.as_bytes()), AnnounceKey::Given(_)));
        assert_eq!(key_in_url_data(b"/announce"), AnnounceKey::Absent);
        assert_eq!(key_in_url_data(b""), AnnounceKey::Absent);
        assert_eq!(key_in_url_data(b"/nonsense/announce"), AnnounceKey::Malformed);
    }

    proptest! {
        #[test]
        fn any_target_is_read_without_a_panic(target in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = (read(&target), key_in_url_data(&target));
        }
    }
}
