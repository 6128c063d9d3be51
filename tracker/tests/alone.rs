//! A tracker without a site: lists, everything, bounds, downloads kept.
#![expect(clippy::unwrap_used, reason = "a test that cannot set up must stop")]

mod common;

use common::client::{Reply, Report, Transport};
use common::{Site, UNLISTED};
use std::fs;
use std::path::PathBuf;

const BOTH: &str = r#"["127.0.0.1:0", "[::1]:0"]"#;

struct Alone {
    site: Site,
    directory: tempfile::TempDir,
}

impl Alone {
    fn with(bounds: &str) -> Self {
        let site =
            Site::starting(&format!(r#""standalone": {bounds}, "min_interval_s": 0,"#), BOTH);
        Self { site, directory: tempfile::tempdir().unwrap() }
    }

    fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.directory.path().join(name);
        fs::write(&path, content).unwrap();
        path
    }

    fn all_but(&self, denied: &[u8]) {
        let list: Vec<String> = denied.iter().map(|byte| line(*byte)).collect();
        let path = self.file("deny", &list.join("\n"));
        self.site.handle.shared().load_lists(None, Some(&path)).unwrap();
    }

    fn announce(&self, hash: u8, left: u64) -> Reply {
        let report = Report { hash, left, key: None, ..Report::of(1) };
        Transport::Udp(self.site.v4).announce(&report)
    }
}

fn line(byte: u8) -> String {
    format!("{byte:02x}").repeat(20)
}

#[test]
fn a_list_is_served_to_anyone_over_every_protocol() {
    let alone = Alone::with("{}");
    let allow = alone.file("allow", &format!("# ours\n{}\n", line(1)));
    assert_eq!(alone.site.handle.shared().load_lists(Some(&allow), None).unwrap(), (1, 0));
    for transport in Transport::all(&alone.site) {
        let listed = Report { hash: 1, key: None, ..Report::of(1) };
        assert_eq!(transport.announce(&listed).failure, None);
        assert!(transport.announce(&Report { hash: UNLISTED, ..listed }).failure.is_some());
    }
}

#[test]
fn run_11_a_list_read_again_changes_what_is_served_and_a_bad_one_nothing() {
    let alone = Alone::with("{}");
    let shared = alone.site.handle.shared();
    let allow = alone.file("allow", &line(1));
    shared.load_lists(Some(&allow), None).unwrap();
    alone.announce(1, 0);
    alone.file("allow", &format!("{}\nnoise\n", line(2)));
    let refused = shared.load_lists(Some(&allow), None).unwrap_err().to_string();
    assert!(refused.contains("allow, line 2"), "{refused}");
    assert_eq!(alone.announce(1, 0).failure, None);
    alone.file("allow", &line(2));
    shared.load_lists(Some(&allow), None).unwrap();
    assert!(alone.announce(1, 0).failure.is_some());
    assert_eq!(alone.announce(2, 0).failure, None);
    assert_eq!(alone.site.statistic("swarms"), 1, "what is listed no longer is purged");
}

#[test]
fn without_a_list_all_is_served_but_what_is_denied() {
    let alone = Alone::with("{}");
    alone.all_but(&[9]);
    assert_eq!(alone.announce(8, 0).failure, None);
    assert_eq!(alone.announce(8, 0).seeders, 1);
    assert!(alone.announce(9, 0).failure.is_some());
    alone.all_but(&[8]);
    assert!(alone.announce(8, 0).failure.is_some());
    assert_eq!(alone.site.statistic("swarms"), 0);
}

#[test]
fn abuse_02_a_network_brings_so_many_new_torrents_an_hour() {
    let alone = Alone::with(r#"{"new_torrents_per_hour": 3}"#);
    alone.all_but(&[]);
    let refused = |hash| alone.announce(hash, 0).failure.is_some();
    assert_eq!((1..=5).map(refused).collect::<Vec<_>>(), [false, false, false, true, true]);
    assert!(!refused(1), "what is here already may be announced");
    alone.site.advance(1_200);
    assert_eq!((6..=7).map(refused).collect::<Vec<_>>(), [false, true]);
    assert_eq!(alone.site.statistic("torrents_refused"), 3);
}

#[test]
fn abuse_02_when_full_the_torrents_announced_once_by_one_peer_go_first() {
    let alone = Alone::with(r#"{"max_torrents": 3}"#);
    alone.all_but(&[]);
    for hash in [1, 2, 3, 1, 2] {
        assert_eq!(alone.announce(hash, 0).failure, None);
    }
    assert_eq!(alone.announce(4, 0).failure, None, "3 went, for it");
    assert_eq!(alone.announce(4, 0).failure, None);
    let refused = alone.announce(5, 0).failure.unwrap();
    assert!(refused.contains("full"), "all that are left came back once: {refused}");
    assert_eq!(alone.site.statistic("torrents_evicted"), 1);
    assert_eq!([1, 2, 4].map(|hash| alone.announce(hash, 0).seeders), [1, 1, 1]);
}

#[test]
fn scr_04_downloads_are_kept_over_a_restart() {
    let first = Alone::with("{}");
    first.all_but(&[]);
    first.announce(1, 5);
    first.announce(1, 0);
    let kept = first.directory.path().join("completed");
    assert_eq!(first.site.handle.shared().save_completed(Some(&kept)).unwrap(), 1);
    let allow = first.file("allow", &line(1));
    // Where a tracker takes another's place, that one counts while the lists are read.
    for (allow, is_late) in [(None, false), (Some(allow.as_path()), false), (None, true)] {
        let second = Alone::with("{}");
        let shared = second.site.handle.shared();
        if is_late {
            shared.load_lists(allow, None).unwrap();
        }
        assert_eq!(shared.load_completed(&kept).unwrap(), 1);
        if !is_late {
            shared.load_lists(allow, None).unwrap();
        }
        let report = Report { hash: 1, key: None, ..Report::of(2) };
        let path = format!("/scrape?info_hash={}", common::client::escape(1));
        Transport::Http(second.site.v4).announce(&report);
        let told = common::client::http_value(second.site.v4, &path);
        let files = told.get("files").unwrap().at(&[1; 20]).unwrap();
        assert_eq!(files.integer("downloaded"), Some(1));
        assert_eq!(shared.save_completed(Some(&kept)).unwrap(), 1);
    }
}
