use super::*;
use crate::wire::key::ACCOUNT;
use crate::wire::{PeerId, Retry};
use ahash::RandomState;
use clients::Lists;
use tables::Changes;

const NOW_S: u64 = 1_000_000;

fn release() -> Release {
    Release {
        id: 7,
        v1: Some(InfoHash([1; 20])),
        v2: Some(InfoHash([2; 20])),
        state: Some(ReleaseState::Published),
        is_open: false,
        up_quarters: 4,
        down_quarters: 0,
        completed_open: 12,
        completed_members: 3,
    }
}

fn account() -> Account {
    Account {
        user: 42,
        key_version: 5,
        previous_key_version: 4,
        grace_until_s: u32::try_from(NOW_S).unwrap() + 60,
        state: AccountState::Active,
        may_announce: true,
        may_leech: true,
        language: Language::English,
        max_locations: 0,
    }
}

fn key(kind: u8, version: u16) -> AnnounceKey {
    let text = KeyMaker::new(&[7; 32]).issue(kind, 42, version, Some(&InfoHash([1; 20]))).unwrap();
    AnnounceKey::Given(RawKey::read(text.as_bytes()).unwrap())
}

fn announce(key: AnnounceKey) -> Announce {
    Announce {
        info_hash: InfoHash([1; 20]),
        peer_id: PeerId([9; 20]),
        port: std::num::NonZeroU16::new(6881),
        event: Event::None,
        uploaded: 0,
        downloaded: 0,
        left: 100,
        want: None,
        client_key: 0,
        key,
    }
}

static EVERYONE: Clients = Clients::new_open();

fn judge(release: Release, account: Account, announce: &Announce) -> Verdict<'static> {
    judge_with(
        &Changes { releases: vec![release], accounts: vec![account], ..Changes::default() },
        announce,
    )
}

fn judge_with(changes: &Changes, announce: &Announce) -> Verdict<'static> {
    // For good: a verdict may speak with the words of the policy.
    let tables = Box::leak(Box::new(Tables::new(RandomState::with_seeds(1, 2, 3, 4))));
    tables.apply(changes);
    Policy {
        tables: Some(tables),
        keys: Box::leak(Box::new(KeyMaker::new(&[7; 32]))),
        unix_s: NOW_S,
        is_stale: false,
        clients: &EVERYONE,
    }
    .judge(announce)
}

fn refused(verdict: Verdict<'_>) -> Refusal<'_> {
    match verdict {
        Verdict::Refuse(refusal) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn nobody_is_served_before_a_snapshot() {
    let keys = KeyMaker::new(&[7; 32]);
    let policy =
        Policy { tables: None, keys: &keys, unix_s: NOW_S, is_stale: false, clients: &EVERYONE };
    let refusal = refused(policy.judge(&announce(key(ACCOUNT, 5))));
    assert!(refusal.text.contains("tracker starting"));
    assert_eq!(refusal.retry, Retry::Minutes(1));
    assert!(policy.visible(&InfoHash([1; 20]), &AnnounceKey::Absent).is_none());
}

#[test]
fn byte_09_a_member_is_credited_at_the_factors_in_force() {
    for kind in [ACCOUNT, TORRENT] {
        let Verdict::Accept(grant) = judge(release(), account(), &announce(key(kind, 5))) else {
            panic!("refused")
        };
        assert_eq!((grant.release, grant.completed_open, grant.warning), (7, 12, None));
        let member = grant.member.unwrap();
        assert_eq!((member.user, member.up_quarters, member.down_quarters), (42, 4, 0));
    }
}

#[test]
fn v2_02_the_second_hash_of_a_hybrid_joins_the_first_ones_swarm() {
    let asked = Announce { info_hash: InfoHash([2; 20]), ..announce(key(TORRENT, 5)) };
    assert!(matches!(
        judge(release(), account(), &asked),
        Verdict::Accept(Grant { swarm: InfoHash([1, ..]), .. })
    ));
}

#[test]
fn an_open_release_needs_no_key_and_credits_nobody() {
    let open = Release { is_open: true, ..release() };
    assert!(matches!(
        judge(open, account(), &announce(AnnounceKey::Absent)),
        Verdict::Accept(Grant { member: None, .. })
    ));
}

#[test]
fn each_no_has_its_own_sentence() {
    let barred = Account { state: AccountState::Suspended, ..account() };
    let closed = Account { state: AccountState::Gone, ..account() };
    let mute = Account { may_announce: false, ..account() };
    let seeder_only = Account { may_leech: false, ..account() };
    let stranger = Account { user: 43, ..account() };
    let good = || key(ACCOUNT, 5);
    let texts = [
        judge(release(), account(), &announce(AnnounceKey::Absent)),
        judge(release(), account(), &announce(AnnounceKey::Malformed)),
        judge(release(), account(), &announce(key(ACCOUNT, 3))),
        judge(release(), barred, &announce(good())),
        judge(release(), closed, &announce(good())),
        judge(release(), mute, &announce(good())),
        judge(release(), seeder_only, &announce(good())),
    ]
    .map(|verdict| refused(verdict).text);
    let distinct: std::collections::HashSet<_> = texts.iter().collect();
    assert_eq!(distinct.len(), texts.len());
    assert_eq!(refused(judge(release(), stranger, &announce(good()))).text, texts[1]);
}

#[test]
fn the_sentence_is_in_the_accounts_language() {
    let english = Account { state: AccountState::Suspended, ..account() };
    let french = Account { language: Language::French, ..english };
    let text = |account| refused(judge(release(), account, &announce(key(ACCOUNT, 5)))).text;
    assert!(text(english).starts_with("account suspended"));
    assert!(text(french).starts_with("compte suspendu"));
}

#[test]
fn abuse_07_a_previous_key_works_with_a_warning_until_its_grace_ends() {
    let Verdict::Accept(grant) = judge(release(), account(), &announce(key(ACCOUNT, 4))) else {
        panic!("refused")
    };
    assert!(grant.warning.unwrap().text.contains("renewed"));
    let late = Account { grace_until_s: u32::try_from(NOW_S).unwrap(), ..account() };
    assert_eq!(refused(judge(release(), late, &announce(key(ACCOUNT, 4)))).retry, Retry::Never);
}

#[test]
fn err_04_a_leaving_client_is_never_refused() {
    let leaving = Announce { event: Event::Stopped, ..announce(AnnounceKey::Absent) };
    assert_eq!(judge(release(), account(), &leaving), Verdict::Farewell(None));
}

#[test]
fn jrn_03_the_last_word_of_one_who_is_refused_belongs_to_an_account() {
    let barred = Account { state: AccountState::Suspended, ..account() };
    let stranger = Account { user: 99, ..account() };
    let in_state = |state| Release { state: Some(state), ..release() };
    let leaving = |version| Announce { event: Event::Stopped, ..announce(key(ACCOUNT, version)) };
    for verdict in [
        judge(release(), account(), &leaving(1)),
        judge(release(), barred, &leaving(5)),
        judge(release(), stranger, &leaving(5)),
        judge(in_state(ReleaseState::Withdrawn), account(), &leaving(5)),
        judge(in_state(ReleaseState::Removed), account(), &leaving(5)),
        judge(in_state(ReleaseState::Pending), account(), &leaving(5)),
    ] {
        let Verdict::Farewell(Some(grant)) = verdict else { panic!("{verdict:?}") };
        let member = grant.member.unwrap();
        assert_eq!((grant.release, member.user, member.down_quarters), (7, 42, 0));
    }
    let forged = Announce { event: Event::Stopped, ..announce(AnnounceKey::Malformed) };
    assert_eq!(judge(release(), account(), &forged), Verdict::Farewell(None));
}

#[test]
fn jrn_03_the_last_word_before_a_first_snapshot_belongs_to_an_account() {
    let keys = KeyMaker::new(&[7; 32]);
    let policy =
        Policy { tables: None, keys: &keys, unix_s: NOW_S, is_stale: false, clients: &EVERYONE };
    for kind in [ACCOUNT, TORRENT] {
        let leaving = Announce { event: Event::Stopped, ..announce(key(kind, 5)) };
        let Verdict::Farewell(Some(grant)) = policy.judge(&leaving) else { panic!("no account") };
        assert_eq!((grant.release, grant.member.unwrap().user), (0, 42));
    }
}

#[test]
fn a_member_who_may_no_longer_download_still_leaves_with_an_account() {
    let seeder_only = Account { may_leech: false, ..account() };
    let leaving = Announce { event: Event::Stopped, ..announce(key(ACCOUNT, 5)) };
    assert!(matches!(judge(release(), seeder_only, &leaving), Verdict::Accept(_)));
    let seeding = Announce { left: 0, ..announce(key(ACCOUNT, 5)) };
    assert!(matches!(judge(release(), seeder_only, &seeding), Verdict::Accept(_)));
}

#[test]
fn err_03_a_pending_release_is_a_warning_and_soon_retried() {
    let pending = Release { state: Some(ReleaseState::Pending), ..release() };
    let Verdict::Wait { interval_s, warning } =
        judge(pending, account(), &announce(key(ACCOUNT, 5)))
    else {
        panic!("not a wait")
    };
    assert!(interval_s <= 300);
    assert_eq!((warning.code, warning.text), ("pending", "torrent awaiting review"));
}

#[test]
fn err_05_an_unlisted_torrent_may_be_retried_soon() {
    let unknown = Announce { info_hash: InfoHash([3; 20]), ..announce(key(ACCOUNT, 5)) };
    assert_eq!(refused(judge(release(), account(), &unknown)).retry, Retry::Minutes(5));
}

#[test]
fn err_07_what_was_taken_down_says_so_and_never_retries() {
    for state in [ReleaseState::Removed, ReleaseState::Withdrawn] {
        let gone = Release { state: Some(state), ..release() };
        assert_eq!(refused(judge(gone, account(), &announce(key(ACCOUNT, 5)))).retry, Retry::Never);
    }
    let held = Release { state: Some(ReleaseState::Quarantined), ..release() };
    assert!(matches!(judge(held, account(), &announce(key(ACCOUNT, 5))), Verdict::Refuse(_)));
}

#[test]
fn a_denied_hash_is_refused_whatever_the_release_says() {
    let changes = Changes {
        releases: vec![release()],
        accounts: vec![account()],
        denied: vec![InfoHash([2; 20])],
        ..Changes::default()
    };
    let refusal = refused(judge_with(&changes, &announce(key(ACCOUNT, 5))));
    assert!(refusal.text.contains("removed"));
}

#[test]
fn scr_06_a_scrape_shows_members_releases_to_members_only() {
    let mut tables = Tables::new(RandomState::with_seeds(1, 2, 3, 4));
    tables.apply(&Changes {
        releases: vec![release()],
        accounts: vec![account()],
        ..Changes::default()
    });
    let keys = KeyMaker::new(&[7; 32]);
    let policy = Policy {
        tables: Some(&tables),
        keys: &keys,
        unix_s: NOW_S,
        is_stale: false,
        clients: &EVERYONE,
    };
    assert!(policy.visible(&InfoHash([1; 20]), &AnnounceKey::Absent).is_none());
    assert!(policy.visible(&InfoHash([2; 20]), &key(ACCOUNT, 5)).is_some());
    assert!(policy.visible(&InfoHash([3; 20]), &key(ACCOUNT, 5)).is_none());
}

#[test]
fn id_16_a_client_is_judged_after_its_release_and_its_account_and_told_in_its_language() {
    let mut tables = Tables::new(RandomState::with_seeds(1, 2, 3, 4));
    tables.apply(&Changes {
        releases: vec![release()],
        accounts: vec![account()],
        ..Changes::default()
    });
    let keys = KeyMaker::new(&[7; 32]);
    let clients = Clients::new(&Lists::new(&[], &["-UT"], &["-XL"]), &[]);
    let policy = Policy {
        tables: Some(&tables),
        keys: &keys,
        unix_s: NOW_S,
        is_stale: false,
        clients: &clients,
    };
    let from = |head: &[u8], key| {
        let mut peer_id = PeerId([b'0'; 20]);
        peer_id.0[..3].copy_from_slice(head);
        Announce { peer_id, ..announce(key) }
    };

    let Verdict::Refuse(no) = policy.judge(&from(b"-XL", key(ACCOUNT, 5))) else { panic!() };
    assert_eq!((no.code, no.text.contains(" / ")), ("client_denied", false));
    let Verdict::Refuse(no) = policy.judge(&from(b"-XL", AnnounceKey::Malformed)) else { panic!() };
    assert_eq!(no.code, "key_wrong");
    let Verdict::Accept(grant) = policy.judge(&from(b"-UT", key(ACCOUNT, 5))) else { panic!() };
    assert_eq!(grant.warning.unwrap().code, "client_warned");
    let leaving = Announce { event: Event::Stopped, ..from(b"-XL", key(ACCOUNT, 5)) };
    let Verdict::Farewell(Some(grant)) = policy.judge(&leaving) else { panic!() };
    assert_eq!(grant.member.unwrap().user, 42, "its last bytes are counted");
}
