use super::*;
use tempfile::TempDir;

fn fact(uploaded: u64, event: u8) -> Fact {
    Fact { release: 1, session: 2, user: 3, event, uploaded, ..Fact::default() }
}

fn open(directory: &TempDir) -> Journal {
    Journal::open(directory.path(), 64 * 5, 64 * 10, 0).unwrap()
}

fn write(journal: &Journal, count: u64) {
    for uploaded in 0..count {
        journal.append(&[fact(uploaded, 0)], 0);
    }
}

fn uploads(directory: &TempDir, position: u64) -> Vec<u64> {
    let facts = Reader::new(directory.path()).read(position, 1000).unwrap();
    facts.iter().map(|(_, fact)| fact.uploaded).collect()
}

#[test]
fn facts_read_back_over_segments_without_a_gap() {
    let directory = TempDir::new().unwrap();
    write(&open(&directory), 13);

    let reader = Reader::new(directory.path());
    let facts = reader.read(3, 100).unwrap();

    let positions: Vec<_> = facts.iter().map(|(position, _)| *position).collect();
    assert_eq!(positions, (3..13).collect::<Vec<_>>());
    assert_eq!(uploads(&directory, 3), (3..13).collect::<Vec<_>>());
    assert_eq!((reader.first().unwrap(), reader.end().unwrap()), (0, 13));
    assert_eq!(reader.read(4, 2).unwrap().len(), 2);
}

#[test]
fn a_reader_sees_what_the_writer_has_just_written() {
    let directory = TempDir::new().unwrap();
    let journal = open(&directory);
    assert!(uploads(&directory, 0).is_empty());
    journal.append(&[fact(7, 0)], 0);
    assert_eq!(uploads(&directory, 0), [7]);
}

#[test]
fn a_journal_that_is_not_there_yet_is_empty() {
    let directory = TempDir::new().unwrap();
    let reader = Reader::new(&directory.path().join("later"));
    assert_eq!((reader.first().unwrap(), reader.end().unwrap()), (0, 0));
    assert!(reader.read(0, 10).unwrap().is_empty());
}

#[test]
fn jrn_02_a_farewell_is_flushed_without_waiting() {
    let directory = TempDir::new().unwrap();
    let journal = open(&directory);
    journal.append(&[fact(1, 3)], 0);
    #[expect(clippy::disallowed_methods, reason = "the wait itself is under test")]
    let started = std::time::Instant::now();
    journal.flush_when_due(|| 0);
    assert!(started.elapsed() < SYNC_EVERY / 2);
    assert!(!journal.writer.lock().is_unsynced);
}

#[test]
fn run_02_a_torn_tail_is_cut_and_reported() {
    for torn in [1, 63, 64, 70] {
        let directory = TempDir::new().unwrap();
        write(&open(&directory), 2);
        let path = segments::path(directory.path(), 0);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.extend(vec![9; torn]);
        std::fs::write(&path, bytes).unwrap();

        let journal = open(&directory);

        assert_eq!((journal.health().position, journal.health().cut_bytes), (2, torn as u64));
        journal.append(&[fact(5, 0)], 0);
        assert_eq!(uploads(&directory, 0), [0, 1, 5]);
    }
}

#[test]
fn run_02_a_segment_without_a_header_is_started_again() {
    let directory = TempDir::new().unwrap();
    write(&open(&directory), 4);
    std::fs::write(segments::path(directory.path(), 4), b"BOTT").unwrap();

    let journal = open(&directory);

    journal.append(&[fact(9, 0)], 0);
    assert_eq!(uploads(&directory, 0), [0, 1, 2, 3, 9]);
}

#[test]
fn missing_records_stop_the_start_with_a_sentence() {
    let directory = TempDir::new().unwrap();
    write(&open(&directory), 9);
    let path = segments::path(directory.path(), 4);
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() - 64]).unwrap();

    let refused = Journal::open(directory.path(), 64, 64, 0).unwrap_err();

    assert_eq!(refused.to_string(), "journal records are missing before 8");
    assert!(Reader::new(directory.path()).read(0, 100).is_err());
}

#[test]
fn one_tracker_writes_a_journal() {
    let directory = TempDir::new().unwrap();
    let _first = open(&directory);
    let refused = Journal::open(directory.path(), 64, 64, 0).unwrap_err();
    assert_eq!(refused.to_string(), "another tracker writes this journal");
}

#[test]
fn pruning_removes_whole_segments_and_keeps_the_numbering() {
    let directory = TempDir::new().unwrap();
    write(&open(&directory), 9);
    let reader = Reader::new(directory.path());

    assert_eq!(reader.prune(7).unwrap(), 1);

    assert_eq!((reader.first().unwrap(), reader.end().unwrap()), (4, 9));
    assert_eq!(reader.read(3, 1).unwrap_err().kind(), io::ErrorKind::NotFound);
    assert_eq!(reader.prune(u64::MAX).unwrap(), 1);
    assert_eq!(reader.end().unwrap(), 9);
}

#[test]
fn jrn_05_a_full_disk_keeps_a_bounded_backlog_and_says_so() {
    let directory = TempDir::new().unwrap();
    let journal = open(&directory);
    let good = {
        let mut writer = journal.writer.lock();
        // A file opened for reading refuses writes as a full disk does.
        let refusing = Arc::new(File::open(segments::path(directory.path(), 0)).unwrap());
        std::mem::replace(&mut writer.file, refusing)
    };

    write(&journal, 12);
    journal.append(&[fact(99, 3)], 0);

    let health = journal.health();
    assert_eq!((health.backlog, health.dropped), (11, 2));
    assert!(health.errors > 0);

    journal.writer.lock().file = good;
    journal.flush(0);
    assert_eq!(journal.health().backlog, 0);
    assert_eq!(uploads(&directory, 0), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 99]);
}
