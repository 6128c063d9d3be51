//! Bytes to types and back: no I/O, no clock, no state, no panic.

pub mod address;
pub mod bencode;
pub mod fact;
pub mod http;
pub mod key;
pub mod list;
pub mod proxy;
pub mod record;
pub mod target;
pub mod udp;
pub mod websocket;
pub mod webtorrent;

use std::num::NonZeroU16;

/// Digest that names a swarm on the wire: 20 bytes, SHA-1 (v1) or SHA-256 cut to 20 (BEP 52).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InfoHash(pub [u8; 20]);

impl InfoHash {
    /// Its first seven bytes as a number: names a release that the tracker does not know yet.
    #[must_use]
    pub fn name(&self) -> u64 {
        self.0.iter().take(7).fold(0, |name, byte| (name << 8) | u64::from(*byte))
    }
}

/// The 20 bytes a client picks for itself (BEP 3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PeerId(pub [u8; 20]);

impl PeerId {
    /// Its head, which names the client's make and version (BEP 20).
    #[must_use]
    pub fn client(&self) -> [u8; 8] {
        self.0.first_chunk().copied().unwrap_or_default()
    }
}

/// Why a client announces (BEP 3); unknown names and `paused` (BEP 21) count as `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Event {
    /// A regular report.
    #[default]
    None,
    /// The last piece has just arrived.
    Completed,
    /// The first report of a run.
    Started,
    /// The client leaves.
    Stopped,
}

impl Event {
    /// The number BEP 15 gives it: 0 none, 1 completed, 2 started, 3 stopped.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::None => 0,
            Self::Completed => 1,
            Self::Started => 2,
            Self::Stopped => 3,
        }
    }
}

/// The announce key as found in a URL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AnnounceKey {
    /// The URL has none.
    #[default]
    Absent,
    /// There is one, and it is not of our making.
    Malformed,
    /// Well formed; its MAC is not checked yet.
    Given(key::RawKey),
}

/// A client's report, the same over every protocol.
///
/// Byte counts are in bytes, counted from the client's `started` event, and
/// never exceed `i64::MAX` so that a database `bigint` holds them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Announce {
    /// Which swarm.
    pub info_hash: InfoHash,
    /// Who, in the client's words.
    pub peer_id: PeerId,
    /// Where peers may connect; absent on `stopped`, and in browsers.
    pub port: Option<NonZeroU16>,
    /// Why.
    pub event: Event,
    /// Bytes sent to peers.
    pub uploaded: u64,
    /// Bytes received from peers.
    pub downloaded: u64,
    /// Bytes missing; unknown counts as `i64::MAX`.
    pub left: u64,
    /// Peers asked for; `None` is "as you like".
    pub want: Option<u32>,
    /// The client's secret (BEP 7 `key`), 0 when not given.
    pub client_key: u32,
    /// The announce key of the URL.
    pub key: AnnounceKey,
}

/// What a swarm holds, as peers are told: the same in announces, scrapes and pages (EVT-6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Peers with every piece, the announcer included.
    pub seeders: u32,
    /// Peers that lack pieces, the announcer included.
    pub leechers: u32,
    /// Downloads finished over the release's life.
    pub completed: u32,
}

/// The answer to an announce: counts, and peers in wire form. Reused from packet to packet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Neighbours {
    /// Counts of the swarm.
    pub counts: Counts,
    /// IPv4 peers, 6 bytes each.
    pub v4: Vec<u8>,
    /// IPv6 peers, 18 bytes each.
    pub v6: Vec<u8>,
}

impl Neighbours {
    /// Empties it and keeps its memory.
    pub fn clear(&mut self) {
        self.counts = Counts::default();
        self.v4.clear();
        self.v6.clear();
    }
}

/// When a refused client may ask again (BEP 31).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// In this many minutes.
    Minutes(u16),
    /// Waiting cannot help.
    Never,
}

/// A refusal as peers read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal<'a> {
    /// What it is, in a word that never changes; for members' pages and counters.
    pub code: &'static str,
    /// One sentence that says what to do.
    pub text: &'a str,
    /// When to ask again.
    pub retry: Retry,
}

/// A sentence beside a normal answer (ERR-3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Warning {
    /// What it is, in a word that never changes.
    pub code: &'static str,
    /// One sentence for the client's window.
    pub text: &'static str,
}

/// Why bytes are not a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireError {
    /// Shorter than its kind requires.
    Truncated,
    /// Longer than we read.
    TooLong,
    /// Not the protocol at all.
    Unintelligible,
    /// `info_hash` missing or not 20 bytes.
    BadInfoHash,
    /// `peer_id` missing or not 20 bytes.
    BadPeerId,
    /// `port` missing or not a number below 65,536.
    BadPort,
    /// Port 0, where nobody can connect (ID-11).
    ZeroPort,
    /// A number that is none.
    BadNumber,
    /// A JSON message that asks for nothing we do.
    UnknownAction,
    /// An offer or answer that is none.
    BadOffer,
}

impl WireError {
    /// What the client is told, French then English: we do not know who asks.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::Truncated => "requête incomplète / incomplete request",
            Self::TooLong => "requête trop longue / request too long",
            Self::Unintelligible => "requête illisible / unintelligible request",
            Self::BadInfoHash => "info_hash doit faire 20 octets / info_hash must be 20 bytes",
            Self::BadPeerId => "peer_id doit faire 20 octets / peer_id must be 20 bytes",
            Self::BadPort => "port invalide / invalid port",
            Self::ZeroPort => "le port 0 ne peut être joint / port 0 cannot be reached",
            Self::BadNumber => "nombre invalide / invalid number",
            Self::UnknownAction => "action inconnue / unknown action",
            Self::BadOffer => "offre ou réponse invalide / invalid offer or answer",
        }
    }

    /// The same as a refusal: asking again unchanged cannot help soon.
    #[must_use]
    pub fn refusal(self) -> Refusal<'static> {
        Refusal { code: "malformed", text: self.reason(), retry: Retry::Minutes(30) }
    }
}

/// Reads `N` bytes at `at`, the only way fields are read.
pub(crate) fn field<const N: usize>(body: &[u8], at: usize) -> Result<[u8; N], WireError> {
    body.get(at..).and_then(<[u8]>::first_chunk).copied().ok_or(WireError::Truncated)
}

/// A byte count that fits a database `bigint`.
pub(crate) fn bounded(count: u64) -> u64 {
    count.min(i64::MAX.unsigned_abs())
}
