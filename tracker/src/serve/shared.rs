//! What all threads of a tracker share, and how the control plane changes it.

use crate::clock::{Clock, Moment, Tick};
use crate::config::{Config, Family};
use crate::connection::ConnectionIds;
use crate::journal::{Health, Journal};
use crate::notices::{Notice, Notices};
use crate::policy::Policy;
use crate::policy::tables::{Changes, Tables};
use crate::serve::alone::Alone;
use crate::serve::crowds::Crowds;
use crate::serve::habits::Habits;
use crate::serve::limits::{Grain, Limiter};
use crate::serve::mail::Post;
use crate::serve::rules::Rules;
use crate::stats::{Histogram, Stats};
use crate::swarm::{Limits, Swarms};
use crate::wire::key::KeyMaker;
use crate::wire::record::{self, ClientRule, RecordError, ReleaseState};
use crate::wire::{Counts, InfoHash};
use ahash::RandomState;
use parking_lot::{Mutex, RwLock};
use serde_json::{Map, json};
use std::io;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

/// Policy in force and the point of the control plane's history it stands for.
#[derive(Debug)]
struct InForce {
    tables: Tables,
    sequence: u64,
}

/// A snapshot before it is in force.
#[derive(Debug, Default)]
struct Building {
    tables: Option<Tables>,
    rules: Vec<ClientRule>,
}

/// One tracker's state.
#[derive(Debug)]
pub struct Shared {
    pub(super) config: Config,
    pub(super) clock: Clock,
    pub(super) swarms: Swarms,
    pub(super) ids: ConnectionIds,
    pub(super) journal: OnceLock<Journal>,
    pub(super) stats: Stats,
    pub(super) announces: Limiter,
    pub(super) connects: Limiter,
    pub(super) crowds: Arc<Crowds>,
    pub(super) post: Post,
    pub(super) dead: Mutex<Vec<String>>,
    pub(super) alone: Alone,
    pub(super) notices: Notices,
    pub(super) habits: Habits,
    rules: Rules,
    /// Until when swarms fill up again after a crash.
    heals_until: AtomicU32,
    /// When the control plane last confirmed the policy.
    confirmed: AtomicU32,
    keys: KeyMaker,
    pub(super) hasher: RandomState,
    /// Read once per batch of packets, so that a change waits for one batch at most.
    policy: RwLock<Option<InForce>>,
    building: Mutex<Building>,
    stopping: AtomicBool,
}

impl InForce {
    /// Whether a swarm of this hash is served.
    fn serves(&self, swarm: &InfoHash) -> bool {
        self.tables.release(swarm).is_some_and(|release| {
            release.state == Some(ReleaseState::Published)
                && release.canonical() == *swarm
                && !self.tables.is_denied(&release)
        })
    }
}

impl Shared {
    /// State for checked settings; opens the journal, unless another tracker still writes it.
    ///
    /// # Errors
    ///
    /// When the journal cannot be opened, with its directory in the sentence.
    pub fn new(config: Config, clock: Clock) -> io::Result<Self> {
        let shared = Self::without_journal(config, clock);
        if !shared.config.journal_waits {
            shared.open_journal()?;
        }
        Ok(shared)
    }

    fn without_journal(config: Config, clock: Clock) -> Self {
        let hasher = random_state();
        let rates = &config.limits;
        let limiter =
            |grain, rate| Limiter::new(random_state(), grain, rate, rates.exempt_loopback);
        Self {
            swarms: Swarms::new(limits(&config), hasher.clone(), config.session_secret.bytes()),
            ids: ConnectionIds::new(config.connection_secret.bytes(), config.connection_slot_s),
            stats: Stats::default(),
            announces: limiter(Grain::Host, (rates.announces_per_s, rates.announce_burst)),
            connects: limiter(Grain::Network, (rates.connects_per_s, rates.connect_burst)),
            crowds: Arc::new(crowds(&config)),
            post: Post::default(),
            dead: Mutex::new(Vec::new()),
            alone: Alone::new(config.standalone.as_ref()),
            notices: Notices::default(),
            habits: Habits::new(random_state(), &config),
            rules: Rules::new(&config),
            heals_until: AtomicU32::new(0),
            confirmed: AtomicU32::new(0),
            keys: KeyMaker::new(config.key_secret.bytes()),
            hasher,
            policy: RwLock::new(None),
            building: Mutex::default(),
            stopping: AtomicBool::new(false),
            journal: OnceLock::new(),
            config,
            clock,
        }
    }

    /// Begins a snapshot; what was loaded for one that was not put in force is forgotten.
    pub fn begin_snapshot(&self) {
        *self.building.lock() = Building::default();
    }

    /// Adds records to the snapshot being built.
    ///
    /// # Errors
    ///
    /// A sentence when a record is impossible; nothing of the call is kept then.
    pub fn load(&self, records: &Records<'_>) -> Result<(), RecordError> {
        let (changes, rules) = records.read()?;
        let mut building = self.building.lock();
        building.tables.get_or_insert_with(|| Tables::new(self.hasher.clone())).apply(&changes);
        if let Some(rules) = rules {
            building.rules = rules;
        }
        Ok(())
    }

    /// Puts the snapshot in force and purges the swarms it does not serve.
    pub fn commit_snapshot(&self, sequence: u64) {
        let Building { tables, rules } = std::mem::take(&mut *self.building.lock());
        // Before the tables: who is not welcome is never served in between.
        self.rules.put_in_force(self.rules.make_ready(rules));
        self.put_in_force(tables.unwrap_or_else(|| Tables::new(self.hasher.clone())), sequence);
    }

    /// Exchanges the policy, then purges; answers go on meanwhile.
    pub(super) fn put_in_force(&self, tables: Tables, sequence: u64) {
        self.confirm_policy();
        let old = self.policy.write().replace(InForce { tables, sequence });
        // Freeing millions of rows must not hold up announces.
        drop(old);
        let in_force = self.policy.read();
        let Some(in_force) = in_force.as_ref() else {
            return;
        };
        self.swarms.purge_unless(|swarm| in_force.serves(swarm));
    }

    /// Whether the policy in force serves a swarm.
    pub(super) fn serves(&self, swarm: &InfoHash) -> bool {
        self.policy.read().as_ref().is_some_and(|in_force| in_force.serves(swarm))
    }

    /// Applies changes to the policy in force; they hold when it returns.
    ///
    /// # Errors
    ///
    /// A sentence when a record is impossible or no snapshot was committed;
    /// nothing is changed then.
    pub fn apply(&self, sequence: u64, records: &Records<'_>) -> Result<(), RecordError> {
        let (changes, rules) = records.read()?;
        let rules = rules.map(|rules| self.rules.make_ready(rules));
        let purged = {
            // No announce is half-way while this is held: each batch holds the read side until
            // its swarms are up to date, so nothing re-enters a swarm purged below.
            let mut policy = self.policy.write();
            let in_force = policy.as_mut().ok_or("no snapshot was committed yet")?;
            in_force.sequence = sequence;
            if let Some(ready) = rules {
                self.rules.put_in_force(ready);
            }
            in_force.tables.apply(&changes)
        };
        self.confirm_policy();
        for swarm in purged {
            self.swarms.purge(&swarm);
        }
        Ok(())
    }

    /// Notes that the policy in force is that of the control plane at this moment (TRK-6).
    pub fn confirm_policy(&self) {
        self.confirmed.store(self.clock.now().tick.0, Ordering::Relaxed);
    }

    /// What members' clients were told since this was last asked, and how often.
    pub fn drain_notices(&self) -> Vec<(Notice, u32)> {
        self.notices.drain()
    }

    /// Notes that the swarms are empty because an earlier run did not end well: clients come back
    /// sooner until each has been heard.
    pub fn heal(&self) {
        let until = self.clock.now().tick.0.saturating_add(self.config.interval_s);
        self.heals_until.store(until, Ordering::Relaxed);
    }

    pub(super) fn is_healing(&self, now: Moment) -> bool {
        now.tick.0 < self.heals_until.load(Ordering::Relaxed)
    }

    fn policy_age_s(&self, now: Moment) -> u32 {
        now.tick.since(Tick(self.confirmed.load(Ordering::Relaxed)))
    }

    /// The point of history in force; `None` before a first snapshot.
    pub fn policy_sequence(&self) -> Option<u64> {
        self.policy.read().as_ref().map(|in_force| in_force.sequence)
    }

    /// The tracker's clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Releases whose counts changed.
    pub fn take_counts(&self, limit: usize) -> Vec<(u32, Counts)> {
        self.swarms.take_counts(limit)
    }

    /// Exchanges the operator's lists of clients, for announces to come; the site's rules stay.
    pub fn set_clients(&self, allowed: &[Family], warned: &[Family], denied: &[Family]) {
        self.rules.exchange_lists(allowed, warned, denied);
    }

    /// Takes downloads finished into the policy in force.
    pub(super) fn note_completed(&self, counted: &[(InfoHash, u32)]) {
        let mut in_force = self.policy.write();
        if let Some(in_force) = in_force.as_mut() {
            for (hash, count) in counted {
                in_force.tables.note_completed(hash, *count);
            }
        }
    }

    /// Runs `work` under one consistent policy.
    pub(super) fn with_policy<T>(&self, now: Moment, work: impl FnOnce(&Policy<'_>) -> T) -> T {
        let in_force = self.policy.read();
        let clients = self.rules.table();
        work(&Policy {
            tables: in_force.as_ref().map(|in_force| &in_force.tables),
            keys: &self.keys,
            unix_s: now.unix_s(),
            clients: &clients,
            is_stale: self.config.policy_max_age_s > 0
                && self.policy_age_s(now) > self.config.policy_max_age_s,
        })
    }

    /// The journal's figures; zeros without a journal.
    pub fn journal_health(&self) -> Health {
        self.journal.get().map_or_else(Health::default, Journal::health)
    }

    /// Every counter and size, by name.
    pub fn statistics(&self) -> Vec<(&'static str, u64)> {
        let mut figures = self.stats.sums();
        figures.extend(self.sizes());
        figures
    }

    /// The same for a program that draws them: counters by family, sizes, histograms, as JSON.
    pub fn figures(&self) -> String {
        let histograms = self.stats.histograms().into_iter();
        let histogram = |it: Histogram| json!({"classes": it.classes.as_slice(), "sum": it.sum});
        let histograms: Map<_, _> =
            histograms.map(|(name, it)| (name.to_owned(), histogram(it))).collect();
        let counters: Map<_, _> = self
            .stats
            .by_family()
            .into_iter()
            .map(|(name, families)| (name.to_owned(), json!(families)))
            .collect();
        let sizes: Map<_, _> =
            self.sizes().into_iter().map(|(name, size)| (name.to_owned(), json!(size))).collect();
        json!({"counters": counters, "sizes": sizes, "histograms": histograms}).to_string()
    }

    fn sizes(&self) -> Vec<(&'static str, u64)> {
        let (swarms, peers) = self.swarms.sizes();
        let journal = self.journal_health();
        let (releases, accounts, denied) =
            self.policy.read().as_ref().map_or((0, 0, 0), |in_force| in_force.tables.sizes());
        vec![
            ("swarms", swarms as u64),
            ("peers", peers as u64),
            ("ws_peers", self.swarms.web().len() as u64),
            ("ws_open", self.post.connections() as u64),
            ("policy_releases", releases as u64),
            ("policy_accounts", accounts as u64),
            ("policy_denied", denied as u64),
            ("policy_clients", self.rules.len() as u64),
            ("policy_age_s", u64::from(self.policy_age_s(self.clock.now()))),
            ("notices_dropped", self.notices.dropped()),
            ("journal_position", journal.position),
            ("journal_backlog", journal.backlog),
            ("journal_dropped", journal.dropped),
            ("journal_errors", journal.errors),
            ("journal_cut_bytes", journal.cut_bytes),
            ("torrents_refused", self.alone.refused()),
            ("torrents_evicted", self.alone.evicted()),
            ("threads_died", self.dead.lock().len() as u64),
            ("uptime_s", self.clock.elapsed_us() / 1_000_000),
        ]
    }

    /// Whether addresses of this machine or its site may be handed to one who came in at `here`.
    pub(super) fn hands_out_local(&self, here: IpAddr) -> bool {
        let is_local = || crate::wire::address::is_local(crate::wire::address::canonical(here));
        self.config.allow_private_addresses.unwrap_or_else(is_local)
    }

    /// Notes that a thread died; the list is bounded, the count is not lost with it.
    pub(super) fn note_death(&self, what: String) {
        let mut dead = self.dead.lock();
        if dead.len() < 100 {
            dead.push(what);
        }
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    pub(super) fn ask_to_stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        if let Some(journal) = self.journal.get() {
            journal.wake();
        }
    }
}

/// Packed records of one change.
#[derive(Clone, Copy, Debug, Default)]
pub struct Records<'a> {
    /// Release records, 68 bytes each.
    pub releases: &'a [u8],
    /// Account records, 24 bytes each.
    pub accounts: &'a [u8],
    /// Hashes to refuse, 20 bytes each.
    pub denied: &'a [u8],
    /// Hashes to refuse no longer, 20 bytes each.
    pub permitted: &'a [u8],
    /// All rules about clients, 129 bytes each, in the place of those before; `None` leaves them.
    pub clients: Option<&'a [u8]>,
}

impl Records<'_> {
    fn read(&self) -> Result<(Changes, Option<Vec<ClientRule>>), RecordError> {
        let changes = Changes {
            releases: record::releases(self.releases)?,
            accounts: record::accounts(self.accounts)?,
            denied: record::hashes(self.denied)?,
            permitted: record::hashes(self.permitted)?,
        };
        Ok((changes, self.clients.map(record::clients).transpose()?))
    }
}

fn limits(config: &Config) -> Limits {
    Limits {
        max_peers: config.max_peers,
        max_peers_per_swarm: config.max_peers_per_swarm,
        max_locations: config.max_locations_per_user,
        peer_timeout_s: config.peer_timeout_s,
        min_interval_s: config.min_interval_s,
    }
}

fn crowds(config: &Config) -> Crowds {
    let rates = &config.limits;
    let proxies = [config.trusted_proxies.as_slice(), &config.proxy_protocol].concat();
    Crowds::new(random_state(), rates.max_connections_per_host, proxies, rates.exempt_loopback)
}

/// A key for hash tables whose keys strangers choose.
pub(super) fn random_state() -> RandomState {
    let secret = crate::config::Secret::random();
    let (words, _) = secret.bytes().as_chunks::<8>();
    let mut words = words.iter().map(|word| u64::from_le_bytes(*word));
    let mut next = || words.next().unwrap_or_default();
    RandomState::with_seeds(next(), next(), next(), next())
}
