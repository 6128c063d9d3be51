//! What a run found, as one line of `name=value`.

use std::fmt::Write;
use std::fs;

/// Sums over one measured time.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub(crate) sent: u64,
    pub(crate) answers: u64,
    pub(crate) errors: u64,
    pub(crate) peers: u64,
    pub(crate) bytes: u64,
    pub(crate) seconds: f64,
    /// Nanoseconds from the request to its answer, unordered; kept where asked.
    pub(crate) latencies: Vec<u32>,
    /// The server's own and the kernel's time for it, in microseconds.
    pub(crate) user_us: f64,
    pub(crate) system_us: f64,
    pub(crate) rss_kib: u64,
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
impl Figures {
    /// The line.
    pub(crate) fn line(&mut self) -> String {
        let answers = (self.answers as f64).max(1.0);
        let mut line = format!(
            "answers={} rate={:.0} lost={} errors={} peers={:.2} bytes={:.1} user_us={:.3} \
             system_us={:.3} rss_kib={}",
            self.answers,
            answers / self.seconds.max(1e-9),
            self.sent - self.answers.min(self.sent),
            self.errors,
            self.peers as f64 / answers,
            self.bytes as f64 / answers,
            self.user_us / answers,
            self.system_us / answers,
            self.rss_kib,
        );
        self.latencies.sort_unstable();
        if !self.latencies.is_empty() {
            for (name, share) in [("p50", 0.5), ("p99", 0.99), ("p999", 0.999)] {
                let _ = write!(line, " {name}_us={:.0}", self.latency_us(share));
            }
        }
        line
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place in a list, not negative and not large"
    )]
    fn latency_us(&self, share: f64) -> f64 {
        let at = (self.latencies.len() as f64 * share) as usize;
        self.latencies.get(at).map_or(0.0, |ns| f64::from(*ns) / 1e3)
    }
}

/// User and system time of a process so far, in microseconds.
pub(crate) fn cpu_us(pid: Option<u32>) -> (f64, f64) {
    let stat = pid.map(|pid| fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default());
    let stat = stat.unwrap_or_default();
    let fields: Vec<f64> = stat
        .rsplit(')')
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .map(|field| field.parse().unwrap_or_default())
        .collect();
    // The kernel counts in hundredths of a second.
    let us = |at: usize| fields.get(at).copied().unwrap_or_default() * 10_000.0;
    (us(11), us(12))
}

/// Memory a process holds.
pub(crate) fn rss_kib(pid: Option<u32>) -> u64 {
    let Some(pid) = pid else { return 0 };
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|text| text.parse().ok()).unwrap_or_default()
}
