//! The journal's fixed records: 64 bytes each, little-endian, checksummed.

use crate::wire::field;

/// Bytes of a fact on disk.
pub const FACT_BYTES: usize = 64;
/// Bytes of a segment's header.
pub const HEADER_BYTES: usize = 64;
/// Flag: the first fact of this peer since the tracker learned of it.
pub const FIRST: u8 = 1;
/// Flag: a counter is lower than before, so the client started again.
pub const FELL: u8 = 2;
/// Flag: the last word of a client that the policy refuses; it ends a run and begins none.
pub const LATE: u8 = 4;

/// Flag: it came over IPv6.
pub const IPV6: u8 = 8;

/// Flag: no other client in the swarm lacked anything.
pub const LONELY: u8 = 64;
/// Flag: no other client was in the swarm.
pub const ALONE: u8 = 128;

/// The protocol of an announce.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Via {
    /// BEP 15.
    #[default]
    Udp,
    /// BEP 3.
    Http,
    /// BEP 3 over a web socket.
    WebSocket,
}

impl Via {
    /// Its flag in a record.
    #[must_use]
    pub fn flag(self) -> u8 {
        match self {
            Self::Udp => 0,
            Self::Http => 16,
            Self::WebSocket => 32,
        }
    }
}

/// The last eight bytes of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// The head of the peer id, which names the client's make and version.
    Client([u8; 8]),
    /// The first seven bytes of the info-hash of a release that the tracker did not know yet.
    Name(u64),
}

impl Default for Tag {
    fn default() -> Self {
        Self::Client([0; 8])
    }
}

impl Tag {
    fn bytes(self) -> [u8; 8] {
        match self {
            Self::Client(client) => client,
            Self::Name(name) => name.to_be_bytes(),
        }
    }

    fn read(release: u32, bytes: [u8; 8]) -> Self {
        match release {
            0 => Self::Name(u64::from_be_bytes(bytes)),
            _ => Self::Client(bytes),
        }
    }
}

/// How the control plane is told of a release: its number, or below 0 the name of a hash
/// without one.
#[must_use]
pub fn subject(release: u32, name: u64) -> i64 {
    match release {
        0 => !name.min(i64::MAX.unsigned_abs()).cast_signed(),
        number => i64::from(number),
    }
}

const MAGIC: &[u8; 8] = b"BOTTINJ1";

/// What one keyed announce reported. No address: the ledger has no use for one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fact {
    /// The release; 0 where the tracker did not know it yet, and the tag names it.
    pub release: u32,
    /// The peer, as a keyed hash of (user, peer id), the same over restarts.
    pub session: u64,
    /// The account, below 2^40.
    pub user: u64,
    /// 0 none, 1 completed, 2 started, 3 stopped.
    pub event: u8,
    /// [`FIRST`], [`FELL`], [`LATE`], [`IPV6`], [`LONELY`], [`ALONE`], and a [`Via`].
    pub flags: u8,
    /// Upload factor in force, in quarters, at most 15.
    pub up_quarters: u8,
    /// Download factor in force, in quarters, at most 15.
    pub down_quarters: u8,
    /// Bytes sent since the client's `started`.
    pub uploaded: u64,
    /// Bytes received since the client's `started`.
    pub downloaded: u64,
    /// Bytes missing.
    pub left: u64,
    /// Milliseconds since 1970.
    pub time_ms: u64,
    /// What else is known.
    pub tag: Tag,
}

impl Fact {
    /// The record: crc32c, then the fields in the order of the design.
    #[must_use]
    pub fn encode(&self) -> [u8; FACT_BYTES] {
        let [user @ .., _, _, _] = self.user.to_le_bytes();
        let factors = (self.up_quarters << 4) | (self.down_quarters & 15);
        let mut record = [0; FACT_BYTES];
        put(&mut record, 4, &self.release.to_le_bytes());
        put(&mut record, 8, &self.session.to_le_bytes());
        put(&mut record, 16, &user);
        put(&mut record, 21, &[self.event, self.flags, factors]);
        put(&mut record, 24, &self.uploaded.to_le_bytes());
        put(&mut record, 32, &self.downloaded.to_le_bytes());
        put(&mut record, 40, &self.left.to_le_bytes());
        put(&mut record, 48, &self.time_ms.to_le_bytes());
        put(&mut record, 56, &self.tag.bytes());
        seal(&mut record, 0);
        record
    }

    /// Reads a record; `None` when its checksum does not hold.
    #[must_use]
    pub fn decode(record: &[u8; FACT_BYTES]) -> Option<Self> {
        if !is_sealed(record, 0) {
            return None;
        }
        let user: [u8; 5] = field(record, 16).ok()?;
        let [event, flags, factors] = field(record, 21).ok()?;
        let release = u32::from_le_bytes(field(record, 4).ok()?);
        Some(Self {
            release,
            session: u64::from_le_bytes(field(record, 8).ok()?),
            user: user.iter().rev().fold(0, |sum, byte| (sum << 8) | u64::from(*byte)),
            event,
            flags,
            up_quarters: factors >> 4,
            down_quarters: factors & 15,
            uploaded: u64::from_le_bytes(field(record, 24).ok()?),
            downloaded: u64::from_le_bytes(field(record, 32).ok()?),
            left: u64::from_le_bytes(field(record, 40).ok()?),
            time_ms: u64::from_le_bytes(field(record, 48).ok()?),
            tag: Tag::read(release, field(record, 56).ok()?),
        })
    }
}

/// A segment's header: the number of its first record and when it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Number of the first record that follows.
    pub first: u64,
    /// Milliseconds since 1970.
    pub created_ms: u64,
}

impl Header {
    /// The header's bytes, its checksum last.
    #[must_use]
    pub fn encode(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        put(&mut bytes, 0, MAGIC);
        put(&mut bytes, 8, &self.first.to_le_bytes());
        put(&mut bytes, 16, &self.created_ms.to_le_bytes());
        seal(&mut bytes, HEADER_BYTES - 4);
        bytes
    }

    /// Reads a header; `None` when it is not one of ours or its checksum does not hold.
    #[must_use]
    pub fn decode(bytes: &[u8; HEADER_BYTES]) -> Option<Self> {
        if bytes.first_chunk() != Some(MAGIC) || !is_sealed(bytes, HEADER_BYTES - 4) {
            return None;
        }
        Some(Self {
            first: u64::from_le_bytes(field(bytes, 8).ok()?),
            created_ms: u64::from_le_bytes(field(bytes, 16).ok()?),
        })
    }
}

fn put(record: &mut [u8; FACT_BYTES], at: usize, bytes: &[u8]) {
    for (slot, byte) in record.iter_mut().skip(at).zip(bytes) {
        *slot = *byte;
    }
}

/// The checksum of everything but the four bytes at `at` that hold it.
fn checksum(record: &[u8; FACT_BYTES], at: usize) -> u32 {
    let before = record.get(..at).unwrap_or_default();
    let after = record.get(at + 4..).unwrap_or_default();
    crc32c::crc32c_append(crc32c::crc32c(before), after)
}

fn seal(record: &mut [u8; FACT_BYTES], at: usize) {
    let sum = checksum(record, at);
    put(record, at, &sum.to_le_bytes());
}

fn is_sealed(record: &[u8; FACT_BYTES], at: usize) -> bool {
    field(record, at).is_ok_and(|sum| u32::from_le_bytes(sum) == checksum(record, at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fact() -> Fact {
        Fact {
            release: 7,
            session: 0x0102_0304_0506_0708,
            user: (1 << 40) - 1,
            event: 3,
            flags: FIRST | FELL,
            up_quarters: 8,
            down_quarters: 0,
            uploaded: u64::MAX,
            downloaded: 1,
            left: 2,
            time_ms: 3,
            tag: Tag::Client(*b"-qB4650-"),
        }
    }

    #[test]
    fn a_fact_reads_back_as_it_was_written() {
        assert_eq!(Fact::decode(&fact().encode()), Some(fact()));
    }

    #[test]
    fn a_fact_of_an_unknown_release_keeps_the_name_of_its_hash() {
        let named = Fact { release: 0, tag: Tag::Name((1 << 56) - 1), ..fact() };
        assert_eq!(Fact::decode(&named.encode()), Some(named));
        assert_eq!((subject(7, 9), subject(0, 0), subject(0, 9)), (7, -1, -10));
    }

    #[test]
    fn a_header_reads_back_as_it_was_written() {
        let header = Header { first: 9, created_ms: 5 };
        assert_eq!(Header::decode(&header.encode()), Some(header));
    }

    proptest! {
        #[test]
        fn one_flipped_bit_is_noticed(at in 0..FACT_BYTES, bit in 0..8_u32) {
            let mut record = fact().encode();
            record[at] ^= 1 << bit;
            prop_assert_eq!(Fact::decode(&record), None);
        }

        #[test]
        fn an_empty_or_random_record_is_no_fact(record: [u8; 32]) {
            let mut whole = [0; FACT_BYTES];
            whole[32..].copy_from_slice(&record);
            prop_assert_eq!(Header::decode(&whole), None);
        }
    }

    #[test]
    fn a_hole_in_the_file_is_no_fact() {
        // crc32c of zeros is not zero, so a run of zeros never passes for a record.
        assert_eq!(Fact::decode(&[0; FACT_BYTES]), None);
    }
}
