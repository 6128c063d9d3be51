//! Requests as bytes.

use crate::population::Turn;

/// The connect request of BEP 15.
pub(crate) const CONNECT: [u8; 16] =
    [0, 0, 4, 0x17, 0x27, 0x10, 0x19, 0x80, 0, 0, 0, 0, 0, 0, 0, 9];

/// Writes an announce: 98 bytes, and the key's URL when there is one.
pub(crate) fn udp_announce(
    out: &mut Vec<u8>,
    connection: [u8; 8],
    transaction: u32,
    turn: &Turn<'_>,
    (uploaded, want): (u64, u32),
) {
    let event: u32 = if turn.is_leaving { 3 } else { 0 };
    out.clear();
    out.extend(connection);
    out.extend(1_u32.to_be_bytes());
    out.extend(transaction.to_be_bytes());
    out.extend(turn.hash);
    out.extend(turn.peer_id);
    out.extend([0; 8]);
    out.extend(u64::from(!turn.is_seeder).to_be_bytes());
    out.extend(uploaded.to_be_bytes());
    out.extend(event.to_be_bytes());
    out.extend([0; 8]);
    out.extend(want.to_be_bytes());
    out.extend(turn.port.to_be_bytes());
    if let Some(key) = turn.key {
        out.extend([2, 48, b'/']);
        out.extend(key.as_bytes());
        out.extend(b"/announce");
    }
}

/// Writes an announce as an HTTP request.
pub(crate) fn http_announce(
    out: &mut Vec<u8>,
    turn: &Turn<'_>,
    (uploaded, want): (u64, u32),
    keeps: bool,
) {
    out.clear();
    out.extend(b"GET ");
    if let Some(key) = turn.key {
        out.push(b'/');
        out.extend(key.as_bytes());
    }
    out.extend(b"/announce?info_hash=");
    escape(out, &turn.hash);
    out.extend(b"&peer_id=");
    escape(out, &turn.peer_id);
    let (left, port) = (u8::from(!turn.is_seeder), turn.port);
    let event = if turn.is_leaving { "&event=stopped" } else { "" };
    let close = if keeps { "" } else { "Connection: close\r\n" };
    out.extend(
        format!(
            "&port={port}&uploaded={uploaded}&downloaded=0&left={left}&numwant={want}&compact=1\
             {event} HTTP/1.1\r\nHost: 127.0.0.1\r\n{close}\r\n"
        )
        .as_bytes(),
    );
}

fn escape(out: &mut Vec<u8>, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        let digit = |at: u8| DIGITS.get(usize::from(at)).copied().unwrap_or(b'0');
        out.extend([b'%', digit(byte >> 4), digit(byte & 15)]);
    }
}
