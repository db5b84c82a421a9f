//! P15: a file over one connection, against what cannot be left out: to read a part, to seal it, to
//! disguise it and to send it, each measured alone in the same turns.

use std::fs::File;
use std::hint::black_box;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::thread;

use bytes::Bytes;
use heliogram_client::FileRef;
use heliogram_crypto::batch::{self, Unsealed};
use heliogram_crypto::{AesCtr, AuthKey, Random as _, SeededRandom, Side};
use heliogram_mtproto::link::{ClientTransport, Disguise};
use heliogram_mtproto::transport::Framing;
use heliogram_tl::{self as tl, Encode as _};

use super::cloud::{CODE, Cloud, DC};
use super::upload;
use super::wire::Client;
use crate::rounds::race;
use crate::row::{Bar, Outcome, Row, Unit};
use crate::{Trouble, place};

const PART: usize = 512 << 10;
const PARTS: usize = 8;
/// Parts that are asked for ahead, as clients do.
const AHEAD: usize = 4;

pub(super) fn rows() -> Result<Vec<Row>, Trouble> {
    let dir = place::scratch()?;
    let cloud = Cloud::at(&dir.path().join("cloud"))?;
    let person = cloud.person(1)?;
    let content = upload::content(PARTS * PART);
    let file = upload::to_oneself(&cloud, &person, &content)?;
    let disguise =
        Disguise::new(Framing::Intermediate, DC as i16, None).ok_or("it is obfuscable")?;
    let transport = ClientTransport::Obfuscated(disguise);
    let (mut client, _) =
        cloud.introduce(Client::connect_by(transport, cloud.address, 1, None)?)?;
    client.log_in(&person.phone, CODE)?;
    if fetch(&mut client, &file)?.concat() != content {
        return Err("another file came back".into());
    }

    let mut limit = Limit::start(dir.path())?;
    let times = limit.race(&mut || {
        black_box(fetch(&mut client, &file).expect("the file is there"));
    });
    let sum = 5;
    let each = times.nanos(0) / PARTS as f64;
    Ok(vec![Row {
        target: "P15",
        what: "file download, one connection, each 512 KB",
        outcome: Outcome::Measured {
            ours: Unit::Nanos.of(each),
            partner: "read + seal + CTR + send",
            theirs: Unit::Nanos.of(times.nanos(sum)),
            figure: Unit::Share.of(PARTS as f64 * times.ratio(sum, 0)),
            bar: Bar::AtLeast(0.6),
        },
    }])
}

/// Downloads all parts, the next ones asked for before the first has come.
fn fetch(client: &mut Client, file: &FileRef) -> Result<Vec<Bytes>, Trouble> {
    let ask = |part: usize| {
        let request = tl::upload::GetFile {
            precise: false,
            cdn_supported: false,
            location: file.location.clone(),
            offset: (part * PART) as i64,
            limit: PART as i32,
        };
        Bytes::from(request.to_bytes())
    };
    for part in 0..AHEAD {
        client.queue(ask(part))?;
    }
    let mut parts = Vec::with_capacity(PARTS);
    let mut asked = AHEAD;
    while parts.len() < PARTS {
        client.hear(&mut |answer| parts.push(answer.slice(HEAD..)))?;
        while asked < PARTS && asked < parts.len() + AHEAD {
            client.queue(ask(asked))?;
            asked += 1;
        }
    }
    Ok(parts)
}

/// In front of a part's bytes: `rpc_result`, the request, `upload.file`, its type and time, the length
/// of what follows.
const HEAD: usize = 4 + 8 + 4 + 4 + 4 + 4;

/// Each piece of the work alone, a part at a time.
struct Limit {
    file: File,
    socket: TcpStream,
    part: Vec<u8>,
    key: AuthKey,
    stream: AesCtr,
}

impl Limit {
    fn start(dir: &Path) -> Result<Self, Trouble> {
        let path = dir.join("part");
        std::fs::write(&path, vec![7; PART])?;
        let mut rng = SeededRandom::new(8);
        let (key, iv): ([u8; 32], [u8; 16]) = (rng.bytes(), rng.bytes());
        Ok(Self {
            file: File::open(path)?,
            socket: drain()?,
            part: vec![0; PART],
            key: AuthKey::new(rng.bytes()),
            stream: AesCtr::new(&key, &iv),
        })
    }

    /// The first contestant is `ours`, the sixth all of the others together.
    fn race(&mut self, ours: &mut dyn FnMut()) -> crate::rounds::Times {
        let Self { file, socket, part, key, stream } = self;
        let (mut sealed, mut disguised, sent) = (part.clone(), part.clone(), part.clone());
        let times = race(&mut [
            ours,
            &mut || {
                file.seek(SeekFrom::Start(0)).expect("a file can be rewound");
                file.read_exact(part).expect("the part is there");
            },
            &mut || {
                let data = sealed.as_mut_slice();
                black_box(batch::seal_v2(&mut [Unsealed { key, from: Side::Server, data }]));
            },
            &mut || stream.apply(black_box(&mut disguised)),
            &mut || socket.write_all(&sent).expect("somebody reads"),
        ]);
        times.with_sum_of(&[1, 2, 3, 4])
    }
}

/// A socket at whose other end somebody reads and forgets.
fn drain() -> Result<TcpStream, Trouble> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let socket = TcpStream::connect(listener.local_addr()?)?;
    let (mut other, _) = listener.accept()?;
    thread::spawn(move || {
        let mut buffer = vec![0; PART];
        while other.read(&mut buffer).is_ok_and(|len| len > 0) {}
    });
    Ok(socket)
}
