//! The HTTP generator: many connections in flight, each with one announce at a time.

use crate::figures::{Figures, cpu_us, rss_kib};
use crate::options::Options;
use crate::population::Population;
use crate::wire::http_announce;
use fastrand::Rng;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// Announces to `server` over HTTP and prints one line.
pub(crate) fn run(server: &str, options: &Options) -> io::Result<()> {
    let population = Population::new(options)?;
    let server: SocketAddr = server.parse().map_err(io::Error::other)?;
    let mut dice = Rng::with_seed(u64::from(options.round));
    let mut figures = Figures::default();
    let mut connections: Vec<Option<TcpStream>> = (0..options.sockets).map(|_| None).collect();
    let mut uploaded = u64::from(options.round) << 32;
    let (user_us, system_us) = cpu_us(options.pid);
    let started = now();
    let mut request = Vec::new();
    while started.elapsed().as_secs_f64() < options.seconds {
        for slot in &mut connections {
            if slot.is_none() {
                *slot = Some(connect(server)?);
            }
            uploaded += 16_384;
            // All load comes from one address: peers are told apart by their port.
            let turn = population.any(&mut dice, 1);
            http_announce(&mut request, &turn, (uploaded, options.want), options.keep);
            figures.sent += 1;
            if slot.as_mut().is_some_and(|stream| stream.write_all(&request).is_err()) {
                *slot = None;
            }
        }
        for slot in &mut connections {
            let Some(stream) = slot else { continue };
            let is_whole = read_answer(stream, &mut figures).unwrap_or(false);
            if !is_whole || !options.keep {
                *slot = None;
            }
        }
    }
    figures.seconds = started.elapsed().as_secs_f64();
    let (user_after_us, system_after_us) = cpu_us(options.pid);
    figures.user_us = user_after_us - user_us;
    figures.system_us = system_after_us - system_us;
    figures.rss_kib = rss_kib(options.pid);
    println!("{}", figures.line());
    Ok(())
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
