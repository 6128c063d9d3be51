//! The HTTP threads: one event loop each, requests of a turn answered together.

mod web;

use crate::clock::{Moment, Tick};
use crate::policy::Policy;
use crate::serve::client::{Client, Origin, Reading};
use crate::serve::crowds::Guest;
use crate::serve::desk::Desk;
use crate::serve::pages;
use crate::serve::shared::Shared;
use crate::serve::sockets::{Door, Entrance};
use crate::serve::stream::Stream;
use crate::serve::tls::Tls;
use crate::stats::{Counter, Measure};
use mio::net::{TcpListener, UnixListener};
use mio::{Events, Interest, Poll, Token};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use web::Exchange;

/// How long a loop sleeps before it looks whether to stop.
const WAKE_EVERY: Duration = Duration::from_millis(200);
const EVENTS: usize = 256;
/// Connections taken per listener and turn, so that none starves the clients already here (UDP-17).
const ACCEPTS: usize = 64;

/// Whom a connection over a Unix socket comes from, as far as addresses go.
const NEIGHBOUR: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// Where connections come in.
enum Listener {
    Tcp(TcpListener, Option<Tls>),
    Unix(UnixListener),
}

/// One thread's listeners and clients. A client's token is its place after the listeners.
struct Loop {
    poll: Poll,
    listeners: Vec<Listener>,
    clients: Vec<Option<Client>>,
    free: Vec<usize>,
    /// Clients with something to send at the end of the turn.
    ready: Vec<usize>,
    /// Clients whose requests waited for room in their output.
    resumed: Vec<usize>,
    /// Listeners with connections to accept.
    waiting: Vec<usize>,
    desk: Desk,
    /// What WebSocket clients of this thread and of others tell each other.
    exchange: Exchange,
    places: usize,
    swept: Tick,
}

/// Serves listeners until the tracker stops; each turn sends what it answered before it ends.
///
/// # Errors
///
/// When the event loop itself fails; a single client never does that.
pub(super) fn run(shared: &Arc<Shared>, listeners: &[Entrance], places: usize) -> io::Result<()> {
    let mut serving = Loop::new(shared, listeners, places)?;
    let mut events = Events::with_capacity(EVENTS);
    while !shared.is_stopping() {
        match serving.poll.poll(&mut events, Some(serving.patience())) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
            _ => {}
        }
        serving.desk.pressure.note(events.iter().count() >= EVENTS);
        serving.turn(&events, shared.clock.now());
    }
    Ok(())
}

impl Listener {
    fn open(entrance: &Entrance, registry: &mio::Registry, token: Token) -> io::Result<Self> {
        let socket = entrance.socket.try_clone()?;
        let mut listener = match &entrance.door {
            Door::Plain => Self::Tcp(TcpListener::from_std(socket.into()), None),
            Door::Tls(tls) => Self::Tcp(TcpListener::from_std(socket.into()), Some(tls.clone())),
            Door::Unix => Self::Unix(UnixListener::from_std(socket.into())),
        };
        match &mut listener {
            Self::Tcp(listener, _) => registry.register(listener, token, Interest::READABLE),
            Self::Unix(listener) => registry.register(listener, token, Interest::READABLE),
        }?;
        Ok(listener)
    }

    fn accept(&self, shared: &Shared) -> io::Result<(Stream, Origin)> {
        match self {
            Self::Tcp(listener, tls) => {
                let (stream, from) = listener.accept()?;
                let here = stream.local_addr().map_or(from.ip(), |here| here.ip());
                let is_local_listener = shared.hands_out_local(here);
                let origin = Origin { from, is_local_listener, is_proxy: false };
                let proxies = &shared.config.proxy_protocol;
                let mut stream = Stream::tcp(stream);
                if proxies.iter().any(|network| network.contains(from.ip())) {
                    stream = stream.behind_proxy();
                }
                Ok((
                    match tls {
                        Some(tls) => stream.within(tls.session()?),
                        None => stream,
                    },
                    origin,
                ))
            }
            Self::Unix(listener) => {
                let (stream, _) = listener.accept()?;
                // Whoever may open the socket's file is the proxy; by itself it is nobody's peer.
                let origin = Origin { from: NEIGHBOUR, is_local_listener: false, is_proxy: true };
                Ok((Stream::unix(stream), origin))
            }
        }
    }
}

impl Loop {
    fn new(shared: &Arc<Shared>, entrances: &[Entrance], places: usize) -> io::Result<Self> {
        let poll = Poll::new()?;
        let exchange = Exchange::open(shared, poll.registry())?;
        let mut listeners = Vec::new();
        for (at, entrance) in entrances.iter().enumerate() {
            listeners.push(Listener::open(entrance, poll.registry(), Token(at))?);
        }
        Ok(Self {
            poll,
            listeners,
            clients: Vec::new(),
            free: Vec::new(),
            ready: Vec::new(),
            resumed: Vec::new(),
            waiting: Vec::new(),
            desk: Desk::new(shared),
            exchange,
            places,
            swept: Tick::default(),
        })
    }

    /// One turn: take in, answer, journal, send.
    fn turn(&mut self, events: &Events, now: Moment) {
        let began_us = self.desk.shared.clock.elapsed_us();
        let resumed = std::mem::take(&mut self.resumed);
        let shared = Arc::clone(&self.desk.shared);
        shared.with_policy(now, |policy| {
            for at in resumed {
                self.serve(at, true, policy, now);
            }
            for event in events {
                match event.token().0.checked_sub(self.listeners.len()) {
                    Some(at) => self.serve(at, event.is_readable(), policy, now),
                    None => self
                        .waiting
                        .extend(self.listeners.get(event.token().0).map(|_| event.token().0)),
                }
            }
        });
        self.desk.journal(now);
        self.deliver();
        while let Some(at) = self.ready.pop() {
            self.send(at);
        }
        self.measure(began_us);
        if now.tick != self.swept {
            self.swept = now.tick;
            self.drop_slow(now.tick);
            self.drop_silent(now.tick);
            self.waiting.extend(0..self.listeners.len());
        }
        for at in std::mem::take(&mut self.waiting) {
            self.accept(at, now.tick);
        }
    }

    fn measure(&mut self, began_us: u64) {
        let answered = std::mem::take(&mut self.desk.answered);
        if answered > 0 {
            let took_us = self.desk.shared.clock.elapsed_us().saturating_sub(began_us);
            self.desk.block.observe(Measure::HttpAnswerUs, took_us, answered);
            self.desk.block.observe(Measure::HttpBatch, answered as u64, 1);
        }
    }

    /// How long the next turn may wait for events: not at all when there is work left.
    fn patience(&self) -> Duration {
        if self.resumed.is_empty() && self.waiting.is_empty() { WAKE_EVERY } else { Duration::ZERO }
    }

    /// Reads a client's requests and queues their answers.
    fn serve(&mut self, at: usize, is_readable: bool, policy: &Policy<'_>, now: Moment) {
        let Some(client) = self.clients.get_mut(at).and_then(Option::as_mut) else { return };
        if client.session.is_some() {
            return self.serve_web(at, is_readable, policy, now);
        }
        let mut reading = Reading::More;
        while reading == Reading::More && !client.is_full() {
            reading = if is_readable { client.read() } else { Reading::Open };
            while let Some(request) = client.next_request() {
                pages::answer(&mut self.desk, policy, now, (client, request));
            }
            if client.session.is_some() {
                return self.begin_web(at, policy, now);
            }
            if client.is_closing() {
                break;
            }
        }
        // One who closed its side is still answered all that it asked.
        if reading == Reading::Over && !client.is_full() {
            if !client.has_output() {
                return self.drop_client(at);
            }
            client.close_after_output();
        }
        self.ready.push(at);
    }

    fn send(&mut self, at: usize) {
        let Some(client) = self.clients.get_mut(at).and_then(Option::as_mut) else { return };
        let was_full = client.is_full();
        if client.send() {
            self.drop_client(at);
        } else if was_full && !client.is_full() {
            // Its requests waited, and the events that announced them are spent.
            self.resumed.push(at);
        }
    }

    fn accept(&mut self, at: usize, now: Tick) {
        for _ in 0..ACCEPTS {
            let Some(listener) = self.listeners.get(at) else { return };
            match listener.accept(&self.desk.shared) {
                Ok((stream, origin)) => self.admit(stream, origin, now),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                // Out of descriptors, or a client gone already: tried again within a second.
                Err(_) => return,
            }
        }
        self.waiting.push(at);
    }

    fn admit(&mut self, stream: Stream, origin: Origin, now: Tick) {
        if self.clients.len() - self.free.len() - self.exchange.open >= self.places {
            return self.desk.block.one(Counter::HttpFull);
        }
        let guest = if origin.is_proxy {
            Some(Guest::unbounded())
        } else {
            self.desk.shared.crowds.enter(origin.from.ip())
        };
        let Some(guest) = guest else { return self.desk.block.one(Counter::HttpCrowded) };
        let timeout_s = self.desk.shared.config.limits.http_timeout_s;
        let mut client = Client::new(stream, (origin, guest), (now, timeout_s));
        let place = self.free.pop().unwrap_or(self.clients.len());
        let token = Token(place + self.listeners.len());
        let interest = Interest::READABLE | Interest::WRITABLE;
        let is_registered = self.poll.registry().register(client.stream(), token, interest).is_ok();
        let client = is_registered.then_some(client);
        if client.is_none() {
            self.free.push(place);
        }
        match self.clients.get_mut(place) {
            Some(slot) => *slot = client,
            None => self.clients.push(client),
        }
        self.desk.block.one(Counter::HttpConnections);
    }

    fn drop_client(&mut self, at: usize) {
        if let Some(mut client) = self.clients.get_mut(at).and_then(Option::take) {
            self.exchange.end(&mut client, &self.desk);
            // Closing the stream below deregisters it as well; a failure here changes nothing.
            let _ = self.poll.registry().deregister(client.stream());
            self.free.push(at);
        }
    }

    fn drop_slow(&mut self, now: Tick) {
        for at in 0..self.clients.len() {
            let is_slow = self
                .clients
                .get(at)
                .and_then(Option::as_ref)
                .is_some_and(|client| client.is_late(now));
            if is_slow {
                self.desk.block.one(Counter::HttpTimeouts);
                self.drop_client(at);
            }
        }
    }
}
