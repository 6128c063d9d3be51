//! The HTTP generator: many connections in flight, each with one announce at a time.

use crate::figures::{Figures, cpu_us, rss_kib};
use crate::options::Options;
use crate::population::{Population, Turn};
use crate::wire::http_announce;
use fastrand::Rng;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// Announces to `server` over HTTP and prints one line.
pub(crate) fn run(server: &str, options: &Options) -> io::Result<()> {
    let population = Population::new(options)?;
    let mut load = Load {
        server: server.parse().map_err(io::Error::other)?,
        connections: (0..options.sockets).map(|_| None).collect(),
        figures: Figures::default(),
        options,
    };
    let mut dice = Rng::with_seed(u64::from(options.round));
    let mut uploaded = u64::from(options.round) << 32;
    let mut peers = 0..population.peers();
    let (user_us, system_us) = cpu_us(options.pid);
    let started = now();
    while options.fill || started.elapsed().as_secs_f64() < options.seconds {
        for place in 0..options.sockets {
            uploaded += 16_384;
            // All load comes from one address: peers are told apart by their port.
            let turn = match (options.fill, peers.next()) {
                (true, Some(peer)) => population.turn(peer, 1),
                _ => population.any(&mut dice, 1),
            };
            load.send(place, &turn, uploaded)?;
        }
        load.receive();
        if options.fill && peers.is_empty() {
            break;
        }
    }
    let mut figures = load.figures;
    figures.seconds = started.elapsed().as_secs_f64();
    let (user_after_us, system_after_us) = cpu_us(options.pid);
    figures.user_us = user_after_us - user_us;
    figures.system_us = system_after_us - system_us;
    figures.rss_kib = rss_kib(options.pid);
    println!("{}", figures.line());
    Ok(())
}

struct Load<'a> {
    server: SocketAddr,
    connections: Vec<Option<TcpStream>>,
    figures: Figures,
    options: &'a Options,
}

impl Load<'_> {
    fn send(&mut self, place: usize, turn: &Turn<'_>, uploaded: u64) -> io::Result<()> {
        let Some(slot) = self.connections.get_mut(place) else { return Ok(()) };
        if slot.is_none() {
            *slot = Some(connect(self.server)?);
        }
        let mut request = Vec::with_capacity(512);
        http_announce(&mut request, turn, (uploaded, self.options.want), self.options.keep);
        self.figures.sent += 1;
        if slot.as_mut().is_some_and(|stream| stream.write_all(&request).is_err()) {
            *slot = None;
        }
        Ok(())
    }

    fn receive(&mut self) {
        for slot in &mut self.connections {
            let Some(stream) = slot else { continue };
            let is_whole = read_answer(stream, &mut self.figures).unwrap_or(false);
            if !is_whole || !self.options.keep {
                *slot = None;
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "it measures real time")]
fn now() -> Instant {
    Instant::now()
}

fn connect(server: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(server)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    Ok(stream)
}

/// Reads one answer; true when it was whole.
fn read_answer(stream: &mut TcpStream, figures: &mut Figures) -> io::Result<bool> {
    let mut buffer = [0; 8192];
    let mut filled = 0;
    loop {
        let count = stream.read(buffer.get_mut(filled..).unwrap_or_default())?;
        filled += count;
        let bytes = buffer.get(..filled).unwrap_or_default();
        if let Some(body) = body_of(bytes, count == 0) {
            figures.answers += 1;
            figures.bytes += bytes.len() as u64;
            match peers_in(body) {
                Some(peers) => figures.peers += peers,
                None => figures.errors += 1,
            }
            return Ok(count > 0);
        }
        if count == 0 {
            return Ok(false);
        }
    }
}

/// The body, once it is all there.
fn body_of(bytes: &[u8], is_end: bool) -> Option<&[u8]> {
    let start = find(bytes, b"\r\n\r\n")? + 4;
    let (head, body) = bytes.split_at_checked(start)?;
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"))
        .and_then(|text| text.trim().parse::<usize>().ok());
    match length {
        Some(length) => body.get(..length),
        None => is_end.then_some(body),
    }
}

/// Peers in a compact answer; `None` when it is a failure.
fn peers_in(body: &[u8]) -> Option<u64> {
    let at = find(body, b"5:peers")? + 7;
    let digits = body.get(at..)?.split(|byte| *byte == b':').next()?;
    let length: u64 = String::from_utf8_lossy(digits).parse().ok()?;
    (find(body, b"14:failure reason").is_none()).then_some(length / 6)
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}
