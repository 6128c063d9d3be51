//! Counters for the control plane: one block per thread, added up when asked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident => $text:literal,)*) => {
        /// What is counted.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Counter { $($(#[$doc])* $name,)* }

        /// The names under which Python reads the counters, in order.
        pub const NAMES: &[&str] = &[$($text),*];
    };
}

counters! {
    /// Connection ids given.
    UdpConnects => "udp_connects",
    /// Announces answered with peers or counts over UDP.
    UdpAnnounces => "udp_announces",
    /// Scrapes answered over UDP.
    UdpScrapes => "udp_scrapes",
    /// Errors sent over UDP.
    UdpErrors => "udp_errors",
    /// Datagrams that are no request; met with silence.
    UdpMalformed => "udp_malformed",
    /// Requests with a connection id we did not give, or too old; met with silence.
    UdpBadConnection => "udp_bad_connection",
    /// Requests over their sender's rate; met with silence.
    UdpLimited => "udp_limited",
    /// Answers the kernel would not send.
    UdpSendErrors => "udp_send_errors",
    /// Announces answered over HTTP.
    HttpAnnounces => "http_announces",
    /// Scrapes answered over HTTP.
    HttpScrapes => "http_scrapes",
    /// Failures sent over HTTP.
    HttpFailures => "http_failures",
    /// Requests that are not HTTP, or not ours.
    HttpMalformed => "http_malformed",
    /// Requests over their sender's rate.
    HttpLimited => "http_limited",
    /// Connections taken.
    HttpConnections => "http_connections",
    /// Connections refused because all places were taken.
    HttpFull => "http_full",
    /// Connections refused because their host holds as many as it may.
    HttpCrowded => "http_crowded",
    /// Connections closed for slowness.
    HttpTimeouts => "http_timeouts",
    /// WebSocket connections taken.
    WebConnections => "ws_connections",
    /// WebSocket connections ended, for whatever reason.
    WebClosed => "ws_closed",
    /// WebSocket connections ended for silence.
    WebIdle => "ws_idle",
    /// WebSocket connections refused because all places were taken.
    WebFull => "ws_full",
    /// Announces answered over WebSocket.
    WebAnnounces => "ws_announces",
    /// Scrapes answered over WebSocket.
    WebScrapes => "ws_scrapes",
    /// Offers passed on.
    WebOffers => "ws_offers",
    /// Answers passed on.
    WebAnswers => "ws_answers",
    /// Answers to what was not offered, or no longer; dropped.
    WebUnasked => "ws_unasked",
    /// Offers and answers that found their recipient's queue full.
    WebLost => "ws_lost",
    /// Failures sent over WebSocket.
    WebFailures => "ws_failures",
    /// Messages that are none of this protocol, and streams that are no WebSocket.
    WebMalformed => "ws_malformed",
    /// Announces let into a swarm.
    Accepted => "announces_accepted",
    /// Announces told to wait for a moderator.
    Waiting => "announces_waiting",
    /// Announces refused.
    Refused => "announces_refused",
    /// Answers left without peers: the account had its share of lists.
    OverQuota => "lists_over_quota",
    /// Lists cut short for an account that never moved a byte.
    Ghosts => "lists_cut_short",
    /// Times an account came from one network more than it should within an hour.
    ManyNetworks => "many_networks",
    /// Scrapes left unanswered under overload.
    ShedScrapes => "shed_scrapes",
    /// Announces for hashes that are not listed, left unanswered under overload.
    ShedUnknown => "shed_unknown",
    /// Facts handed to the journal.
    Facts => "facts",
}

/// What is measured, in powers of two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Datagrams taken at once.
    UdpBatch,
    /// Microseconds from a batch's receipt until its answers have left.
    UdpAnswerUs,
    /// Requests answered in one turn.
    HttpBatch,
    /// Microseconds from a turn's begin until its answers have left.
    HttpAnswerUs,
}

/// The names under which Python reads the measures, in order.
pub const MEASURES: [&str; 4] = ["udp_batch", "udp_answer_us", "http_batch", "http_answer_us"];
/// Upper bounds of the classes: 1, 2, 4 … 2^23 and above; eight seconds in microseconds.
pub const CLASSES: usize = 25;
const FAMILIES: usize = 2;

/// How often each class of a measure was met, and the sum of what was measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    /// One count for each class.
    pub classes: [u64; CLASSES],
    /// The sum of all values.
    pub sum: u64,
}

#[derive(Debug)]
struct Classes {
    met: [AtomicU64; CLASSES],
    sum: AtomicU64,
}

/// One thread's counters, padded so that threads do not share a cache line.
#[derive(Debug)]
#[repr(align(128))]
pub struct Block {
    counters: [[AtomicU64; FAMILIES]; NAMES.len()],
    measures: [Classes; MEASURES.len()],
    family: AtomicUsize,
}

impl Default for Block {
    fn default() -> Self {
        let zero = || AtomicU64::new(0);
        Self {
            counters: std::array::from_fn(|_| std::array::from_fn(|_| zero())),
            measures: std::array::from_fn(|_| Classes {
                met: std::array::from_fn(|_| zero()),
                sum: zero(),
            }),
            family: AtomicUsize::new(0),
        }
    }
}

impl Block {
    /// Counts what follows as the family's of an address.
    pub fn turn_to(&self, is_v6: bool) {
        self.family.store(usize::from(is_v6), Ordering::Relaxed);
    }

    /// Adds one.
    pub fn one(&self, counter: Counter) {
        self.add(counter, 1);
    }

    /// Adds `number`.
    pub fn add(&self, counter: Counter, number: u64) {
        let family = self.family.load(Ordering::Relaxed);
        if let Some(slot) = self.counters.get(counter as usize).and_then(|it| it.get(family)) {
            raise(slot, number);
        }
    }

    /// Notes that `times` requests met `value`.
    pub fn observe(&self, measure: Measure, value: u64, times: usize) {
        let Some(measure) = self.measures.get(measure as usize) else { return };
        let class = value.saturating_sub(1).checked_ilog2().map_or(0, |it| it as usize + 1);
        if let Some(slot) = measure.met.get(class.min(CLASSES - 1)) {
            raise(slot, times as u64);
        }
        raise(&measure.sum, value.saturating_mul(times as u64));
    }
}

/// One thread writes a block: no locked instruction is needed to add.
fn raise(slot: &AtomicU64, number: u64) {
    slot.store(slot.load(Ordering::Relaxed).wrapping_add(number), Ordering::Relaxed);
}

/// All threads' counters.
#[derive(Debug, Default)]
pub struct Stats(parking_lot::Mutex<Vec<Arc<Block>>>);

impl Stats {
    /// A block for one more thread.
    #[must_use]
    pub fn block(&self) -> Arc<Block> {
        let block = Arc::new(Block::default());
        self.0.lock().push(Arc::clone(&block));
        block
    }

    /// Each counter's name and sum since the start.
    #[must_use]
    pub fn sums(&self) -> Vec<(&'static str, u64)> {
        self.by_family().into_iter().map(|(name, [v4, v6])| (name, v4 + v6)).collect()
    }

    /// Each counter's name and sums since the start, IPv4 and IPv6.
    #[must_use]
    pub fn by_family(&self) -> Vec<(&'static str, [u64; 2])> {
        let blocks = self.0.lock();
        let sum = |at: usize, family: usize| {
            let slots = blocks.iter().filter_map(|block| block.counters.get(at)?.get(family));
            slots.map(|slot| slot.load(Ordering::Relaxed)).sum()
        };
        NAMES.iter().enumerate().map(|(at, name)| (*name, [sum(at, 0), sum(at, 1)])).collect()
    }

    /// Each measure's name and histogram since the start.
    #[must_use]
    pub fn histograms(&self) -> Vec<(&'static str, Histogram)> {
        let blocks = self.0.lock();
        let histogram = |at: usize| {
            let mut whole = Histogram::default();
            for measure in blocks.iter().filter_map(|block| block.measures.get(at)) {
                for (class, met) in whole.classes.iter_mut().zip(&measure.met) {
                    *class += met.load(Ordering::Relaxed);
                }
                whole.sum += measure.sum.load(Ordering::Relaxed);
            }
            whole
        };
        MEASURES.iter().enumerate().map(|(at, name)| (*name, histogram(at))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_add_up_over_threads_and_families() {
        let stats = Stats::default();
        stats.block().one(Counter::Facts);
        let second = stats.block();
        second.turn_to(true);
        second.add(Counter::Facts, 2);
        assert_eq!(stats.sums()[Counter::Facts as usize], ("facts", 3));
        assert_eq!(stats.by_family()[Counter::Facts as usize], ("facts", [1, 2]));
    }

    #[test]
    fn run_12_a_class_holds_what_is_at_most_its_bound() {
        let stats = Stats::default();
        let block = stats.block();
        for value in [0, 1, 2, 3, 4, 5, u64::MAX] {
            block.observe(Measure::UdpBatch, value, 1);
        }
        let (name, histogram) = stats.histograms()[Measure::UdpBatch as usize];
        assert_eq!(name, "udp_batch");
        assert_eq!(histogram.classes[..4], [2, 1, 2, 1]);
        assert_eq!(histogram.classes[CLASSES - 1], 1);
    }
}
