//! The Example CRM beside its fake.

use async_trait::async_trait;
use daybook_adapters::UserInfo;
use daybook_adapters::registry::example_crm::{OAUTH_PROFILE, PROFILE};
use daybook_core::contact::Contact;
use daybook_core::ids::LogId;
use daybook_core::phone::PhoneNumber;
use daybook_core::time::Zone;
use daybook_example_crm::{
    DEMO_KEY, OAUTH_CLIENT_ID, OAUTH_CLIENT_SECRET, SECOND_COMPANY_KEY, SECOND_REP_KEY,
};
use daybook_fakes::{FakeCrm, FakeExampleCrm};
use reqwest::{Client, Url, redirect};
use secrecy::SecretString;
use serde_json::{Value, json};

use super::{CallPart, Choice, PlatformFake, contact};
use crate::params::DEMO_AUTH;

/// The platforms.
pub(super) const PLATFORMS: &[&str] = &[PROFILE.id, OAUTH_PROFILE.id];

/// Each user: how the page names them on which they allow an app, the API key, what `/me` tells.
const USERS: [(&str, &str, [&str; 4]); 3] = [
    (
        "1-1",
        DEMO_KEY,
        ["1", "Demo Rep", "127.0.0.1", "America/Los_Angeles"],
    ),
    (
        "1-2",
        SECOND_REP_KEY,
        ["2", "Second Rep", "127.0.0.1", "America/New_York"],
    ),
    (
        "2-1",
        SECOND_COMPANY_KEY,
        ["1", "Other Rep", "second.example-crm.test", "Asia/Kolkata"],
    ),
];

fn info([id, name, hostname, zone]: [&str; 4]) -> UserInfo {
    UserInfo {
        id: id.to_owned(),
        name: Some(name.to_owned()),
        hostname: Some(hostname.to_owned()),
        zone: Zone::from_name(zone).ok(),
        company: None,
    }
}

/// Has a user allow us to act for them; the code is in the address that the browser is sent to.
async fn code(fake: &FakeCrm, user: &str, redirect: &Url) -> SecretString {
    let mut form = Url::parse("form:").expect("an address");
    form.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", OAUTH_CLIENT_ID)
        .append_pair("redirect_uri", redirect.as_str())
        .append_pair("user", user)
        .append_pair("decision", "allow");
    let browser = Client::builder().redirect(redirect::Policy::none()).build();
    let request = browser
        .expect("a client")
        .post(format!("{}/crm/oauth/authorize", fake.url()))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.query().unwrap_or_default().to_owned());
    let answer = request.send().await.expect("an answer");
    let location = answer.headers()["location"].to_str().expect("an address");
    let location = Url::parse(location).expect("an address");
    let mut pairs = location.query_pairs();
    let (_, code) = pairs.find(|(name, _)| name == "code").expect("a code");
    SecretString::from(code.into_owned())
}

/// Starts its fake.
pub(super) async fn start() -> Box<dyn PlatformFake> {
    Box::new(FakeExampleCrm::start().await)
}

#[async_trait]
impl PlatformFake for FakeExampleCrm {
    fn server(&self) -> &FakeCrm {
        self
    }

    fn variables(&self) -> Vec<(&'static str, String)> {
        vec![
            ("EXAMPLE_CRM_URL", format!("{}/crm/api", self.url())),
            ("EXAMPLE_CRM_CLIENT_ID", OAUTH_CLIENT_ID.to_owned()),
            ("EXAMPLE_CRM_CLIENT_SECRET", OAUTH_CLIENT_SECRET.to_owned()),
        ]
    }

    fn users(&self) -> Vec<UserInfo> {
        USERS.map(|(_, _, told)| info(told)).into()
    }

    async fn credentials(&self, user: &UserInfo, redirect: Option<&Url>) -> SecretString {
        let found = USERS.into_iter().find(|(_, _, told)| info(*told) == *user);
        let (named, key, _) = found.expect("a user of this CRM");
        match redirect {
            Some(redirect) => code(self, named, redirect).await,
            None => SecretString::from(key),
        }
    }

    fn contact(&self) -> Contact {
        contact("1001")
    }

    fn person(&self) -> Contact {
        Contact {
            phone: PhoneNumber::parse("+16505553204"),
            kind: Some("Contact".to_owned()),
            ..contact("1001")
        }
    }

    fn missing_contacts(&self) -> Vec<Contact> {
        // The second is not of the form that the CRM's ids have.
        vec![contact("999999"), contact("nobody")]
    }

    fn missing_log(&self) -> LogId {
        LogId::parse("999999").expect("an id")
    }

    fn elsewhere(&self) -> &'static str {
        "/crm/api/me"
    }

    fn page_size(&self) -> usize {
        100
    }

    async fn activity(&self, id: &LogId) -> Value {
        let url = format!("{}/crm/api/activities/{id}", self.url());
        let request = reqwest::Client::new().get(url);
        let sent = request.header("authorization", DEMO_AUTH).send().await;
        sent.expect("an answer").json().await.expect("JSON")
    }

    fn note_field(&self) -> &'static str {
        "note"
    }

    fn call_fields(&self, part: CallPart) -> &'static [&'static str] {
        match part {
            CallPart::Subject => &["subject"],
            CallPart::StartedAt => &["startedAt"],
            CallPart::Duration => &["durationSecs"],
            CallPart::Submission => &["extra"],
            CallPart::Dispositions => &["dispositions"],
        }
    }

    fn choices(&self) -> [Choice; 2] {
        [
            ("outcome", [json!("won"), json!("lost")]),
            ("topics", [json!(["price", 5]), json!({"other": true})]),
        ]
    }

    fn choices_exclude(&self) -> bool {
        false
    }

    fn submitted(&self, activity: &Value, field: &str) -> Value {
        activity["extra"][field].clone()
    }

    fn contact_name(&self) -> Option<&'static str> {
        Some("Daisy Meadows")
    }

    fn touched_fields(&self) -> &'static [&'static str] {
        &["updatedAt"]
    }
}
