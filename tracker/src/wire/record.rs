//! Packed records in which the control plane hands policy to the tracker.

use crate::wire::{InfoHash, WireError, field};

/// Bytes of a release record.
pub const RELEASE_RECORD: usize = 68;
/// Bytes of an account record.
pub const ACCOUNT_RECORD: usize = 24;
/// Bytes of a denied or permitted hash.
pub const HASH_RECORD: usize = 20;
/// Bytes of a rule about clients.
pub const CLIENT_RECORD: usize = 129;
/// The longest head of a peer id that names a family of clients.
pub const HEAD_BYTES: usize = 8;
/// The longest reason of a rule.
pub const REASON_BYTES: usize = 120;

/// Where a release stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReleaseState {
    /// Its swarm may announce.
    Published,
    /// Waits for a moderator.
    Pending,
    /// Taken back by its publisher.
    Withdrawn,
    /// Held while a notice is examined.
    Quarantined,
    /// Taken down.
    Removed,
}

/// One release as the tracker knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Release {
    /// The site's number for it.
    pub id: u32,
    /// SHA-1 info-hash, if it has one.
    pub v1: Option<InfoHash>,
    /// SHA-256 info-hash cut to 20 bytes, if it has one (V2-1).
    pub v2: Option<InfoHash>,
    /// `None` forgets the release.
    pub state: Option<ReleaseState>,
    /// Anyone may announce, without a key.
    pub is_open: bool,
    /// Upload factor in quarters: 4 counts once.
    pub up_quarters: u8,
    /// Download factor in quarters.
    pub down_quarters: u8,
    /// Downloads that open clients finished, as the tracker counted them.
    pub completed_open: u32,
    /// Downloads that members finished, as the ledger counted them: once each (EVT-1).
    pub completed_members: u32,
}

impl Release {
    /// The hash its swarm is kept under: v1 if it has one, so that a hybrid is one swarm (V2-2).
    #[must_use]
    pub fn canonical(&self) -> InfoHash {
        self.v1.or(self.v2).unwrap_or_default()
    }
}

/// Where an account stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountState {
    /// In good standing.
    Active,
    /// Barred for now.
    Suspended,
    /// Closed.
    Gone,
}

/// The language of the sentences an account is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// The interface's own.
    French,
    /// The other.
    English,
}

/// One account as the tracker knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// The site's number for it, below 2^40.
    pub user: u64,
    /// The version its keys carry.
    pub key_version: u16,
    /// The version before, good until `grace_until_s`.
    pub previous_key_version: u16,
    /// Seconds since 1970; 0 for no grace.
    pub grace_until_s: u32,
    /// Standing.
    pub state: AccountState,
    /// May announce at all.
    pub may_announce: bool,
    /// May download what members share.
    pub may_leech: bool,
    /// Language of sentences.
    pub language: Language,
    /// Clients at once per torrent; 0 for the default.
    pub max_locations: u8,
}

/// What becomes of a client, the kindest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Welcome {
    /// It is served.
    Full,
    /// It is served, and told that it will not be for long.
    Warned,
    /// It is not.
    Denied,
}

/// What the site's team says of one family of clients (ID-16).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientRule {
    /// What their peer ids begin with; empty for all that no other rule names.
    pub head: Vec<u8>,
    /// What becomes of them.
    pub welcome: Welcome,
    /// Why, in printable ASCII, for whom it touches; may be empty.
    pub reason: String,
}

/// Why a feed of records is refused, as a sentence.
pub type RecordError = &'static str;

/// Reads every release record of `bytes`.
///
/// # Errors
///
/// A sentence when the length is no multiple of 68 or a record is impossible.
pub fn releases(bytes: &[u8]) -> Result<Vec<Release>, RecordError> {
    all::<RELEASE_RECORD, _>(bytes, "releases must be a multiple of 68 bytes", release)
}

/// Reads every account record of `bytes`.
///
/// # Errors
///
/// A sentence when the length is no multiple of 24 or a record is impossible.
pub fn accounts(bytes: &[u8]) -> Result<Vec<Account>, RecordError> {
    all::<ACCOUNT_RECORD, _>(bytes, "accounts must be a multiple of 24 bytes", account)
}

/// Reads every 20-byte hash of `bytes`.
///
/// # Errors
///
/// A sentence when the length is no multiple of 20.
pub fn hashes(bytes: &[u8]) -> Result<Vec<InfoHash>, RecordError> {
    all::<HASH_RECORD, _>(bytes, "hashes must be a multiple of 20 bytes", |hash| {
        Ok(InfoHash(*hash))
    })
}

/// Reads every rule about clients of `bytes`: head (8 bytes), welcome (0 full, 1 warned, 2 denied),
/// reason (120 bytes), texts filled up with zeros.
///
/// # Errors
///
/// A sentence when the length is no multiple of 129 or a record is impossible.
pub fn clients(bytes: &[u8]) -> Result<Vec<ClientRule>, RecordError> {
    all::<CLIENT_RECORD, _>(bytes, "clients must be a multiple of 129 bytes", client)
}

fn all<const N: usize, T>(
    bytes: &[u8],
    uneven: RecordError,
    read: impl Fn(&[u8; N]) -> Result<T, RecordError>,
) -> Result<Vec<T>, RecordError> {
    let (records, rest) = bytes.as_chunks::<N>();
    if !rest.is_empty() {
        return Err(uneven);
    }
    records.iter().map(read).collect()
}

fn short(_: WireError) -> RecordError {
    "a record is too short"
}

fn release(record: &[u8; RELEASE_RECORD]) -> Result<Release, RecordError> {
    let [state, open, up_quarters, down_quarters] = field(record, 56).map_err(short)?;
    let v1 = present(InfoHash(field(record, 4).map_err(short)?));
    let v2 = present(InfoHash(field(record, 24).map_err(short)?));
    let state = match state {
        0 => None,
        1 => Some(ReleaseState::Published),
        2 => Some(ReleaseState::Pending),
        3 => Some(ReleaseState::Withdrawn),
        4 => Some(ReleaseState::Quarantined),
        5 => Some(ReleaseState::Removed),
        _ => return Err("a release has an unknown state"),
    };
    if up_quarters > 15 || down_quarters > 15 {
        return Err("a release has a factor above 15 quarters");
    }
    if state.is_some() && v1.is_none() && v2.is_none() {
        return Err("a release has no info-hash");
    }
    Ok(Release {
        id: u32::from_be_bytes(field(record, 0).map_err(short)?),
        v1,
        v2,
        state,
        is_open: open != 0,
        up_quarters,
        down_quarters,
        completed_open: u32::from_be_bytes(field(record, 60).map_err(short)?),
        completed_members: u32::from_be_bytes(field(record, 64).map_err(short)?),
    })
}

fn present(hash: InfoHash) -> Option<InfoHash> {
    (hash != InfoHash::default()).then_some(hash)
}

fn account(record: &[u8; ACCOUNT_RECORD]) -> Result<Account, RecordError> {
    let [state, rights, language, max_locations] = field(record, 20).map_err(short)?;
    let user = u64::from_be_bytes(field(record, 0).map_err(short)?);
    if user > crate::wire::key::MAX_USER {
        return Err("an account has a user id of more than five bytes");
    }
    let grace = u64::from_be_bytes(field(record, 12).map_err(short)?);
    Ok(Account {
        user,
        key_version: u16::from_be_bytes(field(record, 8).map_err(short)?),
        previous_key_version: u16::from_be_bytes(field(record, 10).map_err(short)?),
        // Far futures fit 2106: a grace period lasts weeks.
        grace_until_s: u32::try_from(grace).unwrap_or(u32::MAX),
        state: match state {
            0 => AccountState::Active,
            1 => AccountState::Suspended,
            2 => AccountState::Gone,
            _ => return Err("an account has an unknown state"),
        },
        may_announce: rights & 1 != 0,
        may_leech: rights & 2 != 0,
        language: match language {
            0 => Language::French,
            1 => Language::English,
            _ => return Err("an account has an unknown language"),
        },
        max_locations,
    })
}

fn client(record: &[u8; CLIENT_RECORD]) -> Result<ClientRule, RecordError> {
    let head: [u8; HEAD_BYTES] = field(record, 0).map_err(short)?;
    let [welcome] = field(record, HEAD_BYTES).map_err(short)?;
    let reason: [u8; REASON_BYTES] = field(record, HEAD_BYTES + 1).map_err(short)?;
    let head = padded(&head, u8::is_ascii_graphic).ok_or("a head of a peer id is not graphic")?;
    if head.len() == 1 {
        return Err("a head of a peer id has one character only");
    }
    let is_printable = |byte: &u8| byte.is_ascii_graphic() || *byte == b' ';
    let reason = padded(&reason, is_printable).and_then(|text| str::from_utf8(text).ok());
    Ok(ClientRule {
        head: head.to_vec(),
        welcome: match welcome {
            0 => Welcome::Full,
            1 => Welcome::Warned,
            2 => Welcome::Denied,
            _ => return Err("a rule about clients has an unknown welcome"),
        },
        reason: reason.ok_or("a reason is not printable ASCII")?.to_owned(),
    })
}

/// A text without the zeros that fill it up; `None` when it holds anything else than allowed.
fn padded(field: &[u8], is_allowed: impl Fn(&u8) -> bool) -> Option<&[u8]> {
    let length = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    let (text, rest) = field.split_at_checked(length)?;
    (text.iter().all(is_allowed) && rest.iter().all(|byte| *byte == 0)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = (releases(&bytes), accounts(&bytes), hashes(&bytes), clients(&bytes));
        }
    }

    #[test]
    fn v2_01_and_04_a_32_byte_hash_is_cut_to_20() {
        let mut record = [0; RELEASE_RECORD];
        record[24..56].copy_from_slice(&[9; 32]);
        record[56] = 1;
        let read = releases(&record).unwrap();
        assert_eq!(read[0].v2, Some(InfoHash([9; 20])));
        assert_eq!(read[0].canonical(), InfoHash([9; 20]));
    }

    #[test]
    fn an_uneven_feed_is_refused_whole() {
        assert!(releases(&[0; 69]).is_err());
        assert!(accounts(&[0; 25]).is_err());
        assert!(hashes(&[0; 21]).is_err());
        assert!(clients(&[0; CLIENT_RECORD + 1]).is_err());
    }

    fn rule(head: &[u8], welcome: u8, reason: &[u8]) -> [u8; CLIENT_RECORD] {
        let mut record = [0; CLIENT_RECORD];
        record[..head.len()].copy_from_slice(head);
        record[HEAD_BYTES] = welcome;
        record[HEAD_BYTES + 1..][..reason.len()].copy_from_slice(reason);
        record
    }

    #[test]
    fn id_16_a_rule_about_clients_is_a_head_a_welcome_and_a_reason() {
        let read = clients(&[rule(b"-qB4650-", 2, &[b'~'; 120]), rule(b"", 0, b"")].concat());
        let read = read.unwrap();
        assert_eq!((read[0].head.as_slice(), read[0].welcome), (&b"-qB4650-"[..], Welcome::Denied));
        assert_eq!(read[0].reason, "~".repeat(120));
        let everyone =
            ClientRule { head: Vec::new(), welcome: Welcome::Full, reason: String::new() };
        assert_eq!(read[1], everyone);
    }

    #[test]
    fn id_16_a_rule_with_another_head_welcome_or_reason_is_refused() {
        for wrong in [
            rule(b"-", 2, b"why"),
            rule(b"-q B", 2, b"why"),
            rule(b"-q\0B", 2, b"why"),
            rule(b"-q\xe9", 2, b"why"),
            rule(b"-qB", 3, b"why"),
            rule(b"-qB", 2, "d\u{e9}pass\u{e9}".as_bytes()),
            rule(b"-qB", 2, b"a\nb"),
            rule(b"-qB", 2, b"a\0b"),
        ] {
            assert!(clients(&wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_user_id_of_six_bytes_is_refused() {
        let mut record = [0; ACCOUNT_RECORD];
        record[2] = 1;
        assert!(accounts(&record).is_err());
    }
}
