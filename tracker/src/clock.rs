//! Time as an argument: a monotonic tick for ages, wall time for keys and the journal.
#![expect(clippy::disallowed_methods, reason = "the one place that reads the clocks")]

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Whole seconds since the tracker started; never goes back (RUN-5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tick(pub u32);

impl Tick {
    /// Seconds from `earlier` to here; 0 when `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> u32 {
        self.0.saturating_sub(earlier.0)
    }
}

/// One reading of both clocks, shared by a whole batch of packets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// Monotonic seconds.
    pub tick: Tick,
    /// Milliseconds since 1970, as the machine believes.
    pub unix_ms: u64,
}

impl Moment {
    /// Whole seconds since 1970.
    #[must_use]
    pub fn unix_s(self) -> u64 {
        self.unix_ms / 1000
    }
}

/// Where a tracker reads the time.
#[derive(Debug)]
pub enum Clock {
    /// The machine's clocks, counted from this instant.
    System(Instant),
    /// A clock that tests turn: milliseconds that serve as both times, and how far somebody set
    /// the wall clock since.
    Fixed(AtomicU64, AtomicI64),
}

impl Clock {
    /// The machine's clocks.
    #[must_use]
    pub fn system() -> Self {
        Self::System(Instant::now())
    }

    /// A stopped clock at `unix_ms`; its tick is the same time in seconds.
    #[must_use]
    pub fn fixed(unix_ms: u64) -> Self {
        Self::Fixed(AtomicU64::new(unix_ms), AtomicI64::new(0))
    }

    /// Moves a fixed clock on; does nothing to the machine's.
    pub fn advance(&self, ms: u64) {
        if let Self::Fixed(at, _) = self {
            at.fetch_add(ms, Ordering::SeqCst);
        }
    }

    /// Sets a fixed clock's wall time on or back; its tick goes on as machines' do.
    pub fn jump(&self, ms: i64) {
        if let Self::Fixed(_, jumped) = self {
            jumped.fetch_add(ms, Ordering::SeqCst);
        }
    }

    /// Microseconds since it started, for how long things take.
    #[must_use]
    pub fn elapsed_us(&self) -> u64 {
        match self {
            Self::System(start) => u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX),
            Self::Fixed(at, _) => at.load(Ordering::SeqCst).saturating_mul(1000),
        }
    }

    /// Reads both times.
    #[must_use]
    pub fn now(&self) -> Moment {
        match self {
            Self::System(start) => Moment {
                // 136 years of uptime before this saturates.
                tick: Tick(u32::try_from(start.elapsed().as_secs()).unwrap_or(u32::MAX)),
                unix_ms: SystemTime::now()
                    .duration_since(UNIX_EPOCH)
                    .ok()
                    .and_then(|elapsed| u64::try_from(elapsed.as_millis()).ok())
                    .unwrap_or(0),
            },
            Self::Fixed(at, jumped) => {
                let at = at.load(Ordering::SeqCst);
                let unix_ms = at.saturating_add_signed(jumped.load(Ordering::SeqCst));
                Moment { tick: Tick(u32::try_from(at / 1000).unwrap_or(u32::MAX)), unix_ms }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn run_05_a_tick_never_yields_a_negative_age() {
        assert_eq!(Tick(5).since(Tick(9)), 0);
        assert_eq!(Tick(9).since(Tick(5)), 4);
    }

    #[test]
    fn a_fixed_clock_moves_only_when_told() {
        let clock = Clock::fixed(7_000);
        assert_eq!(clock.now(), clock.now());
        clock.advance(1_500);
        assert_eq!(clock.now(), Moment { tick: Tick(8), unix_ms: 8_500 });
    }
}
