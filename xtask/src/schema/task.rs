//! The `schema` task: import a layer, import the errors, verify offline.

use std::path::PathBuf;
use std::{fs, io};

use clap::Subcommand;
use heliogram_tlgen::history::History;
use heliogram_tlgen::merge::{self, Changes, Import};
use heliogram_tlgen::{check, parse};

use super::archive::Archive;
use super::source::{Form, Package};
use super::{errors, forms};

/// What can be done with schemas.
#[derive(Subcommand)]
pub(crate) enum Task {
    /// Merges the schema that a package carries into the history.
    Import {
        /// Name and version: `grammers-tl-types@0.11.0`.
        package: Package,
        /// Takes the service schema of MTProto instead.
        #[arg(long)]
        mtproto: bool,
    },
    /// Writes down which errors each method may give, and to whom it is open.
    ImportErrors {
        /// Name and version: `@mtcute/core@0.31.0`.
        package: Package,
    },
    /// Verifies the files in the tree, without any network.
    Check,
}

/// Runs one of them.
pub(crate) fn run(task: Task) -> io::Result<()> {
    match task {
        Task::Import { package, mtproto: false } => import(&package),
        Task::Import { package, mtproto: true } => import_mtproto(&package),
        Task::ImportErrors { package } => import_errors(&package),
        Task::Check => check_files(),
    }
}

fn import(package: &Package) -> io::Result<()> {
    let source = package.source()?;
    let archive = Archive::fetch(package, &source)?;
    let text = archive.read(source.api)?;
    let (layer, definitions) = match source.form {
        Form::Text => (forms::layer_comment(&text), forms::text(&text)?),
        Form::Template => {
            let objects = archive.read(source.layer.unwrap_or_default())?;
            (forms::layer_export(&objects), forms::template(&text)?)
        }
        Form::Json => {
            let (layer, definitions) = forms::json(&text)?;
            (Some(layer), definitions)
        }
    };
    let layer = layer.ok_or_else(|| io::Error::other("the package does not name its layer"))?;
    all_right(check::ids(&definitions))?;

    let mut history = read_history()?;
    let source = format!("{} {} {}", package.name, package.version, archive.sha256);
    let changes = merge::merge(&mut history, Import { layer, source, definitions })
        .map_err(io::Error::other)?;
    all_right(check::history(&history))?;
    fs::write(history_path(), history.to_string())?;
    report(layer, &changes);
    Ok(())
}

fn import_mtproto(package: &Package) -> io::Result<()> {
    let source = package.source()?;
    let file = source
        .mtproto
        .ok_or_else(|| io::Error::other(format!("{} has no service schema", package.name)))?;
    let archive = Archive::fetch(package, &source)?;
    let definitions = forms::text(&archive.read(file)?)?;
    all_right(check::ids(&definitions))?;
    let header = format!("// {} {} {}\n", package.name, package.version, archive.sha256);
    fs::write(mtproto_path(), header + &forms::service(&definitions))
}

fn import_errors(package: &Package) -> io::Result<()> {
    let source = package.source()?;
    let file = source
        .errors
        .ok_or_else(|| io::Error::other(format!("{} lists no errors", package.name)))?;
    let archive = Archive::fetch(package, &source)?;
    let text = errors::facts(&archive.read(file)?)?;
    let header = format!("# {} {} {}\n", package.name, package.version, archive.sha256);
    let path = errors_path();
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, header + &text)
}

fn check_files() -> io::Result<()> {
    let history = read_history()?;
    all_right(check::history(&history))?;
    let service = parse::schema(&fs::read_to_string(mtproto_path())?).map_err(io::Error::other)?;
    all_right(check::ids(&service))?;
    if history.to_string() != fs::read_to_string(history_path())? {
        return Err(io::Error::other("the history is not printed as the importer prints it"));
    }
    Ok(())
}

fn report(layer: u32, changes: &Changes) {
    let mut out = format!(
        "layer {layer}: {} definitions known before, {} new\n",
        changes.shared,
        changes.added.len()
    );
    for line in &changes.added {
        out.push_str(&format!("  + {line}\n"));
    }
    for line in &changes.widened {
        out.push_str(&format!("  ~ {line}\n"));
    }
    eprint!("{out}");
}

fn all_right(faults: Vec<String>) -> io::Result<()> {
    if faults.is_empty() { Ok(()) } else { Err(io::Error::other(faults.join("\n"))) }
}

fn read_history() -> io::Result<History> {
    match fs::read_to_string(history_path()) {
        Ok(text) => History::parse(&text).map_err(io::Error::other),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(History::default()),
        Err(error) => Err(error),
    }
}

fn history_path() -> PathBuf {
    crate::workspace().join("crates/tl/schema/history.tl")
}

fn mtproto_path() -> PathBuf {
    crate::workspace().join("crates/tl/schema/mtproto.tl")
}

fn errors_path() -> PathBuf {
    crate::workspace().join("crates/dc/schema/errors.txt")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_schemas_in_the_tree_verify() {
        if let Err(faults) = super::check_files() {
            panic!("{faults}");
        }
    }
}
