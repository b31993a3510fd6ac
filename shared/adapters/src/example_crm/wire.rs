//! The Example CRM's JSON.

use daybook_core::contact::Contact;
use daybook_core::ids::LogId;
use daybook_core::time::Zone;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{AdapterError, Entity, MessageLog, Result, UserInfo};

/// The CRM's type of the activities that hold a digest.
const MESSAGE: &str = "Message";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewActivity<'a> {
    contact_id: u64,
    subject: &'a str,
    note: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    started_at: String,
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
            started_at: log.started_at.to_rfc3339(),
            extra: log.additional_submission,
        })
    }
}

#[derive(Serialize)]
pub(super) struct NotePatch<'a> {
    pub(super) note: &'a str,
}

#[derive(Deserialize)]
pub(super) struct Activity {
    id: u64,
    note: String,
}

impl From<Activity> for MessageLog {
    fn from(activity: Activity) -> Self {
        Self {
            id: LogId::parse(&activity.id.to_string()).expect("digits are not blank"),
            body: activity.note,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Activities {
    pub(super) activities: Vec<Activity>,
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
