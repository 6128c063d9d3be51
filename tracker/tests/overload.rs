//! More than a thread can answer: what goes first, what goes last, and that all comes back (ABUSE-10).
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that goes astray must stop"
)]
#![expect(clippy::disallowed_methods, reason = "it waits for a real machine to catch up")]

mod common;

use common::client::{Report, Transport, Udp, udp_body};
use common::{OPEN, Site, UNLISTED};
use std::net::UdpSocket;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const SWARM: u16 = 30;
const PATIENCE: Duration = Duration::from_secs(60);

/// What came back, by what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heard {
    Scrape,
    /// A hash that is not listed.
    Stranger,
    /// So many peers.
    Peers(usize),
    Refused,
}

/// One client with a swarm around it, whose every packet goes to one thread of the tracker.
struct Flood {
    client: Udp,
    requests: Vec<Vec<u8>>,
}

impl Flood {
    fn new(site: &Site) -> Self {
        for port in 0..SWARM {
            let report = Report { hash: OPEN, port: 8_000 + port, ..Report::keyless() };
            Transport::Udp(site.v4).announce(&report);
        }
        let client = Udp::connect(site.v4);
        client.socket.set_read_timeout(Some(Duration::from_millis(100))).unwrap();
        let open = Report { hash: OPEN, numwant: 20, ..Report::keyless() };
        let stranger = Report { hash: UNLISTED, ..Report::keyless() };
        let mut requests = vec![
            client.request(1, &udp_body(&open)),
            client.request(2, &[OPEN; 20]),
            client.request(1, &udp_body(&stranger)),
        ];
        for (request, name) in requests.iter_mut().zip(*b"PSU") {
            request[12] = name;
        }
        Self { client, requests }
    }

    /// Sends all three kinds in turn until told to stop.
    fn send(&self, socket: &UdpSocket, is_over: &AtomicBool) {
        for request in self.requests.iter().cycle() {
            if is_over.load(Ordering::Relaxed) {
                break;
            }
            let _ = socket.send(request);
        }
    }

    fn hear(&self) -> Option<Heard> {
        let mut buffer = [0; 2048];
        let length = self.client.socket.recv(&mut buffer).ok()?;
        Some(match (buffer[4], buffer[3]) {
            (b'S', 2) => Heard::Scrape,
            (b'U', 3) => Heard::Stranger,
            (_, 3) => Heard::Refused,
            _ => Heard::Peers((length - 20) / 6),
        })
    }

    /// Hears until it hears what it is waiting for; all that it heard.
    fn hear_until(&self, is_it: impl Fn(&[Heard]) -> bool) -> Vec<Heard> {
        let (mut heard, began) = (Vec::new(), Instant::now());
        while !is_it(&heard) {
            heard.extend(self.hear());
            assert!(
                began.elapsed() < PATIENCE,
                "{:?}",
                heard.iter().rev().take(20).collect::<Vec<_>>()
            );
        }
        heard
    }

    /// Each kind once, on a calm tracker.
    fn is_answered_in_full(&self) -> bool {
        let whole = [Heard::Peers(20), Heard::Scrape, Heard::Stranger];
        self.requests.iter().zip(whole).all(|(request, whole)| {
            self.client.socket.send(request).unwrap();
            self.hear() == Some(whole)
        })
    }
}

/// Ends the flood when it goes.
struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn abuse_10_and_run_06_scrapes_and_strangers_go_first_then_peers_and_policy_never() {
    let limits = r#""min_interval_s": 0, "limits": {"exempt_loopback": true},"#;
    let site = Site::with(limits);
    let flood = Flood::new(&site);
    assert!(flood.is_answered_in_full());

    let is_over = AtomicBool::new(false);
    let sockets: Vec<_> = (0..2).map(|_| flood.client.socket.try_clone().unwrap()).collect();
    let heard = thread::scope(|scope| {
        // Whatever happens, or the threads would never end.
        let _end = End(&is_over);
        for socket in &sockets {
            scope.spawn(|| flood.send(socket, &is_over));
        }
        let heard = flood.hear_until(|heard| heard.last() == Some(&Heard::Peers(0)));
        assert!(site.statistic("shed_scrapes") > 0 && site.statistic("shed_unknown") > 0);
        // A takedown does not wait for anything that was asked.
        let began = Instant::now();
        site.apply(&common::release(8, (Some(OPEN), None), 5, true));
        assert!(began.elapsed() < Duration::from_secs(1), "{:?}", began.elapsed());
        flood.hear_until(|heard| heard.last() == Some(&Heard::Refused));
        heard
    });

    // One thread, one flow: answers come in the order of the requests, and tell which stage it was.
    let bare = heard.len() - 1;
    let short = heard.iter().rposition(|it| *it == Heard::Peers(10)).unwrap();
    let full = heard.iter().rposition(|it| *it == Heard::Peers(20)).unwrap();
    let shed = heard.iter().rposition(|it| matches!(it, Heard::Scrape | Heard::Stranger)).unwrap();
    assert!(shed < full && full < short && short < bare, "{shed} {full} {short} {bare}");

    site.apply(&common::release(8, (Some(OPEN), None), 1, true));
    let calm = Instant::now();
    while flood.hear().is_some() {}
    for port in 0..SWARM {
        let report = Report { hash: OPEN, port: 8_000 + port, ..Report::keyless() };
        Transport::Udp(site.v4).announce(&report);
    }
    while !flood.is_answered_in_full() {
        assert!(calm.elapsed() < Duration::from_secs(10), "not itself again");
        while flood.hear().is_some() {}
    }
}
