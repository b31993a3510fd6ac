//! The folder of the data, which holds what people wrote: for its owner only, and for one server
//! at a time.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// What lies in a folder that a local server made.
const LOCK: &str = "lock";
const TABLE: &str = "table.db";
const EXAMPLE_CRM: &str = "example-crm";
const ENDPOINT: &str = "table.endpoint";
const KEYS: &str = "keys";

/// The bits of a mode that let somebody else in.
const OTHERS: u32 = 0o077;

/// Why a folder cannot hold the data.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The system refuses.
    #[error("the folder {} cannot be used", path.display())]
    NotUsable {
        /// The folder, or what in it cannot be used.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another server has it.
    #[error(
        "another Daybook runs on the folder {}; stop it, or choose another folder with DAYBOOK_DATA=…",
        path.display()
    )]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// No server has it.
    #[error("no Daybook runs on the folder {}; start one with `make run`", path.display())]
    NotRunning {
        /// The folder.
        path: PathBuf,
    },
    /// Others may enter it, and it is not ours to close.
    #[error(
        "the folder {} is open to others and holds files that are not Daybook's; choose a folder \
         of its own with DAYBOOK_DATA=…, or close this one with chmod 700",
        path.display()
    )]
    NotPrivate {
        /// The folder.
        path: PathBuf,
    },
}

/// The folder, locked until this is dropped or the process ends, however it ends.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
    _lock: File,
}

impl DataFolder {
    /// Leaves word of where the table is reached, for [`running_table`](Self::running_table).
    ///
    /// # Errors
    /// [`FolderError::NotUsable`].
    pub fn announce(&self, endpoint: &str) -> Result<(), FolderError> {
        let path = self.path.join(ENDPOINT);
        private_file(&path)
            .and_then(|_| fs::write(&path, endpoint))
            .map_err(|source| FolderError::NotUsable { path, source })
    }

    /// Where the table of the server that runs on the folder is reached.
    ///
    /// # Errors
    /// [`FolderError::NotRunning`].
    pub fn running_table(path: &Path) -> Result<String, FolderError> {
        let not_running = || FolderError::NotRunning {
            path: path.to_owned(),
        };
        let lock = File::open(path.join(LOCK)).map_err(|_| not_running())?;
        match lock.try_lock_shared() {
            Err(TryLockError::WouldBlock) => {
                fs::read_to_string(path.join(ENDPOINT)).map_err(|_| not_running())
            }
            Ok(()) | Err(TryLockError::Error(_)) => Err(not_running()),
        }
    }

    /// Makes the folder where it is missing, closes it to others, and locks it.
    ///
    /// # Errors
    /// [`FolderError`], naming the folder.
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        let not_usable = |source| FolderError::NotUsable {
            path: path.to_owned(),
            source,
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(not_usable)?;
        let mode = fs::metadata(path).map_err(not_usable)?.permissions().mode();
        if mode & OTHERS != 0 {
            if !is_ours(path).map_err(not_usable)? {
                return Err(FolderError::NotPrivate {
                    path: path.to_owned(),
                });
            }
            fs::set_permissions(path, Permissions::from_mode(0o700)).map_err(not_usable)?;
        }
        let lock = private_file(&path.join(LOCK)).map_err(not_usable)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                path: path.to_owned(),
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(FolderError::InUse {
                path: path.to_owned(),
            }),
            Err(TryLockError::Error(source)) => Err(not_usable(source)),
        }
    }

    /// The table's file, which is there from now on and the owner's only, with those that SQLite
    /// keeps beside it.
    ///
    /// # Errors
    /// [`FolderError::NotUsable`].
    pub fn table(&self) -> Result<PathBuf, FolderError> {
        let beside = ["-wal", "-shm"].map(|end| self.path.join(format!("{TABLE}{end}")));
        let path = self.path.join(TABLE);
        let left_open = beside.into_iter().filter(|path| path.exists());
        for path in left_open.chain([path.clone()]) {
            private_file(&path).map_err(|source| FolderError::NotUsable { path, source })?;
        }
        Ok(path)
    }

    /// The file of the keys.
    pub fn keys(&self) -> PathBuf {
        Self::keys_in(&self.path)
    }

    /// The file of the keys in a folder that a server may run on.
    pub fn keys_in(path: &Path) -> PathBuf {
        path.join(KEYS)
    }

    /// The folder of the Example CRM's data.
    pub fn example_crm(&self) -> PathBuf {
        self.path.join(EXAMPLE_CRM)
    }
}

/// Whether a folder is empty or holds what a local server leaves there.
fn is_ours(path: &Path) -> io::Result<bool> {
    let mut empty = true;
    for entry in fs::read_dir(path)? {
        empty = false;
        let name = entry?.file_name();
        if name == TABLE || name == EXAMPLE_CRM {
            return Ok(true);
        }
    }
    Ok(empty)
}

/// A file that is there, keeps what it holds, and is the owner's only. SQLite gives new files
/// beside it the same mode.
fn private_file(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)?;
    if file.metadata()?.permissions().mode() & OTHERS != 0 {
        file.set_permissions(Permissions::from_mode(0o600))?;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        let metadata = fs::metadata(path).expect("it is there");
        metadata.permissions().mode() & 0o777
    }

    fn open_folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("it is ours");
        folder
    }

    #[test]
    fn a_folder_of_ours_is_closed_to_others() {
        let folder = open_folder();
        let table = folder.path().join(TABLE);
        let left_open = folder.path().join("table.db-wal");
        for path in [&table, &left_open] {
            fs::write(path, "").expect("written");
            fs::set_permissions(path, Permissions::from_mode(0o644)).expect("it is ours");
        }
        let opened = DataFolder::open(folder.path()).expect("opened");
        assert_eq!(opened.table().expect("the file"), table);
        assert_eq!(mode(folder.path()), 0o700);
        assert_eq!(mode(&table), 0o600);
        assert_eq!(mode(&left_open), 0o600);
        assert!(!folder.path().join("table.db-shm").exists());
        assert_eq!(mode(&folder.path().join(LOCK)), 0o600);
        drop(opened);

        let made = folder.path().join("not/there/yet");
        DataFolder::open(&made).expect("made");
        assert_eq!(mode(&made), 0o700);
    }

    #[test]
    fn a_folder_of_somebody_else_is_left_as_it_is() {
        let folder = open_folder();
        fs::write(folder.path().join("letter.txt"), "").expect("written");
        let error = DataFolder::open(folder.path()).expect_err("refused");
        assert!(matches!(error, FolderError::NotPrivate { .. }), "{error}");
        let path = folder.path().display().to_string();
        assert!(error.to_string().contains(&path), "{error}");
        assert_eq!(mode(folder.path()), 0o755);
        fs::set_permissions(folder.path(), Permissions::from_mode(0o700)).expect("it is ours");
        DataFolder::open(folder.path()).expect("it is private");
    }

    #[test]
    fn one_at_a_time_has_a_folder() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let first = DataFolder::open(folder.path()).expect("opened");
        let error = DataFolder::open(folder.path()).expect_err("refused");
        let path = folder.path().display().to_string();
        assert!(error.to_string().contains(&path), "{error}");
        drop(first);
        DataFolder::open(folder.path()).expect("free again");
    }
}
