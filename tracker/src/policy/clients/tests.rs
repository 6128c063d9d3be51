use super::*;
use proptest::prelude::*;

const NONE: &[&str] = &[];

fn client(head: impl AsRef<[u8]>) -> PeerId {
    let mut id = [b'x'; 20];
    let head = head.as_ref();
    id[..head.len()].copy_from_slice(head);
    PeerId(id)
}

fn rule(head: &str, welcome: Welcome, reason: &str) -> ClientRule {
    ClientRule { head: head.as_bytes().to_vec(), welcome, reason: reason.to_owned() }
}

fn of_lists(allowed: &[&str], warned: &[&str], denied: &[&str]) -> Clients {
    Clients::new(&Lists::new(allowed, warned, denied), &[])
}

#[test]
fn id_16_without_lists_and_rules_every_client_is_welcome() {
    for clients in [Clients::default(), of_lists(NONE, NONE, NONE)] {
        assert_eq!(clients.welcome(&client("-XL0012-")), Welcome::Full);
        assert_eq!(clients.welcome(&PeerId([0xff; 20])), Welcome::Full);
    }
}

#[test]
fn id_16_the_longest_head_that_fits_decides_and_the_stricter_of_two() {
    let clients = of_lists(&[], &["-UT", "-AZ"], &["-UT3", "-XL", "-AZ"]);
    for (head, welcome) in [
        ("-UT3550-", Welcome::Denied),
        ("-UT2210-", Welcome::Warned),
        ("-XL0012-", Welcome::Denied),
        ("-AZ5750-", Welcome::Denied),
        ("-TR4060-", Welcome::Full),
    ] {
        assert_eq!(clients.welcome(&client(head)), welcome, "{head}");
    }
}

#[test]
fn id_16_where_some_are_allowed_all_others_are_not() {
    let listed = of_lists(&["-qB", "-TR"], &[], &["-TR2"]);
    let ruled = Clients::new(
        &Lists::default(),
        &[
            rule("", Welcome::Denied, "not on our list"),
            rule("-qB", Welcome::Full, ""),
            rule("-TR", Welcome::Full, ""),
            rule("-TR2", Welcome::Denied, "too old"),
        ],
    );
    for clients in [&listed, &ruled] {
        assert_eq!(clients.welcome(&client("-qB4650-")), Welcome::Full);
        assert_eq!(clients.welcome(&client("-TR2940-")), Welcome::Denied);
        assert_eq!(clients.welcome(&client("-lt0E00-")), Welcome::Denied);
        assert_eq!(clients.welcome(&PeerId([0; 20])), Welcome::Denied);
        assert_eq!(clients.welcome(&PeerId([0xff; 20])), Welcome::Denied);
    }
    let why = |head| ruled.reason(&client(head), Some(Language::English));
    assert_eq!(why("-lt0E00-"), Some("client refused here: not on our list"));
    assert_eq!(why("-TR2940-"), Some("client refused here: too old"));
    assert_eq!(listed.reason(&client("-lt0E00-"), None), None);
}

#[test]
fn id_16_of_the_operators_lists_and_the_teams_rules_the_stricter_holds() {
    let lists = Lists::new(&[], &["-WW"], &["-XL", "-UT"]);
    let rules = [
        rule("-XL00", Welcome::Full, ""),
        rule("-UT", Welcome::Denied, "it lies"),
        rule("-WW", Welcome::Full, ""),
        rule("-AZ", Welcome::Denied, "too old"),
    ];
    let clients = Clients::new(&lists, &rules);
    for (head, welcome, why) in [
        ("-XL0012-", Welcome::Denied, None),
        ("-UT3550-", Welcome::Denied, Some("logiciel refus\u{e9} ici : it lies")),
        ("-WW0100-", Welcome::Warned, None),
        ("-AZ5750-", Welcome::Denied, Some("logiciel refus\u{e9} ici : too old")),
        ("-qB4650-", Welcome::Full, None),
    ] {
        let id = client(head);
        assert_eq!(clients.welcome(&id), welcome, "{head}");
        assert_eq!(clients.reason(&id, Some(Language::French)), why, "{head}");
    }
}

/// What the table must say: every rule looked at, one after the other.
fn plain(rules: &[ClientRule], id: &PeerId) -> Welcome {
    let fits = rules.iter().filter(|rule| id.0.starts_with(&rule.head));
    let longest = fits.max_by_key(|rule| (rule.head.len(), rule.welcome));
    longest.map_or(Welcome::Full, |rule| rule.welcome)
}

fn heads() -> impl Strategy<Value = Vec<u8>> {
    // Few letters, the first and the last of all bytes among them, so that families meet.
    let letter = prop_oneof![Just(0_u8), Just(b'-'), Just(b'.'), Just(0xff_u8)];
    proptest::collection::vec(letter, 0..=8)
}

fn rules() -> impl Strategy<Value = Vec<ClientRule>> {
    let welcome = prop_oneof![Just(Welcome::Full), Just(Welcome::Warned), Just(Welcome::Denied)];
    let one = (heads(), welcome).prop_map(|(head, welcome)| ClientRule {
        head,
        welcome,
        reason: String::new(),
    });
    proptest::collection::vec(one, 0..12)
}

proptest! {
    #[test]
    fn id_16_one_search_finds_what_all_rules_one_after_the_other_say(
        lists in rules(), rules in rules(), ids in proptest::collection::vec(heads(), 1..40)
    ) {
        let named = lists.iter().map(|rule| (rule.head.clone(), rule.welcome)).collect();
        let clients = Clients::new(&Lists { rules: named }, &rules);
        for id in ids.iter().map(client) {
            let expected = plain(&lists, &id).max(plain(&rules, &id));
            prop_assert_eq!(clients.welcome(&id), expected, "{:?}", id);
        }
    }
}
