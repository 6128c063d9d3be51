//! The UDP threads: a batch in, a batch out.

use crate::clock::Moment;
use crate::policy::Policy;
use crate::serve::batch::{Batch, Datagram};
use crate::serve::desk::{Carrier, Desk};
use crate::serve::shared::Shared;
use crate::stats::Counter;
use crate::wire::AnnounceKey;
use crate::wire::address::Source;
use crate::wire::udp::{self, Action, Header};
use socket2::Socket;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

/// Serves one socket until the tracker stops.
///
/// # Errors
///
/// When the socket itself fails; a single datagram never does that.
pub(super) fn run(shared: &Arc<Shared>, socket: &Socket, bound: SocketAddr) -> io::Result<()> {
    let mut desk = Desk::new(shared);
    let mut batch = Batch::new(bound);
    while !shared.is_stopping() {
        let received = batch.receive(socket)?;
        if received == 0 {
            continue;
        }
        let now = shared.clock.now();
        shared.with_policy(now, |policy| {
            batch.answer_each(|datagram, answer| reply(&mut desk, policy, now, (datagram, answer)));
        });
        desk.journal(now);
        let failed = batch.send(socket);
        desk.block.add(Counter::UdpSendErrors, failed);
    }
    Ok(())
}

/// Writes the answer to one datagram; an empty one is silence.
fn reply(
    desk: &mut Desk,
    policy: &Policy<'_>,
    now: Moment,
    (datagram, out): (&Datagram<'_>, &mut Vec<u8>),
) {
    let Ok(header) = udp::header(datagram.bytes) else {
        return desk.block.one(Counter::UdpMalformed);
    };
    let source = Source::new(datagram.from, desk.shared.hands_out_local(datagram.to));
    // The kernel could not send to port 0 (ID-12).
    if datagram.from.port() == 0 {
        return desk.block.one(Counter::UdpMalformed);
    }
    if header.action == Action::Connect {
        if !desk.shared.connects.admits(source.ip, now.tick) {
            return desk.block.one(Counter::UdpLimited);
        }
        let id = desk.shared.ids.issue(source.ip, now.unix_s());
        udp::connect_answer(out, header.transaction, id);
        return desk.block.one(Counter::UdpConnects);
    }
    // Silence, or we would answer whoever a forger names (UDP-5, UDP-7).
    if !desk.shared.ids.holds(source.ip, header.connection, now.unix_s()) {
        return desk.block.one(Counter::UdpBadConnection);
    }
    if !desk.shared.announces.admits(source.ip, now.tick) {
        return desk.block.one(Counter::UdpLimited);
    }
    let body = datagram.bytes.get(udp::HEADER_BYTES..).unwrap_or_default();
    match header.action {
        Action::Scrape => scrape(desk, policy, &header, (body, out)),
        _ => announce(desk, (policy, now), (&header, source), (body, out)),
    }
}

fn announce(
    desk: &mut Desk,
    (policy, now): (&Policy<'_>, Moment),
    (header, source): (&Header, Source),
    (body, out): (&[u8], &mut Vec<u8>),
) {
    let announce = match udp::announce(body) {
        Ok(announce) => announce,
        Err(crate::wire::WireError::Truncated) => return desk.block.one(Counter::UdpMalformed),
        Err(error) => {
            udp::error_answer(out, header.transaction, error.reason());
            return desk.block.one(Counter::UdpErrors);
        }
    };
    let is_v6 = source.ip.is_ipv6();
    let limit = if is_v6 { udp::V6_LIMIT } else { udp::V4_LIMIT };
    let carrier = Carrier { limit, mixes_families: false };
    match desk.announce(policy, &announce, source, (carrier, now)) {
        Ok(told) => {
            let interval_s = desk.interval_s(&told);
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
        let mut desk = Desk::new(&shared);
        let mut out = Vec::new();
        let from: SocketAddr = from.parse().unwrap();
        let datagram = Datagram { bytes, from, to: from.ip() };
        let now = shared.clock.now();
        shared.with_policy(now, |policy| reply(&mut desk, policy, now, (&datagram, &mut out)));
        out
    }

    #[test]
    fn id_12_a_packet_from_port_zero_is_dropped() {
        let connect = [&[0, 0, 4, 0x17, 0x27, 0x10, 0x19, 0x80][..], &[0; 8]].concat();
        assert_eq!(answer_to("192.0.2.1:1", &connect).len(), 16);
        assert!(answer_to("192.0.2.1:0", &connect).is_empty());
    }
}
