//! Server CPU per UDP announce against a bare UDP echo of the same sizes.
//!
//! `cargo bench --bench load [seconds]`. Each server runs in a process of its
//! own; its CPU time comes from the kernel, so a busy machine disturbs the
//! rates and hardly the ratio. The generator sends in bursts and never counts.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a program for developers")]
#![expect(clippy::disallowed_methods, reason = "it measures real time, from its own arguments")]
#![expect(clippy::indexing_slicing, reason = "it builds the bytes that it indexes")]
#![expect(clippy::cast_precision_loss, reason = "figures for people")]

use bottin_tracker::config::Config;
use bottin_tracker::serve::Handle;
use bottin_tracker::wire::key::{ACCOUNT, KeyMaker};
use std::io::{BufRead, BufReader};
use std::net::UdpSocket;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const SWARMS: u32 = 1_000;
const PEERS: u64 = 200;
const USERS: u64 = 2_000;
const WANT: i32 = 30;
const BURST: usize = 64;
const ECHO_BYTES: usize = 20 + 6 * WANT as usize;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    match arguments.iter().position(|argument| argument == "--serve") {
        Some(at) => serve(&arguments[at + 1]),
        None => compare(arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(3)),
    }
}

fn compare(seconds: u64) {
    let echo = measure("echo", seconds);
    for kind in ["open", "keyed"] {
        println!("{kind}: {:.2} x the echo's CPU per answer", measure(kind, seconds) / echo);
    }
}

/// Runs one server and floods it; returns its CPU microseconds per answer.
fn measure(kind: &str, seconds: u64) -> f64 {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--serve", kind])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let mut clients: Vec<Client> = (0..8).map(|at| Client::new(line.trim(), kind, at)).collect();
    flood(&mut clients, Duration::from_secs(2));
    let (before, started) = (cpu_us(&child), Instant::now());
    let (answers, bytes) = flood(&mut clients, Duration::from_secs(seconds));
    let per_answer = (cpu_us(&child) - before) / answers as f64;
    let rate = answers as f64 / started.elapsed().as_secs_f64();
    let size = bytes as f64 / answers as f64;
    println!("{kind}: {per_answer:.2} us CPU per answer of {size:.0} bytes, {rate:.0} answers/s");
    child.kill().unwrap();
    child.wait().unwrap();
    per_answer
}

/// User and system time of a process, in microseconds; the kernel counts in hundredths.
fn cpu_us(child: &Child) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: f64 = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
    ticks * 10_000.0
}

struct Client {
    socket: UdpSocket,
    requests: Vec<Vec<u8>>,
    next: usize,
}

impl Client {
    fn new(server: &str, kind: &str, seed: u64) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.connect(server).unwrap();
        socket.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        let connect = [&[0, 0, 4, 0x17, 0x27, 0x10, 0x19, 0x80][..], &[0; 8]].concat();
        socket.send(&connect).unwrap();
        let mut answer = [0; 2048];
        socket.recv(&mut answer).unwrap();
        let mut dice = fastrand::Rng::with_seed(seed);
        let maker = KeyMaker::new(&[7; 32]);
        let requests = (0..40_000)
            .map(|_| {
                let user = dice.u64(1..=USERS);
                let key = (kind == "keyed").then(|| maker.issue(ACCOUNT, user, 1, None).unwrap());
                request(&answer[8..16], &mut dice, (user, key))
            })
            .collect();
        Self { socket, requests, next: 0 }
    }

    fn burst(&mut self) -> (u64, u64) {
        for _ in 0..BURST {
            self.next = (self.next + 1) % self.requests.len();
            let request = &mut self.requests[self.next];
            // Something new to tell each time, so that the journal is written.
            request[16 + 63] = request[16 + 63].wrapping_add(1);
            let _ = self.socket.send(request);
        }
        let (mut answers, mut bytes) = (0, 0);
        let mut buffer = [0; 2048];
        while answers < BURST as u64 {
            let Ok(length) = self.socket.recv(&mut buffer) else { break };
            answers += 1;
            bytes += length as u64;
        }
        (answers, bytes)
    }
}

fn request(
    connection: &[u8],
    dice: &mut fastrand::Rng,
    (user, key): (u64, Option<String>),
) -> Vec<u8> {
    let swarm = dice.u32(1..=SWARMS);
    // A member has one client; strangers are told apart by their port.
    let port = u16::try_from(1_000 + if key.is_some() { user } else { dice.u64(..PEERS) }).unwrap();
    let mut body = hash(swarm).to_vec();
    body.extend([u8::try_from(user % 251).unwrap(); 20]);
    body.extend([0; 8]);
    body.extend(u64::from(port % 2).to_be_bytes());
    body.extend([0; 8 + 4 + 4 + 4]);
    body.extend(WANT.to_be_bytes());
    body.extend(port.to_be_bytes());
    if let Some(key) = key {
        let url = format!("/{key}/announce");
        body.extend([2, u8::try_from(url.len()).unwrap()]);
        body.extend(url.as_bytes());
    }
    [connection, &1_u32.to_be_bytes(), b"tran", &body].concat()
}

fn hash(swarm: u32) -> [u8; 20] {
    let mut hash = [9; 20];
    hash[..4].copy_from_slice(&swarm.to_be_bytes());
    hash
}

fn flood(clients: &mut [Client], time: Duration) -> (u64, u64) {
    let started = Instant::now();
    let (mut answers, mut bytes) = (0, 0);
    while started.elapsed() < time {
        for client in &mut *clients {
            let (more, longer) = client.burst();
            answers += more;
            bytes += longer;
        }
    }
    (answers, bytes)
}

fn serve(kind: &str) {
    if kind == "echo" {
        return echo();
    }
    let journal = tempfile::TempDir::new().unwrap();
    let secret = "07".repeat(32);
    let config = Config::read(&format!(
        r#"{{"listen": ["127.0.0.1:0"], "threads": 1, "key_secret": "{secret}", "min_interval_s": 0,
            "journal_dir": "{}", "limits": {{"exempt_loopback": true}}}}"#,
        journal.path().display()
    ));
    let handle = Handle::new(config.unwrap()).unwrap();
    let releases: Vec<u8> = (1..=SWARMS).flat_map(release).collect();
    let accounts: Vec<u8> = (1..=USERS).flat_map(account).collect();
    handle.shared().load(&releases, &accounts, &[]).unwrap();
    handle.shared().commit_snapshot(1);
    println!("{}", handle.start().unwrap()[0]);
    loop {
        std::thread::park();
    }
}

fn release(id: u32) -> Vec<u8> {
    [&id.to_be_bytes()[..], &hash(id), &[0; 32], &[1, 1, 4, 4], &[0; 4]].concat()
}

fn account(user: u64) -> Vec<u8> {
    [&user.to_be_bytes()[..], &[0, 1], &[0; 10], &[0, 3, 1, 0]].concat()
}

/// The least a server can do: one system call to receive, one to send.
fn echo() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    println!("{}", socket.local_addr().unwrap());
    let mut buffer = [0; 2048];
    loop {
        let (_, from) = socket.recv_from(&mut buffer).unwrap();
        let _ = socket.send_to(&buffer[..ECHO_BYTES], from);
    }
}
