//! Appends the length-prefixed form of text and bytes to a buffer.

/// Appends a `bytes` or `string`: length, content, zeros to a multiple of four.
///
/// # Panics
/// If the content is 2⁵⁶ bytes or longer, which no memory holds.
pub fn write_bytes(content: &[u8], out: &mut Vec<u8>) {
    match u8::try_from(content.len()) {
        Ok(length @ 0..254) => {
            out.push(length);
            write_content(content, 1, out);
        }
        _ => write_long(content, out),
    }
}

#[inline(never)]
fn write_long(content: &[u8], out: &mut Vec<u8>) {
    let length = content.len();
    out.reserve(length + 12);
    if length < 0x100_0000 {
        let [a, b, c, ..] = length.to_le_bytes();
        out.extend_from_slice(&[254, a, b, c]);
        write_content(content, 4, out);
    } else {
        let [a, b, c, d, e, f, g, top] = (length as u64).to_le_bytes();
        assert!(top == 0, "content shorter than 2^56 bytes");
        out.extend_from_slice(&[255, a, b, c, d, e, f, g]);
        write_content(content, 8, out);
    }
}

#[inline]
fn write_content(content: &[u8], header: usize, out: &mut Vec<u8>) {
    let begin = out.len();
    out.extend_from_slice(content);
    // Three zeros and a cut: a copy whose length is known is no call.
    out.extend_from_slice(&[0; 3]);
    out.truncate(begin + (header + content.len()).next_multiple_of(4) - header);
}

#[cfg(test)]
mod tests {
    use crate::Reader;

    #[test]
    fn every_length_form_reads_back() {
        for length in [0, 1, 3, 4, 253, 254, 255, 256, 65_536, 0xff_ffff, 0x100_0000, 0x100_0003] {
            let content = vec![7_u8; length];
            let mut out = Vec::new();
            super::write_bytes(&content, &mut out);
            assert_eq!(out.len() % 4, 0);
            let mut reader = Reader::new(&out);
            assert_eq!(reader.byte_slice().expect("it reads back"), content);
            assert_eq!(reader.finish(), Ok(()));
        }
    }
}
