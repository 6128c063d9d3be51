//! Token buckets per address prefix, in a table of fixed size (ABUSE-4).

use crate::clock::Tick;
use ahash::RandomState;
use parking_lot::Mutex;
use std::net::IpAddr;

const STRIPES: usize = 64;
const SETS: usize = 512;
const WAYS: usize = 4;

/// How much of an address names its holder.
#[derive(Clone, Copy, Debug)]
pub(super) enum Grain {
    /// IPv4 /32, IPv6 /64: never /128, of which a subscriber has 2^64.
    Host,
    /// IPv4 /24, IPv6 /64: what a spoofer of source addresses gains little by varying.
    Network,
}

/// One bucket: whose, how full, since when.
#[derive(Clone, Copy, Debug, Default)]
struct Bucket {
    tag: u64,
    tokens: u32,
    at: u32,
}

type Stripe = Mutex<Box<[[Bucket; WAYS]]>>;

/// Buckets for one kind of request.
#[derive(Debug)]
pub(super) struct Limiter {
    stripes: Box<[Stripe]>,
    hasher: RandomState,
    grain: Grain,
    per_s: u32,
    burst: u32,
    exempts_loopback: bool,
}

impl Limiter {
    /// `per_s` 0 limits nothing.
    pub(super) fn new(
        hasher: RandomState,
        grain: Grain,
        (per_s, burst): (u32, u32),
        exempts_loopback: bool,
    ) -> Self {
        let stripe = || Mutex::new(vec![[Bucket::default(); WAYS]; SETS].into());
        Self {
            stripes: (0..STRIPES).map(|_| stripe()).collect(),
            hasher,
            grain,
            per_s,
            burst: burst.max(per_s).max(1),
            exempts_loopback,
        }
    }

    /// Takes one token for `ip`; false when it has none left.
    pub(super) fn admits(&self, ip: IpAddr, now: Tick) -> bool {
        if self.per_s == 0 || (self.exempts_loopback && ip.is_loopback()) {
            return true;
        }
        let tag = self.hasher.hash_one(holder(ip, self.grain)) | 1;
        let place =
            |shift: u32, of: usize| usize::try_from((tag >> shift) % of as u64).unwrap_or(0);
        let Some(stripe) = self.stripes.get(place(56, STRIPES)) else {
            return true;
        };
        let mut sets = stripe.lock();
        let Some(set) = sets.get_mut(place(32, SETS)) else {
            return true;
        };
        for bucket in set.iter_mut() {
            self.refill(bucket, now);
        }
        // A newcomer takes the fullest bucket: the one that says least about its holder.
        let known = set.iter().position(|bucket| bucket.tag == tag);
        let fullest = || set.iter().enumerate().max_by_key(|(_, it)| it.tokens).map(|(at, _)| at);
        let Some(bucket) = known.or_else(fullest).and_then(|at| set.get_mut(at)) else {
            return true;
        };
        if bucket.tag != tag {
            *bucket = Bucket { tag, tokens: self.burst, at: now.0 };
        }
        let is_admitted = bucket.tokens > 0;
        bucket.tokens = bucket.tokens.saturating_sub(1);
        is_admitted
    }

    fn refill(&self, bucket: &mut Bucket, now: Tick) {
        let elapsed = now.since(Tick(bucket.at));
        if bucket.tag == 0 {
            bucket.tokens = self.burst;
        } else if elapsed > 0 {
            let added = elapsed.saturating_mul(self.per_s);
            bucket.tokens = bucket.tokens.saturating_add(added).min(self.burst);
        }
        bucket.at = now.0;
    }
}

/// The number of whoever holds an address.
pub(super) fn holder(ip: IpAddr, grain: Grain) -> u64 {
    match (ip, grain) {
        (IpAddr::V4(v4), Grain::Host) => u64::from(u32::from(v4)),
        (IpAddr::V4(v4), Grain::Network) => u64::from(u32::from(v4) >> 8),
        (IpAddr::V6(v6), _) => {
            let [a, b, c, d, ..] = v6.segments();
            [a, b, c, d].into_iter().fold(0, |prefix, part| (prefix << 16) | u64::from(part))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter(grain: Grain) -> Limiter {
        Limiter::new(RandomState::with_seeds(1, 2, 3, 4), grain, (2, 3), true)
    }

    fn admitted(limiter: &Limiter, ip: &str, tick: u32) -> usize {
        (0..10).filter(|_| limiter.admits(ip.parse().unwrap(), Tick(tick))).count()
    }

    #[test]
    fn abuse_04_a_host_gets_its_burst_then_its_rate() {
        let limiter = limiter(Grain::Host);
        assert_eq!(admitted(&limiter, "192.0.2.1", 5), 3);
        assert_eq!(admitted(&limiter, "192.0.2.1", 6), 2);
        assert_eq!(admitted(&limiter, "192.0.2.2", 6), 3);
    }

    #[test]
    fn abuse_04_a_network_shares_one_bucket() {
        let limiter = limiter(Grain::Network);
        assert_eq!(admitted(&limiter, "192.0.2.1", 5), 3);
        assert_eq!(admitted(&limiter, "192.0.2.200", 5), 0);
        assert_eq!(admitted(&limiter, "2001:db8::1", 5), 3);
        assert_eq!(admitted(&limiter, "2001:db8::2:1", 5), 0);
    }

    #[test]
    fn this_machine_is_exempt_only_by_setting() {
        assert_eq!(admitted(&limiter(Grain::Host), "127.0.0.1", 5), 10);
        let strict = Limiter::new(RandomState::with_seeds(1, 2, 3, 4), Grain::Host, (2, 3), false);
        assert_eq!(admitted(&strict, "127.0.0.1", 5), 3);
    }

    #[test]
    fn abuse_03_more_senders_than_buckets_stay_in_the_table() {
        let limiter = limiter(Grain::Host);
        for number in 0..300_000_u32 {
            limiter.admits(IpAddr::V4(number.into()), Tick(5));
        }
        assert_eq!(limiter.stripes.len() * limiter.stripes[0].lock().len(), STRIPES * SETS);
    }
}
