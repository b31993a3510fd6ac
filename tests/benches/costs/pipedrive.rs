//! Pipedrive, which has a budget of tokens, and times that a text may take.

use std::time::Duration;

use daybook_fakes::{FakeCrm, FakePipedrive};
use daybook_tests::params::{example, set};
use reqwest::Client;
use serde_json::{Value, json};

use crate::bench::{Bench, Crm};
use crate::figures::Figures;
use crate::requests::{conversation, number};

/// How many times each case is measured.
const ROUNDS: usize = 50;
/// How many times a case of many requests is measured.
const BURSTS: usize = 10;

/// What a text that opens a digest may take, with a CRM 50 ms away.
const FIRST_TEXT: Duration = Duration::from_millis(115);
/// What a text that joins one may take.
const JOINING_TEXT: Duration = Duration::from_millis(110);

/// The number of the contact, who has deals and a lead.
const DAISY: &str = "+16505553204";
/// Where users are sent back to.
const REDIRECT: &str = "http://127.0.0.1/pipedrive-redirect";

impl Crm for FakePipedrive {
    fn server(&self) -> &FakeCrm {
        self
    }

    fn tokens(&self) -> u64 {
        self.spent().tokens
    }
}

/// Measures all cases with a Pipedrive that answers after `delay` more. Says whether texts take no
/// longer than they may.
pub(crate) async fn run(delay: Duration) -> bool {
    let bench = start(delay).await;
    let unknown = bench.first_text_of_unknown(ROUNDS).await;
    let mut is_kept = true;
    let first = bench.first_text(ROUNDS).await;
    is_kept &= first.print_within("first text", FIRST_TEXT);
    unknown.print("first text, organisation unknown");
    let joining = bench.joining_text(ROUNDS).await;
    is_kept &= joining.print_within("joining text", JOINING_TEXT);
    let again = bench.whole_day_again(ROUNDS).await;
    again.print("whole day of 10 again");
    let twenty = bench.twenty_at_once(BURSTS).await;
    twenty.print("20 requests at once, new");
    bench.create_call_log(ROUNDS).await.print("createCallLog");
    let again = bench.create_call_log_again(ROUNDS).await;
    again.print("createCallLog again");
    bench.update_call_log(ROUNDS).await.print("updateCallLog");
    let twenty = bench.twenty_updates_at_once(BURSTS).await;
    twenty.print("20 updateCallLog at once");
    bench.find_contact().await.print("findContact, one match");
    is_kept
}

/// A system of which a user has looked for the contact and logged a text: the organisation and the
/// types of activities are remembered.
async fn start(delay: Duration) -> Bench<FakePipedrive> {
    let crm = FakePipedrive::start().await;
    crm.set_burst(usize::MAX);
    let variables = [
        ("PIPEDRIVE_CLIENT_ID", FakePipedrive::CLIENT_ID.to_owned()),
        (
            "PIPEDRIVE_CLIENT_SECRET",
            FakePipedrive::CLIENT_SECRET.to_owned(),
        ),
        ("PIPEDRIVE_REDIRECT_URLS", REDIRECT.to_owned()),
        ("PIPEDRIVE_API_URL", crm.url()),
        ("PIPEDRIVE_OAUTH_URL", crm.url()),
    ];
    let mut base = example();
    set(&mut base, "user.id", json!("11-pipedrive"));
    let company = FakePipedrive::USERS[0].company_domain;
    let host = format!("{company}.pipedrive.com");
    set(&mut base, "user.hostname", json!(host));
    set(&mut base, "authHeader", json!(sign_in(&crm).await));
    crm.set_delay(delay);
    let bench = Bench::start(crm, "pipedrive", &variables, base).await;
    let daisy = number(&bench.base, DAISY);
    bench.call("findContact", &daisy).await;
    let text = conversation(&bench.base, "warm", 0..1);
    bench.call("createMessageLog", &text).await;
    bench
}

/// The header of the first user, who allows us to act for them.
async fn sign_in(crm: &FakePipedrive) -> String {
    let back = crm.allow(FakePipedrive::USERS[0].id, REDIRECT, None);
    let code = back.query_pairs().find(|(name, _)| name == "code");
    let (_, code) = code.expect("a code");
    let mut form = reqwest::Url::parse("form:").expect("an address");
    form.query_pairs_mut()
        .append_pair("grant_type", "authorization_code")
        .append_pair("code", &code)
        .append_pair("redirect_uri", REDIRECT);
    let request = Client::new()
        .post(format!("{}/oauth/token", crm.url()))
        .basic_auth(FakePipedrive::CLIENT_ID, Some(FakePipedrive::CLIENT_SECRET))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.query().unwrap_or_default().to_owned());
    let answer = request.send().await.expect("an answer");
    let grant: Value = answer.json().await.expect("JSON");
    format!(
        "Bearer {}",
        grant["access_token"].as_str().expect("a token")
    )
}

impl Bench<FakePipedrive> {
    async fn first_text_of_unknown(&self, rounds: usize) -> Figures {
        let mut figures = Figures::default();
        let organisation = self.crm.add_organization("Meadow Supplies");
        for round in 0..rounds {
            let phone = format!("+1650555{round:04}");
            let person = self.crm.add_person("Rose", &phone, Some(organisation));
            let mut params = conversation(&self.base, &format!("unknown-{round}"), 0..1);
            params["contactInfo"]["id"] = json!(person);
            self.measure_call(&mut figures, "createMessageLog", &params)
                .await;
        }
        figures
    }

    /// Pipedrive's clock goes ahead between two, as it takes ten searches in two seconds.
    async fn find_contact(&self) -> Figures {
        let mut figures = Figures::default();
        let params = number(&self.base, DAISY);
        for _ in 0..ROUNDS {
            self.crm.advance(Duration::from_secs(3));
            self.measure_call(&mut figures, "findContact", &params)
                .await;
        }
        figures
    }
}
