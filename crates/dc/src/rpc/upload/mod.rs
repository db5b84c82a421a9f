//! `upload.*`: bytes of files, up and down.

mod get_file;
mod get_web_file;
mod save_file_part;

use crate::rpc::route::routes;

routes! {
    upload.getFile         read UserOrBot => GetFile, get_file::get_file;
    upload.getFileHashes   read UserOrBot => GetFileHashes, get_file::get_file_hashes;
    upload.getWebFile      read UserOrBot => GetWebFile, get_web_file::get_web_file;
    upload.saveBigFilePart read UserOrBot => SaveBigFilePart, save_file_part::save_big_file_part;
    upload.saveFilePart    read UserOrBot => SaveFilePart, save_file_part::save_file_part;
}

#[cfg(test)]
mod tests;
