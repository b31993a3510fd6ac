//! The Example CRM's JSON. `people` has that of contacts and users.

mod people;

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use daybook_core::call::{self, CallFields};
use daybook_core::contact::Contact;
use daybook_core::ids::LogId;
use daybook_core::time::Zone;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub(super) use self::people::{Colleagues, NewPerson, People, Person};
use super::PROFILE;
use crate::{AdapterError, CallLog, CallLogChanges, Entity, MessageLog, Result, UserInfo};

/// The CRM's type of the activities that hold a digest.
const MESSAGE: &str = "Message";
/// Its type of those that stand for a call.
const CALL: &str = "Call";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewActivity<'a> {
    contact_id: u64,
    subject: &'a str,
    note: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(flatten)]
    times: Times,
    #[serde(skip_serializing_if = "Map::is_empty")]
    extra: &'a Map<String, Value>,
}

impl<'a> NewActivity<'a> {
    pub(super) fn message(log: &crate::NewMessageLog<'a>) -> Result<Self> {
        Ok(Self {
            contact_id: contact_id(log.contact)?,
            subject: log.subject,
            note: log.body,
            kind: MESSAGE,
            times: Times {
                started_at: Some(log.started_at),
                duration_secs: None,
            },
            extra: log.additional_submission,
        })
    }

    pub(super) fn call(log: &crate::NewCallLog<'a>) -> Result<Self> {
        Ok(Self {
            contact_id: contact_id(log.contact)?,
            subject: log.subject,
            note: log.body,
            kind: CALL,
            times: Times::of(log.call),
            extra: log.additional_submission,
        })
    }
}

/// The fields for when something began and how long it was. What is `None` is not sent.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Times {
    #[serde(skip_serializing_if = "Option::is_none")]
    started_at: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_secs: Option<u64>,
}

impl Times {
    /// The CRM takes whole seconds.
    fn of(call: &CallFields) -> Self {
        Self {
            started_at: call.started_at,
            duration_secs: match call.duration {
                Some(call::Duration::Known(known)) => Some(PROFILE.held_duration(known).as_secs()),
                Some(call::Duration::Pending) | None => None,
            },
        }
    }
}

#[derive(Serialize)]
pub(super) struct NotePatch<'a> {
    pub(super) note: &'a str,
}

/// What is sent of an activity of a call to change it; what is not sent stays.
#[derive(Serialize)]
pub(super) struct CallPatch<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
    #[serde(flatten)]
    times: Times,
    /// The CRM keeps those fields of it that are not named, and would clear one that is null.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    extra: BTreeMap<&'a str, &'a Value>,
}

impl<'a> CallPatch<'a> {
    pub(super) fn new(changes: &CallLogChanges<'a>) -> Self {
        Self {
            subject: changes.subject,
            note: changes.body,
            times: Times::of(changes.call),
            extra: (changes.additional_submission.iter())
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| (name.as_str(), value))
                .collect(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct DispositionsPatch {
    pub(super) dispositions: Map<String, Value>,
}

#[derive(Deserialize)]
pub(super) struct Activity {
    id: u64,
    note: String,
}

impl From<Activity> for MessageLog {
    fn from(activity: Activity) -> Self {
        Self {
            id: log_id(activity.id),
            body: activity.note,
        }
    }
}

/// An activity with all that the CRM tells of it.
#[derive(Deserialize)]
#[serde(try_from = "Value")]
pub(super) struct Call {
    kind: String,
    pub(super) log: CallLog,
}

impl Call {
    pub(super) fn is_call(&self) -> bool {
        self.kind == CALL
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CallTold {
    id: u64,
    #[serde(rename = "type")]
    kind: String,
    subject: String,
    note: String,
    started_at: Option<DateTime<Utc>>,
    duration_secs: Option<u64>,
    contact_name: Option<String>,
    dispositions: Option<Map<String, Value>>,
}

impl TryFrom<Value> for Call {
    type Error = serde_json::Error;

    fn try_from(response: Value) -> std::result::Result<Self, Self::Error> {
        let told = CallTold::deserialize(&response)?;
        let log = CallLog {
            id: log_id(told.id),
            subject: told.subject,
            body: told.note,
            started_at: told.started_at,
            duration: told.duration_secs.map(Duration::from_secs),
            contact_name: told.contact_name,
            dispositions: told.dispositions.unwrap_or_default(),
            response,
        };
        Ok(Self {
            kind: told.kind,
            log,
        })
    }
}

fn log_id(id: u64) -> LogId {
    LogId::parse(&id.to_string()).expect("digits are not blank")
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Activities<T> {
    pub(super) activities: Vec<T>,
    pub(super) next_cursor: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Me {
    id: u64,
    name: String,
    company: Company,
    timezone: Option<String>,
    timezone_offset: Option<String>,
}

#[derive(Deserialize)]
struct Company {
    host: Option<String>,
}

impl Me {
    pub(super) fn info(&self) -> Result<UserInfo> {
        let named = self.timezone.as_deref().map(Zone::from_name);
        let offset = self.timezone_offset.as_deref().map(Zone::from_offset);
        UserInfo::checked(
            &self.id.to_string(),
            Some(&self.name),
            self.company.host.as_deref(),
            named.into_iter().chain(offset).find_map(|zone| zone.ok()),
        )
    }
}

#[derive(Deserialize)]
pub(super) struct Refusal {
    pub(super) error: RefusalDetails,
}

#[derive(Deserialize)]
pub(super) struct RefusalDetails {
    pub(super) field: Option<String>,
}

/// The CRM's ids are whole numbers; another id cannot name a contact of it. A number written in
/// another way, such as `01001`, is another id: digests are kept by the id as it was sent.
pub(super) fn contact_id(contact: &Contact) -> Result<u64> {
    let text = contact.id.as_str();
    text.parse()
        .ok()
        .filter(|id: &u64| id.to_string() == text)
        .ok_or(AdapterError::NotFound(Entity::Contact))
}

#[cfg(test)]
mod tests {
    use daybook_core::ids::ContactId;
    use daybook_core::time::parse_instant;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_contact_has_one_id() {
        let id = |text| {
            contact_id(&Contact {
                id: ContactId::parse(text).expect("an id"),
                phone: None,
                kind: None,
                name: None,
            })
        };
        assert_eq!(id("1001"), Ok(1001));
        assert_eq!(id("0"), Ok(0));
        for other in [
            "01001",
            "+1001",
            "1001.0",
            "1e3",
            "-1",
            "99999999999999999999",
            "Daisy",
        ] {
            assert_eq!(
                id(other),
                Err(AdapterError::NotFound(Entity::Contact)),
                "{other}"
            );
        }
    }

    #[test]
    fn times_of_a_call_are_sent_where_they_are_known() {
        let started_at = parse_instant("2015-02-18T13:24:50.123Z").ok();
        for (text, sent) in [
            ("75", json!({"durationSecs": 75})),
            ("0", json!({"durationSecs": 0})),
            ("61.499", json!({"durationSecs": 61})),
            ("61.5", json!({"durationSecs": 62})),
            ("pending", json!({})),
            ("", json!({})),
        ] {
            let mut call = CallFields {
                duration: call::Duration::parse(text).expect("a duration"),
                ..CallFields::default()
            };
            assert_eq!(json!(Times::of(&call)), sent, "{text}");
            call.started_at = started_at;
            let mut with_start = sent;
            with_start["startedAt"] = json!("2015-02-18T13:24:50.123Z");
            assert_eq!(json!(Times::of(&call)), with_start, "{text}");
        }
    }

    #[test]
    fn an_activity_is_read_as_a_call_with_all_that_it_tells() {
        let told = json!({
            "id": 7,
            "contactId": 1001,
            "subject": "Call",
            "note": "n",
            "type": "Call",
            "startedAt": "2015-02-18T13:24:50.000Z",
            "durationSecs": 75,
            "dispositions": {"outcome": "won"},
            "contactName": "Daisy Meadows",
            "later": ["told", "too"],
        });
        let call: Call = serde_json::from_value(told.clone()).expect("a call");
        assert!(call.is_call());
        assert_eq!(call.log.id.as_str(), "7");
        assert_eq!(call.log.duration, Some(Duration::from_secs(75)));
        assert_eq!(call.log.contact_name.as_deref(), Some("Daisy Meadows"));
        assert_eq!(Value::Object(call.log.dispositions), told["dispositions"]);
        assert_eq!(call.log.response, told);
        let least = json!({"id": 7, "subject": "s", "note": "n", "type": "Note"});
        let note: Call = serde_json::from_value(least).expect("an activity");
        assert!(!note.is_call());
        assert_eq!((note.log.started_at, note.log.duration), (None, None));
        assert!(note.log.dispositions.is_empty());
    }

    #[test]
    fn a_user_is_read_with_the_zone_that_is_readable() {
        let zone = |timezone, offset| {
            let me = json!({
                "id": 2,
                "name": "Second Rep",
                "email": "second.rep@example.com",
                "company": {"id": 1, "name": "Example Company", "host": null},
                "timezone": timezone,
                "timezoneOffset": offset,
            });
            let me: Me = serde_json::from_value(me).expect("a user");
            me.info().expect("a user").zone
        };
        let named = Zone::from_name("America/New_York").ok();
        let offset = Zone::from_offset("+05:30").ok();
        assert_eq!(zone(json!("America/New_York"), json!("+05:30")), named);
        assert_eq!(zone(json!("Nowhere/At_All"), json!("+05:30")), offset);
        assert_eq!(zone(json!(null), json!("+05:30")), offset);
        assert_eq!(zone(json!("Nowhere/At_All"), json!("late")), None);
        assert_eq!(zone(json!(null), json!(null)), None);
    }
}
