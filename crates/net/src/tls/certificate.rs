//! Who we are to a client that speaks TLS.

use std::fmt;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

/// A certificate with its key, ready to be shown. Cheap to clone.
#[derive(Clone)]
pub struct Tls(pub(super) TlsAcceptor);

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The chain is not PEM, or holds no certificate.
    #[error("certificate: {0}")]
    Certificate(rustls::pki_types::pem::Error),
    /// The key is not PEM.
    #[error("private key: {0}")]
    Key(rustls::pki_types::pem::Error),
    /// Certificate and key do not belong together, or are of a kind that is not known.
    #[error("certificate and private key: {0}")]
    Pair(#[from] rustls::Error),
}

impl Tls {
    /// Reads a chain of certificates, our own first, and its private key, both as PEM.
    ///
    /// # Errors
    /// If either is unreadable, or if they do not belong together.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, TlsError> {
        let chain: Vec<_> = CertificateDer::pem_slice_iter(chain)
            .collect::<Result<_, _>>()
            .map_err(TlsError::Certificate)?;
        let key = PrivateKeyDer::from_pem_slice(key).map_err(TlsError::Key)?;
        if chain.is_empty() {
            return Err(TlsError::Certificate(rustls::pki_types::pem::Error::NoItemsFound));
        }
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(chain, key)?;
        // Browsers would rather speak HTTP/2, which carries neither of our transports.
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_certificate_is_refused_in_words() {
        for (chain, key) in
            [("", ""), ("nonsense", "nonsense"), ("-----BEGIN CERTIFICATE-----", "")]
        {
            let error = Tls::from_pem(chain.as_bytes(), key.as_bytes()).unwrap_err();
            assert!(!error.to_string().is_empty());
        }
    }
}
