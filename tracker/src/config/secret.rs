//! Secrets: read, used, never shown.

use serde::Deserialize;
use std::fmt;

/// A 32-byte secret, written as 64 hexadecimal digits and never printed.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Secret([u8; 32]);

impl Secret {
    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// A fresh one, for what need not outlive the process.
    ///
    /// # Panics
    ///
    /// When the kernel gives no randomness: without it nothing here is safe.
    #[must_use]
    pub fn random() -> Self {
        let mut bytes = [0; 32];
        #[expect(clippy::disallowed_methods, reason = "secrets are made here")]
        let is_random = getrandom::fill(&mut bytes).is_ok();
        assert!(is_random, "the kernel gives no random bytes");
        Self(bytes)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("***")
    }
}

impl TryFrom<String> for Secret {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        const WRONG: &str = "must be 64 hexadecimal digits";
        let mut bytes = [0; 32];
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if pairs.len() != bytes.len() || !rest.is_empty() {
            return Err(WRONG);
        }
        for (slot, pair) in bytes.iter_mut().zip(pairs) {
            let digits = str::from_utf8(pair).map_err(|_| WRONG)?;
            *slot = u8::from_str_radix(digits, 16).map_err(|_| WRONG)?;
        }
        Ok(Self(bytes))
    }
}
