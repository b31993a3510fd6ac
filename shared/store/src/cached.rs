//! The memory of the adapters: one read, or one write without a condition.
//!
//! The newest writer wins, since all of them write what the CRM has just told.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use daybook_core::cache::{Cache, Place, Within};
use serde_json::Value;

use crate::dynamo::{failed, from_item, text, to_item};
use crate::items::Cached;
use crate::{Result, Table, keys};

const CACHED: &str = "Cached";

#[async_trait]
impl Cache for Table {
    async fn get(&self, place: Place<'_>, within: Within) -> Option<Value> {
        let cached = self.remembered(place, within).await.ok()??;
        let is_good = cached.expires_at > within.now.timestamp();
        is_good.then(|| serde_json::from_str(&cached.value).ok())?
    }

    async fn put(&self, place: Place<'_>, value: &Value, until: DateTime<Utc>, within: Within) {
        let cached = Cached {
            schema: Cached::SCHEMA,
            value: value.to_string(),
            expires_at: until.timestamp(),
        };
        // What is not remembered is asked again.
        let _ = self.remember(place, &cached, within).await;
    }
}

impl Table {
    async fn remembered(&self, place: Place<'_>, within: Within) -> Result<Option<Cached>> {
        let get = self
            .client
            .get_item()
            .table_name(&self.name)
            .key(keys::PK, text(keys::cache(place.platform, place.tenant)))
            .key(keys::SK, text(keys::cached(place.name)))
            .consistent_read(true)
            .send();
        let got = self.within(within.deadline.remaining(within.now), get);
        let got = got.await?.map_err(|error| failed("GetItem", &error))?;
        got.item.map(|row| from_item(CACHED, row)).transpose()
    }

    async fn remember(&self, place: Place<'_>, cached: &Cached, within: Within) -> Result<()> {
        let pk = keys::cache(place.platform, place.tenant);
        let put = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(to_item(
                CACHED,
                &pk,
                keys::cached(place.name),
                cached,
            )?))
            .send();
        let put = self.within(within.deadline.remaining(within.now), put);
        put.await?.map_err(|error| failed("PutItem", &error))?;
        Ok(())
    }
}
