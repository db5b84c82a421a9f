//! What a file is, by its first bytes.

/// The kinds of which downloads tell.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum FileKind {
    Unknown,
    Jpeg,
    Gif,
    Png,
    Pdf,
    Mp3,
    Mov,
    Mp4,
    Webp,
}

/// So many bytes are enough to tell.
pub(crate) const HEAD_BYTES: usize = 12;

impl FileKind {
    /// The kind of a file that begins with `head`.
    pub(crate) fn of(head: &[u8]) -> Self {
        match head {
            [0xff, 0xd8, 0xff, ..] => Self::Jpeg,
            [b'G', b'I', b'F', b'8', ..] => Self::Gif,
            [0x89, b'P', b'N', b'G', ..] => Self::Png,
            [b'%', b'P', b'D', b'F', ..] => Self::Pdf,
            [b'I', b'D', b'3', ..] | [0xff, 0xf2 | 0xf3 | 0xfa | 0xfb, ..] => Self::Mp3,
            [_, _, _, _, b'f', b't', b'y', b'p', b'q', b't', ..] => Self::Mov,
            [_, _, _, _, b'f', b't', b'y', b'p', ..] => Self::Mp4,
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Self::Webp,
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_tell_the_kind() {
        let check = |head: &[u8], kind| assert_eq!(FileKind::of(head), kind, "{head:?}");
        check(b"\xff\xd8\xff\xe0\0\x10JFIF", FileKind::Jpeg);
        check(b"GIF89a", FileKind::Gif);
        check(b"\x89PNG\r\n\x1a\n", FileKind::Png);
        check(b"%PDF-1.7", FileKind::Pdf);
        check(b"ID3\x04", FileKind::Mp3);
        check(b"\0\0\0\x14ftypqt  ", FileKind::Mov);
        check(b"\0\0\0\x20ftypisom", FileKind::Mp4);
        check(b"RIFF\x10\0\0\0WEBP", FileKind::Webp);
        check(b"hello", FileKind::Unknown);
        check(b"", FileKind::Unknown);
    }
}
