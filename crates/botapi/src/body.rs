//! Arguments from the query string and the body, whatever its type. What is malformed is no
//! error: the arguments are then missing, and the method says so. What is too large is one.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use flate2::write::{GzDecoder, ZlibDecoder};
use http_body_util::BodyExt;
use hyper::StatusCode;
use hyper::body::Body;
use hyper::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap};
use serde::de::{Deserializer as _, Error as _, MapAccess, Visitor};
use serde_json::value::RawValue;
use tempfile::NamedTempFile;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::args::{Args, Upload};
use crate::multipart::{Headers, Multipart, Piece, media_type};
use crate::options::Limits;

/// Reads everything a request brings. Whoever brings much text needs one of the `places` for it.
///
/// # Errors
/// The status to answer with an empty body before the connection is closed.
pub(crate) async fn read<B>(
    query: Option<&str>,
    headers: &HeaderMap,
    body: B,
    spool: &Path,
    limits: &Limits,
    places: &Semaphore,
) -> Result<Args, StatusCode>
where
    B: Body<Data = Bytes> + Unpin,
{
    let mut args = Args::default();
    let query = query.unwrap_or_default().as_bytes();
    urlencoded(&mut args, query, limits.params_bytes_max)?;
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let length: u64 = text(CONTENT_LENGTH).parse().unwrap_or(0);
    if length >= limits.body_bytes_max {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    let content_type = text(CONTENT_TYPE);
    let sink = Sink::new(content_type, spool, limits, args)?;
    let decoder = Decoder::new(text(CONTENT_ENCODING))?;
    let args = pump(body, decoder, sink, limits, places).await?;
    if args.bytes() > limits.params_bytes_max {
        return Err(StatusCode::PAYLOAD_TOO_LARGE);
    }
    Ok(args)
}

/// Reads everything a request brings, and keeps nothing.
///
/// # Errors
/// As for [`read`].
pub(crate) async fn skip<B>(body: B, limits: &Limits) -> Result<(), StatusCode>
where
    B: Body<Data = Bytes> + Unpin,
{
    let mut stream = Punctual::new(body, limits);
    while stream.next().await?.is_some() {
        if stream.received > limits.stranger_body_bytes_max {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
    }
    Ok(())
}

/// A body that has to come at some speed.
struct Punctual<'a, B> {
    body: B,
    limits: &'a Limits,
    began: Instant,
    received: u64,
}

impl<'a, B: Body<Data = Bytes> + Unpin> Punctual<'a, B> {
    fn new(body: B, limits: &'a Limits) -> Self {
        Self { body, limits, began: Instant::now(), received: 0 }
    }

    /// When the next piece has to be here.
    fn due(&self) -> Instant {
        let needed = self.received / self.limits.body_bytes_per_second_min.max(1);
        self.began + self.limits.body_grace + Duration::from_secs(needed)
    }

    /// The next piece; `None` at the end.
    async fn next(&mut self) -> Result<Option<Bytes>, StatusCode> {
        loop {
            let frame = tokio::time::timeout_at(self.due(), self.body.frame()).await;
            let Some(frame) = frame.map_err(|_| StatusCode::REQUEST_TIMEOUT)? else {
                return Ok(None);
            };
            if let Ok(data) = frame.map_err(|_| StatusCode::BAD_REQUEST)?.into_data() {
                self.received += data.len() as u64;
                return Ok(Some(data));
            }
        }
    }
}

async fn pump<B>(
    body: B,
    mut decoder: Decoder,
    mut sink: Sink<'_>,
    limits: &Limits,
    places: &Semaphore,
) -> Result<Args, StatusCode>
where
    B: Body<Data = Bytes> + Unpin,
{
    let mut total = 0u64;
    let mut stream = Punctual::new(body, limits);
    let mut place = None;
    while let Some(data) = stream.next().await? {
        for chunk in data.chunks(decoder.step_bytes()) {
            // Others get their turn: what comes of a step may be long, and a frame has many.
            tokio::task::yield_now().await;
            let plain = decoder.push(chunk)?;
            total += plain.len() as u64;
            if total > limits.body_bytes_max {
                return Err(StatusCode::PAYLOAD_TOO_LARGE);
            }
            sink.push(&plain)?;
            if place.is_none() && sink.text_bytes() > limits.large_text_bytes_min {
                let waiting = tokio::time::timeout_at(stream.due(), places.acquire());
                let waited = waiting.await.map_err(|_| StatusCode::REQUEST_TIMEOUT)?;
                place = Some(waited.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?);
            }
        }
    }
    sink.push(&decoder.finish()?)?;
    sink.finish()
}

/// Undoes `Content-Encoding`.
enum Decoder {
    Plain,
    Gzip(GzDecoder<Vec<u8>>),
    Deflate(ZlibDecoder<Vec<u8>>),
}

impl Decoder {
    fn new(encoding: &str) -> Result<Self, StatusCode> {
        match encoding.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Ok(Self::Plain),
            "gzip" | "x-gzip" => Ok(Self::Gzip(GzDecoder::new(Vec::new()))),
            "deflate" => Ok(Self::Deflate(ZlibDecoder::new(Vec::new()))),
            _ => Err(StatusCode::UNSUPPORTED_MEDIA_TYPE),
        }
    }

    /// How much to push at once. Small steps bound what a compressed body unfolds into, before it is
    /// asked whether there is room: a thousand times as much at most.
    const fn step_bytes(&self) -> usize {
        match self {
            Self::Plain => 16 << 10,
            Self::Gzip(_) | Self::Deflate(_) => 256,
        }
    }

    fn push(&mut self, chunk: &[u8]) -> Result<Vec<u8>, StatusCode> {
        let written = match self {
            Self::Plain => return Ok(chunk.to_vec()),
            Self::Gzip(decoder) => {
                decoder.write_all(chunk).map(|()| std::mem::take(decoder.get_mut()))
            }
            Self::Deflate(decoder) => {
                decoder.write_all(chunk).map(|()| std::mem::take(decoder.get_mut()))
            }
        };
        written.map_err(|_| StatusCode::BAD_REQUEST)
    }

    fn finish(self) -> Result<Vec<u8>, StatusCode> {
        match self {
            Self::Plain => Ok(Vec::new()),
            Self::Gzip(decoder) => decoder.finish().map_err(|_| StatusCode::BAD_REQUEST),
            Self::Deflate(decoder) => decoder.finish().map_err(|_| StatusCode::BAD_REQUEST),
        }
    }
}

/// Where decoded bytes go.
struct Sink<'a> {
    args: Args,
    limits: &'a Limits,
    spool: &'a Path,
    kind: Kind,
}

enum Kind {
    Urlencoded(Vec<u8>),
    Json(Vec<u8>),
    Form(Box<Multipart>, Option<Part>),
    /// Of a type we do not read.
    Ignored,
}

/// The part of a form that is being received.
enum Part {
    Text(Headers, Vec<u8>),
    File(Headers, NamedTempFile, u64),
}

impl<'a> Sink<'a> {
    fn new(
        content_type: &str,
        spool: &'a Path,
        limits: &'a Limits,
        args: Args,
    ) -> Result<Self, StatusCode> {
        let kind = match media_type(content_type).as_str() {
            "application/x-www-form-urlencoded" => Kind::Urlencoded(Vec::new()),
            "application/json" => Kind::Json(Vec::new()),
            "multipart/form-data" => {
                let form = Multipart::new(content_type).map_err(|_| StatusCode::BAD_REQUEST)?;
                Kind::Form(Box::new(form), None)
            }
            _ => Kind::Ignored,
        };
        Ok(Self { args, limits, spool, kind })
    }

    /// Text that is held until its end has come.
    fn text_bytes(&self) -> usize {
        match &self.kind {
            Kind::Urlencoded(text) | Kind::Json(text) => text.len(),
            Kind::Form(..) | Kind::Ignored => 0,
        }
    }

    fn push(&mut self, bytes: &[u8]) -> Result<(), StatusCode> {
        match &mut self.kind {
            Kind::Ignored => Ok(()),
            Kind::Urlencoded(text) | Kind::Json(text) => {
                text.extend_from_slice(bytes);
                let fits = text.len() <= self.limits.text_body_bytes_max;
                fits.then_some(()).ok_or(StatusCode::PAYLOAD_TOO_LARGE)
            }
            Kind::Form(form, _) => {
                let pieces = form.push(bytes).map_err(|_| StatusCode::BAD_REQUEST)?;
                pieces.into_iter().try_for_each(|piece| self.piece(piece))
            }
        }
    }

    fn piece(&mut self, piece: Piece) -> Result<(), StatusCode> {
        let Kind::Form(_, current) = &mut self.kind else { return Ok(()) };
        match (piece, current) {
            (Piece::Part(headers), current) => {
                *current = Some(Part::open(headers, self.spool, self.args.files(), self.limits)?);
            }
            (Piece::Content(bytes), Some(part)) => part.push(&bytes, self.limits)?,
            (Piece::End, current @ Some(_)) => {
                if let Some(part) = current.take() {
                    part.close(&mut self.args, self.limits)?;
                }
            }
            (Piece::Content(_) | Piece::End, None) => {}
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Args, StatusCode> {
        let bytes_max = self.limits.params_bytes_max;
        match self.kind {
            Kind::Ignored => {}
            Kind::Urlencoded(text) => urlencoded(&mut self.args, &text, bytes_max)?,
            Kind::Json(text) => json(&mut self.args, &text, bytes_max)?,
            Kind::Form(form, _) if form.is_complete() => {}
            Kind::Form(..) => return Err(StatusCode::BAD_REQUEST),
        }
        Ok(self.args)
    }
}

impl Part {
    fn open(
        headers: Headers,
        spool: &Path,
        files: usize,
        limits: &Limits,
    ) -> Result<Self, StatusCode> {
        if headers.file_name.is_none() {
            return Ok(Self::Text(headers, Vec::new()));
        }
        if files >= limits.files_max {
            return Err(StatusCode::PAYLOAD_TOO_LARGE);
        }
        let file = NamedTempFile::new_in(spool).map_err(|error| {
            tracing::error!(%error, "cannot spool an upload");
            StatusCode::INTERNAL_SERVER_ERROR
        })?;
        Ok(Self::File(headers, file, 0))
    }

    fn push(&mut self, bytes: &[u8], limits: &Limits) -> Result<(), StatusCode> {
        match self {
            Self::Text(_, text) => {
                text.extend_from_slice(bytes);
                let fits = text.len() <= limits.params_bytes_max;
                fits.then_some(()).ok_or(StatusCode::PAYLOAD_TOO_LARGE)
            }
            Self::File(_, file, size) => {
                *size += bytes.len() as u64;
                if *size > limits.file_bytes_max {
                    return Err(StatusCode::PAYLOAD_TOO_LARGE);
                }
                file.write_all(bytes).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }

    fn close(self, args: &mut Args, limits: &Limits) -> Result<(), StatusCode> {
        match self {
            Self::Text(headers, text)
                if headers.content_type == "application/x-www-form-urlencoded" =>
            {
                urlencoded(args, &text, limits.params_bytes_max)
            }
            Self::Text(headers, text) => {
                args.push(headers.field, text);
                within(args, limits.params_bytes_max)
            }
            Self::File(headers, file, size) => {
                let name = headers.file_name.unwrap_or_default();
                args.push_file(Upload::new(headers.field, name, size, file.into_temp_path()));
                Ok(())
            }
        }
    }
}

/// Whether the arguments so far cost no more than they may.
fn within(args: &Args, bytes_max: usize) -> Result<(), StatusCode> {
    if args.bytes() > bytes_max { Err(StatusCode::PAYLOAD_TOO_LARGE) } else { Ok(()) }
}

/// `a=b&c=d`, with `+` for a space.
///
/// # Errors
/// `PAYLOAD_TOO_LARGE` as soon as the arguments cost more than `bytes_max`.
pub(crate) fn urlencoded(args: &mut Args, text: &[u8], bytes_max: usize) -> Result<(), StatusCode> {
    for pair in text.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        let mut halves = pair.splitn(2, |byte| *byte == b'=');
        let mut half = || {
            let raw = halves.next().unwrap_or_default();
            let spaced: Vec<u8> = raw.iter().map(|b| if *b == b'+' { b' ' } else { *b }).collect();
            percent_encoding::percent_decode(&spaced).collect::<Vec<u8>>()
        };
        let name = String::from_utf8_lossy(&half()).into_owned();
        args.push(name, half());
        within(args, bytes_max)?;
    }
    Ok(())
}

/// The fields of an object: strings as their text, everything else as its JSON. None of them count if
/// what follows them is malformed.
///
/// # Errors
/// `PAYLOAD_TOO_LARGE` as soon as they cost more than `bytes_max`.
pub(crate) fn json(args: &mut Args, text: &[u8], bytes_max: usize) -> Result<(), StatusCode> {
    let mut fields = Args::default();
    let mut reader = serde_json::Deserializer::from_slice(text);
    let read = reader.deserialize_map(Fields { args: &mut fields, bytes_max });
    match read.and_then(|()| reader.end()) {
        Ok(()) => args.append(fields),
        Err(error) => {
            within(&fields, bytes_max)?;
            tracing::debug!(%error, "a JSON body is malformed");
        }
    }
    within(args, bytes_max)
}

/// Keeps the order and the repetitions that a map type would lose.
struct Fields<'a> {
    args: &'a mut Args,
    bytes_max: usize,
}

impl<'de> Visitor<'de> for Fields<'_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object of arguments")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((name, value)) = map.next_entry::<String, Box<RawValue>>()? {
            let raw = value.get();
            let text = serde_json::from_str::<String>(raw).unwrap_or_else(|_| raw.to_owned());
            self.args.push(name, text);
            within(self.args, self.bytes_max).map_err(A::Error::custom)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::Full;

    use super::*;

    async fn args(content_type: &str, encoding: &str, body: Vec<u8>) -> Result<Args, StatusCode> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, content_type.parse().unwrap());
        headers.insert(CONTENT_ENCODING, encoding.parse().unwrap());
        let spool = tempfile::tempdir().unwrap();
        let body = Full::new(Bytes::from(body));
        let (query, places) = (Some("a=query&sp=x+y%21"), Semaphore::new(1));
        read(query, &headers, body, spool.path(), &Limits::DEFAULT, &places).await
    }

    #[tokio::test]
    async fn the_query_shadows_the_body() {
        let args =
            args("application/json", "", br#"{"a":"body","b":"body"}"#.to_vec()).await.unwrap();
        assert_eq!(args.string("a").unwrap(), "query");
        assert_eq!(args.string("b").unwrap(), "body");
        assert_eq!(args.string("sp").unwrap(), "x y!");
    }

    #[tokio::test]
    async fn json_values_behave_like_form_text() {
        let body = br#"{"n":42,"t":true,"o":{"x":[1]},"z":null,"s":"\u0041"}"#;
        let args = args("application/json; charset=utf-8", "", body.to_vec()).await.unwrap();
        assert_eq!(args.integer("n"), 42);
        assert!(args.boolean("t"));
        assert_eq!(args.string("o").unwrap(), r#"{"x":[1]}"#);
        assert_eq!(args.string("z").unwrap(), "null");
        assert_eq!(args.string("s").unwrap(), "A");
    }

    #[tokio::test]
    async fn malformed_json_brings_no_arguments() {
        let args = args("application/json", "", br#"{"b":"x""#.to_vec()).await.unwrap();
        assert!(!args.has("b"));
    }

    #[tokio::test]
    async fn gzip_is_undone_and_other_encodings_are_refused() {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(b"b=zipped").unwrap();
        let body = encoder.finish().unwrap();
        let form = "application/x-www-form-urlencoded";
        let found = args(form, "gzip", body.clone()).await.unwrap();
        assert_eq!(found.string("b").unwrap(), "zipped");
        assert_eq!(args(form, "br", body).await.unwrap_err(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }

    #[tokio::test]
    async fn files_are_spooled_and_found_by_attachment() {
        let body = b"--B\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x.txt\"\r\n\r\n\
            content\r\n--B\r\nContent-Disposition: form-data; name=\"photo\"\r\n\r\n\
            attach://f\r\n--B--\r\n";
        let args = args("multipart/form-data; boundary=B", "", body.to_vec()).await.unwrap();
        let Some(crate::args::InputFile::Upload(upload)) = args.file("photo").unwrap() else {
            panic!("the attachment was sent along");
        };
        assert_eq!((upload.name.as_str(), upload.size), ("x.txt", 7));
    }

    /// A body that brings a piece every so often, for ever.
    fn trickle(piece: &'static [u8], pause: Duration) -> impl Body<Data = Bytes> + Unpin {
        let frames = futures_util::stream::unfold((), move |()| async move {
            tokio::time::sleep(pause).await;
            let frame = hyper::body::Frame::data(Bytes::from_static(piece));
            Some((Ok::<_, std::convert::Infallible>(frame), ()))
        });
        http_body_util::StreamBody::new(Box::pin(frames))
    }

    #[tokio::test(start_paused = true)]
    async fn much_text_waits_for_a_place() {
        let (spool, places) = (tempfile::tempdir().unwrap(), Semaphore::new(1));
        let limits = Limits { large_text_bytes_min: 100, ..Limits::DEFAULT };
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, "application/json".parse().unwrap());
        let bring = |len: usize| {
            let body = Full::new(Bytes::from(vec![b' '; len]));
            read(None, &headers, body, spool.path(), &limits, &places)
        };
        let taken = places.acquire().await.unwrap();
        assert!(bring(100).await.is_ok(), "little text needs no place");
        assert_eq!(bring(101).await.unwrap_err(), StatusCode::REQUEST_TIMEOUT);
        drop(taken);
        assert!(bring(101).await.is_ok());
        assert_eq!(places.available_permits(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_trickles_is_given_up() {
        let began = Instant::now();
        let slow = trickle(b"a", Duration::from_secs(1));
        let refused = skip(slow, &Limits::DEFAULT).await;
        assert_eq!(refused, Err(StatusCode::REQUEST_TIMEOUT));
        assert_eq!(began.elapsed().as_secs(), Limits::DEFAULT.body_grace.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn a_strangers_body_is_read_so_far_and_no_further() {
        let endless = trickle(&[b'a'; 64 << 10], Duration::from_millis(1));
        let refused = skip(endless, &Limits::DEFAULT).await;
        assert_eq!(refused, Err(StatusCode::PAYLOAD_TOO_LARGE));
        let short = Full::new(Bytes::from_static(b"short"));
        assert_eq!(skip(short, &Limits::DEFAULT).await, Ok(()));
    }

    #[tokio::test]
    async fn parameters_without_a_letter_in_them_are_counted_too() {
        let count = Limits::DEFAULT.params_bytes_max / 8;
        let form = "application/x-www-form-urlencoded";
        let refused = args(form, "", "=&".repeat(count).into_bytes()).await;
        assert_eq!(refused.unwrap_err(), StatusCode::PAYLOAD_TOO_LARGE);
        let fields = r#""":"","#.repeat(count);
        let object = format!("{{{fields}\"\":\"\"}}");
        let refused = args("application/json", "", object.into_bytes()).await;
        assert_eq!(refused.unwrap_err(), StatusCode::PAYLOAD_TOO_LARGE);
        let part = "--B\r\nContent-Disposition: form-data; name=\"\"\r\n\r\n\r\n";
        let refused =
            args("multipart/form-data; boundary=B", "", part.repeat(count).into_bytes()).await;
        assert_eq!(refused.unwrap_err(), StatusCode::PAYLOAD_TOO_LARGE);
    }

    #[tokio::test]
    async fn too_many_parameters_are_refused() {
        let body = format!("b={}", "x".repeat(Limits::DEFAULT.params_bytes_max));
        let refused = args("application/x-www-form-urlencoded", "", body.into_bytes()).await;
        assert_eq!(refused.unwrap_err(), StatusCode::PAYLOAD_TOO_LARGE);
    }
}
