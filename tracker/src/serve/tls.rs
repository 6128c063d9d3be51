//! Certificates: read at start, again when asked, and never exchanged for worse ones.

use parking_lot::RwLock;
use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, ServerConnection};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What clients may speak inside: there is no HTTP/2 here.
const SPOKEN: &[u8] = b"http/1.1";

/// How TLS connections are opened, with the certificate in force.
#[derive(Clone, Debug)]
pub(super) struct Tls {
    config: Arc<ServerConfig>,
    certificate: Arc<Certificate>,
}

/// A certificate that can change while connections are open.
#[derive(Debug)]
struct Certificate {
    chain: PathBuf,
    key: PathBuf,
    in_force: RwLock<Arc<CertifiedKey>>,
}

impl Tls {
    /// Reads a certificate chain and its key, both PEM.
    ///
    /// Sessions are resumed by tickets (HTTP-18), whose secret lives as long as this does: a
    /// new certificate costs nobody a full handshake.
    ///
    /// # Errors
    ///
    /// With the file in the sentence.
    pub(super) fn open(chain: &Path, key: &Path) -> io::Result<Self> {
        let certificate = Arc::new(Certificate {
            in_force: RwLock::new(Arc::new(read(chain, key)?)),
            chain: chain.to_owned(),
            key: key.to_owned(),
        });
        let resolver = Arc::clone(&certificate) as Arc<dyn ResolvesServerCert>;
        let mut config = ServerConfig::builder_with_provider(ring::default_provider().into())
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .with_no_client_auth()
            .with_cert_resolver(resolver);
        config.alpn_protocols = vec![SPOKEN.to_vec()];
        config.ticketer = ring::Ticketer::new().map_err(io::Error::other)?;
        // One is enough for a client that comes back each half hour; each costs the handshake bytes.
        config.send_tls13_tickets = 1;
        Ok(Self { config: Arc::new(config), certificate })
    }

    /// Reads both files again, for connections to come; those that are open go on.
    ///
    /// # Errors
    ///
    /// With the file in the sentence; the certificate in force then stays.
    pub(super) fn reload(&self) -> io::Result<()> {
        let Certificate { chain, key, in_force } = &*self.certificate;
        let new = Arc::new(read(chain, key)?);
        *in_force.write() = new;
        Ok(())
    }

    /// A session for one more connection.
    ///
    /// # Errors
    ///
    /// Only on settings that cannot be, which [`Tls::open`] has refused.
    pub(super) fn session(&self) -> io::Result<ServerConnection> {
        ServerConnection::new(Arc::clone(&self.config)).map_err(io::Error::other)
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.in_force.read()))
    }
}

fn read(chain: &Path, key: &Path) -> io::Result<CertifiedKey> {
    let wrong = |path: &Path, why: &dyn std::fmt::Display| {
        io::Error::new(io::ErrorKind::InvalidInput, format!("{}: {why}", path.display()))
    };
    let unread = |path: &Path, error: pem::Error| match error {
        pem::Error::NoItemsFound => wrong(path, &"holds nothing in PEM that is needed here"),
        pem::Error::Io(error) => wrong(path, &error),
        other => wrong(path, &other),
    };
    let certificates: Vec<_> = CertificateDer::pem_file_iter(chain)
        .and_then(Iterator::collect)
        .map_err(|error| unread(chain, error))?;
    if certificates.is_empty() {
        return Err(unread(chain, pem::Error::NoItemsFound));
    }
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| unread(key, error))?;
    match CertifiedKey::from_der(certificates, private, &ring::default_provider()) {
        Err(rustls::Error::InconsistentKeys(_)) => {
            Err(wrong(key, &format_args!("is not the key of {}", chain.display())))
        }
        other => other.map_err(|error| wrong(chain, &error)),
    }
}
