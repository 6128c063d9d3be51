//! May this peer announce? Decides from tables that the control plane fills.

pub mod clients;
pub mod lists;
pub mod tables;
mod words;

use crate::wire::key::{KeyMaker, RawKey, TORRENT};
use crate::wire::record::{Account, AccountState, Language, Release, ReleaseState, Welcome};
use crate::wire::{Announce, AnnounceKey, Event, InfoHash, Refusal, Warning};
use clients::Clients;
use smallvec::SmallVec;
use std::hint::black_box;
use tables::Tables;
use words::Caution;

pub use words::{
    PENDING_CODE, out_of_touch, over_quota, overloaded, port_denied, too_many_new_torrents,
    too_many_requests, too_many_swarms, tracker_full,
};

/// Seconds after which a client asks again about a release that waits for a moderator (ERR-5).
const PENDING_INTERVAL_S: u32 = 120;

/// Whom to credit, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// The account.
    pub user: u64,
    /// Clients at once on this torrent; 0 for the tracker's default.
    pub max_locations: u8,
    /// The language of its sentences.
    pub language: Language,
    /// Upload factor in force, in quarters.
    pub up_quarters: u8,
    /// Download factor in force, in quarters.
    pub down_quarters: u8,
}

/// A swarm one may join.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The hash the swarm is kept under, whichever of a hybrid's was asked (V2-2).
    pub swarm: InfoHash,
    /// The site's number for the release; 0 before a first snapshot.
    pub release: u32,
    /// Downloads that open clients finished, as the site has counted.
    pub completed_open: u32,
    /// Downloads that members finished, as the ledger has counted.
    pub completed_members: u32,
    /// Whom to credit; `None` is an open announce.
    pub member: Option<Member>,
    /// A sentence that travels with a normal answer (ERR-3).
    pub warning: Option<Warning>,
}

/// The policy's answer to an announce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict<'a> {
    /// Join.
    Accept(Grant),
    /// A state that will heal: a normal answer without peers, soon repeated (ERR-3).
    Wait {
        /// What we wait for.
        warning: Warning,
        /// Seconds until the client asks again.
        interval_s: u32,
    },
    /// No, with a sentence.
    Refuse(Refusal<'a>),
    /// Nothing to say to one who leaves anyway (ERR-4); whose account a key proves, its last
    /// counters are journalled all the same.
    Farewell(Option<Grant>),
}

impl Grant {
    /// What a member is told whose client would be one too many (ID-13).
    #[must_use]
    pub fn crowded(&self) -> Refusal<'static> {
        words::too_many_locations(self.member.map_or(Language::French, |member| member.language))
    }

    /// What one is told who takes part under another's peer id (WS-2).
    #[must_use]
    pub fn taken(&self) -> Refusal<'static> {
        words::peer_id_taken(self.member.map(|member| member.language))
    }
}

/// One consistent view of the tables, held for a batch of packets.
#[derive(Clone, Copy, Debug)]
pub struct Policy<'a> {
    /// The tables; `None` until a first snapshot is committed, and then nobody is served.
    pub tables: Option<&'a Tables>,
    /// Checks announce keys.
    pub keys: &'a KeyMaker,
    /// Seconds since 1970, for grace periods.
    pub unix_s: u64,
    /// Whether the control plane has been silent for too long (TRK-6).
    pub is_stale: bool,
    /// Which client programs are welcome.
    pub clients: &'a Clients,
}

impl<'a> Policy<'a> {
    /// Judges an announce: the release first, then who asks.
    #[must_use]
    pub fn judge(&self, announce: &Announce) -> Verdict<'a> {
        match self.decide(announce) {
            // Transmission repeats a refused `stopped` for ever.
            Ok(Verdict::Wait { .. }) | Err(_) if announce.event == Event::Stopped => {
                Verdict::Farewell(self.last_word(announce))
            }
            Ok(verdict) => verdict,
            Err(refusal) => Verdict::Refuse(refusal),
        }
    }

    fn decide(&self, announce: &Announce) -> Result<Verdict<'a>, Refusal<'a>> {
        let tables = self.tables.ok_or_else(words::starting)?;
        let release = tables.release(&announce.info_hash).ok_or_else(words::unlisted)?;
        let account = self.account_of(tables, &announce.key, &release);
        let language = match &account {
            Known::Holder(account, _) => Some(account.language),
            _ => None,
        };
        if let Some(caution) = standing(tables, &release)? {
            return Ok(Verdict::Wait {
                warning: caution.to(language),
                interval_s: PENDING_INTERVAL_S,
            });
        }
        let mut grant = grant(&release);
        match account {
            Known::Nobody if release.is_open => {}
            Known::Nobody => return Err(words::key_missing()),
            Known::Impostor => return Err(words::key_wrong()),
            Known::Outdated(language) => return Err(words::key_revoked(language)),
            Known::Holder(account, is_renewed) => {
                may(&account, &release, announce)?;
                grant.member = Some(member(&account, &release));
                grant.warning = is_renewed.then(|| words::KEY_RENEWED.to(language));
            }
        }
        match self.clients.welcome(&announce.peer_id) {
            Welcome::Full => {}
            Welcome::Warned => {
                grant.warning = grant.warning.or(Some(words::CLIENT_WARNED.to(language)));
            }
            Welcome::Denied => {
                let reason = self.clients.reason(&announce.peer_id, language);
                return Err(words::client_denied(reason, language));
            }
        }
        Ok(Verdict::Accept(grant))
    }

    /// Whether a hash is served to anyone at all.
    #[must_use]
    pub fn serves(&self, info_hash: &InfoHash) -> bool {
        self.tables.is_some_and(|tables| {
            tables
                .release(info_hash)
                .is_some_and(|release| matches!(standing(tables, &release), Ok(None)))
        })
    }

    /// The swarm that an announce leads to.
    #[must_use]
    pub fn look(&self, announce: &Announce) -> Option<InfoHash> {
        Some(self.tables?.release(&announce.info_hash)?.canonical())
    }

    /// Reads what judging announces will read, one link of the chain for all of them at a time.
    pub fn approach<'b>(&self, announces: impl Iterator<Item = &'b Announce> + Clone) {
        let Some(tables) = self.tables else { return };
        let rows = announces.clone().map(|announce| tables.guess(&announce.info_hash));
        let rows: SmallVec<[Option<u32>; 64]> = rows.collect();
        for row in rows.into_iter().flatten() {
            black_box(tables.approach(row));
        }
        for announce in announces {
            if let AnnounceKey::Given(key) = &announce.key {
                black_box(tables.account(key.user));
            }
        }
    }

    /// Where the last counters of a refused client belong, if its key is of our making: the bytes
    /// were sent while it was welcome, and no later announce repeats them.
    fn last_word(&self, announce: &Announce) -> Option<Grant> {
        let AnnounceKey::Given(key) = &announce.key else {
            return None;
        };
        let release = match self.tables {
            Some(tables) => tables.release(&announce.info_hash)?,
            None => unknown(announce.info_hash),
        };
        let user = self.holds(key, &release).then_some(key.user)?;
        let Release { up_quarters, down_quarters, .. } = release;
        let language = Language::French;
        let member = Member { user, max_locations: 0, language, up_quarters, down_quarters };
        Some(Grant { member: Some(member), ..grant(&release) })
    }

    /// Whom a note about a refusal is for, as far as the key proves it, and the release's number.
    #[must_use]
    pub fn who(&self, announce: &Announce) -> (Option<u64>, u32) {
        let release = self.tables.and_then(|tables| tables.release(&announce.info_hash));
        let release = release.unwrap_or_else(|| unknown(announce.info_hash));
        let user = match &announce.key {
            AnnounceKey::Given(key) if self.holds(key, &release) => Some(key.user),
            _ => None,
        };
        (user, release.id)
    }

    /// The release a scrape may see: published, and open or asked with a good key (SCR-6).
    #[must_use]
    pub fn visible(&self, info_hash: &InfoHash, key: &AnnounceKey) -> Option<Release> {
        let tables = self.tables?;
        let release = tables.release(info_hash)?;
        if !matches!(standing(tables, &release), Ok(None)) {
            return None;
        }
        let is_member = matches!(
            self.account_of(tables, key, &release),
            Known::Holder(Account { state: AccountState::Active, .. }, _)
        );
        (release.is_open || is_member).then_some(release)
    }

    fn account_of(&self, tables: &Tables, key: &AnnounceKey, release: &Release) -> Known {
        let key = match key {
            AnnounceKey::Absent => return Known::Nobody,
            AnnounceKey::Malformed => return Known::Impostor,
            AnnounceKey::Given(key) => key,
        };
        if !self.holds(key, release) {
            return Known::Impostor;
        }
        let Some(account) = tables.account(key.user) else {
            return Known::Impostor;
        };
        if key.version == account.key_version {
            Known::Holder(account, false)
        } else if key.version == account.previous_key_version
            && self.unix_s < u64::from(account.grace_until_s)
        {
            Known::Holder(account, true)
        } else {
            Known::Outdated(account.language)
        }
    }

    fn holds(&self, key: &RawKey, release: &Release) -> bool {
        let bound = (key.kind == TORRENT).then(|| release.canonical());
        self.keys.verifies(key, bound.as_ref())
    }
}

/// Who asks, as far as the key proves.
enum Known {
    Nobody,
    Impostor,
    Outdated(Language),
    /// The account, and whether its key has been renewed since.
    Holder(Account, bool),
}

fn grant(release: &Release) -> Grant {
    Grant {
        swarm: release.canonical(),
        release: release.id,
        completed_open: release.completed_open,
        completed_members: release.completed_members,
        member: None,
        warning: None,
    }
}

/// A release before a first snapshot: nothing but a hash; the ledger knows whose it is.
fn unknown(info_hash: InfoHash) -> Release {
    Release {
        id: 0,
        v1: Some(info_hash),
        v2: None,
        state: None,
        is_open: false,
        up_quarters: 4,
        down_quarters: 4,
        completed_open: 0,
        completed_members: 0,
    }
}

/// Whether a release is served: `Ok(Some(_))` while it waits, `Err` when it is not.
fn standing(tables: &Tables, release: &Release) -> Result<Option<Caution>, Refusal<'static>> {
    if tables.is_denied(release) {
        return Err(words::removed());
    }
    match release.state {
        Some(ReleaseState::Published) => Ok(None),
        Some(ReleaseState::Pending) => Ok(Some(words::PENDING)),
        Some(ReleaseState::Quarantined) => Err(words::quarantined()),
        Some(ReleaseState::Withdrawn) => Err(words::withdrawn()),
        Some(ReleaseState::Removed) => Err(words::removed()),
        None => Err(words::unlisted()),
    }
}

fn may(account: &Account, release: &Release, announce: &Announce) -> Result<(), Refusal<'static>> {
    let language = account.language;
    match account.state {
        AccountState::Suspended => return Err(words::suspended(language)),
        AccountState::Gone => return Err(words::closed(language)),
        AccountState::Active => {}
    }
    if !account.may_announce {
        return Err(words::may_not_announce(language));
    }
    // A leaving client reports bytes it already has: refusing would only lose the account of them.
    let leeches = announce.left > 0 && announce.event != Event::Stopped;
    if leeches && !account.may_leech && !release.is_open {
        return Err(words::may_not_leech(language));
    }
    Ok(())
}

fn member(account: &Account, release: &Release) -> Member {
    Member {
        user: account.user,
        max_locations: account.max_locations,
        language: account.language,
        up_quarters: release.up_quarters,
        down_quarters: release.down_quarters,
    }
}

#[cfg(test)]
mod tests;
