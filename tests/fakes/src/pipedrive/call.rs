//! One request past the door: who asks what of which company.

use chrono::{DateTime, Utc};
use http::StatusCode;
use serde_json::{Value, json};

use super::fields::{self, Field};
use super::pages::Page;
use super::query::Query;
use super::refusal::Refusal;
use super::state::{Company, Record, Settings, Table};

/// What an operation answers.
pub(super) type Outcome = Result<(StatusCode, Value), Refusal>;

/// The request.
#[derive(Debug)]
pub(super) struct Call<'a> {
    pub(super) company: &'a mut Company,
    pub(super) user: u64,
    pub(super) now: DateTime<Utc>,
    pub(super) settings: &'a Settings,
    /// The part of the path that stands for a record.
    pub(super) id: &'a str,
    pub(super) query: Query,
    /// The `content-type` of the body.
    pub(super) content_type: &'a str,
    pub(super) body: &'a [u8],
}

impl Call<'_> {
    /// The id in the path. What is no number is the id of nothing.
    pub(super) fn number(&self, what: &str) -> Result<u64, Refusal> {
        self.id.parse().map_err(|_| Refusal::not_found(what))
    }

    /// The fields of the body.
    pub(super) fn fields(&self, known: &[Field]) -> Result<Record, Refusal> {
        let (media_type, _) = self
            .content_type
            .split_once(';')
            .unwrap_or((self.content_type, ""));
        if media_type.trim() != "application/json" {
            return Err(Refusal::bad_request("the body is no application/json"));
        }
        fields::read(self.body, known)
    }

    /// Refuses a field that names a record which is not there.
    pub(super) fn exists(&self, body: &Record, field: &str, table: &Table) -> Result<(), Refusal> {
        match body.get(field).and_then(Value::as_u64) {
            Some(id) if table.get(id).is_none() => Err(Refusal::field(field, "is not there")),
            Some(_) | None => Ok(()),
        }
    }

    /// Refuses an owner who is no user of the company.
    pub(super) fn owner_exists(&self, body: &Record) -> Result<(), Refusal> {
        match body.get("owner_id").and_then(Value::as_u64) {
            Some(id) if !self.company.has_user(id) => {
                Err(Refusal::field("owner_id", "is not there"))
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// 200 with one thing.
pub(super) fn told(data: impl Into<Value>) -> Outcome {
    let data: Value = data.into();
    Ok((StatusCode::OK, json!({"success": true, "data": data})))
}

/// 200 with a page of a list.
pub(super) fn page((rows, next): Page) -> Outcome {
    let body = json!({
        "success": true,
        "data": rows,
        "additional_data": {"next_cursor": next},
    });
    Ok((StatusCode::OK, body))
}
