//! Swarms over a restart, graceful or not.
#![expect(clippy::unwrap_used, reason = "a test that cannot set up must stop")]

mod common;

use bottin_tracker::journal::Reader;
use bottin_tracker::wire::fact::FIRST;
use common::client::{Report, Transport};
use common::{OPEN, Site};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// Two members, one with both families, and open peers of both families; then it stops.
fn stopped(folder: &Path) -> PathBuf {
    let site = Site::open();
    let [udp, udp6, _, _] = Transport::all(&site);
    udp.announce(&Report { uploaded: 500, ..Report::of(1) });
    udp6.announce(&Report { uploaded: 500, ..Report::of(1) });
    udp.announce(&Report { left: 0, ..Report::of(2) });
    udp.announce(&Report { hash: OPEN, left: 0, ..Report::keyless() });
    udp6.announce(&Report { hash: OPEN, port: 9, ..Report::keyless() });
    assert!(site.handle.stop(Duration::from_secs(5)));
    let path = folder.join("swarms");
    assert_eq!(site.handle.shared().save_swarms(&path).unwrap(), 4);
    path
}

fn restored(site: &Site, path: &Path) -> Option<usize> {
    site.handle.shared().restore_swarms(path).unwrap()
}

#[test]
fn run_07_swarms_outlive_a_graceful_restart() {
    let folder = TempDir::new().unwrap();
    let path = stopped(folder.path());
    assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    let site = Site::open();
    assert_eq!(restored(&site, &path), Some(4));
    assert!(!path.exists(), "it is read once");
    assert_eq!((site.statistic("peers"), site.statistic("swarms")), (4, 2));

    let [udp, udp6, _, _] = Transport::all(&site);
    let met = udp.announce(&Report::of(3));
    assert_eq!((met.seeders, met.leechers, met.peers.len()), (1, 2, 2));
    assert_eq!(udp6.announce(&Report::of(4)).peers.len(), 1);
    let met = udp.announce(&Report { hash: OPEN, port: 10, ..Report::keyless() });
    assert_eq!((met.seeders, met.leechers, met.peers.len()), (1, 2, 1));

    udp.announce(&Report { uploaded: 700, event: 0, ..Report::of(1) });
    let facts = Reader::new(&site.directory.path().join("journal")).read(0, 100).unwrap();
    let (_, fact) = *facts.last().unwrap();
    assert_eq!((fact.user, fact.uploaded, fact.flags & FIRST), (1, 700, 0), "it is known still");
}

#[test]
fn run_07_what_is_restored_is_forgotten_in_its_time() {
    let folder = TempDir::new().unwrap();
    let path = stopped(folder.path());
    let site = Site::open();
    site.advance(1_700);
    assert_eq!(restored(&site, &path), Some(4));
    site.advance(900);
    let udp = Transport::Udp(site.v4);
    assert_eq!(udp.announce(&Report::of(3)).seeders, 1, "2,600 seconds old: still there");
    site.advance(200);
    for _ in 0..600 {
        if udp.announce(&Report::of(3)).seeders == 0 {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("not forgotten");
}

#[test]
fn run_07_what_is_old_damaged_or_open_to_others_is_not_believed() {
    let spoil: [fn(&Site, &Path); 4] = [
        |site, _| site.advance(1_801),
        |_, path| {
            let mut bytes = fs::read(path).unwrap();
            let at = bytes.iter().rposition(|byte| *byte != 0).unwrap();
            bytes[at] ^= 1;
            fs::write(path, bytes).unwrap();
        },
        |_, path| fs::write(path, "BOTTIN").unwrap(),
        |_, path| fs::set_permissions(path, fs::Permissions::from_mode(0o640)).unwrap(),
    ];
    for spoil in spoil {
        let folder = TempDir::new().unwrap();
        let path = stopped(folder.path());
        let site = Site::open();
        spoil(&site, &path);
        assert_eq!(restored(&site, &path), None);
        assert!(!path.exists());
    }
}

#[test]
fn run_07_a_swarm_that_is_served_no_longer_stays_away() {
    let folder = TempDir::new().unwrap();
    let path = stopped(folder.path());
    let site = Site::open();
    site.apply(&common::release(8, (Some(OPEN), None), 5, true));
    assert_eq!(restored(&site, &path), Some(2));
}

#[test]
fn run_07_after_a_crash_clients_are_asked_back_sooner() {
    let folder = TempDir::new().unwrap();
    let site = Site::open();
    let interval = || Transport::Udp(site.v4).announce(&Report::of(1)).interval_s;
    assert!(interval() >= 1_800);
    // It has a journal, as after a crash, and no swarms.
    assert_eq!(restored(&site, &folder.path().join("swarms")), None);
    assert!((900..=1_800).contains(&interval()));
}
