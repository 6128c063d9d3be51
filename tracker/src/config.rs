//! Settings: read from JSON, checked once, refused with a sentence.

mod abuse;
mod secret;
mod web;

pub use abuse::{Family, NETWORKS, Quota, WINDOWS};
pub use secret::Secret;
use serde::Deserialize;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
pub use web::Web;

/// A range of addresses, `address/bits` or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Network {
    address: u128,
    bits: u32,
}

fn as_v6(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().into(),
        IpAddr::V6(v6) => v6.into(),
    }
}

impl Network {
    /// Whether `ip` lies in it.
    #[must_use]
    pub fn contains(&self, ip: IpAddr) -> bool {
        let differing = as_v6(ip) ^ self.address;
        self.bits == 0 || differing >> (128 - self.bits) == 0
    }
}

impl TryFrom<String> for Network {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        const WRONG: &str = "must be an address or address/bits";
        let (address, bits) = text.split_once('/').unwrap_or((&text, ""));
        let ip: IpAddr = address.parse().map_err(|_| WRONG)?;
        let width: u32 = if ip.is_ipv4() { 32 } else { 128 };
        let bits: u32 = if bits.is_empty() { width } else { bits.parse().map_err(|_| WRONG)? };
        if bits > width {
            return Err(WRONG);
        }
        // IPv4 is kept as its mapped form, 96 bits in.
        Ok(Self { address: as_v6(ip), bits: bits + 128 - width })
    }
}

/// Bounds on what strangers may ask and hold.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rates {
    /// Announces and scrapes per second and IPv4 address or IPv6 /64; 0 for no limit.
    pub announces_per_s: u32,
    /// How many may come at once.
    pub announce_burst: u32,
    /// UDP connects per second and IPv4 /24 or IPv6 /64; 0 for no limit.
    pub connects_per_s: u32,
    /// How many may come at once.
    pub connect_burst: u32,
    /// Whether this machine itself is free of limits.
    pub exempt_loopback: bool,
    /// HTTP connections at once.
    pub max_connections: usize,
    /// HTTP connections at once of one IPv4 address or IPv6 /64; 0 for no limit.
    pub max_connections_per_host: u32,
    /// Seconds a client has to send a request or to take an answer.
    pub http_timeout_s: u32,
}

impl Default for Rates {
    fn default() -> Self {
        Self {
            announces_per_s: 100,
            announce_burst: 5_000,
            connects_per_s: 200,
            connect_burst: 5_000,
            exempt_loopback: false,
            max_connections: 8_192,
            max_connections_per_host: 256,
            http_timeout_s: 10,
        }
    }
}

/// A tracker without a site: who may share what comes from lists, and nobody has an account.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Standalone {
    /// Torrents held at once where all are served.
    pub max_torrents: usize,
    /// Torrents that are new here and come from one IPv4 /24 or IPv6 /64 in an hour; 0 for no limit.
    pub new_torrents_per_hour: u32,
}

impl Default for Standalone {
    fn default() -> Self {
        Self { max_torrents: 2_000_000, new_torrents_per_hour: 1_000 }
    }
}

/// Everything a tracker is told at start.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Addresses served, each over UDP and TCP; port 0 takes a free one. `[::]` serves IPv6
    /// only: name `0.0.0.0` beside it for IPv4.
    pub listen: Vec<SocketAddr>,
    /// Addresses served over TLS alone: HTTPS and WSS.
    pub tls_listen: Vec<SocketAddr>,
    /// The certificate chain shown there, a PEM file.
    pub tls_certificate: Option<PathBuf>,
    /// Its private key, a PEM file.
    pub tls_key: Option<PathBuf>,
    /// Unix sockets served over HTTP, for a proxy on this machine whose `X-Forwarded-For` is believed.
    pub unix_listen: Vec<PathBuf>,
    /// Threads per address for UDP, and in all for HTTP; 0 for one per core, at most 16.
    pub threads: usize,
    /// Keys announce keys; random when absent, and then no key is good.
    pub key_secret: Secret,
    /// Keys connection ids; the same on every instance.
    pub connection_secret: Secret,
    /// Keys the journal's session names; must outlive restarts.
    pub session_secret: Secret,
    /// Seconds a connection id is good for, at least; 60 to 120.
    pub connection_slot_s: u32,
    /// Where the journal goes; none is kept when absent.
    pub journal_dir: Option<PathBuf>,
    /// It is opened at the start only: until then another tracker may write it.
    pub journal_waits: bool,
    /// Bytes after which a segment is closed.
    pub journal_segment_bytes: u64,
    /// Bytes of facts kept while the disk takes none.
    pub journal_backlog_bytes: usize,
    /// Seconds between a client's announces.
    pub interval_s: u32,
    /// Seconds added at random, against herds.
    pub interval_jitter_s: u32,
    /// Seconds before which an announce brings no peers.
    pub min_interval_s: u32,
    /// Seconds after which a silent peer is forgotten.
    pub peer_timeout_s: u32,
    /// Peers returned to a client that does not say.
    pub numwant_default: u32,
    /// Peers returned at most.
    pub numwant_max: u32,
    /// Addresses kept in one swarm.
    pub max_peers_per_swarm: usize,
    /// Peers kept in all.
    pub max_peers: usize,
    /// Clients of one account in one swarm.
    pub max_locations_per_user: u8,
    /// Whether local addresses are handed out; when absent, to clients of a local listener.
    pub allow_private_addresses: Option<bool>,
    /// Ports no peer may claim.
    pub denied_ports: Vec<u16>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Proxies whose TCP connections begin with a header of the PROXY protocol, version 2.
    pub proxy_protocol: Vec<Network>,
    /// Whether their datagrams do, too.
    pub proxy_protocol_udp: bool,
    /// Heads of the peer ids of clients that are served; when there are any, no others are.
    pub allowed_clients: Vec<Family>,
    /// Those of clients that are told to be updated.
    pub warned_clients: Vec<Family>,
    /// Those of clients that are refused.
    pub denied_clients: Vec<Family>,
    /// Answers with peers that an account may take over time; three at most.
    pub list_quotas: Vec<Quota>,
    /// Networks of one family from which an account may announce within an hour before the site
    /// is told; 0 for any number.
    pub networks_per_hour: u8,
    /// Lists in a day after which an account that never moved a byte gets short ones; 0 is none.
    pub lists_in_vain: u32,
    /// Whether scrapes, strangers and lists of peers are put off when too much comes.
    pub sheds_load: bool,
    /// Seconds without word from the control plane after which no new swarm begins; 0 for never.
    pub policy_max_age_s: u32,
    /// What `GET /` says.
    pub site_name: String,
    /// Bounds on strangers.
    pub limits: Rates,
    /// Bounds where there is no site; absent where there is one.
    pub standalone: Option<Standalone>,
    /// WebSocket clients.
    pub web: Web,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: vec![([127, 0, 0, 1], 6969).into()],
            tls_listen: Vec::new(),
            tls_certificate: None,
            tls_key: None,
            unix_listen: Vec::new(),
            threads: 0,
            key_secret: Secret::random(),
            connection_secret: Secret::random(),
            session_secret: Secret::random(),
            connection_slot_s: 120,
            journal_dir: None,
            journal_waits: false,
            journal_segment_bytes: 64 << 20,
            journal_backlog_bytes: 64 << 20,
            interval_s: 1_800,
            interval_jitter_s: 180,
            min_interval_s: 60,
            peer_timeout_s: 2_700,
            numwant_default: 50,
            numwant_max: 200,
            max_peers_per_swarm: 1_000_000,
            max_peers: 20_000_000,
            max_locations_per_user: 3,
            allow_private_addresses: None,
            denied_ports: vec![22, 25, 53, 80, 443],
            trusted_proxies: Vec::new(),
            proxy_protocol: Vec::new(),
            proxy_protocol_udp: false,
            allowed_clients: Vec::new(),
            warned_clients: Vec::new(),
            denied_clients: Vec::new(),
            list_quotas: abuse::quotas(),
            networks_per_hour: 4,
            lists_in_vain: 200,
            sheds_load: true,
            policy_max_age_s: 0,
            site_name: String::from("Bottin"),
            limits: Rates::default(),
            standalone: None,
            web: Web::default(),
        }
    }
}

/// Why settings are refused: a sentence that names the key.
#[derive(Debug, PartialEq, Eq)]
pub struct ConfigError(pub String);

impl fmt::Display for ConfigError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Config {
    /// Reads and checks settings.
    ///
    /// # Errors
    ///
    /// A sentence that names the unknown, wrong or impossible key.
    pub fn read(json: &str) -> Result<Self, ConfigError> {
        let mut reader = serde_json::Deserializer::from_str(json);
        let config: Self = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
            ConfigError(format!("tracker setting {}: {}", error.path(), error.inner()))
        })?;
        reader.end().map_err(|error| ConfigError(format!("tracker settings: {error}")))?;
        config.validate()?;
        Ok(config)
    }

    fn validate(&self) -> Result<(), ConfigError> {
        let impossible = [
            (
                self.listen.is_empty() && self.tls_listen.is_empty() && self.unix_listen.is_empty(),
                "listen must name at least one address",
            ),
            (!(60..=120).contains(&self.connection_slot_s), "connection_slot_s must be 60 to 120"),
            (
                !self.tls_listen.is_empty()
                    && (self.tls_certificate.is_none() || self.tls_key.is_none()),
                "tls_listen goes with tls_certificate and tls_key",
            ),
            (self.threads > 64, "threads must be at most 64"),
            (self.interval_s < 10, "interval_s must be at least 10"),
            (self.min_interval_s > self.interval_s, "min_interval_s must not exceed interval_s"),
            (
                self.peer_timeout_s <= self.interval_s.saturating_add(self.interval_jitter_s),
                "peer_timeout_s must exceed interval_s + interval_jitter_s, or peers are lost",
            ),
            (self.peer_timeout_s > 86_400, "peer_timeout_s must be at most a day"),
            (self.numwant_max > 200, "numwant_max must be at most 200"),
            (
                self.numwant_default > self.numwant_max,
                "numwant_default must not exceed numwant_max",
            ),
            (self.max_locations_per_user == 0, "max_locations_per_user must be at least 1"),
            (self.max_peers_per_swarm == 0, "max_peers_per_swarm must be at least 1"),
            (self.max_peers == 0, "max_peers must be at least 1"),
            (self.journal_segment_bytes < 128, "journal_segment_bytes must be at least 128"),
            (self.limits.http_timeout_s == 0, "limits.http_timeout_s must be at least 1"),
            (self.limits.max_connections == 0, "limits.max_connections must be at least 1"),
        ];
        let wrong = impossible.iter().find(|(is_so, _)| *is_so).map(|(_, sentence)| *sentence);
        match wrong.or_else(|| self.web.fault()).or_else(|| self.abuse_fault()) {
            Some(sentence) => Err(ConfigError(format!("tracker setting {sentence}"))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(json: &str) -> String {
        Config::read(json).unwrap_err().0
    }

    #[test]
    fn no_setting_at_all_is_a_safe_tracker() {
        let config = Config::read("{}").unwrap();
        assert!(config.listen[0].ip().is_loopback());
        assert_ne!(config.key_secret, Config::default().key_secret);
    }

    #[test]
    fn a_wrong_setting_is_refused_by_name() {
        for (json, word) in [
            (r#"{"lisen": []}"#, "lisen"),
            (r#"{"listen": ["nowhere"]}"#, "listen"),
            (r#"{"listen": []}"#, "listen"),
            (r#"{"threads": "two"}"#, "threads"),
            (r#"{"key_secret": "abc"}"#, "key_secret"),
            (r#"{"trusted_proxies": ["10.0.0.0/33"]}"#, "trusted_proxies"),
            (r#"{"peer_timeout_s": 60}"#, "peer_timeout_s"),
            (r#"{"limits": {"rate": 1}}"#, "rate"),
            (r#"{"tls_listen": ["127.0.0.1:0"]}"#, "tls_key"),
            (r#"{"numwant_max": 5}"#, "numwant_default"),
        ] {
            let sentence = refused(json);
            assert!(sentence.contains(word), "{json}: {sentence}");
        }
    }

    #[test]
    fn abuse_07_a_secret_is_never_printed() {
        let config = Config::read(&format!(r#"{{"key_secret": "{}"}}"#, "ab".repeat(32))).unwrap();
        assert_eq!(config.key_secret.bytes(), &[0xab; 32]);
        assert_eq!(format!("{:?}", config.key_secret), "***");
    }

    #[test]
    fn a_network_contains_its_addresses() {
        let network = |text: &str| Network::try_from(text.to_owned()).unwrap();
        assert!(network("10.0.0.0/8").contains("10.9.9.9".parse().unwrap()));
        assert!(!network("10.0.0.0/8").contains("11.0.0.0".parse().unwrap()));
        assert!(network("::1").contains("::1".parse().unwrap()));
        assert!(network("2001:db8::/32").contains("2001:db8:1::".parse().unwrap()));
        assert!(!network("0.0.0.0/0").contains("2001:db8::".parse().unwrap()));
    }
}
