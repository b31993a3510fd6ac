//! What a CRM told and is believed for a while: a port, like the clock. The table is behind it.

use std::fmt;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::ids::TenantId;
use crate::time::Deadline;

/// Where something is remembered: for a whole company, under a name that its adapter chooses.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The platform.
    pub platform: &'a str,
    /// The CRM's company.
    pub tenant: &'a TenantId,
    /// Ids of the CRM may be in it, and nothing of a person.
    pub name: &'a str,
}

/// When a call to the cache is made, and until when it may take.
#[derive(Debug, Clone, Copy)]
pub struct Within {
    /// The present time.
    pub now: DateTime<Utc>,
    /// When the request must have been answered.
    pub deadline: Deadline,
}

/// A memory that all workers share.
///
/// It never fails: what cannot be read is not there, and what cannot be written is asked again.
#[async_trait]
pub trait Cache: Send + Sync + fmt::Debug {
    /// What was put there, unless it has run out.
    async fn get(&self, place: Place<'_>, within: Within) -> Option<Value>;

    /// Remembers `value` until `until`. Names that a company gave to what it sets up, such as types
    /// of activity, may be in it; nothing of a person, and nothing secret, belongs here.
    async fn put(&self, place: Place<'_>, value: &Value, until: DateTime<Utc>, within: Within);
}
