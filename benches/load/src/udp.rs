//! The UDP generator: as many announces as are answered, or so many a second.

use crate::figures::{Figures, cpu_us, rss_kib};
use crate::options::Options;
use crate::population::Population;
use crate::wire::{CONNECT, udp_announce};
use fastrand::Rng;
use nix::errno::Errno;
use nix::sys::socket::{MsgFlags, MultiHeaders, SockaddrIn, recvmmsg};
use rustix::net::{MMsgHdr, SendAncillaryBuffer, SendFlags};
use std::io::{self, IoSlice, IoSliceMut};
use std::net::{SocketAddrV4, UdpSocket};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

/// Announces whose time of sending is remembered.
const REMEMBERED: usize = 1 << 20;
/// An answer that takes longer is lost.
const PATIENCE: Duration = Duration::from_millis(100);

/// Announces to `server` and prints one line.
pub(crate) fn run(server: &str, options: &Options) -> io::Result<()> {
    let population = Population::new(options)?;
    let mut load = Load::new(server, options, &population)?;
    let (user_us, system_us) = cpu_us(options.pid);
    let started = now();
    if options.fill {
        load.fill()?;
    } else if options.rate > 0.0 {
        load.paced(started)?;
    } else {
        while started.elapsed().as_secs_f64() < options.seconds {
            load.round()?;
        }
    }
    load.figures.seconds = started.elapsed().as_secs_f64();
    let (user_after_us, system_after_us) = cpu_us(options.pid);
    load.figures.user_us = user_after_us - user_us;
    load.figures.system_us = system_after_us - system_us;
    load.figures.rss_kib = rss_kib(options.pid);
    println!("{}", load.figures.line());
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "it measures real time")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// A socket with its own source address, and what waits to be sent on it.
struct Lane {
    socket: UdpSocket,
    connection: [u8; 8],
    requests: Vec<Vec<u8>>,
    waiting: usize,
    headers: MultiHeaders<SockaddrIn>,
    buffers: Vec<[u8; 2048]>,
}

impl Lane {
    /// Sources 127.0.0.2 and on: so many addresses that ports suffice for the largest swarm.
    fn new(server: SocketAddrV4, number: usize, burst: usize) -> io::Result<Self> {
        let last = u8::try_from(number + 2).map_err(io::Error::other)?;
        let socket = UdpSocket::bind(SocketAddrV4::new([127, 0, 0, last].into(), 0))?;
        socket2::SockRef::from(&socket).set_recv_buffer_size(8 << 20)?;
        socket.connect(server)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        let mut answer = [0; 2048];
        // Again for ten seconds: a server may have a flood to get over.
        let asked = (0..100).map(|_| socket.send(&CONNECT).and_then(|_| socket.recv(&mut answer)));
        let length = asked.flatten().next().ok_or(io::ErrorKind::TimedOut)?;
        // An echo has no connection ids: any will do.
        let connection = answer.get(8..16).filter(|_| length == 16).unwrap_or(&[0; 8]);
        Ok(Self {
            socket,
            connection: connection.try_into().map_err(io::Error::other)?,
            requests: vec![Vec::with_capacity(160); burst],
            waiting: 0,
            headers: MultiHeaders::preallocate(burst, None),
            buffers: vec![[0; 2048]; burst],
        })
    }

    fn send(&mut self) -> io::Result<usize> {
        let requests = self.requests.get(..self.waiting).unwrap_or_default();
        self.waiting = 0;
        send_all(&self.socket, requests)
    }

    /// Takes what has arrived; waits for a first answer when told to.
    fn receive(&mut self, waits: bool, mut take: impl FnMut(&[u8])) -> io::Result<usize> {
        let mut lengths = [0; 256];
        let mut count = 0;
        {
            let mut slices: Vec<_> =
                self.buffers.iter_mut().map(|buffer| [IoSliceMut::new(buffer)]).collect();
            let flags = if waits { MsgFlags::MSG_WAITFORONE } else { MsgFlags::MSG_DONTWAIT };
            let fd = self.socket.as_raw_fd();
            match recvmmsg(fd, &mut self.headers, slices.iter_mut(), flags, None) {
                Ok(messages) => {
                    for (message, length) in messages.zip(&mut lengths) {
                        *length = message.bytes;
                        count += 1;
                    }
                }
                Err(Errno::EAGAIN | Errno::EINTR | Errno::ECONNREFUSED) => {}
                Err(error) => return Err(error.into()),
            }
        }
        for (buffer, length) in self.buffers.iter().zip(lengths).take(count) {
            take(buffer.get(..length).unwrap_or_default());
        }
        Ok(count)
    }
}

/// Requests that are sent again and again.
pub(crate) struct Burst {
    socket: UdpSocket,
    requests: Vec<Vec<u8>>,
}

impl Burst {
    /// Sends all of them; returns how many left.
    pub(crate) fn send(&self) -> io::Result<usize> {
        send_all(&self.socket, &self.requests)
    }
}

fn send_all(socket: &UdpSocket, requests: &[Vec<u8>]) -> io::Result<usize> {
    let slices: Vec<_> = requests.iter().map(|bytes| [IoSlice::new(bytes)]).collect();
    let mut controls: Vec<_> = slices.iter().map(|_| SendAncillaryBuffer::default()).collect();
    let mut messages: Vec<_> = slices
        .iter()
        .zip(&mut controls)
        .map(|(slice, control)| MMsgHdr::new(slice, control))
        .collect();
    Ok(rustix::net::sendmmsg(socket, &mut messages, SendFlags::empty())?)
}

pub(crate) struct Load<'a> {
    options: &'a Options,
    population: &'a Population,
    lanes: Vec<Lane>,
    dice: Rng,
    pub(crate) figures: Figures,
    transaction: u32,
    uploaded: u64,
    sent_at: Vec<u64>,
}

impl<'a> Load<'a> {
    pub(crate) fn new(
        server: &str,
        options: &'a Options,
        population: &'a Population,
    ) -> io::Result<Self> {
        let server: SocketAddrV4 = server.parse().map_err(io::Error::other)?;
        let lanes = (0..options.sockets)
            .map(|number| Lane::new(server, number, options.burst))
            .collect::<io::Result<_>>()?;
        Ok(Self {
            options,
            population,
            lanes,
            dice: Rng::with_seed(u64::from(options.round)),
            figures: Figures::default(),
            transaction: 0,
            uploaded: u64::from(options.round) << 32,
            sent_at: if options.rate > 0.0 { vec![0; REMEMBERED] } else { Vec::new() },
        })
    }

    /// Every peer announces once, so that measured announces meet full swarms.
    fn fill(&mut self) -> io::Result<()> {
        for peer in 0..self.population.peers() {
            let turn = self.population.turn(peer, self.lanes.len());
            self.write(&turn);
            if self.lanes.get(turn.socket).is_some_and(|lane| lane.waiting == self.options.burst) {
                let lane = turn.socket;
                self.send(lane)?;
                self.drain(lane)?;
            }
        }
        for lane in 0..self.lanes.len() {
            self.send(lane)?;
            self.drain(lane)?;
        }
        Ok(())
    }

    /// One burst on every lane, then their answers: the server always has some waiting.
    pub(crate) fn round(&mut self) -> io::Result<()> {
        while self.lanes.iter().map(|lane| lane.waiting).min() < Some(self.options.burst) {
            let turn = self.population.any(&mut self.dice, self.lanes.len());
            let is_full =
                self.lanes.get(turn.socket).is_none_or(|lane| lane.waiting == self.options.burst);
            if !is_full {
                self.write(&turn);
            }
        }
        for lane in 0..self.lanes.len() {
            self.send(lane)?;
        }
        for lane in 0..self.lanes.len() {
            self.drain(lane)?;
        }
        Ok(())
    }

    fn write(&mut self, turn: &crate::population::Turn<'_>) {
        self.write_to(turn.socket, turn);
    }

    fn write_to(&mut self, lane: usize, turn: &crate::population::Turn<'_>) {
        self.transaction = self.transaction.wrapping_add(1);
        self.uploaded += 16_384;
        let Some(lane) = self.lanes.get_mut(lane) else { return };
        let Some(out) = lane.requests.get_mut(lane.waiting) else { return };
        let told = (self.uploaded, self.options.want);
        udp_announce(out, lane.connection, self.transaction, turn, told);
        lane.waiting += 1;
    }

    fn send(&mut self, lane: usize) -> io::Result<()> {
        if let Some(lane) = self.lanes.get_mut(lane).filter(|lane| lane.waiting > 0) {
            self.figures.sent += lane.send()? as u64;
        }
        Ok(())
    }

    /// Waits for the answers to everything sent on a lane, or until none comes any more.
    fn drain(&mut self, lane: usize) -> io::Result<()> {
        let Self { lanes, figures, options, .. } = self;
        let Some(lane) = lanes.get_mut(lane) else { return Ok(()) };
        let mut missing = options.burst;
        while missing > 0 {
            let count = lane.receive(true, |answer| count_answer(figures, answer))?;
            if count == 0 {
                break;
            }
            missing = missing.saturating_sub(count);
        }
        Ok(())
    }

    /// A burst of requests for each lane, with a socket to send it on from another thread.
    pub(crate) fn bursts(&mut self) -> io::Result<Vec<Burst>> {
        (0..self.lanes.len()).map(|number| self.burst(number)).collect()
    }

    fn burst(&mut self, number: usize) -> io::Result<Burst> {
        while self.lanes.get(number).is_some_and(|lane| lane.waiting < self.options.burst) {
            let turn = self.population.any(&mut self.dice, self.lanes.len());
            self.write_to(number, &turn);
        }
        let lane = self.lanes.get_mut(number).ok_or(io::ErrorKind::NotFound)?;
        lane.waiting = 0;
        Ok(Burst { socket: lane.socket.try_clone()?, requests: lane.requests.clone() })
    }

    /// Takes what has come, and waits for nothing.
    pub(crate) fn take(&mut self) -> io::Result<()> {
        let Self { lanes, figures, .. } = self;
        for lane in lanes {
            lane.receive(false, |answer| count_answer(figures, answer))?;
        }
        Ok(())
    }

    /// Sends at the rate that was asked, whatever comes back, and times each answer.
    pub(crate) fn paced(&mut self, started: Instant) -> io::Result<()> {
        loop {
            let elapsed = started.elapsed().as_secs_f64();
            if elapsed >= self.options.seconds {
                break;
            }
            // A little at a time, or answers that have come would wait for what is late.
            let due = (elapsed * self.options.rate) - approximate(self.figures.sent);
            for _ in (1..=32_u8).take_while(|number| f64::from(*number) <= due) {
                let turn = self.population.any(&mut self.dice, self.lanes.len());
                let sent_ns = u64::try_from(started.elapsed().as_nanos()).unwrap_or(0);
                self.write(&turn);
                let place = self.transaction as usize % REMEMBERED;
                if let Some(slot) = self.sent_at.get_mut(place) {
                    *slot = sent_ns;
                }
                self.send(turn.socket)?;
            }
            self.take_timed(started)?;
        }
        let last = now();
        while last.elapsed() < PATIENCE {
            self.take_timed(started)?;
        }
        Ok(())
    }

    fn take_timed(&mut self, started: Instant) -> io::Result<()> {
        let Self { lanes, figures, sent_at, .. } = self;
        for lane in lanes {
            let now_ns = |()| u64::try_from(started.elapsed().as_nanos()).unwrap_or(0);
            let mut latencies = Vec::new();
            lane.receive(false, |answer| {
                count_answer(figures, answer);
                let transaction = answer.get(4..8).and_then(|bytes| bytes.try_into().ok());
                let place = transaction.map_or(0, u32::from_be_bytes) as usize % REMEMBERED;
                let sent_ns = sent_at.get(place).copied().unwrap_or_default();
                latencies.push(now_ns(()).saturating_sub(sent_ns));
            })?;
            figures
                .latencies
                .extend(latencies.iter().map(|ns| u32::try_from(*ns).unwrap_or(u32::MAX)));
        }
        Ok(())
    }
}

fn count_answer(figures: &mut Figures, answer: &[u8]) {
    figures.answers += 1;
    figures.bytes += answer.len() as u64;
    match answer.first_chunk() {
        Some([0, 0, 0, 3]) => figures.errors += 1,
        _ => figures.peers += (answer.len().saturating_sub(20) / 6) as u64,
    }
}

#[expect(clippy::cast_precision_loss, reason = "a count of some seconds")]
pub(crate) fn approximate(count: u64) -> f64 {
    count as f64
}
