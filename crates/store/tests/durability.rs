//! What was acknowledged is there after a crash, or the store refuses to open.

#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use heliogram_store::{Loss, Options, Read, Store, StoreError, Table, Txn, WriterMode};

enum Numbers {}
impl Table for Numbers {
    const NAME: &'static str = "numbers";
    const ID: u16 = 16;
    type Key = u64;
    type Value = Vec<u8>;
}

/// Rows that two commits write in turn, so that a commit moved back in time would show.
enum Halves {}
impl Table for Halves {
    const NAME: &'static str = "halves";
    const ID: u16 = 17;
    type Key = u64;
    type Value = u64;
}

const BY_HAND: Options = Options { writer: WriterMode::ByHand, ..Options::DEFAULT };
const ACCEPTED: Options = Options { loss: Loss::Accepted, ..BY_HAND };

fn body(number: u64) -> Vec<u8> {
    number.to_string().repeat(100).into_bytes()
}

fn commit(store: &Store, numbers: std::ops::Range<u64>) {
    for number in numbers {
        let put = move |txn: &mut Txn| {
            txn.put::<Halves>(&(number / 2), &number)?;
            txn.put::<Numbers>(&number, &vec![number as u8; 10])
        };
        store.write(put).wait().unwrap();
    }
}

/// What [`commit`] must have left.
fn has_all(store: &Store, count: u64) -> bool {
    let snapshot = store.snapshot().unwrap();
    let rows: Vec<_> = snapshot.range::<Numbers>(..).map(Result::unwrap).collect();
    let expected: Vec<_> = (0..count).map(|number| (number, vec![number as u8; 10])).collect();
    let halves: Vec<_> = snapshot.range::<Halves>(..).map(|row| row.unwrap().1).collect();
    let newer: Vec<_> = (0..count.div_ceil(2)).map(|half| (half * 2 + 1).min(count - 1)).collect();
    rows == expected && halves == newer
}

fn copy_dir(source: &Path, target: &Path) {
    fs::create_dir_all(target).unwrap();
    for entry in fs::read_dir(source).unwrap().map(Result::unwrap) {
        let target = target.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_dir(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn journal(dir: &Path) -> PathBuf {
    let files = fs::read_dir(dir.join("rows")).unwrap().map(|entry| entry.unwrap().path());
    let mut journals: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|e| e == "jnl")).collect();
    assert_eq!(journals.len(), 1);
    journals.pop().unwrap()
}

/// The disk of a process that died with a store open.
fn crashed(count: u64) -> tempfile::TempDir {
    let (live, image) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = Store::open_dir(live.path(), &BY_HAND).unwrap();
    commit(&store, 0..count);
    copy_dir(live.path(), image.path());
    // Half of the preallocated file is enough, and saves copying zeros a hundred times.
    let file = fs::File::options().write(true).open(journal(image.path())).unwrap();
    file.set_len(data_bytes(image.path()) + 4096).unwrap();
    image
}

/// Where the journal's data ends and preallocated zeros begin.
fn data_bytes(dir: &Path) -> u64 {
    let bytes = fs::read(journal(dir)).unwrap();
    bytes.iter().rposition(|&byte| byte != 0).unwrap() as u64 + 1
}

#[test]
fn a_crash_loses_nothing_acknowledged() {
    let image = crashed(50);
    let store = Store::open_dir(image.path(), &BY_HAND).unwrap();
    assert!(has_all(&store, 50));
    commit(&store, 50..60);
    drop(store);
    assert!(has_all(&Store::open_dir(image.path(), &BY_HAND).unwrap(), 60));
    assert!(!image.path().join("damaged-journals").exists());
}

#[test]
fn a_batch_torn_in_mid_write_is_dropped_without_a_word() {
    let image = crashed(20);
    let whole = data_bytes(image.path());
    // The store died while it wrote batch 21, which nobody was told of.
    let file = fs::File::options().write(true).open(journal(image.path())).unwrap();
    file.write_all_at(&[1, 3, 0, 0, 0, 0xFF, 0xFF, 0, 0, 0, 0, 0, 0, 2, 0, 0, 9], whole).unwrap();
    let store = Store::open_dir(image.path(), &BY_HAND).unwrap();
    assert!(has_all(&store, 20));
    assert!(!image.path().join("damaged-journals").exists(), "the copy is not needed");
    commit(&store, 20..30);
    drop(store);
    assert!(has_all(&Store::open_dir(image.path(), &BY_HAND).unwrap(), 30));
}

#[test]
fn a_flipped_byte_in_the_journal_never_passes_unnoticed() {
    const COUNT: u64 = 12;
    let pristine = crashed(COUNT);
    let len = data_bytes(pristine.path());
    let (mut refused_by_engine, mut refused_by_watermark, mut intact) = (0, 0, 0);
    // Every byte of some batches near the middle, and samples of all the rest.
    let dense = len / 2..len / 2 + 330;
    let sparse = (0..len + 8).step_by(23);
    for offset in sparse.chain(dense) {
        for flip in [0x01, 0x02, 0x04, 0x08, 0x80, 0xFF] {
            let image = tempfile::tempdir().unwrap();
            copy_dir(pristine.path(), image.path());
            let path = journal(image.path());
            let file = fs::File::options().read(true).write(true).open(&path).unwrap();
            let mut byte = [0];
            file.read_exact_at(&mut byte, offset).unwrap();
            file.write_all_at(&[byte[0] ^ flip], offset).unwrap();
            let damaged = fs::read(&path).unwrap();

            match Store::open_dir(image.path(), &BY_HAND) {
                Ok(store) => {
                    assert!(has_all(&store, COUNT), "byte {offset} ^ {flip:#x} lost data");
                    intact += 1;
                }
                Err(StoreError::DataLost { kept, acknowledged, .. }) => {
                    assert_eq!(acknowledged, COUNT + 1);
                    let copy =
                        image.path().join("damaged-journals").join(path.file_name().unwrap());
                    assert!(kept.contains("damaged-journals"), "byte {offset} ^ {flip:#x}: {kept}");
                    assert_eq!(fs::read(copy).unwrap(), damaged);
                    refused_by_watermark += 1;
                }
                Err(_) => refused_by_engine += 1,
            }
        }
    }
    assert!(refused_by_watermark > 0, "the watermark was never needed");
    assert!(refused_by_engine > 0, "the engine checks nothing");
    assert!(intact > 0, "bytes behind the end matter");
}

#[test]
fn a_journal_cut_short_is_refused_until_a_person_accepts_it() {
    let image = crashed(20);
    let file = fs::File::options().write(true).open(journal(image.path())).unwrap();
    file.set_len(data_bytes(image.path()) / 2).unwrap();
    for _ in 0..2 {
        let Err(error) = Store::open_dir(image.path(), &BY_HAND) else { panic!("not refused") };
        assert!(matches!(error, StoreError::DataLost { acknowledged: 21, .. }), "{error}");
        assert!(error.to_string().contains("restore a backup"), "{error}");
    }
    let store = Store::open_dir(image.path(), &ACCEPTED).unwrap();
    let seq = store.write(|txn| Ok::<_, StoreError>(txn.seq())).wait().unwrap();
    assert!(seq > 21, "no commit number is used twice, but the next is {seq}");
    drop(store);
    drop(Store::open_dir(image.path(), &BY_HAND).unwrap());
}

#[test]
fn a_missing_or_damaged_watermark_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("commit.seq");
    let store = Store::open_dir(dir.path(), &BY_HAND).unwrap();
    commit(&store, 0..3);
    drop(store);
    let bytes = fs::read(&path).unwrap();

    fs::remove_file(&path).unwrap();
    for _ in 0..2 {
        let refused = Store::open_dir(dir.path(), &BY_HAND);
        assert!(matches!(refused, Err(StoreError::NoWatermark { state: "is missing", .. })));
    }
    // One slot may be torn: the other one is at most one commit behind.
    fs::write(&path, &bytes[..10]).unwrap();
    let refused = Store::open_dir(dir.path(), &BY_HAND);
    assert!(matches!(refused, Err(StoreError::NoWatermark { state: "is damaged", .. })));
    let mut torn = bytes;
    torn[3] ^= 1;
    fs::write(&path, &torn).unwrap();
    assert!(has_all(&Store::open_dir(dir.path(), &BY_HAND).unwrap(), 3));

    fs::remove_file(&path).unwrap();
    drop(Store::open_dir(dir.path(), &ACCEPTED).unwrap());
    assert!(has_all(&Store::open_dir(dir.path(), &BY_HAND).unwrap(), 3));
}

#[test]
fn an_engine_that_vanished_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    commit(&Store::open_dir(dir.path(), &BY_HAND).unwrap(), 0..3);
    fs::remove_dir_all(dir.path().join("rows")).unwrap();
    let refused = Store::open_dir(dir.path(), &BY_HAND);
    assert!(matches!(refused, Err(StoreError::DataLost { found: 0, acknowledged: 4, .. })));
}

#[test]
fn a_second_process_is_told_who_has_the_directory() {
    let dir = tempfile::tempdir().unwrap();
    let mut child = spawn_victim(dir.path());
    let pid = child.id().to_string();
    let lines = lines_of(&mut child);
    let Err(error) = Store::open_dir(dir.path(), &BY_HAND) else { panic!("not refused") };
    assert!(matches!(&error, StoreError::Locked { pid: owner, .. } if **owner == *pid), "{error}");
    assert!(error.to_string().contains(&*dir.path().to_string_lossy()), "{error}");
    child.kill().unwrap();
    child.wait().unwrap();
    drop(lines);
    drop(Store::open_dir(dir.path(), &BY_HAND).unwrap());
}

#[test]
fn a_killed_process_keeps_what_it_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged = 0;
    for round in 1..=5 {
        let mut child = spawn_victim(dir.path());
        let mut lines = lines_of(&mut child);
        for line in lines.by_ref().take(400 * round) {
            acknowledged = line.parse().unwrap();
        }
        child.kill().unwrap();
        // What the pipe still holds was acknowledged too; the last line may be cut.
        let rest: Vec<_> = lines.collect();
        if let [.., last, _cut] = rest.as_slice() {
            acknowledged = last.parse().unwrap();
        }
        child.wait().unwrap();

        let store = Store::open_dir(dir.path(), &BY_HAND).unwrap();
        let snapshot = store.snapshot().unwrap();
        let mut count = 0;
        for row in snapshot.range::<Numbers>(..) {
            assert_eq!(row.unwrap(), (count, body(count)));
            count += 1;
        }
        assert!(count > acknowledged, "{acknowledged} was acknowledged, {count} rows are left");
    }
}

/// A process that writes until it is killed.
fn spawn_victim(dir: &Path) -> std::process::Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["victim", "--exact", "--ignored", "--nocapture"])
        .env(VICTIM_DIR, dir)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Its output from the moment its store is open.
fn lines_of(victim: &mut std::process::Child) -> impl Iterator<Item = String> + use<> {
    let mut lines = BufReader::new(victim.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line == "ready"), "the victim did not open its store");
    lines
}

const VICTIM_DIR: &str = "HELIOGRAM_VICTIM_DIR";

/// Commits for ever, and prints each number once it is durable.
#[test]
#[ignore = "the kill test runs it in a process of its own"]
fn victim() {
    let dir = std::env::var_os(VICTIM_DIR).expect("the kill test names a directory");
    let store = Store::open_dir(dir, &Options::DEFAULT).unwrap();
    let last = store.snapshot().unwrap().last::<Numbers>(..).unwrap();
    let mut next = last.map_or(0, |(number, _)| number + 1);
    say("\nready");
    loop {
        let put =
            |number| store.write(move |txn: &mut Txn| txn.put::<Numbers>(&number, &body(number)));
        let tickets: Vec<_> = (next..next + 20).map(put).collect();
        for ticket in tickets {
            ticket.wait().unwrap();
            say(&next.to_string());
            next += 1;
        }
    }
}

/// A line at a time and at once: what stays in a buffer was never said.
fn say(line: &str) {
    let mut stdout = std::io::stdout().lock();
    writeln!(stdout, "{line}").and_then(|()| stdout.flush()).unwrap();
}
