//! Files of info-hashes: one in hexadecimal a line, `#` begins a comment; counts may follow.

use crate::wire::InfoHash;
use std::fmt::Write;

const V1_DIGITS: usize = 40;
const V2_DIGITS: usize = 64;
/// 255 for what is no hexadecimal digit.
const DIGITS: [u8; 256] = digits();

#[expect(clippy::indexing_slicing, reason = "at compile time, where it cannot miss")]
const fn digits() -> [u8; 256] {
    let mut table = [255; 256];
    let mut digit = 0;
    while digit < 16 {
        if digit < 10 {
            table[(b'0' + digit) as usize] = digit;
        } else {
            table[(b'a' + digit - 10) as usize] = digit;
            table[(b'A' + digit - 10) as usize] = digit;
        }
        digit += 1;
    }
    table
}

/// A line that is none: its number, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadLine(pub usize);

/// Reads a list: v1 hashes, and v2 ones cut to 20 bytes (V2-4).
///
/// # Errors
///
/// The first line that holds something else.
pub fn hashes(text: &[u8]) -> Result<Vec<InfoHash>, BadLine> {
    // A v1 line takes 41 bytes: one allocation for most lists.
    let mut hashes = Vec::with_capacity(text.len() / (V1_DIGITS + 1) + 1);
    for (number, line) in lines(text) {
        hashes.push(hash(line).ok_or(BadLine(number))?);
    }
    Ok(hashes)
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
    let bare = |line: &'_ [u8]| line.split(|byte| *byte == b'#').next().map(<[u8]>::len);
    text.split(|byte| *byte == b'\n').zip(1..).filter_map(move |(line, number)| {
        let line = match line.len() {
            // Most lines are a hash and nothing else.
            V1_DIGITS => line,
            _ => line.get(..bare(line)?)?,
        }
        .trim_ascii();
        (!line.is_empty() && line.first() != Some(&b'#')).then_some((number, line))
    })
}

fn hash(hex: &[u8]) -> Option<InfoHash> {
    let mut hash = InfoHash::default();
    let (pairs, rest) = hex.as_chunks::<2>();
    let is_whole = matches!(hex.len(), V1_DIGITS | V2_DIGITS) && rest.is_empty();
    let digit = |byte: u8| DIGITS.get(usize::from(byte)).copied().unwrap_or(255);
    let mut worst = 0;
    for (at, [high, low]) in pairs.iter().enumerate() {
        let (high, low) = (digit(*high), digit(*low));
        worst |= high | low;
        if let Some(slot) = hash.0.get_mut(at) {
            *slot = (high << 4) | low;
        }
    }
    (is_whole && worst < 16).then_some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_list_holds_hashes_of_both_kinds_comments_and_blank_lines() {
        let text = format!(
            "# ours\n{}\n\n  {} # a v2 one\r\n#{}",
            "ab".repeat(20),
            "CD".repeat(32),
            "ef".repeat(19)
        );
        assert_eq!(hashes(text.as_bytes()), Ok(vec![InfoHash([0xab; 20]), InfoHash([0xcd; 20])]));
        assert_eq!(hashes(b""), Ok(Vec::new()));
    }

    #[test]
    fn a_line_that_is_no_hash_is_named() {
        for line in ["ab".repeat(19), "zz".repeat(20), "ab".repeat(21), "g".repeat(40)] {
            let text = format!("{}\n{line}\n", "ab".repeat(20));
            assert_eq!(hashes(text.as_bytes()), Err(BadLine(2)), "{line}");
        }
        let two = format!("{0} {0}", "ab".repeat(20));
        assert_eq!(hashes(two.as_bytes()), Err(BadLine(1)));
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
            let _ = hashes(&bytes);
            let _ = counts(&bytes);
        }
    }
}
