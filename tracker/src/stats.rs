//! Counters for the control plane: one block per thread, added up when asked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

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
    /// Facts handed to the journal.
    Facts => "facts",
}

/// One thread's counters, padded so that threads do not share a cache line.
#[derive(Debug)]
#[repr(align(128))]
pub struct Block([AtomicU64; NAMES.len()]);

impl Default for Block {
    fn default() -> Self {
        Self(std::array::from_fn(|_| AtomicU64::new(0)))
    }
}

impl Block {
    /// Adds one.
    pub fn one(&self, counter: Counter) {
        self.add(counter, 1);
    }

    /// Adds `number`.
    pub fn add(&self, counter: Counter, number: u64) {
        if let Some(slot) = self.0.get(counter as usize) {
            // One thread writes a block: no locked instruction is needed to add.
            slot.store(slot.load(Ordering::Relaxed) + number, Ordering::Relaxed);
        }
    }
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
        let blocks = self.0.lock();
        let sum = |at: usize| {
            blocks
                .iter()
                .filter_map(|block| block.0.get(at))
                .map(|it| it.load(Ordering::Relaxed))
                .sum()
        };
        NAMES.iter().enumerate().map(|(at, name)| (*name, sum(at))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counters_add_up_over_threads() {
        let stats = Stats::default();
        stats.block().one(Counter::Facts);
        stats.block().add(Counter::Facts, 2);
        assert_eq!(stats.sums()[Counter::Facts as usize], ("facts", 3));
    }
}
