//! Inputs made from seeds without knowing what they mean.
#![allow(unreachable_pub, reason = "shared by several programs")]
#![allow(clippy::unwrap_used, reason = "a test that cannot set up must stop")]
#![allow(clippy::indexing_slicing, reason = "places are drawn from the input's own length")]

use fastrand::Rng;
use std::fs;
use std::path::Path;

/// Longest input, in bytes.
const LIMIT: usize = 2_048;
/// Bytes that stand at the edges of what they count.
const EDGES: [u8; 12] = [0, 1, 2, 3, b'/', b'%', b'"', b'\n', 0x7f, 0x80, 0xfe, 0xff];

/// The committed seeds of a parser, in the order of their names.
pub fn seeds(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(name);
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// Draws inputs: a seed, changed a few times.
pub struct Mutator<'a> {
    seeds: &'a [Vec<u8>],
    dice: Rng,
    input: Vec<u8>,
}

impl<'a> Mutator<'a> {
    pub fn new(seeds: &'a [Vec<u8>], number: u64) -> Self {
        Self { seeds, dice: Rng::with_seed(number), input: Vec::new() }
    }

    /// The next input.
    pub fn next(&mut self) -> &[u8] {
        self.input.clear();
        if let Some(seed) = self.dice.choice(self.seeds) {
            self.input.extend_from_slice(seed);
        }
        for _ in 0..=self.dice.usize(..5) {
            self.change();
        }
        self.input.truncate(LIMIT);
        &self.input
    }

    fn change(&mut self) {
        let length = self.input.len();
        if length == 0 {
            let fresh = self.dice.usize(..64);
            self.input.extend((0..fresh).map(|_| self.dice.u8(..)));
            return;
        }
        let at = self.dice.usize(..length);
        let end = self.dice.usize(at..=length.min(at + 32));
        match self.dice.u8(..9) {
            0 => self.input[at] ^= 1 << self.dice.u8(..8),
            1 => self.input[at] = self.dice.u8(..),
            2 => self.input[at] = self.dice.choice(EDGES).unwrap_or_default(),
            3 => self.input.truncate(at),
            4 => drop(self.input.drain(at..end)),
            5 => {
                let twice = self.input[at..end].to_vec();
                self.input.splice(end..end, twice);
            }
            6 => {
                let byte = self.dice.u8(..);
                let times = self.dice.usize(..40);
                self.input.splice(at..at, std::iter::repeat_n(byte, times));
            }
            7 => self.number(at),
            _ => self.cross(at),
        }
    }

    /// Writes a number that a length or a counter may stumble over.
    fn number(&mut self, at: usize) {
        let one = 1_u64.checked_shl(self.dice.u32(..64)).unwrap_or_default();
        let number = one.wrapping_add(self.dice.u64(..3)).wrapping_sub(1);
        let width = 1 << self.dice.u32(..4);
        let mut bytes = number.to_le_bytes();
        if self.dice.bool() {
            bytes[..width].reverse();
        }
        for (slot, byte) in self.input[at..].iter_mut().zip(bytes).take(width) {
            *slot = byte;
        }
    }

    /// Goes on as another seed does.
    fn cross(&mut self, at: usize) {
        if let Some(other) = self.dice.choice(self.seeds).filter(|it| !it.is_empty()) {
            let from = self.dice.usize(..other.len());
            self.input.truncate(at);
            self.input.extend_from_slice(&other[from..]);
        }
    }
}
