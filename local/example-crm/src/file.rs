//! The one JSON file that holds a data set, replaced as a whole by every write.
//!
//! Its records look as they do in the API, so a person can read it. A file of the first format,
//! which knew one company, is read as that company's and rewritten by the first change.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use crate::grants::Grant;
use crate::people::{COMPANIES, Company, EXAMPLE_COMPANY};
use crate::records::{Activity, Contact, DataSet};

const FILE_NAME: &str = "example-crm.json";
const FORMAT: u32 = 2;
const FIRST_FORMAT: u32 = 1;

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
struct Document<C, A, G> {
    format: u32,
    next_contact_id: u64,
    next_activity_id: u64,
    next_grant_id: u64,
    companies: Vec<CompanyRecords<C, A>>,
    grants: Vec<G>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CompanyRecords<C, A> {
    id: u64,
    contacts: Vec<C>,
    activities: Vec<A>,
}

/// A file from when there was one company.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct FirstDocument {
    #[serde(rename = "format")]
    _format: u32,
    next_contact_id: u64,
    next_activity_id: u64,
    contacts: Vec<Contact>,
    activities: Vec<Activity>,
}

#[derive(Deserialize)]
struct AnyDocument {
    format: u32,
}

impl DataFile {
    pub(crate) fn in_dir(dir: &Path) -> Self {
        let path = dir.join(FILE_NAME);
        let dir = dir.to_owned();
        Self { dir, path }
    }

    /// Loads the file; where there is none, writes one that holds the demo data.
    pub(crate) fn load_or_create(&self, now: DateTime<Utc>) -> Result<DataSet, OpenError> {
        match fs::read(&self.path) {
            Ok(bytes) => parse(&bytes, now).map_err(|reason| OpenError::Damaged {
                path: self.path.clone(),
                reason,
            }),
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                let data = DataSet::demo(now);
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

fn document(data: &DataSet) -> Document<&Contact, &Activity, &Grant> {
    let records = |company: &'static Company| {
        let books = data.books(company);
        CompanyRecords {
            id: company.id,
            contacts: books.contacts.values().map(Arc::as_ref).collect(),
            activities: books.activities.values().map(Arc::as_ref).collect(),
        }
    };
    Document {
        format: FORMAT,
        next_contact_id: data.next_contact_id,
        next_activity_id: data.next_activity_id,
        next_grant_id: data.grants.next_id,
        companies: COMPANIES.into_iter().map(records).collect(),
        grants: data.grants.all.values().map(Arc::as_ref).collect(),
    }
}

fn parse(bytes: &[u8], now: DateTime<Utc>) -> Result<DataSet, String> {
    match read::<AnyDocument>(bytes)?.format {
        FORMAT => current(read(bytes)?),
        FIRST_FORMAT => first(read(bytes)?, now),
        _ => Err(format!("its format is not {FORMAT}")),
    }
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    // The reader's own words may quote a value, so only the place is told.
    serde_json::from_slice(bytes).map_err(|e| {
        format!(
            "unexpected text at line {}, column {}",
            e.line(),
            e.column()
        )
    })
}

fn current(document: Document<Contact, Activity, Grant>) -> Result<DataSet, String> {
    let mut data = DataSet::empty(document.next_contact_id, document.next_activity_id);
    let mut ids = Ids::default();
    for records in document.companies {
        let id = records.id;
        let company = COMPANIES.into_iter().find(|company| company.id == id);
        let company = company.ok_or_else(|| format!("there is no company {id}"))?;
        fill(&mut data, &mut ids, company, records)?;
    }
    data.grants.next_id = document.next_grant_id;
    for grant in document.grants {
        let id = grant.id;
        let twice = data.grants.all.insert(id, Arc::new(grant)).is_some();
        if twice || id >= data.grants.next_id {
            return Err(format!("grant {id} has an id that is not its own"));
        }
    }
    Ok(data)
}

fn first(document: FirstDocument, now: DateTime<Utc>) -> Result<DataSet, String> {
    let mut data = DataSet::empty(document.next_contact_id, document.next_activity_id);
    let records = CompanyRecords {
        id: EXAMPLE_COMPANY.id,
        contacts: document.contacts,
        activities: document.activities,
    };
    fill(&mut data, &mut Ids::default(), &EXAMPLE_COMPANY, records)?;
    data.add_second_company(now);
    Ok(data)
}

/// The ids that were met, of all companies.
#[derive(Default)]
struct Ids {
    contacts: BTreeSet<u64>,
    activities: BTreeSet<u64>,
}

fn fill(
    data: &mut DataSet,
    ids: &mut Ids,
    company: &'static Company,
    records: CompanyRecords<Contact, Activity>,
) -> Result<(), String> {
    for contact in records.contacts {
        let id = contact.id;
        if !ids.contacts.insert(id) || id >= data.next_contact_id {
            return Err(format!("contact {id} has an id that is not its own"));
        }
        let contacts = &mut data.books_mut(company).contacts;
        contacts.insert(id, Arc::new(contact));
    }
    for activity in records.activities {
        let id = activity.id;
        if !data
            .books(company)
            .contacts
            .contains_key(&activity.contact_id)
        {
            return Err(format!("activity {id} has no contact"));
        }
        if !ids.activities.insert(id) || id >= data.next_activity_id {
            return Err(format!("activity {id} has an id that is not its own"));
        }
        let activities = &mut data.books_mut(company).activities;
        activities.insert(id, Arc::new(activity));
    }
    Ok(())
}
