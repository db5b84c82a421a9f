//! The Bot API description: imported once per release into our own text form, and from there
//! generated into Rust.
//!
//! * `schema/<version>.schema` holds names, types and requiredness, nothing else;
//! * `schema/supplement.schema` holds what the official page leaves out: fields of old releases
//!   that bots still use, and names for anonymous sum types;
//! * `src/types/` and `src/params/` of the botapi crate are generated and committed.

mod emit;
mod emit_params;
mod emit_types;
mod import;
mod schema;
mod topics;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The release that the generated code describes.
const VERSION: &str = "10.3";

fn crate_folder() -> PathBuf {
    crate::workspace().join("crates/botapi")
}

/// Reads an unpacked description package and rewrites `schema/<version>.schema`.
pub(crate) fn import(package: &Path) -> io::Result<()> {
    let text = import::schema_of(package).map_err(io::Error::other)?;
    fs::write(crate_folder().join(format!("schema/{VERSION}.schema")), text)
}

/// Rewrites the generated files of the botapi crate.
pub(crate) fn generate() -> io::Result<()> {
    for (path, text) in rendered()? {
        fs::write(crate_folder().join("src").join(path), text)?;
    }
    Ok(())
}

/// Every generated file: its path below `src`, and its text.
fn rendered() -> io::Result<Vec<(String, String)>> {
    let folder = crate_folder().join("schema");
    let official = fs::read_to_string(folder.join(format!("{VERSION}.schema")))?;
    let supplement = fs::read_to_string(folder.join("supplement.schema"))?;
    let schema = schema::Schema::parse(&[&official, &supplement]).map_err(io::Error::other)?;
    let mut files = emit_types::files(&schema);
    files.extend(emit_params::files(&schema));
    files.into_iter().map(|(path, text)| Ok((path, emit::formatted(&text)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regenerating_changes_nothing() {
        for (path, text) in rendered().unwrap() {
            let committed = fs::read_to_string(crate_folder().join("src").join(&path)).unwrap();
            assert!(committed == text, "{path} is stale: run `cargo xtask bot-generate`");
        }
    }
}
