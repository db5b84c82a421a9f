//! Files all the way: up in parts, into a message, and down in pieces.

use heliogram_crypto::{Random as _, SeededRandom, sha256};
use heliogram_ids::UserId;
use heliogram_tl as tl;
use heliogram_tl::types;

use crate::error::{Rpc, RpcError};
use crate::fixture::Fixture;

fn noise(len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    SeededRandom::new(3).fill(&mut bytes);
    bytes
}

/// Sends a document of parts that are here already; returns it as its sender sees it.
fn document(cloud: &mut Fixture, me: UserId, file: tl::InputFile) -> types::Document {
    let media = types::InputMediaUploadedDocument {
        file,
        mime_type: "application/x-noise".into(),
        ..Default::default()
    };
    let peer = cloud.input_peer(me, me);
    let request =
        tl::messages::SendMedia { peer, media: media.into(), random_id: 1, ..Default::default() };
    let answer = cloud.call(me, request).expect("a document");
    let tl::Updates::Updates(answer) = answer else { panic!("{answer:?}") };
    let media = answer.updates.iter().find_map(|update| match update {
        tl::Update::UpdateNewMessage(new) => match &new.message {
            tl::Message::Message(message) => message.media.clone(),
            other => panic!("{other:?}"),
        },
        _ => None,
    });
    let Some(tl::MessageMedia::MessageMediaDocument(media)) = media else { panic!("{media:?}") };
    let Some(tl::Document::Document(document)) = &media.document else { panic!("{media:?}") };
    (**document).clone()
}

fn small(cloud: &mut Fixture, me: UserId, bytes: &[u8]) -> types::Document {
    let part = tl::upload::SaveFilePart { file_id: 9, file_part: 0, bytes: bytes.to_vec().into() };
    cloud.call(me, part).expect("a part");
    let file = types::InputFile { id: 9, parts: 1, name: "small".into(), md5_checksum: "".into() };
    document(cloud, me, file.into())
}

fn location(document: &types::Document, thumb_size: &str) -> types::InputDocumentFileLocation {
    types::InputDocumentFileLocation {
        id: document.id,
        access_hash: document.access_hash,
        file_reference: document.file_reference.clone(),
        thumb_size: thumb_size.into(),
    }
}

fn get(
    cloud: &mut Fixture,
    me: UserId,
    location: impl Into<tl::InputFileLocation>,
    offset: i64,
    limit: i32,
) -> Rpc<types::upload::File> {
    let location = location.into();
    let answer =
        cloud.call(me, tl::upload::GetFile { location, offset, limit, ..Default::default() })?;
    let tl::upload::File::File(file) = answer else { panic!("{answer:?}") };
    Ok(*file)
}

#[test]
fn a_large_file_goes_up_out_of_order_and_comes_down_equal() {
    const PART: usize = 512 << 10;
    let mut cloud = Fixture::new();
    let alice = cloud.person("Alice");
    let bytes = noise((30 << 20) + 777);
    let mut parts: Vec<(i32, &[u8])> = (0..).zip(bytes.chunks(PART)).collect();
    let total = i32::try_from(parts.len()).expect("a few parts");
    // The last part first, then every third, then the rest backwards, some of them twice.
    parts.reverse();
    parts.sort_by_key(|(number, _)| (*number != total - 1, number % 3));
    let twice: Vec<_> = parts.iter().copied().take(5).collect();
    for (file_part, part) in parts.into_iter().chain(twice) {
        let save = tl::upload::SaveBigFilePart {
            file_id: 77,
            file_part,
            file_total_parts: total,
            bytes: part.to_vec().into(),
        };
        assert_eq!(cloud.call(alice, save), Ok(true));
    }

    let file = types::InputFileBig { id: 77, parts: total, name: "noise.bin".into() };
    let document = document(&mut cloud, alice, file.into());
    assert_eq!(usize::try_from(document.size), Ok(bytes.len()));

    let mut down = Vec::new();
    loop {
        let offset = i64::try_from(down.len()).expect("a small file");
        let piece = get(&mut cloud, alice, location(&document, ""), offset, 1 << 20);
        let piece = piece.expect("a piece");
        down.extend_from_slice(&piece.bytes);
        if piece.bytes.len() < 1 << 20 {
            break;
        }
    }
    assert!(down == bytes, "{} bytes went up, {} others came down", bytes.len(), down.len());
}

#[test]
fn behind_the_end_there_is_nothing() {
    let mut cloud = Fixture::new();
    let alice = cloud.person("Alice");
    let document = small(&mut cloud, alice, b"%PDF-1.7");
    let whole = get(&mut cloud, alice, location(&document, ""), 0, 4096).expect("the file");
    assert_eq!(
        (&whole.bytes[..], &whole.r#type),
        (&b"%PDF-1.7"[..], &tl::storage::FileType::FilePdf)
    );
    let beyond = get(&mut cloud, alice, location(&document, ""), 1 << 20, 4096).expect("nothing");
    assert!(beyond.bytes.is_empty());
    assert_eq!(beyond.r#type, tl::storage::FileType::FilePdf);
}

#[test]
fn offset_and_limit_are_aligned() {
    let mut cloud = Fixture::new();
    let alice = cloud.person("Alice");
    let document = small(&mut cloud, alice, b"hello");
    let mut at =
        |offset, limit| get(&mut cloud, alice, location(&document, ""), offset, limit).map(drop);
    assert_eq!(at(1, 4096), Err(RpcError::OFFSET_INVALID));
    assert_eq!(at(0, 1000), Err(RpcError::LIMIT_INVALID));
    assert_eq!(at(0, 4096), Ok(()));
}

#[test]
fn a_file_opens_only_to_whom_it_was_shown() {
    let mut cloud = Fixture::new();
    let (alice, eve) = (cloud.person("Alice"), cloud.person("Eve"));
    let document = small(&mut cloud, alice, b"hello");
    let of = location(&document, "");
    let mut check = |me, location: types::InputDocumentFileLocation, expected: Rpc<()>| {
        assert_eq!(get(&mut cloud, me, location, 0, 4096).map(drop), expected);
    };

    check(alice, of.clone(), Ok(()));
    check(eve, of.clone(), Err(RpcError::LOCATION_INVALID));
    let without = types::InputDocumentFileLocation { file_reference: vec![].into(), ..of.clone() };
    check(alice, without.clone(), Err(RpcError::FILE_REFERENCE_EMPTY));
    let mut wrong = of.file_reference.to_vec();
    wrong[5] ^= 1;
    let wrong = types::InputDocumentFileLocation { file_reference: wrong.into(), ..of.clone() };
    check(alice, wrong, Err(RpcError::FILE_REFERENCE_INVALID));
    let mut old = of.file_reference.to_vec();
    old[0] ^= 1;
    let old = types::InputDocumentFileLocation { file_reference: old.into(), ..of.clone() };
    check(alice, old, Err(RpcError::FILE_REFERENCE_EXPIRED));
    let unknown = types::InputDocumentFileLocation { id: of.id + 1, ..of.clone() };
    check(alice, unknown, Err(RpcError::LOCATION_INVALID));
    let no_preview = types::InputDocumentFileLocation { thumb_size: "m".into(), ..of.clone() };
    check(alice, no_preview, Err(RpcError::LOCATION_INVALID));
}

#[test]
fn a_bot_may_leave_the_reference_out() {
    let mut cloud = Fixture::new();
    let alice = cloud.person("Alice");
    let bot = cloud.bot("filing_bot", alice);
    let part = tl::upload::SaveFilePart { file_id: 9, file_part: 0, bytes: vec![1].into() };
    cloud.call(bot, part).expect("a part");
    let file = types::InputFile { id: 9, parts: 1, name: "x".into(), md5_checksum: "".into() };
    let media = types::InputMediaUploadedDocument { file: file.into(), ..Default::default() };
    let peer = cloud.input_peer(bot, alice);
    let request = tl::messages::UploadMedia { peer, media: media.into(), ..Default::default() };
    let media = cloud.call(bot, request).expect("a document");
    let tl::MessageMedia::MessageMediaDocument(media) = media else { panic!("{media:?}") };
    let Some(tl::Document::Document(document)) = &media.document else { panic!("{media:?}") };
    let bare = types::InputDocumentFileLocation {
        file_reference: vec![].into(),
        ..location(document, "")
    };
    assert_eq!(get(&mut cloud, bot, bare, 0, 4096).map(drop), Ok(()));
}

#[test]
fn kinds_of_location_that_this_cloud_never_gives_out_are_refused() {
    let mut cloud = Fixture::new();
    let alice = cloud.person("Alice");
    let secure = types::InputSecureFileLocation { id: 1, access_hash: 2 };
    assert_eq!(get(&mut cloud, alice, secure, 0, 4096), Err(RpcError::LOCATION_INVALID));
    let location = types::InputWebFileLocation { url: "https://a.b".into(), access_hash: 1 };
    let request = tl::upload::GetWebFile { location: location.into(), offset: 0, limit: 4096 };
    assert_eq!(cloud.call(alice, request), Err(RpcError::LOCATION_INVALID));
}

#[test]
fn hashes_cover_the_file_block_by_block() {
    let mut cloud = Fixture::new();
    let alice = cloud.person("Alice");
    let bytes = noise((128 << 10) + 100);
    let document = small(&mut cloud, alice, &bytes);
    let mut hashes = |offset| {
        let location = location(&document, "").into();
        let request = tl::upload::GetFileHashes { location, offset };
        let hashes = cloud.call(alice, request)?;
        let fields = |tl::FileHash::FileHash(hash): tl::FileHash| {
            (hash.offset, hash.limit, hash.hash.to_vec())
        };
        Ok(hashes.into_iter().map(fields).collect::<Vec<_>>())
    };
    let (head, tail) = bytes.split_at(128 << 10);
    let second = (128 << 10, 100, sha256(&[tail]).to_vec());
    assert_eq!(hashes(0), Ok(vec![(0, 128 << 10, sha256(&[head]).to_vec()), second.clone()]));
    assert_eq!(hashes(130 << 10), Ok(vec![second]));
    assert_eq!(hashes(1 << 20), Ok(vec![]));
    assert_eq!(hashes(-1), Err(RpcError::OFFSET_INVALID));
}
