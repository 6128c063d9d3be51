//! The HTTP threads: one event loop each, requests of a turn answered together.

use crate::clock::{Moment, Tick};
use crate::policy::Policy;
use crate::serve::client::{Client, Reading};
use crate::serve::desk::Desk;
use crate::serve::pages;
use crate::serve::shared::Shared;
use crate::stats::Counter;
use mio::event::Event;
use mio::net::TcpListener;
use mio::{Events, Interest, Poll, Token};
use std::io;
use std::sync::Arc;
use std::time::Duration;

/// How long a loop sleeps before it looks whether to stop.
const WAKE_EVERY: Duration = Duration::from_millis(200);
const EVENTS: usize = 256;
/// Connections taken per listener and turn, so that none starves the clients already here (UDP-17).
const ACCEPTS: usize = 64;

/// One thread's listeners and clients. A client's token is its place after the listeners.
struct Loop {
    poll: Poll,
    listeners: Vec<TcpListener>,
    clients: Vec<Option<Client>>,
    free: Vec<usize>,
    /// Clients with something to send at the end of the turn.
    ready: Vec<usize>,
    desk: Desk,
    places: usize,
    swept: Tick,
}

/// Serves listeners until the tracker stops, then sends what is still queued.
///
/// # Errors
///
/// When the event loop itself fails; a single client never does that.
pub(super) fn run(
    shared: &Arc<Shared>,
    listeners: &[socket2::Socket],
    places: usize,
) -> io::Result<()> {
    let mut serving = Loop::new(shared, listeners, places)?;
    let mut events = Events::with_capacity(EVENTS);
    while !shared.is_stopping() {
        match serving.poll.poll(&mut events, Some(WAKE_EVERY)) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => return Err(error),
            _ => {}
        }
        serving.turn(&events, shared.clock.now());
    }
    Ok(())
}

impl Loop {
    fn new(shared: &Arc<Shared>, sockets: &[socket2::Socket], places: usize) -> io::Result<Self> {
        let poll = Poll::new()?;
        let mut listeners = Vec::new();
        for (at, socket) in sockets.iter().enumerate() {
            let mut listener = TcpListener::from_std(socket.try_clone()?.into());
            poll.registry().register(&mut listener, Token(at), Interest::READABLE)?;
            listeners.push(listener);
        }
        Ok(Self {
            poll,
            listeners,
            clients: Vec::new(),
            free: Vec::new(),
            ready: Vec::new(),
            desk: Desk::new(shared),
            places,
            swept: Tick::default(),
        })
    }

    /// One turn: take in, answer, journal, send.
    fn turn(&mut self, events: &Events, now: Moment) {
        let shared = Arc::clone(&self.desk.shared);
        shared.with_policy(now, |policy| {
            for event in events {
                self.take(event, policy, now);
            }
        });
        self.desk.journal(now);
        while let Some(at) = self.ready.pop() {
            let is_over =
                self.clients.get_mut(at).and_then(Option::as_mut).is_some_and(Client::send);
            if is_over {
                self.drop_client(at);
            }
        }
        if now.tick != self.swept {
            self.swept = now.tick;
            self.drop_slow(now.tick);
        }
        // A listener with more to accept than one turn takes reports no new event for it.
        for at in 0..self.listeners.len() {
            self.accept(at, now.tick);
        }
    }

    fn take(&mut self, event: &Event, policy: &Policy<'_>, now: Moment) {
        let Some(at) = event.token().0.checked_sub(self.listeners.len()) else {
            return;
        };
        let Some(client) = self.clients.get_mut(at).and_then(Option::as_mut) else {
            return;
        };
        let is_over = event.is_readable() && client.read() == Reading::Over;
        while let Some(request) = client.next_request() {
            pages::answer(&mut self.desk, policy, now, (client, request));
        }
        if is_over && !client.has_output() {
            self.drop_client(at);
        } else {
            if is_over {
                client.close_after_output();
            }
            self.ready.push(at);
        }
    }

    fn accept(&mut self, at: usize, now: Tick) {
        for _ in 0..ACCEPTS {
            let Some(listener) = self.listeners.get(at) else {
                return;
            };
            let Ok((stream, from)) = listener.accept() else {
                return;
            };
            if self.clients.len() - self.free.len() >= self.places {
                self.desk.block.one(Counter::HttpFull);
                continue;
            }
            let here = stream.local_addr().map_or(from.ip(), |here| here.ip());
            let is_local = self.desk.shared.hands_out_local(here);
            let timeout_s = self.desk.shared.config.limits.http_timeout_s;
            let mut client = Client::new(stream, (from, is_local), (now, timeout_s));
            let place = self.free.pop().unwrap_or(self.clients.len());
            let token = Token(place + self.listeners.len());
            let interest = Interest::READABLE | Interest::WRITABLE;
            if self.poll.registry().register(client.stream(), token, interest).is_err() {
                if place < self.clients.len() {
                    self.free.push(place);
                }
                continue;
            }
            match self.clients.get_mut(place) {
                Some(slot) => *slot = Some(client),
                None => self.clients.push(Some(client)),
            }
            self.desk.block.one(Counter::HttpConnections);
        }
    }

    fn drop_client(&mut self, at: usize) {
        if let Some(mut client) = self.clients.get_mut(at).and_then(Option::take) {
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
