//! The PROXY protocol, version 2: whom a proxy speaks for, ahead of the client's own bytes.
//!
//! <https://www.haproxy.org/download/1.8/doc/proxy-protocol.txt>

use crate::wire::WireError;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

const SIGNATURE: &[u8; 12] = b"\r\n\r\n\0\r\nQUIT\n";
const FIXED: usize = 16;
/// Bytes of addresses and additions that we take; proxies send some hundred at most.
const REST_LIMIT: usize = 4096;

/// What the bytes so far say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Preface {
    /// That many bytes more are needed, and no more may be read for now.
    Incomplete(usize),
    /// The header is over.
    Whole {
        /// Bytes it takes.
        length: usize,
        /// The client it speaks for; `None` when the proxy speaks for itself.
        client: Option<SocketAddr>,
    },
}

/// Reads a header from its first byte on; `received` may hold more.
///
/// # Errors
///
/// `Unintelligible` when it is none, or not of version 2; `TooLong` beyond any honest length.
pub fn preface(received: &[u8]) -> Result<Preface, WireError> {
    let told = received.len().min(SIGNATURE.len());
    if received.get(..told) != SIGNATURE.get(..told) {
        return Err(WireError::Unintelligible);
    }
    let Some(&[command, family, high, low]) = received.get(12..FIXED).and_then(<[u8]>::first_chunk)
    else {
        return Ok(Preface::Incomplete(FIXED - received.len()));
    };
    let is_proxied = match command {
        0x20 => false,
        0x21 => true,
        _ => return Err(WireError::Unintelligible),
    };
    let rest = usize::from(u16::from_be_bytes([high, low]));
    if rest > REST_LIMIT {
        return Err(WireError::TooLong);
    }
    let length = FIXED + rest;
    let Some(addresses) = received.get(FIXED..length) else {
        return Ok(Preface::Incomplete(length - received.len()));
    };
    let client = if is_proxied { client(family, addresses)? } else { None };
    Ok(Preface::Whole { length, client })
}

/// The source address; families without one (Unix, unknown) leave the connection's own.
fn client(family: u8, addresses: &[u8]) -> Result<Option<SocketAddr>, WireError> {
    let port = |at: usize| {
        let bytes = addresses.get(at..).and_then(<[u8]>::first_chunk).copied();
        bytes.map(u16::from_be_bytes).ok_or(WireError::Unintelligible)
    };
    match family >> 4 {
        1 => {
            let ip: &[u8; 4] = addresses.first_chunk().ok_or(WireError::Unintelligible)?;
            Ok(Some((Ipv4Addr::from(*ip), port(8)?).into()))
        }
        2 => {
            let ip: &[u8; 16] = addresses.first_chunk().ok_or(WireError::Unintelligible)?;
            Ok(Some((Ipv6Addr::from(*ip), port(32)?).into()))
        }
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn header(command: u8, family: u8, addresses: &[u8]) -> Vec<u8> {
        let length = u16::try_from(addresses.len()).unwrap().to_be_bytes();
        [&SIGNATURE[..], &[command, family], &length, addresses].concat()
    }

    fn v4() -> Vec<u8> {
        header(0x21, 0x11, &[8, 8, 8, 8, 10, 0, 0, 1, 0x1a, 0xe1, 0, 80])
    }

    #[test]
    fn id_07_a_proxy_names_its_client_in_either_family() {
        let client = Some("8.8.8.8:6881".parse().unwrap());
        assert_eq!(preface(&v4()), Ok(Preface::Whole { length: 28, client }));
        let mut addresses = [0; 36];
        addresses[..4].copy_from_slice(&[0x20, 1, 0xd, 0xb8]);
        addresses[15] = 9;
        addresses[33] = 7;
        let client = Some("[2001:db8::9]:7".parse().unwrap());
        let read = preface(&header(0x21, 0x21, &addresses));
        assert_eq!(read, Ok(Preface::Whole { length: 52, client }));
    }

    #[test]
    fn id_07_additions_are_skipped_and_health_checks_speak_for_nobody() {
        let more = [&v4()[16..], &[0x04, 0, 3, 0, 0, 0]].concat();
        let with_more = header(0x21, 0x11, &more);
        assert!(matches!(preface(&with_more), Ok(Preface::Whole { length: 34, client: Some(_) })));
        for header in [header(0x20, 0, &[]), header(0x21, 0x31, &[1; 216]), header(0x21, 0, &[])] {
            let length = header.len();
            assert_eq!(preface(&header), Ok(Preface::Whole { length, client: None }));
        }
    }

    #[test]
    fn id_07_what_is_no_header_is_refused_at_its_first_wrong_byte() {
        assert_eq!(preface(b"G"), Err(WireError::Unintelligible));
        assert_eq!(preface(b"PROXY TCP4"), Err(WireError::Unintelligible));
        for wrong in
            [header(0x11, 0x11, &[0; 12]), header(0x21, 0x11, &[0; 9]), header(0x22, 0, &[])]
        {
            assert_eq!(preface(&wrong), Err(WireError::Unintelligible));
        }
        assert_eq!(preface(&header(0x21, 0x11, &[0; 5000])[..16]), Err(WireError::TooLong));
    }

    proptest! {
        #[test]
        fn a_header_asks_for_exactly_what_it_lacks(cut in 0..28_usize) {
            let whole = v4();
            let mut have = cut;
            while let Preface::Incomplete(missing) = preface(&whole[..have]).unwrap() {
                prop_assert!(missing > 0);
                have += missing;
            }
            prop_assert_eq!(have, 28);
        }

        #[test]
        fn no_bytes_are_too_strange(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = preface(&bytes);
            let _ = preface(&[&SIGNATURE[..], &bytes].concat());
        }
    }
}
