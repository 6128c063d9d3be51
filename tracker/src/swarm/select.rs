//! Which peers are returned: as many as asked, at random, in time that depends on the answer only.

use crate::swarm::addresses::{Address, Addresses};
use crate::swarm::peers::Peers;
use crate::wire::Neighbours;
use crate::wire::address::is_private_wire;
use fastrand::Rng;

/// Peers copied together from one place: neighbours in memory cost one cache miss.
const RUN: usize = 8;
/// Lists shorter than this are a few cache lines long, so each peer is drawn alone.
const SHORT: usize = 64;

/// What an announcer may be given.
pub(super) struct Question<'a> {
    pub(super) addresses: &'a Addresses,
    /// The announcer's own addresses, never returned to it (EVT-8).
    pub(super) own: [Option<Address>; 2],
    /// Seeders get only leechers (EVT-9).
    pub(super) seeks_seeders: bool,
    /// Local addresses stay off public listeners (ID-9).
    pub(super) hides_local: bool,
    pub(super) want: usize,
}

impl Question<'_> {
    /// Adds up to `want` peers of one family to `out`.
    pub(super) fn pick(&self, is_v6: bool, dice: &mut Rng, out: &mut Neighbours) {
        if is_v6 {
            if let Some(peers) = self.addresses.v6() {
                self.pick_from(peers, dice, &mut out.v6);
            }
        } else {
            self.pick_from(self.addresses.v4(), dice, &mut out.v4);
        }
    }

    fn pick_from<const N: usize>(&self, peers: &Peers<N>, dice: &mut Rng, out: &mut Vec<u8>) {
        if self.want == 0 {
            return;
        }
        let list = if self.seeks_seeders { peers.all() } else { peers.leechers() };
        let hidden = if self.hides_local { self.addresses.local() } else { 0 };
        // Nobody is held under port 0, so zeros are nobody's address.
        let own = self.own.iter().flatten().find_map(|own| own.wire().try_into().ok());
        let own: [u8; N] = own.unwrap_or([0; N]);
        let start = out.len();
        // As many more as may be left out below.
        draw(list, self.want.saturating_add(hidden + 1), dice, |run| {
            if hidden == 0 && !run.contains(&own) {
                return out.extend_from_slice(run.as_flattened());
            }
            for peer in run {
                if *peer != own && (hidden == 0 || !is_private_wire(peer)) {
                    out.extend_from_slice(peer);
                }
            }
        });
        while out.len() - start > self.want * N {
            drop_one::<N>(out, start, dice);
        }
    }
}

/// Drops a drawn peer at random: dropping the last would starve the end of the list.
fn drop_one<const N: usize>(out: &mut Vec<u8>, start: usize, dice: &mut Rng) {
    let at = start + dice.usize(..(out.len() - start) / N) * N;
    let last = out.len() - N;
    if at != last {
        out.copy_within(last.., at);
    }
    out.truncate(last);
}

/// Calls `take` with slices that hold `want` of `peers`, each as likely as any other (EVT-10).
///
/// The list is cut into equal parts and one short run is drawn in each, around
/// its end: exact for any `want`, odd or one (HTTP-8), without a set of drawn
/// places to remember.
pub(super) fn draw<T>(peers: &[T], want: usize, dice: &mut Rng, mut take: impl FnMut(&[T])) {
    if want >= peers.len() {
        return take(peers);
    }
    // Runs only where parts are longer than runs by far: shares are exact then.
    let run = if peers.len() < SHORT || peers.len() < want * 2 { 1 } else { RUN };
    let parts = want.div_ceil(run);
    let (lengths, shares) = (Cuts::new(peers.len(), parts), Cuts::new(want, parts));
    // Parts and shares differ by one; a random rotation spreads that over all peers.
    let rotation = dice.usize(..peers.len());
    let (mut start, mut given) = (0, 0);
    for part in 1..=parts {
        let (end, due) = (lengths.end(part), shares.end(part));
        let length = end - start;
        let at = dice.usize(..length.max(1));
        let count = (due - given).min(length);
        // A run that meets the end of its part goes on where the part begins.
        let first = count.min(length - at);
        take_round(peers, rotation + start + at, first, &mut take);
        take_round(peers, rotation + start, count - first, &mut take);
        (start, given) = (end, due);
    }
}

/// Takes `count` peers from a place on, which may lie a turn ahead, past the last on to the first.
fn take_round<T>(peers: &[T], place: usize, count: usize, take: &mut impl FnMut(&[T])) {
    let place = if place < peers.len() { place } else { place - peers.len() };
    let first = count.min(peers.len() - place);
    for run in [peers.get(place..place + first), peers.get(..count - first)] {
        if let Some(run) = run
            && !run.is_empty()
        {
            take(run);
        }
    }
}

/// A number cut into equal parts, with one division for all of them.
struct Cuts {
    total: usize,
    parts: usize,
    step: u64,
}

impl Cuts {
    fn new(total: usize, parts: usize) -> Self {
        // Totals are below 2^24 (see index.rs), so 32 bits of fraction fit.
        Self { total, parts, step: ((total as u64) << 32) / (parts as u64).max(1) }
    }

    /// Where a part ends, counted from one.
    fn end(&self, part: usize) -> usize {
        if part == self.parts {
            return self.total;
        }
        usize::try_from((part as u64 * self.step) >> 32).unwrap_or(self.total)
    }
}

#[cfg(test)]
mod tests {
    use super::draw;
    use fastrand::Rng as Dice;
    use proptest::prelude::*;

    fn drawn(total: usize, want: usize, seed: u64) -> Vec<usize> {
        let peers: Vec<usize> = (0..total).collect();
        let mut taken = Vec::new();
        draw(&peers, want, &mut Dice::with_seed(seed), |run| taken.extend_from_slice(run));
        taken
    }

    proptest! {
        #[test]
        fn http_08_exactly_as_many_as_asked_and_none_twice(
            total in 0..2000_usize, want in 0..250_usize, seed: u64
        ) {
            let mut taken = drawn(total, want, seed);
            prop_assert_eq!(taken.len(), want.min(total));
            taken.sort_unstable();
            taken.dedup();
            prop_assert_eq!(taken.len(), want.min(total));
        }
    }

    #[test]
    fn evt_10_every_peer_is_as_likely_as_any_other() {
        for (total, want) in [(40, 1), (40, 7), (600, 50), (1_000, 31), (520, 500)] {
            let rounds = 20_000;
            let mut hits = vec![0_u32; total];
            for seed in 0..rounds {
                for peer in drawn(total, want, seed) {
                    hits[peer] += 1;
                }
            }
            let mean = rounds * want as u64 / total as u64;
            for (peer, count) in hits.iter().enumerate() {
                let percent = u64::from(*count) * 100 / mean;
                assert!((80..125).contains(&percent), "peer {peer} of {total}: {percent} %");
            }
        }
    }
}
