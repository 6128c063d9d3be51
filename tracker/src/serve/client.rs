//! One HTTP connection: bytes in, whole requests out, bytes back.

use crate::clock::Tick;
use crate::serve::crowds::Guest;
use crate::serve::session::Session;
use crate::serve::stream::Stream;
use crate::wire::WireError;
use crate::wire::http::{self, HEAD_LIMIT};
use crate::wire::websocket;
use mio::event::Event;
use std::io::{self, Read, Write};
use std::net::SocketAddr;

/// Answers queued for a client that does not read them; beyond this its requests wait.
const OUTPUT_LIMIT: usize = 64 * 1024;

/// Whether a client may still send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// All that came was read.
    Open,
    /// More may wait in the socket, for which no event will come.
    More,
    /// The client has closed its side.
    Over,
}

/// What is known of a client's socket before it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// Nothing to read came; there may be room to write.
    Still,
    Readable,
    /// What is to come may be the end, of which no other event tells.
    Closing,
}

impl Sign {
    pub(super) fn of(event: &Event) -> Self {
        match (event.is_readable(), event.is_read_closed()) {
            (_, true) => Self::Closing,
            (true, false) => Self::Readable,
            (false, false) => Self::Still,
        }
    }
}

/// A whole request, or why there is none.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) target: Vec<u8>,
    pub(super) is_get: bool,
    pub(super) keeps_alive: bool,
    pub(super) forwarded_for: Option<Vec<u8>>,
    /// A WebSocket client's key, and whether it speaks the current version.
    pub(super) upgrade: Option<(Vec<u8>, bool)>,
    pub(super) error: Option<WireError>,
}

/// Where a connection comes from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin {
    pub(super) from: SocketAddr,
    /// Whether local addresses may be handed out in its answers.
    pub(super) is_local_listener: bool,
    /// Whether it is a proxy by the door it came through (ID-6).
    pub(super) is_proxy: bool,
}

#[derive(Debug)]
pub(super) struct Client {
    stream: Stream,
    pub(super) origin: Origin,
    received: Vec<u8>,
    output: Vec<u8>,
    sent: usize,
    /// When the current request must be whole and the last answer taken; bytes do not move it,
    /// or a client sending one a minute would stay for ever (HTTP-19).
    deadline: Tick,
    timeout_s: u32,
    now: Tick,
    closes: bool,
    /// What replaced HTTP, once the client asked for WebSocket.
    pub(super) session: Option<Box<Session>>,
    /// Bytes read before they are looked at.
    limit: usize,
    /// Its share of its host's connections.
    _guest: Guest,
}

impl Client {
    pub(super) fn new(
        stream: Stream,
        (origin, guest): (Origin, Guest),
        (now, timeout_s): (Tick, u32),
    ) -> Self {
        Self {
            stream,
            origin,
            received: Vec::new(),
            output: Vec::new(),
            sent: 0,
            deadline: Tick(now.0.saturating_add(timeout_s)),
            timeout_s,
            now,
            closes: false,
            session: None,
            limit: HEAD_LIMIT,
            _guest: guest,
        }
    }

    /// Goes on in WebSocket, with messages of up to `limit` bytes.
    pub(super) fn upgrade(&mut self, handshake: &[u8], session: Session, limit: usize) {
        self.queue(handshake);
        self.limit = limit.saturating_add(websocket::HEAD_LIMIT);
        self.session = Some(Box::new(session));
    }

    /// Bytes received and not looked at yet.
    pub(super) fn received(&mut self) -> &mut Vec<u8> {
        &mut self.received
    }

    /// Queues bytes as they are.
    pub(super) fn queue(&mut self, bytes: &[u8]) {
        self.output.extend_from_slice(bytes);
    }

    pub(super) fn stream(&mut self) -> &mut Stream {
        &mut self.stream
    }

    /// The client that a proxy's header names (ID-7).
    pub(super) fn vouched_for(&self) -> Option<SocketAddr> {
        self.stream.client()
    }

    /// Reads what has come, up to a head's limit.
    pub(super) fn read(&mut self, sign: Sign) -> Reading {
        if sign == Sign::Still {
            return Reading::Open;
        }
        let mut chunk = [0; 4096];
        while self.received.len() < self.limit {
            match self.stream.read(&mut chunk) {
                Ok(0) => return Reading::Over,
                Ok(length) => {
                    self.received.extend_from_slice(chunk.get(..length).unwrap_or_default());
                    let is_drained = length < chunk.len() && self.stream.is_plain();
                    if is_drained && sign == Sign::Readable {
                        return Reading::Open;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Reading::Open,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return Reading::Over,
            }
        }
        Reading::More
    }

    /// Takes the next whole request out of what was read.
    pub(super) fn next_request(&mut self) -> Option<Request> {
        if self.closes || self.session.is_some() || self.is_full() || self.received.is_empty() {
            return None;
        }
        let (length, request) = match http::head(&self.received) {
            Ok(None) => return None,
            Ok(Some(head)) => (
                head.length,
                Request {
                    target: head.target.to_vec(),
                    is_get: head.is_get,
                    keeps_alive: head.keeps_alive,
                    forwarded_for: head.forwarded_for.map(<[u8]>::to_vec),
                    upgrade: head.upgrade.map(|wish| (wish.key.to_vec(), wish.is_current)),
                    error: None,
                },
            ),
            Err(error) => (
                self.received.len(),
                Request {
                    target: Vec::new(),
                    is_get: false,
                    keeps_alive: false,
                    forwarded_for: None,
                    upgrade: None,
                    error: Some(error),
                },
            ),
        };
        self.received.drain(..length);
        if self.received.is_empty() {
            // Thousands of idle connections must not each keep a request's memory.
            self.received = Vec::new();
        }
        Some(request)
    }

    /// Queues an answer.
    pub(super) fn answer(
        &mut self,
        status: &'static str,
        keeps_alive: bool,
        body: &[u8],
        now: Tick,
    ) {
        http::response(&mut self.output, status, keeps_alive, body);
        self.closes |= !keeps_alive;
        self.now = now;
        self.deadline = Tick(now.0.saturating_add(self.timeout_s));
    }

    /// Whether its requests wait until it has taken some answers.
    pub(super) fn is_full(&self) -> bool {
        self.output.len() > OUTPUT_LIMIT
    }

    pub(super) fn has_output(&self) -> bool {
        self.sent < self.output.len() || self.stream.has_output()
    }

    pub(super) fn is_closing(&self) -> bool {
        self.closes
    }

    pub(super) fn close_after_output(&mut self) {
        self.closes = true;
    }

    pub(super) fn is_late(&self, now: Tick) -> bool {
        self.session.is_none() && now > self.deadline
    }

    /// Sends what the socket takes; true when the connection is over.
    pub(super) fn send(&mut self) -> bool {
        while let Some(rest) = self.output.get(self.sent..)
            && !rest.is_empty()
        {
            match self.stream.write(rest) {
                Ok(0) => return true,
                Ok(length) => self.sent += length,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return false,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return true,
            }
        }
        self.output = Vec::new();
        self.sent = 0;
        if self.closes {
            self.stream.finish();
        }
        match self.stream.flush() {
            Ok(()) => self.closes,
            Err(error) => error.kind() != io::ErrorKind::WouldBlock,
        }
    }
}
