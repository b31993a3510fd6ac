//! Users: signing in and out as the extension does, over HTTP and as API Gateway's events.

pub(super) mod abuse;
pub(super) mod late;
pub(super) mod lives;
pub(super) mod sealed;
pub(super) mod strangers;

use daybook_tests::sign_in::{call, with_key};
use daybook_tests::world::{ClientAnswer, World};
use serde_json::Value;

/// The cases of a module through the two doors that the extension comes through, each in a world
/// of its own.
macro_rules! by_client {
    ($($name:ident),+ $(,)?) => {
        pub(crate) fn cases() -> Vec<libtest_mimic::Trial> {
            use daybook_tests::world::Door;
            let mut trials = Vec::new();
            for (door, prefix) in [(Door::LocalHttp, "local_http"), (Door::HttpEvent, "http_event")] {
                $(trials.push(daybook_tests::runner::case(
                    format!("{prefix}::users::{}", stringify!($name)),
                    move || async move { $name(&crate::world(door, &[]).await).await },
                ));)+
            }
            trials
        }
    };
}
pub(super) use by_client;

/// The same for cases that invoke functions: through the door of events alone.
macro_rules! late_cases {
    ($($name:ident),+ $(,)?) => {
        vec![$(daybook_tests::runner::case(
            format!("http_event::users::{}", stringify!($name)),
            || async {
                $name(&crate::world(daybook_tests::world::Door::HttpEvent, &[]).await).await
            },
        )),+]
    };
}
pub(super) use late_cases;

/// What App Connect's server says where there is no session.
const NO_SESSION: &str = "Please go to Settings and authorize CRM platform";

/// The routes that need a session, with their methods.
const ROUTES: [(&str, &str); 6] = [
    ("GET", "/authValidation"),
    ("GET", "/hostname"),
    ("POST", "/user/refreshInfo"),
    ("GET", "/user/settings"),
    ("POST", "/user/settings"),
    ("POST", "/unAuthorize"),
];

/// No route that needs a session takes `token`.
async fn assert_refused(world: &World, token: &str) {
    for (method, path) in ROUTES {
        let answer = call(world, token, method, path, &Value::Null).await;
        assert_no_session(&answer, path);
    }
    let license = call(world, token, "GET", "/licenseStatus", &Value::Null).await;
    assert_eq!(license.status, 200);
    assert_eq!(license.json()["isLicenseValid"], false);
}

fn assert_no_session(answer: &ClientAnswer, of: &str) {
    assert_eq!(
        (answer.status, answer.text.as_str()),
        (400, NO_SESSION),
        "{of}"
    );
    let content_type = &answer.headers["content-type"];
    assert!(
        content_type.starts_with("text/plain"),
        "{of}: {content_type}"
    );
    assert!(
        !answer.headers.contains_key("x-refreshed-jwt-token"),
        "{of}"
    );
}

/// A session of the demo user, by API key.
async fn demo_token(world: &World) -> String {
    let answer = with_key(world, daybook_example_crm::DEMO_KEY).await;
    daybook_tests::sign_in::token(&answer)
}
