//! Blobs and uploads, the same on disk and in memory.

#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::fs;
use std::path::Path;

use heliogram_ids::{FileId, Timestamp, UserId};
use heliogram_store::blobs::{BlobUsage, DiskBlobs, MemoryBlobs, UploadKey};
use heliogram_store::{BlobError, BlobId, Blobs, Limits, Record};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

const SLOT: usize = 64;
const LIMITS: Limits =
    Limits { part_bytes_max: SLOT, upload_parts_max: 20, uploads_max: 3, ..Limits::DEFAULT };
const NOW: Timestamp = Timestamp::from_secs(1000);

fn key(file: i64) -> UploadKey {
    UploadKey { owner: UserId::MIN, file: FileId(file) }
}

fn on_each(test: impl Fn(&dyn Blobs)) {
    test(&MemoryBlobs::new(LIMITS));
    let dir = tempfile::tempdir().unwrap();
    test(&DiskBlobs::open(dir.path().join("blobs"), LIMITS).unwrap());
}

/// Bytes that differ from place to place.
fn content(len: usize) -> Vec<u8> {
    (0..len).map(|i| (i * 31 % 251) as u8).collect()
}

fn id_of(bytes: &[u8]) -> BlobId {
    BlobId { sha256: Sha256::digest(bytes).into(), len: bytes.len() as u64 }
}

/// Uploads `bytes` in parts of `part_bytes`, in the given order, and reads it back.
fn check_upload(blobs: &dyn Blobs, bytes: &[u8], part_bytes: usize, order: &[usize]) {
    let parts: Vec<_> = bytes.chunks(part_bytes).collect();
    blobs.start_upload(key(1), NOW).unwrap();
    for &number in order {
        blobs.write_part(key(1), number as u32, parts[number]).unwrap();
    }
    assert_eq!(blobs.parts(key(1)).unwrap().len(), parts.len());
    let id = blobs.finish(key(1), parts.len() as u32).unwrap();
    assert_eq!(id, id_of(bytes));
    assert_eq!(blobs.read(&id, 0, bytes.len() + 10).unwrap(), bytes);
    blobs.verify(&id).unwrap();
    blobs.abandon(key(1));
    assert!(blobs.contains(&id).unwrap());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn parts_join_whatever_their_order_and_size(
        (len, part_bytes, order) in (1usize..500, prop_oneof![Just(SLOT), 25..=SLOT])
            .prop_flat_map(|(len, part_bytes)| {
                let count = len.div_ceil(part_bytes);
                let order = Just((0..count).collect::<Vec<_>>()).prop_shuffle();
                (Just(len), Just(part_bytes), order)
            })
    ) {
        on_each(|blobs| check_upload(blobs, &content(len), part_bytes, &order));
    }
}

#[test]
fn a_range_is_clipped_at_the_end() {
    on_each(|blobs| {
        let id = blobs.put(&content(100)).unwrap();
        let read = |offset, len| blobs.read(&id, offset, len).unwrap();
        assert_eq!(read(10, 5), content(100)[10..15]);
        assert_eq!(read(95, 50), content(100)[95..]);
        assert_eq!(read(100, 1), []);
        assert_eq!(read(u64::MAX, 1), []);
    });
}

#[test]
fn a_missing_part_is_named() {
    on_each(|blobs| {
        blobs.start_upload(key(1), NOW).unwrap();
        blobs.write_part(key(1), 0, &[1; SLOT]).unwrap();
        blobs.write_part(key(1), 2, &[3]).unwrap();
        assert!(matches!(blobs.finish(key(1), 3), Err(BlobError::PartMissing(1))));
        blobs.write_part(key(1), 1, &[2; SLOT]).unwrap();
        assert_eq!(blobs.finish(key(1), 3).unwrap().len, 2 * SLOT as u64 + 1);
    });
}

#[test]
fn a_part_that_comes_again_replaces_itself() {
    on_each(|blobs| {
        blobs.start_upload(key(1), NOW).unwrap();
        blobs.write_part(key(1), 0, &[9; SLOT]).unwrap();
        blobs.write_part(key(1), 0, b"short").unwrap();
        assert_eq!(blobs.finish(key(1), 1).unwrap(), id_of(b"short"));
    });
}

#[test]
fn finishing_again_answers_the_same_until_a_new_part_comes() {
    on_each(|blobs| {
        blobs.start_upload(key(1), NOW).unwrap();
        blobs.write_part(key(1), 0, b"first").unwrap();
        let id = blobs.finish(key(1), 1).unwrap();
        assert_eq!(blobs.finish(key(1), 1).unwrap(), id);
        blobs.write_part(key(1), 0, b"other").unwrap();
        assert_eq!(blobs.finish(key(1), 1).unwrap(), id_of(b"other"));
        assert_eq!(blobs.read(&id, 0, 9).unwrap(), b"first", "a blob never changes");
    });
}

#[test]
fn what_is_outside_the_limits_is_refused() {
    on_each(|blobs| {
        assert!(matches!(blobs.write_part(key(1), 0, b"x"), Err(BlobError::NoUpload)));
        assert!(matches!(blobs.parts(key(1)), Err(BlobError::NoUpload)));
        blobs.start_upload(key(1), NOW).unwrap();
        let write = |number, bytes: &[u8]| blobs.write_part(key(1), number, bytes).unwrap_err();
        assert!(matches!(write(0, &[0; SLOT + 1]), BlobError::PartSize { found: 65, limit: 64 }));
        assert!(matches!(write(0, &[]), BlobError::PartSize { found: 0, .. }));
        assert!(matches!(write(20, b"x"), BlobError::PartNumber { found: 20, limit: 20 }));
        assert!(matches!(blobs.finish(key(1), 0), Err(BlobError::PartNumber { .. })));
        assert!(matches!(blobs.finish(key(1), u32::MAX), Err(BlobError::PartNumber { .. })));
        blobs.start_upload(key(2), NOW).unwrap();
        blobs.start_upload(key(3), NOW).unwrap();
        assert!(matches!(blobs.start_upload(key(4), NOW), Err(BlobError::TooManyUploads(3))));
        blobs.start_upload(key(3), NOW).unwrap();
    });
}

#[test]
fn old_uploads_are_swept() {
    on_each(|blobs| {
        blobs.start_upload(key(1), Timestamp::from_secs(10)).unwrap();
        blobs.start_upload(key(2), Timestamp::from_secs(20)).unwrap();
        blobs.write_part(key(2), 0, b"x").unwrap();
        assert_eq!(blobs.sweep(Timestamp::from_secs(20)), 1);
        assert!(matches!(blobs.write_part(key(1), 0, b"x"), Err(BlobError::NoUpload)));
        blobs.finish(key(2), 1).unwrap();
    });
}

#[test]
fn a_removed_blob_is_gone() {
    on_each(|blobs| {
        let id = blobs.put(b"soon gone").unwrap();
        assert_eq!(blobs.put(b"soon gone").unwrap(), id);
        blobs.remove(&id).unwrap();
        blobs.remove(&id).unwrap();
        assert!(!blobs.contains(&id).unwrap());
        assert!(matches!(blobs.read(&id, 0, 1), Err(BlobError::NotFound(_))));
    });
}

#[test]
fn what_is_kept_is_counted() {
    let usage = |count, bytes| BlobUsage { count, bytes };
    on_each(|blobs| {
        let first = blobs.put(&content(10)).unwrap();
        assert_eq!(blobs.usage().unwrap(), usage(1, 10));
        check_upload(blobs, &content(100), SLOT, &[0, 1]);
        assert_eq!(blobs.usage().unwrap(), usage(2, 110));
        // Equal files are one, whichever way they come.
        blobs.put(&content(10)).unwrap();
        check_upload(blobs, &content(100), SLOT, &[1, 0]);
        assert_eq!(blobs.usage().unwrap(), usage(2, 110));
        blobs.remove(&first).unwrap();
        blobs.remove(&first).unwrap();
        assert_eq!(blobs.usage().unwrap(), usage(1, 100));
    });
}

#[test]
fn what_earlier_processes_kept_is_counted_once() {
    let dir = tempfile::tempdir().unwrap();
    let blobs = DiskBlobs::open(dir.path(), LIMITS).unwrap();
    let ids = [10, 20, 30].map(|len| blobs.put(&content(len)).unwrap());
    let blobs = reopen(dir.path(), blobs);
    // Whoever changes something before anybody asks must not be counted twice.
    blobs.remove(&ids[0]).unwrap();
    blobs.put(&content(40)).unwrap();
    assert_eq!(blobs.usage().unwrap(), BlobUsage { count: 3, bytes: 90 });
}

#[test]
fn a_blob_id_is_a_record() {
    let id = id_of(b"x");
    assert_eq!(BlobId::from_record(&id.to_record()).unwrap(), id);
}

fn files_under(dir: &Path) -> usize {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.map(|path| if path.is_dir() { files_under(&path) } else { 1 }).sum()
}

#[test]
fn the_disk_holds_blobs_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let blobs = DiskBlobs::open(dir.path(), LIMITS).unwrap();
    for part_bytes in [SLOT, 30] {
        let order: Vec<_> = (0..300usize.div_ceil(part_bytes)).rev().collect();
        check_upload(&blobs, &content(300), part_bytes, &order);
    }
    blobs.start_upload(key(2), NOW).unwrap();
    blobs.abandon(key(2));
    assert_eq!(files_under(dir.path()), 2, "equal files are kept once, beside their checksums");

    fs::write(dir.path().join("tmp/7"), b"half").unwrap();
    fs::write(dir.path().join("tmp/8.parts"), b"not an index").unwrap();
    drop(blobs);
    let blobs = DiskBlobs::open(dir.path(), LIMITS).unwrap();
    assert_eq!(files_under(dir.path()), 2, "what a crash leaves behind is cleaned up");
    blobs.verify(&id_of(&content(300))).unwrap();
}

/// As if the process had been killed: nothing is dropped.
fn reopen(dir: &Path, killed: DiskBlobs) -> DiskBlobs {
    std::mem::forget(killed);
    DiskBlobs::open(dir, LIMITS).unwrap()
}

#[test]
fn an_upload_goes_on_after_the_process_was_killed() {
    for part_bytes in [SLOT, 30] {
        let dir = tempfile::tempdir().unwrap();
        let bytes = content(300);
        let parts: Vec<_> = bytes.chunks(part_bytes).collect();
        let mut blobs = DiskBlobs::open(dir.path(), LIMITS).unwrap();
        blobs.start_upload(key(1), NOW).unwrap();
        for (number, part) in parts.iter().enumerate().rev() {
            blobs.write_part(key(1), number as u32, part).unwrap();
            blobs = reopen(dir.path(), blobs);
            // Another upload must not take the place of one from before.
            blobs.start_upload(key(2), NOW).unwrap();
            blobs.write_part(key(2), 0, b"other").unwrap();
        }
        assert_eq!(blobs.finish(key(1), parts.len() as u32).unwrap(), id_of(&bytes));
        assert_eq!(blobs.finish(key(2), 1).unwrap(), id_of(b"other"));
        drop(blobs);
        let blobs = DiskBlobs::open(dir.path(), LIMITS).unwrap();
        assert_eq!(blobs.sweep(NOW + std::time::Duration::from_secs(1)), 2);
        assert!(matches!(blobs.parts(key(1)), Err(BlobError::NoUpload)));
        assert_eq!(files_under(dir.path()), 4, "two blobs, their checksums, and no leftovers");
    }
}

#[test]
fn a_part_that_did_not_reach_the_disk_is_missing() {
    let dir = tempfile::tempdir().unwrap();
    let blobs = DiskBlobs::open(dir.path(), LIMITS).unwrap();
    blobs.start_upload(key(1), NOW).unwrap();
    let bytes = content(2 * SLOT);
    blobs.write_part(key(1), 0, &bytes[..SLOT]).unwrap();
    blobs.write_part(key(1), 1, &bytes[SLOT..]).unwrap();
    // What a file system may leave of the second one after a power cut.
    fs::write(dir.path().join("tmp/0"), [&bytes[..SLOT], &[0; SLOT]].concat()).unwrap();
    let blobs = reopen(dir.path(), blobs);
    assert!(matches!(blobs.finish(key(1), 2), Err(BlobError::PartMissing(1))));
    blobs.write_part(key(1), 1, &bytes[SLOT..]).unwrap();
    assert_eq!(blobs.finish(key(1), 2).unwrap(), id_of(&bytes));
}

#[test]
fn uploads_of_earlier_processes_are_bounded_and_grow_old() {
    let dir = tempfile::tempdir().unwrap();
    let blobs = DiskBlobs::open(dir.path(), LIMITS).unwrap();
    for file in 1..=3 {
        blobs.start_upload(key(file), Timestamp::from_secs(file as u64)).unwrap();
        blobs.write_part(key(file), 0, b"x").unwrap();
    }
    std::mem::forget(blobs);
    let blobs = DiskBlobs::open(dir.path(), Limits { uploads_max: 2, ..LIMITS }).unwrap();
    assert!(matches!(blobs.parts(key(1)), Err(BlobError::NoUpload)), "the oldest gives way");
    assert_eq!(files_under(dir.path()), 4);
    assert_eq!(blobs.sweep(Timestamp::from_secs(3)), 1);
    assert!(matches!(blobs.parts(key(2)), Err(BlobError::NoUpload)));
    assert_eq!(blobs.parts(key(3)).unwrap().len(), 1);
    assert_eq!(files_under(dir.path()), 2);
}

#[test]
fn damage_is_noticed_and_healed_by_the_next_upload() {
    let dir = tempfile::tempdir().unwrap();
    let blobs = DiskBlobs::open(dir.path(), LIMITS).unwrap();
    let id = blobs.put(&content(100)).unwrap();
    let path = dir.path().join(&id.hex()[..2]).join(&id.hex()[2..]);
    fs::write(&path, [0; 100]).unwrap();
    assert!(matches!(blobs.verify(&id), Err(BlobError::Damaged(_))));
    fs::write(&path, [0; 50]).unwrap();
    assert!(!blobs.contains(&id).unwrap());
    assert!(matches!(blobs.read(&id, 0, 100), Err(BlobError::Damaged(_))));
    check_upload(&blobs, &content(100), SLOT, &[1, 0]);
}

#[test]
fn threads_upload_one_file_together() {
    let dir = tempfile::tempdir().unwrap();
    let blobs = DiskBlobs::open(dir.path(), Limits::DEFAULT).unwrap();
    let bytes = content(3 << 20);
    let parts: Vec<_> = bytes.chunks(512 << 10).collect();
    blobs.start_upload(key(1), NOW).unwrap();
    std::thread::scope(|scope| {
        for (number, part) in parts.iter().enumerate() {
            let blobs = &blobs;
            scope.spawn(move || blobs.write_part(key(1), number as u32, part).unwrap());
        }
    });
    assert_eq!(blobs.finish(key(1), parts.len() as u32).unwrap(), id_of(&bytes));
}

#[test]
fn a_flipped_bit_is_noticed_wherever_it_is_read() {
    let dir = tempfile::tempdir().unwrap();
    let blobs = DiskBlobs::open(dir.path(), LIMITS).unwrap();
    let bytes = content(200_000);
    let id = blobs.put(&bytes).unwrap();
    let hex = id.hex();
    let path = dir.path().join(&hex[..2]).join(&hex[2..]);
    let sums = path.with_extension("sums");
    for at in [0, 65_536, 131_071, 199_999] {
        let mut damaged = bytes.clone();
        damaged[at] ^= 4;
        fs::write(&path, &damaged).unwrap();
        for has_sums in [true, false] {
            if !has_sums {
                fs::remove_file(&sums).unwrap();
            }
            let read = blobs.read(&id, at as u64 & !1023, 1024);
            assert!(matches!(read, Err(BlobError::Damaged(_))), "byte {at}, sums {has_sums}");
        }
        fs::write(&path, &bytes).unwrap();
        // The hash says that all is well, and the checksums are there again.
        assert_eq!(blobs.read(&id, 7, 200_000).unwrap(), bytes[7..]);
        assert!(sums.exists());
    }
    // Damaged checksums cost a look at the whole file, and nothing else.
    for damaged in [vec![0; 16], vec![1; 3], Vec::new()] {
        fs::write(&sums, damaged).unwrap();
        assert_eq!(blobs.read(&id, 70_000, 10).unwrap(), bytes[70_000..70_010]);
    }
    let undamaged = fs::read(&sums).unwrap();
    assert_eq!(undamaged.len(), 16);
    // Elsewhere in the file, what is whole can still be read.
    let mut damaged = bytes.clone();
    damaged[150_000] ^= 1;
    fs::write(&path, &damaged).unwrap();
    assert_eq!(blobs.read(&id, 0, 1000).unwrap(), bytes[..1000]);
}

/// What a process leaves behind that dies right after the upload became a blob.
#[test]
fn a_finished_upload_is_still_finished_after_a_restart() {
    for part_bytes in [SLOT, SLOT - 1] {
        let dir = tempfile::tempdir().unwrap();
        let parts: Vec<Vec<u8>> =
            content(3 * part_bytes).chunks(part_bytes).map(Into::into).collect();
        let blobs = DiskBlobs::open(dir.path(), LIMITS).unwrap();
        blobs.start_upload(key(1), NOW).unwrap();
        for (number, part) in parts.iter().enumerate() {
            blobs.write_part(key(1), number as u32, part).unwrap();
        }
        let id = blobs.finish(key(1), 3).unwrap();
        drop(blobs);
        let blobs = DiskBlobs::open(dir.path(), LIMITS).unwrap();
        assert_eq!(blobs.finish(key(1), 3).unwrap(), id);
        assert!(matches!(blobs.finish(key(1), 2), Err(BlobError::NoUpload)));
        // Until it is forgotten.
        assert_eq!(blobs.sweep(NOW + std::time::Duration::from_secs(1)), 1);
        assert_eq!(fs::read_dir(dir.path().join("tmp")).unwrap().count(), 0);
        assert!(blobs.contains(&id).unwrap());
    }
}

#[test]
fn an_index_that_is_not_what_it_was_is_nobodys_upload() {
    let dir = tempfile::tempdir().unwrap();
    let blobs = DiskBlobs::open(dir.path(), LIMITS).unwrap();
    blobs.start_upload(key(1), NOW).unwrap();
    blobs.write_part(key(1), 0, b"part").unwrap();
    drop(blobs);
    let index = dir.path().join("tmp/0.parts");
    let bytes = fs::read(&index).unwrap();
    for at in 0..40 {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1;
        fs::write(&index, &damaged).unwrap();
        fs::write(dir.path().join("tmp/0"), b"part").unwrap();
        let blobs = DiskBlobs::open(dir.path(), LIMITS).unwrap();
        for file in 0..4 {
            assert!(blobs.parts(key(file)).is_err(), "byte {at}");
        }
    }
}
