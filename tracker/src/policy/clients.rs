//! Which client programs are welcome, by the family that the head of a peer id names (ID-16).
//!
//! A peer id proves nothing: this keeps honest clients with known faults out, not forgers.

use crate::wire::PeerId;

/// What becomes of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Welcome {
    /// It is served.
    Full,
    /// It is served, and told that it will not be for long.
    Warned,
    /// It is not.
    Denied,
}

/// The site's lists of clients; none welcomes everyone.
#[derive(Clone, Debug, Default)]
pub struct Clients {
    /// The longest first, so that one version can be judged apart from its family.
    rules: Vec<(Vec<u8>, Welcome)>,
    /// Whether only those that a rule names are served.
    is_closed: bool,
}

impl Clients {
    /// No lists.
    #[must_use]
    pub const fn new_open() -> Self {
        Self { rules: Vec::new(), is_closed: false }
    }

    /// The lists in force: heads of peer ids. Where any client is named as allowed, all that no list
    /// names are denied.
    #[must_use]
    pub fn new<T: AsRef<[u8]>>(allowed: &[T], warned: &[T], denied: &[T]) -> Self {
        let lists =
            [(denied, Welcome::Denied), (warned, Welcome::Warned), (allowed, Welcome::Full)];
        let mut rules: Vec<_> = lists
            .iter()
            .flat_map(|(list, welcome)| {
                list.iter().map(move |head| (head.as_ref().to_vec(), *welcome))
            })
            .collect();
        // Of two that are the same, the stricter comes first: the sort is stable.
        rules.sort_by_key(|(head, _)| std::cmp::Reverse(head.len()));
        Self { rules, is_closed: !allowed.is_empty() }
    }

    /// What becomes of the client with this peer id.
    #[must_use]
    pub fn welcome(&self, peer_id: &PeerId) -> Welcome {
        let rule = self.rules.iter().find(|(head, _)| peer_id.0.starts_with(head));
        match rule {
            Some((_, welcome)) => *welcome,
            None if self.is_closed => Welcome::Denied,
            None => Welcome::Full,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(head: &str) -> PeerId {
        let mut id = [b'x'; 20];
        id[..head.len()].copy_from_slice(head.as_bytes());
        PeerId(id)
    }

    #[test]
    fn id_16_without_lists_every_client_is_welcome() {
        assert_eq!(Clients::default().welcome(&client("-XL0012-")), Welcome::Full);
    }

    #[test]
    fn id_16_the_longest_head_that_fits_decides_and_the_stricter_of_two() {
        let clients = Clients::new(&[], &["-UT", "-AZ"], &["-UT3", "-XL", "-AZ"]);
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
        let clients = Clients::new(&["-qB", "-TR"], &[], &["-TR2"]);
        assert_eq!(clients.welcome(&client("-qB4650-")), Welcome::Full);
        assert_eq!(clients.welcome(&client("-TR2940-")), Welcome::Denied);
        assert_eq!(clients.welcome(&client("-lt0E00-")), Welcome::Denied);
        assert_eq!(clients.welcome(&PeerId([0; 20])), Welcome::Denied);
    }
}
