//! An announce on its way: what the swarm needs of it, and what the journal is told beside counters.

use crate::clock::Moment;
use crate::policy::Grant;
use crate::swarm::{Credit, Join, Swarms};
use crate::wire::address::Source;
use crate::wire::fact::{ALONE, Fact, IPV6, LATE, LONELY, Tag, Via};
use crate::wire::{Announce, Counts, Event, Neighbours};

/// An announce, where it came from, and what its protocol can carry back.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The report.
    pub announce: &'a Announce,
    /// Its sender.
    pub source: Source,
    /// Peers to return at most.
    pub want: usize,
    /// Whether an answer may carry both families.
    pub mixes_families: bool,
    /// The protocol.
    pub via: Via,
    /// The number of a browser that comes without a key.
    pub visitor: Option<u64>,
    /// When.
    pub now: Moment,
}

impl<'a> Asked<'a> {
    /// A fact that says which way it came, and who else was there to give to.
    pub(crate) fn marked(&self, fact: Fact, counts: Counts) -> Fact {
        let is_in = u32::from(self.announce.event != Event::Stopped);
        let lacks = u32::from(self.announce.left > 0) * is_in;
        let leechers = counts.leechers.saturating_sub(lacks);
        let others = counts.seeders.saturating_sub(is_in - lacks) + leechers;
        let marks =
            [(self.source.ip.is_ipv6(), IPV6), (leechers == 0, LONELY), (others == 0, ALONE)];
        let marks = marks.iter().filter(|(holds, _)| *holds).fold(0, |all, (_, mark)| all | mark);
        Fact { flags: fact.flags | self.via.flag() | marks, ..fact }
    }

    pub(crate) fn join(&self, grant: &Grant) -> Join<'a> {
        let Self { announce, source, want, mixes_families, now, .. } = *self;
        let Grant { swarm, release, completed_open: completed, .. } = *grant;
        let account = grant.member.map(|member| Credit {
            user: member.user,
            max_locations: member.max_locations,
            up_quarters: member.up_quarters,
            down_quarters: member.down_quarters,
        });
        // Nobody's account, yet told apart: they have no address to be known by.
        let visitor =
            |user| Credit { user, max_locations: u8::MAX, up_quarters: 4, down_quarters: 4 };
        let credit = account.or(self.visitor.map(visitor));
        Join { announce, source, swarm, release, completed, credit, want, mixes_families, now }
    }

    /// What a client that the policy refuses says as it leaves.
    pub(crate) fn last_word(
        &self,
        grant: &Grant,
        swarms: &Swarms,
        dice: &mut fastrand::Rng,
        out: &mut Neighbours,
    ) -> Option<Fact> {
        let fact = swarms.announce(&self.join(grant), dice, out).ok().flatten()?;
        let fact = self.marked(fact, out.counts);
        let tag = match grant.release {
            0 => Tag::Name(self.announce.info_hash.name()),
            _ => fact.tag,
        };
        Some(Fact { flags: fact.flags | LATE, tag, ..fact })
    }
}
