//! The certificate that clients are shown who open with TLS.

use std::path::Path;

use heliogram_net::Tls;

use crate::settings::Settings;

/// Reads the certificate and its key, if there are any.
///
/// # Errors
/// If a file cannot be read or used; the text names it.
pub(crate) fn read(settings: &Settings) -> Result<Option<Tls>, String> {
    let Some((certificate, key)) = &settings.tls else { return Ok(None) };
    let tls = Tls::from_pem(&bytes(certificate)?, &bytes(key)?);
    tls.map(Some).map_err(|error| {
        format!("cannot use {} with {}: {error}", certificate.display(), key.display())
    })
}

fn bytes(path: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}
