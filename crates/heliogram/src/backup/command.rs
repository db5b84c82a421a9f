//! `heliogram backup` and `heliogram restore`.

use std::error::Error;
use std::path::Path;

use heliogram_dc::{Home, Server};
use serde_json::json;

use super::make::{Made, make};
use crate::cli::{Backup, Restore, Up};
use crate::control::{self, Request, Response};
use crate::settings::Settings;

/// Backs up the cloud that runs on a directory, or the directory where none does.
pub(crate) fn back_up(command: Backup) -> Result<(), Box<dyn Error>> {
    let data = &command.at.data;
    // The cloud may run in another directory than this command.
    let target = std::path::absolute(&command.target)?;
    let request = Request::Backup { target: target.clone(), keep: command.keep };
    let made = match control::ask(data, &request) {
        Some(answer) => match answer? {
            Response::Backup(made) => made,
            Response::Error(error) => return Err(error.into()),
            other => return Err(format!("unexpected answer {other:?}").into()),
        },
        None => make_offline(data, &target, command.keep)?,
    };
    if command.at.json {
        println!("{}", serde_json::to_string(&made)?);
    } else {
        println!("{}", target.join("states").join(&made.state).display());
        eprintln!(
            "{} rows, {} files, {} of them new ({} bytes)",
            made.rows, made.files, made.copied, made.copied_bytes
        );
    }
    Ok(())
}

fn make_offline(data: &Path, target: &Path, keep: Option<usize>) -> Result<Made, Box<dyn Error>> {
    // Opening would make a new cloud, and that is not what anybody wants to keep.
    if !data.join("rows").is_dir() {
        return Err(format!("there is no cloud in {}", data.display()).into());
    }
    let settings = Settings::decide(Up { data: Some(data.to_owned()), ..Up::default() })?;
    let home = Home::Directory { path: data.to_owned(), accept_loss: false };
    let server = Server::open(&home, settings.dc)?;
    Ok(make(&server, data, target, keep)?)
}

/// Restores a backup to an empty directory.
pub(crate) fn restore(command: Restore) -> Result<(), Box<dyn Error>> {
    let data = &command.at.data;
    let state = command.state.as_deref();
    let restored = super::restore::restore(&command.target, state, data, command.accept_loss)?;
    for lost in &restored.lost {
        eprintln!("lost: {lost}");
    }
    if command.at.json {
        println!(
            "{}",
            json!({
                "state": restored.state,
                "made": restored.made,
                "rows": restored.rows,
                "files": restored.files,
                "lost": restored.lost,
                "boxes": restored.boxes,
            })
        );
    } else {
        println!("{} is restored to {}", restored.state, data.display());
        eprintln!(
            "{} rows, {} files, {} accounts; clients that saw more will catch up anew",
            restored.rows, restored.files, restored.boxes
        );
    }
    Ok(())
}
