//! The WebSocket generator: browsers that keep a connection each, announce in turns, and count the
//! offers that are passed on to them.

use crate::figures::{Figures, cpu_us, rss_kib};
use crate::options::Options;
use crate::population::hash;
use crate::udp::now;
use std::fmt::Write as _;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Bytes of a session description: what a browser writes for one data channel.
const SDP_BYTES: usize = 600;
/// An offer that takes longer is lost.
const PATIENCE: Duration = Duration::from_millis(500);
const MASK: [u8; 4] = [0x5a, 0xa5, 0x3c, 0xc3];

/// Lets everybody join, then announces in rounds; prints one line in which answers are offers.
pub(crate) fn run(server: &str, options: &Options) -> io::Result<()> {
    let mut browsers = (0..options.sockets)
        .map(|number| Browser::join(server, number, options))
        .collect::<io::Result<Vec<_>>>()?;
    let mut figures = Figures::default();
    let mut announces = 0_u64;
    // Everybody must be in its swarm before anything counts.
    round(&mut browsers, (0, 0), &mut Figures::default())?;
    let (user_us, system_us) = cpu_us(options.pid);
    let started = now();
    while started.elapsed().as_secs_f64() < options.seconds {
        announces += round(&mut browsers, (options.offers, options.swarm), &mut figures)?;
    }
    figures.seconds = started.elapsed().as_secs_f64();
    let (user_after_us, system_after_us) = cpu_us(options.pid);
    figures.user_us = user_after_us - user_us;
    figures.system_us = system_after_us - system_us;
    figures.rss_kib = rss_kib(options.pid);
    println!("{} announces={announces}", figures.line());
    Ok(())
}

/// Each announces once; then all is taken that is due, or nothing comes any more.
fn round(
    browsers: &mut [Browser],
    (offers, swarm): (usize, usize),
    figures: &mut Figures,
) -> io::Result<u64> {
    let count = browsers.len();
    let mut due = 0;
    for browser in browsers.iter_mut() {
        let others = swarm.min(count - browser.number / swarm.max(1) * swarm).saturating_sub(1);
        due += offers.min(others) as u64;
        browser.announce(offers)?;
    }
    figures.sent += due;
    let mut waiting = due + count as u64;
    let mut last = now();
    while waiting > 0 && last.elapsed() < PATIENCE {
        for browser in browsers.iter_mut() {
            let came = browser.receive(figures)?;
            waiting = waiting.saturating_sub(came);
            if came > 0 {
                last = now();
            }
        }
    }
    Ok(count as u64)
}

/// A connection, and who speaks on it.
struct Browser {
    number: usize,
    stream: TcpStream,
    received: Vec<u8>,
    info_hash: String,
    peer_id: String,
    serial: u64,
}

impl Browser {
    fn join(server: &str, number: usize, options: &Options) -> io::Result<Self> {
        let mut stream = TcpStream::connect(server)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        write!(
            stream,
            "GET /announce HTTP/1.1\r\nHost: {server}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAECAwQFBgcICQoLDA0ODw==\r\n\r\n"
        )?;
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") {
            stream.read_exact(&mut byte)?;
            head.extend(byte);
        }
        if !head.starts_with(b"HTTP/1.1 101") {
            return Err(io::Error::other(String::from_utf8_lossy(&head).into_owned()));
        }
        stream.set_nonblocking(true)?;
        let torrent = u32::try_from(number / options.swarm.max(1)).map_err(io::Error::other)?;
        Ok(Self {
            number,
            stream,
            received: Vec::new(),
            info_hash: latin(&hash(torrent)),
            peer_id: format!("-WW0001-{number:012}"),
            serial: 0,
        })
    }

    fn announce(&mut self, offers: usize) -> io::Result<()> {
        // A plain announce so soon after the last would be given nobody.
        let mut body = format!(
            r#"{{"action":"announce","event":"started","info_hash":"{}","peer_id":"{}","#,
            self.info_hash, self.peer_id
        );
        let _ =
            write!(body, r#""uploaded":0,"downloaded":0,"left":9,"numwant":{offers},"offers":["#);
        for at in 0..offers {
            self.serial += 1;
            let comma = if at > 0 { "," } else { "" };
            let _ = write!(
                body,
                r#"{comma}{{"offer_id":"{:020}","offer":{{"type":"offer","sdp":"{}"}}}}"#,
                self.serial,
                "v".repeat(SDP_BYTES)
            );
        }
        body.push_str("]}");
        let frame = masked(body.as_bytes())?;
        let mut rest = frame.as_slice();
        while !rest.is_empty() {
            match self.stream.write(rest) {
                Ok(length) => rest = rest.get(length..).unwrap_or_default(),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Takes what has come: how many messages.
    fn receive(&mut self, figures: &mut Figures) -> io::Result<u64> {
        let mut chunk = [0; 16_384];
        match self.stream.read(&mut chunk) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(length) => self.received.extend(chunk.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(0),
            Err(error) => return Err(error),
        }
        let (mut at, mut messages) = (0, 0);
        while let Some((payload, length)) = frame(self.received.get(at..).unwrap_or_default()) {
            at += length;
            messages += 1;
            figures.bytes += length as u64;
            if contains(payload, br#""offer""#) {
                figures.answers += 1;
            } else if contains(payload, b"failure reason") {
                figures.errors += 1;
            }
        }
        self.received.drain(..at);
        Ok(messages)
    }
}

fn contains(text: &[u8], what: &[u8]) -> bool {
    text.windows(what.len()).any(|window| window == what)
}

/// A whole frame of a server: its payload, and its length with the head.
fn frame(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let (head, length) = match *bytes.get(1)? {
        126 => (4, usize::from(u16::from_be_bytes(*bytes.get(2..)?.first_chunk()?))),
        127 => (10, usize::try_from(u64::from_be_bytes(*bytes.get(2..)?.first_chunk()?)).ok()?),
        short => (2, usize::from(short)),
    };
    Some((bytes.get(head..head + length)?, head + length))
}

/// A text frame of a client.
fn masked(payload: &[u8]) -> io::Result<Vec<u8>> {
    let length = u16::try_from(payload.len()).map_err(io::Error::other)?;
    let mut out = vec![0x81, 0xfe];
    out.extend(length.to_be_bytes());
    out.extend(MASK);
    out.extend(payload.iter().zip(MASK.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    Ok(out)
}

/// Bytes as code points below 256, within a JSON string.
fn latin(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        match byte {
            b'"' | b'\\' | 0..0x20 => drop(write!(text, "\\u{byte:04x}")),
            _ => text.push(char::from(*byte)),
        }
        text
    })
}
