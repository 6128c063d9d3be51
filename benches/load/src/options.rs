//! What a run is told, as `name=value`.

use std::io;
use std::str::FromStr;

/// Every option of every command, with the defaults of the published figures.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "one for each option")]
pub(crate) struct Options {
    /// Torrents of the population.
    pub(crate) torrents: u32,
    /// Peers of the population.
    pub(crate) peers: u32,
    /// Members, when announces carry keys.
    pub(crate) users: u32,
    /// Peers asked for.
    pub(crate) want: u32,
    /// Whether announces carry keys.
    pub(crate) keyed: bool,
    /// Sockets or connections.
    pub(crate) sockets: usize,
    /// Datagrams sent at once on a socket.
    pub(crate) burst: usize,
    /// Seconds measured.
    pub(crate) seconds: f64,
    /// Announces a second; 0 for as many as are answered.
    pub(crate) rate: f64,
    /// Whether to announce every peer once instead of measuring.
    pub(crate) fill: bool,
    /// HTTP: whether connections are kept.
    pub(crate) keep: bool,
    /// The server's process, whose time is read.
    pub(crate) pid: Option<u32>,
    /// Tells one run's counters from another's.
    pub(crate) round: u32,
    /// Bytes of an echo's answer.
    pub(crate) answer_bytes: usize,
    /// Port of a server; 0 for a free one.
    pub(crate) port: u16,
    /// Threads of our tracker.
    pub(crate) threads: usize,
    /// Whether our tracker puts work off under overload.
    pub(crate) sheds: bool,
    /// WebSocket: peers of a swarm, each a connection.
    pub(crate) swarm: usize,
    /// WebSocket: offers of an announce.
    pub(crate) offers: usize,
    /// Overload: how many times the server's capacity is offered.
    pub(crate) times: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            torrents: 100_000,
            peers: 1_000_000,
            users: 100_000,
            want: 30,
            keyed: false,
            sockets: 8,
            burst: 32,
            seconds: 3.0,
            rate: 0.0,
            fill: false,
            keep: true,
            pid: None,
            round: 1,
            answer_bytes: 162,
            port: 0,
            threads: 1,
            sheds: false,
            swarm: 16,
            offers: 5,
            times: 5.0,
        }
    }
}

impl Options {
    pub(crate) fn read(words: &[String]) -> io::Result<Self> {
        let mut options = Self::default();
        for word in words.iter().filter(|word| !word.is_empty()) {
            let (name, value) = word.split_once('=').unwrap_or((word, "true"));
            options.set(name, value)?;
        }
        Ok(options)
    }

    fn set(&mut self, name: &str, value: &str) -> io::Result<()> {
        match name {
            "torrents" => self.torrents = read(value)?,
            "peers" => self.peers = read(value)?,
            "users" => self.users = read(value)?,
            "want" => self.want = read(value)?,
            "keyed" => self.keyed = read(value)?,
            "sockets" => self.sockets = read(value)?,
            "burst" => self.burst = read(value)?,
            "seconds" => self.seconds = read(value)?,
            "rate" => self.rate = read(value)?,
            "fill" => self.fill = read(value)?,
            "keep" => self.keep = read(value)?,
            "pid" => self.pid = Some(read(value)?),
            "round" => self.round = read(value)?,
            "answer_bytes" => self.answer_bytes = read(value)?,
            "port" => self.port = read(value)?,
            "threads" => self.threads = read(value)?,
            "sheds" => self.sheds = read(value)?,
            "swarm" => self.swarm = read(value)?,
            "offers" => self.offers = read(value)?,
            "times" => self.times = read(value)?,
            _ => return Err(io::Error::other(format!("no option {name}"))),
        }
        Ok(())
    }
}

fn read<T: FromStr>(value: &str) -> io::Result<T> {
    value.parse().map_err(|_| io::Error::other(format!("no value: {value}")))
}
