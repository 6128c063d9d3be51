//! The UDP threads: a batch in, a batch out.

use crate::clock::Moment;
use crate::policy::Policy;
use crate::serve::batch::{Batch, Datagram};
use crate::serve::desk::{Carrier, Desk};
use crate::serve::pressure::Stage;
use crate::serve::shared::Shared;
use crate::stats::{Counter, Measure};
use crate::swarm::Visit;
use crate::wire::address::Source;
use crate::wire::fact::Via;
use crate::wire::proxy::{self, Preface};
use crate::wire::udp::{self, Action, Header};
use crate::wire::{Announce, AnnounceKey, Event, WireError};
use socket2::Socket;
use std::io;
use std::net::SocketAddr;
use std::num::NonZeroU16;
use std::sync::Arc;

/// Serves one socket until the tracker stops.
///
/// # Errors
///
/// When the socket itself fails; a single datagram never does that.
pub(super) fn run(shared: &Arc<Shared>, socket: &Socket, bound: SocketAddr) -> io::Result<()> {
    let mut desk = Desk::new(shared);
    desk.block.turn_to(bound.is_ipv6());
    let mut batch = Batch::new(bound);
    let (mut tasks, mut visits) = (Vec::new(), Vec::new());
    while !shared.is_stopping() {
        let received = batch.receive(socket)?;
        if received == 0 {
            continue;
        }
        desk.pressure.note(batch.is_full());
        let now = shared.clock.now();
        let began_us = shared.clock.elapsed_us();
        shared.with_policy(now, |policy| {
            batch.answer_each(|datagram, out| tasks.push(admit(&desk, now, (datagram, out))));
            look_ahead(shared, policy, &tasks, &mut visits);
            let mut tasks = tasks.drain(..);
            batch.go_on(|datagram, out| match tasks.next() {
                Some(Task::Announce(header, source, told)) => {
                    announce(&mut desk, (policy, now), (&header, source), (&told, out));
                }
                Some(Task::Scrape(header, body)) => {
                    let body = datagram.bytes.get(body).unwrap_or_default();
                    scrape(&desk, policy, &header, (body, out));
                }
                Some(Task::Done) | None => {}
            });
        });
        desk.journal(now);
        let failed = batch.send(socket);
        desk.block.add(Counter::UdpSendErrors, failed);
        let took_us = shared.clock.elapsed_us().saturating_sub(began_us);
        desk.block.observe(Measure::UdpAnswerUs, took_us, received);
        desk.block.observe(Measure::UdpBatch, received as u64, 1);
    }
    Ok(())
}

/// What is left to do about a datagram once its sender is known to be who it says.
enum Task {
    /// Nothing: it is answered, or met with silence.
    Done,
    Announce(Header, Source, Announce),
    /// The header, and the bytes of the body.
    Scrape(Header, std::ops::RangeFrom<usize>),
}

/// Reads one datagram, and answers at once what needs no swarm; an empty answer is silence.
fn admit(desk: &Desk, now: Moment, (datagram, out): (&Datagram<'_>, &mut Vec<u8>)) -> Task {
    let Some((bytes, source)) = origin(desk.shared.as_ref(), datagram) else {
        return silence(desk, Counter::UdpMalformed);
    };
    let Ok(header) = udp::header(bytes) else {
        return silence(desk, Counter::UdpMalformed);
    };
    // The kernel could not send to port 0 (ID-12).
    if datagram.from.port() == 0 {
        return silence(desk, Counter::UdpMalformed);
    }
    if header.action == Action::Connect {
        if !desk.shared.connects.admits(source.ip, now.tick) {
            return silence(desk, Counter::UdpLimited);
        }
        let id = desk.shared.ids.issue(source.ip, now.unix_s());
        udp::connect_answer(out, header.transaction, id);
        return silence(desk, Counter::UdpConnects);
    }
    // Silence, or we would answer whoever a forger names (UDP-5, UDP-7).
    if !desk.shared.ids.holds(source.ip, header.connection, now.unix_s()) {
        return silence(desk, Counter::UdpBadConnection);
    }
    if !desk.shared.announces.admits(source.ip, now.tick) {
        return silence(desk, Counter::UdpLimited);
    }
    let body = bytes.get(udp::HEADER_BYTES..).unwrap_or_default();
    if header.action == Action::Scrape {
        return Task::Scrape(header, datagram.bytes.len() - body.len()..);
    }
    match udp::announce(body) {
        Ok(told) => Task::Announce(header, source, told),
        Err(WireError::Truncated) => silence(desk, Counter::UdpMalformed),
        Err(error) => {
            udp::error_answer(out, header.transaction, error.reason());
            silence(desk, Counter::UdpErrors)
        }
    }
}

/// Counts why nothing is left to do.
fn silence(desk: &Desk, why: Counter) -> Task {
    desk.block.one(why);
    Task::Done
}

/// Asks for the memory that the announces of a batch will read, all at once.
fn look_ahead(shared: &Shared, policy: &Policy<'_>, tasks: &[Task], visits: &mut Vec<Visit>) {
    let announces = tasks.iter().filter_map(|task| match task {
        Task::Announce(_, source, told) => Some((source, told)),
        _ => None,
    });
    policy.approach(announces.clone().map(|(_, told)| told));
    visits.clear();
    visits.extend(announces.filter_map(|(source, told)| {
        let user = match &told.key {
            AnnounceKey::Given(key) => Some(key.user),
            _ => None,
        };
        let port = told.port.map_or(0, NonZeroU16::get);
        Some(Visit { swarm: policy.look(told)?, ip: source.ip, port, user })
    }));
    shared.swarms.warm(visits);
    for user in visits.iter().filter_map(|visit| visit.user) {
        shared.habits.approach(user);
    }
}

/// A request and who asks: the sender, or whom the header of a proxy names (ID-7).
fn origin<'a>(shared: &Shared, datagram: &Datagram<'a>) -> Option<(&'a [u8], Source)> {
    let Datagram { bytes, from, to } = *datagram;
    if shared.config.proxy_protocol_udp
        && shared.config.proxy_protocol.iter().any(|network| network.contains(from.ip()))
    {
        let Ok(Preface::Whole { length, client }) = proxy::preface(bytes) else { return None };
        let rest = bytes.get(length..)?;
        if let Some(client) = client {
            return Some((rest, Source::new(client, shared.hands_out_local(client.ip()))));
        }
        return Some((rest, Source::new(from, shared.hands_out_local(to))));
    }
    Some((bytes, Source::new(from, shared.hands_out_local(to))))
}

fn announce(
    desk: &mut Desk,
    (policy, now): (&Policy<'_>, Moment),
    (header, source): (&Header, Source),
    (told, out): (&Announce, &mut Vec<u8>),
) {
    // The sender asks again, more and more rarely (ABUSE-10).
    let is_shed = desk.pressure.stage() >= Stage::Strangers
        && told.event != Event::Stopped
        && policy.look(told).is_none();
    if is_shed {
        return desk.block.one(Counter::ShedUnknown);
    }
    let is_v6 = source.ip.is_ipv6();
    let limit = if is_v6 { udp::V6_LIMIT } else { udp::V4_LIMIT };
    let carrier = Carrier { limit, mixes_families: false, via: Via::Udp };
    match desk.announce(policy, told, source, (carrier, now)) {
        Ok(told) => {
            let interval_s = desk.interval_s(&told, now);
            let peers = udp::peers_of(&desk.neighbours, is_v6);
            udp::announce_answer(
                out,
                header.transaction,
                interval_s,
                desk.neighbours.counts,
                peers,
            );
            desk.block.one(Counter::UdpAnnounces);
        }
        Err(refusal) => {
            udp::error_answer(out, header.transaction, refusal.text);
            desk.block.one(Counter::UdpErrors);
        }
    }
}

/// BEP 41 has no place for a key in a scrape, so members' releases show zeros (SCR-6).
fn scrape(desk: &Desk, policy: &Policy<'_>, header: &Header, (body, out): (&[u8], &mut Vec<u8>)) {
    if desk.pressure.stage() >= Stage::Strangers {
        return desk.block.one(Counter::ShedScrapes);
    }
    udp::scrape_answer(out, header.transaction);
    for info_hash in udp::scrape(body) {
        let counts = desk.counts(policy, &info_hash, &AnnounceKey::Absent);
        udp::push_counts(out, counts.unwrap_or_default());
    }
    desk.block.one(Counter::UdpScrapes);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Clock;
    use crate::config::Config;

    fn answer_to(from: &str, bytes: &[u8]) -> Vec<u8> {
        let shared = Arc::new(Shared::new(Config::default(), Clock::fixed(0)).unwrap());
        let desk = Desk::new(&shared);
        let mut out = Vec::new();
        let from: SocketAddr = from.parse().unwrap();
        let datagram = Datagram { bytes, from, to: from.ip() };
        admit(&desk, shared.clock.now(), (&datagram, &mut out));
        out
    }

    #[test]
    fn id_12_a_packet_from_port_zero_is_dropped() {
        let connect = [&[0, 0, 4, 0x17, 0x27, 0x10, 0x19, 0x80][..], &[0; 8]].concat();
        assert_eq!(answer_to("192.0.2.1:1", &connect).len(), 16);
        assert!(answer_to("192.0.2.1:0", &connect).is_empty());
    }
}
