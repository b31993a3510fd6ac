//! The data keys: kept in the table, wrapped; and in the process, unwrapped.
//!
//! An id begins with the time at which the key was made, so that the newest is read with one
//! query. Processes that make one at once each go on with their own: both are in the table, and
//! within the hour both take the newer.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use aws_lc_rs::rand;
use tokio::sync::Mutex;

use super::master::{Master, Unwrapped};
use super::{OPENED, SEALED};
use crate::dynamo::{failed, from_item, if_free, put, text, to_item};
use crate::items::DataKey;
use crate::{Result, StoreError, Table, Write, keys};

const DATA_KEY: &str = "DataKey";

/// How many unwrapped data keys a process keeps: those of years.
const KEPT: usize = 64;
/// How long the newest data key seals, in milliseconds.
const SEALS_FOR: i64 = 90 * 24 * 3_600_000;
/// How long a process goes on without asking for a newer one, in milliseconds.
const ASKS_EVERY: i64 = 3_600_000;

/// The data keys of a table.
#[derive(Debug)]
pub(super) struct DataKeys {
    master: Master,
    table: Table,
    known: RwLock<Known>,
    /// Held by the one task that asks the table and KMS.
    loading: Mutex<()>,
}

#[derive(Debug, Default)]
struct Known {
    keys: BTreeMap<String, Arc<Unwrapped>>,
    newest: Option<Newest>,
}

/// The data key that seals.
#[derive(Debug)]
struct Newest {
    id: String,
    key: Arc<Unwrapped>,
    created_at: i64,
    asked_at: i64,
}

/// A data key by its id.
type Found = (String, Arc<Unwrapped>);

impl DataKeys {
    pub(super) fn new(master: Master, table: Table) -> Self {
        Self {
            master,
            table,
            known: RwLock::default(),
            loading: Mutex::default(),
        }
    }

    /// The data key that seals at `now`; a new one where there is none young enough.
    pub(super) async fn newest(&self, left: Duration, now: i64) -> Result<Found> {
        if let Some(found) = self.known_newest(now) {
            return Ok(found);
        }
        let _loading = self.loading.lock().await;
        if let Some(found) = self.known_newest(now) {
            return Ok(found);
        }
        let (id, created_at, key) = match self.stored_newest(left, now).await? {
            Some(found) => found,
            None => self.make(left, now).await?,
        };
        self.write().newest = Some(Newest {
            id: id.clone(),
            key: key.clone(),
            created_at,
            asked_at: now,
        });
        Ok((id, key))
    }

    /// The data key of an id.
    pub(super) async fn of_id(&self, left: Duration, id: &str) -> Result<Arc<Unwrapped>> {
        if let Some(key) = self.known(id) {
            return Ok(key);
        }
        let _loading = self.loading.lock().await;
        if let Some(key) = self.known(id) {
            return Ok(key);
        }
        let refused = |cause| StoreError::sealing(OPENED, cause);
        let stored = self.stored(left, id).await?;
        let stored = stored.ok_or_else(|| refused("its data key is not in the table"))?;
        self.unwrap(id, &stored)
            .await?
            .ok_or_else(|| refused("the master key that wrapped its data key is not here any more"))
    }

    /// The newest data key of the table, where it may seal at `now`: it is young, and wrapped by
    /// the master key that wraps new ones.
    async fn stored_newest(
        &self,
        left: Duration,
        now: i64,
    ) -> Result<Option<(String, i64, Arc<Unwrapped>)>> {
        let Some((id, stored)) = self.last_stored(left).await? else {
            return Ok(None);
        };
        if !is_young(stored.created_at, now) {
            return Ok(None);
        }
        let key = match self.known(&id) {
            Some(key) => Some(key),
            None => self.unwrap(&id, &stored).await?,
        };
        Ok(key
            .filter(|key| key.up_to_date)
            .map(|key| (id, stored.created_at, key)))
    }

    /// A data key of the table; `None` where its master key is gone.
    async fn unwrap(&self, id: &str, stored: &DataKey) -> Result<Option<Arc<Unwrapped>>> {
        let key = self.master.unwrap(id, &stored.wrapped).await?;
        let key = key.map(Arc::new);
        if let Some(key) = &key {
            self.remember(id, key);
        }
        Ok(key)
    }

    /// Makes a data key and writes it into the table, before anything is sealed with it.
    async fn make(&self, left: Duration, now: i64) -> Result<(String, i64, Arc<Unwrapped>)> {
        let id = new_id(now)?;
        let (key, wrapped) = self.master.generate(&id).await?;
        let stored = DataKey {
            schema: DataKey::SCHEMA,
            wrapped,
            created_at: now,
        };
        let item = to_item(DATA_KEY, keys::DATA_KEYS, keys::data_key(&id), &stored)?;
        let item = self
            .table
            .client
            .put_item()
            .table_name(&self.table.name)
            .set_item(Some(item));
        match put(&self.table, left, DATA_KEY, if_free(item, now / 1_000)).await? {
            Write::Done => {}
            // An earlier try was applied.
            Write::Lost(Some(old)) if stored == old => {}
            Write::Lost(_) => {
                return Err(StoreError::sealing(SEALED, "the id of a data key is taken"));
            }
        }
        let key = Arc::new(key);
        self.remember(&id, &key);
        Ok((id, now, key))
    }

    async fn stored(&self, left: Duration, id: &str) -> Result<Option<DataKey>> {
        let get = self
            .table
            .client
            .get_item()
            .table_name(&self.table.name)
            .key(keys::PK, text(keys::DATA_KEYS))
            .key(keys::SK, text(keys::data_key(id)))
            .consistent_read(true)
            .send();
        let got = self.table.within(left, get).await?;
        let got = got.map_err(|error| failed("GetItem", &error))?;
        got.item.map(|row| from_item(DATA_KEY, row)).transpose()
    }

    /// The newest data key of the table with its id: the last one.
    async fn last_stored(&self, left: Duration) -> Result<Option<(String, DataKey)>> {
        let query = self
            .table
            .client
            .query()
            .table_name(&self.table.name)
            .consistent_read(true)
            .key_condition_expression("#pk = :pk")
            .expression_attribute_names("#pk", keys::PK)
            .expression_attribute_values(":pk", text(keys::DATA_KEYS))
            .scan_index_forward(false)
            .limit(1)
            .send();
        let page = self.table.within(left, query).await?;
        let page = page.map_err(|error| failed("Query", &error))?;
        let Some(row) = page.items.unwrap_or_default().pop() else {
            return Ok(None);
        };
        let sk = row.get(keys::SK).and_then(|sk| sk.as_s().ok());
        let Some(id) = sk.and_then(|sk| keys::data_key_id(sk)).map(str::to_owned) else {
            return Ok(None);
        };
        Ok(Some((id, from_item(DATA_KEY, row)?)))
    }

    fn known(&self, id: &str) -> Option<Arc<Unwrapped>> {
        self.read().keys.get(id).cloned()
    }

    fn known_newest(&self, now: i64) -> Option<Found> {
        let known = self.read();
        let newest = known.newest.as_ref()?;
        let asked_lately = (now - newest.asked_at).abs() < ASKS_EVERY;
        (asked_lately && is_young(newest.created_at, now))
            .then(|| (newest.id.clone(), newest.key.clone()))
    }

    fn remember(&self, id: &str, key: &Arc<Unwrapped>) {
        let mut known = self.write();
        known.keys.insert(id.to_owned(), key.clone());
        while known.keys.len() > KEPT {
            known.keys.pop_first();
        }
    }

    fn read(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Known> {
        self.known.write().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_young(created_at: i64, now: i64) -> bool {
    now - created_at < SEALS_FOR
}

/// An id that sorts by time and that nobody else makes.
fn new_id(now: i64) -> Result<String> {
    let mut bytes = [0; 8];
    rand::fill(&mut bytes)
        .map_err(|_| StoreError::sealing(SEALED, "no random number could be drawn"))?;
    let random = u64::from_be_bytes(bytes);
    Ok(format!("{now:013}-{random:016x}"))
}
