//! How far a thread is behind, and what it puts off until it has caught up (ABUSE-10).
//!
//! A full batch means that more waits in the socket; a batch that is not full
//! has emptied it. So many full ones in a row are a queue of so many batches.
//! First to go are scrapes and strangers, then peers in answers, whose clients
//! come back later; members' announces are answered to the last, and changes of
//! policy never wait.

/// Full batches in a row: some ten milliseconds of queue, three times that, six times that.
const STRANGERS: u32 = 32;
const LISTS: u32 = 96;
const BARE: u32 = 192;
/// Peers in an answer while lists are short.
const SHORT_LIST: usize = 10;

/// What is put off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// Nothing.
    Calm,
    /// Scrapes, and announces for hashes that are not listed.
    Strangers,
    /// Most peers in answers; clients come back in half as much time again.
    Lists,
    /// All peers in answers; clients come back in twice the time.
    Bare,
}

impl Stage {
    /// How long clients stay away, in halves of the usual interval.
    pub(super) fn halves(self) -> u32 {
        match self {
            Self::Calm | Self::Strangers => 2,
            Self::Lists => 3,
            Self::Bare => 4,
        }
    }
}

/// The pressure on one thread.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pressure {
    full: u32,
    is_heeded: bool,
}

impl Pressure {
    pub(super) fn new(is_heeded: bool) -> Self {
        Self { full: 0, is_heeded }
    }

    /// Notes whether a batch was full.
    pub(super) fn note(&mut self, is_full: bool) {
        self.full = if is_full { self.full.saturating_add(1) } else { 0 };
    }

    pub(super) fn stage(self) -> Stage {
        match self.full {
            _ if !self.is_heeded => Stage::Calm,
            0..STRANGERS => Stage::Calm,
            STRANGERS..LISTS => Stage::Strangers,
            LISTS..BARE => Stage::Lists,
            BARE.. => Stage::Bare,
        }
    }

    /// Peers given at most to one who asks for `want`.
    pub(super) fn most(self, want: usize) -> usize {
        match self.stage() {
            Stage::Calm | Stage::Strangers => want,
            Stage::Lists => want.min(SHORT_LIST),
            Stage::Bare => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abuse_10_strangers_go_first_then_lists_and_all_returns_once_caught_up() {
        let mut pressure = Pressure::new(true);
        let mut stages = vec![pressure.stage()];
        for _ in 0..1_000 {
            pressure.note(true);
            if stages.last() != Some(&pressure.stage()) {
                stages.push(pressure.stage());
            }
        }
        assert_eq!(stages, [Stage::Calm, Stage::Strangers, Stage::Lists, Stage::Bare]);
        assert_eq!(pressure.most(50), 0);
        pressure.note(false);
        assert_eq!((pressure.stage(), pressure.most(50)), (Stage::Calm, 50));
    }

    #[test]
    fn abuse_10_a_burst_puts_nothing_off() {
        let mut pressure = Pressure::new(true);
        (0..STRANGERS - 1).for_each(|_| pressure.note(true));
        assert_eq!(pressure.stage(), Stage::Calm);
    }

    #[test]
    fn abuse_10_a_bench_may_ask_for_the_full_work() {
        let mut pressure = Pressure::new(false);
        (0..1_000).for_each(|_| pressure.note(true));
        assert_eq!((pressure.most(50), pressure.stage().halves()), (50, 2));
    }
}
