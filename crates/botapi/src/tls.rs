//! The cryptography under outgoing HTTPS.

/// Makes sure that the process has a provider of TLS cryptography. To be called before a client of
/// HTTPS is made; whoever came first has settled it.
pub(crate) fn provide() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}
