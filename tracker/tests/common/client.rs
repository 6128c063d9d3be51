//! One client over each transport: the same report, the same reply.

use super::bencode::{self, Value};
use super::{HYBRID, Site};
use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, UdpSocket};
use std::time::Duration;

/// Long enough for a loaded machine; a silence is waited for with the shorter one.
const PATIENCE: Duration = Duration::from_secs(5);
const SILENCE: Duration = Duration::from_millis(300);

/// What a client reports; valid by default.
#[derive(Clone)]
pub struct Report {
    pub hash: u8,
    pub peer: u8,
    pub port: u16,
    pub event: u32,
    pub uploaded: u64,
    pub left: u64,
    pub numwant: i32,
    pub key: Option<String>,
}

impl Report {
    pub fn of(user: u64) -> Self {
        let peer = u8::try_from(user).unwrap();
        Self { key: Some(super::key(user)), peer, port: 7000 + u16::from(peer), ..Self::keyless() }
    }

    pub fn keyless() -> Self {
        Self {
            hash: HYBRID,
            peer: 1,
            port: 7001,
            event: 0,
            uploaded: 0,
            left: 9,
            numwant: -1,
            key: None,
        }
    }
}

/// What came back, whatever the transport.
#[derive(Clone, Debug, Default)]
pub struct Reply {
    pub failure: Option<String>,
    pub warning: Option<String>,
    pub seeders: u32,
    pub leechers: u32,
    pub interval_s: u32,
    pub peers: Vec<SocketAddr>,
    /// Bytes of the UDP answer or of the HTTP body.
    pub length: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    Udp(SocketAddr),
    Http(SocketAddr),
}

impl Transport {
    /// All four ways into a site.
    pub fn all(site: &Site) -> [Self; 4] {
        [Self::Udp(site.v4), Self::Udp(site.v6), Self::Http(site.v4), Self::Http(site.v6)]
    }

    pub fn announce(self, report: &Report) -> Reply {
        match self {
            Self::Udp(tracker) => Udp::connect(tracker).announce(report),
            Self::Http(tracker) => http_announce(tracker, report),
        }
    }
}

/// A UDP client with a connection id.
pub struct Udp {
    pub socket: UdpSocket,
    pub connection: [u8; 8],
    pub is_v6: bool,
}

impl Udp {
    pub fn connect(tracker: SocketAddr) -> Self {
        let mut client = Self::without_id(tracker);
        let request = [&[0, 0, 4, 0x17, 0x27, 0x10, 0x19, 0x80][..], &[0; 4], b"conn"].concat();
        let answer = client.ask(&request).unwrap();
        assert_eq!(answer.len(), 16);
        client.connection = *answer.last_chunk().unwrap();
        client
    }

    pub fn without_id(tracker: SocketAddr) -> Self {
        let local = if tracker.is_ipv6() { "[::1]:0" } else { "127.0.0.1:0" };
        let socket = UdpSocket::bind(local).unwrap();
        socket.connect(tracker).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self { socket, connection: [0; 8], is_v6: tracker.is_ipv6() }
    }

    /// Sends bytes and waits for an answer; again when none comes, as every UDP client must.
    pub fn ask(&self, request: &[u8]) -> Option<Vec<u8>> {
        (0..4).find_map(|_| self.ask_once(request))
    }

    fn ask_once(&self, request: &[u8]) -> Option<Vec<u8>> {
        self.socket.send(request).unwrap();
        let mut buffer = [0; 2048];
        let length = self.socket.recv(&mut buffer).ok()?;
        Some(buffer.split_at(length).0.to_vec())
    }

    /// Sends bytes and expects silence.
    pub fn is_ignored(&self, request: &[u8]) -> bool {
        self.socket.set_read_timeout(Some(SILENCE)).unwrap();
        let answer = self.ask_once(request);
        self.socket.set_read_timeout(Some(PATIENCE)).unwrap();
        answer.is_none()
    }

    pub fn request(&self, action: u32, body: &[u8]) -> Vec<u8> {
        [&self.connection[..], &action.to_be_bytes(), b"tran", body].concat()
    }

    pub fn announce(&self, report: &Report) -> Reply {
        let answer = self.ask(&self.request(1, &udp_body(report))).unwrap();
        assert_eq!(answer.get(4..8), Some(&b"tran"[..]), "the transaction id comes back");
        read_udp(&answer, self.is_v6)
    }
}

pub fn udp_body(report: &Report) -> Vec<u8> {
    let mut body = [[report.hash; 20], [report.peer; 20]].concat();
    for number in [0, report.left, report.uploaded] {
        body.extend(number.to_be_bytes());
    }
    body.extend(report.event.to_be_bytes());
    body.extend([6, 6, 6, 6, 0, 0, 0, 0]);
    body.extend(report.numwant.to_be_bytes());
    body.extend(report.port.to_be_bytes());
    if let Some(key) = &report.key {
        let url = format!("/{key}/announce");
        body.extend([2, u8::try_from(url.len()).unwrap()]);
        body.extend(url.as_bytes());
    }
    body
}

fn read_udp(answer: &[u8], is_v6: bool) -> Reply {
    let number = |at: usize| {
        let bytes = answer.get(at..).and_then(<[u8]>::first_chunk).copied();
        u32::from_be_bytes(bytes.unwrap_or_default())
    };
    if number(0) == 3 {
        let text = String::from_utf8(answer.split_at(8).1.to_vec()).unwrap();
        return Reply { failure: Some(text), length: answer.len(), ..Reply::default() };
    }
    assert_eq!(number(0), 1);
    Reply {
        interval_s: number(8),
        leechers: number(12),
        seeders: number(16),
        peers: addresses(answer.split_at(20).1, is_v6),
        length: answer.len(),
        ..Reply::default()
    }
}

pub fn addresses(wire: &[u8], is_v6: bool) -> Vec<SocketAddr> {
    let stride = if is_v6 { 18 } else { 6 };
    assert_eq!(wire.len() % stride, 0, "a whole number of peers");
    wire.chunks(stride).map(address).collect()
}

fn address(wire: &[u8]) -> SocketAddr {
    let (ip, port) = wire.split_last_chunk().unwrap();
    let ip: IpAddr = match <[u8; 4]>::try_from(ip) {
        Ok(v4) => v4.into(),
        Err(_) => <[u8; 16]>::try_from(ip).unwrap().into(),
    };
    SocketAddr::new(ip, u16::from_be_bytes(*port))
}

pub fn escape(byte: u8) -> String {
    format!("%{byte:02x}").repeat(20)
}

pub fn announce_path(report: &Report) -> String {
    let key = report.key.as_ref().map(|key| format!("/{key}")).unwrap_or_default();
    let event = ["", "completed", "started", "stopped"].get(report.event as usize).unwrap();
    format!(
        "{key}/announce?info_hash={}&peer_id={}&port={}&uploaded={}&downloaded=0&left={}&event={event}&numwant={}&compact=1",
        escape(report.hash),
        escape(report.peer),
        report.port,
        report.uploaded,
        report.left,
        report.numwant,
    )
}

/// Sends one request on a fresh connection; returns status line and body.
pub fn get(tracker: SocketAddr, path: &str, headers: &str) -> (String, Vec<u8>) {
    let mut stream = TcpStream::connect(tracker).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n").unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    split(&answer)
}

pub fn split(answer: &[u8]) -> (String, Vec<u8>) {
    let at = answer.windows(4).position(|part| part == b"\r\n\r\n").unwrap();
    let (head, body) = answer.split_at(at);
    let status = String::from_utf8(head.to_vec()).unwrap().lines().next().unwrap().to_owned();
    (status, body.split_at(4).1.to_vec())
}

pub fn http_value(tracker: SocketAddr, path: &str) -> Value {
    let (status, body) = get(tracker, path, "");
    assert_eq!(status, "HTTP/1.1 200 OK");
    bencode::read(&body)
}

fn http_announce(tracker: SocketAddr, report: &Report) -> Reply {
    let (status, body) = get(tracker, &announce_path(report), "");
    assert_eq!(status, "HTTP/1.1 200 OK");
    let value = bencode::read(&body);
    let text = |key| value.bytes(key).map(|bytes| String::from_utf8(bytes.to_vec()).unwrap());
    let number = |key| u32::try_from(value.integer(key).unwrap_or(0)).unwrap();
    let mut peers = addresses(value.bytes("peers").unwrap(), false);
    peers.extend(addresses(value.bytes("peers6").unwrap_or_default(), true));
    Reply {
        failure: text("failure reason"),
        warning: text("warning message"),
        seeders: number("complete"),
        leechers: number("incomplete"),
        interval_s: number("interval"),
        peers,
        length: body.len(),
    }
}
