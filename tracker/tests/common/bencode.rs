//! A reader of bencode for tests, strict about the order of keys (HTTP-10).

use std::collections::BTreeMap;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    Integer(u64),
    Bytes(Vec<u8>),
    Dictionary(BTreeMap<Vec<u8>, Value>),
}

impl Value {
    pub fn at(&self, key: &[u8]) -> Option<&Value> {
        match self {
            Self::Dictionary(entries) => entries.get(key),
            _ => None,
        }
    }

    pub fn get(&self, key: &str) -> Option<&Value> {
        self.at(key.as_bytes())
    }

    pub fn integer(&self, key: &str) -> Option<u64> {
        match self.get(key) {
            Some(Self::Integer(number)) => Some(*number),
            _ => None,
        }
    }

    pub fn bytes(&self, key: &str) -> Option<&[u8]> {
        match self.get(key) {
            Some(Self::Bytes(bytes)) => Some(bytes),
            _ => None,
        }
    }
}

/// Reads exactly one value.
pub fn read(bytes: &[u8]) -> Value {
    let mut rest = bytes;
    let value = value(&mut rest);
    assert!(rest.is_empty(), "more after the value");
    value
}

fn value(rest: &mut &[u8]) -> Value {
    match rest.first() {
        Some(b'i') => {
            *rest = rest.split_at(1).1;
            Value::Integer(number(rest, b'e'))
        }
        Some(b'd') => {
            *rest = rest.split_at(1).1;
            Value::Dictionary(dictionary(rest))
        }
        _ => Value::Bytes(string(rest)),
    }
}

fn dictionary(rest: &mut &[u8]) -> BTreeMap<Vec<u8>, Value> {
    let mut entries = BTreeMap::new();
    while rest.first() != Some(&b'e') {
        let key = string(rest);
        assert!(entries.keys().next_back().is_none_or(|last| *last < key), "keys out of order");
        entries.insert(key, value(rest));
    }
    *rest = rest.split_at(1).1;
    entries
}

fn string(rest: &mut &[u8]) -> Vec<u8> {
    let length = usize::try_from(number(rest, b':')).unwrap();
    let (bytes, after) = rest.split_at(length);
    *rest = after;
    bytes.to_vec()
}

fn number(rest: &mut &[u8], end: u8) -> u64 {
    let at = rest.iter().position(|byte| *byte == end).unwrap();
    let (digits, after) = rest.split_at(at);
    *rest = after.split_at(1).1;
    str::from_utf8(digits).unwrap().parse().unwrap()
}
