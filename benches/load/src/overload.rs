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
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

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
    let bursts = load.bursts()?;
    let sent = AtomicU64::new(0);
    let started = now();
    let is_over = || started.elapsed().as_secs_f64() >= options.seconds;
    thread::scope(|scope| {
        // One thread sends all that is due, this one takes what comes back.
        scope.spawn(|| {
            for burst in bursts.iter().cycle().take_while(|_| !is_over()) {
                let due = started.elapsed().as_secs_f64() * capacity * options.times;
                if approximate(sent.load(Ordering::Relaxed)) < due {
                    let left = burst.send().unwrap_or(0);
                    sent.fetch_add(left as u64, Ordering::Relaxed);
                }
            }
        });
        while !is_over() {
            load.take()?;
        }
        io::Result::Ok(())
    })?;
    let elapsed = started.elapsed().as_secs_f64();
    let offered = approximate(sent.load(Ordering::Relaxed)) / elapsed;
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
