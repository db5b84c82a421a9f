//! Damaged directories: each file of a real one, whatever it is, with a bit flipped in three places,
//! with its tail cut off, and gone. The server refuses with the file's name and what to do, or it
//! starts: then all is as it was, or the log says what is not. It never panics.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::house::{contents, copy, done, files, heliogram, person, say, send_file};
use heliogram_client::session::FileSession;
use heliogram_testkit::outside::Cloud;
use heliogram_testkit::soon;
use heliogram_tl as tl;

const ALICE: u32 = 1;
const BOB: u32 = 2;
const UPLOAD: i64 = 4711;
const PART: &[u8] = &[7; 3000];

/// What is done to a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Damage {
    /// One bit, that many hundredths of the way from the beginning to the end.
    Flip(u64),
    Cut,
    Gone,
}

const DAMAGES: [Damage; 5] =
    [Damage::Flip(0), Damage::Flip(50), Damage::Flip(100), Damage::Cut, Damage::Gone];

impl Damage {
    /// Damages a file; false if that changes nothing.
    fn strike(self, path: &Path) -> bool {
        let mut bytes = fs::read(path).expect("the file is there");
        match self {
            Self::Gone => return fs::remove_file(path).is_ok(),
            _ if bytes.is_empty() => return false,
            Self::Cut => bytes.truncate(bytes.len() - bytes.len().div_ceil(4)),
            Self::Flip(share) => {
                let at = (bytes.len() as u64 - 1) * share / 100;
                bytes[usize::try_from(at).expect("files are small")] ^= 0x10;
            }
        }
        fs::write(path, bytes).expect("the file can be written");
        true
    }
}

/// A directory with something of everything, and what its people see in it.
struct Pristine {
    home: tempfile::TempDir,
    token: String,
    seen: Seen,
}

/// What somebody can see from outside.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Seen {
    alice: Result<Vec<(i32, String, Vec<u8>)>, String>,
    bob: Result<Vec<(i32, String, Vec<u8>)>, String>,
    upload: Result<(), String>,
    updates: String,
    webhook: String,
}

async fn pristine() -> Pristine {
    let home = tempfile::tempdir().expect("a directory");
    let live = home.path().join("live");
    let cloud = Cloud::start_in(heliogram(), &live, &["--local"]).expect("it starts");
    let session = |name| FileSession::open(home.path().join(name)).expect("a session");
    let alice = person(&cloud, ALICE, session("alice.session")).await;
    let bob = person(&cloud, BOB, session("bob.session")).await;
    for number in 0..5 {
        say(&alice, BOB, &format!("message {number}")).await;
        say(&bob, ALICE, &format!("answer {number}")).await;
    }
    send_file(&alice, BOB, 100_000).await;
    let part =
        tl::upload::SaveFilePart { file_id: UPLOAD, file_part: 0, bytes: PART.to_vec().into() };
    soon("a part", alice.invoke(&part)).await.expect("the part is taken");
    let token = done(
        &["bot", "new", "--name", "B", "--username", "house_bot", "--owner", "+9996610001"],
        &live,
    );
    // Its session and queue come to be with its first request, and one update waits.
    let hooked = done(
        &["bot", "new", "--name", "H", "--username", "hooked_bot", "--owner", "+9996610001"],
        &live,
    );
    assert!(http(&cloud, &token, "getUpdates").contains("\"ok\":true"));
    // Somebody has to be there for the webhook to be taken; later nobody is.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("it is bound").port();
    let set = http(&cloud, &hooked, &format!("setWebhook?url=http://127.0.0.1:{port}/hook"));
    assert!(set.contains("\"ok\":true"), "{set}");
    let to_bot = async { alice.send_message("house_bot", "hello, bot").await };
    soon("a message to the bot", to_bot).await.expect("it is sent");
    while !http(&cloud, &token, "getUpdates").contains("hello, bot") {}
    let token = format!("{token} {hooked}");
    alice.shutdown().await.expect("the session is written");
    bob.shutdown().await.expect("the session is written");
    drop(cloud);
    shorten_journals(&live);
    let mut pristine = Pristine { home, token, seen: Seen::nothing() };
    let (seen, log) = pristine.look_after(|_| true).await.expect("it is whole");
    assert!(seen.alice.as_ref().is_ok_and(|all| all.len() == 11), "{seen:?}");
    assert_eq!(seen.upload, Ok(()));
    assert!(seen.updates.contains("hello, bot") && seen.webhook.contains("/hook"), "{seen:?}");
    assert!(!log.contains("ERROR"), "{log}");
    pristine.seen = seen;
    pristine
}

/// Journals are 64 megabytes of zeros for the most part; half a thousand copies need not be.
fn shorten_journals(data: &Path) {
    for path in files(data).into_iter().filter(|path| path.extension().is_some_and(|e| e == "jnl"))
    {
        let path = data.join(path);
        let bytes = fs::read(&path).expect("the journal can be read");
        let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        fs::write(&path, &bytes[..end]).expect("the journal can be written");
    }
}

impl Seen {
    fn nothing() -> Self {
        let empty = String::new;
        Self {
            alice: Err(empty()),
            bob: Err(empty()),
            upload: Err(empty()),
            updates: empty(),
            webhook: empty(),
        }
    }
}

impl Pristine {
    /// Starts a server on a damaged copy; what is seen and logged then, or why it is refused.
    async fn look_after(
        &self,
        damage: impl FnOnce(&Path) -> bool,
    ) -> Result<(Seen, String), String> {
        let home = tempfile::tempdir().expect("a directory");
        copy(self.home.path(), home.path());
        let live = home.path().join("live");
        if !damage(&live) {
            return Ok((self.seen.clone(), String::new()));
        }
        let _ = fs::remove_file(home.path().join("live.log"));
        let cloud = Cloud::start_or_refused(heliogram(), &live, &["--local"]);
        let cloud = cloud.expect("the binary is there")?;
        let session = |name| FileSession::open(home.path().join(name)).expect("a session");
        let alice = person(&cloud, ALICE, session("alice.session")).await;
        let bob = person(&cloud, BOB, session("bob.session")).await;
        let upload = finish_upload(&alice).await;
        let (token, hooked) = self.token.split_once(' ').expect("two bots were made");
        let mut seen = Seen {
            alice: soon("a chat", contents(&alice, BOB)).await,
            bob: soon("a chat", contents(&bob, ALICE)).await,
            upload,
            updates: http(&cloud, token, "getUpdates"),
            webhook: http(&cloud, hooked, "getWebhookInfo"),
        };
        // Whether it has been delivered to in the meantime is no matter here.
        seen.webhook = seen.webhook.split(",\"last_error").next().unwrap_or_default().to_owned();
        let log = cloud.log().expect("there is a log");
        Ok((seen, log))
    }
}

/// Sends the file whose first part is there; to oneself, where nobody looks.
async fn finish_upload(alice: &heliogram_client::Client) -> Result<(), String> {
    let file = tl::types::InputFile { id: UPLOAD, parts: 1, ..tl::types::InputFile::default() };
    let sending = async { alice.send_document("me", file.into(), "text/plain").await };
    match soon("the upload", sending).await {
        Ok(_) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}

/// Asks the Bot API; its answer's body.
fn http(cloud: &Cloud, token: &str, method: &str) -> String {
    let mut stream = TcpStream::connect(cloud.bot_api()).expect("the Bot API is there");
    let request =
        format!("GET /bot{token}/{method} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("it can be asked");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    answer.split_once("\r\n\r\n").map_or_else(|| answer.clone(), |(_, body)| body.to_owned())
}

/// Files that hold nothing but who has the directory.
fn is_lock(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    name == "lock" || name.ends_with(".lock")
}

/// Whether a text speaks of a file: by its name, or by that of its folder.
fn names(text: &str, path: &Path) -> bool {
    let all = path.components().filter_map(|part| part.as_os_str().to_str());
    let parts: Vec<&str> = all.collect();
    let (name, folder) = (parts.last(), parts.len().checked_sub(2).and_then(|at| parts.get(at)));
    // A blob is named by its whole hash, in two parts as a path.
    let hash = folder.zip(name).map(|(folder, name)| format!("{folder}{name}"));
    name.is_some_and(|name| text.contains(name.trim_end_matches(".parts")))
        || hash.is_some_and(|hash| text.contains(&hash))
        || parts.starts_with(&["rows"]) && text.contains("rows/")
}

async fn check(pristine: &Pristine, path: &Path, damage: Damage) -> Result<&'static str, String> {
    match pristine.look_after(|live| damage.strike(&live.join(path))).await {
        Err(text) => {
            if text.contains("panicked") {
                return Err(format!("a panic: {text}"));
            }
            let has_remedy = text.contains("restore") || text.contains("--accept-loss");
            let is_told = names(&text, path) || text.contains("commit");
            (has_remedy && is_told).then_some("refused").ok_or_else(|| format!("refused by {text}"))
        }
        Ok((_, log)) if log.contains("panicked") => Err(format!("a panic: {log}")),
        Ok((seen, _)) if seen == pristine.seen => Ok("whole"),
        Ok((seen, log)) => {
            let complaint = |line: &&str| line.contains("ERROR") || line.contains("WARN");
            let told = log.lines().filter(complaint).any(|line| names(line, path));
            let (was, is) = (&pristine.seen, &seen);
            told.then_some("told").ok_or_else(|| format!("not told of:\n{was:?}\n{is:?}\n{log}"))
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_damage_passes_in_silence() {
    let pristine = pristine().await;
    let live = pristine.home.path().join("live");
    let mut cases: Vec<(PathBuf, Damage)> = Vec::new();
    for path in files(&live).into_iter().filter(|path| !is_lock(path)) {
        cases.extend(DAMAGES.map(|damage| (path.clone(), damage)));
    }
    let next = AtomicUsize::new(0);
    let (faults, outcomes) = (std::sync::Mutex::new(Vec::new()), std::sync::Mutex::new(Vec::new()));
    let work = || async {
        while let Some((path, damage)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
            match check(&pristine, path, *damage).await {
                Ok(outcome) => outcomes.lock().expect("no panics").push((path, damage, outcome)),
                Err(fault) => {
                    faults.lock().expect("no panics").push(format!("{path:?} {damage:?}: {fault}"));
                }
            }
        }
    };
    tokio::join!(work(), work(), work());
    let outcomes = outcomes.into_inner().expect("no panics");
    for (path, damage, outcome) in &outcomes {
        println!("{outcome:8} {damage:?} {}", path.display());
    }
    let faults = faults.into_inner().expect("no panics");
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    // A test that damages nothing would find nothing.
    assert!(outcomes.iter().any(|(.., outcome)| *outcome == "refused"));
    assert!(outcomes.iter().any(|(.., outcome)| *outcome == "told"));
}
