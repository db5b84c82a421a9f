//! The project's own tasks.

mod botapi;

fn main() -> std::io::Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["bot-import", package] => botapi::import(package.as_ref()),
        ["bot-generate"] => botapi::generate(),
        _ => Err(std::io::Error::other("tasks: bot-import <package folder>, bot-generate")),
    }
}
