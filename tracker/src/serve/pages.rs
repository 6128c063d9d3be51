//! What an HTTP request is answered: announce, scrape, the short page, or nothing here.

use crate::clock::Moment;
use crate::policy::{self, Policy};
use crate::serve::client::{Client, Request};
use crate::serve::desk::{Carrier, Desk};
use crate::serve::pressure::Stage;
use crate::serve::session;
use crate::stats::Counter;
use crate::wire::address::{Source, canonical};
use crate::wire::fact::Via;
use crate::wire::http::{self, Terms};
use crate::wire::target::{self, Target};
use crate::wire::{Announce, AnnounceKey, Refusal, Retry, WireError};
use std::net::IpAddr;

const OK: &str = "200 OK";
const BAD: &str = "400 Bad Request";
const TOO_LARGE: &str = "431 Request Header Fields Too Large";
/// More than any client asks, and the answer still within libtorrent's limits (HTTP-16).
const CARRIER: Carrier = Carrier { limit: 200, mixes_families: true, via: Via::Http };

/// Queues the answer to one request.
pub(super) fn answer(
    desk: &mut Desk,
    policy: &Policy<'_>,
    now: Moment,
    (client, request): (&mut Client, Request),
) {
    desk.answered += 1;
    let mut body = Vec::new();
    let (status, keeps_alive) = match request.error {
        Some(error) => {
            desk.block.one(Counter::HttpMalformed);
            (if error == WireError::TooLong { TOO_LARGE } else { BAD }, false)
        }
        None if !request.is_get => ("405 Method Not Allowed", false),
        None => {
            let source = source(desk, client, &request);
            desk.block.turn_to(source.ip.is_ipv6());
            if let Some(wish) = &request.upgrade {
                return session::upgrade(desk, (client, source), (&request.target, wish), now);
            }
            (page(desk, (policy, now), (&request.target, source), &mut body), request.keeps_alive)
        }
    };
    if status != OK {
        body.clear();
        body.extend_from_slice(status.as_bytes());
        body.push(b'\n');
    }
    client.answer(status, keeps_alive, &body, now.tick);
}

fn page(
    desk: &mut Desk,
    (policy, now): (&Policy<'_>, Moment),
    (target, source): (&[u8], Source),
    body: &mut Vec<u8>,
) -> &'static str {
    match target::read(target) {
        Target::Root => {
            body.extend_from_slice(desk.shared.config.site_name.as_bytes());
            body.extend_from_slice(b": tracker BitTorrent\n");
        }
        Target::Unknown => {
            desk.block.one(Counter::HttpMalformed);
            return "404 Not Found";
        }
        Target::Announce(key, query) => {
            match try_announce(desk, (policy, now), (key, query), source) {
                Ok((_, terms)) => {
                    http::announce_answer(body, &desk.neighbours, &terms);
                    desk.block.one(Counter::HttpAnnounces);
                }
                Err(refusal) => fail(desk, refusal, body),
            }
        }
        Target::Scrape(key, query) => {
            match try_scrape(desk, (policy, now), (key, query), source, body) {
                Ok(()) => desk.block.one(Counter::HttpScrapes),
                Err(refusal) => fail(desk, refusal, body),
            }
        }
    }
    OK
}

fn fail(desk: &Desk, refusal: Refusal<'_>, body: &mut Vec<u8>) {
    http::failure_answer(body, refusal);
    desk.block.one(Counter::HttpFailures);
}

fn try_announce<'p>(
    desk: &mut Desk,
    (policy, now): (&Policy<'p>, Moment),
    (key, query): (AnnounceKey, &[u8]),
    source: Source,
) -> Result<(Announce, Terms), Refusal<'p>> {
    admit(desk, source, now)?;
    let announce = http::announce(key, query).map_err(WireError::refusal)?;
    let told = desk.announce(policy, &announce, source, (CARRIER, now))?;
    let interval_s = desk.interval_s(&told, now);
    let terms = Terms {
        interval_s,
        min_interval_s: desk.shared.config.min_interval_s.min(interval_s),
        external: source.ip,
        warning: told.warning.map(|it| it.text),
    };
    Ok((announce, terms))
}

fn try_scrape(
    desk: &Desk,
    (policy, now): (&Policy<'_>, Moment),
    (key, query): (AnnounceKey, &[u8]),
    source: Source,
    body: &mut Vec<u8>,
) -> Result<(), Refusal<'static>> {
    admit(desk, source, now)?;
    if desk.pressure.stage() >= Stage::Strangers {
        desk.block.one(Counter::ShedScrapes);
        return Err(policy::overloaded());
    }
    let mut asked: Vec<_> = http::scrape(query).collect();
    if asked.is_empty() {
        // A scrape of everything would hand the whole directory to anyone (SCR-5).
        return Err(Refusal {
            code: "hash_missing",
            text: "info_hash manque / info_hash is missing",
            retry: Retry::Minutes(60),
        });
    }
    asked.sort_unstable();
    asked.dedup();
    let files: Vec<_> = asked
        .iter()
        .filter_map(|hash| desk.counts(policy, hash, &key).map(|counts| (*hash, counts)))
        .collect();
    http::scrape_answer(body, &files, desk.shared.config.interval_s);
    Ok(())
}

fn admit(desk: &Desk, source: Source, now: Moment) -> Result<(), Refusal<'static>> {
    if desk.shared.announces.admits(source.ip, now.tick) {
        return Ok(());
    }
    desk.block.one(Counter::HttpLimited);
    Err(policy::too_many_requests())
}

/// Who asks: the connection's other end, or whom a trusted proxy vouches for (ID-6).
fn source(desk: &Desk, client: &Client, request: &Request) -> Source {
    let origin = client.origin;
    let direct = match client.vouched_for() {
        Some(from) => Source::new(from, desk.shared.hands_out_local(from.ip())),
        None => Source::new(origin.from, origin.is_local_listener),
    };
    let proxies = &desk.shared.config.trusted_proxies;
    let is_trusted = |ip: IpAddr| proxies.iter().any(|network| network.contains(ip));
    let vouched_for = request
        .forwarded_for
        .as_deref()
        .filter(|_| origin.is_proxy || is_trusted(direct.ip))
        .and_then(|list| forwarded(list, is_trusted));
    match vouched_for {
        // The proxy is our neighbour, its clients are not.
        Some(ip) => Source { ip, is_local_listener: desk.shared.hands_out_local(ip) },
        None => direct,
    }
}

/// The right-most hop that is no trusted proxy: everything left of it is the sender's own word.
fn forwarded(list: &[u8], is_trusted: impl Fn(IpAddr) -> bool) -> Option<IpAddr> {
    let mut client = None;
    for entry in str::from_utf8(list).ok()?.rsplit(',') {
        let ip = canonical(entry.trim().parse().ok()?);
        client = Some(ip);
        if !is_trusted(ip) {
            break;
        }
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Network;

    #[test]
    fn id_06_the_right_most_untrusted_hop_is_the_client() {
        let trusted = Network::try_from("10.0.0.0/8".to_owned()).unwrap();
        let client = |list: &str| {
            forwarded(list.as_bytes(), |ip| trusted.contains(ip)).map(|ip| ip.to_string())
        };
        assert_eq!(client("6.6.6.6, 8.8.8.8, 10.1.1.1").as_deref(), Some("8.8.8.8"));
        assert_eq!(client("6.6.6.6, 10.2.2.2, 10.1.1.1").as_deref(), Some("6.6.6.6"));
        assert_eq!(client("nonsense"), None);
        assert_eq!(client("::ffff:8.8.8.8").as_deref(), Some("8.8.8.8"));
    }
}
