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

/// The disk of a process that died soon after its engine had begun a second journal, as it does at 64
/// megabytes: what `first` commits is in the sealed one, what `then` does in the other.
fn with_sealed_journal(first: impl Fn(&Store), then: impl Fn(&Store)) -> tempfile::TempDir {
    let (live, image) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = Store::open_dir(live.path(), &BY_HAND).unwrap();
    first(&store);
    let sealed = usize::try_from(data_bytes(live.path())).unwrap();
    then(&store);
    let end = usize::try_from(data_bytes(live.path())).unwrap();
    copy_dir(live.path(), image.path());
    let path = journal(image.path());
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..sealed]).unwrap();
    let number: u64 = path.file_stem().unwrap().to_str().unwrap().parse().unwrap();
    fs::write(path.with_file_name(format!("{}.jnl", number + 1)), &bytes[sealed..end]).unwrap();
    image
}

/// The disk of a process that ended in order when twenty commits lay in a table, with a thousand
/// rows in the last of them.
fn with_table() -> tempfile::TempDir {
    let image = with_sealed_journal(
        |store| {
            commit(store, 0..19);
            let many = |txn: &mut Txn| (0..1000).try_for_each(|at| txn.put::<Halves>(&at, &at));
            store.write(many).wait().unwrap();
        },
        |store| commit(store, 19..20),
    );
    let store = Store::open_dir(image.path(), &BY_HAND).unwrap();
    // The engine writes tables in threads of its own, and removes what it needs no more.
    while journals(image.path()).len() > 1 {
        std::thread::yield_now();
    }
    drop(store);
    image
}

fn journals(dir: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(dir.join("rows")).unwrap().map(|entry| entry.unwrap().path());
    let mut journals: Vec<_> =
        files.filter(|path| path.extension().is_some_and(|e| e == "jnl")).collect();
    journals.sort();
    journals
}

fn copied(dir: &Path) -> tempfile::TempDir {
    let image = tempfile::tempdir().unwrap();
    copy_dir(dir, image.path());
    image
}

/// Asserts that `dir` is refused, again at the next start, with the file's name and what to do.
#[track_caller]
fn check_refused(dir: &Path, name: &str) {
    for _ in 0..2 {
        let Err(error) = Store::open_dir(dir, &BY_HAND) else { panic!("{name}: not refused") };
        let text = error.to_string();
        assert!(text.contains(name) && text.contains("restore a backup"), "{name}: {text}");
    }
}

#[test]
fn a_sealed_journal_that_is_cut_or_gone_is_refused_until_a_person_accepts_it() {
    let pristine = with_sealed_journal(|store| commit(store, 0..10), |store| commit(store, 10..20));
    assert!(has_all(&Store::open_dir(copied(pristine.path()).path(), &BY_HAND).unwrap(), 20));
    let whole = fs::read(&journals(pristine.path())[0]).unwrap();
    // In the middle of a batch, and right behind one: there nothing but the numbers tells.
    let torn = whole.len() - 7;
    let behind = usize::try_from(data_bytes(crashed(9).path())).unwrap();
    for keep in [Some(torn), Some(whole.len() / 2), Some(behind), None] {
        let image = copied(pristine.path());
        let sealed = journals(image.path()).remove(0);
        match keep {
            Some(bytes) => fs::write(&sealed, &whole[..bytes]).unwrap(),
            None => fs::remove_file(&sealed).unwrap(),
        }
        check_refused(image.path(), ".jnl");
        drop(Store::open_dir(image.path(), &ACCEPTED).unwrap());
        drop(Store::open_dir(image.path(), &BY_HAND).unwrap());
    }
}

#[test]
fn a_damaged_manifest_or_a_missing_table_is_refused_and_nothing_is_deleted() {
    let pristine = with_table();
    let tree = pristine.path().join("rows/keyspaces/1");
    let current = fs::read(tree.join("current")).unwrap();
    let manifest = format!("v{}", u64::from_le_bytes(*current.first_chunk().unwrap()));
    let tables: Vec<_> =
        fs::read_dir(tree.join("tables")).unwrap().map(|entry| entry.unwrap().path()).collect();
    let table = tables[0].file_name().unwrap().to_str().unwrap().to_owned();
    let flip = |path: &Path, at: u64| {
        let file = fs::File::options().read(true).write(true).open(path).unwrap();
        let mut byte = [0];
        file.read_exact_at(&mut byte, at).unwrap();
        file.write_all_at(&[byte[0] ^ 1], at).unwrap();
    };
    let check = |name: &str, damage: &dyn Fn(&Path)| {
        let image = copied(pristine.path());
        let path = image.path().join("rows/keyspaces/1").join(name);
        damage(&path);
        let mut before: Vec<_> = fs::read_dir(image.path().join("rows/keyspaces/1/tables"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        before.sort();
        check_refused(image.path(), &path.to_string_lossy());
        let mut after: Vec<_> = fs::read_dir(image.path().join("rows/keyspaces/1/tables"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        after.sort();
        assert_eq!(before, after, "{name}: what is left was not left alone");
    };
    for at in [3, 12, 24] {
        let image = copied(pristine.path());
        let current = image.path().join("rows/keyspaces/1/current");
        flip(&current, at);
        check_refused(image.path(), "rows/keyspaces/1/");
    }
    for at in [0, 40, 90] {
        check(&manifest, &|path| flip(path, at));
    }
    let table = format!("tables/{table}");
    check(&manifest, &|path| fs::remove_file(path).unwrap());
    check("current", &|path| fs::remove_file(path).unwrap());
    check(&table, &|path| fs::remove_file(path).unwrap());
    check(&table, &|path| {
        let file = fs::File::options().write(true).open(path).unwrap();
        file.set_len(file.metadata().unwrap().len() - 9).unwrap();
    });
}

#[test]
fn a_flipped_bit_in_a_table_is_an_error_to_whoever_reads_it() {
    let image = with_table();
    let table = fs::read_dir(image.path().join("rows/keyspaces/1/tables")).unwrap().next();
    let table = table.unwrap().unwrap().file_name();
    let path = image.path().join("rows/keyspaces/1/tables").join(table);
    let file = fs::File::options().read(true).write(true).open(&path).unwrap();
    let at = file.metadata().unwrap().len() / 2;
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).unwrap();
    file.write_all_at(&[byte[0] ^ 1], at).unwrap();
    let store = Store::open_dir(image.path(), &BY_HAND).unwrap();
    let snapshot = store.snapshot().unwrap();
    let read: Result<Vec<_>, _> = snapshot.range::<Halves>(..).collect();
    assert!(matches!(read, Err(StoreError::Engine(_))), "{:?}", read.map(|rows| rows.len()));
    drop((snapshot, store));
    // A look at whole files names it.
    let named = heliogram_store::check_tables(image.path()).unwrap();
    assert!(matches!(named.as_slice(), [one] if one.contains("tables/")), "{named:?}");
}

/// What a process leaves behind that dies while it makes its first database.
#[test]
fn a_first_start_that_died_half_way_is_begun_again() {
    let dir = tempfile::tempdir().unwrap();
    let half = dir.path().join("rows.new");
    fs::create_dir_all(half.join("keyspaces")).unwrap();
    fs::write(half.join("lock"), b"").unwrap();
    fs::write(half.join("0.jnl"), b"").unwrap();
    let store = Store::open_dir(dir.path(), &BY_HAND).unwrap();
    commit(&store, 0..3);
    drop(store);
    assert!(has_all(&Store::open_dir(dir.path(), &BY_HAND).unwrap(), 3));
    assert!(!half.exists());
}

#[test]
fn a_batch_that_is_not_what_it_was_is_named_and_the_rest_can_be_accepted() {
    let image = crashed(20);
    let path = journal(image.path());
    let at = data_bytes(crashed(10).path()) + 60;
    let mut bytes = fs::read(&path).unwrap();
    bytes[usize::try_from(at).unwrap()] ^= 1;
    fs::write(&path, &bytes).unwrap();
    check_refused(image.path(), ".jnl");
    assert_eq!(fs::read(&path).unwrap(), bytes, "a refusal leaves all as it is");
    drop(Store::open_dir(image.path(), &ACCEPTED).unwrap());
    let store = Store::open_dir(image.path(), &BY_HAND).unwrap();
    let snapshot = store.snapshot().unwrap();
    let numbers: Vec<u64> = snapshot.range::<Numbers>(..).map(|row| row.unwrap().0).collect();
    assert_eq!(numbers, (0..10).collect::<Vec<_>>());
    assert!(image.path().join("damaged-journals").exists(), "what was found is kept");
}

/// What a machine may leave that lost power while a batch was on its way to the disk.
#[test]
fn a_batch_that_nobody_was_told_of_may_be_damaged() {
    let image = crashed(20);
    let path = journal(image.path());
    // The watermark of the commit before.
    let earlier = crashed(19);
    fs::copy(earlier.path().join("commit.seq"), image.path().join("commit.seq")).unwrap();
    let mut bytes = fs::read(&path).unwrap();
    bytes[usize::try_from(data_bytes(earlier.path())).unwrap() + 60] ^= 1;
    fs::write(&path, bytes).unwrap();
    let store = Store::open_dir(image.path(), &BY_HAND).unwrap();
    assert!(has_all(&store, 19));
    commit(&store, 19..22);
    drop(store);
    assert!(has_all(&Store::open_dir(image.path(), &BY_HAND).unwrap(), 22));
}
