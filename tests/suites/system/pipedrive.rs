//! Pipedrive over its fake: signing in as the extension does, what is done with the tokens, and
//! where they go.

pub(super) mod hosts;
pub(super) mod links;
pub(super) mod paces;
pub(super) mod removal;
pub(super) mod sign_in;
pub(super) mod tokens;
pub(super) mod using;

use daybook_fakes::FakePipedrive;
use daybook_tests::params::example;
use daybook_tests::world::{Answered, ClientAnswer, Door, World};
use http::Method;
use serde_json::{Value, json};
use url::Url;

/// The cases of a module through the two doors that the extension comes through, each in a world
/// of its own.
macro_rules! by_client {
    ($($name:ident),+ $(,)?) => {
        pub(crate) fn cases() -> Vec<libtest_mimic::Trial> {
            use daybook_tests::world::Door;
            let mut trials = Vec::new();
            for (door, prefix) in [(Door::LocalHttp, "local_http"), (Door::HttpEvent, "http_event")] {
                $(trials.push(daybook_tests::runner::case(
                    format!("{prefix}::pipedrive::{}", stringify!($name)),
                    move || async move {
                        $name(&crate::pipedrive::Scene::start(door).await).await
                    },
                ));)+
            }
            trials
        }
    };
}
use by_client;

/// Our callback address, as it is registered at Pipedrive. Nothing is ever fetched from it.
pub(super) const REDIRECT: &str = "https://connect.example/pipedrive-redirect";
/// The host of the first company.
pub(super) const HOST: &str = "first-company.pipedrive.com";
/// The first user of the first company, and the other one.
pub(super) const USER: u64 = 11;
pub(super) const COLLEAGUE: u64 = 12;
/// The user of the second company.
const STRANGER: u64 = 21;

/// A system that offers Pipedrive, and Pipedrive.
pub(super) struct Scene {
    pub(super) pipedrive: FakePipedrive,
    pub(super) world: World,
}

impl Scene {
    pub(super) async fn start(door: Door) -> Self {
        let pipedrive = FakePipedrive::start().await;
        let url = pipedrive.url();
        let variables = [
            ("PLATFORMS", "exampleCRM,exampleCRMOAuth,pipedrive"),
            ("PIPEDRIVE_API_URL", url.as_str()),
            ("PIPEDRIVE_OAUTH_URL", url.as_str()),
            ("PIPEDRIVE_CLIENT_ID", FakePipedrive::CLIENT_ID),
            ("PIPEDRIVE_CLIENT_SECRET", FakePipedrive::CLIENT_SECRET),
            ("PIPEDRIVE_REDIRECT_URLS", REDIRECT),
        ];
        let world = World::start_with(door, &variables).await;
        Self { pipedrive, world }
    }

    /// The code that Pipedrive gives when a user allows the app.
    fn code(&self, user: u64) -> String {
        let back = self.pipedrive.allow(user, REDIRECT, None);
        code_of(&back)
    }

    /// What is answered when a user comes back from Pipedrive, whose host the extension has seen
    /// as `hostname`. The address is not encoded, and the platform is put behind it.
    async fn come_back(&self, user: u64, hostname: &str) -> ClientAnswer {
        let back = self.pipedrive.allow(user, REDIRECT, None);
        let path = format!(
            "/oauth-callback?callbackUri={back}&state=platform=pipedrive&hostname={hostname}\
             &rcAccountId=37439510"
        );
        self.world.client("GET", &path, &[], "").await
    }

    /// Signs a user in, and gives the session's token.
    pub(super) async fn sign_in(&self, user: u64) -> String {
        let answer = self.come_back(user, "temp").await;
        let body = answer.json();
        assert_eq!((answer.status, &body["successful"]), (200, &json!(true)));
        body["jwtToken"].as_str().expect("a token").to_owned()
    }

    /// Calls an interface.
    pub(super) async fn call(&self, interface: &str, params: &Value) -> Answered {
        let body = params.to_string();
        self.world
            .call_platform("pipedrive", interface, &body)
            .await
    }

    /// Calls a route of the extension that takes a session and nothing else.
    async fn ask(&self, token: &str, method: &str, path: &str) -> ClientAnswer {
        daybook_tests::sign_in::call(&self.world, token, method, path, &Value::Null).await
    }

    /// That the session still holds and Pipedrive takes what we have.
    async fn assert_valid(&self, token: &str) {
        let answer = self.ask(token, "GET", "/authValidation").await;
        assert_eq!(answer.json()["successful"], true, "{}", answer.text);
    }

    /// That the session is over.
    async fn assert_over(&self, token: &str) {
        let answer = self.ask(token, "GET", "/hostname").await;
        let words = "Please go to Settings and authorize CRM platform";
        assert_eq!((answer.status, answer.text.as_str()), (400, words));
    }

    /// How often Pipedrive's token endpoint was asked.
    fn token_calls(&self) -> usize {
        self.pipedrive.requests(&Method::POST, "/oauth/token")
    }

    /// How often Pipedrive was asked for anything but tokens.
    fn calls(&self) -> usize {
        let is_call = |path: &str| path.starts_with("/v1/") || path.starts_with("/api/");
        self.pipedrive.count(|exchange| is_call(&exchange.path))
    }
}

/// The code in the address that a browser is sent to.
pub(super) fn code_of(back: &Url) -> String {
    let mut pairs = back.query_pairs();
    let (_, code) = pairs.find(|(name, _)| name == "code").expect("a code");
    code.into_owned()
}

/// Who an interface's caller names, without credentials.
pub(super) fn user(id: u64, hostname: &str) -> Value {
    json!({"id": format!("{id}-pipedrive"), "hostname": hostname})
}

/// The documented text, of a user who has signed in.
pub(super) fn text() -> Value {
    let mut params = example();
    params["authHeader"] = Value::Null;
    params["user"] = user(USER, HOST);
    params["contactInfo"]["type"] = json!("Person");
    params
}

/// A reply's `returnMessage.message`.
pub(super) fn words(reply: &Value) -> &str {
    reply["returnMessage"]["message"].as_str().expect("words")
}
