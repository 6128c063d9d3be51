//! Announce keys: derived from a secret, never stored (design 3.3).
//!
//! The MAC is SipHash-2-4 with 128 bits of output. Measured by `benches/parse.rs`
//! on two busy cores of a shared virtual machine: 92 ns a check, against 306 ns
//! for keyed BLAKE3. A pseudo-random function under a secret key is all that a
//! key needs which is checked here and never by others.

use crate::wire::InfoHash;
use siphasher::sip128::SipHasher24;
use subtle::ConstantTimeEq;

/// Key kind: every swarm of the account.
pub const ACCOUNT: u8 = 1;
/// Key kind: one torrent of the account.
pub const TORRENT: u8 = 2;
/// Characters of a key as written in a URL.
pub const TEXT_LENGTH: usize = 39;

const RAW_LENGTH: usize = 24;
const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// User ids take five bytes of a key.
pub const MAX_USER: u64 = (1 << 40) - 1;

/// A key as read, its MAC not checked: kind, user id, version, MAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawKey {
    /// [`ACCOUNT`] or [`TORRENT`]; others never verify.
    pub kind: u8,
    /// Whose it says it is, below 2^40.
    pub user: u64,
    /// Raised to revoke.
    pub version: u16,
    mac: [u8; 16],
}

/// Why no key can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotIssuable {
    /// The kind is unknown, or its info-hash is missing.
    BadKind,
    /// The user id takes more than five bytes.
    UserTooLarge,
    /// The text would contain a word that clients replace in URLs (HTTP-15): take the next version.
    Unlucky,
}

impl NotIssuable {
    /// The sentence for the caller.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::BadKind => "kind must be 1 (account) or 2 (torrent, with its info-hash)",
            Self::UserTooLarge => "user_id must be below 2**40",
            Self::Unlucky => "this version's key contains a reserved word: take the next version",
        }
    }
}

/// Makes and checks keys under one secret.
#[derive(Clone)]
pub struct KeyMaker(SipHasher24);

impl std::fmt::Debug for KeyMaker {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("KeyMaker(***)")
    }
}

impl KeyMaker {
    /// A maker for a 32-byte secret; both halves matter.
    #[must_use]
    pub fn new(secret: &[u8; 32]) -> Self {
        let (first, second) = secret.split_at(16);
        let first = first.first_chunk().copied().unwrap_or_default();
        Self(SipHasher24::new_with_key(&SipHasher24::new_with_key(&first).hash(second).as_bytes()))
    }

    /// The key's text for a user, version and, for kind torrent, canonical info-hash.
    ///
    /// # Errors
    ///
    /// [`NotIssuable`] when the kind, the user or the text itself forbids it.
    pub fn issue(
        &self,
        kind: u8,
        user: u64,
        version: u16,
        info_hash: Option<&InfoHash>,
    ) -> Result<String, NotIssuable> {
        if user > MAX_USER {
            return Err(NotIssuable::UserTooLarge);
        }
        let mac = self.mac(kind, user, version, info_hash).ok_or(NotIssuable::BadKind)?;
        let text = RawKey { kind, user, version, mac }.text();
        if text.contains("announce") || text.contains("scrape") {
            return Err(NotIssuable::Unlucky);
        }
        Ok(text)
    }

    /// Whether the MAC of `key` holds, in constant time.
    #[must_use]
    pub fn verifies(&self, key: &RawKey, info_hash: Option<&InfoHash>) -> bool {
        self.mac(key.kind, key.user, key.version, info_hash)
            .is_some_and(|mac| mac.ct_eq(&key.mac).into())
    }

    fn mac(&self, kind: u8, user: u64, version: u16, hash: Option<&InfoHash>) -> Option<[u8; 16]> {
        let mut message = [0; 28];
        let (head, bound) = message.split_at_mut(8);
        head.copy_from_slice(&head_bytes(kind, user, version));
        let covered = match (kind, hash) {
            (ACCOUNT, _) => head,
            (TORRENT, Some(info_hash)) => {
                bound.copy_from_slice(&info_hash.0);
                &mut message
            }
            _ => return None,
        };
        Some(self.0.hash(covered).as_bytes())
    }
}

fn head_bytes(kind: u8, user: u64, version: u16) -> [u8; 8] {
    // User ids have three bytes of zeros in front; the kind and the version fit around them.
    ((u64::from(kind) << 56) | (user << 16) | u64::from(version)).to_be_bytes()
}

impl RawKey {
    /// Reads a key's text; `None` unless it is exactly what [`KeyMaker::issue`] would write.
    #[must_use]
    pub fn read(text: &[u8]) -> Option<Self> {
        if text.len() != TEXT_LENGTH {
            return None;
        }
        let raw = decode(text)?;
        let (head, mac) = raw.split_first_chunk::<8>()?;
        let [kind, ..] = *head;
        let number = u64::from_be_bytes(*head);
        let [.., high, low] = *head;
        Some(Self {
            kind,
            user: (number >> 16) & MAX_USER,
            version: u16::from_be_bytes([high, low]),
            mac: *mac.first_chunk()?,
        })
    }

    fn text(&self) -> String {
        let mut bits = 0_u32;
        let mut pending = 0;
        let mut text = String::with_capacity(TEXT_LENGTH);
        let head = head_bytes(self.kind, self.user, self.version);
        for byte in head.iter().chain(&self.mac) {
            bits = (bits << 8) | u32::from(*byte);
            pending += 8;
            while pending >= 5 {
                pending -= 5;
                text.push(letter(bits >> pending));
            }
        }
        // 192 bits are 38 letters and two bits, padded with zeros.
        text.push(letter(bits << (5 - pending)));
        text
    }
}

fn letter(bits: u32) -> char {
    ALPHABET.get((bits & 31) as usize).map_or('a', |byte| char::from(*byte))
}

fn decode(text: &[u8]) -> Option<[u8; RAW_LENGTH]> {
    let mut raw = [0; RAW_LENGTH];
    let mut slots = raw.iter_mut();
    let mut bits = 0_u32;
    let mut pending = 0;
    for letter in text {
        let value = match letter {
            b'a'..=b'z' => letter - b'a',
            b'2'..=b'7' => letter - b'2' + 26,
            _ => return None,
        };
        bits = (bits << 5) | u32::from(value);
        pending += 5;
        if pending >= 8 {
            pending -= 8;
            *slots.next()? = (bits >> pending).to_le_bytes()[0];
        }
    }
    // Two texts must never mean one key.
    (bits & ((1 << pending) - 1) == 0).then_some(raw)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn maker() -> KeyMaker {
        KeyMaker::new(&[7; 32])
    }

    proptest! {
        #[test]
        fn a_key_reads_back_as_it_was_issued(user in 0..=MAX_USER, version: u16, hash: [u8; 20]) {
            let text = maker().issue(TORRENT, user, version, Some(&InfoHash(hash))).unwrap();
            let key = RawKey::read(text.as_bytes()).unwrap();
            prop_assert_eq!((key.kind, key.user, key.version), (TORRENT, user, version));
            prop_assert!(maker().verifies(&key, Some(&InfoHash(hash))));
            prop_assert!(!KeyMaker::new(&[8; 32]).verifies(&key, Some(&InfoHash(hash))));
        }

        #[test]
        fn any_text_is_read_or_refused_and_never_twice_the_same(text: [u8; TEXT_LENGTH]) {
            if let Some(key) = RawKey::read(&text) {
                prop_assert_eq!(key.text().into_bytes(), text.to_vec());
            }
        }

        #[test]
        fn abuse_07_one_changed_letter_breaks_a_key(at in 0..TEXT_LENGTH, letter in "[a-z2-7]") {
            let good = maker().issue(ACCOUNT, 42, 1, None).unwrap();
            let mut bad = good.clone();
            bad.replace_range(at..=at, &letter);
            let held = RawKey::read(bad.as_bytes()).is_some_and(|key| maker().verifies(&key, None));
            prop_assert_eq!(held, bad == good);
        }
    }

    #[test]
    fn both_halves_of_the_secret_matter() {
        let mut secret = [7; 32];
        secret[31] = 8;
        assert_ne!(
            KeyMaker::new(&secret).issue(ACCOUNT, 1, 1, None),
            maker().issue(ACCOUNT, 1, 1, None)
        );
    }

    #[test]
    fn a_torrent_key_opens_its_torrent_only() {
        let (mine, other) = (InfoHash([1; 20]), InfoHash([2; 20]));
        let text = maker().issue(TORRENT, 42, 1, Some(&mine)).unwrap();
        let key = RawKey::read(text.as_bytes()).unwrap();
        assert!(!maker().verifies(&key, Some(&other)));
        assert!(!maker().verifies(&key, None));
    }

    #[test]
    fn impossible_keys_are_refused() {
        assert_eq!(maker().issue(3, 1, 1, None), Err(NotIssuable::BadKind));
        assert_eq!(maker().issue(TORRENT, 1, 1, None), Err(NotIssuable::BadKind));
        assert_eq!(maker().issue(ACCOUNT, MAX_USER + 1, 1, None), Err(NotIssuable::UserTooLarge));
    }

    #[test]
    fn http_15_no_issued_key_contains_a_word_that_clients_replace() {
        // User ids that spell the word in base32: the key of such a user must be refused.
        let mut spelled = [0; TEXT_LENGTH];
        spelled.copy_from_slice(b"aiascrapeaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
        let key = RawKey::read(&spelled).unwrap();
        assert!(key.text().contains("scrape"));
        let refused = maker().issue(key.kind, key.user, key.version, Some(&InfoHash([1; 20])));
        assert_eq!(refused, Err(NotIssuable::Unlucky));
    }
}
