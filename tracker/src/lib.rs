//! The data plane of Bottin: answers peers over UDP, HTTP and WebSocket from one swarm store.
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
//! | [`notices`] | what members were refused and why, for their pages |
//! | [`stats`] | counters, for the control plane |
//! | [`serve`] | sockets, threads, shutdown |
//! | [`config`], [`clock`] | settings; time |

mod asked;
pub mod clock;
pub mod config;
pub mod connection;
pub mod journal;
pub mod notices;
pub mod policy;
#[cfg(feature = "python")]
mod python;
pub mod serve;
pub mod stats;
pub mod swarm;
pub mod wire;

use crate::policy::{Member, Policy, Verdict};
use crate::swarm::Swarms;
use crate::wire::fact::Fact;
use crate::wire::{Event, Neighbours, Refusal, Warning};

pub use asked::Asked;

/// What is told beside the peers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// What the journal must know before the answer leaves.
    pub fact: Option<Fact>,
    /// A sentence for the client's window.
    pub warning: Option<Warning>,
    /// Seconds until the next announce, where not the usual.
    pub interval_s: Option<u32>,
    /// Whose announce it was, when it was let in.
    pub member: Option<Member>,
}

impl Told {
    /// Whether its release waits for a moderator.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.warning.is_some_and(|warning| warning.code == policy::PENDING_CODE)
    }
}

/// Answers one announce: peers and counts go to `out`.
///
/// # Errors
///
/// The refusal to send, with a sentence that says what to do.
pub fn answer<'p>(
    asked: &Asked<'_>,
    policy: &Policy<'p>,
    swarms: &Swarms,
    dice: &mut fastrand::Rng,
    out: &mut Neighbours,
) -> Result<Told, Refusal<'p>> {
    out.clear();
    let grant = match policy.judge(asked.announce) {
        Verdict::Accept(grant) => grant,
        Verdict::Refuse(refusal) => return Err(refusal),
        Verdict::Farewell(grant) => {
            let fact = grant.and_then(|grant| asked.last_word(&grant, swarms, dice, out));
            out.clear();
            return Ok(Told { fact, ..Told::default() });
        }
        Verdict::Wait { warning, interval_s } => {
            let interval_s = Some(interval_s);
            return Ok(Told { warning: Some(warning), interval_s, ..Told::default() });
        }
    };
    let is_leaving = asked.announce.event == Event::Stopped;
    if policy.is_stale && !is_leaving && !swarms.is_alive(&grant.swarm) {
        return Err(policy::out_of_touch());
    }
    let fact = swarms.announce(&asked.join(&grant), dice, out).map_err(|_| grant.crowded())?;
    let fact = fact.map(|fact| asked.marked(fact, out.counts));
    out.counts.completed = out.counts.completed.saturating_add(grant.completed_members);
    Ok(Told { fact, warning: grant.warning, interval_s: None, member: grant.member })
}
