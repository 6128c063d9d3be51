//! WebSocket clients of an HTTP thread: read in its turns, and reached from every thread.

use super::Loop;
use crate::clock::{Moment, Tick};
use crate::policy::Policy;
use crate::serve::client::{Client, Reading, Sign};
use crate::serve::desk::Desk;
use crate::serve::mail::{Letter, Mailbox};
use crate::serve::session::{Session, Silence, Turn};
use crate::serve::shared::Shared;
use crate::stats::Counter;
use crate::swarm::web::Line;
use crate::wire::websocket::{self, Close};
use mio::{Registry, Token, Waker};
use std::io;
use std::mem::take;
use std::sync::Arc;

/// The token of letters from other threads; no client has it.
const MAIL: Token = Token(usize::MAX);

/// What the WebSocket clients of one thread send, and what is sent to them.
pub(super) struct Exchange {
    shared: Arc<Shared>,
    thread: u16,
    mailbox: Arc<Mailbox>,
    letters: Vec<Letter>,
    /// Connections of this thread.
    pub(super) open: usize,
}

impl Exchange {
    pub(super) fn open(shared: &Arc<Shared>, registry: &Registry) -> io::Result<Self> {
        let (thread, mailbox) = shared.post.open(Waker::new(registry, MAIL)?);
        let shared = Arc::clone(shared);
        Ok(Self { shared, thread, mailbox, letters: Vec::new(), open: 0 })
    }

    /// Frees what a client that goes held (WS-5).
    pub(super) fn end(&mut self, client: &mut Client, desk: &Desk) {
        if let Some(mut session) = client.session.take() {
            session.leave(&self.shared.swarms, |_| true);
            self.shared.post.leave();
            self.open -= 1;
            desk.block.one(Counter::WebClosed);
        }
    }
}

impl Drop for Loop {
    /// Also after a fault: the thread that takes over knows nothing of these clients.
    fn drop(&mut self) {
        for client in self.clients.iter_mut().flatten() {
            if client.session.is_some() {
                end_frame(client, Close::GoingAway);
                let _ = client.send();
            }
            self.exchange.end(client, &self.desk);
        }
        self.desk.shared.post.close(self.exchange.thread);
    }
}

impl Loop {
    /// Gives a client that has just gone over to WebSocket its line, and reads what came along.
    pub(super) fn begin_web(&mut self, at: usize, policy: &Policy<'_>, now: Moment) {
        let place = u32::try_from(at).unwrap_or(u32::MAX);
        let line =
            Line { thread: self.exchange.thread, place, serial: self.desk.shared.post.serial() };
        if let Some(session) = self.session(at) {
            session.line = line;
            self.exchange.open += 1;
        }
        self.hear(at, policy, now);
        self.serve_web(at, Sign::Closing, policy, now);
    }

    /// Reads a client's messages and queues what follows from them.
    pub(super) fn serve_web(&mut self, at: usize, sign: Sign, policy: &Policy<'_>, now: Moment) {
        let mut reading = Reading::More;
        while reading == Reading::More {
            let Some(client) = self.clients.get_mut(at).and_then(Option::as_mut) else { return };
            if client.is_full() || client.is_closing() {
                break;
            }
            reading = client.read(sign);
            self.hear(at, policy, now);
        }
        if reading == Reading::Over {
            return self.drop_client(at);
        }
        self.ready.push(at);
    }

    fn hear(&mut self, at: usize, policy: &Policy<'_>, now: Moment) {
        let Some(client) = self.clients.get_mut(at).and_then(Option::as_mut) else { return };
        let Some(mut session) = client.session.take() else { return };
        let letters = &mut self.exchange.letters;
        let mut turn = Turn { desk: &mut self.desk, policy, letters, now };
        let mut reply = Vec::new();
        let end = session.hear(&mut turn, client.received(), &mut reply);
        client.queue(&reply);
        client.session = Some(session);
        if let Some(close) = end {
            end_frame(client, close);
            client.close_after_output();
        }
    }

    /// Hands over what the clients of this turn, and of other threads, sent to clients.
    pub(super) fn deliver(&mut self) {
        for letter in take(&mut self.exchange.letters) {
            if letter.to.thread == self.exchange.thread {
                self.hand_over(&letter);
            } else if !self.desk.shared.post.send(letter) {
                self.desk.block.one(Counter::WebLost);
            }
        }
        for letter in self.exchange.mailbox.take() {
            self.hand_over(&letter);
        }
    }

    fn hand_over(&mut self, letter: &Letter) {
        let at = usize::try_from(letter.to.place).unwrap_or(usize::MAX);
        let is_it = self.session(at).is_some_and(|session| session.line == letter.to);
        match self.clients.get_mut(at).and_then(Option::as_mut) {
            Some(client) if is_it && !client.is_full() && !client.is_closing() => {
                client.queue(&letter.frame);
                self.ready.push(at);
            }
            _ => self.desk.block.one(Counter::WebLost),
        }
    }

    /// Looks at every client once a second: forgets, pings, closes.
    pub(super) fn drop_silent(&mut self, now: Tick) {
        let config = &self.desk.shared.config.web;
        let limits = (config.peer_timeout_s, config.idle_timeout_s);
        let shared = Arc::clone(&self.desk.shared);
        for at in 0..self.clients.len() {
            let Some(session) = self.session(at) else { continue };
            let silence = session.check(&shared.swarms, now, limits);
            let Some(client) = self.clients.get_mut(at).and_then(Option::as_mut) else { continue };
            let is_over = match silence {
                Silence::Fine => false,
                Silence::Ping => {
                    let mut ping = Vec::new();
                    websocket::ping(&mut ping);
                    client.queue(&ping);
                    client.send()
                }
                Silence::Idle | Silence::Dead => {
                    end_frame(client, Close::Normal);
                    let _ = client.send();
                    self.desk.block.one(Counter::WebIdle);
                    true
                }
            };
            if is_over {
                self.drop_client(at);
            }
        }
    }

    fn session(&mut self, at: usize) -> Option<&mut Session> {
        self.clients.get_mut(at)?.as_mut()?.session.as_deref_mut()
    }
}

fn end_frame(client: &mut Client, close: Close) {
    let mut frame = Vec::new();
    websocket::close(&mut frame, close.code());
    client.queue(&frame);
}
