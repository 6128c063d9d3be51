//! The data plane of Bottin: answers BitTorrent peers over UDP and HTTP from one swarm store.
//!
//! One announce is one line: [`wire`] reads it, [`policy`] judges it, [`swarm`]
//! takes it in and picks peers, [`journal`] writes what it reported, and
//! [`wire`] writes the answer. [`answer`] is that line.
//!
//! | module | owns |
//! |---|---|
//! | [`wire`] | bytes to types and back; no I/O, clock or state |
//! | [`policy`] | who may announce |
//! | [`swarm`] | who has what |
//! | [`connection`] | UDP connection ids |
//! | [`journal`] | what members reported, for the ledger |
//! | [`stats`] | counters, for the control plane |
//! | [`serve`] | sockets, threads, shutdown |
//! | [`config`], [`clock`] | settings; time |

pub mod clock;
pub mod config;
pub mod connection;
pub mod journal;
pub mod policy;
#[cfg(feature = "python")]
mod python;
pub mod serve;
pub mod stats;
pub mod swarm;
pub mod wire;

use crate::clock::Moment;
use crate::policy::{Grant, Policy, Verdict};
use crate::swarm::{Credit, Join, Swarms};
use crate::wire::address::Source;
use crate::wire::fact::Fact;
use crate::wire::{Announce, Neighbours, Refusal};

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
    /// When.
    pub now: Moment,
}

/// What is told beside the peers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// What the journal must know before the answer leaves.
    pub fact: Option<Fact>,
    /// A sentence for the client's window.
    pub warning: Option<&'static str>,
    /// Seconds until the next announce, where not the usual.
    pub interval_s: Option<u32>,
}

/// Answers one announce: peers and counts go to `out`.
///
/// # Errors
///
/// The refusal to send, with a sentence that says what to do.
pub fn answer(
    asked: &Asked<'_>,
    policy: &Policy<'_>,
    swarms: &Swarms,
    dice: &mut fastrand::Rng,
    out: &mut Neighbours,
) -> Result<Told, Refusal> {
    out.clear();
    let grant = match policy.judge(asked.announce) {
        Verdict::Accept(grant) => grant,
        Verdict::Refuse(refusal) => return Err(refusal),
        Verdict::Farewell => return Ok(Told::default()),
        Verdict::Wait { warning, interval_s } => {
            return Ok(Told { fact: None, warning: Some(warning), interval_s: Some(interval_s) });
        }
    };
    let fact = swarms.announce(&asked.join(&grant), dice, out).map_err(|_| grant.crowded())?;
    Ok(Told { fact, warning: grant.warning, interval_s: None })
}

impl<'a> Asked<'a> {
    fn join(&self, grant: &Grant) -> Join<'a> {
        let Self { announce, source, want, mixes_families, now } = *self;
        let Grant { swarm, release, completed, .. } = *grant;
        let credit = grant.member.map(|member| Credit {
            user: member.user,
            max_locations: member.max_locations,
            up_quarters: member.up_quarters,
            down_quarters: member.down_quarters,
        });
        Join { announce, source, swarm, release, completed, credit, want, mixes_families, now }
    }
}
