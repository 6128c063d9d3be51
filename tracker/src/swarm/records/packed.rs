//! A record in 64 bytes, for a restart.

use super::{NO_ADDRESS, OF_VISITOR, Record, told};
use crate::clock::Tick;
use crate::swarm::peers::Seen;

/// Bytes of one record.
pub(in crate::swarm) const PACKED: usize = 64;

impl Record {
    /// Whether it can be known again after a restart: at an address, and not by a number that was
    /// drawn for one run.
    pub(in crate::swarm) fn outlives_a_restart(&self) -> bool {
        self.flags & OF_VISITOR == 0 && (self.v4 != NO_ADDRESS || self.v6.is_some())
    }

    /// Writes it, with ages for times.
    pub(in crate::swarm) fn pack(&self, now: Tick, out: &mut Vec<u8>) {
        out.extend(self.uploaded.to_le_bytes());
        out.extend(self.downloaded.to_le_bytes());
        out.extend(self.user_low.to_le_bytes());
        out.extend(self.session.to_le_bytes());
        out.extend(self.said.to_le_bytes());
        out.extend(self.seen.age_s(now).to_le_bytes());
        out.extend(self.told_age_s(now).to_le_bytes());
        out.extend([self.user_high, self.flags, 0, 0]);
        out.extend(self.v4);
        out.extend(self.v6.as_deref().unwrap_or(&[0; 18]));
    }

    /// Reads one back, `away_s` seconds later.
    pub(in crate::swarm) fn unpack(bytes: &[u8; PACKED], now: Tick, away_s: u32) -> Option<Self> {
        let long = |at| crate::wire::field(bytes, at).ok().map(u64::from_le_bytes);
        let word = |at| crate::wire::field(bytes, at).ok().map(u32::from_le_bytes);
        let at = |age_s: u32| Tick(now.0.wrapping_sub(age_s.saturating_add(away_s)));
        let [user_high, flags, ..]: [u8; 4] = crate::wire::field(bytes, 36).ok()?;
        let v6 = crate::wire::field(bytes, 46).ok().filter(|wire| *wire != [0; 18]);
        Some(Self {
            uploaded: long(0)?,
            downloaded: long(8)?,
            v6: v6.map(Box::new),
            user_low: word(16)?,
            session: word(20)?,
            said: word(24)?,
            v4: crate::wire::field(bytes, 40).ok()?,
            seen: Seen::at(at(word(28)?)),
            told: told(at(word(32)?)),
            user_high,
            flags,
        })
    }
}
