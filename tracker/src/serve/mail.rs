//! Messages between threads: a browser may wait on another thread than the one it is introduced to.

use crate::swarm::web::Line;
use mio::Waker;
use parking_lot::{Mutex, RwLock};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

/// Bytes that wait for one thread; what comes beyond is lost, and offered again by its sender.
const MAILBOX_LIMIT: usize = 8 << 20;

/// A frame for one connection.
#[derive(Debug)]
pub(super) struct Letter {
    pub(super) to: Line,
    pub(super) frame: Vec<u8>,
}

#[derive(Debug, Default)]
struct Waiting {
    letters: Vec<Letter>,
    bytes: usize,
}

/// Where one thread finds its letters.
#[derive(Debug)]
pub(super) struct Mailbox {
    waiting: Mutex<Waiting>,
    waker: Waker,
}

impl Mailbox {
    /// All that waits.
    pub(super) fn take(&self) -> Vec<Letter> {
        std::mem::take(&mut *self.waiting.lock()).letters
    }

    fn put(&self, letter: Letter) -> bool {
        let mut waiting = self.waiting.lock();
        if waiting.bytes + letter.frame.len() > MAILBOX_LIMIT {
            return false;
        }
        let is_first = waiting.letters.is_empty();
        waiting.bytes += letter.frame.len();
        waiting.letters.push(letter);
        drop(waiting);
        // One call wakes it for all that comes until it looks.
        !is_first || self.waker.wake().is_ok()
    }
}

/// Every thread's mailbox, and how many connections there are.
#[derive(Debug, Default)]
pub(super) struct Post {
    boxes: RwLock<Vec<Option<Arc<Mailbox>>>>,
    serials: AtomicU32,
    connections: AtomicUsize,
}

impl Post {
    /// A mailbox for one more thread, and the thread's number.
    pub(super) fn open(&self, waker: Waker) -> (u16, Arc<Mailbox>) {
        let mailbox = Arc::new(Mailbox { waiting: Mutex::default(), waker });
        let mut boxes = self.boxes.write();
        let free = boxes.iter().position(Option::is_none);
        let at = free.unwrap_or(boxes.len());
        match boxes.get_mut(at) {
            Some(slot) => *slot = Some(Arc::clone(&mailbox)),
            None => boxes.push(Some(Arc::clone(&mailbox))),
        }
        (u16::try_from(at).unwrap_or(u16::MAX), mailbox)
    }

    /// The thread is gone, and its letters with it.
    pub(super) fn close(&self, thread: u16) {
        if let Some(slot) = self.boxes.write().get_mut(usize::from(thread)) {
            *slot = None;
        }
    }

    /// Sends a letter; false when it is lost.
    pub(super) fn send(&self, letter: Letter) -> bool {
        let boxes = self.boxes.read();
        let to = boxes.get(usize::from(letter.to.thread)).and_then(Option::as_ref);
        to.is_some_and(|mailbox| mailbox.put(letter))
    }

    /// A number for a connection, not given before.
    pub(super) fn serial(&self) -> u32 {
        self.serials.fetch_add(1, Ordering::Relaxed)
    }

    /// Takes a place for a connection; false when all `limit` are taken.
    pub(super) fn enter(&self, limit: usize) -> bool {
        let is_in = self.connections.fetch_add(1, Ordering::Relaxed) < limit;
        if !is_in {
            self.leave();
        }
        is_in
    }

    /// Gives a place back.
    pub(super) fn leave(&self) {
        self.connections.fetch_sub(1, Ordering::Relaxed);
    }

    /// Connections there are.
    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}
