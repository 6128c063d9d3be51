//! Ends of all kinds: asked for, sudden, and what is left of the journal.
#![expect(clippy::unwrap_used, reason = "a test that cannot set up must stop")]

mod common;

use bottin_tracker::clock::Clock;
use bottin_tracker::journal::Reader;
use bottin_tracker::serve::{Handle, Records};
use common::client::{Report, Transport, Udp, udp_body};
use common::{NOON_MS, Site, config};
use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

#[test]
fn a_stop_ends_every_thread_and_frees_the_port() {
    let site = Site::open();
    Transport::Udp(site.v4).announce(&Report::of(1));
    assert!(site.handle.stop(Duration::from_secs(5)));
    assert!(TcpStream::connect(site.v4).is_err());
    assert!(std::net::UdpSocket::bind(site.v4).is_ok());
}

#[test]
fn an_address_in_use_is_named() {
    let site = Site::open();
    let listen = format!(r#"["{}"]"#, site.v4);
    let second = tempfile::TempDir::new().unwrap();
    let handle = Handle::new(config(second.path(), "", &listen)).unwrap();
    let refused = handle.start().unwrap_err().to_string();
    assert!(refused.contains(&site.v4.to_string()), "{refused}");
}

#[test]
fn run_07_a_tracker_that_waits_for_another_opens_the_journal_once_that_one_let_go() {
    let site = Site::open();
    Transport::Udp(site.v4).announce(&Report::of(1));
    let waits = |it: &str| config(site.directory.path(), it, r#"["127.0.0.1:0"]"#);
    assert!(Handle::new(waits("")).is_err(), "one that does not wait");
    let next = Handle::new(waits(r#""journal_waits": true,"#)).unwrap();
    let refused = next.start().unwrap_err().to_string();
    assert!(refused.contains("another tracker writes this journal"), "{refused}");

    assert!(site.handle.stop(Duration::from_secs(5)));

    next.shared().open_journal().unwrap();
    assert_eq!(next.shared().journal_health().position, 1);
    assert!(next.start().is_ok());
    assert!(next.stop(Duration::from_secs(5)));
}

#[test]
fn udp_03_and_run_07_connection_ids_outlive_a_restart() {
    let site = Site::open();
    let client = Udp::connect(site.v4);
    assert!(site.handle.stop(Duration::from_secs(5)));
    let other = tempfile::TempDir::new().unwrap();
    let again = config(other.path(), "", &format!(r#"["{}"]"#, site.v4));
    let again = Handle::with_clock(again, Clock::fixed(NOON_MS)).unwrap();
    again.start().unwrap();
    let answer = client.ask(&client.request(1, &udp_body(&Report::of(1)))).unwrap();
    assert_eq!(answer[..4], 3_u32.to_be_bytes(), "heard, and told that the tracker starts");
    assert!(again.stop(Duration::from_secs(5)));
}

/// Runs only as the child of the test below: a tracker that waits to be killed.
#[test]
#[ignore = "started by the kill test"]
#[expect(clippy::disallowed_methods, reason = "the parent passes the directory")]
fn child_tracker() {
    let Ok(directory) = std::env::var("BOTTIN_TEST_CHILD") else { return };
    let settings = r#""journal_segment_bytes": 1024,"#;
    let config = config(Path::new(&directory), settings, r#"["127.0.0.1:0"]"#);
    let handle = Handle::new(config).unwrap();
    let accounts: Vec<u8> = (1..=9).flat_map(common::account).collect();
    let releases = &common::releases()[..];
    let records = Records { releases, accounts: &accounts, ..Records::default() };
    handle.shared().load(&records).unwrap();
    handle.shared().commit_snapshot(1);
    eprintln!("serving {}", handle.start().unwrap()[0]);
    loop {
        std::thread::park();
    }
}

fn spawn_child(directory: &Path) -> (Child, SocketAddr) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child_tracker", "--ignored", "--nocapture"])
        .env("BOTTIN_TEST_CHILD", directory)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let serving = lines.map(Result::unwrap).find(|line| line.starts_with("serving ")).unwrap();
    (child, serving["serving ".len()..].parse().unwrap())
}

#[test]
fn jrn_07_a_killed_tracker_has_journalled_all_it_answered() {
    let directory = tempfile::TempDir::new().unwrap();
    let mut answered = HashSet::new();
    let mut dice = fastrand::Rng::with_seed(3);
    let mut uploaded = 0;
    for _ in 0..15 {
        let (mut child, address) = spawn_child(directory.path());
        let client = Udp::connect(address);
        for _ in 0..dice.u32(1..40) {
            uploaded += 1;
            let report = Report { uploaded, ..Report::of(u64::from(dice.u8(1..9))) };
            assert_eq!(client.announce(&report).failure, None);
            answered.insert(uploaded);
        }
        // One more is on its way when the process dies: it may be in the journal or not.
        let _ = client.socket.send(&client.request(1, &udp_body(&Report::of(1))));
        child.kill().unwrap();
        child.wait().unwrap();
    }

    let reader = Reader::new(&directory.path().join("journal"));
    let facts = reader.read(0, 10_000).unwrap();

    let told: HashSet<_> = facts.iter().map(|(_, fact)| fact.uploaded).collect();
    assert!(answered.is_subset(&told));
    let positions: Vec<_> = facts.iter().map(|(position, _)| *position).collect();
    assert_eq!(positions, (0..reader.end().unwrap()).collect::<Vec<_>>());
}
