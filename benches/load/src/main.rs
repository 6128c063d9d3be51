//! Load generators for trackers, and the bare echo that is their floor.
//!
//! ```text
//! bottin-load serve open|any|keyed|echo|echo-batched [option=value…]   prints its address, then serves
//! bottin-load hashes [option=value…]                               the info-hashes, one a line
//! bottin-load udp ADDRESS [option=value…]                          one line of figures
//! bottin-load overload ADDRESS [option=value…]                    goodput under times=5 of its capacity
//! bottin-load http ADDRESS [option=value…]                         one line of figures
//! bottin-load ws ADDRESS [option=value…]                           one line, of offers passed on
//! ```
//!
//! The generators know the server by its address only, so that one generator
//! drives ours and any other. `pid=` adds the server's processor time.
#![expect(clippy::print_stdout, reason = "a program for developers")]

mod echo;
mod figures;
mod http;
mod options;
mod overload;
mod population;
mod serve;
mod udp;
mod web;
mod wire;

use options::Options;
use std::io;

fn main() -> io::Result<()> {
    let mut words = std::env::args().skip(1);
    let command = words.next().unwrap_or_default();
    let subject = words.next().unwrap_or_default();
    let mut rest: Vec<String> = words.collect();
    if command == "hashes" {
        rest.push(subject.clone());
    }
    let options = Options::read(&rest)?;
    match (command.as_str(), subject.as_str()) {
        ("serve", "echo") => echo::one_by_one(&options),
        ("serve", "echo-batched") => echo::in_batches(&options),
        ("serve", kind) => serve::tracker(kind, &options),
        ("hashes", _) => {
            for torrent in 0..options.torrents {
                println!("{}", population::hex(&population::hash(torrent)));
            }
            Ok(())
        }
        ("udp", server) => udp::run(server, &options),
        ("overload", server) => overload::run(server, &options),
        ("http", server) => http::run(server, &options),
        ("ws", server) => web::run(server, &options),
        _ => Err(io::Error::other("usage: bottin-load serve|hashes|udp|overload|http|ws …")),
    }
}
