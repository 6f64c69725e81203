//! Secret texts at rest: encrypted, as AWS KMS does it for Secrets Manager.
//!
//! A world in a file keeps its key in a file of its own beside it, which its owner alone can read. Whoever
//! deletes that file destroys the texts. No clear text is ever on disk, nor in what `Debug` shows.

use std::fmt;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use chacha20poly1305::aead::rand_core::RngCore;
use chacha20poly1305::aead::{Aead, AeadCore, KeyInit, OsRng, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

/// What seals the texts of one world and opens them again.
#[derive(Clone)]
pub(crate) struct SealingKey([u8; 32]);

/// A text that only the world's key opens.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct SealedText {
    nonce: [u8; 24],
    cipher: Vec<u8>,
}

impl SealingKey {
    /// The key in this file, which is made if it is not there.
    pub(crate) fn in_file(path: &Path) -> io::Result<Self> {
        match std::fs::read(path) {
            Ok(bytes) => {
                let wrong = |_| io::Error::new(ErrorKind::InvalidData, "the key has the wrong length");
                bytes.try_into().map(Self).map_err(wrong)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let key = Self::default();
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
                // Temporary files are readable by their owner only, and stay so under their final name.
                let mut fresh = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
                fresh.write_all(&key.0)?;
                fresh.persist(path).map_err(|error| error.error)?;
                Ok(key)
            }
            Err(error) => Err(error),
        }
    }

    /// Seals a text for one use; `about` names it, so that a sealed text is worth nothing in another place.
    pub(crate) fn seal(&self, text: &str, about: &str) -> SealedText {
        let nonce = XChaCha20Poly1305::generate_nonce(&mut OsRng);
        let payload = Payload { msg: text.as_bytes(), aad: about.as_bytes() };
        let cipher =
            self.cipher().encrypt(&nonce, payload).expect("a request is shorter than the cipher's 256 GiB");
        SealedText { nonce: nonce.into(), cipher }
    }

    /// Opens a text, unless it was sealed by another key or for another use.
    pub(crate) fn open(&self, sealed: &SealedText, about: &str) -> Option<String> {
        let payload = Payload { msg: &sealed.cipher, aad: about.as_bytes() };
        let text = self.cipher().decrypt(XNonce::from_slice(&sealed.nonce), payload).ok()?;
        String::from_utf8(text).ok()
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(Key::from_slice(&self.0))
    }
}

/// A new key, from the operating system's randomness: the one thing here that no seed repeats.
impl Default for SealingKey {
    fn default() -> Self {
        let mut bytes = [0; 32];
        OsRng.fill_bytes(&mut bytes);
        Self(bytes)
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SealingKey")
    }
}

impl fmt::Debug for SealedText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SealedText")
    }
}

#[cfg(test)]
mod tests {
    use super::SealingKey;

    #[test]
    fn a_text_opens_with_its_own_key_and_for_its_own_use_only() {
        let key = SealingKey::default();
        let sealed = key.seal("hunter2", "secret/version");
        assert_eq!(key.open(&sealed, "secret/version").as_deref(), Some("hunter2"));
        assert_eq!(key.open(&sealed, "secret/other"), None);
        assert_eq!(SealingKey::default().open(&sealed, "secret/version"), None);
    }

    #[test]
    fn the_key_of_a_file_is_made_once_and_only_its_owner_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("world.json.key");
        let sealed = SealingKey::in_file(&path).unwrap().seal("hunter2", "");
        assert_eq!(SealingKey::in_file(&path).unwrap().open(&sealed, "").as_deref(), Some("hunter2"));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        std::fs::write(&path, b"short").unwrap();
        assert!(SealingKey::in_file(&path).is_err());
    }
}
