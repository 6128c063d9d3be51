//! Bounds on torrents that nobody listed: how many, and how fast one network brings new ones.

use crate::clock::Tick;
use crate::config::Standalone;
use crate::policy::{too_many_new_torrents, tracker_full};
use crate::serve::limits::{Grain, Limiter};
use crate::serve::shared::random_state;
use crate::swarm::Swarms;
use crate::wire::{InfoHash, Refusal};
use ahash::RandomState;
use parking_lot::Mutex;
use std::collections::{HashSet, VecDeque};
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

const STRIPES: usize = 64;
/// Stripes asked for one that may go, before a torrent is refused.
const TRIES: usize = 2 * STRIPES;
const HOUR_S: u64 = 3_600;

/// Torrents announced once so far, oldest first: the first to go when room is needed (ABUSE-2).
#[derive(Debug)]
struct Probation {
    once: HashSet<InfoHash, RandomState>,
    order: VecDeque<InfoHash>,
}

/// What is new here, and how much of it there may be.
#[derive(Debug)]
pub(super) struct Newcomers {
    limit: usize,
    per_hour: u32,
    networks: Limiter,
    hasher: RandomState,
    stripes: Box<[Mutex<Probation>]>,
    next: AtomicUsize,
    pub(super) refused: AtomicU64,
    pub(super) evicted: AtomicU64,
}

impl Newcomers {
    pub(super) fn new(bounds: &Standalone) -> Self {
        let per_hour = bounds.new_torrents_per_hour;
        let hasher = random_state();
        let stripe = || {
            let once = HashSet::with_hasher(hasher.clone());
            Mutex::new(Probation { once, order: VecDeque::new() })
        };
        Self {
            limit: bounds.max_torrents,
            per_hour,
            // One token each time the hour's share of one has passed.
            networks: Limiter::new(
                random_state(),
                Grain::Network,
                (per_hour.min(1), per_hour),
                false,
            ),
            stripes: (0..STRIPES).map(|_| stripe()).collect(),
            hasher,
            next: AtomicUsize::new(0),
            refused: AtomicU64::new(0),
            evicted: AtomicU64::new(0),
        }
    }

    /// Lets a torrent in, or back in; a second announce ends its probation.
    ///
    /// # Errors
    ///
    /// When its network brought too many, or the tracker is full of others worth more.
    pub(super) fn admit(
        &self,
        hash: &InfoHash,
        ip: IpAddr,
        (swarms, now): (&Swarms, Tick),
    ) -> Result<(), Refusal<'static>> {
        let Some(stripe) = self.stripe(self.hasher.hash_one(hash)) else { return Ok(()) };
        if swarms.holds(hash) {
            stripe.lock().once.remove(hash);
            return Ok(());
        }
        let share = u64::from(now.0) * u64::from(self.per_hour) / HOUR_S;
        let admitted = if !self.networks.admits(ip, Tick(u32::try_from(share).unwrap_or(u32::MAX)))
        {
            Err(too_many_new_torrents())
        } else if swarms.sizes().0 >= self.limit && !self.make_room(swarms) {
            Err(tracker_full())
        } else {
            Ok(())
        };
        if admitted.is_err() {
            self.refused.fetch_add(1, Ordering::Relaxed);
            return admitted;
        }
        stripe.lock().take_in(*hash);
        Ok(())
    }

    /// Forgets the oldest torrent of somewhere that one peer announced once.
    fn make_room(&self, swarms: &Swarms) -> bool {
        for _ in 0..TRIES {
            let turn = self.next.fetch_add(1, Ordering::Relaxed) as u64;
            let Some(stripe) = self.stripe(turn << 58) else { return false };
            let oldest = stripe.lock().oldest();
            let Some(hash) = oldest else { continue };
            let counts = swarms.counts(&hash, 0);
            if counts.seeders + counts.leechers <= 1 {
                swarms.purge(&hash);
                self.evicted.fetch_add(1, Ordering::Relaxed);
                return true;
            }
        }
        false
    }

    fn stripe(&self, hash: u64) -> Option<&Mutex<Probation>> {
        self.stripes.get(usize::try_from(hash >> 58).unwrap_or(0))
    }
}

impl Probation {
    fn take_in(&mut self, hash: InfoHash) {
        if self.once.insert(hash) {
            self.order.push_back(hash);
        }
        if self.order.len() > 2 * self.once.len() + 64 {
            let Self { once, order } = self;
            order.retain(|hash| once.contains(hash));
        }
    }

    fn oldest(&mut self) -> Option<InfoHash> {
        while let Some(hash) = self.order.pop_front() {
            if self.once.remove(&hash) {
                return Some(hash);
            }
        }
        None
    }
}
