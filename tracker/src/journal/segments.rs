//! Segment files: their names, their order, and how much of one is whole.

use crate::wire::fact::{FACT_BYTES, Fact, HEADER_BYTES, Header};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

const SUFFIX: &str = ".journal";

/// The path of the segment that starts at record `first`.
pub(super) fn path(directory: &Path, first: u64) -> PathBuf {
    directory.join(format!("{first:020}{SUFFIX}"))
}

/// The first record numbers of the segments in a directory, in order.
///
/// A directory that is not there yet has none: a ledger may start before its tracker.
pub(super) fn list(directory: &Path) -> io::Result<Vec<u64>> {
    let mut firsts = Vec::new();
    let entries = match std::fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(firsts),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let name = entry?.file_name();
        let first = name.to_str().and_then(|name| name.strip_suffix(SUFFIX));
        firsts.extend(first.and_then(|digits| digits.parse::<u64>().ok()));
    }
    firsts.sort_unstable();
    Ok(firsts)
}

/// Bytes before record `index` of a segment.
pub(super) fn offset(index: u64) -> u64 {
    HEADER_BYTES as u64 + index * FACT_BYTES as u64
}

/// Whole records that a segment of `length` bytes may hold.
pub(super) fn room(length: u64) -> u64 {
    length.saturating_sub(HEADER_BYTES as u64) / FACT_BYTES as u64
}

/// Whether a segment has a good header for `first`.
pub(super) fn has_header(file: &File, first: u64) -> io::Result<bool> {
    let mut bytes = [0; HEADER_BYTES];
    match file.read_exact_at(&mut bytes, 0) {
        Ok(()) => Ok(Header::decode(&bytes).is_some_and(|header| header.first == first)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

/// Reads up to `limit` whole records from `index` on; stops before the first that is not.
pub(super) fn read(file: &File, index: u64, limit: usize) -> io::Result<Vec<Fact>> {
    let available = room(file.metadata()?.len()).saturating_sub(index);
    let count = usize::try_from(available).unwrap_or(usize::MAX).min(limit);
    let mut bytes = vec![0; count * FACT_BYTES];
    let mut filled = 0;
    while let Some(rest) = bytes.get_mut(filled..)
        && !rest.is_empty()
    {
        match file.read_at(rest, offset(index) + filled as u64)? {
            0 => break,
            more => filled += more,
        }
    }
    bytes.truncate(filled);
    Ok(bytes.as_chunks::<FACT_BYTES>().0.iter().map_while(Fact::decode).collect())
}

/// Counts the whole records at the head of a segment.
pub(super) fn whole(file: &File) -> io::Result<u64> {
    let mut total = 0;
    loop {
        let batch = read(file, total, 4096)?.len() as u64;
        total += batch;
        if batch < 4096 {
            return Ok(total);
        }
    }
}
