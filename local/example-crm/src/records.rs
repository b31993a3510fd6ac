//! What the CRM keeps: contacts and activities of each company, and the rules for changing them.
//!
//! Pure: no clock, no disk. `store` decides when a [`DataSet`] becomes the current one. What a
//! company has lies apart from what the others have, so that no search finds too much. What apps
//! were allowed is in `grants`.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::ApiError;
use crate::grants::Grants;
use crate::people::{COMPANIES, Company, EXAMPLE_COMPANY, SECOND_COMPANY};
use crate::requests::{ActivityChanges, ContactChanges, NewActivity, NewContact};
use crate::time::{iso, iso_option};

const FIRST_ACTIVITY_ID: u64 = 1;

/// What a company has before anybody works with it. Ids begin at `first_id`, or follow those that
/// are taken.
struct Demo {
    company: &'static Company,
    first_id: u64,
    contacts: &'static [(&'static str, &'static str)],
}

static EXAMPLE_DEMO: Demo = Demo {
    company: &EXAMPLE_COMPANY,
    first_id: 1001,
    contacts: &[
        ("Daisy Meadows", "+16505553204"),
        ("Rowan Fields", "+14155550142"),
        ("Hazel Brooks", "+12125550187"),
    ],
};

static SECOND_DEMO: Demo = Demo {
    company: &SECOND_COMPANY,
    first_id: 2001,
    contacts: &[("Robin Fields", "+12065550123")],
};

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
    /// What people chose for it, by the names of the choices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) dispositions: Option<Map<String, Value>>,
    #[serde(with = "iso")]
    pub(crate) created_at: DateTime<Utc>,
    #[serde(with = "iso")]
    pub(crate) updated_at: DateTime<Utc>,
}

/// What one company has. Records are shared between copies, so a copy is cheap.
#[derive(Clone, Default)]
pub(crate) struct Books {
    pub(crate) contacts: BTreeMap<u64, Arc<Contact>>,
    pub(crate) activities: BTreeMap<u64, Arc<Activity>>,
}

/// Everything in the CRM at one moment. Ids count through all companies.
#[derive(Clone)]
pub(crate) struct DataSet {
    books: BTreeMap<u64, Books>,
    pub(crate) next_contact_id: u64,
    pub(crate) next_activity_id: u64,
    pub(crate) grants: Grants,
}

impl Books {
    pub(crate) fn contact(&self, id: u64) -> Result<Arc<Contact>, ApiError> {
        let contact = self.contacts.get(&id).cloned();
        contact.ok_or(ApiError::NotFound { entity: "contact" })
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
        merge(&mut activity.extra, changes.extra);
        set(&mut activity.dispositions, changes.dispositions);
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

impl DataSet {
    /// The demo contacts of every company, without activities.
    pub(crate) fn demo(now: DateTime<Utc>) -> Self {
        let mut data = Self::empty(EXAMPLE_DEMO.first_id, FIRST_ACTIVITY_ID);
        data.add(&EXAMPLE_DEMO, now);
        data.add_second_company(now);
        data
    }

    /// Nothing yet, and the ids that come next.
    pub(crate) fn empty(next_contact_id: u64, next_activity_id: u64) -> Self {
        let books = COMPANIES.map(|company| (company.id, Books::default()));
        Self {
            books: books.into(),
            next_contact_id,
            next_activity_id,
            grants: Grants::default(),
        }
    }

    /// The demo contacts of the second company, which old data lacks.
    pub(crate) fn add_second_company(&mut self, now: DateTime<Utc>) {
        self.add(&SECOND_DEMO, now);
    }

    fn add(&mut self, demo: &Demo, now: DateTime<Utc>) {
        self.next_contact_id = self.next_contact_id.max(demo.first_id);
        for (name, phone) in demo.contacts {
            let (name, phone) = ((*name).to_owned(), (*phone).to_owned());
            self.create_contact(demo.company, NewContact { name, phone }, now);
        }
    }

    /// What `company` has.
    pub(crate) fn books(&self, company: &'static Company) -> &Books {
        let books = self.books.get(&company.id);
        books.expect("a data set begins with every company")
    }

    /// What `company` has, to change it.
    pub(crate) fn books_mut(&mut self, company: &'static Company) -> &mut Books {
        let books = self.books.get_mut(&company.id);
        books.expect("a data set begins with every company")
    }

    /// A contact of whatever company, and that company.
    pub(crate) fn anyones_contact(&self, id: u64) -> Option<(&'static Company, &Contact)> {
        COMPANIES.into_iter().find_map(|company| {
            let contact = self.books(company).contacts.get(&id)?;
            Some((company, contact.as_ref()))
        })
    }

    pub(crate) fn create_contact(
        &mut self,
        company: &'static Company,
        new: NewContact,
        now: DateTime<Utc>,
    ) -> Arc<Contact> {
        let contact = Arc::new(Contact {
            id: self.next_contact_id,
            name: new.name,
            phone: new.phone,
            kind: ContactType::Contact,
            created_at: now,
            updated_at: now,
        });
        self.next_contact_id += 1;
        let contacts = &mut self.books_mut(company).contacts;
        contacts.insert(contact.id, Arc::clone(&contact));
        contact
    }

    pub(crate) fn create_activity(
        &mut self,
        company: &'static Company,
        new: NewActivity,
        now: DateTime<Utc>,
    ) -> Result<Arc<Activity>, ApiError> {
        self.books(company).check_contact_id(new.contact_id)?;
        let activity = Arc::new(Activity {
            id: self.next_activity_id,
            contact_id: new.contact_id,
            subject: new.subject,
            note: new.note,
            kind: new.kind,
            started_at: new.started_at,
            duration_secs: new.duration_secs,
            extra: new.extra,
            dispositions: new.dispositions,
            created_at: now,
            updated_at: now,
        });
        self.next_activity_id += 1;
        let activities = &mut self.books_mut(company).activities;
        activities.insert(activity.id, Arc::clone(&activity));
        Ok(activity)
    }
}

fn set<T>(field: &mut T, change: Option<T>) {
    if let Some(value) = change {
        *field = value;
    }
}

/// Puts what a change names into `fields`: of these, null takes one out.
fn merge(fields: &mut Option<Map<String, Value>>, change: Option<Option<Map<String, Value>>>) {
    let Some(Some(change)) = change else {
        return set(fields, change);
    };
    let fields = fields.get_or_insert_default();
    for (name, value) in change {
        match value.is_null() {
            true => fields.remove(&name),
            false => fields.insert(name, value),
        };
    }
}
