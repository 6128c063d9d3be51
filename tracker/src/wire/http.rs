//! HTTP announces and scrapes (BEP 3, 7, 23, 48) and their answers (BEP 24, 31).

use crate::wire::bencode::{Dictionary, decimal, integer, string};
use crate::wire::{
    Announce, AnnounceKey, Counts, Event, InfoHash, Neighbours, PeerId, Refusal, Retry, WireError,
    address, bounded, target,
};
use std::net::IpAddr;
use std::num::NonZeroU16;

/// Bytes of request line and headers we read before giving up (HTTP-19).
pub const HEAD_LIMIT: usize = 16 * 1024;
/// Info-hashes answered in one scrape (SCR-3).
pub const SCRAPE_LIMIT: usize = 74;

const HEADERS: usize = 64;

/// A request's head, borrowed from the bytes received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head<'a> {
    /// Bytes it takes, the blank line included.
    pub length: usize,
    /// Path and query as sent.
    pub target: &'a [u8],
    /// `GET`, the only method served.
    pub is_get: bool,
    /// Whether the connection may carry another request.
    pub keeps_alive: bool,
    /// The value of the last `X-Forwarded-For`, for trusted proxies only (ID-6).
    pub forwarded_for: Option<&'a [u8]>,
    /// What it wants to speak instead.
    pub upgrade: Option<Upgrade<'a>>,
}

/// A wish to go on in WebSocket (RFC 6455).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Upgrade<'a> {
    /// `Sec-WebSocket-Key`, to be answered.
    pub key: &'a [u8],
    /// Whether it is the version that everyone speaks, 13.
    pub is_current: bool,
}

#[derive(Default)]
struct Wishes<'a> {
    websocket: bool,
    upgrade: bool,
    wish: Upgrade<'a>,
}

impl<'a> Wishes<'a> {
    fn read(&mut self, name: &str, value: &'a [u8]) {
        if name.eq_ignore_ascii_case("upgrade") {
            self.websocket |= says(value, b"websocket");
        } else if name.eq_ignore_ascii_case("sec-websocket-key") {
            self.wish.key = value;
        } else if name.eq_ignore_ascii_case("sec-websocket-version") {
            self.wish.is_current = value == b"13";
        }
    }
}

/// Reads a request's head; `None` while it is incomplete.
///
/// # Errors
///
/// `TooLong` above [`HEAD_LIMIT`]; `Unintelligible` when it is not HTTP or
/// announces a body, which no request here has.
pub fn head(received: &[u8]) -> Result<Option<Head<'_>>, WireError> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let length = match request.parse(received) {
        Ok(httparse::Status::Complete(length)) if length <= HEAD_LIMIT => length,
        Ok(httparse::Status::Partial) if received.len() < HEAD_LIMIT => return Ok(None),
        Ok(_) => return Err(WireError::TooLong),
        Err(_) => return Err(WireError::Unintelligible),
    };
    let mut keeps_alive = request.version == Some(1);
    let mut forwarded_for = None;
    let mut wishes = Wishes::default();
    for header in request.headers.iter() {
        wishes.read(header.name, header.value);
        if header.name.eq_ignore_ascii_case("connection") {
            wishes.upgrade |= says(header.value, b"upgrade");
            keeps_alive =
                says(header.value, b"keep-alive") || (keeps_alive && !says(header.value, b"close"));
        } else if header.name.eq_ignore_ascii_case("x-forwarded-for") {
            forwarded_for = Some(header.value);
        } else if has_body(header) {
            return Err(WireError::Unintelligible);
        }
    }
    Ok(Some(Head {
        length,
        target: request.path.unwrap_or_default().as_bytes(),
        is_get: request.method == Some("GET"),
        keeps_alive,
        forwarded_for,
        upgrade: (wishes.websocket && wishes.upgrade).then_some(wishes.wish),
    }))
}

fn has_body(header: &httparse::Header<'_>) -> bool {
    header.name.eq_ignore_ascii_case("transfer-encoding")
        || (header.name.eq_ignore_ascii_case("content-length") && header.value != b"0")
}

fn says(value: &[u8], word: &[u8]) -> bool {
    value.split(|byte| *byte == b',').any(|part| part.trim_ascii().eq_ignore_ascii_case(word))
}

/// Reads an announce from its query; the first of a repeated parameter holds (HTTP-5).
///
/// `info_hash` and `peer_id` are percent-encoded raw bytes and `+` is a plus
/// (HTTP-1, HTTP-2). `ip`, `ipv4` and `ipv6` are ignored (ID-5), and so is
/// `compact`: answers are always compact (HTTP-12).
///
/// # Errors
///
/// `BadInfoHash`, `BadPeerId`, `BadPort`, `ZeroPort`, `BadNumber`.
pub fn announce(key: AnnounceKey, query: &[u8]) -> Result<Announce, WireError> {
    let mut fields = Fields::default();
    for (name, value) in target::parameters(query) {
        if let Some(slot) = fields.slot(name, value) {
            slot.get_or_insert(value);
        }
    }
    let event = match fields.event.unwrap_or_default() {
        b"started" => Event::Started,
        b"completed" => Event::Completed,
        b"stopped" => Event::Stopped,
        _ => Event::None,
    };
    Ok(Announce {
        info_hash: InfoHash(twenty(fields.info_hash).ok_or(WireError::BadInfoHash)?),
        peer_id: PeerId(twenty(fields.peer_id).ok_or(WireError::BadPeerId)?),
        port: port(fields.port, event)?,
        event,
        uploaded: count(fields.uploaded, 0)?,
        downloaded: count(fields.downloaded, 0)?,
        left: count(fields.left, u64::MAX)?,
        want: want(fields.want)?,
        client_key: fields.client_key.map_or(0, client_key),
        key,
    })
}

#[derive(Default)]
struct Fields<'a> {
    info_hash: Option<&'a [u8]>,
    peer_id: Option<&'a [u8]>,
    port: Option<&'a [u8]>,
    uploaded: Option<&'a [u8]>,
    downloaded: Option<&'a [u8]>,
    left: Option<&'a [u8]>,
    event: Option<&'a [u8]>,
    want: Option<&'a [u8]>,
    client_key: Option<&'a [u8]>,
}

impl<'a> Fields<'a> {
    fn slot(&mut self, name: &[u8], value: &[u8]) -> Option<&mut Option<&'a [u8]>> {
        Some(match name {
            b"info_hash" => &mut self.info_hash,
            b"peer_id" => &mut self.peer_id,
            b"port" => &mut self.port,
            b"uploaded" => &mut self.uploaded,
            b"downloaded" => &mut self.downloaded,
            b"left" => &mut self.left,
            b"event" => &mut self.event,
            b"numwant" => &mut self.want,
            b"key" if !target::is_announce_key(value) => &mut self.client_key,
            _ => return None,
        })
    }
}

/// The info-hashes of a scrape query in order, malformed ones left out.
pub fn scrape(query: &[u8]) -> impl Iterator<Item = InfoHash> {
    target::parameters(query)
        .filter(|(name, _)| *name == b"info_hash")
        .filter_map(|(_, value)| twenty(Some(value)).map(InfoHash))
        .take(SCRAPE_LIMIT)
}

/// Decodes percent escapes into exactly 20 bytes.
fn twenty(value: Option<&[u8]>) -> Option<[u8; 20]> {
    let mut bytes = [0; 20];
    let mut rest = value?;
    for slot in &mut bytes {
        (*slot, rest) = match rest {
            [b'%', high, low, rest @ ..] => ((digit(*high)? << 4) | digit(*low)?, rest),
            [b'%', ..] | [] => return None,
            [byte, rest @ ..] => (*byte, rest),
        };
    }
    rest.is_empty().then_some(bytes)
}

fn digit(hex: u8) -> Option<u8> {
    char::from(hex).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

fn number(text: &[u8]) -> Result<i128, WireError> {
    let text = str::from_utf8(text).map_err(|_| WireError::BadNumber)?;
    // 38 digits are beyond any counter and still fit.
    if text.len() > 38 || text.starts_with('+') {
        return Err(WireError::BadNumber);
    }
    text.parse().map_err(|_| WireError::BadNumber)
}

/// A byte count; negative means unknown, which is as large as can be (HTTP-6).
fn count(value: Option<&[u8]>, missing: u64) -> Result<u64, WireError> {
    match value {
        None | Some(b"") => Ok(bounded(missing)),
        Some(text) => Ok(bounded(u64::try_from(number(text)?).unwrap_or(u64::MAX))),
    }
}

fn want(value: Option<&[u8]>) -> Result<Option<u32>, WireError> {
    match value {
        None | Some(b"") => Ok(None),
        Some(text) => Ok(match number(text)? {
            negative if negative < 0 => None,
            asked => Some(u32::try_from(asked).unwrap_or(u32::MAX)),
        }),
    }
}

fn port(value: Option<&[u8]>, event: Event) -> Result<Option<NonZeroU16>, WireError> {
    let asked = match value {
        None if event == Event::Stopped => 0,
        None => return Err(WireError::BadPort),
        Some(text) => number(text).map_err(|_| WireError::BadPort)?,
    };
    let port = NonZeroU16::new(u16::try_from(asked).map_err(|_| WireError::BadPort)?);
    if port.is_none() && event != Event::Stopped {
        return Err(WireError::ZeroPort);
    }
    Ok(port)
}

/// The client's `key`: libtorrent writes the 32 bits of its UDP key in hexadecimal.
fn client_key(value: &[u8]) -> u32 {
    str::from_utf8(value)
        .ok()
        .and_then(|text| u32::from_str_radix(text, 16).ok())
        .unwrap_or_else(|| crc32c::crc32c(value))
}

/// What an announce answer says beside its peers.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// Seconds until the next announce, jitter included.
    pub interval_s: u32,
    /// Seconds before which an announce brings no peers.
    pub min_interval_s: u32,
    /// The announcer's address, told back (BEP 24).
    pub external: IpAddr,
    /// A sentence the client may show.
    pub warning: Option<&'static str>,
}

/// Writes a successful announce's body; `interval` and `peers` are always there (HTTP-9).
pub fn announce_answer(out: &mut Vec<u8>, neighbours: &Neighbours, terms: &Terms) {
    let mut answer = Dictionary::open(out);
    answer.integer("complete", neighbours.counts.seeders.into());
    answer.integer("downloaded", neighbours.counts.completed.into());
    answer.value("external ip", |out| external_ip(out, terms.external));
    answer.integer("incomplete", neighbours.counts.leechers.into());
    answer.integer("interval", terms.interval_s.into());
    answer.integer("min interval", terms.min_interval_s.into());
    answer.string("peers", &neighbours.v4);
    if !neighbours.v6.is_empty() || terms.external.is_ipv6() {
        answer.string("peers6", &neighbours.v6);
    }
    if let Some(text) = terms.warning {
        answer.string("warning message", text.as_bytes());
    }
    answer.close();
}

fn external_ip(out: &mut Vec<u8>, ip: IpAddr) {
    decimal(out, if ip.is_ipv4() { 4 } else { 16 });
    out.push(b':');
    address::push_raw(out, ip);
}

/// Writes a refusal's body: a reason, no peers, when to retry (ERR-1, ERR-2, ERR-8).
pub fn failure_answer(out: &mut Vec<u8>, refusal: Refusal<'_>) {
    let mut answer = Dictionary::open(out);
    answer.string("failure reason", refusal.text.as_bytes());
    if let Retry::Minutes(minutes) = refusal.retry {
        answer.integer("min interval", u64::from(minutes) * 60);
    }
    answer.string("peers", b"");
    match refusal.retry {
        Retry::Minutes(minutes) => answer.integer("retry in", minutes.into()),
        Retry::Never => answer.string("retry in", b"never"),
    }
    answer.close();
}

/// Writes a scrape's body; `files` is sorted by hash and names each once (HTTP-10).
pub fn scrape_answer(out: &mut Vec<u8>, files: &[(InfoHash, Counts)], min_interval_s: u32) {
    let mut answer = Dictionary::open(out);
    answer.value("files", |out| {
        out.push(b'd');
        for (hash, counts) in files {
            string(out, &hash.0);
            let mut file = Dictionary::open(out);
            file.integer("complete", counts.seeders.into());
            file.integer("downloaded", counts.completed.into());
            file.integer("incomplete", counts.leechers.into());
            file.close();
        }
        out.push(b'e');
    });
    answer.value("flags", |out| {
        out.push(b'd');
        string(out, b"min_request_interval");
        integer(out, min_interval_s.into());
        out.push(b'e');
    });
    answer.close();
}

/// Appends a whole HTTP response; bencode always travels with status 200 (HTTP-13).
pub fn response(out: &mut Vec<u8>, status: &'static str, keeps_alive: bool, body: &[u8]) {
    out.extend_from_slice(b"HTTP/1.1 ");
    out.extend_from_slice(status.as_bytes());
    out.extend_from_slice(b"\r\nContent-Type: text/plain; charset=utf-8\r\n");
    out.extend_from_slice(if keeps_alive {
        b"Connection: keep-alive\r\n"
    } else {
        &b"Connection: close\r\n"[..]
    });
    out.extend_from_slice(b"Content-Length: ");
    decimal(out, body.len() as u64);
    out.extend_from_slice(b"\r\n\r\n");
    out.extend_from_slice(body);
}

#[cfg(test)]
mod tests;
