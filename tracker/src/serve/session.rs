//! One WebSocket client: its messages in, answers and introductions out, its places in swarms.

use crate::clock::{Moment, Tick};
use crate::policy::{self, Policy};
use crate::serve::client::Client;
use crate::serve::desk::Desk;
use crate::serve::mail::Letter;
use crate::serve::web::{self, Presence};
use crate::stats::Counter;
use crate::swarm::Swarms;
use crate::swarm::web::Line;
use crate::wire::address::Source;
use crate::wire::fact::Via;
use crate::wire::target::{self, Target};
use crate::wire::websocket::{self, Assembly, Close, Incoming};
use crate::wire::webtorrent::{self, Action, Answer, Bounds, Message, Offer, Terms};
use crate::wire::{Announce, AnnounceKey, Event, InfoHash, PeerId, Refusal};
use crate::{Asked, Told};
use std::mem::take;

/// Bad messages after which a connection is closed.
const STRIKES: u8 = 10;
/// Answers queued by one reading; the rest of what was received waits for the next.
const REPLY_LIMIT: usize = 65 * 1024;

/// Goes on in WebSocket, or says why not.
pub(super) fn upgrade(
    desk: &Desk,
    (client, source): (&mut Client, Source),
    (target, (key, is_current)): (&[u8], &(Vec<u8>, bool)),
    now: Moment,
) {
    let config = &desk.shared.config.web;
    let announce_key = match target::read(target) {
        Target::Announce(key, _) => Some(key),
        Target::Root => Some(AnnounceKey::Absent),
        Target::Scrape(..) | Target::Unknown => None,
    };
    let refused = match announce_key {
        None => Some("404 Not Found"),
        _ if !is_current => Some("426 Upgrade Required\r\nSec-WebSocket-Version: 13"),
        _ if !websocket::is_key(key) => Some("400 Bad Request"),
        _ if !desk.shared.announces.admits(source.ip, now.tick) => {
            desk.block.one(Counter::HttpLimited);
            Some("429 Too Many Requests")
        }
        _ if !desk.shared.post.enter(config.max_connections) => {
            desk.block.one(Counter::WebFull);
            Some("503 Service Unavailable")
        }
        _ => None,
    };
    if let Some(status) = refused {
        return client.answer(status, false, b"", now.tick);
    }
    desk.block.one(Counter::WebConnections);
    let handshake = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {}\r\n\r\n",
        websocket::accept(key)
    );
    let session = Session::new(announce_key.unwrap_or_default(), source, now.tick);
    client.upgrade(handshake.as_bytes(), session, config.max_message_bytes);
}

/// What a message is handled with.
pub(super) struct Turn<'a> {
    pub(super) desk: &'a mut Desk,
    pub(super) policy: &'a Policy<'a>,
    pub(super) letters: &'a mut Vec<Letter>,
    pub(super) now: Moment,
}

/// A connection's state.
#[derive(Debug)]
pub(super) struct Session {
    key: AnnounceKey,
    source: Source,
    pub(super) line: Line,
    assembly: Assembly,
    present: Vec<Presence>,
    /// When anything came.
    heard: Tick,
    /// When a message came.
    spoke: Tick,
    is_pinged: bool,
    strikes: u8,
}

/// What a look at a silent client finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Silence {
    Fine,
    /// Ask whether it is still there.
    Ping,
    /// Close: it says nothing.
    Idle,
    /// Drop: it is not there.
    Dead,
}

impl Session {
    fn new(key: AnnounceKey, source: Source, now: Tick) -> Self {
        Self {
            key,
            source,
            line: Line { thread: u16::MAX, place: u32::MAX, serial: 0 },
            assembly: Assembly::default(),
            present: Vec::new(),
            heard: now,
            spoke: now,
            is_pinged: false,
            strikes: 0,
        }
    }

    /// Takes whole frames off `received` and answers them; why to close, if so.
    pub(super) fn hear(
        &mut self,
        turn: &mut Turn<'_>,
        received: &mut Vec<u8>,
        reply: &mut Vec<u8>,
    ) -> Option<Close> {
        turn.desk.block.turn_to(self.source.ip.is_ipv6());
        let limit = turn.desk.shared.config.web.max_message_bytes;
        let mut assembly = take(&mut self.assembly);
        let mut at = 0;
        let mut end = None;
        while end.is_none() && reply.len() < REPLY_LIMIT {
            let rest = received.get_mut(at..).unwrap_or_default();
            match assembly.next(rest, limit) {
                Ok(None) => break,
                Ok(Some((taken, incoming))) => {
                    at += taken;
                    end = self.frame(turn, incoming, reply);
                }
                Err(close) => {
                    turn.desk.block.one(Counter::WebMalformed);
                    end = Some(close);
                }
            }
        }
        self.assembly = assembly;
        received.drain(..at);
        if received.is_empty() {
            // Thousands of quiet connections must not each keep a message's memory.
            *received = Vec::new();
        }
        end
    }

    fn frame(
        &mut self,
        turn: &mut Turn<'_>,
        incoming: Incoming<'_>,
        reply: &mut Vec<u8>,
    ) -> Option<Close> {
        self.heard = turn.now.tick;
        self.is_pinged = false;
        match incoming {
            Incoming::Message(message) => return self.message(turn, &message, reply),
            Incoming::Ping(payload) => websocket::pong(reply, payload),
            Incoming::Close(_) => return Some(Close::Normal),
            Incoming::Pong | Incoming::Part => {}
        }
        None
    }

    fn message(
        &mut self,
        turn: &mut Turn<'_>,
        message: &[u8],
        reply: &mut Vec<u8>,
    ) -> Option<Close> {
        self.spoke = turn.now.tick;
        let config = &turn.desk.shared.config.web;
        let bounds = Bounds { offers: config.max_offers, scrape: config.max_scrape };
        let mut body = Vec::new();
        match webtorrent::read(message, self.key, &bounds) {
            Ok(Message::Announce(announce, offers)) => {
                if let Err(refusal) = self.announce(turn, &announce, &offers, &mut body) {
                    fail(turn, (Action::Announce, Some(&announce.info_hash)), refusal, &mut body);
                }
            }
            Ok(Message::Answer(answer)) => self.pass_on(turn, &answer),
            Ok(Message::Scrape(hashes)) => {
                if let Err(refusal) = self.scrape(turn, &hashes, &mut body) {
                    fail(turn, (Action::Scrape, None), refusal, &mut body);
                }
            }
            Err(bad) => {
                turn.desk.block.one(Counter::WebMalformed);
                self.strikes = self.strikes.saturating_add(1);
                let about = (bad.action, bad.info_hash.as_ref());
                fail(turn, about, bad.error.refusal(), &mut body);
            }
        }
        if !body.is_empty() {
            websocket::text(reply, &body);
        }
        (self.strikes >= STRIKES).then_some(Close::Policy)
    }

    fn announce<'a>(
        &mut self,
        turn: &mut Turn<'a>,
        announce: &Announce,
        offers: &[Offer<'_>],
        body: &mut Vec<u8>,
    ) -> Result<(), Refusal<'a>> {
        self.admit(turn)?;
        let is_known = self.present.iter().any(|it| it.claim.asked == announce.info_hash);
        if !is_known && self.present.len() >= turn.desk.shared.config.web.max_swarms {
            return Err(policy::too_many_swarms());
        }
        let asked = Asked {
            announce,
            source: self.source,
            want: 0,
            mixes_families: false,
            via: Via::WebSocket,
            visitor: None,
            now: turn.now,
        };
        let desk = &mut *turn.desk;
        let swarms = (&desk.shared.swarms, turn.now.tick);
        desk.shared.alone.admit(turn.policy, announce, self.source, swarms)?;
        let mut entered = web::answer(
            (&asked, self.line),
            turn.policy,
            &desk.shared.swarms,
            &mut desk.dice,
            &mut desk.neighbours,
        );
        let way = (self.source, asked.via, turn.now);
        if let Ok((told, _)) = &mut entered {
            desk.weigh(turn.policy, announce, way, told);
        }
        desk.tally(turn.policy, announce, way, &entered.map(|(told, _)| told));
        let (told, presence) = entered?;
        self.keep(announce, presence);
        let counts = desk.neighbours.counts;
        let terms =
            Terms { interval_s: interval_s(desk, &told), warning: told.warning.map(|it| it.text) };
        webtorrent::announce_answer(body, &announce.info_hash, counts, &terms);
        desk.block.one(Counter::WebAnnounces);
        // ABUSE-6, in this protocol's shorter intervals.
        let min_interval_s = desk.shared.config.web.interval_s / 2;
        let is_hasty = |it: &Presence| {
            let heard = it.heard.filter(|_| announce.event == Event::None);
            heard.is_some_and(|heard| turn.now.tick.since(heard) < min_interval_s)
        };
        if let Some(presence) = presence.filter(|it| !is_hasty(it)) {
            introduce(turn, &presence, announce.want, offers);
        }
        Ok(())
    }

    fn keep(&mut self, announce: &Announce, presence: Option<Presence>) {
        let is_it = |it: &Presence| {
            it.claim.asked == announce.info_hash && it.claim.peer_id == announce.peer_id
        };
        match (self.present.iter().position(is_it), presence) {
            (Some(at), Some(presence)) => {
                if let Some(slot) = self.present.get_mut(at) {
                    *slot = presence;
                }
            }
            (None, Some(presence)) => self.present.push(presence),
            (Some(at), None) => drop(self.present.swap_remove(at)),
            (None, None) => {}
        }
    }

    /// Passes an answer on to the one whose offer it answers (WS-1).
    fn pass_on(&self, turn: &mut Turn<'_>, answer: &Answer<'_>) {
        let is_it =
            |it: &&Presence| it.claim.asked == answer.info_hash && it.claim.peer_id == answer.from;
        let timeout_s = turn.desk.shared.config.web.offer_timeout_s;
        let to = self.present.iter().find(is_it).and_then(|presence| {
            turn.desk.shared.swarms.web().reply(
                (&presence.claim.swarm, &answer.from, &answer.to),
                (&answer.offer.id, self.line),
                (turn.now.tick, timeout_s),
            )
        });
        let Some(to) = to else { return turn.desk.block.one(Counter::WebUnasked) };
        let mut body = Vec::new();
        let answer = Answer { info_hash: to.info_hash, ..*answer };
        webtorrent::answer_message(&mut body, &answer);
        turn.letters.push(letter(to.line, &body));
        turn.desk.block.one(Counter::WebAnswers);
    }

    fn scrape(
        &self,
        turn: &Turn<'_>,
        hashes: &[InfoHash],
        body: &mut Vec<u8>,
    ) -> Result<(), Refusal<'static>> {
        self.admit(turn)?;
        let mut asked = hashes.to_vec();
        asked.sort_unstable();
        asked.dedup();
        let seen = |hash| turn.desk.counts(turn.policy, &hash, &self.key).map(|it| (hash, it));
        let files: Vec<_> = asked.into_iter().filter_map(seen).collect();
        webtorrent::scrape_answer(body, &files);
        turn.desk.block.one(Counter::WebScrapes);
        Ok(())
    }

    fn admit(&self, turn: &Turn<'_>) -> Result<(), Refusal<'static>> {
        if turn.desk.shared.announces.admits(self.source.ip, turn.now.tick) {
            return Ok(());
        }
        turn.desk.block.one(Counter::HttpLimited);
        Err(policy::too_many_requests())
    }

    /// Leaves swarms that were not announced for too long, and says how silent the client is.
    pub(super) fn check(&mut self, swarms: &Swarms, now: Tick, limits: (u32, u32)) -> Silence {
        let (peer_timeout_s, idle_s) = limits;
        self.leave(swarms, |presence| now.since(presence.claim.now) > peer_timeout_s);
        if now.since(self.spoke) > idle_s {
            return Silence::Idle;
        }
        let silent_s = now.since(self.heard);
        match (self.is_pinged, silent_s > idle_s / 3) {
            (true, _) if silent_s > idle_s * 2 / 3 => Silence::Dead,
            (false, true) => {
                self.is_pinged = true;
                Silence::Ping
            }
            _ => Silence::Fine,
        }
    }

    /// Leaves the swarms that `which` names; nothing of this client stays there (WS-5).
    pub(super) fn leave(&mut self, swarms: &Swarms, which: impl Fn(&Presence) -> bool) {
        let line = self.line;
        self.present.retain(|presence| {
            if !which(presence) {
                return true;
            }
            let Presence { claim, user, .. } = presence;
            if swarms.web().release(&claim.swarm, &claim.peer_id, line) {
                swarms.vacate(&claim.swarm, *user, &claim.peer_id);
            }
            false
        });
    }
}

fn introduce(turn: &mut Turn<'_>, presence: &Presence, want: Option<u32>, offers: &[Offer<'_>]) {
    let limit = want.map_or(usize::MAX, |want| usize::try_from(want).unwrap_or(usize::MAX));
    let offers = offers.get(..limit.min(offers.len())).unwrap_or_default();
    let ids: Vec<_> = offers.iter().map(|offer| offer.id).collect();
    let mut met = Vec::new();
    let desk = &mut *turn.desk;
    desk.shared.swarms.web().introduce(&presence.claim, &ids, &mut desk.dice, &mut met);
    let from: &PeerId = &presence.claim.peer_id;
    for ((_, to), offer) in met.iter().zip(offers) {
        let mut body = Vec::new();
        webtorrent::offer_message(&mut body, &to.info_hash, from, offer);
        turn.letters.push(letter(to.line, &body));
    }
    turn.desk.block.add(Counter::WebOffers, met.len() as u64);
}

fn letter(to: Line, body: &[u8]) -> Letter {
    let mut frame = Vec::with_capacity(body.len() + websocket::HEAD_LIMIT);
    websocket::text(&mut frame, body);
    Letter { to, frame }
}

fn fail(
    turn: &Turn<'_>,
    (action, info_hash): (Action, Option<&InfoHash>),
    refusal: Refusal<'_>,
    body: &mut Vec<u8>,
) {
    body.clear();
    webtorrent::failure(body, action, info_hash, refusal);
    turn.desk.block.one(Counter::WebFailures);
}

/// Seconds until the next announce, spread so that clients do not come in herds (EVT-11).
fn interval_s(desk: &mut Desk, told: &Told) -> u32 {
    let usual = desk.shared.config.web.interval_s;
    told.interval_s.unwrap_or_else(|| usual + desk.dice.u32(..=usual / 10))
}
