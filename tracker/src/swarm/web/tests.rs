use super::*;

const SWARM: InfoHash = InfoHash([1; 20]);
const TIMEOUT_S: u32 = 120;

fn web() -> Web {
    Web::new(&RandomState::with_seeds(1, 2, 3, 4))
}

fn line(number: u8) -> Line {
    Line { thread: u16::from(number % 2), place: number.into(), serial: number.into() }
}

/// Browser `number` on its own line, a leecher without a key.
fn claim(number: u8) -> Claim {
    Claim {
        swarm: SWARM,
        asked: SWARM,
        peer_id: PeerId([number; 20]),
        line: line(number),
        user: None,
        is_seeder: false,
        now: Tick(0),
    }
}

fn join(web: &Web, claims: impl IntoIterator<Item = Claim>) {
    for claim in claims {
        web.claim(&claim).unwrap();
    }
}

fn ids(count: u8) -> Vec<OfferId> {
    (0..count).map(|number| OfferId([number; 20])).collect()
}

fn introduced(web: &Web, from: &Claim, count: u8) -> Vec<(OfferId, Recipient)> {
    let mut out = Vec::new();
    web.introduce(from, &ids(count), &mut Rng::with_seed(7), &mut out);
    out
}

/// Browser `from` answers `to`'s first offer over `by`.
fn answered(web: &Web, (from, to): (u8, u8), by: Line, now: u32) -> Option<Line> {
    let (from, to) = (PeerId([from; 20]), PeerId([to; 20]));
    let parties = (&SWARM, &from, &to);
    web.reply(parties, (&OfferId([0; 20]), by), (Tick(now), TIMEOUT_S)).map(|it| it.line)
}

#[test]
fn ws_01_an_answer_passes_once_and_only_from_the_one_who_was_asked() {
    let web = web();
    join(&web, (1..=3).map(claim));
    let met = introduced(&web, &claim(1), 1);
    let [(_, asked)] = met.as_slice() else { panic!("{met:?}") };
    let (asked, other) = if asked.line == line(2) { (2, 3) } else { (3, 2) };

    assert_eq!(answered(&web, (other, 1), line(other), 5), None, "nobody asked it");
    assert_eq!(answered(&web, (asked, 1), line(other), 5), None, "it speaks for another");
    assert_eq!(answered(&web, (asked, other), line(asked), 5), None, "that one offered nothing");
    assert_eq!(answered(&web, (asked, 1), line(asked), 5), Some(line(1)));
    assert_eq!(answered(&web, (asked, 1), line(asked), 5), None, "an offer has one answer");
}

#[test]
fn ws_01_an_offer_expires() {
    for (now, to) in [(TIMEOUT_S, Some(line(1))), (TIMEOUT_S + 1, None)] {
        let web = web();
        join(&web, (1..=2).map(claim));
        introduced(&web, &claim(1), 1);
        assert_eq!(answered(&web, (2, 1), line(2), now), to);
    }
}

#[test]
fn ws_02_a_peer_id_is_refused_on_another_connection_unless_its_account_proves_it() {
    let web = web();
    web.claim(&claim(1)).unwrap();
    let other = |user| Claim { line: line(9), user, ..claim(1) };
    assert_eq!(web.claim(&other(None)), Err(Taken));
    assert_eq!(web.claim(&other(Some(5))), Err(Taken));
    assert!(!web.release(&SWARM, &PeerId([1; 20]), line(9)), "nor may it leave for another");

    let member = |number, user| Claim { line: line(number), user: Some(user), ..claim(2) };
    web.claim(&member(2, 5)).unwrap();
    assert_eq!(web.claim(&member(8, 6)), Err(Taken));
    assert_eq!(web.claim(&member(8, 5)), Ok(None));
    assert!(!web.release(&SWARM, &PeerId([2; 20]), line(2)), "the older connection lost it");
}

#[test]
fn evt_08_and_09_nobody_meets_itself_and_seeders_meet_leechers() {
    let web = web();
    let seeder = |number| Claim { is_seeder: true, ..claim(number) };
    join(&web, (1..=5).map(seeder));
    assert_eq!(introduced(&web, &seeder(1), 10), []);
    join(&web, (6..=8).map(claim));
    assert_eq!(introduced(&web, &seeder(1), 10).len(), 3);
    let met = introduced(&web, &claim(6), 10);
    assert_eq!(met.len(), 7);
    assert!(met.iter().all(|(_, to)| to.line != line(6)));
    assert_eq!(introduced(&web, &claim(6), 3).len(), 3, "as many as it offers");
}

#[test]
fn v2_02_each_is_told_the_hash_it_announced() {
    let web = web();
    let asked = InfoHash([2; 20]);
    web.claim(&Claim { asked, ..claim(1) }).unwrap();
    web.claim(&claim(2)).unwrap();
    let met = introduced(&web, &claim(2), 1);
    assert_eq!(met[0].1.info_hash, asked);
}

#[test]
fn ws_05_who_is_gone_leaves_nothing() {
    let web = web();
    for number in 1..=200 {
        web.claim(&claim(number)).unwrap();
        introduced(&web, &claim(number), 10);
    }
    assert_eq!(web.len(), 200);
    for number in 1..=200 {
        assert!(web.release(&SWARM, &PeerId([number; 20]), line(number)));
    }
    assert!(web.is_empty());
}

#[test]
fn abuse_03_a_browser_awaits_so_many_answers_and_no_more() {
    let web = web();
    join(&web, (1..=30).map(claim));
    (0..20).for_each(|_| drop(introduced(&web, &claim(1), 10)));
    let shard = web.shard(&SWARM).unwrap().lock();
    assert_eq!(shard[&SWARM].leechers[&PeerId([1; 20])].awaited.len(), AWAITED);
}

#[test]
fn evt_10_every_browser_is_as_likely_as_any_other() {
    for (total, want) in [(40, 1), (40, 7), (11, 11)] {
        let mut hits = vec![0_usize; total];
        for seed in 0..20_000 {
            draw(total, want, &mut Rng::with_seed(seed)).iter().for_each(|at| hits[*at] += 1);
        }
        let mean = 20_000 * want / total;
        assert!(hits.iter().all(|count| (80..125).contains(&(count * 100 / mean))), "{hits:?}");
    }
}
