//! Facts as Python unpacks them.

use crate::wire::fact::{Fact, Tag, subject};

/// Bytes of one row.
const ROW_BYTES: usize = 76;

/// Writes rows, little-endian: position, subject, user, session; event, flags and factors, a byte
/// each; uploaded, downloaded, left, time; the head of the peer id, or zeros.
pub(crate) fn write(facts: &[(u64, Fact)]) -> Vec<u8> {
    let mut rows = Vec::with_capacity(facts.len() * ROW_BYTES);
    for (position, fact) in facts {
        push(&mut rows, *position, fact);
    }
    rows
}

fn push(rows: &mut Vec<u8>, position: u64, fact: &Fact) {
    let (name, client) = match fact.tag {
        Tag::Client(client) => (0, client),
        Tag::Name(name) => (name, [0; 8]),
    };
    rows.extend(position.to_le_bytes());
    rows.extend(subject(fact.release, name).to_le_bytes());
    for number in [fact.user, fact.session] {
        rows.extend(number.to_le_bytes());
    }
    rows.extend([fact.event, fact.flags, fact.up_quarters, fact.down_quarters]);
    for number in [fact.uploaded, fact.downloaded, fact.left, fact.time_ms] {
        rows.extend(number.to_le_bytes());
    }
    rows.extend(client);
}
