//! What a thread keeps at hand to answer announces and scrapes of any protocol.

use crate::clock::Moment;
use crate::notices::Notice;
use crate::policy::{self, Policy};
use crate::serve::habits::Doing;
use crate::serve::pressure::{Pressure, Stage};
use crate::serve::shared::{Shared, random_state};
use crate::stats::{Block, Counter};
use crate::wire::address::{Source, V4_BYTES, V6_BYTES};
use crate::wire::fact::{Fact, IPV6, Via};
use crate::wire::{Announce, AnnounceKey, Counts, Event, InfoHash, Neighbours, Refusal};
use crate::{Asked, Told};
use fastrand::Rng;
use std::num::NonZeroU16;
use std::sync::Arc;

/// Peers for one who took many and moved nothing: enough to begin with, too few to harvest.
const GHOST_PEERS: usize = 3;

/// What a protocol can carry back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Carrier {
    /// Peers that fit.
    pub(super) limit: usize,
    /// Whether both families do.
    pub(super) mixes_families: bool,
    /// The protocol.
    pub(super) via: Via,
}

/// One thread's desk.
pub(super) struct Desk {
    pub(super) shared: Arc<Shared>,
    pub(super) block: Arc<Block>,
    pub(super) neighbours: Neighbours,
    /// Requests answered since last measured.
    pub(super) answered: usize,
    pub(super) dice: Rng,
    /// How far this thread is behind.
    pub(super) pressure: Pressure,
    facts: Vec<Fact>,
}

impl Desk {
    pub(super) fn new(shared: &Arc<Shared>) -> Self {
        Self {
            shared: Arc::clone(shared),
            block: shared.stats.block(),
            neighbours: Neighbours::default(),
            answered: 0,
            dice: Rng::with_seed(random_state().hash_one(0)),
            pressure: Pressure::new(shared.config.sheds_load),
            facts: Vec::new(),
        }
    }

    /// Answers an announce into `neighbours` and keeps its fact for [`Desk::journal`].
    pub(super) fn announce<'p>(
        &mut self,
        policy: &Policy<'p>,
        announce: &Announce,
        source: Source,
        (carrier, now): (Carrier, Moment),
    ) -> Result<Told, Refusal<'p>> {
        let mut told = self.try_announce(policy, announce, source, (carrier, now));
        if let Ok(told) = &mut told {
            self.weigh(policy, announce, (source, carrier.via, now), told);
        }
        self.tally(policy, announce, (source, carrier.via, now), &told);
        told
    }

    /// Counts what became of an announce, and keeps its fact for [`Desk::journal`].
    pub(super) fn tally(
        &mut self,
        policy: &Policy<'_>,
        announce: &Announce,
        (source, via, now): (Source, Via, Moment),
        told: &Result<Told, Refusal<'_>>,
    ) {
        self.block.one(match told {
            Ok(told) if told.waits() => Counter::Waiting,
            Ok(_) => Counter::Accepted,
            Err(_) => Counter::Refused,
        });
        if let Some(code) = code_of(told) {
            self.note(policy, announce, (source, via), (code, now));
        }
        if let Ok(Told { fact: Some(fact), .. }) = told
            && self.shared.journal.get().is_some()
        {
            self.facts.push(*fact);
        }
    }

    /// Notes what a member's client takes and where it comes from: over its quota of lists it is
    /// given none and comes back later (ABUSE-5); who moves nothing gets short ones (BYTE-13); too many networks are told to the site (ID-14).
    pub(super) fn weigh(
        &mut self,
        policy: &Policy<'_>,
        announce: &Announce,
        (source, via, now): (Source, Via, Moment),
        told: &mut Told,
    ) {
        let Some(member) = told.member else { return };
        let takes_list = !(self.neighbours.v4.is_empty() && self.neighbours.v6.is_empty());
        let doing = Doing::of(announce, takes_list);
        let noted = self.shared.habits.note(member.user, source.ip, doing, now.tick);
        if noted.is_ghost {
            self.neighbours.v4.truncate(GHOST_PEERS * V4_BYTES);
            self.neighbours.v6.truncate(GHOST_PEERS * V6_BYTES);
            self.block.one(Counter::Ghosts);
        }
        if noted.is_over_quota {
            self.neighbours.v4.clear();
            self.neighbours.v6.clear();
            let config = &self.shared.config;
            told.interval_s = Some(config.stretched_s(config.interval_s, Stage::Bare.halves()));
            told.warning = told.warning.or(Some(policy::over_quota(member.language)));
            self.block.one(Counter::OverQuota);
        }
        if noted.is_spread {
            self.note(policy, announce, (source, via), ("many_networks", now));
            self.block.one(Counter::ManyNetworks);
        }
    }

    /// Keeps what a member should know, for the site's pages; a stranger's refusal is counted.
    fn note(
        &self,
        policy: &Policy<'_>,
        announce: &Announce,
        (source, via): (Source, Via),
        (code, now): (&'static str, Moment),
    ) {
        let (user, release) = policy.who(announce);
        let family = if source.ip.is_ipv6() { IPV6 } else { 0 };
        self.shared.notices.note(&Notice {
            user: user.unwrap_or(0),
            code,
            release,
            name: announce.info_hash.name(),
            client: announce.peer_id.client(),
            flags: via.flag() | family,
            time_ms: now.unix_ms,
        });
    }

    fn try_announce<'p>(
        &mut self,
        policy: &Policy<'p>,
        announce: &Announce,
        source: Source,
        (carrier, now): (Carrier, Moment),
    ) -> Result<Told, Refusal<'p>> {
        let config = &self.shared.config;
        let is_denied = |port: NonZeroU16| config.denied_ports.contains(&port.get());
        // Nobody will dial one who leaves (ERR-4).
        if announce.event != Event::Stopped && announce.port.is_some_and(is_denied) {
            return Err(policy::port_denied());
        }
        self.shared.alone.admit(policy, announce, source, (&self.shared.swarms, now.tick))?;
        let asked = announce.want.unwrap_or(config.numwant_default).min(config.numwant_max);
        let asked = Asked {
            announce,
            source,
            want: self.pressure.most(usize::try_from(asked).unwrap_or(0)).min(carrier.limit),
            mixes_families: carrier.mixes_families,
            via: carrier.via,
            visitor: None,
            now,
        };
        crate::answer(&asked, policy, &self.shared.swarms, &mut self.dice, &mut self.neighbours)
    }

    /// The counts a scrape may see; `None` for what is not its business.
    pub(super) fn counts(
        &self,
        policy: &Policy<'_>,
        info_hash: &InfoHash,
        key: &AnnounceKey,
    ) -> Option<Counts> {
        let release = policy.visible(info_hash, key)?;
        let counts = self.shared.swarms.counts(&release.canonical(), release.completed_open);
        let completed = counts.completed.saturating_add(release.completed_members);
        Some(Counts { completed, ..counts })
    }

    /// Seconds until the next announce, spread so that clients do not come in herds (EVT-11).
    ///
    /// Sooner while the swarms of a tracker that crashed fill up again, later while more comes
    /// than can be answered (ABUSE-10).
    pub(super) fn interval_s(&mut self, told: &Told, now: Moment) -> u32 {
        let config = &self.shared.config;
        if let Some(interval_s) = told.interval_s {
            return interval_s;
        }
        if self.shared.is_healing(now) {
            let soonest = config.min_interval_s.max(config.interval_s / 2);
            return self.dice.u32(soonest..=config.interval_s.max(soonest));
        }
        let usual = config.interval_s + self.dice.u32(..=config.interval_jitter_s);
        config.stretched_s(usual, self.pressure.stage().halves())
    }

    /// Writes the facts of a batch; called before its answers leave (JRN-3).
    pub(super) fn journal(&mut self, now: Moment) {
        if let Some(journal) = self.shared.journal.get() {
            self.block.add(Counter::Facts, self.facts.len() as u64);
            journal.append(&self.facts, now.unix_ms);
        }
        self.facts.clear();
    }
}

/// What is worth a note: a refusal, or a warning.
fn code_of(told: &Result<Told, Refusal<'_>>) -> Option<&'static str> {
    match told {
        Err(refusal) => Some(refusal.code),
        Ok(told) => told.warning.map(|warning| warning.code),
    }
}
