//! Pipedrive's JSON.
//!
//! # Source
//! Pipedrive's OpenAPI descriptions of v1 and v2, as of 2026-08-03 (read 2026-11-21).

use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use daybook_core::ids::LogId;
use daybook_core::time::Zone;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::{CallLog, MessageLog, Result, UserInfo};

/// What every answer carries. One that does not say that it is a success is none, whatever its
/// status: without this, a list in which an error stands would be an empty one.
#[derive(Deserialize)]
pub(super) struct Said<T> {
    #[serde(rename = "success", deserialize_with = "is_true")]
    _success: (),
    pub(super) data: T,
    #[serde(default)]
    pub(super) additional_data: Option<Beside>,
}

fn is_true<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<(), D::Error> {
    match bool::deserialize(deserializer)? {
        true => Ok(()),
        false => Err(D::Error::custom("it is no success")),
    }
}

/// What stands beside the data of a list.
#[derive(Deserialize)]
pub(super) struct Beside {
    #[serde(default)]
    pub(super) next_cursor: Option<String>,
}

/// An activity to make. What is `None` is not sent.
#[derive(Serialize)]
pub(super) struct NewActivity<'a> {
    pub(super) subject: &'a str,
    pub(super) note: &'a str,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<&'a str>,
    pub(super) done: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) owner_id: Option<u64>,
    pub(super) participants: [Participant; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) org_id: Option<u64>,
    #[serde(flatten)]
    pub(super) links: &'a Links,
    #[serde(flatten)]
    pub(super) times: Times,
}

/// Who an activity is with.
#[derive(Serialize)]
pub(super) struct Participant {
    pub(super) person_id: u64,
    pub(super) primary: bool,
}

/// What an activity is linked with. The inner `None` unlinks; the outer one leaves it as it is.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Links {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) deal_id: Option<Option<u64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) lead_id: Option<Option<String>>,
}

impl Links {
    /// Those of an activity to make, which has none yet to take away. As App Connect's server: one
    /// that has a deal is not linked with a lead besides.
    pub(super) fn of_new(self) -> Self {
        let deal_id = self.deal_id.filter(Option::is_some);
        let lead_id = self.lead_id.filter(Option::is_some);
        Self {
            lead_id: lead_id.filter(|_| deal_id.is_none()),
            deal_id,
        }
    }

    /// Those of an activity to change: a deal and a lead exclude each other, so one that is set
    /// takes the other away, and of both the deal counts.
    pub(super) fn of_change(self) -> Self {
        match (self.deal_id, self.lead_id) {
            (Some(Some(deal)), _) => Self {
                deal_id: Some(Some(deal)),
                lead_id: Some(None),
            },
            (_, Some(Some(lead))) => Self {
                deal_id: Some(None),
                lead_id: Some(Some(lead)),
            },
            (deal_id, lead_id) => Self { deal_id, lead_id },
        }
    }

    /// Whether an activity with the links `held` has these already.
    pub(super) fn stand_in(&self, held: &Self) -> bool {
        let deal = held.deal_id.flatten();
        let lead = held.lead_id.as_ref().and_then(Option::as_ref);
        self.deal_id.is_none_or(|wanted| wanted == deal)
            && (self.lead_id.as_ref()).is_none_or(|wanted| wanted.as_ref() == lead)
    }
}

/// When an activity was, in UTC, and how long.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Times {
    #[serde(skip_serializing_if = "Option::is_none")]
    due_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<String>,
}

impl Times {
    /// The duration counts a minute that has begun whole.
    pub(super) fn of(started_at: Option<DateTime<Utc>>, duration: Option<Duration>) -> Self {
        Self {
            due_date: started_at.map(|at| at.format("%Y-%m-%d").to_string()),
            due_time: started_at.map(|at| at.format("%H:%M").to_string()),
            duration: duration.map(|known| {
                let minutes = known.as_millis().div_ceil(60_000);
                format!("{:02}:{:02}", minutes / 60, minutes % 60)
            }),
        }
    }
}

/// What is sent of an activity to change it; what is not sent stays.
#[derive(Default, PartialEq, Serialize)]
pub(super) struct ActivityPatch<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) subject: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<&'a str>,
    #[serde(flatten)]
    pub(super) links: Links,
    #[serde(flatten)]
    pub(super) times: Times,
}

/// An activity as it was told, and all of that.
#[derive(Deserialize)]
#[serde(try_from = "Value")]
pub(super) struct Activity {
    told: Told,
    response: Value,
}

#[derive(Deserialize)]
struct Told {
    id: u64,
    subject: Option<String>,
    note: Option<String>,
    #[serde(default)]
    is_deleted: Option<bool>,
    due_date: Option<String>,
    due_time: Option<String>,
    duration: Option<String>,
    deal_id: Option<u64>,
    lead_id: Option<String>,
}

impl TryFrom<Value> for Activity {
    type Error = serde_json::Error;

    fn try_from(response: Value) -> std::result::Result<Self, Self::Error> {
        let told = Told::deserialize(&response)?;
        Ok(Self { told, response })
    }
}

impl Activity {
    pub(super) fn id(&self) -> u64 {
        self.told.id
    }

    pub(super) fn is_deleted(&self) -> bool {
        self.told.is_deleted == Some(true)
    }

    pub(super) fn note(&self) -> &str {
        self.told.note.as_deref().unwrap_or_default()
    }
}

impl Told {
    fn started_at(&self) -> Option<DateTime<Utc>> {
        let date = NaiveDate::parse_from_str(self.due_date.as_deref()?, "%Y-%m-%d").ok()?;
        let (hours, minutes, seconds) = clock(self.due_time.as_deref()?)?;
        let time = NaiveTime::from_hms_opt(hours, minutes, seconds)?;
        Some(date.and_time(time).and_utc())
    }

    fn duration(&self) -> Option<Duration> {
        let (hours, minutes, seconds) = clock(self.duration.as_deref()?)?;
        let seconds = u64::from(hours) * 3_600 + u64::from(minutes) * 60 + u64::from(seconds);
        Some(Duration::from_secs(seconds))
    }
}

/// `HH:MM` or `HH:MM:SS`.
fn clock(text: &str) -> Option<(u32, u32, u32)> {
    let mut parts = text.split(':').map(|part| part.parse().ok());
    let (hours, minutes) = (parts.next()??, parts.next()??);
    let seconds = parts.next().unwrap_or(Some(0))?;
    (minutes < 60 && seconds < 60).then_some((hours, minutes, seconds))
}

impl From<Activity> for MessageLog {
    fn from(activity: Activity) -> Self {
        Self {
            id: log_id(activity.id()),
            body: activity.told.note.unwrap_or_default(),
        }
    }
}

impl From<Activity> for CallLog {
    fn from(activity: Activity) -> Self {
        let Activity { told, response } = activity;
        let deal = told.deal_id.map(|id| (DEALS, id.to_string()));
        let lead = told.lead_id.clone().map(|id| (LEADS, id));
        let links = deal.into_iter().chain(lead);
        Self {
            id: log_id(told.id),
            started_at: told.started_at(),
            duration: told.duration(),
            subject: told.subject.unwrap_or_default(),
            body: told.note.unwrap_or_default(),
            contact_name: None,
            dispositions: links
                .map(|(field, id)| (field.to_owned(), Value::String(id)))
                .collect(),
            response,
        }
    }
}

/// The manifest's field for the deal of a log.
pub(super) const DEALS: &str = "deals";
/// The manifest's field for its lead.
pub(super) const LEADS: &str = "leads";

fn log_id(id: u64) -> LogId {
    LogId::parse(&id.to_string()).expect("digits are not blank")
}

/// A person as a search finds it.
#[derive(Deserialize)]
pub(super) struct Found {
    pub(super) items: Vec<FoundItem>,
}

#[derive(Deserialize)]
pub(super) struct FoundItem {
    pub(super) item: FoundPerson,
}

#[derive(Deserialize)]
pub(super) struct FoundPerson {
    pub(super) id: u64,
    pub(super) name: Option<String>,
    #[serde(default)]
    pub(super) phones: Option<Vec<String>>,
    #[serde(default)]
    pub(super) organization: Option<Organization>,
}

#[derive(Deserialize)]
pub(super) struct Organization {
    pub(super) id: u64,
}

/// A person as it is read.
#[derive(Deserialize)]
pub(super) struct Person {
    pub(super) id: u64,
    pub(super) name: Option<String>,
    pub(super) org_id: Option<u64>,
    #[serde(default)]
    pub(super) is_deleted: Option<bool>,
}

#[derive(Serialize)]
pub(super) struct NewPerson<'a> {
    pub(super) name: &'a str,
    pub(super) phones: [NewPhone<'a>; 1],
}

#[derive(Serialize)]
pub(super) struct NewPhone<'a> {
    pub(super) value: &'a str,
    pub(super) primary: bool,
    pub(super) label: &'static str,
}

#[derive(Deserialize)]
pub(super) struct Deal {
    pub(super) id: u64,
    pub(super) title: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Lead {
    pub(super) id: String,
    pub(super) title: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct ActivityType {
    pub(super) name: String,
    pub(super) key_string: String,
    #[serde(default)]
    pub(super) active_flag: bool,
}

#[derive(Deserialize)]
pub(super) struct Colleague {
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) email: Option<String>,
    #[serde(default)]
    pub(super) active_flag: bool,
}

#[derive(Deserialize)]
pub(super) struct Me {
    id: u64,
    name: String,
    timezone_name: Option<String>,
    timezone_offset: Option<String>,
    company_id: Option<u64>,
    company_domain: Option<String>,
}

impl Me {
    /// The user, at the host that the CRM names, else at `hostname`.
    pub(super) fn info(&self, hostname: Option<&str>) -> Result<UserInfo> {
        let named = self.timezone_name.as_deref().map(Zone::from_name);
        let offset = self.timezone_offset.as_deref().map(Zone::from_offset);
        let domain = self.company_domain.as_deref();
        let domain = domain.filter(|domain| !domain.trim().is_empty());
        let own = domain.map(|domain| format!("{}.pipedrive.com", domain.trim()));
        let info = UserInfo::checked(
            &self.id.to_string(),
            Some(&self.name),
            own.as_deref().or(hostname),
            named.into_iter().chain(offset).find_map(|zone| zone.ok()),
        )?;
        Ok(UserInfo {
            company: self.company_id.map(|id| id.to_string()),
            ..info
        })
    }
}

#[cfg(test)]
mod tests;
