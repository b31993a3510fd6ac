//! Signing in at a world's routes as the extension does, with demo users.

use daybook_example_crm::{DEMO_KEY, OAUTH_CLIENT_ID};
use daybook_fakes::FakePipedrive;
use serde_json::{Value, json};

use crate::adapters::pipedrive;
use crate::crm::Crm;
use crate::world::{ClientAnswer, World};

/// The page of the extension to which a CRM sends its users back.
pub const REDIRECT: &str = "https://ringcentral.github.io/ringcentral-embeddable/redirect.html";

/// A request of the extension.
#[derive(Debug)]
pub struct Asked {
    /// The function that it reaches.
    pub function: &'static str,
    /// The method.
    pub method: &'static str,
    /// The path and the query.
    pub path: String,
    /// The body; empty for none.
    pub body: String,
}

/// Signs in with an API key of the Example CRM.
pub async fn with_key(world: &World, key: &str) -> ClientAnswer {
    send(world, &by_key(key)).await
}

fn by_key(key: &str) -> Asked {
    let body = json!({
        "platform": "exampleCRM",
        "apiKey": key,
        "hostname": "127.0.0.1",
        "additionalInfo": {},
    });
    Asked {
        function: "api-key-login",
        method: "POST",
        path: "/apiKeyLogin?state=platform=exampleCRM".to_owned(),
        body: body.to_string(),
    }
}

async fn send(world: &World, asked: &Asked) -> ClientAnswer {
    world
        .client(asked.method, &asked.path, &[], &asked.body)
        .await
}

/// What signs the first user of a CRM in.
pub fn rely_by(crm: &Crm) -> Asked {
    match crm.pipedrive() {
        Some(crm) => by_pipedrive(crm),
        None => by_key(DEMO_KEY),
    }
}

/// What the extension asks once Pipedrive's first user has allowed us to act for them: the address
/// that Pipedrive sent the browser to is not encoded.
fn by_pipedrive(crm: &FakePipedrive) -> Asked {
    let state = Some("platform=pipedrive");
    let back = crm.allow(FakePipedrive::USERS[0].id, pipedrive::REDIRECT, state);
    Asked {
        function: "oauth-callback",
        method: "GET",
        path: format!("/oauth-callback?callbackUri={back}&hostname=temp&rcAccountId=37439510"),
        body: String::new(),
    }
}

/// Signs in the first user of a world's CRM, who relies on us from then on.
///
/// # Panics
/// Where that fails.
pub async fn rely(world: &World) {
    session(world).await;
}

/// Signs in the first user of a world's CRM; gives the session's token.
///
/// # Panics
/// Where that fails.
pub async fn session(world: &World) -> String {
    token(&send(world, &rely_by(&world.crm)).await)
}

/// The same with OAuth.
///
/// # Panics
/// Where that fails.
pub async fn rely_with_oauth(world: &World) {
    session_with_oauth(world).await;
}

/// Signs in the first user of a world's CRM with OAuth; gives the session's token.
///
/// # Panics
/// Where that fails.
pub async fn session_with_oauth(world: &World) -> String {
    let answer = match world.crm.pipedrive() {
        Some(crm) => send(world, &by_pipedrive(crm)).await,
        None => with_oauth(world, "1-1").await,
    };
    token(&answer)
}

/// The code that the Example CRM gives when its user `user` of company `company` consents.
///
/// # Panics
/// Where it gives none.
pub async fn code(world: &World, user: &str) -> String {
    let back = consent(world, user, "allow").await;
    let (_, query) = back.split_once('?').expect("a query");
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    let code = pairs.find(|(name, _)| name == "code").expect("a code");
    code.1.into_owned()
}

/// Where the Example CRM sends a browser whose user decides about the extension's request.
pub async fn consent(world: &World, user: &str, decision: &str) -> String {
    let form = [
        ("response_type", "code"),
        ("client_id", OAUTH_CLIENT_ID),
        ("redirect_uri", REDIRECT),
        ("state", "platform=exampleCRMOAuth"),
        ("user", user),
        ("decision", decision),
    ];
    let form = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .expect("a client");
    let answer = client
        .post(format!("{}/crm/oauth/authorize", world.crm.url()))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form)
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 303, "{:?}", answer.text().await);
    let back = answer.headers()["location"].to_str().expect("readable");
    back.to_owned()
}

/// Signs in with OAuth, as the extension does: the address that the CRM sent the browser to is
/// not encoded.
pub async fn with_oauth(world: &World, user: &str) -> ClientAnswer {
    let back = consent(world, user, "allow").await;
    let path = format!("/oauth-callback?callbackUri={back}&hostname=temp&rcAccountId=37439510");
    world.client("GET", &path, &[], "").await
}

/// The token of a sign-in that went well.
pub fn token(answer: &ClientAnswer) -> String {
    let body = answer.json();
    assert_eq!(answer.status, 200, "{body}");
    assert_eq!(body["returnMessage"]["messageType"], "success", "{body}");
    body["jwtToken"].as_str().expect("a token").to_owned()
}

/// A call with a token in the header.
pub async fn call(
    world: &World,
    token: &str,
    method: &str,
    path: &str,
    body: &Value,
) -> ClientAnswer {
    let bearer = format!("Bearer {token}");
    let body = match body.is_null() {
        true => String::new(),
        false => body.to_string(),
    };
    let headers = [("authorization", bearer.as_str())];
    world.client(method, path, &headers, &body).await
}
