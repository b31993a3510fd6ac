//! The data set in use, shared by all requests: readers take a snapshot, writers go one by one.
//!
//! A change is in the file before it is visible, and before its caller hears of it.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use crate::error::ApiError;
use crate::file::{DataFile, OpenError};
use crate::records::DataSet;
use crate::time::now;

/// A handle to the data; clones share it.
#[derive(Clone)]
pub(crate) struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    current: RwLock<Arc<DataSet>>,
    /// Held from reading the current data until the changed data has taken its place.
    writing: Mutex<()>,
    file: Option<DataFile>,
}

impl Store {
    /// Loads the data in `dir`, or begins there with the demo data.
    pub(crate) fn open(dir: &Path) -> Result<Self, OpenError> {
        let file = DataFile::in_dir(dir);
        let data = file.load_or_create(|| DataSet::demo(now()))?;
        Ok(Self::new(data, Some(file)))
    }

    /// Begins with the demo data and keeps nothing.
    pub(crate) fn in_memory() -> Self {
        Self::new(DataSet::demo(now()), None)
    }

    fn new(data: DataSet, file: Option<DataFile>) -> Self {
        let shared = Shared {
            current: RwLock::new(Arc::new(data)),
            writing: Mutex::new(()),
            file,
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// The data as of the last finished write.
    pub(crate) fn snapshot(&self) -> Arc<DataSet> {
        self.shared.snapshot()
    }

    /// Applies `change` to the newest data and saves the outcome. An error leaves all as it was.
    ///
    /// The write ends even if the caller stops waiting for it.
    pub(crate) async fn write<T, F>(&self, change: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnOnce(&mut DataSet) -> Result<T, ApiError> + Send + 'static,
    {
        let shared = Arc::clone(&self.shared);
        tokio::task::spawn_blocking(move || shared.write(change))
            .await
            .map_err(|_| ApiError::Panicked)?
    }
}

impl Shared {
    // Neither lock guards anything half done, so a panic elsewhere leaves good data behind.
    fn snapshot(&self) -> Arc<DataSet> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&current)
    }

    fn write<T>(
        &self,
        change: impl FnOnce(&mut DataSet) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut data = (*self.snapshot()).clone();
        let outcome = change(&mut data)?;
        if let Some(file) = &self.file {
            file.save(&data).map_err(ApiError::NotSaved)?;
        }
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(data);
        Ok(outcome)
    }
}
