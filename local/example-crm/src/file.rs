//! The one JSON file that holds a data set, replaced as a whole by every write.
//!
//! Its records look as they do in the API, so a person can read it.

use std::fs;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use crate::records::{Activity, Contact, DataSet};

const FILE_NAME: &str = "example-crm.json";
const FORMAT: u32 = 1;

/// Why the data of an [`ExampleCrm`](crate::ExampleCrm) could not be opened. No variant tells
/// what the file held.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The file is there and cannot be read.
    #[error("cannot read the Example CRM's data in {}", path.display())]
    NotRead {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The first data could not be written.
    #[error("cannot write the Example CRM's data to {}", path.display())]
    NotWritten {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file does not hold what this CRM writes.
    #[error(
        "the Example CRM's data in {} is damaged: {reason}; repair the file, or move it away to start anew",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        reason: String,
    },
}

/// Where a data set is kept.
pub(crate) struct DataFile {
    dir: PathBuf,
    path: PathBuf,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Document<C, A> {
    format: u32,
    next_contact_id: u64,
    next_activity_id: u64,
    contacts: Vec<C>,
    activities: Vec<A>,
}

impl DataFile {
    pub(crate) fn in_dir(dir: &Path) -> Self {
        let path = dir.join(FILE_NAME);
        let dir = dir.to_owned();
        Self { dir, path }
    }

    /// Loads the file; where there is none, writes one that holds `new()`.
    pub(crate) fn load_or_create(&self, new: impl Fn() -> DataSet) -> Result<DataSet, OpenError> {
        match fs::read(&self.path) {
            Ok(bytes) => parse(&bytes).map_err(|reason| OpenError::Damaged {
                path: self.path.clone(),
                reason,
            }),
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                let data = new();
                self.create(&data).map_err(|source| OpenError::NotWritten {
                    path: self.path.clone(),
                    source,
                })?;
                Ok(data)
            }
            Err(source) => Err(OpenError::NotRead {
                path: self.path.clone(),
                source,
            }),
        }
    }

    fn create(&self, data: &DataSet) -> io::Result<()> {
        fs::create_dir_all(&self.dir)?;
        self.save(data)
    }

    /// Replaces the file as a whole: what was saved outlives this process, however it ends. It is
    /// not forced to the disk, because that makes a write ten times slower: a power cut may undo
    /// the last writes or damage the file, which a CRM for trying things out can bear.
    pub(crate) fn save(&self, data: &DataSet) -> io::Result<()> {
        let mut file = NamedTempFile::new_in(&self.dir)?;
        let mut writer = BufWriter::new(&mut file);
        serde_json::to_writer_pretty(&mut writer, &document(data))?;
        writer.flush()?;
        drop(writer);
        file.persist(&self.path)?;
        Ok(())
    }
}

fn document(data: &DataSet) -> Document<&Contact, &Activity> {
    Document {
        format: FORMAT,
        next_contact_id: data.next_contact_id,
        next_activity_id: data.next_activity_id,
        contacts: data.contacts.values().map(Arc::as_ref).collect(),
        activities: data.activities.values().map(Arc::as_ref).collect(),
    }
}

fn parse(bytes: &[u8]) -> Result<DataSet, String> {
    // The reader's own words may quote a value, so only the place is told.
    let document: Document<Contact, Activity> = serde_json::from_slice(bytes).map_err(|e| {
        format!(
            "unexpected text at line {}, column {}",
            e.line(),
            e.column()
        )
    })?;
    if document.format != FORMAT {
        return Err(format!("its format is not {FORMAT}"));
    }
    let mut data = DataSet {
        contacts: Default::default(),
        activities: Default::default(),
        next_contact_id: document.next_contact_id,
        next_activity_id: document.next_activity_id,
    };
    for contact in document.contacts {
        let id = contact.id;
        let twice = data.contacts.insert(id, Arc::new(contact)).is_some();
        if twice || id >= data.next_contact_id {
            return Err(format!("contact {id} has an id that is not its own"));
        }
    }
    for activity in document.activities {
        let id = activity.id;
        if !data.contacts.contains_key(&activity.contact_id) {
            return Err(format!("activity {id} has no contact"));
        }
        let twice = data.activities.insert(id, Arc::new(activity)).is_some();
        if twice || id >= data.next_activity_id {
            return Err(format!("activity {id} has an id that is not its own"));
        }
    }
    Ok(data)
}
