//! The WebTorrent tracker protocol: JSON messages over WebSocket, byte strings as code points
//! below 256.
//!
//! Session descriptions are passed on as they were written, only their shape is
//! looked at: one in, one out, no growth.

mod fields;

use crate::wire::{
    Announce, AnnounceKey, Counts, Event, InfoHash, PeerId, Refusal, Retry, WireError,
};
use fields::{Amount, Hashes, Raw, RawOffer};

/// Bounds on one message (WS-4).
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Offers of one announce that are read; more are dropped.
    pub offers: usize,
    /// Info-hashes of one scrape that are answered.
    pub scrape: usize,
}

/// The 20 bytes by which a client knows an offer of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OfferId(pub [u8; 20]);

/// What one browser proposes to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer<'a> {
    /// Its name.
    pub id: OfferId,
    /// The session description: a JSON string, with its quotes.
    pub sdp: &'a str,
}

/// The reply to an offer, for the one who made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Answer<'a> {
    /// The swarm both are in.
    pub info_hash: InfoHash,
    /// Who answers.
    pub from: PeerId,
    /// Who offered.
    pub to: PeerId,
    /// The offer, and the session description that answers it.
    pub offer: Offer<'a>,
}

/// A client's message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// A report, with offers for others.
    Announce(Announce, Vec<Offer<'a>>),
    /// A reply to an offer.
    Answer(Answer<'a>),
    /// A question for counts.
    Scrape(Vec<InfoHash>),
}

/// What a message was about, for the answer to a bad one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// An announce, or an answer to an offer.
    Announce,
    /// A scrape.
    Scrape,
    /// Nothing we know.
    Unknown,
}

/// Why a message is none, and what it was about as far as could be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadMessage {
    /// Why.
    pub error: WireError,
    /// What it asked.
    pub action: Action,
    /// About which swarm.
    pub info_hash: Option<InfoHash>,
}

/// Reads a message under the key of its connection's address.
///
/// # Errors
///
/// [`BadMessage`], to be answered by [`failure`].
pub fn read<'a>(
    message: &'a [u8],
    key: AnnounceKey,
    bounds: &Bounds,
) -> Result<Message<'a>, BadMessage> {
    let unreadable = |error| BadMessage { error, action: Action::Unknown, info_hash: None };
    let raw: Raw<'a> = str::from_utf8(message)
        .ok()
        .and_then(|text| serde_json::from_str(text).ok())
        .ok_or_else(|| unreadable(WireError::Unintelligible))?;
    match raw.action.as_deref() {
        Some("announce") => {
            let info_hash = raw.info_hash.as_ref().and_then(Hashes::one);
            let bad = |error| BadMessage { error, action: Action::Announce, info_hash };
            let info_hash = info_hash.ok_or_else(|| bad(WireError::BadInfoHash))?;
            report(&raw, info_hash, (key, bounds)).map_err(bad)
        }
        Some("scrape") => {
            let bad = |error| BadMessage { error, action: Action::Scrape, info_hash: None };
            let hashes = raw.info_hash.ok_or_else(|| bad(WireError::BadInfoHash))?;
            Ok(Message::Scrape(
                hashes.all(bounds.scrape).ok_or_else(|| bad(WireError::BadInfoHash))?,
            ))
        }
        _ => Err(unreadable(WireError::UnknownAction)),
    }
}

fn report<'a>(
    raw: &Raw<'a>,
    info_hash: InfoHash,
    (key, bounds): (AnnounceKey, &Bounds),
) -> Result<Message<'a>, WireError> {
    let from = raw.peer_id.as_ref().and_then(fields::twenty).map(PeerId);
    let from = from.ok_or(WireError::BadPeerId)?;
    if let Some(description) = &raw.answer {
        let to = raw.to_peer_id.as_ref().and_then(fields::twenty).map(PeerId);
        let offer = Offer {
            id: raw
                .offer_id
                .as_ref()
                .and_then(fields::twenty)
                .map(OfferId)
                .ok_or(WireError::BadOffer)?,
            sdp: description.sdp("answer").ok_or(WireError::BadOffer)?,
        };
        let to = to.ok_or(WireError::BadPeerId)?;
        return Ok(Message::Answer(Answer { info_hash, from, to, offer }));
    }
    let event = match raw.event.as_deref() {
        Some("started") => Event::Started,
        Some("completed") => Event::Completed,
        Some("stopped") => Event::Stopped,
        _ => Event::None,
    };
    let announce = Announce {
        info_hash,
        peer_id: from,
        // Nobody dials a browser.
        port: None,
        event,
        uploaded: raw.uploaded.map_or(0, Amount::bytes),
        downloaded: raw.downloaded.map_or(0, Amount::bytes),
        left: raw.left.unwrap_or_default().bytes(),
        want: raw.numwant.and_then(Amount::number),
        client_key: 0,
        key,
    };
    let offers = raw.offers.iter().flatten().take(bounds.offers);
    Ok(Message::Announce(announce, offers.map(offer).collect::<Result<_, _>>()?))
}

fn offer<'a>(raw: &RawOffer<'a>) -> Result<Offer<'a>, WireError> {
    let id = fields::twenty(&raw.offer_id).map(OfferId).ok_or(WireError::BadOffer)?;
    Ok(Offer { id, sdp: raw.offer.sdp("offer").ok_or(WireError::BadOffer)? })
}

/// What an announce is told beside offers.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// Seconds until the next announce, jitter included.
    pub interval_s: u32,
    /// A sentence the client may show.
    pub warning: Option<&'static str>,
}

/// Writes the answer to an announce.
pub fn announce_answer(out: &mut Vec<u8>, info_hash: &InfoHash, counts: Counts, terms: &Terms) {
    out.extend_from_slice(br#"{"action":"announce","complete":"#);
    number(out, counts.seeders);
    out.extend_from_slice(br#","downloaded":"#);
    number(out, counts.completed);
    out.extend_from_slice(br#","incomplete":"#);
    number(out, counts.leechers);
    out.extend_from_slice(br#","info_hash":"#);
    binary(out, &info_hash.0);
    out.extend_from_slice(br#","interval":"#);
    number(out, terms.interval_s);
    if let Some(warning) = terms.warning {
        out.extend_from_slice(br#","warning message":"#);
        text(out, warning);
    }
    out.push(b'}');
}

/// Writes an offer for the peer it goes to.
pub fn offer_message(out: &mut Vec<u8>, info_hash: &InfoHash, from: &PeerId, offer: &Offer<'_>) {
    introduction(out, ("offer", info_hash, from), offer);
}

/// Writes an answer for the peer who offered.
pub fn answer_message(out: &mut Vec<u8>, answer: &Answer<'_>) {
    introduction(out, ("answer", &answer.info_hash, &answer.from), &answer.offer);
}

fn introduction(
    out: &mut Vec<u8>,
    (kind, info_hash, from): (&str, &InfoHash, &PeerId),
    offer: &Offer<'_>,
) {
    out.reserve(offer.sdp.len() + 256);
    out.extend_from_slice(br#"{"action":"announce","info_hash":"#);
    binary(out, &info_hash.0);
    out.extend_from_slice(br#","offer_id":"#);
    binary(out, &offer.id.0);
    out.extend_from_slice(br#","peer_id":"#);
    binary(out, &from.0);
    out.extend_from_slice(br#",""#);
    out.extend_from_slice(kind.as_bytes());
    out.extend_from_slice(br#"":{"type":""#);
    out.extend_from_slice(kind.as_bytes());
    out.extend_from_slice(br#"","sdp":"#);
    out.extend_from_slice(offer.sdp.as_bytes());
    out.extend_from_slice(b"}}");
}

/// Writes the answer to a scrape.
pub fn scrape_answer(out: &mut Vec<u8>, files: &[(InfoHash, Counts)]) {
    out.extend_from_slice(br#"{"action":"scrape","files":{"#);
    for (at, (info_hash, counts)) in files.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        binary(out, &info_hash.0);
        out.extend_from_slice(br#":{"complete":"#);
        number(out, counts.seeders);
        out.extend_from_slice(br#","downloaded":"#);
        number(out, counts.completed);
        out.extend_from_slice(br#","incomplete":"#);
        number(out, counts.leechers);
        out.push(b'}');
    }
    out.extend_from_slice(b"}}");
}

/// Writes a refusal; clients match it to what they asked by action and info-hash.
pub fn failure(
    out: &mut Vec<u8>,
    action: Action,
    info_hash: Option<&InfoHash>,
    refusal: Refusal<'_>,
) {
    out.push(b'{');
    match action {
        Action::Announce => out.extend_from_slice(br#""action":"announce","#),
        Action::Scrape => out.extend_from_slice(br#""action":"scrape","#),
        Action::Unknown => {}
    }
    out.extend_from_slice(br#""failure reason":"#);
    text(out, refusal.text);
    if let Some(info_hash) = info_hash {
        out.extend_from_slice(br#","info_hash":"#);
        binary(out, &info_hash.0);
    }
    out.extend_from_slice(br#","retry in":"#);
    match refusal.retry {
        Retry::Minutes(minutes) => number(out, minutes.into()),
        Retry::Never => text(out, "never"),
    }
    out.push(b'}');
}

fn number(out: &mut Vec<u8>, number: u32) {
    out.extend_from_slice(number.to_string().as_bytes());
}

/// Bytes as a JSON string of code points below 256.
fn binary(out: &mut Vec<u8>, bytes: &[u8]) {
    out.push(b'"');
    for byte in bytes {
        letter(out, char::from(*byte));
    }
    out.push(b'"');
}

fn text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    for one in text.chars() {
        letter(out, one);
    }
    out.push(b'"');
}

fn letter(out: &mut Vec<u8>, letter: char) {
    match letter {
        '"' | '\\' => {
            out.push(b'\\');
            out.extend(u8::try_from(letter));
        }
        '\0'..='\x1f' => out.extend_from_slice(format!("\\u{:04x}", u32::from(letter)).as_bytes()),
        _ => out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
    }
}

#[cfg(test)]
mod tests;
