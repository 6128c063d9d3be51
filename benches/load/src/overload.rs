//! Many times more than a server can answer, and how soon it is itself again (RUN-6).
//!
//! Three turns: as many announces as are answered, which is the capacity; then
//! so many times that, whatever comes back; then a tenth of the capacity, timed.
//! What was offered is reported as it was, for a generator may be too slow.

use crate::figures::rss_kib;
use crate::options::Options;
use crate::population::Population;
use crate::udp::{Load, approximate, now};
use std::io;

/// Runs the three turns and prints one line.
pub(crate) fn run(server: &str, options: &Options) -> io::Result<()> {
    let population = Population::new(options)?;
    let mut load = Load::new(server, options, &population)?;
    let started = now();
    while started.elapsed().as_secs_f64() < options.seconds {
        load.round()?;
    }
    let capacity = approximate(load.figures.answers) / started.elapsed().as_secs_f64();
    let before_kib = rss_kib(options.pid);

    load.figures = crate::figures::Figures::default();
    let started = now();
    loop {
        let elapsed = started.elapsed().as_secs_f64();
        if elapsed >= options.seconds {
            break;
        }
        if approximate(load.figures.sent) < elapsed * capacity * options.times {
            load.press()?;
        }
    }
    let elapsed = started.elapsed().as_secs_f64();
    let offered = approximate(load.figures.sent) / elapsed;
    let answered = approximate(load.figures.answers) / elapsed;
    let peers = approximate(load.figures.peers) / approximate(load.figures.answers).max(1.0);

    let calm = Options { rate: capacity / 10.0, ..options.clone() };
    let mut after = Load::new(server, &calm, &population)?;
    after.paced(now())?;
    after.figures.seconds = options.seconds;
    println!(
        "capacity={capacity:.0} offered={:.2} goodput={:.3} peers={peers:.2} grown_kib={} | after: {}",
        offered / capacity.max(1.0),
        answered / capacity.max(1.0),
        rss_kib(options.pid).saturating_sub(before_kib),
        after.figures.line(),
    );
    Ok(())
}
