//! What the CRM keeps: contacts and activities, and the rules for making and changing them.
//!
//! Pure: no clock, no disk. `store` decides when a [`DataSet`] becomes the current one.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::ApiError;
use crate::requests::{ActivityChanges, ContactChanges, NewActivity, NewContact};
use crate::time::{iso, iso_option};

const FIRST_CONTACT_ID: u64 = 1001;
const FIRST_ACTIVITY_ID: u64 = 1;

const DEMO_CONTACTS: [(&str, &str); 3] = [
    ("Daisy Meadows", "+16505553204"),
    ("Rowan Fields", "+14155550142"),
    ("Hazel Brooks", "+12125550187"),
];

/// A person the CRM knows.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Contact {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) phone: String,
    #[serde(rename = "type")]
    pub(crate) kind: ContactType,
    #[serde(with = "iso")]
    pub(crate) created_at: DateTime<Utc>,
    #[serde(with = "iso")]
    pub(crate) updated_at: DateTime<Utc>,
}

/// The kinds of contact there are.
#[derive(Clone, Copy, Serialize, Deserialize)]
pub(crate) enum ContactType {
    Contact,
}

/// Something that happened with a contact: a call, a day's texts.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Activity {
    pub(crate) id: u64,
    pub(crate) contact_id: u64,
    pub(crate) subject: String,
    pub(crate) note: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    #[serde(default, with = "iso_option", skip_serializing_if = "Option::is_none")]
    pub(crate) started_at: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) duration_secs: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) extra: Option<Map<String, Value>>,
    #[serde(with = "iso")]
    pub(crate) created_at: DateTime<Utc>,
    #[serde(with = "iso")]
    pub(crate) updated_at: DateTime<Utc>,
}

/// Everything in the CRM at one moment. Records are shared between copies, so a copy is cheap.
#[derive(Clone)]
pub(crate) struct DataSet {
    pub(crate) contacts: BTreeMap<u64, Arc<Contact>>,
    pub(crate) activities: BTreeMap<u64, Arc<Activity>>,
    pub(crate) next_contact_id: u64,
    pub(crate) next_activity_id: u64,
}

impl DataSet {
    /// The demo contacts, without activities.
    pub(crate) fn demo(now: DateTime<Utc>) -> Self {
        let mut data = Self {
            contacts: BTreeMap::new(),
            activities: BTreeMap::new(),
            next_contact_id: FIRST_CONTACT_ID,
            next_activity_id: FIRST_ACTIVITY_ID,
        };
        for (name, phone) in DEMO_CONTACTS {
            let (name, phone) = (name.to_owned(), phone.to_owned());
            data.create_contact(NewContact { name, phone }, now);
        }
        data
    }

    pub(crate) fn contact(&self, id: u64) -> Result<Arc<Contact>, ApiError> {
        let contact = self.contacts.get(&id).cloned();
        contact.ok_or(ApiError::NotFound { entity: "contact" })
    }

    pub(crate) fn create_contact(&mut self, new: NewContact, now: DateTime<Utc>) -> Arc<Contact> {
        let contact = Arc::new(Contact {
            id: self.next_contact_id,
            name: new.name,
            phone: new.phone,
            kind: ContactType::Contact,
            created_at: now,
            updated_at: now,
        });
        self.next_contact_id += 1;
        self.contacts.insert(contact.id, Arc::clone(&contact));
        contact
    }

    pub(crate) fn update_contact(
        &mut self,
        id: u64,
        changes: ContactChanges,
        now: DateTime<Utc>,
    ) -> Result<Arc<Contact>, ApiError> {
        let mut contact = (*self.contact(id)?).clone();
        set(&mut contact.name, changes.name);
        set(&mut contact.phone, changes.phone);
        contact.updated_at = now;
        let contact = Arc::new(contact);
        self.contacts.insert(id, Arc::clone(&contact));
        Ok(contact)
    }

    pub(crate) fn activity(&self, id: u64) -> Result<Arc<Activity>, ApiError> {
        let activity = self.activities.get(&id).cloned();
        activity.ok_or(ApiError::NotFound { entity: "activity" })
    }

    pub(crate) fn create_activity(
        &mut self,
        new: NewActivity,
        now: DateTime<Utc>,
    ) -> Result<Arc<Activity>, ApiError> {
        self.check_contact_id(new.contact_id)?;
        let activity = Arc::new(Activity {
            id: self.next_activity_id,
            contact_id: new.contact_id,
            subject: new.subject,
            note: new.note,
            kind: new.kind,
            started_at: new.started_at,
            duration_secs: new.duration_secs,
            extra: new.extra,
            created_at: now,
            updated_at: now,
        });
        self.next_activity_id += 1;
        self.activities.insert(activity.id, Arc::clone(&activity));
        Ok(activity)
    }

    pub(crate) fn update_activity(
        &mut self,
        id: u64,
        changes: ActivityChanges,
        now: DateTime<Utc>,
    ) -> Result<Arc<Activity>, ApiError> {
        let mut activity = (*self.activity(id)?).clone();
        if let Some(contact_id) = changes.contact_id {
            self.check_contact_id(contact_id)?;
        }
        set(&mut activity.contact_id, changes.contact_id);
        set(&mut activity.subject, changes.subject);
        set(&mut activity.note, changes.note);
        set(&mut activity.kind, changes.kind);
        set(&mut activity.started_at, changes.started_at);
        set(&mut activity.duration_secs, changes.duration_secs);
        set(&mut activity.extra, changes.extra);
        activity.updated_at = now;
        let activity = Arc::new(activity);
        self.activities.insert(id, Arc::clone(&activity));
        Ok(activity)
    }

    pub(crate) fn delete_activity(&mut self, id: u64) -> Result<(), ApiError> {
        let removed = self.activities.remove(&id);
        removed
            .map(drop)
            .ok_or(ApiError::NotFound { entity: "activity" })
    }

    fn check_contact_id(&self, id: u64) -> Result<(), ApiError> {
        if self.contacts.contains_key(&id) {
            Ok(())
        } else {
            Err(ApiError::invalid("contactId", "names no contact"))
        }
    }
}

fn set<T>(field: &mut T, change: Option<T>) {
    if let Some(value) = change {
        *field = value;
    }
}
