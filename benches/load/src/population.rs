//! Who announces what: torrents whose sizes follow Zipf's law, and peers equally often each.

use crate::options::Options;
use bottin_tracker::wire::key::{ACCOUNT, KeyMaker};
use fastrand::Rng;
use std::io;

/// The secret of the tracker's announce keys, in both halves of a run.
pub(crate) const KEY_SECRET: [u8; 32] = [7; 32];

/// Torrents and peers; a peer's number says which torrent it is in.
pub(crate) struct Population {
    /// The first peer of each torrent, ascending.
    firsts: Vec<u32>,
    peers: u32,
    users: u32,
    keys: Vec<String>,
}

/// One peer's next announce.
pub(crate) struct Turn<'a> {
    pub(crate) hash: [u8; 20],
    pub(crate) peer_id: [u8; 20],
    pub(crate) port: u16,
    /// The socket whose address is the peer's.
    pub(crate) socket: usize,
    pub(crate) is_seeder: bool,
    pub(crate) is_leaving: bool,
    pub(crate) key: Option<&'a str>,
}

impl Population {
    pub(crate) fn new(options: &Options) -> io::Result<Self> {
        let weights: f64 = (1..=options.torrents).map(|rank| 1.0 / f64::from(rank)).sum();
        let mut firsts = Vec::new();
        let mut peers = 0.0;
        for rank in 1..=options.torrents {
            firsts.push(whole(peers));
            peers += (f64::from(options.peers) / weights / f64::from(rank)).max(1.0);
        }
        let maker = KeyMaker::new(&KEY_SECRET);
        let users = if options.keyed { options.users } else { 0 };
        let keys = (1..=u64::from(users))
            .map(|user| {
                (1..9)
                    .find_map(|version| maker.issue(ACCOUNT, user, version, None).ok())
                    .ok_or_else(|| io::Error::other("no key"))
            })
            .collect::<io::Result<_>>()?;
        Ok(Self { firsts, peers: whole(peers), users, keys })
    }

    pub(crate) fn peers(&self) -> u32 {
        self.peers
    }

    /// A peer drawn at random; one in 64 leaves.
    pub(crate) fn any(&self, dice: &mut Rng, sockets: usize) -> Turn<'_> {
        let mut turn = self.turn(dice.u32(..self.peers), sockets);
        turn.is_leaving = dice.u8(..) < 4;
        turn
    }

    pub(crate) fn turn(&self, peer: u32, sockets: usize) -> Turn<'_> {
        let torrent = self.firsts.partition_point(|first| *first <= peer).saturating_sub(1);
        let first = self.firsts.get(torrent).copied().unwrap_or_default();
        let place = (peer - first) as usize;
        let user = peer.checked_rem(self.users).map(|at| at as usize);
        let mut peer_id = *b"-BL0001-............";
        peer_id.iter_mut().skip(8).zip(peer.to_be_bytes()).for_each(|(slot, byte)| *slot = byte);
        Turn {
            hash: hash(u32::try_from(torrent).unwrap_or_default()),
            peer_id,
            port: u16::try_from(1_024 + place / sockets).unwrap_or(u16::MAX),
            socket: place % sockets,
            is_seeder: place % 4 == 1,
            is_leaving: false,
            key: user.and_then(|user| self.keys.get(user)).map(String::as_str),
        }
    }
}

/// The info-hash of a torrent: spread, as digests are.
pub(crate) fn hash(torrent: u32) -> [u8; 20] {
    let mut dice = Rng::with_seed(u64::from(torrent) + 1);
    std::array::from_fn(|_| dice.u8(..))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "numbers of peers, below four thousand million"
)]
fn whole(number: f64) -> u32 {
    number as u32
}
