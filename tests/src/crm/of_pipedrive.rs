//! Pipedrive, for cases that speak of the Example CRM.

use daybook_adapters::registry::pipedrive::PROFILE;
use daybook_fakes::FakePipedrive;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use url::form_urlencoded;

use crate::adapters::pipedrive::{REDIRECT, variables as of_adapter};
use crate::params::DEMO_AUTH;

/// The host of the first company.
pub(super) const HOST: &str = "first-company.pipedrive.com";

/// Deals of the person 1001 that are open.
const DEALS: [&str; 2] = ["301", "303"];

/// What an agent may choose: a lead would take the place of the deal.
pub(super) const CHOICES: &[(&str, &str)] = &[("deals", DEALS[0])];

/// By turns one deal and the other.
pub(super) fn choice(number: u64) -> Value {
    let index = usize::from(number.is_multiple_of(2));
    json!({"deals": DEALS[index]})
}

/// A new one, and the header of its first user.
pub(super) async fn start() -> (FakePipedrive, String) {
    let crm = FakePipedrive::start().await;
    let token = token(&crm, FakePipedrive::USERS[0].id).await;
    crm.clear_journal();
    crm.clear_usage();
    (crm, format!("Bearer {}", token.expose_secret()))
}

/// An access token of a user, got as the adapter gets one.
async fn token(crm: &FakePipedrive, user: u64) -> secrecy::SecretString {
    let back = crm.allow(user, REDIRECT, None);
    let mut pairs = back.query_pairs();
    let (_, code) = pairs.find(|(name, _)| name == "code").expect("a code");
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "authorization_code")
        .append_pair("code", &code)
        .append_pair("redirect_uri", REDIRECT)
        .finish();
    let request = reqwest::Client::new()
        .post(format!("{}/oauth/token", crm.url()))
        .basic_auth(FakePipedrive::CLIENT_ID, Some(FakePipedrive::CLIENT_SECRET))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form);
    let granted = request.send().await.expect("an answer");
    let granted: Value = granted.json().await.expect("JSON");
    let token = granted["access_token"].as_str().expect("a token");
    secrecy::SecretString::from(token)
}

pub(super) fn variables(crm: &FakePipedrive) -> Vec<(&'static str, String)> {
    let mut all = of_adapter(crm);
    all.push(("PLATFORMS", PROFILE.id.to_owned()));
    all
}

/// Parameters with Pipedrive's users, types of contacts and credentials in place of the Example
/// CRM's. Texts are left alone: a body that is no JSON to us may be one to a server.
pub(super) fn speak(params: &str, auth: &str) -> String {
    let mut spoken = params.replace(DEMO_AUTH, auth);
    spoken = spoken.replace("\"type\":\"Contact\"", "\"type\":\"Person\"");
    for (number, user) in (1..).zip(&FakePipedrive::USERS[..2]) {
        for platform in ["exampleCRMOAuth", "exampleCRM"] {
            let theirs = format!("\"id\":\"{number}-{platform}\"");
            let ours = format!(
                "\"id\":\"{}-{}\",\"hostname\":\"{HOST}\"",
                user.id, PROFILE.id
            );
            spoken = spoken.replace(&theirs, &ours);
        }
    }
    spoken
}

/// An activity with what the cases read of one.
pub(super) fn told(mut activity: Value) -> Value {
    let duration = activity["duration"].as_str().map(secs);
    let deal = activity["deal_id"].as_u64().map(|id| id.to_string());
    let lead = activity["lead_id"].as_str().map(str::to_owned);
    let links = [("deals", deal), ("leads", lead)].into_iter();
    let links = links.filter_map(|(field, id)| Some((field.to_owned(), json!(id?))));
    activity["dispositions"] = Value::Object(links.collect());
    activity["contactId"] = activity["person_id"].clone();
    activity["durationSecs"] = json!(duration);
    activity
}

/// The seconds of `HH:MM`, behind which seconds may stand.
fn secs(duration: &str) -> u64 {
    let parts = duration.split(':').chain(["0"]).take(3);
    parts.fold(0, |all, part| {
        all * 60 + part.parse::<u64>().expect("a number")
    })
}

/// An answer about an activity, or a list of it.
pub(super) fn answer(activity: Value, is_list: bool) -> Value {
    let data = if is_list { json!([activity]) } else { activity };
    json!({"success": true, "data": data})
}

pub(super) fn planted(subject: &str, note: &str) -> Value {
    json!({
        "subject": subject, "type": "call", "note": note,
        "participants": [{"person_id": 1001, "primary": true}],
    })
}
