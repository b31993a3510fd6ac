//! The data set in use, shared by all requests: readers take a snapshot, writers go one by one.
//!
//! A change is in the file before it is visible, and before its caller hears of it.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use chrono::{DateTime, Utc};

use crate::error::ApiError;
use crate::file::{DataFile, OpenError};
use crate::records::DataSet;
use crate::time::Clock;

/// A handle to the data, and the clock that stamps changes; clones share both.
#[derive(Clone)]
pub(crate) struct Store {
    shared: Arc<Shared>,
    clock: Clock,
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
        let clock = Clock::new(Utc::now);
        let data = file.load_or_create(clock.now())?;
        Ok(Self::new(data, Some(file), clock))
    }

    /// Begins with the demo data and keeps nothing.
    pub(crate) fn in_memory() -> Self {
        let clock = Clock::new(Utc::now);
        Self::new(DataSet::demo(clock.now()), None, clock)
    }

    fn new(data: DataSet, file: Option<DataFile>, clock: Clock) -> Self {
        let shared = Shared {
            current: RwLock::new(Arc::new(data)),
            writing: Mutex::new(()),
            file,
        };
        Self {
            shared: Arc::new(shared),
            clock,
        }
    }

    /// The same data by another clock.
    pub(crate) fn with_clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// The data as of the last finished write.
    pub(crate) fn snapshot(&self) -> Arc<DataSet> {
        self.shared.snapshot()
    }

    /// Applies `change` to the newest data, as of now and without what has expired, and saves the
    /// outcome. An error leaves all as it was.
    ///
    /// The write ends even if the caller stops waiting for it.
    pub(crate) async fn write<T, F>(&self, change: F) -> Result<T, ApiError>
    where
        T: Send + 'static,
        F: FnOnce(&mut DataSet, DateTime<Utc>) -> Result<T, ApiError> + Send + 'static,
    {
        let store = self.clone();
        tokio::task::spawn_blocking(move || store.shared.write(change, &store.clock))
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
        change: impl FnOnce(&mut DataSet, DateTime<Utc>) -> Result<T, ApiError>,
        clock: &Clock,
    ) -> Result<T, ApiError> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut data = (*self.snapshot()).clone();
        let now = clock.now();
        data.grants.prune(now);
        let outcome = change(&mut data, now)?;
        if let Some(file) = &self.file {
            file.save(&data).map_err(ApiError::NotSaved)?;
        }
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(data);
        Ok(outcome)
    }
}
