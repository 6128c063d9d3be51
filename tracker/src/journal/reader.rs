//! Reads the journal, from this process or another, while the tracker writes it.

use crate::journal::segments;
use crate::wire::fact::Fact;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// A reader of one journal directory; holds no file open.
#[derive(Clone, Debug)]
pub struct Reader {
    directory: PathBuf,
}

impl Reader {
    /// A reader of `directory`, which may be empty still.
    #[must_use]
    pub fn new(directory: &Path) -> Self {
        Self { directory: directory.to_path_buf() }
    }

    /// Position of the oldest record kept; 0 while there is none.
    ///
    /// # Errors
    ///
    /// When the directory cannot be read.
    pub fn first(&self) -> io::Result<u64> {
        Ok(segments::list(&self.directory)?.first().copied().unwrap_or(0))
    }

    /// Position after the newest whole record.
    ///
    /// # Errors
    ///
    /// When the directory or its last segment cannot be read.
    pub fn end(&self) -> io::Result<u64> {
        let Some(first) = segments::list(&self.directory)?.last().copied() else {
            return Ok(0);
        };
        let file = File::open(segments::path(&self.directory, first))?;
        let mut count = segments::room(file.metadata()?.len());
        // Only a crash leaves a torn tail, and only until the tracker starts again.
        while count > 0 && segments::read(&file, count - 1, 1)?.is_empty() {
            count -= 1;
        }
        Ok(first + count)
    }

    /// Up to `limit` facts from `position` on, each with its own position.
    ///
    /// Whatever is returned is on disk for good: the reader flushes what it has
    /// read, so that a ledger can never apply a fact that a power cut takes back
    /// and whose position another fact then gets. Empty at the end.
    ///
    /// # Errors
    ///
    /// `NotFound` when `position` was pruned; `InvalidData` when a record in
    /// the middle of the journal is damaged.
    pub fn read(&self, position: u64, limit: usize) -> io::Result<Vec<(u64, Fact)>> {
        let firsts = segments::list(&self.directory)?;
        let mut facts = Vec::new();
        let Some(start) = firsts.partition_point(|first| *first <= position).checked_sub(1) else {
            return if firsts.is_empty() && position == 0 {
                Ok(facts)
            } else {
                Err(pruned(position))
            };
        };
        let mut at = position;
        for (place, first) in firsts.iter().enumerate().skip(start) {
            if facts.len() >= limit {
                break;
            }
            let file = File::open(segments::path(&self.directory, *first))?;
            let read = segments::read(&file, at - first, limit - facts.len())?;
            if !read.is_empty() {
                file.sync_data()?;
            }
            for fact in read {
                facts.push((at, fact));
                at += 1;
            }
            match firsts.get(place + 1) {
                Some(next) if at < *next && facts.len() < limit => return Err(damaged(at)),
                _ => {}
            }
        }
        Ok(facts)
    }

    /// Removes the segments whose records are all before `position`; returns how many.
    ///
    /// The newest segment stays, so that numbering goes on.
    ///
    /// # Errors
    ///
    /// When a file cannot be removed.
    pub fn prune(&self, position: u64) -> io::Result<usize> {
        let firsts = segments::list(&self.directory)?;
        let mut removed = 0;
        for pair in firsts.windows(2) {
            if let [first, next] = pair
                && *next <= position
            {
                std::fs::remove_file(segments::path(&self.directory, *first))?;
                removed += 1;
            }
        }
        Ok(removed)
    }
}

fn pruned(position: u64) -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, format!("journal record {position} was pruned"))
}

fn damaged(position: u64) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("journal record {position} is damaged"))
}
