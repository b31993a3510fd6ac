//! What adapters remember, in this process.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use daybook_core::cache::{Cache, Place, Within};
use serde_json::Value;

/// A memory that is empty at the start.
#[derive(Debug, Default)]
pub struct Memory(Mutex<HashMap<String, (Value, DateTime<Utc>)>>);

impl Memory {
    /// Forgets everything.
    pub fn clear(&self) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clear();
    }
}

fn key(place: Place<'_>) -> String {
    format!("{} {} {}", place.platform, place.tenant, place.name)
}

#[async_trait]
impl Cache for Memory {
    async fn get(&self, place: Place<'_>, within: Within) -> Option<Value> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (value, until) = kept.get(&key(place))?;
        (*until > within.now).then(|| value.clone())
    }

    async fn put(&self, place: Place<'_>, value: &Value, until: DateTime<Utc>, _: Within) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.insert(key(place), (value.clone(), until));
    }
}
