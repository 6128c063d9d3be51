//! What a tracker takes over: the journal, and swarms in a file that is read once (RUN-7).
//!
//! The file holds peers' addresses, so nobody else may read it, it is gone once it
//! was opened, and one older than an interval is not believed.

use super::shared::Shared;
use crate::config::Config;
use crate::journal::Journal;
use crate::swarm::Return;
use crate::wire::PeerId;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

const MAGIC: [u8; 8] = *b"BOTTINW1";

impl Shared {
    /// Opens the journal, if the settings name one and it is not open.
    ///
    /// # Errors
    ///
    /// With its directory in the sentence, also while another tracker writes it.
    pub fn open_journal(&self) -> io::Result<()> {
        let Some(directory) = self.config.journal_dir.as_ref() else {
            return Ok(());
        };
        if self.journal.get().is_some() {
            return Ok(());
        }
        let Config { journal_segment_bytes, journal_backlog_bytes, .. } = self.config;
        let now_ms = self.clock.now().unix_ms;
        let opened = Journal::open(directory, journal_segment_bytes, journal_backlog_bytes, now_ms);
        let journal = opened.map_err(|error| {
            io::Error::new(error.kind(), format!("journal {}: {error}", directory.display()))
        })?;
        self.journal.get_or_init(|| journal);
        Ok(())
    }

    /// Writes the swarms, whole or not at all; returns how many peers. For a tracker that has
    /// stopped.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn save_swarms(&self, path: &Path) -> io::Result<usize> {
        let beside = path.with_extension("new");
        let _ = fs::remove_file(&beside);
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
        let now = self.clock.now();
        let mut to = BufWriter::with_capacity(1 << 20, file);
        to.write_all(&MAGIC)?;
        to.write_all(&now.unix_ms.to_le_bytes())?;
        to.write_all(&self.name_of_run().to_le_bytes())?;
        let saved = self.swarms.save(now.tick, &mut to)?;
        to.into_inner()?;
        fs::rename(&beside, path)?;
        Ok(saved)
    }

    /// Takes back the swarms that an earlier run wrote, and removes them from the disk; `None`
    /// when there are none to be believed. Then, if that run kept a journal, clients are asked to
    /// come back sooner for a while.
    ///
    /// # Errors
    ///
    /// When the file cannot be removed: it would be read again.
    pub fn restore_swarms(&self, path: &Path) -> io::Result<Option<usize>> {
        let opened = File::open(path);
        // A run that was killed while it wrote left a part.
        let _ = fs::remove_file(path.with_extension("new"));
        if opened.is_ok() {
            fs::remove_file(path)?;
        }
        let restored = opened.ok().and_then(|file| self.read_swarms(&file).ok());
        if restored.is_none() && self.journal_health().position > 0 {
            self.heal();
        }
        Ok(restored)
    }

    fn read_swarms(&self, file: &File) -> io::Result<usize> {
        let wrong = || io::Error::from(io::ErrorKind::InvalidData);
        if file.metadata()?.mode() & 0o077 > 0 {
            return Err(wrong());
        }
        let mut from = BufReader::with_capacity(1 << 20, file);
        let mut words = [[0; 8]; 3];
        for word in &mut words {
            from.read_exact(word)?;
        }
        let [magic, at, run] = words;
        let now = self.clock.now();
        let passed_ms = now.unix_ms.checked_sub(u64::from_le_bytes(at)).ok_or_else(wrong)?;
        let away_s = u32::try_from(passed_ms / 1000).map_err(|_| wrong())?;
        let is_ours = magic == MAGIC && u64::from_le_bytes(run) == self.name_of_run();
        if !is_ours || away_s > self.config.interval_s {
            return Err(wrong());
        }
        let back = Return { now: now.tick, away_s };
        self.swarms.restore(&mut from, back, |swarm| self.serves(swarm))
    }

    /// Tells whether sessions have the same names as in the run that wrote a file.
    fn name_of_run(&self) -> u64 {
        self.swarms.session(&PeerId([0; 20]), 0)
    }
}
