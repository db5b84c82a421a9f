//! A small cloud with something of everything in it, for tests of what becomes of its directory.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use heliogram_client::session::SessionStore;
use heliogram_client::{Client, FileRef, LoginStep};
use heliogram_testkit::outside::Cloud;
use heliogram_testkit::soon;
use heliogram_tl as tl;

/// The binary that is tested.
pub(crate) fn heliogram() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_heliogram"))
}

/// Runs a command of it on a directory.
pub(crate) fn run(arguments: &[&str], data: &Path) -> Output {
    let mut command = Command::new(heliogram());
    command.args(arguments).arg("--data").arg(data);
    command.output().expect("the binary is there")
}

/// Runs a command of it that has to succeed; what it printed.
#[track_caller]
pub(crate) fn done(arguments: &[&str], data: &Path) -> String {
    let output = run(arguments, data);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{arguments:?}: {said}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Logs in the person with a test number, and makes their account if there is none.
pub(crate) async fn person(cloud: &Cloud, number: u32, session: impl SessionStore) -> Client {
    let client = cloud.client().session(session).connect().await.expect("the server is there");
    if client.login().is_some() {
        return client;
    }
    let step = soon("a code", client.login_phone(&phone(number))).await.expect("a good number");
    let LoginStep::Code(code) = step else { panic!("no code is asked for: {step:?}") };
    match soon("a login", code.submit("11111")).await.expect("the code is good") {
        LoginStep::Done(_) => {}
        LoginStep::SignUp(sign_up) => {
            soon("an account", sign_up.submit("House", "")).await.expect("a good name");
            let request = tl::account::UpdateUsername { username: username(number).into() };
            soon("a name", client.invoke(&request)).await.expect("the name is free");
        }
        step => panic!("more is asked for: {step:?}"),
    }
    client
}

pub(crate) fn phone(number: u32) -> String {
    format!("+999661{number:04}")
}

pub(crate) fn username(number: u32) -> String {
    format!("house_{number:04}")
}

/// What a chat holds, oldest first: texts, and the bytes of files.
pub(crate) async fn contents(
    client: &Client,
    with: u32,
) -> Result<Vec<(i32, String, Vec<u8>)>, String> {
    let page = client.history(username(with).as_str(), None, 100).await;
    let page = page.map_err(|error| error.to_string())?;
    let mut contents = Vec::new();
    for message in page.messages.iter().rev() {
        let tl::Message::Message(message) = message else { continue };
        let mut bytes = Vec::new();
        if let Some(file) = message.media.as_ref().and_then(FileRef::of_media) {
            let reading = client.download_file(&file).write_to(&mut bytes).await;
            reading.map_err(|error| error.to_string())?;
        }
        contents.push((message.id, message.message.to_string(), bytes));
    }
    Ok(contents)
}

/// Sends a file of `len` bytes.
pub(crate) async fn send_file(client: &Client, to: u32, len: usize) {
    let bytes: Vec<u8> = (0..len).map(|at| (at * 7 % 251) as u8).collect();
    let file = client.upload(&bytes[..], Some(len as u64), "file.bin").run();
    let file = soon("an upload", file).await.expect("the file is taken");
    let document = client.send_document(username(to).as_str(), file, "application/octet-stream");
    soon("a file", async { document.caption("a file").await }).await.expect("the file is sent");
}

pub(crate) async fn say(client: &Client, to: u32, text: &str) {
    let sending = async { client.send_message(username(to).as_str(), text).await };
    soon("a message", sending).await.expect("the message is taken");
}

/// Copies a directory; sockets are left behind.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("a directory") {
        let entry = entry.expect("an entry");
        let (kind, target) = (entry.file_type().expect("a kind"), to.join(entry.file_name()));
        if kind.is_dir() {
            copy(&entry.path(), &target);
        } else if kind.is_file() {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

/// Every file below a directory, by its path in it.
pub(crate) fn files(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.is_file() {
                files.push(path.strip_prefix(dir).expect("it is below").to_owned());
            }
        }
    }
    files.sort();
    files
}
