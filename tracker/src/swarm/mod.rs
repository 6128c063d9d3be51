//! Who has what: the only mutable state of the tracker, one store for every protocol.

mod addresses;
mod index;
mod members;
mod open;
mod peers;
mod recent;
mod records;
mod saved;
mod select;
mod shard;
mod state;
mod warm;
pub mod web;

use crate::clock::Moment;
use crate::wire::address::{Source, is_dialable, is_local};
use crate::wire::fact::Fact;
use crate::wire::{Announce, Counts, InfoHash, Neighbours, PeerId};
use addresses::Address;
use ahash::RandomState;
use fastrand::Rng;
use parking_lot::Mutex;
use records::VISITOR;
use shard::Shard;
use siphasher::sip::SipHasher24;
use std::sync::atomic::{AtomicUsize, Ordering};
use web::Web;

pub use saved::Return;
pub use warm::Visit;

/// Enough that two threads seldom meet, few enough to walk in a sweep.
const SHARDS: usize = 256;

/// What bounds the store.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Logical peers over all swarms.
    pub max_peers: usize,
    /// Addresses in one swarm.
    pub max_peers_per_swarm: usize,
    /// Clients of one account in one swarm, where the account has no number of its own.
    pub max_locations: u8,
    /// Seconds without an announce after which a peer is forgotten.
    pub peer_timeout_s: u32,
    /// Seconds before which a plain announce brings no peers (ABUSE-6).
    pub min_interval_s: u32,
}

/// Whom an announce is credited to.
#[derive(Clone, Copy, Debug)]
pub struct Credit {
    /// The account.
    pub user: u64,
    /// Its clients at once in this swarm; 0 for the default.
    pub max_locations: u8,
    /// Upload factor in force, in quarters.
    pub up_quarters: u8,
    /// Download factor in force, in quarters.
    pub down_quarters: u8,
}

impl Credit {
    /// Whether it is nobody's: a browser without a key, told apart by a number.
    fn is_visitors(&self) -> bool {
        self.user & VISITOR > 0
    }
}

/// An announce that policy lets into a swarm.
#[derive(Clone, Copy, Debug)]
pub struct Join<'a> {
    /// What the client said.
    pub announce: &'a Announce,
    /// Where it said so from.
    pub source: Source,
    /// The swarm's own hash.
    pub swarm: InfoHash,
    /// The site's number for the release.
    pub release: u32,
    /// Downloads that open clients finished, as the site has counted; members' are the ledger's.
    pub completed: u32,
    /// Whom to credit.
    pub credit: Option<Credit>,
    /// Peers to return at most.
    pub want: usize,
    /// Whether peers of the other family may fill up the answer.
    pub mixes_families: bool,
    /// When.
    pub now: Moment,
}

impl Join<'_> {
    /// Where peers can reach the announcer; `None` when nobody may be sent there (ID-9).
    fn address(&self) -> Option<Address> {
        let port = self.announce.port?.get();
        let ip = self.source.ip;
        let is_fit = is_dialable(ip) && (self.source.is_local_listener || !is_local(ip));
        is_fit.then(|| Address::new(ip, port))
    }

    fn is_seeder(&self) -> bool {
        self.announce.left == 0
    }
}

/// The account has as many clients in the swarm as it may (ID-13).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyLocations;

/// All swarms, by keyed hash in shards that lock one by one.
#[derive(Debug)]
pub struct Swarms {
    shards: Box<[Mutex<Shard>]>,
    web: Web,
    hasher: RandomState,
    sessions: SipHasher24,
    limits: Limits,
    /// Logical peers and swarms held; may lag by one per thread, which a cap can bear.
    peers: AtomicUsize,
    held: AtomicUsize,
    swept: AtomicUsize,
    taken: AtomicUsize,
}

impl Swarms {
    /// An empty store. `hasher` must be random; `session_secret` is kept over restarts so that a
    /// peer keeps its name in the journal.
    #[must_use]
    pub fn new(limits: Limits, hasher: RandomState, session_secret: &[u8; 32]) -> Self {
        let (first, second) = session_secret.split_at(16);
        let first = first.first_chunk().copied().unwrap_or_default();
        let key = siphasher::sip128::SipHasher24::new_with_key(&first).hash(second).as_bytes();
        let mut limits = limits;
        limits.max_peers_per_swarm = limits.max_peers_per_swarm.min(index::MAX_ROWS);
        Self {
            shards: (0..SHARDS).map(|_| Mutex::new(Shard::new(hasher.clone()))).collect(),
            web: Web::new(&hasher),
            hasher,
            sessions: SipHasher24::new_with_key(&key),
            limits,
            peers: AtomicUsize::new(0),
            held: AtomicUsize::new(0),
            swept: AtomicUsize::new(0),
            taken: AtomicUsize::new(0),
        }
    }

    /// Brings a swarm up to date, then picks peers into `out`; returns the fact to journal, if any.
    ///
    /// # Errors
    ///
    /// [`TooManyLocations`] when a member's client would be one too many.
    pub fn announce(
        &self,
        join: &Join<'_>,
        dice: &mut Rng,
        out: &mut Neighbours,
    ) -> Result<Option<Fact>, TooManyLocations> {
        let Some(shard) = self.shard(&join.swarm) else {
            return Ok(None);
        };
        let mut limits = self.limits;
        if self.peers.load(Ordering::Relaxed) >= limits.max_peers {
            limits.max_peers_per_swarm = 0;
        }
        let session =
            join.credit.map_or(0, |credit| self.session(&join.announce.peer_id, credit.user));
        self.change(shard, |shard| shard.announce(join, (session, &limits), (dice, out)))
    }

    /// The release is no part of it: a farewell may come before the tracker knows the release.
    pub(crate) fn session(&self, peer: &PeerId, user: u64) -> u64 {
        let mut message = [0; 28];
        let user = user.to_le_bytes();
        let parts = user.iter().chain(&peer.0);
        for (slot, byte) in message.iter_mut().zip(parts) {
            *slot = *byte;
        }
        self.sessions.hash(&message)
    }

    /// Changes a shard under its lock, and keeps the sums over all shards.
    fn change<T>(&self, shard: &Mutex<Shard>, act: impl FnOnce(&mut Shard) -> T) -> T {
        let mut shard = shard.lock();
        let before = (shard.peers(), shard.len());
        let done = act(&mut shard);
        let after = (shard.peers(), shard.len());
        drop(shard);
        moved(&self.peers, before.0, after.0);
        moved(&self.held, before.1, after.1);
        done
    }

    /// A swarm's counts; creates nothing (SCR-1). `completed` is what the site has counted.
    #[must_use]
    pub fn counts(&self, swarm: &InfoHash, completed: u32) -> Counts {
        let none = Counts { completed, ..Counts::default() };
        let Some(shard) = self.shard(swarm) else {
            return none;
        };
        let counts = shard.lock().counts(swarm).unwrap_or(none);
        Counts { completed: counts.completed.max(completed), ..counts }
    }

    /// Whether a swarm has peers.
    #[must_use]
    pub fn is_alive(&self, swarm: &InfoHash) -> bool {
        let counts = self.counts(swarm, 0);
        counts.seeders > 0 || counts.leechers > 0
    }

    /// What browsers add to a swarm.
    #[must_use]
    pub fn web(&self) -> &Web {
        &self.web
    }

    /// The number by which browsers without a key are told apart: one for an address, never an
    /// account's.
    #[must_use]
    pub fn visitor(&self, source: Source) -> u64 {
        VISITOR | (self.hasher.hash_one(source.ip) >> 24)
    }

    /// Forgets a browser whose connection is gone, unless it is known by an address too (WS-5).
    pub fn vacate(&self, swarm: &InfoHash, user: u64, peer_id: &PeerId) {
        if let Some(shard) = self.shard(swarm) {
            let session = self.session(peer_id, user);
            self.change(shard, |shard| shard.vacate(swarm, (user, session)));
        }
    }

    /// Forgets a swarm and its peers at once: its release is no longer served (TRK-3).
    pub fn purge(&self, swarm: &InfoHash) {
        self.web.purge(swarm);
        if let Some(shard) = self.shard(swarm) {
            self.change(shard, |shard| shard.purge(swarm));
        }
    }

    /// Forgets every swarm that `keeps` does not name.
    pub fn purge_unless(&self, keeps: impl Fn(&InfoHash) -> bool) {
        self.web.purge_unless(&keeps);
        for shard in &self.shards {
            self.change(shard, |shard| shard.purge_unless(&keeps));
        }
    }

    /// Up to `limit` releases whose counts changed since they were last taken.
    #[must_use]
    pub fn take_counts(&self, limit: usize) -> Vec<(u32, Counts)> {
        let mut changed = Vec::new();
        for _ in 0..self.shards.len() {
            if changed.len() >= limit {
                break;
            }
            let at = self.taken.fetch_add(1, Ordering::Relaxed) % SHARDS;
            if let Some(shard) = self.shards.get(at) {
                shard.lock().take_counts(limit, &mut changed);
            }
        }
        changed
    }

    /// All swarms whose counts changed, by hash, for one who keeps the counts of downloads.
    #[must_use]
    pub fn settle_counts(&self) -> Vec<(InfoHash, Counts)> {
        let mut changed = Vec::new();
        self.shards.iter().for_each(|shard| shard.lock().settle_counts(&mut changed));
        changed
    }

    /// Whether a swarm is held.
    #[must_use]
    pub fn holds(&self, swarm: &InfoHash) -> bool {
        self.shard(swarm).is_some_and(|shard| shard.lock().counts(swarm).is_some())
    }

    /// Looks at up to `budget` peers of the next shard and forgets the silent ones (PERF-5).
    ///
    /// Returns whether a round over all shards has just ended.
    pub fn sweep(&self, now: Moment, budget: usize) -> bool {
        let at = self.swept.load(Ordering::Relaxed) % SHARDS;
        let Some(shard) = self.shards.get(at) else {
            return true;
        };
        let is_done = self.change(shard, |shard| shard.sweep(now.tick, &self.limits, budget));
        if is_done {
            self.swept.fetch_add(1, Ordering::Relaxed);
        }
        is_done && at + 1 == SHARDS
    }

    /// Swarms and logical peers held.
    #[must_use]
    pub fn sizes(&self) -> (usize, usize) {
        (self.held.load(Ordering::Relaxed), self.peers.load(Ordering::Relaxed))
    }

    fn shard(&self, swarm: &InfoHash) -> Option<&Mutex<Shard>> {
        // The top bits choose the shard; the tables inside use the lower ones.
        let top = self.hasher.hash_one(swarm) >> 56;
        self.shards.get(usize::try_from(top).unwrap_or(0))
    }
}

fn moved(sum: &AtomicUsize, before: usize, after: usize) {
    // Most announces move nothing, and threads need not quarrel over the sum.
    if after > before {
        sum.fetch_add(after - before, Ordering::Relaxed);
    } else if after < before {
        sum.fetch_sub(before - after, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
