use std::io::Cursor;

use image::{DynamicImage, RgbImage};

use super::message;
use super::picture::{Picture, is_possible};
use crate::error::{Rpc, RpcError};
use crate::fixture::Fixture;
use crate::record::PhotoRow;
use image::{ImageEncoder as _, ImageFormat};

/// A gradient, so that scaling and orientation show.
fn gradient(width: u32, height: u32) -> RgbImage {
    let shade = |at: u32, of: u32| u8::try_from(at * 255 / of.max(1)).expect("a shade");
    RgbImage::from_fn(width, height, |x, y| image::Rgb([shade(x, width), shade(y, height), 128]))
}

fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).expect("the image is encodable");
    bytes.into_inner()
}

fn photo_of(cloud: &mut Fixture, bytes: &[u8]) -> Rpc<PhotoRow> {
    let alice = cloud.person("Alice");
    let blob = cloud.world.blobs.put(bytes).expect("memory does not fail");
    message(&cloud.world, alice, cloud.now, &blob)
}

#[track_caller]
fn check_sizes(width: u32, height: u32, expected: &[(&str, i32, i32)]) {
    let mut cloud = Fixture::new();
    let bytes = encoded(&gradient(width, height).into(), ImageFormat::Png);
    let row = photo_of(&mut cloud, &bytes).expect("a photo");
    let found: Vec<_> =
        row.sizes.iter().map(|size| (size.letter.as_str(), size.width, size.height)).collect();
    assert_eq!(found, expected, "{width}x{height}");
    for size in &row.sizes {
        let len = usize::try_from(size.blob.len).expect("a small file");
        let jpeg = cloud.world.blobs.read(&size.blob, 0, len).expect("the size is here");
        let back = image::load_from_memory_with_format(&jpeg, ImageFormat::Jpeg).expect("a JPEG");
        assert_eq!((back.width(), back.height()), (size.width as u32, size.height as u32));
    }
}

#[test]
fn a_photo_is_never_scaled_up() {
    check_sizes(1, 1, &[("s", 1, 1)]);
    check_sizes(100, 50, &[("s", 100, 50)]);
    check_sizes(500, 250, &[("s", 100, 50), ("m", 320, 160), ("x", 500, 250)]);
}

#[test]
fn a_large_photo_comes_in_every_size() {
    let all =
        [("s", 33, 100), ("m", 107, 320), ("x", 267, 800), ("y", 427, 1280), ("w", 853, 2560)];
    check_sizes(1000, 3000, &all);
}

#[test]
fn every_format_is_read() {
    let picture = DynamicImage::from(gradient(64, 48));
    for format in
        [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif, ImageFormat::Bmp, ImageFormat::WebP]
    {
        let row = photo_of(&mut Fixture::new(), &encoded(&picture, format)).expect("a photo");
        assert_eq!((row.sizes[0].width, row.sizes[0].height), (64, 48), "{format:?}");
    }
}

#[track_caller]
fn check_refused(bytes: &[u8], expected: RpcError) {
    assert_eq!(photo_of(&mut Fixture::new(), bytes).map(drop), Err(expected));
}

#[test]
fn what_is_no_picture_is_refused() {
    check_refused(b"%PDF-1.7 and so on", RpcError::PHOTO_EXT_INVALID);
    let mut broken = encoded(&gradient(64, 64).into(), ImageFormat::Png);
    broken.truncate(60);
    check_refused(&broken, RpcError::IMAGE_PROCESS_FAILED);
}

#[test]
fn impossible_dimensions_are_refused_before_decoding() {
    let check = |width, height, possible| assert_eq!(is_possible(width, height), possible);
    check(9000, 1000, true);
    check(9001, 1000, false);
    check(2000, 100, true);
    check(2001, 100, false);
    check(0, 100, false);
    check(u32::MAX, u32::MAX, false);
    let strip = encoded(&gradient(2100, 100).into(), ImageFormat::Png);
    check_refused(&strip, RpcError::PHOTO_INVALID_DIMENSIONS);
}

#[test]
fn what_is_transparent_becomes_white() {
    let clear = image::RgbaImage::from_pixel(8, 8, image::Rgba([0, 0, 0, 0]));
    let picture = Picture::parse(&encoded(&clear.into(), ImageFormat::Png)).expect("a picture");
    assert_eq!(picture.pixels.get_pixel(3, 3), &image::Rgb([255, 255, 255]));
}

#[test]
fn orientation_is_applied_and_the_rest_of_exif_is_gone() {
    // A TIFF header with one entry: orientation, turn clockwise by a quarter.
    let exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0secret place";
    let source = gradient(60, 40);
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::jpeg::JpegEncoder::new(&mut bytes);
    encoder.set_exif_metadata(exif.to_vec()).expect("JPEG carries EXIF");
    encoder.write_image(source.as_raw(), 60, 40, image::ExtendedColorType::Rgb8).expect("a JPEG");

    let mut cloud = Fixture::new();
    let row = photo_of(&mut cloud, &bytes).expect("a photo");

    assert_eq!((row.sizes[0].width, row.sizes[0].height), (40, 60));
    let stored = cloud.world.blobs.read(&row.sizes[0].blob, 0, 1 << 20).expect("the size is here");
    assert!(!stored.windows(6).any(|window| window == b"secret"));
    assert!(bytes.windows(6).any(|window| window == b"secret"));
}

#[test]
fn a_stripped_photo_inflates_as_clients_do_it() {
    let bytes = encoded(&gradient(300, 200).into(), ImageFormat::Png);
    let row = photo_of(&mut Fixture::new(), &bytes).expect("a photo");
    let stripped = row.stripped.expect("every photo has a hint");
    assert_eq!(stripped[..3], [1, 27, 40]);
    assert!(stripped.len() < 1024, "{} bytes", stripped.len());

    let back = image::load_from_memory_with_format(&inflated(&stripped), ImageFormat::Jpeg)
        .expect("the inflated hint is a JPEG")
        .into_rgb8();
    assert_eq!(back.dimensions(), (40, 27));
    for (x, y) in [(2, 2), (20, 13), (37, 24)] {
        let (found, source) = (back.get_pixel(x, y), gradient(40, 27));
        for (found, source) in found.0.iter().zip(source.get_pixel(x, y).0) {
            assert!(found.abs_diff(source) < 32, "{x},{y}: {found} for {source}");
        }
    }
}

/// What clients do: the well-known header with two bytes of dimensions put in, the scan, the end.
// Seen: Telethon 1.44 `stripped_photo_to_jpg`, tdesktop 6 `ExpandInlineBytes`.
fn inflated(stripped: &[u8]) -> Vec<u8> {
    let mut jpeg = header();
    jpeg[164] = stripped[1];
    jpeg[166] = stripped[2];
    jpeg.extend_from_slice(&stripped[3..]);
    jpeg.extend_from_slice(&[0xff, 0xd9]);
    jpeg
}

fn header() -> Vec<u8> {
    let header = include_str!("header.hex");
    let digits: Vec<u8> = header.bytes().filter(u8::is_ascii_hexdigit).collect();
    let byte = |pair: &[u8]| {
        let pair = std::str::from_utf8(pair).expect("digits are ASCII");
        u8::from_str_radix(pair, 16).expect("two digits are a byte")
    };
    let bytes: Vec<u8> = digits.chunks(2).map(byte).collect();
    assert_eq!(bytes.len(), 623);
    bytes
}
