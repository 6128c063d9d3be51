//! WebSocket framing (RFC 6455): the handshake's answer, a client's messages in, ours out.
//!
//! Nothing is kept for a silent connection, and a message that comes in one
//! frame is unmasked where it lies: why this is our own is in decision 0015.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};
use std::borrow::Cow;

/// Bytes of the longest frame head: two, a length of eight, a mask of four.
pub const HEAD_LIMIT: usize = 14;
/// Payload of a ping, pong or close at most.
const CONTROL_LIMIT: usize = 125;
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The `Sec-WebSocket-Accept` for a client's `Sec-WebSocket-Key`.
#[must_use]
pub fn accept(key: &[u8]) -> String {
    STANDARD.encode(Sha1::new().chain_update(key).chain_update(GUID).finalize())
}

/// Whether a handshake's key is 16 bytes in base64.
#[must_use]
pub fn is_key(text: &[u8]) -> bool {
    STANDARD.decode(text).is_ok_and(|bytes| bytes.len() == 16)
}

/// Why a connection is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Close {
    /// Done, or silent too long.
    Normal,
    /// The tracker stops.
    GoingAway,
    /// Not WebSocket as a client must speak it.
    Protocol,
    /// A text that is not UTF-8.
    NotText,
    /// Well framed, and not what this place is for.
    Policy,
    /// A message above the limit.
    TooLong,
}

impl Close {
    /// Its number on the wire.
    #[must_use]
    pub fn code(self) -> u16 {
        match self {
            Self::Normal => 1000,
            Self::GoingAway => 1001,
            Self::Protocol => 1002,
            Self::NotText => 1007,
            Self::Policy => 1008,
            Self::TooLong => 1009,
        }
    }
}

/// What a client sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Incoming<'a> {
    /// A whole message, text or binary; a text is UTF-8.
    Message(Cow<'a, [u8]>),
    /// To be answered by a pong with the same bytes.
    Ping(&'a [u8]),
    /// A sign of life.
    Pong,
    /// The client closes, with this code where it gave one.
    Close(Option<u16>),
    /// Part of a message; more will come.
    Part,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Opcode {
    Continuation,
    Text,
    Binary,
    Close,
    Ping,
    Pong,
}

impl Opcode {
    fn read(code: u8) -> Option<Self> {
        Some(match code {
            0 => Self::Continuation,
            1 => Self::Text,
            2 => Self::Binary,
            8 => Self::Close,
            9 => Self::Ping,
            10 => Self::Pong,
            _ => return None,
        })
    }

    fn is_control(self) -> bool {
        matches!(self, Self::Close | Self::Ping | Self::Pong)
    }
}

/// A frame's head as a client must send it: masked, and no longer than allowed.
struct Head {
    opcode: Opcode,
    is_final: bool,
    mask: [u8; 4],
    start: usize,
    length: usize,
}

/// Reads a head; `None` while it is incomplete.
fn head(received: &[u8], limit: usize) -> Result<Option<Head>, Close> {
    let [first, second, rest @ ..] = received else {
        return Ok(None);
    };
    // No extension was agreed on, so the reserved bits are zero; clients mask.
    if first & 0x70 != 0 || second & 0x80 == 0 {
        return Err(Close::Protocol);
    }
    let opcode = Opcode::read(first & 15).ok_or(Close::Protocol)?;
    let is_final = first & 0x80 != 0;
    let short = second & 0x7f;
    if opcode.is_control() && (!is_final || usize::from(short) > CONTROL_LIMIT) {
        return Err(Close::Protocol);
    }
    let (length, rest, taken) = match short {
        126 => match rest.split_first_chunk::<2>() {
            Some((bytes, rest)) => (u64::from(u16::from_be_bytes(*bytes)), rest, 4),
            None => return Ok(None),
        },
        127 => match rest.split_first_chunk::<8>() {
            Some((bytes, rest)) => (u64::from_be_bytes(*bytes), rest, 10),
            None => return Ok(None),
        },
        short => (u64::from(short), rest, 2),
    };
    let is_shortest = match taken {
        4 => length > 125,
        10 => length > u64::from(u16::MAX) && length < 1 << 63,
        _ => true,
    };
    if !is_shortest {
        return Err(Close::Protocol);
    }
    let length = usize::try_from(length).map_err(|_| Close::TooLong)?;
    if length > limit {
        return Err(Close::TooLong);
    }
    let Some(mask) = rest.first_chunk::<4>() else {
        return Ok(None);
    };
    Ok(Some(Head { opcode, is_final, mask: *mask, start: taken + 4, length }))
}

/// A client's frames put together: at most one message is in parts at a time.
#[derive(Debug, Default)]
pub struct Assembly {
    parts: Vec<u8>,
    /// Whether a message is in parts, and if so whether it is text.
    open: Option<bool>,
}

impl Assembly {
    /// Takes the next frame off `received`, which it unmasks in place; with the bytes it took.
    ///
    /// `None` while the frame is incomplete. `limit` bounds a message, whole or in parts.
    ///
    /// # Errors
    ///
    /// The reason to close the connection with; its stream cannot be read on.
    pub fn next<'a>(
        &mut self,
        received: &'a mut [u8],
        limit: usize,
    ) -> Result<Option<(usize, Incoming<'a>)>, Close> {
        let room = limit.saturating_sub(self.parts.len());
        let Some(head) = head(received, room.max(CONTROL_LIMIT))? else {
            return Ok(None);
        };
        if !head.opcode.is_control() && head.length > room {
            return Err(Close::TooLong);
        }
        let end = head.start + head.length;
        let Some(payload) = received.get_mut(head.start..end) else {
            return Ok(None);
        };
        unmask(payload, head.mask);
        let incoming = match head.opcode {
            Opcode::Ping => Incoming::Ping(payload),
            Opcode::Pong => Incoming::Pong,
            Opcode::Close => Incoming::Close(close_code(payload)?),
            opcode => self.data(opcode, head.is_final, payload)?,
        };
        Ok(Some((end, incoming)))
    }

    fn data<'a>(
        &mut self,
        opcode: Opcode,
        is_final: bool,
        payload: &'a [u8],
    ) -> Result<Incoming<'a>, Close> {
        let is_first = opcode != Opcode::Continuation;
        let is_text = match (is_first, self.open) {
            (true, None) => opcode == Opcode::Text,
            (false, Some(is_text)) => is_text,
            _ => return Err(Close::Protocol),
        };
        let message = match (is_first, is_final) {
            (true, true) => Cow::Borrowed(payload),
            (_, false) => {
                self.open = Some(is_text);
                self.parts.extend_from_slice(payload);
                return Ok(Incoming::Part);
            }
            (false, true) => {
                self.open = None;
                self.parts.extend_from_slice(payload);
                Cow::Owned(std::mem::take(&mut self.parts))
            }
        };
        if is_text && str::from_utf8(&message).is_err() {
            return Err(Close::NotText);
        }
        Ok(Incoming::Message(message))
    }
}

/// Eight bytes at a time: the compiler does the rest.
fn unmask(payload: &mut [u8], mask: [u8; 4]) {
    let [a, b, c, d] = mask;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (eights, rest) = payload.as_chunks_mut::<8>();
    for eight in eights {
        *eight = (u64::from_ne_bytes(*eight) ^ wide).to_ne_bytes();
    }
    for (byte, mask) in rest.iter_mut().zip(mask.iter().cycle()) {
        *byte ^= mask;
    }
}

fn close_code(payload: &[u8]) -> Result<Option<u16>, Close> {
    let Some((code, reason)) = payload.split_first_chunk::<2>() else {
        return if payload.is_empty() { Ok(None) } else { Err(Close::Protocol) };
    };
    let code = u16::from_be_bytes(*code);
    if !matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999) {
        return Err(Close::Protocol);
    }
    if str::from_utf8(reason).is_err() {
        return Err(Close::NotText);
    }
    Ok(Some(code))
}

/// Writes the head of a frame of ours, which is never masked and never in parts.
fn begin(out: &mut Vec<u8>, opcode: u8, length: usize) {
    out.push(0x80 | opcode);
    if let Ok(short) = u8::try_from(length)
        && short < 126
    {
        out.push(short);
    } else if let Ok(medium) = u16::try_from(length) {
        out.push(126);
        out.extend_from_slice(&medium.to_be_bytes());
    } else {
        out.push(127);
        out.extend_from_slice(&(length as u64).to_be_bytes());
    }
}

/// Writes a text message.
pub fn text(out: &mut Vec<u8>, payload: &[u8]) {
    begin(out, 1, payload.len());
    out.extend_from_slice(payload);
}

/// Writes a ping without payload.
pub fn ping(out: &mut Vec<u8>) {
    begin(out, 9, 0);
}

/// Writes the answer to a ping.
pub fn pong(out: &mut Vec<u8>, payload: &[u8]) {
    begin(out, 10, payload.len());
    out.extend_from_slice(payload);
}

/// Writes a close.
pub fn close(out: &mut Vec<u8>, code: u16) {
    begin(out, 8, 2);
    out.extend_from_slice(&code.to_be_bytes());
}

#[cfg(test)]
mod tests;
