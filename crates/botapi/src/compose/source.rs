//! Where a file comes from: known to the data centre, or uploaded now.

use std::path::{Path, PathBuf};

use heliogram_tl as tl;

use super::fetch::fetch;
use crate::account::{self, Account};
use crate::args::InputFile;
use crate::bots::Bot;
use crate::error::ApiError;
use crate::file_id::{FileRef, FileType};

/// A file that can be sent.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Source {
    /// The data centre has it.
    Known(FileRef),
    /// It was uploaded just now.
    Fresh(Fresh),
}

/// A file that was uploaded just now.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fresh {
    pub(crate) file: tl::InputFile,
    pub(crate) name: String,
    /// What the source said that it is.
    pub(crate) mime_type: Option<String>,
}

/// Finds or uploads the file that a bot names, to be sent as `wanted`.
///
/// # Errors
/// `wrong remote file identifier specified: …`, `can't use file of type X as Y`, `file must be
/// non-empty`, and those of fetching an address.
pub(crate) async fn source(
    bot: &Bot,
    file: &InputFile,
    wanted: FileType,
) -> Result<Source, ApiError> {
    let account = bot.account()?;
    let text = match file {
        InputFile::Upload(spooled) => {
            let name = spooled.name.clone();
            return fresh(account, spooled.path(), spooled.size, name, None).await;
        }
        InputFile::Text(text) => text.trim(),
    };
    if let Some(path) = local_path(bot, text)? {
        let size = std::fs::metadata(&path).map(|found| found.len()).unwrap_or_default();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        return fresh(account, &path, size, name.unwrap_or_default(), None).await;
    }
    // An id of ours never has a dot, and an address always does.
    if text.contains('.') {
        let options = bot.options();
        let limit = options.limits.url_bytes_max;
        let limit = if wanted == FileType::Photo { limit / 4 } else { limit };
        let found = fetch(text, &options.temp_dir, options.local, limit).await?;
        let name = if found.name.is_empty() { "file".to_owned() } else { found.name };
        return fresh(account, &found.path, found.size, name, found.mime_type).await;
    }
    known(text, wanted).map(Source::Known)
}

fn known(text: &str, wanted: FileType) -> Result<FileRef, ApiError> {
    if text.is_empty() {
        return Err(ApiError::bad_request("remote file identifier must be non-empty"));
    }
    let found = FileRef::decode(text).map_err(|error| {
        ApiError::bad_request(format!("wrong remote file identifier specified: {error}"))
    })?;
    if !found.file_type.fits(wanted) {
        let text =
            format!("can't use file of type {} as {}", found.file_type.name(), wanted.name());
        return Err(ApiError::bad_request(text));
    }
    Ok(found)
}

async fn fresh(
    account: &Account,
    path: &Path,
    size: u64,
    name: String,
    mime_type: Option<String>,
) -> Result<Source, ApiError> {
    if size == 0 {
        return Err(ApiError::bad_request("file must be non-empty"));
    }
    let content = tokio::fs::File::open(path).await.map_err(|error| crate::bots::disk(&error))?;
    let file = account.client().upload(content, Some(size), name.clone()).run().await;
    let file = file.map_err(|error| account::upload(&error))?;
    Ok(Source::Fresh(Fresh { file, name, mime_type }))
}

/// The file of this machine that a `file:` URI names, which only local mode reads.
fn local_path(bot: &Bot, text: &str) -> Result<Option<PathBuf>, ApiError> {
    let Some(rest) = text.strip_prefix("file:").filter(|_| bot.options().local) else {
        return Ok(None);
    };
    let path = rest.strip_prefix("//localhost").or_else(|| rest.strip_prefix("//")).unwrap_or(rest);
    let path = percent_encoding::percent_decode_str(path).decode_utf8_lossy().into_owned();
    if !path.starts_with('/') {
        return Err(ApiError::bad_request("invalid file HTTP URL specified: URL host is empty"));
    }
    Ok(Some(PathBuf::from(path)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file_id::Location;

    #[track_caller]
    fn refused(text: &str, expected: &str) {
        let error = known(text, FileType::Photo).unwrap_err();
        assert_eq!(error.description, format!("Bad Request: {expected}"));
    }

    #[test]
    fn an_id_is_used_as_what_it_is() {
        let voice = FileRef {
            file_type: FileType::VoiceNote,
            dc_id: 2,
            file_reference: Vec::new(),
            location: Location::Document { id: 1, access_hash: 2 },
        };
        refused(&voice.encode(), "can't use file of type VoiceNote as Photo");
        refused("", "remote file identifier must be non-empty");
        refused(
            "AAAA",
            "wrong remote file identifier specified: can't unserialize it. Wrong last symbol",
        );
        assert_eq!(known(&voice.encode(), FileType::Audio).unwrap(), voice);
    }
}
