use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::code::{shrink, unfold};
use super::*;

fn photo(source: PhotoSource) -> FileRef {
    FileRef {
        file_type: FileType::Photo,
        dc_id: 2,
        file_reference: vec![0, 0, 0, 7, 1],
        location: Location::Photo { id: 5_213_456_789_012_345_678, access_hash: -77, source },
    }
}

#[test]
fn every_location_round_trips() {
    let letter = PhotoSource::Thumbnail { file_type: FileType::Photo, letter: b'm' };
    let dialog = PhotoSource::Dialog { big: true, dialog_id: -1_001_234_567_890, access_hash: 9 };
    let set = PhotoSource::StickerSetVersion { set_id: 3, access_hash: 4, version: 5 };
    let mut files = vec![photo(letter), photo(dialog), photo(set)];
    files.push(FileRef {
        file_type: FileType::Sticker,
        dc_id: 4,
        file_reference: Vec::new(),
        location: Location::Document { id: 1, access_hash: i64::MIN },
    });
    files.push(FileRef {
        file_type: FileType::Document,
        dc_id: 1,
        file_reference: Vec::new(),
        location: Location::Web { url: "https://example.com/a".to_owned(), access_hash: 6 },
    });
    for file in files {
        assert_eq!(FileRef::decode(&file.encode()).as_ref(), Ok(&file));
    }
}

#[test]
fn ids_begin_as_people_know_them() {
    let file = photo(PhotoSource::Thumbnail { file_type: FileType::Photo, letter: b'm' });
    assert!(file.encode().starts_with("AgACAg"));
    assert!(file.unique_id().starts_with("AQAD"));
    let location = Location::Document { id: (1 << 60) + 1, access_hash: 1 };
    let document = FileRef { file_type: FileType::Document, location, ..file };
    assert!(document.encode().starts_with("BQACAg"));
    assert!(document.unique_id().starts_with("AgAD"));
}

#[test]
fn the_letter_of_a_size_ends_its_unique_id() {
    let unique = |letter| {
        let source = PhotoSource::Thumbnail { file_type: FileType::Photo, letter };
        *URL_SAFE_NO_PAD.decode(photo(source).unique_id()).unwrap().last().unwrap()
    };
    assert_eq!(unique(b'm'), b'r');
    assert_eq!(unique(b'c'), 1);
}

#[test]
fn runs_of_zeros_are_counted() {
    assert_eq!(shrink(&[1, 0, 0, 0, 2, 0]), [1, 0, 3, 2, 0, 1]);
    assert_eq!(unfold(&[1, 0, 3, 2, 0]), [1, 0, 0, 0, 2, 0]);
    let long = vec![0; 600];
    assert_eq!(unfold(&shrink(&long)), long);
}

#[test]
fn broken_ids_are_told_apart() {
    let check = |text: &str| FileRef::decode(text).unwrap_err().to_string();
    assert_eq!(check("AgAC*"), "Wrong character in the string");
    assert_eq!(check("AgACA"), "Wrong string length");
    assert_eq!(check("AgAC"), "can't unserialize it");
    assert_eq!(check("AgAJ"), "can't unserialize it. Wrong last symbol");
    let mut whole = photo(PhotoSource::Legacy { secret: 1 }).encode();
    whole.insert_str(4, "AAAA");
    assert!(FileRef::decode(&whole).is_err());
}

#[test]
fn any_document_is_sent_as_any_other() {
    assert!(FileType::Video.fits(FileType::Document));
    assert!(!FileType::Photo.fits(FileType::Document));
}

#[test]
fn inline_messages_have_two_lengths() {
    let short = InlineMessageId::Short { dc_id: 2, id: 3, access_hash: 4 };
    let long = InlineMessageId::Long { dc_id: 2, owner_id: 3, id: 4, access_hash: 5 };
    for id in [short, long] {
        assert_eq!(InlineMessageId::decode(&id.encode()), Some(id));
    }
    assert_eq!(InlineMessageId::decode("AAAA"), None);
}
