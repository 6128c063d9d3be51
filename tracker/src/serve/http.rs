//! The HTTP threads: one event loop each, requests of a turn answered together.

mod web;

use crate::clock::{Moment, Tick};
use crate::policy::Policy;
use crate::serve::client::{Client, Origin, Reading, Sign};
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
    /// What it speaks, and whether local addresses may be handed out through it where that is
    /// the same for all who come.
    Tcp(TcpListener, Option<Tls>, Option<bool>),
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
    /// Clients accepted in the turn before. They are read without waiting for an event: most
    /// have asked by then, and one that is answered and gone never meets the event loop.
    arrived: Vec<usize>,
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
    fn open(
        shared: &Shared,
        entrance: &Entrance,
        (registry, token): (&mio::Registry, Token),
    ) -> io::Result<Self> {
        let socket = entrance.socket.try_clone()?;
        let tls = match &entrance.door {
            Door::Plain | Door::Unix => None,
            Door::Tls(tls) => Some(tls.clone()),
        };
        let mut listener = match &entrance.door {
            Door::Unix => Self::Unix(UnixListener::from_std(socket.into())),
            Door::Plain | Door::Tls(_) => {
                let socket = TcpListener::from_std(socket.into());
                let here = socket.local_addr()?.ip();
                let is_local = (!here.is_unspecified()).then(|| shared.hands_out_local(here));
                Self::Tcp(socket, tls, is_local)
            }
        };
        match &mut listener {
            Self::Tcp(listener, ..) => registry.register(listener, token, Interest::READABLE),
            Self::Unix(listener) => registry.register(listener, token, Interest::READABLE),
        }?;
        Ok(listener)
    }

    fn accept(&self, shared: &Shared) -> io::Result<(Stream, Origin)> {
        match self {
            Self::Tcp(listener, tls, is_local) => {
                let (stream, from) = listener.accept()?;
                let is_local_listener = is_local.unwrap_or_else(|| {
                    let here = stream.local_addr().map_or(from.ip(), |here| here.ip());
                    shared.hands_out_local(here)
                });
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
            let place = (poll.registry(), Token(at));
            listeners.push(Listener::open(shared, entrance, place)?);
        }
        Ok(Self {
            poll,
            listeners,
            clients: Vec::new(),
            free: Vec::new(),
            ready: Vec::new(),
            resumed: Vec::new(),
            arrived: Vec::new(),
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
        let arrived = std::mem::take(&mut self.arrived);
        let shared = Arc::clone(&self.desk.shared);
        shared.with_policy(now, |policy| {
            for at in resumed {
                self.serve(at, Sign::Closing, policy, now);
            }
            for at in &arrived {
                self.serve(*at, Sign::Readable, policy, now);
            }
            for event in events {
                match event.token().0.checked_sub(self.listeners.len()) {
                    Some(at) => self.serve(at, Sign::of(event), policy, now),
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
        for at in arrived {
            self.watch(at);
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
        let is_idle = self.resumed.is_empty() && self.waiting.is_empty() && self.arrived.is_empty();
        if is_idle { WAKE_EVERY } else { Duration::ZERO }
    }

    /// Reads a client's requests and queues their answers.
    fn serve(&mut self, at: usize, sign: Sign, policy: &Policy<'_>, now: Moment) {
        let Some(client) = self.clients.get_mut(at).and_then(Option::as_mut) else { return };
        if client.session.is_some() {
            return self.serve_web(at, sign, policy, now);
        }
        let mut reading = Reading::More;
        while reading == Reading::More && !client.is_full() {
            reading = client.read(sign);
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
        let client = Some(Client::new(stream, (origin, guest), (now, timeout_s)));
        let place = self.free.pop().unwrap_or(self.clients.len());
        match self.clients.get_mut(place) {
            Some(slot) => *slot = client,
            None => self.clients.push(client),
        }
        self.arrived.push(place);
        self.desk.block.one(Counter::HttpConnections);
    }

    /// Has the event loop say what comes from a client that stays after its first turn.
    fn watch(&mut self, at: usize) {
        let token = Token(at + self.listeners.len());
        let Some(client) = self.clients.get_mut(at).and_then(Option::as_mut) else { return };
        let interest = Interest::READABLE | Interest::WRITABLE;
        if self.poll.registry().register(client.stream(), token, interest).is_err() {
            self.drop_client(at);
        }
    }

    fn drop_client(&mut self, at: usize) {
        // Closing its socket takes it out of the event loop as well.
        if let Some(mut client) = self.clients.get_mut(at).and_then(Option::take) {
            self.exchange.end(&mut client, &self.desk);
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
