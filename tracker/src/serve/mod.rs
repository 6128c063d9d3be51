//! Sockets, threads, shutdown and supervision: the edge where everything meets.

mod alone;
mod batch;
mod client;
mod crowds;
mod desk;
mod habits;
mod http;
mod keep;
mod limits;
mod mail;
mod newcomers;
mod pages;
mod pressure;
mod rules;
mod session;
mod shared;
mod sockets;
mod stream;
mod tls;
mod udp;
mod web;

pub use shared::{Records, Shared};

use crate::clock::Clock;
use crate::config::Config;
use parking_lot::Mutex;
use std::io;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tls::Tls;

/// A pause before a thread that died serves again, so that a fault in its first step does not spin.
const RESTART_AFTER: Duration = Duration::from_millis(50);
/// One step of the sweep each time: a round over a full store takes about a minute.
const SWEEP_EVERY: Duration = Duration::from_millis(200);
/// Peers looked at under one lock: some tens of microseconds (RUN-10).
const SWEEP_BUDGET: usize = 2_048;
/// Steps between two pauses of the sweep.
const SWEEP_STEPS: usize = 4;

/// A tracker: its state, and its threads once started.
#[derive(Debug)]
pub struct Handle {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    tls: OnceLock<Tls>,
}

impl Handle {
    /// A tracker for checked settings, not serving yet.
    ///
    /// # Errors
    ///
    /// When the journal cannot be opened.
    pub fn new(config: Config) -> io::Result<Self> {
        Self::with_clock(config, Clock::system())
    }

    /// The same under another clock.
    ///
    /// # Errors
    ///
    /// When the journal cannot be opened.
    pub fn with_clock(config: Config, clock: Clock) -> io::Result<Self> {
        let shared = Arc::new(Shared::new(config, clock)?);
        Ok(Self { shared, threads: Mutex::default(), tls: OnceLock::new() })
    }

    /// Its state: policy in, counts and statistics out.
    #[must_use]
    pub fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Opens every address, then starts serving; returns the addresses with their ports, those
    /// of TLS last.
    ///
    /// # Errors
    ///
    /// With the address, or the folder of the journal, in the sentence; no address is left open
    /// then.
    pub fn start(&self) -> io::Result<Vec<SocketAddr>> {
        let mut threads = self.threads.lock();
        if !threads.is_empty() || self.shared.is_stopping() {
            return Err(io::Error::other("a tracker is started once"));
        }
        self.shared.open_journal()?;
        let config = &self.shared.config;
        let workers = worker_count(config);
        let opened = config
            .listen
            .iter()
            .map(|address| sockets::open(*address, workers))
            .collect::<io::Result<Vec<_>>>()?;
        let mut addresses: Vec<_> = opened.iter().map(|listeners| listeners.address).collect();
        let mut tcp: Vec<Vec<sockets::Entrance>> = (0..workers).map(|_| Vec::new()).collect();
        let mut enter = |doors: Vec<sockets::Entrance>| {
            tcp.iter_mut().zip(doors).for_each(|(group, door)| group.push(door));
        };
        for (address, doors) in self.open_tls(workers)? {
            addresses.push(address);
            enter(doors);
        }
        for path in &config.unix_listen {
            enter(sockets::open_unix(path, workers)?);
        }
        for listeners in opened {
            let address = listeners.address;
            enter(listeners.tcp);
            for (at, socket) in listeners.udp.into_iter().enumerate() {
                let shared = Arc::clone(&self.shared);
                threads.push(self.spawn(format!("udp {address} {at}"), move || {
                    udp::run(&shared, &socket, address)
                })?);
            }
        }
        let places = config.limits.max_connections.div_ceil(workers);
        for (at, group) in tcp.into_iter().enumerate() {
            let shared = Arc::clone(&self.shared);
            threads.push(
                self.spawn(format!("http {at}"), move || http::run(&shared, &group, places))?,
            );
        }
        threads.push(self.spawn_sweeper()?);
        threads.extend(self.spawn_flusher()?);
        Ok(addresses)
    }

    fn open_tls(&self, workers: usize) -> io::Result<Vec<(SocketAddr, Vec<sockets::Entrance>)>> {
        let config = &self.shared.config;
        let (Some(chain), Some(key)) = (&config.tls_certificate, &config.tls_key) else {
            return Ok(Vec::new());
        };
        let tls = Tls::open(chain, key)?;
        let tls = self.tls.get_or_init(|| tls);
        let open = |address: &SocketAddr| sockets::open_tls(*address, workers, tls);
        config.tls_listen.iter().map(open).collect()
    }

    /// Reads certificate and key again, for connections to come; open ones go on.
    ///
    /// Returns whether there is a TLS listener at all.
    ///
    /// # Errors
    ///
    /// With the file in the sentence; the certificate in force then stays.
    pub fn reload_tls(&self) -> io::Result<bool> {
        self.tls.get().map_or(Ok(false), |tls| tls.reload().map(|()| true))
    }

    fn spawn_sweeper(&self) -> io::Result<JoinHandle<()>> {
        let shared = Arc::clone(&self.shared);
        self.spawn(String::from("sweep"), move || {
            while !shared.is_stopping() {
                for _ in 0..SWEEP_STEPS {
                    shared.swarms.sweep(shared.clock.now(), SWEEP_BUDGET);
                }
                thread::sleep(SWEEP_EVERY);
            }
            Ok(())
        })
    }

    fn spawn_flusher(&self) -> io::Result<Option<JoinHandle<()>>> {
        if self.shared.journal.get().is_none() {
            return Ok(None);
        }
        let shared = Arc::clone(&self.shared);
        let flush = move || {
            while let Some(journal) = shared.journal.get()
                && !shared.is_stopping()
            {
                journal.flush_when_due(|| shared.clock.now().unix_ms);
            }
            Ok(())
        };
        self.spawn(String::from("journal"), flush).map(Some)
    }

    fn spawn(
        &self,
        name: String,
        work: impl Fn() -> io::Result<()> + Send + 'static,
    ) -> io::Result<JoinHandle<()>> {
        let shared = Arc::clone(&self.shared);
        let title = name.clone();
        thread::Builder::new().name(name).spawn(move || supervise(&shared, &title, &work))
    }

    /// Stops taking requests, waits up to `timeout` for the threads, flushes the journal.
    ///
    /// Returns whether all of them ended in time.
    pub fn stop(&self, timeout: Duration) -> bool {
        self.shared.ask_to_stop();
        #[expect(
            clippy::disallowed_methods,
            reason = "a deadline of this process, not of the protocol"
        )]
        let started = Instant::now();
        let mut threads = self.threads.lock();
        while threads.iter().any(|thread| !thread.is_finished()) && started.elapsed() < timeout {
            thread::sleep(Duration::from_millis(5));
        }
        let was_serving = !threads.is_empty();
        let is_clean = threads.iter().all(JoinHandle::is_finished);
        threads.drain(..).filter(JoinHandle::is_finished).for_each(|thread| drop(thread.join()));
        for path in self.shared.config.unix_listen.iter().filter(|_| was_serving) {
            // Gone already, or another tracker's by now: nothing to do about it.
            let _ = std::fs::remove_file(path);
        }
        if let Some(journal) = self.shared.journal.get() {
            journal.close(self.shared.clock.now().unix_ms);
        }
        is_clean
    }

    /// Names of threads that ended by a fault, once for each time; all were restarted (RUN-8).
    #[must_use]
    pub fn dead_threads(&self) -> Vec<String> {
        self.shared.dead.lock().clone()
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        // Threads hold the state: without this they would serve on, with nobody to stop them.
        self.shared.ask_to_stop();
    }
}

fn worker_count(config: &Config) -> usize {
    match config.threads {
        0 => thread::available_parallelism().map_or(1, usize::from).min(16),
        count => count,
    }
}

/// Runs `work` until the tracker stops, again after each fault (RUN-8).
fn supervise(shared: &Shared, name: &str, work: &impl Fn() -> io::Result<()>) {
    loop {
        // What a fault may leave half-done is behind locks that do not poison, and is repaired
        // by the next announce of the same peer.
        let ended = catch_unwind(AssertUnwindSafe(work));
        if shared.is_stopping() {
            return;
        }
        let reason = match ended {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.to_string(),
            Err(_) => String::from("panic"),
        };
        shared.note_death(format!("{name}: {reason}"));
        thread::sleep(RESTART_AFTER);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn run_08_a_thread_that_panics_is_restarted_and_named() {
        let handle = Handle::new(Config::default()).unwrap();
        let runs = AtomicU32::new(0);

        supervise(&handle.shared, "udp", &|| {
            assert_ne!(runs.fetch_add(1, Ordering::SeqCst), 0, "injected");
            Ok(())
        });

        assert_eq!(runs.load(Ordering::SeqCst), 2);
        assert_eq!(handle.dead_threads(), ["udp: panic"]);
    }
}
