//! Browsers in their swarms: which connection reaches each, and which offers they await answers to.
//!
//! They are counted and credited as records without an address; here is what
//! only WebRTC needs. Kept in shards of its own: introductions never wait for
//! announces of other protocols.

use crate::clock::Tick;
use crate::swarm::records::Record;
use crate::swarm::state::Swarm;
use crate::wire::webtorrent::OfferId;
use crate::wire::{InfoHash, PeerId};
use ahash::RandomState;
use fastrand::Rng;
use indexmap::IndexMap;
use parking_lot::Mutex;
use smallvec::SmallVec;
use std::collections::HashMap;

const SHARDS: usize = 64;
/// Offers of one browser that await an answer; older ones are given up.
const AWAITED: usize = 32;

/// The way to a browser: its thread, its place there, and which of that place's connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// The thread.
    pub thread: u16,
    /// The place among its connections.
    pub place: u32,
    /// Never used twice by one thread.
    pub serial: u32,
}

/// What a connection says of a peer id before it takes part under it.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// The swarm.
    pub swarm: InfoHash,
    /// The hash it was asked under: a hybrid has two.
    pub asked: InfoHash,
    /// The peer id.
    pub peer_id: PeerId,
    /// The connection.
    pub line: Line,
    /// The account, where a key proved one.
    pub user: Option<u64>,
    /// Whether it has every piece.
    pub is_seeder: bool,
    /// When.
    pub now: Tick,
}

/// To whom a message goes, and the hash it knows the swarm by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recipient {
    /// Its connection.
    pub line: Line,
    /// The hash it announced.
    pub info_hash: InfoHash,
}

/// The peer id is bound to another connection (WS-2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken;

#[derive(Debug)]
struct Awaited {
    id: OfferId,
    of: Line,
    at: Tick,
}

#[derive(Debug)]
struct Browser {
    line: Line,
    user: Option<u64>,
    asked: InfoHash,
    heard: Tick,
    awaited: Vec<Awaited>,
}

impl Browser {
    fn recipient(&self) -> Recipient {
        Recipient { line: self.line, info_hash: self.asked }
    }
}

type Browsers = IndexMap<PeerId, Browser, RandomState>;

#[derive(Debug)]
struct Room {
    seeders: Browsers,
    leechers: Browsers,
}

impl Room {
    fn new(hasher: &RandomState) -> Self {
        let empty = || IndexMap::with_hasher(hasher.clone());
        Self { seeders: empty(), leechers: empty() }
    }

    fn len(&self) -> usize {
        self.seeders.len() + self.leechers.len()
    }

    fn get(&mut self, peer_id: &PeerId) -> Option<&mut Browser> {
        self.leechers.get_mut(peer_id).or_else(|| self.seeders.get_mut(peer_id))
    }

    fn remove(&mut self, peer_id: &PeerId) -> Option<Browser> {
        self.leechers.swap_remove(peer_id).or_else(|| self.seeders.swap_remove(peer_id))
    }

    /// The browser at `at`, leechers first.
    fn at(&self, at: usize) -> Option<(&PeerId, &Browser)> {
        let beyond = at.checked_sub(self.leechers.len());
        beyond.map_or_else(|| self.leechers.get_index(at), |at| self.seeders.get_index(at))
    }
}

type Shard = Mutex<HashMap<InfoHash, Room, RandomState>>;

/// The browsers of all swarms.
#[derive(Debug)]
pub struct Web {
    shards: Box<[Shard]>,
    hasher: RandomState,
}

impl Web {
    pub(super) fn new(hasher: &RandomState) -> Self {
        let shard = || Mutex::new(HashMap::with_hasher(hasher.clone()));
        Self { shards: (0..SHARDS).map(|_| shard()).collect(), hasher: hasher.clone() }
    }

    /// Binds a peer id to a connection; returns when it was last heard in this swarm, if it was.
    ///
    /// A member's own newer connection takes over: the key proves whose it is.
    ///
    /// # Errors
    ///
    /// [`Taken`] when another connection holds it.
    pub fn claim(&self, claim: &Claim) -> Result<Option<Tick>, Taken> {
        let Some(shard) = self.shard(&claim.swarm) else { return Ok(None) };
        let mut shard = shard.lock();
        let room = shard.entry(claim.swarm).or_insert_with(|| Room::new(&self.hasher));
        let held = room.get(&claim.peer_id).map(|held| (held.line, held.user));
        if let Some((line, user)) = held
            && line != claim.line
            && (user.is_none() || user != claim.user)
        {
            return Err(Taken);
        }
        // Taken out and put back: it may have changed sides.
        let before = room.remove(&claim.peer_id).filter(|before| before.line == claim.line);
        let heard = before.as_ref().map(|before| before.heard);
        let awaited = before.map(|before| before.awaited).unwrap_or_default();
        let browser = Browser {
            line: claim.line,
            user: claim.user,
            asked: claim.asked,
            heard: claim.now,
            awaited,
        };
        let side = if claim.is_seeder { &mut room.seeders } else { &mut room.leechers };
        side.insert(claim.peer_id, browser);
        Ok(heard)
    }

    /// Draws up to `ids.len()` others for the offers of `from`, and notes whose answers it awaits.
    ///
    /// IPv4 and IPv6 alike (WS-3); seeders meet leechers only (EVT-9).
    pub fn introduce(
        &self,
        from: &Claim,
        ids: &[OfferId],
        dice: &mut Rng,
        out: &mut Vec<(OfferId, Recipient)>,
    ) {
        let Some(shard) = self.shard(&from.swarm) else { return };
        let mut shard = shard.lock();
        let Some(room) = shard.get_mut(&from.swarm) else { return };
        let total = if from.is_seeder { room.leechers.len() } else { room.len() };
        let mut ids = ids.iter();
        // One more than asked: the one who asks may be among those drawn.
        for at in draw(total, ids.len() + 1, dice) {
            let Some((peer_id, other)) = room.at(at) else { continue };
            if *peer_id == from.peer_id || other.line == from.line {
                continue;
            }
            let Some(id) = ids.next() else { break };
            out.push((*id, other.recipient()));
        }
        let Some(own) = room.get(&from.peer_id).filter(|own| own.line == from.line) else { return };
        for (id, of) in &*out {
            if own.awaited.len() >= AWAITED {
                own.awaited.remove(0);
            }
            own.awaited.push(Awaited { id: *id, of: of.line, at: from.now });
        }
    }

    /// The connection that waits for this answer, once: an offer has one (WS-1).
    ///
    /// `None` when `line` does not speak for `from`, or nothing unexpired was offered to it.
    #[must_use]
    pub fn reply(
        &self,
        (swarm, from, to): (&InfoHash, &PeerId, &PeerId),
        (id, line): (&OfferId, Line),
        (now, timeout_s): (Tick, u32),
    ) -> Option<Recipient> {
        let mut shard = self.shard(swarm)?.lock();
        let room = shard.get_mut(swarm)?;
        room.get(from).filter(|speaker| speaker.line == line)?;
        let offerer = room.get(to)?;
        offerer.awaited.retain(|offer| now.since(offer.at) <= timeout_s);
        let at = offerer.awaited.iter().position(|it| it.id == *id && it.of == line)?;
        offerer.awaited.remove(at);
        Some(offerer.recipient())
    }

    /// Lets go of a peer id, unless another connection has taken it over; whether it was held.
    #[must_use]
    pub fn release(&self, swarm: &InfoHash, peer_id: &PeerId, line: Line) -> bool {
        let Some(shard) = self.shard(swarm) else { return false };
        let mut shard = shard.lock();
        let Some(room) = shard.get_mut(swarm) else { return false };
        if room.get(peer_id).is_none_or(|held| held.line != line) {
            return false;
        }
        room.remove(peer_id);
        for side in [&mut room.seeders, &mut room.leechers] {
            if side.capacity() > 4 * side.len() + 16 {
                side.shrink_to(side.len() * 2);
            }
        }
        if room.len() == 0 {
            shard.remove(swarm);
        }
        true
    }

    pub(super) fn purge(&self, swarm: &InfoHash) {
        if let Some(shard) = self.shard(swarm) {
            shard.lock().remove(swarm);
        }
    }

    pub(super) fn purge_unless(&self, keeps: impl Fn(&InfoHash) -> bool) {
        for shard in &self.shards {
            shard.lock().retain(|swarm, _| keeps(swarm));
        }
    }

    /// Browsers in all swarms.
    #[must_use]
    pub fn len(&self) -> usize {
        let in_shard = |shard: &Shard| shard.lock().values().map(Room::len).sum::<usize>();
        self.shards.iter().map(in_shard).sum()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.shards.iter().all(|shard| shard.lock().is_empty())
    }

    fn shard(&self, swarm: &InfoHash) -> Option<&Shard> {
        let top = self.hasher.hash_one(swarm) >> 58;
        self.shards.get(usize::try_from(top).unwrap_or(0))
    }
}

impl Swarm {
    /// Forgets a client that only its connection held here.
    pub(super) fn vacate(&mut self, (user, session): (u64, u64), hasher: &RandomState) {
        let is_it = |record: &Record| {
            record.is_session(session) && record.v4().is_none() && record.v6().is_none()
        };
        if let Some(row) = self.row_of(user, is_it) {
            self.remove_record(row, hasher);
        }
    }
}

/// Up to `want` different places below `total`, each as likely as any other (EVT-10); Floyd's way.
fn draw(total: usize, want: usize, dice: &mut Rng) -> SmallVec<[usize; 16]> {
    let mut drawn = SmallVec::new();
    for top in total.saturating_sub(want)..total {
        let one = dice.usize(..=top);
        drawn.push(if drawn.contains(&one) { top } else { one });
    }
    // The way they were found favours order; who gets the first offer must not follow from it.
    dice.shuffle(&mut drawn);
    drawn
}

#[cfg(test)]
mod tests;
