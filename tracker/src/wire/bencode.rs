//! Writing bencode (BEP 3): the few shapes a tracker answers with.

/// Appends a decimal number without going through a formatter.
pub fn decimal(out: &mut Vec<u8>, number: u64) {
    let mut digits = [0_u8; 20];
    let mut rest = number;
    let mut length = 0;
    for slot in digits.iter_mut().rev() {
        // A remainder of ten always fits a byte.
        *slot = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        length += 1;
        if rest == 0 {
            break;
        }
    }
    out.extend(digits.iter().skip(digits.len() - length));
}

/// Appends a byte string.
pub fn string(out: &mut Vec<u8>, bytes: &[u8]) {
    decimal(out, bytes.len() as u64);
    out.push(b':');
    out.extend_from_slice(bytes);
}

/// Appends an integer; trackers send none below zero.
pub fn integer(out: &mut Vec<u8>, number: u64) {
    out.push(b'i');
    decimal(out, number);
    out.push(b'e');
}

/// A dictionary being written; callers give the keys in byte order (HTTP-10).
pub struct Dictionary<'a> {
    out: &'a mut Vec<u8>,
    last: &'static str,
}

impl<'a> Dictionary<'a> {
    /// Opens a dictionary.
    pub fn open(out: &'a mut Vec<u8>) -> Self {
        out.push(b'd');
        Self { out, last: "" }
    }

    fn key(&mut self, key: &'static str) -> &mut Vec<u8> {
        debug_assert!(self.last < key, "{key} after {}", self.last);
        self.last = key;
        string(self.out, key.as_bytes());
        self.out
    }

    /// Adds an integer.
    pub fn integer(&mut self, key: &'static str, number: u64) {
        integer(self.key(key), number);
    }

    /// Adds a byte string.
    pub fn string(&mut self, key: &'static str, bytes: &[u8]) {
        string(self.key(key), bytes);
    }

    /// Adds a value that `write` appends.
    pub fn value(&mut self, key: &'static str, write: impl FnOnce(&mut Vec<u8>)) {
        write(self.key(key));
    }

    /// Closes it.
    pub fn close(self) {
        self.out.push(b'e');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn decimals_read_as_the_formatter_writes_them(number: u64) {
            let mut out = Vec::new();
            decimal(&mut out, number);
            prop_assert_eq!(out, number.to_string().into_bytes());
        }
    }

    #[test]
    fn http_10_a_dictionary_is_bencode_with_its_keys_in_order() {
        let mut out = Vec::new();
        let mut dictionary = Dictionary::open(&mut out);
        dictionary.integer("interval", 1800);
        dictionary.string("peers", b"");
        dictionary.close();
        assert_eq!(out, b"d8:intervali1800e5:peers0:e");
    }
}
