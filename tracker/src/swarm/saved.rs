//! Swarms in bytes, from one run to the next (RUN-7): blocks of a length, a checksum and swarms.
//!
//! A swarm is its hash, release and downloads, how many peers of each kind
//! follow, then open IPv4 peers, open IPv6 peers and records; ages stand for
//! times, because ticks begin anew. Numbers are little-endian.

use super::addresses::{ALONE, Address};
use super::records::{PACKED, Record};
use super::state::{Swarm, addresses_of};
use super::{InfoHash, Swarms};
use crate::clock::Tick;
use ahash::RandomState;
use std::io::{self, Read, Write};
use std::sync::atomic::Ordering;

/// A block is one shard's swarms; a longer one is none of ours.
const BLOCK_LIMIT: u32 = 1 << 30;

/// When swarms are read back: now, and how long after they were written.
#[derive(Clone, Copy, Debug)]
pub struct Return {
    /// This run's tick.
    pub now: Tick,
    /// Seconds between.
    pub away_s: u32,
}

impl Swarms {
    /// Writes every swarm that has a peer; returns how many peers.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn save(&self, now: Tick, to: &mut impl Write) -> io::Result<usize> {
        let mut block = Vec::new();
        let mut saved = 0;
        for shard in &self.shards {
            block.clear();
            saved += shard.lock().swarms().iter().map(|it| it.save(now, &mut block)).sum::<usize>();
            let length = u32::try_from(block.len()).unwrap_or(u32::MAX);
            to.write_all(&length.to_le_bytes())?;
            to.write_all(&crc32c::crc32c(&block).to_le_bytes())?;
            to.write_all(&block)?;
        }
        Ok(saved)
    }

    /// Takes back the swarms that `keeps` names, as far as there is room; returns how many peers.
    ///
    /// # Errors
    ///
    /// Those of the reader, and `InvalidData` at a block that is damaged: those before it hold.
    pub fn restore(
        &self,
        from: &mut impl Read,
        back: Return,
        keeps: impl Fn(&InfoHash) -> bool,
    ) -> io::Result<usize> {
        let mut restored = 0;
        for _ in 0..self.shards.len() {
            let [length, sum] = [number(from)?, number(from)?];
            let mut block = Vec::new();
            from.take(length.min(BLOCK_LIMIT).into()).read_to_end(&mut block)?;
            if block.len() != length as usize || crc32c::crc32c(&block) != sum {
                return Err(io::ErrorKind::InvalidData.into());
            }
            let mut rest = Rest(&block);
            while !rest.0.is_empty() && self.peers.load(Ordering::Relaxed) < self.limits.max_peers {
                let swarm = Swarm::restored(&mut rest, back, &self.hasher);
                let swarm = swarm.ok_or(io::ErrorKind::InvalidData)?;
                if !keeps(&swarm.key()) {
                    continue;
                }
                if let Some(shard) = self.shard(&swarm.key()) {
                    restored += self.change(shard, |shard| shard.adopt(swarm));
                }
            }
        }
        Ok(restored)
    }
}

fn number(from: &mut impl Read) -> io::Result<u32> {
    let mut bytes = [0; 4];
    from.read_exact(&mut bytes)?;
    Ok(u32::from_le_bytes(bytes))
}

/// What is left of a block.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    fn number(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }
}

impl Swarm {
    fn save(&self, now: Tick, out: &mut Vec<u8>) -> usize {
        let start = out.len();
        out.extend(self.key().0);
        for number in [self.release(), self.counts().completed, 0, 0, 0] {
            out.extend(number.to_le_bytes());
        }
        let kinds = [self.save_alone(false, now, out), self.save_alone(true, now, out)];
        let mut held = 0_u32;
        let records = self.records.as_ref().map_or(0, |records| records.len());
        for record in (0..records).filter_map(|row| self.record(u32::try_from(row).ok()?)) {
            if record.outlives_a_restart() {
                record.pack(now, out);
                held += 1;
            }
        }
        let [v4, v6] = kinds;
        let total = v4 + v6 + held;
        if total == 0 {
            out.truncate(start);
            return 0;
        }
        for (at, number) in (0..).zip([v4, v6, held]) {
            let at = start + 28 + at * 4;
            if let Some(slot) = out.get_mut(at..at + 4) {
                slot.copy_from_slice(&number.to_le_bytes());
            }
        }
        total as usize
    }

    fn save_alone(&self, is_v6: bool, now: Tick, out: &mut Vec<u8>) -> u32 {
        let mut count = 0;
        for at in 0..self.addresses.len_of(is_v6) {
            if let Some((address, held)) = self.addresses.at(is_v6, at)
                && held.record == ALONE
            {
                out.extend_from_slice(address.wire());
                out.push(u8::from(held.is_seeder));
                out.extend(held.seen.age_s(now).to_le_bytes());
                count += 1;
            }
        }
        count
    }

    fn restored(rest: &mut Rest<'_>, back: Return, hasher: &RandomState) -> Option<Self> {
        let mut swarm = Self::new(InfoHash(rest.take()?), rest.number()?);
        swarm.raise_completed(rest.number()?);
        let [v4, v6, records] = [rest.number()?, rest.number()?, rest.number()?];
        for _ in 0..v4 {
            let address = Address::V4(rest.take()?);
            swarm.put_alone(&address, rest, (back, hasher))?;
        }
        for _ in 0..v6 {
            let address = Address::V6(rest.take()?);
            swarm.put_alone(&address, rest, (back, hasher))?;
        }
        for _ in 0..records {
            let record = Record::unpack(&rest.take::<PACKED>()?, back.now, back.away_s)?;
            let age_s = record.seen.age_s(back.now);
            let (is_seeder, both) = (record.is_seeder(), addresses_of(&record));
            let row = swarm.records.get_or_insert_default().add(record);
            swarm.count(is_seeder, 1);
            let seen = Tick(back.now.0.wrapping_sub(age_s));
            for address in both.into_iter().flatten() {
                swarm.addresses.put(hasher, &address, (row, is_seeder), seen);
            }
        }
        Some(swarm)
    }

    fn put_alone(
        &mut self,
        address: &Address,
        rest: &mut Rest<'_>,
        (back, hasher): (Return, &RandomState),
    ) -> Option<()> {
        let [role] = rest.take()?;
        let age_s = rest.number()?.saturating_add(back.away_s);
        let seen = Tick(back.now.0.wrapping_sub(age_s));
        self.addresses.put(hasher, address, (ALONE, role == 1), seen);
        self.count(role == 1, 1);
        Some(())
    }
}
