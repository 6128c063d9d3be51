//! The Python face of the tracker: coarse calls, one per batch, never one per announce.

use crate::config::{Config, Family};
use crate::journal::{Reader, rows};
use crate::notices::Notice;
use crate::serve::{Handle, Records};
use crate::wire::InfoHash;
use crate::wire::fact::subject;
use crate::wire::key::{KeyMaker, RawKey, TORRENT};
use pyo3::exceptions::{PyLookupError, PyOSError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};
use std::io;
use std::path::Path;
use std::time::Duration;

/// User, code, subject, count, Unix milliseconds, head of the peer id, flags.
type NoticeRow = (u64, &'static str, i64, u32, u64, [u8; 8], u8);

fn refused(sentence: impl std::fmt::Display) -> PyErr {
    PyValueError::new_err(sentence.to_string())
}

fn failed(error: &io::Error) -> PyErr {
    match error.kind() {
        io::ErrorKind::NotFound => PyLookupError::new_err(error.to_string()),
        _ => PyOSError::new_err(error.to_string()),
    }
}

fn unread(error: &io::Error) -> PyErr {
    match error.kind() {
        io::ErrorKind::InvalidData => refused(error),
        _ => PyOSError::new_err(error.to_string()),
    }
}

/// A tracker: sockets and threads of its own, policy from Python, facts and counts back.
#[pyclass(frozen, module = "bottin._native")]
struct Tracker(Handle);

#[pymethods]
impl Tracker {
    #[new]
    fn new(py: Python<'_>, config_json: &str) -> PyResult<Self> {
        let config = Config::read(config_json).map_err(refused)?;
        let handle = py.detach(|| Handle::new(config));
        handle.map(Self).map_err(|error| PyOSError::new_err(error.to_string()))
    }

    fn start(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        let addresses = py.detach(|| self.0.start());
        let addresses = addresses.map_err(|error| PyOSError::new_err(error.to_string()))?;
        Ok(addresses.iter().map(ToString::to_string).collect())
    }

    fn open_journal(&self, py: Python<'_>) -> PyResult<()> {
        py.detach(|| self.0.shared().open_journal())
            .map_err(|error| PyOSError::new_err(error.to_string()))
    }

    fn stop(&self, py: Python<'_>, timeout_s: f64) -> PyResult<bool> {
        let timeout = Duration::try_from_secs_f64(timeout_s).map_err(refused)?;
        Ok(py.detach(|| self.0.stop(timeout)))
    }

    fn reload_tls(&self, py: Python<'_>) -> PyResult<bool> {
        py.detach(|| self.0.reload_tls()).map_err(refused)
    }

    #[expect(clippy::too_many_arguments, reason = "as apply")]
    #[pyo3(signature = (releases, accounts, denied, clients=None))]
    fn load(
        &self,
        py: Python<'_>,
        releases: &[u8],
        accounts: &[u8],
        denied: &[u8],
        clients: Option<&[u8]>,
    ) -> PyResult<()> {
        let records = Records { releases, accounts, denied, permitted: &[], clients };
        py.detach(|| self.0.shared().load(&records)).map_err(refused)
    }

    #[pyo3(signature = (allow, deny))]
    fn load_lists(
        &self,
        py: Python<'_>,
        allow: Option<&str>,
        deny: Option<&str>,
    ) -> PyResult<(usize, usize)> {
        py.detach(|| self.0.shared().load_lists(allow.map(Path::new), deny.map(Path::new)))
            .map_err(|error| unread(&error))
    }

    fn load_completed(&self, py: Python<'_>, path: &str) -> PyResult<usize> {
        py.detach(|| self.0.shared().load_completed(Path::new(path)))
            .map_err(|error| unread(&error))
    }

    #[pyo3(signature = (path))]
    fn save_completed(&self, py: Python<'_>, path: Option<&str>) -> PyResult<usize> {
        py.detach(|| self.0.shared().save_completed(path.map(Path::new)))
            .map_err(|error| unread(&error))
    }

    fn save_swarms(&self, py: Python<'_>, path: &str) -> PyResult<usize> {
        py.detach(|| self.0.shared().save_swarms(Path::new(path))).map_err(|error| unread(&error))
    }

    fn restore_swarms(&self, py: Python<'_>, path: &str) -> PyResult<Option<usize>> {
        py.detach(|| self.0.shared().restore_swarms(Path::new(path)))
            .map_err(|error| unread(&error))
    }

    fn figures(&self, py: Python<'_>) -> String {
        py.detach(|| self.0.shared().figures())
    }

    fn begin_snapshot(&self, py: Python<'_>) {
        py.detach(|| self.0.shared().begin_snapshot());
    }

    fn commit_snapshot(&self, py: Python<'_>, sequence: u64) {
        py.detach(|| self.0.shared().commit_snapshot(sequence));
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one call, one transaction: the contract's shape"
    )]
    #[pyo3(signature = (sequence, releases, accounts, denied, permitted, clients=None))]
    fn apply(
        &self,
        py: Python<'_>,
        sequence: u64,
        releases: &[u8],
        accounts: &[u8],
        denied: &[u8],
        permitted: &[u8],
        clients: Option<&[u8]>,
    ) -> PyResult<()> {
        let records = Records { releases, accounts, denied, permitted, clients };
        py.detach(|| self.0.shared().apply(sequence, &records)).map_err(refused)
    }

    fn policy_sequence(&self, py: Python<'_>) -> Option<u64> {
        py.detach(|| self.0.shared().policy_sequence())
    }

    #[expect(clippy::needless_pass_by_value, reason = "PyO3 hands over owned lists")]
    fn set_clients(
        &self,
        allowed: Vec<String>,
        warned: Vec<String>,
        denied: Vec<String>,
    ) -> PyResult<()> {
        let [allowed, warned, denied] = [families(&allowed), families(&warned), families(&denied)];
        self.0.shared().set_clients(&allowed?, &warned?, &denied?);
        Ok(())
    }

    fn take_counts(&self, py: Python<'_>, limit: usize) -> Vec<(u32, u32, u32, u32)> {
        let changed = py.detach(|| self.0.shared().take_counts(limit));
        changed
            .into_iter()
            .map(|(release, it)| (release, it.seeders, it.leechers, it.completed))
            .collect()
    }

    fn statistics<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let figures = PyDict::new(py);
        for (name, number) in py.detach(|| self.0.shared().statistics()) {
            figures.set_item(name, number)?;
        }
        Ok(figures)
    }

    fn journal_position(&self, py: Python<'_>) -> u64 {
        py.detach(|| self.0.shared().journal_health().position)
    }

    fn confirm_policy(&self) {
        self.0.shared().confirm_policy();
    }

    fn drain_notices(&self, py: Python<'_>) -> Vec<NoticeRow> {
        let row = |(it, count): (Notice, u32)| {
            (it.user, it.code, subject(it.release, it.name), count, it.time_ms, it.client, it.flags)
        };
        py.detach(|| self.0.shared().drain_notices()).into_iter().map(row).collect()
    }

    fn dead_threads(&self) -> Vec<String> {
        self.0.dead_threads()
    }
}

fn families(heads: &[String]) -> PyResult<Vec<Family>> {
    let read = |head: &String| {
        Family::try_from(head.clone()).map_err(|why| refused(format!("client {head:?} {why}")))
    };
    heads.iter().map(read).collect()
}

/// Reads a tracker's journal, from this process or another.
#[pyclass(frozen, module = "bottin._native")]
struct JournalReader(Reader);

#[pymethods]
impl JournalReader {
    #[new]
    #[expect(clippy::needless_pass_by_value, reason = "PyO3 hands over an owned path")]
    fn new(directory: std::path::PathBuf) -> Self {
        Self(Reader::new(&directory))
    }

    fn first(&self, py: Python<'_>) -> PyResult<u64> {
        py.detach(|| self.0.first()).map_err(|error| failed(&error))
    }

    fn end(&self, py: Python<'_>) -> PyResult<u64> {
        py.detach(|| self.0.end()).map_err(|error| failed(&error))
    }

    fn read<'py>(
        &self,
        py: Python<'py>,
        position: u64,
        limit: usize,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let rows = py.detach(|| Ok(rows::write(&self.0.read(position, limit)?)));
        rows.map(|rows| PyBytes::new(py, &rows)).map_err(|error: io::Error| failed(&error))
    }

    fn prune(&self, py: Python<'_>, before: u64) -> PyResult<usize> {
        py.detach(|| self.0.prune(before)).map_err(|error| failed(&error))
    }
}

fn maker(secret: &[u8]) -> PyResult<KeyMaker> {
    let secret: &[u8; 32] = secret.try_into().map_err(|_| refused("secret must be 32 bytes"))?;
    Ok(KeyMaker::new(secret))
}

fn bound_hash(info_hash: Option<&[u8]>) -> PyResult<Option<InfoHash>> {
    // A v2 hash counts by its first 20 bytes, as on the wire.
    info_hash
        .map(|hash| match hash.len() {
            20 | 32 => hash.first_chunk().copied().map(InfoHash).ok_or_else(|| refused("")),
            _ => Err(refused("info_hash must be 20 or 32 bytes")),
        })
        .transpose()
}

/// Derives the text of an announce key.
#[pyfunction]
#[pyo3(signature = (secret, kind, user_id, version, info_hash))]
fn announce_key(
    secret: &[u8],
    kind: u8,
    user_id: u64,
    version: u16,
    info_hash: Option<&[u8]>,
) -> PyResult<String> {
    let bound = bound_hash(info_hash)?;
    let key = maker(secret)?.issue(kind, user_id, version, bound.as_ref());
    key.map_err(|why| refused(why.reason()))
}

/// Reads a key back: kind, user id and version when its MAC holds.
#[pyfunction]
#[pyo3(signature = (secret, key, info_hash))]
fn read_announce_key(
    secret: &[u8],
    key: &str,
    info_hash: Option<&[u8]>,
) -> PyResult<Option<(u8, u64, u16)>> {
    let maker = maker(secret)?;
    let bound = bound_hash(info_hash)?;
    Ok(RawKey::read(key.as_bytes())
        .filter(|raw| maker.verifies(raw, if raw.kind == TORRENT { bound.as_ref() } else { None }))
        .map(|raw| (raw.kind, raw.user, raw.version)))
}

/// The compiled part of Bottin.
#[pymodule(gil_used = false)]
mod _native {
    #[pymodule_export]
    use super::{JournalReader, Tracker, announce_key, read_announce_key};

    #[pymodule_export]
    const RELEASE_RECORD: usize = crate::wire::record::RELEASE_RECORD;
    #[pymodule_export]
    const ACCOUNT_RECORD: usize = crate::wire::record::ACCOUNT_RECORD;
    #[pymodule_export]
    const CLIENT_RECORD: usize = crate::wire::record::CLIENT_RECORD;
}
