//! The fields of a message as clients write them, more loosely than they ought to.

use crate::wire::{InfoHash, bounded};
use serde::Deserialize;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// Any message; members we do not know are skipped.
#[derive(Deserialize)]
pub(super) struct Raw<'a> {
    pub(super) action: Option<Cow<'a, str>>,
    pub(super) info_hash: Option<Hashes>,
    pub(super) peer_id: Option<Bytes>,
    pub(super) to_peer_id: Option<Bytes>,
    pub(super) offer_id: Option<Bytes>,
    pub(super) event: Option<Cow<'a, str>>,
    pub(super) uploaded: Option<Amount>,
    pub(super) downloaded: Option<Amount>,
    pub(super) left: Option<Amount>,
    pub(super) numwant: Option<Amount>,
    #[serde(borrow)]
    pub(super) offers: Option<Vec<RawOffer<'a>>>,
    #[serde(borrow)]
    pub(super) answer: Option<Description<'a>>,
}

#[derive(Deserialize)]
pub(super) struct RawOffer<'a> {
    pub(super) offer_id: Bytes,
    #[serde(borrow)]
    pub(super) offer: Description<'a>,
}

/// A session description; only its type and its text are passed on.
#[derive(Deserialize)]
pub(super) struct Description<'a> {
    #[serde(rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    sdp: &'a RawValue,
}

impl<'a> Description<'a> {
    /// Its text as written, quotes included, when it is of this kind and a string.
    pub(super) fn sdp(&self, kind: &str) -> Option<&'a str> {
        let text = self.sdp.get();
        (self.kind == kind && text.starts_with('"')).then_some(text)
    }
}

/// A byte string, one code point a byte; `None` inside when it is not 20 bytes.
#[derive(Clone, Copy)]
pub(super) struct Bytes(Option<[u8; 20]>);

/// The 20 bytes, if it holds so many.
pub(super) fn twenty(bytes: &Bytes) -> Option<[u8; 20]> {
    bytes.0
}

impl Bytes {
    fn of(text: &str) -> Self {
        let mut bytes = [0; 20];
        let mut letters = text.chars();
        for slot in &mut bytes {
            match letters.next().map(|letter| u8::try_from(u32::from(letter))) {
                Some(Ok(byte)) => *slot = byte,
                _ => return Self(None),
            }
        }
        Self(letters.next().is_none().then_some(bytes))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(BytesVisitor)
    }
}

struct BytesVisitor;

impl Visitor<'_> for BytesVisitor {
    type Value = Bytes;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a string of 20 code points below 256")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Bytes, E> {
        Ok(Bytes::of(text))
    }
}

/// One info-hash, or several in a list.
pub(super) struct Hashes(Vec<Bytes>, bool);

impl Hashes {
    /// The one, where only one makes sense.
    pub(super) fn one(&self) -> Option<InfoHash> {
        match (self.1, self.0.as_slice()) {
            (false, [one]) => twenty(one).map(InfoHash),
            _ => None,
        }
    }

    /// The first so many; `None` when one of them is wrong, or there is none.
    pub(super) fn all(&self, limit: usize) -> Option<Vec<InfoHash>> {
        let all: Option<Vec<_>> =
            self.0.iter().take(limit).map(|one| twenty(one).map(InfoHash)).collect();
        all.filter(|all| !all.is_empty())
    }
}

impl<'de> Deserialize<'de> for Hashes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(HashesVisitor)
    }
}

struct HashesVisitor;

impl<'de> Visitor<'de> for HashesVisitor {
    type Value = Hashes;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an info-hash or a list of them")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Hashes, E> {
        Ok(Hashes(vec![Bytes::of(text)], false))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Hashes, A::Error> {
        let mut hashes = Vec::new();
        while let Some(one) = list.next_element()? {
            hashes.push(one);
        }
        Ok(Hashes(hashes, true))
    }
}

/// A number as JavaScript writes it: `null` for infinity, fractions, negative for unknown.
#[derive(Clone, Copy, Default)]
pub(super) struct Amount(Option<u64>);

impl Amount {
    /// A byte count; unknown is as large as can be (HTTP-6).
    pub(super) fn bytes(self) -> u64 {
        bounded(self.0.unwrap_or(u64::MAX))
    }

    /// A count of peers asked for.
    pub(super) fn number(self) -> Option<u32> {
        self.0.map(|number| u32::try_from(number).unwrap_or(u32::MAX))
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(AmountVisitor)
    }
}

struct AmountVisitor;

impl Visitor<'_> for AmountVisitor {
    type Value = Amount;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a number")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Amount, E> {
        Ok(Amount(Some(number)))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Amount, E> {
        Ok(Amount(u64::try_from(number).ok()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Amount, E> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a cast from f64 saturates, and negative numbers were sent away"
        )]
        let whole = (number >= 0.0).then_some(number as u64);
        Ok(Amount(whole))
    }
}
