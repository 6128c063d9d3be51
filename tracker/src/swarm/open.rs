//! Announces without a key: nobody is credited, and a peer is an address.

use crate::clock::Tick;
use crate::swarm::Join;
use crate::swarm::addresses::{ALONE, Address, Held};
use crate::swarm::peers::Seen;
use crate::swarm::records::NOBODY;
use crate::swarm::state::{Swarm, Tools, addresses_of, blank, place};
use ahash::RandomState;

impl Swarm {
    /// An announce without a key: its peer is its address (ID-1).
    pub(super) fn open(&mut self, join: &Join<'_>, held: Option<Held>, tools: &mut Tools<'_>) {
        let Some(address) = join.address() else {
            return;
        };
        let is_seeder = join.is_seeder();
        let now = join.now.tick;
        match held {
            // A member's client that also announces without its key stays the member's.
            Some(held) if self.is_members(held.record) => {
                self.addresses.touch(&address, held.at, now);
                return;
            }
            Some(held) => {
                self.turn(held.is_seeder, is_seeder);
                if !held.is_seeder && is_seeder {
                    self.complete(completion(join, tools.hasher), tools.recent);
                }
                self.addresses.touch(&address, held.at, now);
                self.addresses.set_seeder_at(tools.hasher, &address, held.at, is_seeder);
                self.turn_pair(held.record, is_seeder, now, tools.hasher);
            }
            None if self.addresses.len() >= tools.limits.max_peers_per_swarm => return,
            None => {
                self.count(is_seeder, 1);
                self.addresses.put(tools.hasher, &address, (ALONE, is_seeder), now);
            }
        }
        // A peer known already has a twin to look for only where the other family has peers.
        let may_be_two =
            |held: Held| held.record == ALONE && self.addresses.len_of(!address.is_v6()) > 0;
        if held.is_none_or(may_be_two) {
            self.pair(join, address, tools);
        }
    }

    /// Joins the two addresses of one open client, known by a secret only it and we have (ID-4).
    fn pair(&mut self, join: &Join<'_>, address: Address, tools: &mut Tools<'_>) {
        if join.announce.client_key == 0 {
            return;
        }
        let tag =
            tools.hasher.hash_one((self.key, join.announce.peer_id, join.announce.client_key));
        let Some(other) = tools.recent.twin(tag, address) else {
            return;
        };
        let Some(twin) = self.addresses.find(tools.hasher, &other) else {
            return;
        };
        if twin.record != ALONE {
            return;
        }
        self.count(twin.is_seeder, -1);
        let mut record = blank(NOBODY, tag, join);
        for one in [address, other] {
            place(&mut record, one);
        }
        let row = self.records.get_or_insert_default().add(record);
        for one in [address, other] {
            self.addresses.link(tools.hasher, &one, row);
            self.addresses.set_seeder(tools.hasher, &one, join.is_seeder());
        }
    }

    fn turn_pair(&mut self, row: u32, is_seeder: bool, now: Tick, hasher: &RandomState) {
        let Some(record) = self.record_mut(row) else {
            return;
        };
        record.set_seeder(is_seeder);
        record.seen = Seen::at(now);
        let both = addresses_of(record);
        for one in both.into_iter().flatten() {
            self.addresses.set_seeder(hasher, &one, is_seeder);
        }
    }

    /// An open peer leaves; an unknown one changes nothing (EVT-3).
    pub(super) fn leave(
        &mut self,
        address: Option<Address>,
        held: Option<Held>,
        tools: &Tools<'_>,
    ) {
        let (Some(address), Some(held)) = (address, held) else {
            return;
        };
        if held.record == ALONE {
            self.addresses.remove(tools.hasher, &address);
            self.count(held.is_seeder, -1);
        } else if !self.is_members(held.record) {
            self.remove_record(held.record, tools.hasher);
        }
    }
}

/// Whose download it is that nobody is credited with: one for an address, whatever the protocol.
pub(super) fn completion(join: &Join<'_>, hasher: &RandomState) -> u64 {
    hasher.hash_one((join.swarm, join.source.ip))
}
