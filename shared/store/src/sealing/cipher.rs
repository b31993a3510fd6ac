//! AES-256-GCM with a random nonce, as Base64 text.
//!
//! A key may take part in 2^32 sealings before two nonces may meet; a data key is replaced long
//! before.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretSlice;

/// The length of a key.
pub(super) const KEY_BYTES: usize = 32;

/// A key. The library that holds it clears it from memory when it is dropped.
pub(super) struct Key(RandomizedNonceKey);

impl Key {
    /// A key of [`KEY_BYTES`].
    pub(super) fn new(bytes: &[u8]) -> Option<Self> {
        RandomizedNonceKey::new(&AES_256_GCM, bytes).ok().map(Self)
    }

    /// Nonce, `secret` and tag, in Base64. It opens again only with the same `context`.
    pub(super) fn seal(&self, context: &[&str], secret: &[u8]) -> Option<String> {
        let mut text = secret.to_vec();
        let nonce = self
            .0
            .seal_in_place_append_tag(bound(context), &mut text)
            .ok()?;
        text.splice(..0, nonce.as_ref().iter().copied());
        Some(STANDARD.encode(text))
    }

    /// What [`seal`](Self::seal) made unreadable; `None` where text or context is another.
    pub(super) fn open(&self, context: &[&str], text: &str) -> Option<SecretSlice<u8>> {
        let mut nonce = STANDARD.decode(text).ok()?;
        if nonce.len() < NONCE_LEN {
            return None;
        }
        let mut secret = nonce.split_off(NONCE_LEN);
        let nonce = Nonce::try_assume_unique_for_key(&nonce).ok()?;
        let opened = self.0.open_in_place(nonce, bound(context), &mut secret);
        let length = opened.ok()?.len();
        secret.truncate(length);
        Some(SecretSlice::from(secret))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

/// The context as bytes, each part behind its length, so that no two contexts are the same.
fn bound(context: &[&str]) -> Aad<Vec<u8>> {
    let mut bytes = Vec::new();
    for part in context {
        bytes.extend((part.len() as u64).to_be_bytes());
        bytes.extend(part.as_bytes());
    }
    Aad::from(bytes)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn key(byte: u8) -> Key {
        Key::new(&[byte; KEY_BYTES]).expect("a key")
    }

    #[test]
    fn what_was_sealed_opens_with_the_same_key_and_context_alone() {
        let sealed = key(1).seal(&["a", "b"], b"Daisy").expect("sealed");
        let opened = key(1).open(&["a", "b"], &sealed).expect("opened");
        assert_eq!(opened.expose_secret(), b"Daisy");
        assert!(key(2).open(&["a", "b"], &sealed).is_none());
        for context in [&["a"][..], &["ab"], &["ab", ""], &["", "ab"], &["b", "a"]] {
            assert!(key(1).open(context, &sealed).is_none(), "{context:?}");
        }
        assert_ne!(key(1).seal(&["a", "b"], b"Daisy"), Some(sealed));
    }

    #[test]
    fn a_changed_text_does_not_open() {
        let sealed = key(1).seal(&[], b"Daisy").expect("sealed");
        let bytes = STANDARD.decode(&sealed).expect("Base64");
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(key(1).open(&[], &STANDARD.encode(changed)).is_none());
            let cut = STANDARD.encode(&bytes[..at]);
            assert!(key(1).open(&[], &cut).is_none(), "{at}");
        }
        assert!(key(1).open(&[], "no Base64!").is_none());
    }

    #[test]
    fn a_key_of_another_length_is_none() {
        for length in [0, 16, 31, 33] {
            assert!(Key::new(&vec![1; length]).is_none(), "{length}");
        }
        assert_eq!(format!("{:?}", key(1)), "Key(…)");
    }
}
