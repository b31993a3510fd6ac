//! A small client, and what each part of the fake is asked with it.

use http::Method;
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use super::*;

mod answers;
mod limits;
mod oauth;
mod paging;
mod people;
mod strictness;

const REDIRECT: &str = "https://app.test/pipedrive-redirect";
/// Who asks, unless a test says otherwise.
const USER: u64 = 11;
/// A person of the first company, who has an organization.
const PERSON: u64 = 1001;

/// An app that one user has allowed.
struct App {
    crm: FakePipedrive,
    client: reqwest::Client,
    token: String,
    refresh: String,
}

impl App {
    async fn start() -> Self {
        let crm = FakePipedrive::start().await;
        Self::on(crm, USER).await
    }

    async fn on(crm: FakePipedrive, user: u64) -> Self {
        let mut app = Self {
            crm,
            client: reqwest::Client::new(),
            token: String::new(),
            refresh: String::new(),
        };
        let granted = app.grant(user).await;
        app.token = text(&granted["access_token"]);
        app.refresh = text(&granted["refresh_token"]);
        app
    }

    async fn grant(&self, user: u64) -> Value {
        let code = code(&self.crm.allow(user, REDIRECT, None));
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", REDIRECT),
        ];
        let (status, granted) = self.form("/oauth/token", &form).await;
        assert_eq!(status, 200, "{granted}");
        granted
    }

    /// Sends a form with the app's own credentials.
    async fn form(&self, path: &str, fields: &[(&str, &str)]) -> (u16, Value) {
        let body = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = self
            .client
            .post(format!("{}{path}", self.crm.url()))
            .basic_auth(FakePipedrive::CLIENT_ID, Some(FakePipedrive::CLIENT_SECRET))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        answered(request).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.crm.url());
        self.client.request(method, url).bearer_auth(&self.token)
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        answered(self.request(Method::GET, path)).await
    }

    async fn send(&self, method: Method, path: &str, body: &Value) -> (u16, Value) {
        answered(self.request(method, path).json(body)).await
    }

    /// Makes an activity and returns what is told of it.
    async fn make(&self, fields: Value) -> Value {
        let path = "/api/v2/activities";
        let (status, mut made) = self.send(Method::POST, path, &fields).await;
        assert_eq!(status, 200, "{made}");
        made["data"].take()
    }

    /// What is said to an activity that is refused with 400.
    async fn refusal(&self, fields: Value) -> String {
        let path = "/api/v2/activities";
        let (status, refused) = self.send(Method::POST, path, &fields).await;
        assert_eq!((status, &refused["success"]), (400, &json!(false)));
        assert!(refused["code"].is_string(), "{refused}");
        text(&refused["error"])
    }
}

async fn answered(request: RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.expect("an answer");
    let status = answer.status().as_u16();
    (status, answer.json().await.expect("JSON"))
}

fn code(back: &url::Url) -> String {
    let mut pairs = back.query_pairs();
    let (_, code) = pairs.find(|(name, _)| name == "code").expect("a code");
    code.into_owned()
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}
