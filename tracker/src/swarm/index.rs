//! Row numbers found by hash: four bytes each, a byte of the hash among them.
//!
//! Rows lie elsewhere, in order; here is only where. A table grows page by page
//! (linear hashing), so that no insertion ever waits for more than one page to
//! be written anew, however large the swarm.

/// Rows a page holds before another is added.
const PAGE: usize = 1_024;
/// Rows that three bytes can number; the fourth is a tag of the hash.
pub(super) const MAX_ROWS: usize = 0x00ff_fff0;
const ROW: u32 = 0x00ff_ffff;
const FREE: u32 = u32::MAX;
const GONE: u32 = u32::MAX - 1;

/// One read on the way to a row: each needs what the one before it found in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Page,
    Slot,
    Row,
}

/// Row numbers by hash; who asks compares the rows and knows their hashes.
#[derive(Debug, Default)]
pub(super) struct Index {
    pages: Vec<Page>,
    rows: usize,
}

/// Open addressing, one place after another: neighbours in memory.
#[derive(Debug, Default)]
struct Page {
    slots: Box<[u32]>,
    rows: u16,
    /// Slots that are not free, those of removed rows included.
    used: u16,
}

impl Index {
    /// The index of rows `0..rows`.
    pub(super) fn of(rows: usize, hash_of: impl Fn(u32) -> u64) -> Self {
        let mut index = Self::default();
        for row in 0..number(rows) {
            index.insert(hash_of(row), row, &hash_of);
        }
        index
    }

    /// The first row under `hash` that `is_it` knows.
    pub(super) fn find(&self, hash: u64, mut is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        let page = self.pages.get(self.page(hash))?;
        let tag = tag(hash);
        page.probe(hash)
            .find(|(_, slot)| (slot & !ROW) == tag && *slot != GONE && is_it(slot & ROW))
            .map(|(_, slot)| slot & ROW)
    }

    /// Reads what [`Index::find`] will read, one step of the way; the row is most likely the one.
    pub(super) fn approach(&self, step: Step, hash: u64) -> (Step, usize) {
        let Some(page) = self.pages.get(self.page(hash)) else { return (Step::Page, 0) };
        let tag = tag(hash);
        match step {
            Step::Page => (step, page.slots.len()),
            Step::Slot => (step, page.slots.get(page.start(hash)).map_or(0, |it| *it as usize)),
            Step::Row => {
                let found = page.probe(hash).find(|(_, slot)| (slot & !ROW) == tag);
                (step, found.map_or(0, |(_, slot)| (slot & ROW) as usize))
            }
        }
    }

    /// Adds a row that is not there; `hash_of` gives the hash of any row.
    pub(super) fn insert(&mut self, hash: u64, row: u32, hash_of: &impl Fn(u32) -> u64) {
        if self.rows >= self.pages.len() * PAGE {
            self.add_page(hash_of);
        }
        let at = self.page(hash);
        if let Some(page) = self.pages.get_mut(at) {
            page.insert(hash, row, hash_of);
            self.rows += 1;
        }
    }

    pub(super) fn remove(&mut self, hash: u64, row: u32, hash_of: &impl Fn(u32) -> u64) {
        let Some(slot) = self.slot(hash, row) else { return };
        *slot = GONE;
        self.rows = self.rows.saturating_sub(1);
        let at = self.page(hash);
        if let Some(page) = self.pages.get_mut(at) {
            page.rows = page.rows.saturating_sub(1);
            page.give_back(hash_of);
        }
    }

    /// Notes that a row has moved.
    pub(super) fn renumber(&mut self, hash: u64, from: u32, to: u32) {
        if let Some(slot) = self.slot(hash, from) {
            *slot = tag(hash) | to;
        }
    }

    /// Notes that two rows took each other's place.
    pub(super) fn swap(&mut self, one: (u64, u32), other: (u64, u32)) {
        // No row has this number: the two cannot be mistaken half-way.
        self.renumber(one.0, one.1, ROW - 2);
        self.renumber(other.0, other.1, one.1);
        self.renumber(one.0, ROW - 2, other.1);
    }

    fn slot(&mut self, hash: u64, row: u32) -> Option<&mut u32> {
        let at = self.page(hash);
        let page = self.pages.get_mut(at)?;
        let wanted = tag(hash) | row;
        let (at, _) = page.probe(hash).find(|(_, slot)| *slot == wanted)?;
        page.slots.get_mut(at)
    }

    /// Which page holds `hash`: as many low bits as number the pages, one fewer where a page has
    /// not been split yet.
    fn page(&self, hash: u64) -> usize {
        let size = self.pages.len().next_power_of_two();
        let at = low(hash) & (size - 1);
        if at < self.pages.len() { at } else { at & (size / 2).wrapping_sub(1) }
    }

    /// Splits the page whose turn it is.
    fn add_page(&mut self, hash_of: &impl Fn(u32) -> u64) {
        let new = self.pages.len();
        self.pages.push(Page::default());
        let Some(highest) = new.checked_ilog2() else { return };
        let split = new & !(1 << highest);
        let Some(old) = self.pages.get_mut(split).map(std::mem::take) else { return };
        let rows: Vec<u32> = old.rows().collect();
        let room = rows.len() / 2 + rows.len() / 16;
        for at in [split, new] {
            if let Some(page) = self.pages.get_mut(at) {
                page.slots = Page::room_for(room);
            }
        }
        for row in rows {
            let hash = hash_of(row);
            let at = self.page(hash);
            if let Some(page) = self.pages.get_mut(at) {
                page.insert(hash, row, hash_of);
            }
        }
    }
}

impl Page {
    /// Slots so that seven of ten are taken.
    fn room_for(rows: usize) -> Box<[u32]> {
        vec![FREE; (rows * 10 / 7).max(16)].into()
    }

    fn rows(&self) -> impl Iterator<Item = u32> {
        self.slots.iter().filter(|slot| **slot < GONE).map(|slot| slot & ROW)
    }

    /// The slots where `hash` may be, up to the first free one.
    fn probe(&self, hash: u64) -> impl Iterator<Item = (usize, u32)> {
        let start = self.start(hash);
        let (before, after) = self.slots.split_at_checked(start).unwrap_or_default();
        let places = (start..self.slots.len()).chain(0..start);
        let slots = after.iter().chain(before).copied();
        places.zip(slots).take_while(|(_, slot)| *slot != FREE)
    }

    fn start(&self, hash: u64) -> usize {
        // The upper half, scaled: sizes need not be powers of two.
        low(((hash >> 32) * self.slots.len() as u64) >> 32)
    }

    fn insert(&mut self, hash: u64, row: u32, hash_of: &impl Fn(u32) -> u64) {
        // More than 17 of 20 taken makes searches long.
        if (usize::from(self.used) + 1) * 20 > self.slots.len() * 17 {
            self.write_anew(hash_of);
        }
        self.place(hash, row);
    }

    fn give_back(&mut self, hash_of: &impl Fn(u32) -> u64) {
        if self.slots.len() > 64 && usize::from(self.rows) * 3 < self.slots.len() {
            self.write_anew(hash_of);
        }
    }

    fn write_anew(&mut self, hash_of: &impl Fn(u32) -> u64) {
        let rows: Vec<u32> = self.rows().collect();
        *self = Self { slots: Self::room_for(rows.len() + 1), rows: 0, used: 0 };
        for row in rows {
            self.place(hash_of(row), row);
        }
    }

    fn place(&mut self, hash: u64, row: u32) {
        let start = self.start(hash);
        let (before, after) = self.slots.split_at_mut_checked(start).unwrap_or_default();
        if let Some(slot) = after.iter_mut().chain(before).find(|slot| **slot >= GONE) {
            self.used += u16::from(*slot == FREE);
            self.rows += 1;
            *slot = tag(hash) | row;
        }
    }
}

#[cfg(test)]
impl Index {
    /// Memory taken.
    pub(super) fn bytes(&self) -> usize {
        self.pages.capacity() * size_of::<Page>()
            + self.pages.iter().map(|page| page.slots.len() * 4).sum::<usize>()
    }
}

/// The tag of a hash: bits that choose neither the page nor the slot.
fn tag(hash: u64) -> u32 {
    let [_, _, _, tag, ..] = hash.to_le_bytes();
    u32::from(tag) << 24
}

fn low(bits: u64) -> usize {
    usize::try_from(bits & 0x00ff_ffff).unwrap_or_default()
}

pub(super) fn number(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ahash::RandomState;
    use proptest::prelude::*;

    fn hash_of(key: u32) -> u64 {
        RandomState::with_seeds(1, 2, 3, 4).hash_one(key)
    }

    proptest! {
        #[test]
        fn any_history_equals_a_plain_list(
            steps in proptest::collection::vec((0..3_000_u32, 0..4_u8), 1..6_000)
        ) {
            let mut index = Index::default();
            let mut keys: Vec<u32> = Vec::new();
            for (key, step) in steps {
                let held = index.find(hash_of(key), |row| keys[row as usize] == key);
                prop_assert_eq!(held.is_some(), keys.contains(&key));
                match held {
                    None => {
                        keys.push(key);
                        let row = number(keys.len() - 1);
                        index.insert(hash_of(key), row, &|row| hash_of(keys[row as usize]));
                    }
                    Some(row) if step == 0 => {
                        index.remove(hash_of(key), row, &|row| hash_of(keys[row as usize]));
                        let last = number(keys.len() - 1);
                        if row != last {
                            index.renumber(hash_of(keys[last as usize]), last, row);
                        }
                        keys.swap_remove(row as usize);
                    }
                    Some(row) => {
                        let other = key % number(keys.len());
                        if other != row {
                            let there = hash_of(keys[other as usize]);
                            index.swap((hash_of(key), row), (there, other));
                            keys.swap(row as usize, other as usize);
                        }
                    }
                }
            }
            for (row, key) in keys.iter().enumerate() {
                let held = index.find(hash_of(*key), |row| keys[row as usize] == *key);
                prop_assert_eq!(held, Some(number(row)));
            }
        }
    }

    #[test]
    fn perf_06_a_large_index_takes_five_bytes_and_a_half_a_row_at_most() {
        let mut index = Index::default();
        for row in 0..300_000 {
            index.insert(hash_of(row), row, &hash_of);
        }
        let slots: usize = index.pages.iter().map(|page| page.slots.len()).sum();
        let largest = index.pages.iter().map(|page| page.slots.len()).max().unwrap();
        assert!(slots * 4 * 2 <= 300_000 * 11, "{slots}");
        assert!(largest <= 4 * PAGE, "one step writes {largest} slots");
    }
}
