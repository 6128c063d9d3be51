//! What members' clients reported, for the ledger: one append-only stream in segment files.
//!
//! Records are written before the answer leaves and flushed by a thread of
//! their own: a moment after `stopped` or `completed`, so that one flush serves
//! many, else within a second. An ordinary fact lost to a power cut is covered
//! by the client's next counters.

mod reader;
#[cfg(feature = "python")]
pub(crate) mod rows;
mod segments;

pub use reader::Reader;

use crate::wire::fact::{FACT_BYTES, Fact, HEADER_BYTES, Header};
use parking_lot::{Condvar, Mutex};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How far the disk may lag behind an ordinary fact.
const SYNC_EVERY: Duration = Duration::from_millis(900);
/// How long last words wait for others, so that one flush serves many: well under 50 ms (JRN-2).
const GATHER: Duration = Duration::from_millis(20);

/// What the control plane is told about the journal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Position after the last record written.
    pub position: u64,
    /// Records in memory that the disk would not take.
    pub backlog: u64,
    /// Records given up because the backlog was full.
    pub dropped: u64,
    /// Writes and flushes that failed.
    pub errors: u64,
    /// Bytes cut from a torn tail at start.
    pub cut_bytes: u64,
}

/// The writing end. One per directory, which it locks.
#[derive(Debug)]
pub struct Journal {
    writer: Mutex<Writer>,
    due: Condvar,
    lock: File,
}

#[derive(Debug)]
struct Writer {
    directory: PathBuf,
    file: Arc<File>,
    first: u64,
    health: Health,
    segment_bytes: u64,
    backlog: Vec<u8>,
    backlog_bytes: usize,
    is_unsynced: bool,
    is_urgent: bool,
    /// The last write failed: only the flushing thread tries again, or a long backlog would be
    /// offered to a full disk with every packet.
    is_failing: bool,
}

impl Journal {
    /// Opens or starts the journal in `directory`, cutting a torn tail.
    ///
    /// A segment is closed at `segment_bytes`; `backlog_bytes` bounds what is
    /// kept in memory while the disk takes nothing.
    ///
    /// # Errors
    ///
    /// When the directory is unusable, used by another tracker, or its records
    /// have a gap.
    pub fn open(
        directory: &Path,
        segment_bytes: u64,
        backlog_bytes: usize,
        now_ms: u64,
    ) -> io::Result<Self> {
        std::fs::create_dir_all(directory)?;
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(directory.join("lock"))?;
        lock.try_lock().map_err(|_| {
            io::Error::new(io::ErrorKind::ResourceBusy, "another tracker writes this journal")
        })?;
        let (file, first, health) = resume(directory, now_ms)?;
        let writer = Writer {
            directory: directory.to_path_buf(),
            file: Arc::new(file),
            first,
            health,
            segment_bytes,
            backlog: Vec::new(),
            backlog_bytes,
            is_unsynced: false,
            is_urgent: false,
            is_failing: false,
        };
        Ok(Self { writer: Mutex::new(writer), due: Condvar::new(), lock })
    }

    /// Writes facts in one call. When it fails they wait in memory and answers go on.
    pub fn append(&self, facts: &[Fact], now_ms: u64) {
        if facts.is_empty() {
            return;
        }
        let mut writer = self.writer.lock();
        let was_urgent = writer.is_urgent;
        for fact in facts {
            writer.keep(fact);
        }
        let is_first = writer.is_urgent && !was_urgent;
        if !writer.is_failing {
            writer.write(now_ms);
        }
        drop(writer);
        if is_first {
            self.due.notify_one();
        }
    }

    /// One round of the flushing thread: waits until something is due, then flushes it.
    pub fn flush_when_due(&self, now_ms: impl Fn() -> u64) {
        let mut writer = self.writer.lock();
        if !writer.is_urgent {
            self.due.wait_for(&mut writer, SYNC_EVERY);
        }
        if writer.is_urgent {
            self.due.wait_for(&mut writer, GATHER);
        }
        drop(writer);
        self.flush(now_ms());
    }

    /// Writes what waits and flushes all of it.
    pub fn flush(&self, now_ms: u64) {
        let mut writer = self.writer.lock();
        writer.write(now_ms);
        writer.is_urgent = false;
        if !std::mem::take(&mut writer.is_unsynced) {
            return;
        }
        let file = Arc::clone(&writer.file);
        // Announces must not wait for the disk.
        drop(writer);
        if file.sync_data().is_err() {
            let mut writer = self.writer.lock();
            writer.health.errors += 1;
            writer.is_unsynced = true;
        }
    }

    /// Flushes everything and lets another tracker write this journal.
    pub fn close(&self, now_ms: u64) {
        self.flush(now_ms);
        // The system takes the lock back with the file anyway.
        let _ = self.lock.unlock();
    }

    /// Wakes the flushing thread, to end it.
    pub fn wake(&self) {
        self.due.notify_all();
    }

    /// Figures for the control plane.
    #[must_use]
    pub fn health(&self) -> Health {
        let writer = self.writer.lock();
        Health { backlog: (writer.backlog.len() / FACT_BYTES) as u64, ..writer.health }
    }
}

impl Writer {
    /// Puts a fact in line; when the line is full only farewells still enter, at twice the length.
    fn keep(&mut self, fact: &Fact) {
        let is_last_word = fact.event == 3;
        let room = if is_last_word { self.backlog_bytes * 2 } else { self.backlog_bytes };
        if self.backlog.len() >= room {
            self.health.dropped += 1;
            return;
        }
        self.backlog.extend_from_slice(&fact.encode());
        // Its bytes would be lost with the power: no later report repeats them.
        self.is_urgent |= is_last_word || fact.event == 1;
    }

    fn write(&mut self, now_ms: u64) {
        if self.backlog.is_empty() {
            return;
        }
        self.is_failing = self.try_write(now_ms).is_err();
        self.health.errors += u64::from(self.is_failing);
    }

    fn try_write(&mut self, now_ms: u64) -> io::Result<()> {
        let mut at = segments::offset(self.health.position - self.first);
        if at >= self.segment_bytes {
            self.rotate(now_ms)?;
            at = segments::offset(0);
        }
        // At a fixed place: half a write that fails is written over by the next.
        self.file.write_all_at(&self.backlog, at)?;
        self.health.position += (self.backlog.len() / FACT_BYTES) as u64;
        self.backlog.clear();
        self.is_unsynced = true;
        Ok(())
    }

    fn rotate(&mut self, now_ms: u64) -> io::Result<()> {
        // A reader takes a segment with a successor for complete.
        self.file.sync_data()?;
        let first = self.health.position;
        self.file = Arc::new(start(&self.directory, first, now_ms)?);
        self.first = first;
        Ok(())
    }
}

/// Creates a segment and makes its name durable.
fn start(directory: &Path, first: u64, now_ms: u64) -> io::Result<File> {
    let path = segments::path(directory, first);
    let file = OpenOptions::new().create(true).truncate(true).read(true).write(true).open(path)?;
    file.write_all_at(&Header { first, created_ms: now_ms }.encode(), 0)?;
    file.sync_data()?;
    File::open(directory)?.sync_all()?;
    Ok(file)
}

/// Finds the last segment and cuts what is not whole.
fn resume(directory: &Path, now_ms: u64) -> io::Result<(File, u64, Health)> {
    let firsts = segments::list(directory)?;
    let mut health = Health::default();
    let Some(first) = firsts.last().copied() else {
        return Ok((start(directory, 0, now_ms)?, 0, health));
    };
    check_gap_free(directory, &firsts)?;
    let path = segments::path(directory, first);
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    let length = file.metadata()?.len();
    if !segments::has_header(&file, first)? {
        if length > HEADER_BYTES as u64 {
            return Err(invalid(format!("journal segment {first} has no valid header")));
        }
        // The crash came between the name and the header: nothing was in it.
        health.position = first;
        return Ok((start(directory, first, now_ms)?, first, health));
    }
    let whole = segments::whole(&file)?;
    health.cut_bytes = length - segments::offset(whole);
    health.position = first + whole;
    file.set_len(segments::offset(whole))?;
    file.sync_all()?;
    Ok((file, first, health))
}

fn check_gap_free(directory: &Path, firsts: &[u64]) -> io::Result<()> {
    for pair in firsts.windows(2) {
        if let [first, next] = pair {
            let length = std::fs::metadata(segments::path(directory, *first))?.len();
            if first + segments::room(length) != *next {
                return Err(invalid(format!("journal records are missing before {next}")));
            }
        }
    }
    Ok(())
}

fn invalid(sentence: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, sentence)
}

#[cfg(test)]
mod tests;
