//! `multipart/form-data`, fed piece by piece: no more than one chunk and one part's headers are
//! held. The caller decides where the content of a part goes.

/// What the next bytes of a form mean.
#[derive(Debug, Eq, PartialEq)]
pub enum Piece {
    /// A part begins.
    Part(Headers),
    /// More content of the current part.
    Content(Vec<u8>),
    /// The current part is complete.
    End,
}

/// What the headers of a part say about it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Headers {
    /// Name of the form field.
    pub field: String,
    /// File name, even an empty one: its presence is what makes a part a file.
    pub file_name: Option<String>,
    /// Media type, lower-cased and without parameters.
    pub content_type: String,
}

/// The form is not one.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("malformed multipart body")]
pub struct Malformed;

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    Preamble,
    Headers,
    Content,
    Epilogue,
}

/// Reader of one form.
#[derive(Debug)]
pub struct Multipart {
    /// `\r\n--boundary`
    delimiter: Vec<u8>,
    buffer: Vec<u8>,
    state: State,
}

/// Headers of one part; what is longer is no honest form.
const PART_HEADERS_BYTES_MAX: usize = 16 << 10;
const BOUNDARY_BYTES_MAX: usize = 70;

impl Multipart {
    /// A reader for the boundary that a `Content-Type` names.
    ///
    /// # Errors
    /// The boundary is missing, empty or longer than 70 bytes.
    pub fn new(content_type: &str) -> Result<Self, Malformed> {
        let boundary = attribute(content_type, "boundary").ok_or(Malformed)?;
        if boundary.is_empty() || boundary.len() > BOUNDARY_BYTES_MAX {
            return Err(Malformed);
        }
        // The first boundary stands at the very start, where no line break precedes it.
        let delimiter = [b"\r\n--", boundary.as_bytes()].concat();
        Ok(Self { delimiter, buffer: b"\r\n".to_vec(), state: State::Preamble })
    }

    /// Takes the next bytes and says what they complete.
    ///
    /// # Errors
    /// The bytes are no form; the reader is of no more use.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<Piece>, Malformed> {
        self.buffer.extend_from_slice(bytes);
        let mut pieces = Vec::new();
        while self.step(&mut pieces)? {}
        Ok(pieces)
    }

    /// Whether the closing boundary has been seen.
    pub fn is_complete(&self) -> bool {
        self.state == State::Epilogue
    }

    /// One transition; false when more bytes are needed.
    fn step(&mut self, pieces: &mut Vec<Piece>) -> Result<bool, Malformed> {
        match self.state {
            State::Epilogue => {
                self.buffer.clear();
                Ok(false)
            }
            State::Headers => self.headers(pieces),
            State::Preamble | State::Content => self.content(pieces),
        }
    }

    fn content(&mut self, pieces: &mut Vec<Piece>) -> Result<bool, Malformed> {
        let inside = self.state == State::Content;
        let Some(at) = find(&self.buffer, &self.delimiter) else {
            // All but a possible beginning of the delimiter is certain to be content.
            let certain = (self.buffer.len() + 1).saturating_sub(self.delimiter.len());
            let content: Vec<u8> = self.buffer.drain(..certain).collect();
            if inside && !content.is_empty() {
                pieces.push(Piece::Content(content));
            }
            return Ok(false);
        };
        let after = at + self.delimiter.len();
        let Some(mark) = self.buffer.get(after..after + 2) else { return Ok(false) };
        let next = match mark {
            b"--" => State::Epilogue,
            b"\r\n" => State::Headers,
            _ => return Err(Malformed),
        };
        // The line break stays: headers end at an empty line, and there may be none.
        let keep = if next == State::Headers { after } else { after + 2 };
        let mut content: Vec<u8> = self.buffer.drain(..keep).collect();
        content.truncate(at);
        if inside {
            if !content.is_empty() {
                pieces.push(Piece::Content(content));
            }
            pieces.push(Piece::End);
        }
        self.state = next;
        Ok(true)
    }

    fn headers(&mut self, pieces: &mut Vec<Piece>) -> Result<bool, Malformed> {
        let Some(end) = find(&self.buffer, b"\r\n\r\n") else {
            let honest = self.buffer.len() <= PART_HEADERS_BYTES_MAX;
            return if honest { Ok(false) } else { Err(Malformed) };
        };
        if end > PART_HEADERS_BYTES_MAX {
            return Err(Malformed);
        }
        let block: Vec<u8> = self.buffer.drain(..end + 4).collect();
        let text = String::from_utf8_lossy(&block);
        pieces.push(Piece::Part(Headers::parse(&text).ok_or(Malformed)?));
        self.state = State::Content;
        Ok(true)
    }
}

impl Headers {
    fn parse(block: &str) -> Option<Self> {
        let mut headers = None;
        let mut content_type = String::new();
        for line in block.split("\r\n").filter(|line| !line.is_empty()) {
            let (name, value) = line.split_once(':')?;
            match name.trim().to_ascii_lowercase().as_str() {
                "content-disposition" => {
                    let field = attribute(value, "name")?;
                    let file_name = attribute(value, "filename");
                    headers = Some(Self { field, file_name, content_type: String::new() });
                }
                "content-type" => content_type = media_type(value),
                _ => {}
            }
        }
        headers.map(|headers| Self { content_type, ..headers })
    }
}

/// The media type of a `Content-Type`, lower-cased and without parameters.
pub(crate) fn media_type(value: &str) -> String {
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The value of `name=` among the attributes of a header: quoted strings are unescaped, then
/// percent-decoded, as browsers and the official server agree.
pub(crate) fn attribute(value: &str, name: &str) -> Option<String> {
    let mut rest = value;
    loop {
        let at = rest.find(';')?;
        rest = rest.get(at + 1..)?.trim_start();
        let equals = rest.find('=')?;
        let own = rest.get(..equals)?.trim();
        let (text, after) = attribute_value(rest.get(equals + 1..)?.trim_start());
        if own.eq_ignore_ascii_case(name) {
            return Some(
                percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned(),
            );
        }
        rest = after;
    }
}

fn attribute_value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(';').unwrap_or(text.len());
        let (token, rest) = text.split_at(end);
        return (token.trim().to_owned(), rest);
    };
    let mut value = String::new();
    let mut letters = quoted.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return (value, quoted.get(at + 1..).unwrap_or_default()),
            '\\' => value.extend(letters.next().map(|(_, escaped)| escaped)),
            letter => value.push(letter),
        }
    }
    (value, "")
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).position(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FORM: &[u8] = b"--B\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n\r\n42\r\n\
        --B\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a%20\\\"b.png\"\r\n\
        Content-Type: image/png\r\n\r\n\x00\r\n--\xff\r\n\
        --B\r\nContent-Disposition: form-data; name=\"empty\"\r\n\r\n\r\n--B--\r\n";

    /// The parts of a form that arrives in chunks of `step` bytes.
    fn parts(form: &[u8], step: usize) -> Result<Vec<(Headers, Vec<u8>)>, Malformed> {
        let mut reader = Multipart::new("multipart/form-data; boundary=B")?;
        let mut parts: Vec<(Headers, Vec<u8>)> = Vec::new();
        for chunk in form.chunks(step) {
            for piece in reader.push(chunk)? {
                match piece {
                    Piece::Part(headers) => parts.push((headers, Vec::new())),
                    Piece::Content(bytes) => parts.last_mut().unwrap().1.extend(bytes),
                    Piece::End => {}
                }
            }
        }
        if reader.is_complete() { Ok(parts) } else { Err(Malformed) }
    }

    #[test]
    fn a_form_reads_the_same_in_chunks_of_any_size() {
        for step in 1..FORM.len() {
            let parts = parts(FORM, step).unwrap();
            assert_eq!(parts.len(), 3, "chunks of {step}");
            assert_eq!(parts[0].0.field, "chat_id");
            assert_eq!(parts[0].0.file_name, None);
            assert_eq!(parts[0].1, b"42");
            assert_eq!(parts[1].0.file_name.as_deref(), Some("a \"b.png"));
            assert_eq!(parts[1].0.content_type, "image/png");
            assert_eq!(parts[1].1, b"\x00\r\n--\xff");
            assert_eq!(parts[2].1, b"");
        }
    }

    #[test]
    fn a_form_without_its_end_is_malformed() {
        assert_eq!(parts(&FORM[..FORM.len() - 6], 7), Err(Malformed));
        assert_eq!(parts(b"--B\r\nno colon\r\n\r\nx\r\n--B--", 3), Err(Malformed));
    }

    #[test]
    fn an_oversized_header_is_refused_before_it_ends() {
        let mut reader = Multipart::new("multipart/form-data; boundary=\"B\"").unwrap();
        reader.push(b"--B\r\n").unwrap();
        assert_eq!(reader.push(&[b'a'; PART_HEADERS_BYTES_MAX + 1]), Err(Malformed));
    }

    #[test]
    fn a_boundary_has_at_most_70_bytes() {
        assert!(Multipart::new("multipart/form-data").is_err());
        let long = format!("multipart/form-data; boundary={}", "x".repeat(71));
        assert!(Multipart::new(&long).is_err());
    }
}
