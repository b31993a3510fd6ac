//! The keys of this machine: what seals credentials, signs sessions and hashes RingCentral's ids.
//! They are made at the first start and stay in one file, which is the owner's only.

use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// The variables that the file holds.
const NAMES: [&str; 3] = ["SEALING_KEYS", "APP_SERVER_SECRET_KEY", "HASH_KEY"];

const HEADING: &str = "\
# Daybook's keys on this machine. Without them nobody's sign-in can be read again.
# A new key of SEALING_KEYS comes before the old ones, with a comma between them.
";

/// A file of keys that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The system refuses.
    #[error("the file {} cannot be used", path.display())]
    NotUsable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A key is missing.
    #[error("the file {} lacks {name}; put it back, or remove the file to begin anew: everybody \
             then signs in again", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
        /// The variable.
        name: &'static str,
    },
}

/// The keys, as values of variables.
#[derive(Clone)]
pub struct Keys(Vec<(&'static str, String)>);

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keys(…)")
    }
}

impl Keys {
    /// Reads the file at `path`; makes it, with random keys, where there is none.
    ///
    /// # Errors
    /// [`KeysError`], naming the file.
    pub fn open_or_make(path: &Path) -> Result<Self, KeysError> {
        let not_usable = |source| KeysError::NotUsable {
            path: path.to_owned(),
            source,
        };
        if !path.exists() {
            make(path).map_err(not_usable)?;
        }
        fs::set_permissions(path, Permissions::from_mode(0o600)).map_err(not_usable)?;
        Self::open(path)
    }

    /// Reads the file at `path`.
    ///
    /// # Errors
    /// [`KeysError`], naming the file.
    pub fn open(path: &Path) -> Result<Self, KeysError> {
        let text = fs::read_to_string(path).map_err(|source| KeysError::NotUsable {
            path: path.to_owned(),
            source,
        })?;
        let value = |name| {
            let lines = text.lines().filter_map(|line| line.split_once('='));
            let mut values = lines.filter(|(key, _)| key.trim() == name);
            let (_, value) = values
                .next()
                .filter(|(_, value)| !value.trim().is_empty())?;
            Some(value.trim().to_owned())
        };
        let keys = NAMES.into_iter().map(|name| {
            let path = path.to_owned();
            let value = value(name).ok_or(KeysError::Missing { path, name })?;
            Ok((name, value))
        });
        keys.collect::<Result<_, _>>().map(Self)
    }

    /// The value of a variable, if it is one of the keys.
    pub fn get(&self, variable: &str) -> Option<String> {
        let key = self.0.iter().find(|(name, _)| *name == variable);
        key.map(|(_, value)| value.clone())
    }
}

/// Writes a file of new keys, which is there whole or not at all.
fn make(path: &Path) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&new)?;
    file.write_all(HEADING.as_bytes())?;
    for name in NAMES {
        let mut key = [0; 32];
        rand::fill(&mut key).map_err(|_| io::Error::other("no random numbers are to be had"))?;
        writeln!(file, "{name}={}", BASE64_STANDARD.encode(key))?;
    }
    file.sync_all()?;
    fs::rename(new, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_made_once_and_are_the_owners_only() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("keys");
        let made = Keys::open_or_make(&path).expect("made");
        let mode = fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        fs::set_permissions(&path, Permissions::from_mode(0o644)).expect("it is ours");
        let again = Keys::open_or_make(&path).expect("read");
        let mode = fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let mut values = Vec::new();
        for name in NAMES {
            assert_eq!(made.get(name), again.get(name));
            values.push(made.get(name).expect("it has one"));
        }
        values.dedup();
        assert_eq!(values.len(), 3);
        assert_eq!(made.get("PORT"), None);
        assert_eq!(format!("{made:?}"), "Keys(…)");
    }

    #[test]
    fn a_file_that_lacks_a_key_is_left_as_it_is() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("keys");
        fs::write(&path, "SEALING_KEYS=a\nHASH_KEY=\n").expect("written");
        let error = Keys::open_or_make(&path).expect_err("refused");
        assert!(
            error.to_string().contains("APP_SERVER_SECRET_KEY"),
            "{error}"
        );
        let text = fs::read_to_string(&path).expect("there");
        assert_eq!(text, "SEALING_KEYS=a\nHASH_KEY=\n");
    }
}
