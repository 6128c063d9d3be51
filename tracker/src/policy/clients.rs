//! Which client programs are welcome, by the family that the head of a peer id names (ID-16).
//!
//! A peer id proves nothing: this keeps honest clients with known faults out, not forgers. Two say
//! who is welcome: whoever runs the tracker, in lists, and the site's team, in rules with a reason;
//! the stricter of the two holds. Both are laid out as one table of spans, so that an announce
//! costs one search in it, however many rules there are.

use crate::policy::words;
use crate::wire::PeerId;
use crate::wire::record::{ClientRule, HEAD_BYTES, Language, Welcome};

/// The operator's lists: heads of peer ids. Where any client is named as allowed, all that no list
/// names are denied.
#[derive(Clone, Debug, Default)]
pub struct Lists {
    rules: Vec<(Vec<u8>, Welcome)>,
}

impl Lists {
    /// The lists in force.
    #[must_use]
    pub fn new<T: AsRef<[u8]>>(allowed: &[T], warned: &[T], denied: &[T]) -> Self {
        let lists =
            [(denied, Welcome::Denied), (warned, Welcome::Warned), (allowed, Welcome::Full)];
        let named = |(list, welcome): (&[T], Welcome)| -> Vec<_> {
            list.iter().map(|head| (head.as_ref().to_vec(), welcome)).collect()
        };
        let mut rules: Vec<_> = lists.into_iter().flat_map(named).collect();
        if !allowed.is_empty() {
            rules.push((Vec::new(), Welcome::Denied));
        }
        Self { rules }
    }
}

/// What a refused client is told: with the reason, in each language and in both.
#[derive(Clone, Debug)]
struct Reason {
    french: String,
    english: String,
    both: String,
}

impl Reason {
    fn new(reason: &str) -> Self {
        let to = |language| format!("{}{reason}", words::client_refused(language));
        Self {
            french: to(Some(Language::French)),
            english: to(Some(Language::English)),
            both: to(None),
        }
    }

    fn to(&self, language: Option<Language>) -> &str {
        match language {
            Some(Language::French) => &self.french,
            Some(Language::English) => &self.english,
            None => &self.both,
        }
    }
}

/// What a rule says: the welcome, and the place of its reason, if it gives one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Ruling {
    welcome: Welcome,
    // Of two as strict, the one that says why holds.
    reason: Option<usize>,
}

const SERVED: Ruling = Ruling { welcome: Welcome::Full, reason: None };

/// Whom the lists and the rules welcome; none welcomes everyone.
#[derive(Clone, Debug, Default)]
pub struct Clients {
    /// Where each span of peer ids begins, by its first eight bytes, ascending from 0.
    starts: Vec<u64>,
    /// What holds in each span.
    rulings: Vec<Ruling>,
    reasons: Vec<Reason>,
}

impl Clients {
    /// No lists, no rules.
    #[must_use]
    pub const fn new_open() -> Self {
        Self { starts: Vec::new(), rulings: Vec::new(), reasons: Vec::new() }
    }

    /// The lists of the operator and the rules of the site together.
    #[must_use]
    pub fn new(lists: &Lists, rules: &[ClientRule]) -> Self {
        let operators = lists
            .rules
            .iter()
            .map(|(head, welcome)| (head.as_slice(), Ruling { welcome: *welcome, reason: None }));
        let operators = by_length(operators);
        let mut reasons = Vec::new();
        let sites = by_length(rules.iter().map(|rule| {
            let has_reason = rule.welcome == Welcome::Denied && !rule.reason.is_empty();
            let reason = has_reason.then_some(reasons.len());
            reasons.extend(has_reason.then(|| Reason::new(&rule.reason)));
            (rule.head.as_slice(), Ruling { welcome: rule.welcome, reason })
        }));
        let mut table = Self { reasons, ..Self::default() };
        for start in edges(operators.iter().chain(&sites).map(|(head, _)| *head)) {
            let ruling = longest(&operators, start).max(longest(&sites, start));
            if table.rulings.last() != Some(&ruling) {
                table.starts.push(start);
                table.rulings.push(ruling);
            }
        }
        table
    }

    /// What becomes of the client with this peer id.
    #[must_use]
    pub fn welcome(&self, peer_id: &PeerId) -> Welcome {
        self.ruling(peer_id).welcome
    }

    /// Why the site refuses the client with this peer id, for a reader of that language.
    #[must_use]
    pub fn reason(&self, peer_id: &PeerId, language: Option<Language>) -> Option<&str> {
        Some(self.reasons.get(self.ruling(peer_id).reason?)?.to(language))
    }

    fn ruling(&self, peer_id: &PeerId) -> Ruling {
        let head = u64::from_be_bytes(*peer_id.0.first_chunk().unwrap_or(&[0; HEAD_BYTES]));
        let after = self.starts.partition_point(|start| *start <= head);
        let span = after.checked_sub(1).and_then(|at| self.rulings.get(at));
        span.copied().unwrap_or(SERVED)
    }
}

/// The longest first, so that one version can be judged apart from its family; of two that are
/// the same, the stricter first.
fn by_length<'a>(rules: impl Iterator<Item = (&'a [u8], Ruling)>) -> Vec<(&'a [u8], Ruling)> {
    let mut rules: Vec<_> = rules.collect();
    rules.sort_by_key(|(head, ruling)| std::cmp::Reverse((head.len(), *ruling)));
    rules
}

/// The first and the last eight bytes with which peer ids of a family can begin.
fn span(head: &[u8]) -> (u64, u64) {
    let filled = |with: u8| {
        let mut bytes = [with; HEAD_BYTES];
        bytes.iter_mut().zip(head).for_each(|(slot, byte)| *slot = *byte);
        u64::from_be_bytes(bytes)
    };
    (filled(0), filled(u8::MAX))
}

/// Where what holds may change: at the begin of each family, and after its end.
fn edges<'a>(heads: impl Iterator<Item = &'a [u8]>) -> Vec<u64> {
    let mut edges = Vec::new();
    for (first, last) in heads.map(span) {
        edges.push(first);
        edges.extend(last.checked_add(1));
    }
    if !edges.is_empty() {
        edges.push(0);
    }
    edges.sort_unstable();
    edges.dedup();
    edges
}

fn longest(rules: &[(&[u8], Ruling)], start: u64) -> Ruling {
    let holds = |head: &[u8]| start.to_be_bytes().starts_with(head);
    rules.iter().find(|(head, _)| holds(head)).map_or(SERVED, |(_, ruling)| *ruling)
}

#[cfg(test)]
mod tests;
