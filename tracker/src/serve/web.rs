//! A browser's announce: the line of every other, and a peer id bound to its connection.

use crate::clock::Tick;
use crate::policy::{Grant, Policy, Verdict};
use crate::swarm::Swarms;
use crate::swarm::web::{Claim, Line};
use crate::wire::{Event, Neighbours, Refusal};
use crate::{Asked, Told};
use fastrand::Rng;

/// A browser's place in a swarm.
#[derive(Clone, Copy, Debug)]
pub(super) struct Presence {
    /// What it is bound to.
    pub(super) claim: Claim,
    /// Whom its record belongs to: an account, or a visitor's number.
    pub(super) user: u64,
    /// When this connection was last heard in this swarm, if it was.
    pub(super) heard: Option<Tick>,
}

/// Answers one announce; the counts go to `out`. Where it is, unless it left or was not let in.
///
/// # Errors
///
/// The refusal to send, with a sentence that says what to do.
pub(super) fn answer<'p>(
    (asked, line): (&Asked<'_>, Line),
    policy: &Policy<'p>,
    swarms: &Swarms,
    dice: &mut Rng,
    out: &mut Neighbours,
) -> Result<(Told, Option<Presence>), Refusal<'p>> {
    let Verdict::Accept(grant) = policy.judge(asked.announce) else {
        return Ok((crate::answer(asked, policy, swarms, dice, out)?, None));
    };
    let leaves = asked.announce.event == Event::Stopped;
    let claim = claim(asked, &grant, line);
    let heard = match swarms.web().claim(&claim) {
        Ok(heard) => heard,
        // ERR-4: one who leaves is not told off, and nobody leaves for another.
        Err(_) if leaves => {
            out.clear();
            return Ok((Told::default(), None));
        }
        Err(_) => return Err(grant.taken()),
    };
    let user = claim.user.unwrap_or_else(|| swarms.visitor(asked.source));
    let visitor = claim.user.is_none().then_some(user);
    let told = crate::answer(&Asked { visitor, ..*asked }, policy, swarms, dice, out);
    if leaves || told.is_err() {
        let _ = swarms.web().release(&claim.swarm, &claim.peer_id, line);
    }
    let mut told = told?;
    told.fact = told.fact.filter(|_| visitor.is_none());
    let presence = Presence { claim, user, heard };
    Ok((told, Some(presence).filter(|_| !leaves)))
}

fn claim(asked: &Asked<'_>, grant: &Grant, line: Line) -> Claim {
    Claim {
        swarm: grant.swarm,
        asked: asked.announce.info_hash,
        peer_id: asked.announce.peer_id,
        line,
        user: grant.member.map(|member| member.user),
        is_seeder: asked.announce.left == 0,
        now: asked.now.tick,
    }
}
