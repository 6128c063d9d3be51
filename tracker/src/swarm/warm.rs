//! Reading ahead: the memory that a batch of announces will need is asked for all at once.
//!
//! A store of millions of peers lies outside the caches, and one announce reads
//! it in a chain: shard, swarm, index, slot, address. Read one announce after
//! another, each link waits for memory. Here one short loop follows one link for
//! all announces of a batch, and the processor overlaps their waits. Nothing is
//! decided here: what is found is looked up again, from the cache.

use crate::swarm::Swarms;
use crate::swarm::addresses::Address;
use crate::swarm::index::Step;
use crate::swarm::shard::Shard;
use crate::swarm::state::Swarm;
use crate::wire::InfoHash;
use parking_lot::{Mutex, MutexGuard};
use smallvec::SmallVec;
use std::hint::black_box;
use std::net::IpAddr;

/// Announces looked ahead at once.
const AHEAD: usize = 64;

/// Who is about to announce where.
#[derive(Clone, Copy, Debug)]
pub struct Visit {
    /// The swarm's own hash.
    pub swarm: InfoHash,
    /// The announcer's address.
    pub ip: IpAddr,
    /// Its port.
    pub port: u16,
    /// The account it names.
    pub user: Option<u64>,
}

impl Swarms {
    /// Brings what the announces of these visits will read near.
    pub fn warm(&self, visits: &[Visit]) {
        // One visit would only be looked up twice.
        if visits.len() < 2 {
            return;
        }
        for visits in visits.chunks(AHEAD) {
            self.warm_some(visits);
        }
    }

    fn warm_some(&self, visits: &[Visit]) {
        // A shard that another thread holds, or an earlier visit, is left alone: never a wait.
        let shards: SmallVec<[Option<MutexGuard<'_, Shard>>; AHEAD]> =
            visits.iter().map(|visit| self.shard(&visit.swarm).and_then(Mutex::try_lock)).collect();
        let rows: SmallVec<[Option<usize>; AHEAD]> = shards
            .iter()
            .zip(visits)
            .map(|(shard, visit)| shard.as_ref()?.guess(&visit.swarm))
            .collect();
        let swarms: SmallVec<[Option<&Swarm>; AHEAD]> = shards
            .iter()
            .zip(rows)
            .map(|(shard, row)| shard.as_ref()?.swarms().get(row?))
            .inspect(|swarm| {
                black_box(swarm.map(Swarm::counts));
            })
            .collect();
        for step in [Step::Page, Step::Slot, Step::Row] {
            for ((shard, swarm), visit) in shards.iter().zip(&swarms).zip(visits) {
                if let (Some(shard), Some(swarm)) = (shard, swarm) {
                    let address = Address::new(visit.ip, visit.port);
                    black_box(shard.approach(swarm, step, (&address, visit.user)));
                }
            }
        }
    }
}
