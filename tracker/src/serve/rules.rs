//! Who says which clients are welcome: the operator's lists, and the rules of the site's team.

use crate::config::{Config, Family};
use crate::policy::clients::{Clients, Lists};
use crate::wire::record::ClientRule;
use parking_lot::{Mutex, MutexGuard, RwLock, RwLockReadGuard};

/// What the table in force was made of.
#[derive(Debug, Default)]
struct Sources {
    lists: Lists,
    rules: Vec<ClientRule>,
}

/// Both, and the one table that announces are judged by.
#[derive(Debug)]
pub(super) struct Rules {
    sources: Mutex<Sources>,
    table: RwLock<Clients>,
}

/// A table that is ready; whoever else has one to make waits.
pub(super) struct Ready<'a> {
    held: MutexGuard<'a, Sources>,
    sources: Sources,
    table: Clients,
}

impl Rules {
    pub(super) fn new(config: &Config) -> Self {
        let (allowed, warned) = (&config.allowed_clients, &config.warned_clients);
        let lists = Lists::new(allowed, warned, &config.denied_clients);
        let table = RwLock::new(Clients::new(&lists, &[]));
        Self { sources: Mutex::new(Sources { lists, rules: Vec::new() }), table }
    }

    /// The table in force.
    pub(super) fn table(&self) -> RwLockReadGuard<'_, Clients> {
        self.table.read()
    }

    /// Rules of the team that are in force.
    pub(super) fn len(&self) -> usize {
        self.sources.lock().rules.len()
    }

    /// Exchanges the operator's lists.
    pub(super) fn exchange_lists(&self, allowed: &[Family], warned: &[Family], denied: &[Family]) {
        let held = self.sources.lock();
        let lists = Lists::new(allowed, warned, denied);
        let rules = held.rules.clone();
        self.put_in_force(Ready::new(held, Sources { lists, rules }));
    }

    /// Lays out other rules of the team, while announces are still judged by those before.
    pub(super) fn make_ready(&self, rules: Vec<ClientRule>) -> Ready<'_> {
        let held = self.sources.lock();
        let lists = held.lists.clone();
        Ready::new(held, Sources { lists, rules })
    }

    /// Judges announces to come by it.
    pub(super) fn put_in_force(&self, ready: Ready<'_>) {
        let Ready { mut held, sources, table } = ready;
        *held = sources;
        *self.table.write() = table;
    }
}

impl<'a> Ready<'a> {
    fn new(held: MutexGuard<'a, Sources>, sources: Sources) -> Self {
        let table = Clients::new(&sources.lists, &sources.rules);
        Self { held, sources, table }
    }
}
