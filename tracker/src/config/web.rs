//! Settings of WebSocket clients (WS-4).

use serde::Deserialize;

/// Intervals and bounds of WebSocket clients.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Web {
    /// Connections at once; 0 for none, and then nobody is upgraded.
    pub max_connections: usize,
    /// Swarms that one connection may take part in.
    pub max_swarms: usize,
    /// Seconds between a client's announces.
    pub interval_s: u32,
    /// Seconds after which a client is forgotten that does not announce.
    pub peer_timeout_s: u32,
    /// Seconds within which an offer may be answered.
    pub offer_timeout_s: u32,
    /// Seconds without a message after which a connection is closed.
    pub idle_timeout_s: u32,
    /// Bytes of a message.
    pub max_message_bytes: usize,
    /// Offers of one announce that are passed on.
    pub max_offers: usize,
    /// Info-hashes of one scrape that are answered.
    pub max_scrape: usize,
}

impl Default for Web {
    fn default() -> Self {
        Self {
            max_connections: 8_192,
            max_swarms: 1_000,
            interval_s: 120,
            peer_timeout_s: 180,
            offer_timeout_s: 120,
            idle_timeout_s: 180,
            max_message_bytes: 64 * 1024,
            max_offers: 10,
            max_scrape: 255,
        }
    }
}

impl Web {
    /// Why these settings cannot work, as the path of one and what is wrong with it.
    pub(super) fn fault(&self) -> Option<&'static str> {
        if self.interval_s == 0 {
            Some("web.interval_s must be at least 1")
        } else if self.peer_timeout_s < self.interval_s + self.interval_s / 10 {
            Some("web.peer_timeout_s must exceed web.interval_s by a tenth")
        } else if self.idle_timeout_s < self.interval_s + self.interval_s / 10 {
            Some("web.idle_timeout_s must exceed web.interval_s by a tenth")
        } else if self.max_message_bytes < 1_024 {
            Some("web.max_message_bytes must be at least 1024")
        } else {
            None
        }
    }
}
