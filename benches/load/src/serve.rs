//! Our tracker in a process of its own, with the population's releases and members listed.

use crate::options::Options;
use crate::population::{KEY_SECRET, hash, hex};
use bottin_tracker::config::Config;
use bottin_tracker::serve::{Handle, Records};
use bottin_tracker::wire::key::{ACCOUNT, KeyMaker};
use std::io::{self, Write};

/// More torrents than any generator makes up.
const ANY: &str =
    r#""standalone": {"max_torrents": 10000000, "new_torrents_per_hour": 4000000000},"#;

/// Serves until killed; `keyed` keeps a journal, `open` none, `any` takes torrents it was not told of.
pub(crate) fn tracker(kind: &str, options: &Options) -> io::Result<()> {
    let journal = tempfile::TempDir::new()?;
    let directory = match kind {
        "keyed" => format!(r#""journal_dir": "{}","#, journal.path().display()),
        "open" => String::new(),
        "any" => ANY.to_owned(),
        _ => return Err(io::Error::other("serve open, any, keyed, echo or echo-batched")),
    };
    // Limits are relaxed, because all load comes from this machine: rates by address, and quotas of
    // lists, which are kept all the same. Nothing is put off unless asked, or peers would be missing.
    let settings = format!(
        r#"{{"listen": ["127.0.0.1:{}"], "threads": {}, "key_secret": "{}", {directory}
            "min_interval_s": 0, "limits": {{"exempt_loopback": true}}, "sheds_load": {},
            "list_quotas": [{{"lists": 1000000000, "seconds": 3600}}],
            "lists_in_vain": 1000000000}}"#,
        options.port,
        options.threads,
        hex(&KEY_SECRET),
        options.sheds,
    );
    let config = Config::read(&settings).map_err(|error| io::Error::other(error.to_string()))?;
    let handle = Handle::new(config)?;
    if kind == "any" {
        handle.shared().load_lists(None, None).map_err(io::Error::other)?;
    } else {
        list(&handle, options)?;
    }
    let addresses = handle.start()?;
    let mut out = io::stdout();
    for address in addresses {
        writeln!(out, "{address}")?;
    }
    out.flush()?;
    loop {
        std::thread::park();
    }
}

/// Makes the population's releases and members the policy.
fn list(handle: &Handle, options: &Options) -> io::Result<()> {
    let maker = KeyMaker::new(&KEY_SECRET);
    for torrent in 0..options.torrents {
        let records = Records { releases: &release(torrent), ..Records::default() };
        handle.shared().load(&records).map_err(io::Error::other)?;
    }
    for user in 1..=u64::from(options.users) {
        let version = (1..9).find(|version| maker.issue(ACCOUNT, user, *version, None).is_ok());
        let account = account(user, version.unwrap_or(1));
        let records = Records { accounts: &account, ..Records::default() };
        handle.shared().load(&records).map_err(io::Error::other)?;
    }
    handle.shared().commit_snapshot(1);
    Ok(())
}

fn release(torrent: u32) -> Vec<u8> {
    let id = (torrent + 1).to_be_bytes();
    [&id[..], &hash(torrent), &[0; 32], &[1, 1, 4, 4], &[0; 8]].concat()
}

fn account(user: u64, version: u16) -> Vec<u8> {
    [&user.to_be_bytes()[..], &version.to_be_bytes(), &[0; 10], &[0, 3, 1, 0]].concat()
}
