//! Work for strangers: handshakes that come to nothing.

use std::io;

use heliogram_crypto::{Random as _, pq};
use heliogram_net::OsRandom;
use heliogram_testkit::handshake;
use heliogram_tl::mtproto::{ReqDhParams, ReqPqMulti, types};
use heliogram_tl::{Bytes, Constructor as _, Encode as _, Reader};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::field::{Field, Source};
use crate::raider::{Raider, temporary};

/// `req_pq` after `req_pq` on connections that stay.
pub(super) async fn req_pq(field: Field) -> io::Result<()> {
    field
        .swarm(50, |field: Field, number| async move {
            let mut stream = field.dial(field.address, Source::of_many(number)).await?;
            stream.write_all(&TAG).await?;
            let many: Vec<u8> = (0..100)
                .flat_map(|_| frame(&ReqPqMulti { nonce: OsRandom.bytes() }.to_bytes()))
                .collect();
            let mut heard = vec![0; 1 << 16];
            while !field.is_over() {
                stream.write_all(&many).await?;
                (0..100).for_each(|_| field.tally.tried());
                if stream.read(&mut heard).await? == 0 {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                field.tally.got("read a while");
            }
            Ok(())
        })
        .await;
    Ok(())
}

/// Handshakes that stop after the first step, and after the second.
pub(super) async fn halves(field: Field) -> io::Result<()> {
    field
        .swarm(40, |field: Field, number| async move {
            let mut raider = Raider::knock(&field, Source::of_many(number)).await?;
            let steps = 1 + number % 2;
            field.tally.tried();
            raider.shake_half(handshake(field.key), steps).await?;
            field.tally.got(format!("went {steps} steps"));
            Ok(())
        })
        .await;
    Ok(())
}

/// The second question with the right factors, and 256 bytes of noise where the proof should be.
pub(super) async fn wrong_proofs(field: Field) -> io::Result<()> {
    let fingerprint = field.key.fingerprint();
    field
        .swarm(40, move |field: Field, number| async move {
            let mut stream = field.dial(field.address, Source::of_many(number)).await?;
            stream.write_all(&TAG).await?;
            while !field.is_over() {
                let first = ReqPqMulti { nonce: OsRandom.bytes() };
                stream.write_all(&frame(&first.to_bytes())).await?;
                let offer = read_offer(&mut stream).await?;
                let question = noise(&offer, fingerprint)?;
                field.tally.tried();
                stream.write_all(&frame(&question.to_bytes())).await?;
                match read_frame(&mut stream).await?.first_chunk() {
                    Some(code) => {
                        let code = i32::from_le_bytes(*code);
                        field.tally.got(format!("error {code}"));
                        if code == -429 {
                            // More of it on this connection would cost the server nothing.
                            return Ok(());
                        }
                    }
                    None => field.tally.got("nothing"),
                }
            }
            Ok(())
        })
        .await;
    Ok(())
}

/// Whole handshakes, one after the other.
pub(super) async fn new_keys(field: Field) -> io::Result<()> {
    field
        .swarm(40, |field: Field, number| async move {
            field.tally.tried();
            Raider::arrive(&field, Source::of_many(number)).await?;
            field.tally.got("a key");
            Ok(())
        })
        .await;
    Ok(())
}

/// The same for keys that live a day.
pub(super) async fn temporary_keys(field: Field) -> io::Result<()> {
    field
        .swarm(40, |field: Field, number| async move {
            field.tally.tried();
            let mut raider = Raider::knock(&field, Source::of_many(number)).await?;
            raider.agree(temporary(&field)).await?;
            field.tally.got("a temporary key");
            Ok(())
        })
        .await;
    Ok(())
}

/// The second question, as right as it can be without having encrypted anything.
fn noise(offer: &types::ResPq, fingerprint: i64) -> io::Result<ReqDhParams> {
    let number = offer.pq.iter().fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
    let (p, q) = pq::factor(number).ok_or(io::ErrorKind::InvalidData)?;
    let bytes = |number: u64| -> Bytes {
        number.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect::<Vec<_>>().into()
    };
    // Below the modulus, whatever that is.
    let mut encrypted_data = OsRandom.bytes::<256>().to_vec();
    encrypted_data[0] = 0;
    Ok(ReqDhParams {
        nonce: offer.nonce,
        server_nonce: offer.server_nonce,
        p: bytes(p),
        q: bytes(q),
        public_key_fingerprint: fingerprint,
        encrypted_data: encrypted_data.into(),
    })
}

async fn read_offer(stream: &mut TcpStream) -> io::Result<types::ResPq> {
    let invalid = || io::Error::from(io::ErrorKind::InvalidData);
    let payload = Bytes::from(read_frame(stream).await?);
    if payload.len() < PLAIN_HEAD_BYTES {
        return Err(invalid());
    }
    let body = payload.slice(PLAIN_HEAD_BYTES..);
    let mut reader = Reader::of(&body);
    reader.expect(types::ResPq::ID, "resPQ").map_err(|_| invalid())?;
    heliogram_tl::Bare::decode_bare(&mut reader).map_err(|_| invalid())
}

async fn read_frame(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let len =
        usize::try_from(stream.read_u32_le().await?).map_err(|_| io::ErrorKind::InvalidData)?;
    let mut payload = vec![0; len.min(1 << 16)];
    stream.read_exact(&mut payload).await?;
    Ok(payload)
}

/// A plain message in the intermediate framing.
fn frame(question: &[u8]) -> Vec<u8> {
    let len = u32::try_from(question.len()).unwrap_or(u32::MAX);
    let (whole, no_key, msg_id) = (len + PLAIN_HEAD_BYTES as u32, [0; 8], 4_i64.to_le_bytes());
    [&whole.to_le_bytes()[..], &no_key, &msg_id, &len.to_le_bytes(), question].concat()
}

/// No key, the number of the message, its length.
const PLAIN_HEAD_BYTES: usize = 20;

/// What opens a stream of that framing.
const TAG: [u8; 4] = [0xee; 4];
