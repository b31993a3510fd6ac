//! Pipedrive beside its fake.

use async_trait::async_trait;
use daybook_adapters::UserInfo;
use daybook_adapters::registry::pipedrive::PROFILE;
use daybook_core::contact::Contact;
use daybook_core::ids::LogId;
use daybook_core::phone::PhoneNumber;
use daybook_core::time::Zone;
use daybook_fakes::{FakeCrm, FakePipedrive, PipedriveUser};
use http::Method;
use reqwest::Url;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::{CallPart, Choice, PlatformFake, contact};

/// The platforms.
pub(super) const PLATFORMS: &[&str] = &[PROFILE.id];

/// Where users are sent with their codes.
pub const REDIRECT: &str = "https://app.test/pipedrive-redirect";

/// A person who has an organization.
const PERSON: u64 = 1001;
/// Deals of theirs that are open.
const DEALS: [&str; 2] = ["301", "303"];

/// The variables by which the adapter finds a fake, with the types for texts and calls named.
pub fn variables(crm: &FakePipedrive) -> Vec<(&'static str, String)> {
    vec![
        ("PIPEDRIVE_API_URL", crm.url()),
        ("PIPEDRIVE_OAUTH_URL", crm.url()),
        ("PIPEDRIVE_CLIENT_ID", FakePipedrive::CLIENT_ID.to_owned()),
        (
            "PIPEDRIVE_CLIENT_SECRET",
            FakePipedrive::CLIENT_SECRET.to_owned(),
        ),
        ("PIPEDRIVE_REDIRECT_URLS", REDIRECT.to_owned()),
        ("PIPEDRIVE_SMS_TYPE", "text_sms".to_owned()),
        ("PIPEDRIVE_CALL_TYPE", "call".to_owned()),
    ]
}

fn info(user: &PipedriveUser) -> UserInfo {
    UserInfo {
        id: user.id.to_string(),
        name: Some(user.name.to_owned()),
        hostname: Some(format!("{}.pipedrive.com", user.company_domain)),
        zone: Zone::from_name(user.zone).ok(),
        company: Some(user.company_id.to_string()),
    }
}

/// The fake, and two leads of the person.
#[derive(Debug)]
struct Pipedrive {
    crm: FakePipedrive,
    leads: [String; 2],
}

/// Starts its fake.
pub(super) async fn start() -> Box<dyn PlatformFake> {
    let crm = FakePipedrive::start().await;
    let leads = ["Asters", "Irises"].map(|title| crm.add_lead(title, PERSON));
    Box::new(Pipedrive { crm, leads })
}

#[async_trait]
impl PlatformFake for Pipedrive {
    fn server(&self) -> &FakeCrm {
        &self.crm
    }

    fn variables(&self) -> Vec<(&'static str, String)> {
        variables(&self.crm)
    }

    fn users(&self) -> Vec<UserInfo> {
        FakePipedrive::USERS.iter().map(info).collect()
    }

    async fn credentials(&self, user: &UserInfo, redirect: Option<&Url>) -> SecretString {
        let id = user.id.parse().expect("Pipedrive's ids are numbers");
        let redirect = redirect.expect("users sign in with OAuth");
        let back = self.crm.allow(id, redirect.as_str(), None);
        let mut pairs = back.query_pairs();
        let (_, code) = pairs.find(|(name, _)| name == "code").expect("a code");
        SecretString::from(code.into_owned())
    }

    fn contact(&self) -> Contact {
        contact(&PERSON.to_string())
    }

    fn person(&self) -> Contact {
        Contact {
            phone: PhoneNumber::parse("+16505553204"),
            kind: Some("Person".to_owned()),
            ..self.contact()
        }
    }

    fn missing_contacts(&self) -> Vec<Contact> {
        // The last two are not of the form that Pipedrive's ids have.
        ["999999", "nobody", "01001"].map(contact).into()
    }

    fn missing_log(&self) -> LogId {
        LogId::parse("999999").expect("an id")
    }

    fn elsewhere(&self) -> &'static str {
        "/v1/users/me"
    }

    fn page_size(&self) -> usize {
        100
    }

    async fn activity(&self, id: &LogId) -> Value {
        let path = format!("activities/{id}");
        let mut told = self.crm.hand(Method::GET, &path, &Value::Null).await;
        told["data"].take()
    }

    fn note_field(&self) -> &'static str {
        "note"
    }

    fn call_fields(&self, part: CallPart) -> &'static [&'static str] {
        match part {
            CallPart::Subject => &["subject"],
            CallPart::StartedAt => &["due_date", "due_time"],
            CallPart::Duration => &["duration"],
            CallPart::Submission | CallPart::Dispositions => &["deal_id", "lead_id"],
        }
    }

    fn choices(&self) -> [Choice; 2] {
        [
            ("deals", DEALS.map(|deal| json!(deal))),
            ("leads", self.leads.each_ref().map(|lead| json!(lead))),
        ]
    }

    fn choices_exclude(&self) -> bool {
        true
    }

    fn submitted(&self, activity: &Value, field: &str) -> Value {
        match field {
            "deals" => json!(activity["deal_id"].to_string()),
            _ => activity["lead_id"].clone(),
        }
    }

    fn contact_name(&self) -> Option<&'static str> {
        None
    }

    fn touched_fields(&self) -> &'static [&'static str] {
        &["update_time"]
    }
}
