//! P16: a file goes out to sixteen clients at once, against one, from a server with one core.

use std::hint::black_box;

use bytes::Bytes;
use heliogram_tl::{self as tl, Encode as _, Function, types};

use super::cloud::{Cloud, introduction};
use super::wire::{Client, Login};
use crate::Trouble;
use crate::rounds::race;
use crate::row::{Bar, Outcome, Row, Unit};

const CLIENTS: u32 = 16;
/// A test number, and the code that it is always sent.
const PHONE: &str = "9996621234";
const CODE: &str = "22222";
/// The file: a whole part for each piece that is asked for.
const PART: usize = 512 << 10;

pub(super) fn rows() -> Result<Vec<Row>, Trouble> {
    let cloud = Cloud::in_memory()?;
    let (mut first, login) = cloud.greet()?;
    log_in(&mut first)?;
    let location = upload(&mut first)?;
    let row = |what, piece| {
        let request = tl::upload::GetFile {
            location: location.clone(),
            limit: i32::try_from(piece)?,
            ..Default::default()
        };
        compare(&cloud, &login, what, &request.to_bytes().into(), piece)
    };
    Ok(vec![
        row("16 downloads of 128 KB pieces, each byte", 128 << 10)?,
        row("16 downloads of 512 KB pieces, each byte", 512 << 10)?,
    ])
}

fn compare(
    cloud: &Cloud,
    login: &Login,
    what: &'static str,
    request: &Bytes,
    piece: usize,
) -> Result<Row, Trouble> {
    let mut clients = Vec::new();
    for number in 0..=CLIENTS {
        let mut client = Client::connect(cloud.address, 500 + number, Some(login.clone()))?;
        client.ask(&introduction(), 1)?;
        let answer = client.ask(request, 1)?;
        if answer.len() < piece {
            return Err(format!("a piece of {piece} bytes comes as {}", answer.len()).into());
        }
        client.acknowledge()?;
        clients.push(client);
    }
    let (alone, together) = clients.split_first_mut().ok_or("there are clients")?;
    let times =
        race(&mut [&mut || fetch(std::slice::from_mut(alone), request, piece), &mut || {
            fetch(together, request, piece)
        }]);
    let bytes = piece as f64;
    let each = |nanos: f64, clients: f64| Unit::PerSecond.of(bytes * clients * 1e9 / nanos);
    let clients = f64::from(CLIENTS);
    Ok(Row {
        target: "P16",
        what,
        outcome: Outcome::Measured {
            ours: each(times.nanos(1), clients),
            partner: "one download",
            theirs: each(times.nanos(0), 1.0),
            figure: Unit::Times.of(times.ratio(0, 1) * clients),
            bar: Bar::AtLeast(1.5),
        },
    })
}

/// Everybody asks for a piece and gets it.
fn fetch(clients: &mut [Client], request: &Bytes, piece: usize) {
    for client in clients.iter_mut() {
        client.put(request).expect("the cloud listens");
    }
    for client in clients {
        black_box(client.pass_over(piece).expect("the cloud answers"));
    }
}

fn log_in(client: &mut Client) -> Result<(), Trouble> {
    let sent = call(
        client,
        &tl::auth::SendCode {
            phone_number: PHONE.into(),
            api_id: 4,
            api_hash: "bench".into(),
            settings: types::CodeSettings::default().into(),
        },
    )?;
    let tl::auth::SentCode::SentCode(sent) = sent else { return Err("no code is sent".into()) };
    let hash = sent.phone_code_hash;
    call(
        client,
        &tl::auth::SignIn {
            phone_number: PHONE.into(),
            phone_code_hash: hash.clone(),
            phone_code: Some(CODE.into()),
            email_verification: None,
        },
    )?;
    let sign_up = tl::auth::SignUp {
        phone_number: PHONE.into(),
        phone_code_hash: hash,
        first_name: "Bench".into(),
        ..Default::default()
    };
    call(client, &sign_up).map(drop)
}

/// Puts one part of a file where it can be fetched from.
fn upload(client: &mut Client) -> Result<tl::InputFileLocation, Trouble> {
    let bytes = Bytes::from_iter((0..PART).map(|at| (at * at) as u8));
    call(client, &tl::upload::SaveFilePart { file_id: 1, file_part: 0, bytes })?;
    let file = types::InputFile { id: 1, parts: 1, name: "file".into(), md5_checksum: "".into() };
    let media = types::InputMediaUploadedDocument {
        file: file.into(),
        mime_type: "application/x-bench".into(),
        ..Default::default()
    };
    let peer = tl::InputPeer::InputPeerSelf;
    let media = call(
        client,
        &tl::messages::UploadMedia { peer, media: media.into(), ..Default::default() },
    )?;
    let tl::MessageMedia::MessageMediaDocument(media) = media else {
        return Err("the file is no document".into());
    };
    let Some(tl::Document::Document(document)) = media.document else {
        return Err("the document is gone".into());
    };
    let location = types::InputDocumentFileLocation {
        id: document.id,
        access_hash: document.access_hash,
        file_reference: document.file_reference.clone(),
        thumb_size: "".into(),
    };
    Ok(location.into())
}

fn call<F: Function>(client: &mut Client, request: &F) -> Result<F::Return, Trouble> {
    use heliogram_tl::Decode as _;
    let answer = client.ask(&request.to_bytes().into(), 1)?;
    Ok(F::Return::from_bytes(&answer.slice(12..))?)
}
