//! Settings against abuse: what they amount to, and which are impossible.

use super::Config;
use serde::Deserialize;

/// Quotas in force at once.
pub const WINDOWS: usize = 3;
/// Networks remembered of an account, for each family of addresses.
pub const NETWORKS: usize = 8;

/// The head of a peer id that a family of clients shares: `-qB` is every qBittorrent, `-qB44`
/// those of version 4.4.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Family(Vec<u8>);

impl AsRef<[u8]> for Family {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl TryFrom<String> for Family {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let is_fit = (2..=8).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_graphic());
        if is_fit { Ok(Self(text.into_bytes())) } else { Err("must be 2 to 8 ASCII characters") }
    }
}

/// So many peer lists for an account within so many seconds; older ones fade, and count half
/// after 0.7 of the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// Answers that carry peers.
    pub lists: u32,
    /// The time over which they fade.
    pub seconds: u32,
}

/// The shares of an account that seeds hundreds of torrents, and no harvester's.
pub(super) fn quotas() -> Vec<Quota> {
    let quota = |lists, seconds| Quota { lists, seconds };
    vec![quota(500, 60), quota(3_000, 3_600), quota(20_000, 86_400)]
}

impl Config {
    /// An interval times so many halves, below the age at which a peer is forgotten.
    #[must_use]
    pub fn stretched_s(&self, usual: u32, halves: u32) -> u32 {
        let most = self.peer_timeout_s / 10 * 9;
        (usual.saturating_mul(halves) / 2).min(most).max(usual)
    }

    pub(super) fn abuse_fault(&self) -> Option<&'static str> {
        let is_empty = |quota: &Quota| quota.lists == 0 || quota.seconds == 0;
        if self.list_quotas.len() > WINDOWS {
            return Some("list_quotas must be at most three");
        }
        if self.list_quotas.iter().any(is_empty) {
            return Some("list_quotas must allow at least one list in at least one second");
        }
        if usize::from(self.networks_per_hour) > NETWORKS {
            return Some("networks_per_hour must be at most 8");
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn abuse_05_impossible_quotas_are_refused_by_name() {
        for (json, word) in [
            (r#"{"list_quotas": [{"lists": 0, "seconds": 60}]}"#, "list_quotas"),
            (r#"{"list_quotas": [{"lists": 5}]}"#, "seconds"),
            (r#"{"networks_per_hour": 9}"#, "networks_per_hour"),
            (r#"{"denied_clients": ["-"]}"#, "denied_clients"),
        ] {
            let sentence = Config::read(json).unwrap_err().0;
            assert!(sentence.contains(word), "{json}: {sentence}");
        }
    }

    #[test]
    fn id_16_a_family_is_named_by_two_to_eight_characters() {
        for wrong in ["", "-", "-qB4650-1", "-q B", "-é"] {
            assert!(Family::try_from(wrong.to_owned()).is_err(), "{wrong:?}");
        }
        assert!(Family::try_from(String::from("-qB4650-")).is_ok());
    }

    #[test]
    fn abuse_10_a_longer_interval_loses_no_peer() {
        let config = Config::default();
        assert_eq!(config.stretched_s(1_800, 2), 1_800);
        assert_eq!(config.stretched_s(1_800, 4), 2_430);
        assert!(config.stretched_s(1_980, 4) < config.peer_timeout_s);
    }
}
