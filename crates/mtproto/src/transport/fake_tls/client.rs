//! The client's end of a fake TLS session.

use heliogram_crypto::{Random, constant_time_eq, x25519_public_key};
use heliogram_ids::Timestamp;

use super::{
    APPLICATION_DATA, CHANGE_CIPHER_SPEC, RANDOM_BYTES, RECORD_HEAD_BYTES, Records, digest,
    random_of, random_of_mut,
};
use crate::Fault;
use crate::transport::ProxySecret;

/// Says hello, checks the answer, then packs and unpacks.
#[derive(Debug)]
pub struct FakeTlsClient {
    stage: Stage,
    /// Whether the first data has been sent, in front of which stands one more record.
    has_spoken: bool,
}

#[derive(Debug)]
enum Stage {
    /// The answer is on its way.
    Waiting {
        secret: ProxySecret,
        random: [u8; RANDOM_BYTES],
        answer: Vec<u8>,
    },
    Open(Records),
}

impl FakeTlsClient {
    /// Appends the hello to `out`.
    pub fn start(
        secret: ProxySecret,
        domain: &str,
        now: Timestamp,
        rng: &mut dyn Random,
        out: &mut Vec<u8>,
    ) -> Self {
        let mut hello = write_hello(domain, rng);
        let mut random = digest(&secret, &[], &hello);
        if let Some(time) = random.last_chunk_mut() {
            let masked = u32::from_le_bytes(*time) ^ now.unix().cast_unsigned();
            *time = masked.to_le_bytes();
        }
        if let Some(slot) = random_of_mut(&mut hello) {
            *slot = random;
        }
        out.extend_from_slice(&hello);
        Self { stage: Stage::Waiting { secret, random, answer: Vec::new() }, has_spoken: false }
    }

    /// Takes received bytes; the content of records comes to the front of them, and its length
    /// back. Before the answer is complete there is none.
    ///
    /// # Errors
    /// The other side does not know the secret, or breaks the form.
    pub fn open(&mut self, bytes: &mut [u8]) -> Result<usize, Fault> {
        let (secret, random, answer) = match &mut self.stage {
            Stage::Open(records) => return records.open(bytes),
            Stage::Waiting { secret, random, answer } => (secret, random, answer),
        };
        answer.extend_from_slice(bytes);
        let Some(len) = answer_len(answer)? else { return Ok(0) };
        let (answer, surplus) = answer.split_at(len);
        let expected = digest(secret, random, answer);
        if !random_of(answer).is_some_and(|random| constant_time_eq(random, &expected)) {
            return Err(Fault::Protocol("the proxy does not know the secret"));
        }
        // The surplus came with the last piece, or the answer would have been whole before.
        let surplus_from = bytes.len().saturating_sub(surplus.len());
        bytes.copy_within(surplus_from.., 0);
        let mut records = Records::default();
        let opened = records.open(bytes.split_at_mut(surplus.len()).0)?;
        self.stage = Stage::Open(records);
        Ok(opened)
    }

    /// Whether the proxy has proved itself. Nothing may be sent before.
    pub fn is_open(&self) -> bool {
        matches!(self.stage, Stage::Open(_))
    }

    /// Appends a record around bytes from the front of `bytes`; gives how many.
    pub fn seal(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> usize {
        if !self.has_spoken {
            out.extend_from_slice(&CHANGE_CIPHER_SPEC);
            self.has_spoken = true;
        }
        Records::seal(bytes, out)
    }
}

/// Length of the three records of an answer, once all of it is there.
fn answer_len(answer: &[u8]) -> Result<Option<usize>, Fault> {
    let mut len = 0;
    for head in [&[0x16, 3, 3][..], &CHANGE_CIPHER_SPEC[..3], &APPLICATION_DATA[..]] {
        let rest = answer.get(len..).unwrap_or_default();
        let Some((found, size)) = rest.split_at_checked(head.len()) else { return Ok(None) };
        if found != head {
            return Err(Fault::Protocol("no answer of a TLS server"));
        }
        let Some(size) = size.first_chunk() else { return Ok(None) };
        len += RECORD_HEAD_BYTES + usize::from(u16::from_be_bytes(*size));
    }
    Ok((answer.len() >= len).then_some(len))
}

/// A hello of 517 bytes whose random is still zero. Browsers vary theirs; a network that judges
/// clients by that knows ours apart.
fn write_hello(domain: &str, rng: &mut dyn Random) -> Vec<u8> {
    let mut hello = vec![0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3];
    hello.resize(hello.len() + RANDOM_BYTES, 0);
    let mut random = || {
        let mut bytes = [0; 32];
        rng.fill(&mut bytes);
        bytes
    };
    hello.push(32);
    hello.extend_from_slice(&random());
    hello.extend_from_slice(&SUITES);
    let extensions_from = hello.len();
    hello.extend_from_slice(&[0, 0]);
    push_name(&mut hello, domain);
    hello.extend_from_slice(&EXTENSIONS);
    let key = x25519_public_key(random());
    hello.extend_from_slice(&[0, 51, 0, 38, 0, 36, 0, 29, 0, 32]);
    hello.extend_from_slice(&key);
    // Padding fills up what is left: its head takes four bytes.
    let padding_len = HELLO_BYTES.saturating_sub(hello.len() + 4);
    hello.extend_from_slice(&[0, 21]);
    push_len(&mut hello, padding_len);
    hello.resize(hello.len() + padding_len, 0);
    let extensions_len = hello.len() - extensions_from - 2;
    let len = u16::try_from(extensions_len).unwrap_or(u16::MAX).to_be_bytes();
    if let Some(slot) = hello.get_mut(extensions_from..extensions_from + 2) {
        slot.copy_from_slice(&len);
    }
    hello
}

fn push_name(hello: &mut Vec<u8>, domain: &str) {
    // Longer than any name that a secret can hold, so that the hello keeps its length.
    let name = domain.as_bytes().get(..domain.len().min(NAME_BYTES_MAX)).unwrap_or_default();
    hello.extend_from_slice(&[0, 0]);
    push_len(hello, name.len() + 5);
    push_len(hello, name.len() + 3);
    hello.push(0);
    push_len(hello, name.len());
    hello.extend_from_slice(name);
}

fn push_len(hello: &mut Vec<u8>, len: usize) {
    hello.extend_from_slice(&u16::try_from(len).unwrap_or(u16::MAX).to_be_bytes());
}

/// Length of a hello that is padded, which most are.
const HELLO_BYTES: usize = 517;

const NAME_BYTES_MAX: usize = 182;

/// Ciphers of TLS 1.3 and 1.2, and no compression.
const SUITES: [u8; 28] = [
    0, 24, 0x13, 1, 0x13, 2, 0x13, 3, 0xc0, 0x2b, 0xc0, 0x2f, 0xc0, 0x2c, 0xc0, 0x30, 0xcc, 0xa9,
    0xcc, 0xa8, 0, 0x9c, 0, 0x9d, 0, 0x2f, 1, 0,
];

/// Groups, point formats, signatures, h2 and HTTP/1.1, versions, key exchange modes.
const EXTENSIONS: [u8; 81] = [
    0, 10, 0, 8, 0, 6, 0, 29, 0, 23, 0, 24, 0, 11, 0, 2, 1, 0, 0, 13, 0, 18, 0, 16, 4, 3, 8, 4, 4,
    1, 5, 3, 8, 5, 5, 1, 8, 6, 6, 1, 0, 16, 0, 14, 0, 12, 2, b'h', b'2', 8, b'h', b't', b't', b'p',
    b'/', b'1', b'.', b'1', 0, 23, 0, 0, 0, 43, 0, 5, 4, 3, 4, 3, 3, 0, 45, 0, 2, 1, 1, 0, 35, 0,
    0,
];
