//! Ways in beside plain TCP: Unix sockets.
#![expect(clippy::unwrap_used, reason = "a test that cannot set up must stop")]

mod common;

use common::bencode;
use common::client::{Report, announce_path, split};
use common::{OPEN, Site};
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::Path;

fn ask_unix(path: &Path, headers: &str) -> bencode::Value {
    let mut stream = UnixStream::connect(path).unwrap();
    let target = announce_path(&Report { hash: OPEN, key: None, ..Report::of(1) });
    write!(stream, "GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n")
        .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    bencode::read(&split(&answer).1)
}

fn site_with_unix(directory: &Path) -> Site {
    Site::with(&format!(r#""unix_listen": ["{}"],"#, directory.join("socket").display()))
}

#[test]
fn id_06_a_proxy_over_a_unix_socket_vouches_for_its_client() {
    let directory = tempfile::tempdir().unwrap();
    let site = site_with_unix(directory.path());
    let path = directory.path().join("socket");
    ask_unix(&path, "");
    let told = ask_unix(&path, "X-Forwarded-For: 6.6.6.6, 8.8.8.8\r\n");
    assert_eq!(told.bytes("external ip"), Some(&[8, 8, 8, 8][..]));
    assert_eq!(told.bytes("peers"), Some(&[][..]), "without the header it is nobody's peer");
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o660);
    drop(site);
    assert!(!path.exists());
}

#[test]
fn a_unix_socket_left_by_a_dead_tracker_is_taken_over_and_a_living_ones_is_not() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("socket");
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let first = site_with_unix(directory.path());
    let other = tempfile::tempdir().unwrap();
    let settings = format!(r#""unix_listen": ["{}"],"#, path.display());
    let second = common::config(other.path(), &settings, r#"["127.0.0.1:0"]"#);
    let second = bottin_tracker::serve::Handle::new(second).unwrap();
    let refused = second.start().unwrap_err().to_string();
    assert!(refused.contains("socket"), "{refused}");
    second.stop(std::time::Duration::from_secs(5));
    ask_unix(&path, "");
    drop(first);
}
