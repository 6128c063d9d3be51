//! A tracker that stands alone: lists in files, downloads kept over a restart, bounds on the rest.

use crate::clock::Tick;
use crate::config::Standalone;
use crate::policy::Policy;
use crate::policy::lists::{Completed, Hashes};
use crate::policy::tables::Tables;
use crate::serve::newcomers::Newcomers;
use crate::serve::shared::{Shared, random_state};
use crate::swarm::Swarms;
use crate::wire::address::Source;
use crate::wire::list::{self, BadLine};
use crate::wire::{Announce, Event, InfoHash, Refusal};
use parking_lot::Mutex;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// What only a tracker without a site keeps; of no weight in one that has a site.
#[derive(Debug)]
pub(super) struct Alone {
    completed: Mutex<Completed>,
    newcomers: Option<Newcomers>,
    /// Whether all torrents are served: only then can strangers bring new ones.
    serves_all: AtomicBool,
}

impl Alone {
    pub(super) fn new(bounds: Option<&Standalone>) -> Self {
        Self {
            completed: Mutex::new(Completed::with_hasher(random_state())),
            newcomers: bounds.map(Newcomers::new),
            serves_all: AtomicBool::new(false),
        }
    }

    fn newcomers(&self) -> Option<&Newcomers> {
        self.newcomers.as_ref().filter(|_| self.serves_all.load(Ordering::Relaxed))
    }

    /// Whether the torrent of an announce may be here at all.
    ///
    /// # Errors
    ///
    /// When it is new and there is no room for it.
    pub(super) fn admit(
        &self,
        policy: &Policy<'_>,
        announce: &Announce,
        source: Source,
        (swarms, now): (&Swarms, Tick),
    ) -> Result<(), Refusal<'static>> {
        match self.newcomers() {
            Some(newcomers)
                if announce.event != Event::Stopped && policy.serves(&announce.info_hash) =>
            {
                newcomers.admit(&announce.info_hash, source.ip, (swarms, now))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn refused(&self) -> u64 {
        self.newcomers.as_ref().map_or(0, |it| it.refused.load(Ordering::Relaxed))
    }

    pub(super) fn evicted(&self) -> u64 {
        self.newcomers.as_ref().map_or(0, |it| it.evicted.load(Ordering::Relaxed))
    }
}

impl Shared {
    /// Reads lists and puts them in force at once: `allow`, or without it everything, less `deny`.
    ///
    /// Answers go on meanwhile under the lists before. Returns how many hashes each holds.
    ///
    /// # Errors
    ///
    /// With file and line in the sentence; what was in force then stays.
    pub fn load_lists(
        &self,
        allow: Option<&Path>,
        deny: Option<&Path>,
    ) -> io::Result<(usize, usize)> {
        let allowed = allow.map(|path| self.list(path)).transpose()?;
        let empty = || Ok(Hashes::new(&self.hasher));
        let denied = deny.map_or_else(empty, |path| self.list(path))?;
        let sizes = (allowed.as_ref().map_or(0, Hashes::len), denied.len());
        let serves_all = allowed.is_none();
        let completed = self.alone.completed.lock().clone();
        let tables = Tables::of_lists(self.hasher.clone(), allowed, denied, completed);
        self.alone.serves_all.store(serves_all, Ordering::Relaxed);
        self.put_in_force(tables, self.policy_sequence().map_or(0, |sequence| sequence + 1));
        Ok(sizes)
    }

    fn list(&self, path: &Path) -> io::Result<Hashes> {
        read(path, |text| Hashes::read(text, &self.hasher))
    }

    /// Reads the downloads that an earlier run counted, into the lists in force too.
    ///
    /// # Errors
    ///
    /// With file and line in the sentence. A file that is not there holds none.
    pub fn load_completed(&self, path: &Path) -> io::Result<usize> {
        let counted = match read(path, list::counts) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            other => other?,
        };
        self.note_completed(&counted);
        let number = counted.len();
        self.alone.completed.lock().extend(counted);
        Ok(number)
    }

    /// Counts downloads finished so far, and writes them, whole or not at all, if there is a file.
    ///
    /// # Errors
    ///
    /// With the file in the sentence; the file before then stays.
    pub fn save_completed(&self, path: Option<&Path>) -> io::Result<usize> {
        let changed = self.swarms.settle_counts();
        let counted: Vec<_> = changed
            .iter()
            .filter(|(_, counts)| counts.completed > 0)
            .map(|(hash, counts)| (*hash, counts.completed))
            .collect();
        self.note_completed(&counted);
        let text = {
            let mut completed = self.alone.completed.lock();
            for (hash, count) in &counted {
                self.keep(&mut completed, hash, *count);
            }
            list::write_counts(completed.iter())
        };
        let number = text.lines().count().saturating_sub(1);
        if let Some(path) = path.filter(|path| !counted.is_empty() || !path.exists()) {
            replace(path, text.as_bytes()).map_err(|error| named(path, &error))?;
        }
        Ok(number)
    }

    /// Strangers choose hashes: no more are kept than torrents may be held.
    fn keep(&self, completed: &mut Completed, hash: &InfoHash, count: u32) {
        let limit = self.config.standalone.as_ref().map_or(usize::MAX, |it| it.max_torrents);
        if completed.len() < limit || completed.contains_key(hash) {
            let slot = completed.entry(*hash).or_default();
            *slot = count.max(*slot);
        }
    }
}

fn read<T>(path: &Path, parse: impl Fn(&[u8]) -> Result<T, BadLine>) -> io::Result<T> {
    let text = fs::read(path).map_err(|error| named(path, &error))?;
    parse(&text).map_err(|BadLine(number)| {
        let sentence = format!(
            "{}, line {number}: not an info-hash of 40 or 64 hexadecimal digits",
            path.display()
        );
        io::Error::new(io::ErrorKind::InvalidData, sentence)
    })
}

fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let beside = Path::new(&name);
    let mut file = File::create(beside)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(beside, path)?;
    // The name itself must be on disk, too.
    path.parent()
        .filter(|it| !it.as_os_str().is_empty())
        .map_or(Ok(()), |it| File::open(it)?.sync_all())
}
