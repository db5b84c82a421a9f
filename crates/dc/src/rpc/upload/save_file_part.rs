//! `upload.saveFilePart` and `upload.saveBigFilePart`.

use heliogram_ids::FileId;
use heliogram_store::blobs::UploadKey;
use heliogram_tl as tl;

use crate::cx::Reading;
use crate::domain::files::parts::{self, NewPart};
use crate::error::Rpc;

/// `upload.saveFilePart`: keeps one part of a small file.
///
/// Touches no rows: an upload is nothing yet.
///
/// # Errors
/// `FILE_PART_INVALID`, `FILE_PART_EMPTY`, `FILE_PART_TOO_BIG`, `FILE_PART_SIZE_INVALID`,
/// `FILE_PART_SIZE_CHANGED`.
pub(super) fn save_file_part(cx: &mut Reading<'_>, req: tl::upload::SaveFilePart) -> Rpc<bool> {
    let part = NewPart { number: req.file_part, total: None, bytes: &req.bytes };
    save(cx, req.file_id, part)
}

/// `upload.saveBigFilePart`: keeps one part of a large file, or of a stream without a known end.
///
/// # Errors
/// Those of [`save_file_part`], `FILE_PARTS_INVALID`.
pub(super) fn save_big_file_part(
    cx: &mut Reading<'_>,
    req: tl::upload::SaveBigFilePart,
) -> Rpc<bool> {
    let total = (req.file_total_parts != UNKNOWN).then_some(req.file_total_parts);
    let part = NewPart { number: req.file_part, total, bytes: &req.bytes };
    save(cx, req.file_id, part)
}

/// The number of parts as long as a stream goes on.
const UNKNOWN: i32 = -1;

fn save(cx: &Reading<'_>, file: i64, part: NewPart<'_>) -> Rpc<bool> {
    let key = UploadKey { owner: cx.me, file: FileId(file) };
    parts::save(cx.world, key, part, cx.now)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::RpcError;
    use crate::fixture::Fixture;

    #[track_caller]
    fn check(file_part: i32, len: usize, expected: Rpc<bool>) {
        let mut cloud = Fixture::new();
        let alice = cloud.person("Alice");
        let bytes = vec![1; len].into();
        let part = tl::upload::SaveFilePart { file_id: 1, file_part, bytes };
        assert_eq!(cloud.call(alice, part), expected, "part {file_part} of {len} bytes");
    }

    #[track_caller]
    fn check_big(file_part: i32, file_total_parts: i32, len: usize, expected: Rpc<bool>) {
        let mut cloud = Fixture::new();
        let alice = cloud.person("Alice");
        let bytes = vec![1; len].into();
        let part = tl::upload::SaveBigFilePart { file_id: 1, file_part, file_total_parts, bytes };
        assert_eq!(cloud.call(alice, part), expected, "part {file_part} of {file_total_parts}");
    }

    #[test]
    fn parts_are_between_nothing_and_half_a_mebibyte() {
        check(0, 1, Ok(true));
        check(7999, 512 << 10, Ok(true));
        check(0, 0, Err(RpcError::FILE_PART_EMPTY));
        check(0, (512 << 10) + 1, Err(RpcError::FILE_PART_TOO_BIG));
    }

    #[test]
    fn part_numbers_are_bounded() {
        check(-1, 1024, Err(RpcError::FILE_PART_INVALID));
        check(8000, 1024, Err(RpcError::FILE_PART_INVALID));
    }

    #[test]
    fn a_large_file_knows_its_number_of_parts_or_says_so() {
        check_big(0, 3, 512 << 10, Ok(true));
        check_big(0, -1, 512 << 10, Ok(true));
        check_big(2, 3, 700, Ok(true));
        check_big(3, 3, 1024, Err(RpcError::FILE_PART_INVALID));
        check_big(0, 3, 700, Err(RpcError::FILE_PART_SIZE_INVALID));
        check_big(0, 0, 1024, Err(RpcError::FILE_PARTS_INVALID));
        check_big(0, 8001, 1024, Err(RpcError::FILE_PARTS_INVALID));
    }

    #[test]
    fn the_number_of_parts_does_not_change() {
        let mut cloud = Fixture::new();
        let alice = cloud.person("Alice");
        let mut part = |file_part, file_total_parts, len| {
            let bytes = vec![1; len].into();
            cloud.call(
                alice,
                tl::upload::SaveBigFilePart { file_id: 1, file_part, file_total_parts, bytes },
            )
        };
        assert_eq!(part(0, -1, 1024), Ok(true));
        assert_eq!(part(1, 3, 1024), Ok(true));
        assert_eq!(part(2, 4, 1024), Err(RpcError::FILE_PARTS_INVALID));
        assert_eq!(part(2, 3, 2048), Err(RpcError::FILE_PART_SIZE_CHANGED));
        assert_eq!(part(2, 3, 9), Ok(true));
    }
}
