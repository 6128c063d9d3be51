//! A small site behind a real tracker, and clients that speak to it over real sockets.
#![expect(clippy::unwrap_used, reason = "a test that cannot set up must stop")]
#![allow(dead_code, reason = "each test binary uses its part")]
#![allow(unreachable_pub, reason = "shared by several test binaries")]

pub mod bencode;
pub mod client;
pub mod web;

use bottin_tracker::clock::Clock;
use bottin_tracker::config::Config;
use bottin_tracker::serve::{Handle, Records};
use bottin_tracker::wire::key::{ACCOUNT, KeyMaker};
use bottin_tracker::wire::record::{CLIENT_RECORD, HEAD_BYTES};
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

pub const HYBRID: u8 = 1;
pub const HYBRID_V2: u8 = 2;
pub const OPEN: u8 = 8;
pub const PENDING: u8 = 9;
pub const REMOVED: u8 = 10;
pub const UNLISTED: u8 = 77;
/// Noon of some day; the tracker's clock stands still there.
pub const NOON_MS: u64 = 1_800_000_000_000;

const SECRET: [u8; 32] = [7; 32];

/// A running tracker with five releases and nine members.
pub struct Site {
    pub handle: Handle,
    pub v4: SocketAddr,
    pub v6: SocketAddr,
    pub directory: TempDir,
}

impl Site {
    pub fn open() -> Self {
        Self::with("")
    }

    /// A site with more settings, as JSON members each followed by a comma.
    pub fn with(settings: &str) -> Self {
        let site = Self::starting(settings, r#"["127.0.0.1:0", "[::1]:0"]"#);
        site.load();
        site
    }

    /// A tracker that has no policy yet.
    pub fn starting(settings: &str, listen: &str) -> Self {
        let directory = TempDir::new().unwrap();
        let config = config(directory.path(), settings, listen);
        let handle = Handle::with_clock(config, Clock::fixed(NOON_MS)).unwrap();
        let addresses = handle.start().unwrap();
        let v4 = *addresses.first().unwrap();
        let v6 = *addresses.last().unwrap();
        Self { handle, v4, v6, directory }
    }

    pub fn load(&self) {
        let accounts: Vec<u8> = (1..=9).flat_map(account).collect();
        let (releases, accounts) = (&releases()[..], &accounts[..]);
        self.handle.shared().load(&Records { releases, accounts, ..Records::default() }).unwrap();
        self.handle.shared().commit_snapshot(1);
    }

    pub fn apply(&self, releases: &[u8]) {
        let records = Records { releases, ..Records::default() };
        self.handle.shared().apply(2, &records).unwrap();
    }

    /// Sends the rules of the site's team, as a change.
    pub fn rule_clients(&self, rules: &[[u8; CLIENT_RECORD]]) {
        let clients = Some(rules.as_flattened());
        let records = Records { clients, ..Records::default() };
        self.handle.shared().apply(2, &records).unwrap();
    }

    pub fn statistic(&self, name: &str) -> u64 {
        let figures = self.handle.shared().statistics();
        figures.iter().find(|(known, _)| *known == name).unwrap().1
    }

    pub fn advance(&self, seconds: u64) {
        self.handle.shared().clock().advance(seconds * 1000);
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.handle.stop(Duration::from_secs(5));
    }
}

pub fn config(directory: &Path, settings: &str, listen: &str) -> Config {
    let secret = "07".repeat(32);
    let journal = directory.join("journal");
    Config::read(&format!(
        r#"{{{settings} "listen": {listen}, "threads": 2, "key_secret": "{secret}",
            "connection_secret": "{secret}", "session_secret": "{secret}",
            "journal_dir": "{}"}}"#,
        journal.display()
    ))
    .unwrap()
}

pub fn releases() -> Vec<u8> {
    [
        release(7, (Some(HYBRID), Some(HYBRID_V2)), 1, false),
        release(8, (Some(OPEN), None), 1, true),
        release(9, (Some(PENDING), None), 2, false),
        release(10, (Some(REMOVED), None), 5, false),
    ]
    .concat()
}

pub fn release(id: u32, hashes: (Option<u8>, Option<u8>), state: u8, is_open: bool) -> Vec<u8> {
    let mut record = id.to_be_bytes().to_vec();
    record.extend([hashes.0.unwrap_or(0); 20]);
    record.extend([hashes.1.unwrap_or(0); 32]);
    record.extend([state, u8::from(is_open), 4, 2]);
    record.extend(5_u32.to_be_bytes());
    record.extend(2_u32.to_be_bytes());
    record
}

pub fn account(user: u64) -> Vec<u8> {
    let mut record = user.to_be_bytes().to_vec();
    record.extend(1_u16.to_be_bytes());
    record.extend([0; 2 + 8]);
    record.extend([0, 3, 1, 0]);
    record
}

/// A rule about clients: 0 serves, 1 warns, 2 refuses those whose peer ids begin so.
pub fn rule(head: &str, welcome: u8, reason: &str) -> [u8; CLIENT_RECORD] {
    let mut record = [0; CLIENT_RECORD];
    let (head_field, rest) = record.split_at_mut(HEAD_BYTES);
    head_field.iter_mut().zip(head.bytes()).for_each(|(slot, byte)| *slot = byte);
    rest.iter_mut().zip([welcome].into_iter().chain(reason.bytes())).for_each(|(slot, byte)| {
        *slot = byte;
    });
    record
}

pub fn key(user: u64) -> String {
    KeyMaker::new(&SECRET).issue(ACCOUNT, user, 1, None).unwrap()
}
