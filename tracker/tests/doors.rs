//! Ways in beside plain TCP: Unix sockets, TLS, proxies.
#![expect(clippy::unwrap_used, reason = "a test that cannot set up must stop")]

mod common;

use common::bencode;
use common::client::{Report, Udp, announce_path, split, udp_body};
use common::{OPEN, Site};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, ClientConnection, HandshakeKind, RootCertStore, StreamOwned};
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;

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

const CERTIFICATES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/tls");

/// A tracker with a TLS listener, whose certificate is a copy that tests may replace.
struct TlsSite {
    site: Site,
    address: SocketAddr,
    directory: tempfile::TempDir,
}

impl TlsSite {
    fn open() -> Self {
        Self::with("")
    }

    fn with(more: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let settings = format!(
            r#"{more} "tls_listen": ["127.0.0.1:0"], "tls_certificate": "{0}/now.pem", "tls_key": "{0}/now.key","#,
            directory.path().display()
        );
        install(directory.path(), "first", "first");
        let site = Site::with(&settings);
        // The last address is that of TLS, where a site without it has its IPv6 one.
        Self { address: site.v6, site, directory }
    }
}

fn install(directory: &Path, chain: &str, key: &str) {
    fs::copy(format!("{CERTIFICATES}/{chain}.pem"), directory.join("now.pem")).unwrap();
    fs::copy(format!("{CERTIFICATES}/{key}.key"), directory.join("now.key")).unwrap();
}

/// A client that trusts one certificate and nothing else.
fn trusting(name: &str) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    let pem = format!("{CERTIFICATES}/{name}.pem");
    roots.add(CertificateDer::from_pem_file(pem).unwrap()).unwrap();
    Arc::new(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth())
}

type Secure = StreamOwned<ClientConnection, TcpStream>;

fn connect(address: SocketAddr, client: &Arc<ClientConfig>) -> Secure {
    let session = ClientConnection::new(Arc::clone(client), "localhost".try_into().unwrap());
    StreamOwned::new(session.unwrap(), TcpStream::connect(address).unwrap())
}

fn request(report: &Report, connection: &str) -> String {
    let target = announce_path(report);
    format!("GET {target} HTTP/1.1\r\nHost: x\r\nConnection: {connection}\r\n\r\n")
}

/// Announces on a connection that stays open; the answer's body.
fn announce(stream: &mut Secure) -> bencode::Value {
    stream.write_all(request(&Report::of(1), "keep-alive").as_bytes()).unwrap();
    let mut answer = Vec::new();
    let mut chunk = [0; 4096];
    while !answer.ends_with(b"e") {
        let length = stream.read(&mut chunk).unwrap();
        assert_ne!(length, 0, "the tracker closed");
        answer.extend_from_slice(chunk.split_at(length).0);
    }
    bencode::read(&split(&answer).1)
}

#[test]
fn http_18_tls_keeps_connections_and_resumes_sessions() {
    let site = TlsSite::open();
    let client = trusting("first");
    for kind in [HandshakeKind::Full, HandshakeKind::Resumed, HandshakeKind::Resumed] {
        let mut stream = connect(site.address, &client);
        for _ in 0..3 {
            assert_eq!(announce(&mut stream).bytes("failure reason"), None);
        }
        assert_eq!(stream.conn.handshake_kind(), Some(kind));
    }
    assert_eq!(site.site.statistic("http_announces"), 9);
}

#[test]
fn tls_says_goodbye_before_it_closes() {
    let site = TlsSite::open();
    let mut stream = connect(site.address, &trusting("first"));
    stream.write_all(request(&Report::of(1), "close").as_bytes()).unwrap();
    let mut answer = Vec::new();
    // A connection cut without the word would be an error here.
    stream.read_to_end(&mut answer).unwrap();
    assert!(split(&answer).0.ends_with("200 OK"));
}

#[test]
fn ws_07_a_new_certificate_serves_new_connections_and_keeps_the_old_ones() {
    let site = TlsSite::open();
    let mut old = connect(site.address, &trusting("first"));
    announce(&mut old);
    install(site.directory.path(), "second", "second");
    assert!(site.site.handle.reload_tls().unwrap());
    announce(&mut old);
    announce(&mut connect(site.address, &trusting("second")));
    let refused = connect(site.address, &trusting("first")).write_all(b"GET").is_err();
    assert!(refused, "the first certificate is shown no more");
}

#[test]
fn ws_07_a_bad_new_certificate_is_refused_with_a_sentence_and_the_old_stays() {
    let site = TlsSite::open();
    for (chain, key, word) in [("second", "first", "now.key"), ("first", "second", "now.key")] {
        install(site.directory.path(), chain, key);
        let refused = site.site.handle.reload_tls().unwrap_err().to_string();
        assert!(refused.contains(word) && refused.contains("is not the key"), "{refused}");
    }
    for (file, content) in [("now.pem", "noise"), ("now.key", ""), ("now.pem", "")] {
        install(site.directory.path(), "second", "second");
        fs::write(site.directory.path().join(file), content).unwrap();
        let refused = site.site.handle.reload_tls().unwrap_err().to_string();
        assert!(refused.contains(file), "{refused}");
    }
    announce(&mut connect(site.address, &trusting("first")));
}

#[test]
fn what_is_not_tls_ends_alone() {
    let site = TlsSite::open();
    for noise in [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0x16; 600], &[0x16, 3, 1, 0, 5, 1, 2, 3, 4, 5]]
    {
        let mut stream = TcpStream::connect(site.address).unwrap();
        stream.write_all(noise).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert!(!answer.windows(4).any(|part| part == b"HTTP"));
    }
    announce(&mut connect(site.address, &trusting("first")));
    assert!(site.site.handle.dead_threads().is_empty());
}

#[test]
fn tls_carries_more_than_a_socket_takes_at_once() {
    let site = TlsSite::open();
    let mut stream = connect(site.address, &trusting("first"));
    // Pipelined requests, whose answers nobody reads until all are asked.
    let all = request(&Report::of(1), "keep-alive").repeat(2_000);
    stream.write_all(all.as_bytes()).unwrap();
    stream.write_all(request(&Report::of(1), "close").as_bytes()).unwrap();
    let mut answers = Vec::new();
    stream.read_to_end(&mut answers).unwrap();
    let count = answers.windows(15).filter(|part| *part == b"HTTP/1.1 200 OK").count();
    assert_eq!(count, 2_001);
}

/// A header that speaks for 8.8.8.8.
fn header() -> Vec<u8> {
    let addresses = [8, 8, 8, 8, 10, 0, 0, 1, 0x1a, 0xe1, 0, 80];
    [&b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c"[..], &addresses].concat()
}

fn external_ip(stream: &mut impl ReadWrite) -> Option<Vec<u8>> {
    stream.write_all(request(&Report::of(1), "close").as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    if answer.is_empty() {
        return None;
    }
    bencode::read(&split(&answer).1).bytes("external ip").map(<[u8]>::to_vec)
}

trait ReadWrite: Read + Write {}
impl<T: Read + Write> ReadWrite for T {}

#[test]
fn id_07_a_trusted_proxy_begins_with_its_clients_address() {
    let site = Site::with(r#""proxy_protocol": ["127.0.0.1"],"#);
    let mut stream = TcpStream::connect(site.v4).unwrap();
    // In small pieces: a header may come in any.
    for piece in header().chunks(5) {
        stream.write_all(piece).unwrap();
        stream.flush().unwrap();
    }
    assert_eq!(external_ip(&mut stream).as_deref(), Some(&[8, 8, 8, 8][..]));
    let bare = external_ip(&mut TcpStream::connect(site.v4).unwrap());
    assert_eq!(bare, None, "from a proxy, the header is due");
    let mut other = TcpStream::connect(site.v6).unwrap();
    assert_eq!(external_ip(&mut other).map(|ip| ip.len()), Some(16), "others send none");
}

#[test]
fn id_07_a_header_from_anybody_else_is_no_http() {
    let site = Site::with(r#""proxy_protocol": ["10.0.0.0/8"],"#);
    let mut stream = TcpStream::connect(site.v4).unwrap();
    stream.write_all(&header()).unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    assert!(answer.starts_with(b"HTTP/1.1 400"));
}

#[test]
fn id_07_the_header_comes_before_tls() {
    let site = TlsSite::with(r#""proxy_protocol": ["127.0.0.1"],"#);
    let session = ClientConnection::new(trusting("first"), "localhost".try_into().unwrap());
    let mut socket = TcpStream::connect(site.address).unwrap();
    socket.write_all(&header()).unwrap();
    let mut stream = StreamOwned::new(session.unwrap(), socket);
    assert_eq!(external_ip(&mut stream).as_deref(), Some(&[8, 8, 8, 8][..]));
}

#[test]
fn id_07_a_proxy_names_the_sender_of_a_datagram() {
    let site = Site::with(r#""proxy_protocol": ["127.0.0.1"], "proxy_protocol_udp": true,"#);
    let proxy = Udp::without_id(site.v4);
    let wrap = |request: &[u8]| [&header()[..], request].concat();
    let connect = [&[0, 0, 4, 0x17, 0x27, 0x10, 0x19, 0x80][..], &[0; 4], b"conn"].concat();
    assert!(proxy.is_ignored(&connect), "from a proxy, the header is due");
    let answer = proxy.ask(&wrap(&connect)).unwrap();
    let connection = *answer.last_chunk().unwrap();
    let client = Udp { connection, ..proxy };
    let report = Report { hash: OPEN, key: None, ..Report::of(1) };
    let answer = client.ask(&wrap(&client.request(1, &udp_body(&report)))).unwrap();
    assert_eq!(answer[..4], 1_u32.to_be_bytes());
    // Another client gets the first one's address, not the proxy's.
    let other = Report { hash: OPEN, key: None, ..Report::of(2) };
    let peers = common::client::Transport::Http(site.v6).announce(&other).peers;
    assert_eq!(peers.first().map(|peer| peer.ip().to_string()).as_deref(), Some("8.8.8.8"));
}
