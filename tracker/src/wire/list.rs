//! Files of info-hashes: one in hexadecimal a line, `#` begins a comment; counts may follow.

use crate::wire::InfoHash;
use std::fmt::Write;

const V1_DIGITS: usize = 40;
const V2_DIGITS: usize = 64;
/// A line that is none: its number, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadLine(pub usize);

/// Reads a list: v1 hashes, and v2 ones cut to 20 bytes (V2-4); a line may hold something else.
pub fn hashes(text: &[u8]) -> impl Iterator<Item = Result<InfoHash, BadLine>> {
    lines(text).map(|(number, line)| hash(line).ok_or(BadLine(number)))
}

/// About how many hashes a list holds, at least.
#[must_use]
pub fn size(text: &[u8]) -> usize {
    text.len() / (V1_DIGITS + 1) + 1
}

/// Reads a list in which each hash is followed by a number.
///
/// # Errors
///
/// The first line that holds something else.
pub fn counts(text: &[u8]) -> Result<Vec<(InfoHash, u32)>, BadLine> {
    let read = |(number, line): (usize, &[u8])| {
        let (hex, count) = line.split_at_checked(V1_DIGITS)?;
        let count = str::from_utf8(count).ok()?.trim().parse().ok()?;
        Some((hash(hex)?, count)).ok_or(number).ok()
    };
    lines(text).map(|line| read(line).ok_or(BadLine(line.0))).collect()
}

/// Writes such a list.
#[must_use]
pub fn write_counts<'a>(counts: impl Iterator<Item = (&'a InfoHash, &'a u32)>) -> String {
    let mut text = String::from("# info-hash, downloads finished\n");
    for (hash, count) in counts {
        hash.0.iter().for_each(|byte| {
            let _ = write!(text, "{byte:02x}");
        });
        let _ = writeln!(text, " {count}");
    }
    text
}

/// Lines with something on them, numbered from 1.
fn lines(text: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut rest = text;
    let mut number = 0;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            number += 1;
            let line = match rest.get(V1_DIGITS) {
                // Most lines are a v1 hash and nothing else: their end need not be looked for.
                Some(b'\n') if rest.first_chunk().is_some_and(is_hex::<V1_DIGITS>) => V1_DIGITS,
                _ => rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len()),
            };
            let (line, after) = rest.split_at_checked(line)?;
            rest = after.get(1..).unwrap_or_default();
            let said = line.iter().position(|byte| *byte == b'#').unwrap_or(line.len());
            let said = line.get(..said).unwrap_or_default().trim_ascii();
            if !said.is_empty() {
                return Some((number, said));
            }
        }
        None
    })
}

fn is_hex<const N: usize>(text: &[u8; N]) -> bool {
    // No early end: all digits are looked at together.
    text.iter().fold(true, |so_far, byte| so_far & byte.is_ascii_hexdigit())
}

fn hash(hex: &[u8]) -> Option<InfoHash> {
    let is_whole = match hex.len() {
        V1_DIGITS => hex.first_chunk().is_some_and(is_hex::<V1_DIGITS>),
        V2_DIGITS => hex.first_chunk().is_some_and(is_hex::<V2_DIGITS>),
        _ => false,
    };
    let digits: &[u8; V1_DIGITS] = hex.first_chunk()?;
    let value = |digit: u8| (digit & 15) + 9 * (digit >> 6);
    let mut hash = InfoHash::default();
    for (byte, [high, low]) in hash.0.iter_mut().zip(digits.as_chunks::<2>().0) {
        *byte = (value(*high) << 4) | value(*low);
    }
    is_whole.then_some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Result<Vec<InfoHash>, BadLine> {
        hashes(text.as_bytes()).collect()
    }

    #[test]
    fn a_list_holds_hashes_of_both_kinds_comments_and_blank_lines() {
        let text = format!(
            "# ours\n{}\n\n  {} # a v2 one\r\n#{}",
            "ab".repeat(20),
            "CD".repeat(32),
            "ef".repeat(19)
        );
        assert_eq!(read(&text), Ok(vec![InfoHash([0xab; 20]), InfoHash([0xcd; 20])]));
        assert_eq!(read(""), Ok(Vec::new()));
    }

    #[test]
    fn a_line_that_is_no_hash_is_named() {
        for line in ["ab".repeat(19), "zz".repeat(20), "ab".repeat(21), "g".repeat(40)] {
            let text = format!("{}\n{line}\n", "ab".repeat(20));
            assert_eq!(read(&text), Err(BadLine(2)), "{line}");
        }
        let two = format!("{0} {0}", "ab".repeat(20));
        assert_eq!(read(&two), Err(BadLine(1)));
    }

    #[test]
    fn counts_read_back_as_written() {
        let counted = [(InfoHash([1; 20]), 7), (InfoHash([2; 20]), u32::MAX)];
        let text = write_counts(counted.iter().map(|(hash, count)| (hash, count)));
        assert_eq!(counts(text.as_bytes()), Ok(counted.to_vec()));
        assert_eq!(counts(b"\nnoise"), Err(BadLine(2)));
    }

    proptest! {
        #[test]
        fn no_file_is_too_strange(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = hashes(&bytes).count();
            let _ = counts(&bytes);
        }
    }
}
