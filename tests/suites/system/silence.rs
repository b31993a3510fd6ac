//! A CRM or a table that accepts everything and answers nothing: a reply comes in time.

use std::time::{Duration, Instant};

use daybook_fakes::{Fault, Rule};
use daybook_tests::params::{example, inbound, with_message};
use daybook_tests::runner::case;
use daybook_tests::world::{Answered, Door, World, function};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::expect::{assert_in_order, note};

/// When a reply must have come: the extension gives up after 15 s.
const IN_TIME: Duration = Duration::from_millis(12_500);

pub(super) fn cases() -> Vec<Trial> {
    let mut trials: Vec<_> = Door::ALL
        .map(|(door, prefix)| {
            case(
                format!("{prefix}::a_silent_crm_does_not_hold_up_the_reply"),
                move || async move { a_silent_crm(&World::start(door).await).await },
            )
        })
        .into();
    trials.extend([
        case("http_event::a_silent_table_is_our_own_fault", || async {
            a_silent_table("create-message-log").await;
        }),
        case("http_event::a_missing_table_is_our_own_fault", || async {
            a_missing_table().await;
        }),
        case("calls::a_missing_table_is_our_own_fault", || async {
            a_missing_table_of_calls().await;
        }),
    ]);
    trials
}

async fn timed(answer: impl Future<Output = Answered>) -> Answered {
    let begun = Instant::now();
    let answered = answer.await;
    assert!(begun.elapsed() < IN_TIME, "{:?}", begun.elapsed());
    answered
}

fn assert_says((status, reply): &Answered, words: &str) {
    assert_eq!((*status, &reply["successful"]), (200, &json!(false)));
    let message = reply["returnMessage"]["message"].as_str().expect("words");
    assert!(message.starts_with(words), "{message}");
    assert_eq!(reply["returnMessage"]["messageType"], "error");
}

async fn a_silent_crm(world: &World) {
    world.call("createMessageLog", &example()).await;
    world
        .crm
        .plan(Rule::new(Fault::Hang(Duration::from_secs(30))));
    let second = with_message(inbound(2, "2015-02-18T13:30:00.000Z", "Thank you"));
    let mut elsewhere = example();
    elsewhere["user"]["id"] = json!("2-exampleCRM");
    let created = timed(world.call("createMessageLog", &elsewhere));
    let updated = timed(world.call("updateMessageLog", &second));
    let (created, updated) = futures_util::join!(created, updated);
    assert_says(
        &created,
        "Example CRM did not answer, so the message may or may not be logged.",
    );
    assert_says(
        &updated,
        "Example CRM cannot be reached. The message is not logged. Send it again in ",
    );
    assert_in_order(note(&world.only_activity().await), &["Flight information"]);
}

fn assert_fault(reply: &Value) {
    assert_eq!(reply["statusCode"], 500, "{reply}");
    assert_eq!(reply["successful"], false, "{reply}");
    let message = reply["returnMessage"]["message"].as_str().expect("words");
    let words = "Something went wrong in Daybook. Try again; if it stays, \
        give your administrator this id: ";
    let id = message.strip_prefix(words);
    assert!(id.is_some_and(|id| id.len() >= 16), "{message}");
}

async fn invoke_on(name: &str, endpoint: &str) -> Value {
    invoke_with(name, endpoint, example()).await
}

async fn invoke_with(name: &str, endpoint: &str, mut payload: Value) -> Value {
    let variables = [("EXAMPLE_CRM_URL", "http://127.0.0.1:1/crm/api")];
    let (api, _process) = function(name, endpoint, &variables).await;
    payload["platform"] = json!("exampleCRM");
    let begun = Instant::now();
    // The first invocation waits for the process too.
    let warm = api.invoke("{}", 15_000).await.response();
    assert_eq!(
        warm["statusCode"],
        400,
        "{warm} after {:?}",
        begun.elapsed()
    );
    let begun = Instant::now();
    let reply = api.invoke(payload.to_string(), 15_000).await.response();
    assert!(begun.elapsed() < IN_TIME, "{:?}", begun.elapsed());
    reply
}

async fn a_silent_table(name: &str) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let silent = tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((connection, _)) = listener.accept().await {
            open.push(connection);
        }
    });
    assert_fault(&invoke_on(name, &format!("http://{address}")).await);
    silent.abort();
}

async fn a_missing_table() {
    assert_fault(&invoke_on("update-message-log", "http://127.0.0.1:1").await);
}

async fn a_missing_table_of_calls() {
    let mut params = json!({
        "user": {"id": "1-exampleCRM"},
        "contactInfo": {"id": 1001},
        "authHeader": example()["authHeader"],
        "callLog": {"sessionId": "1"},
        "existingCallLog": {"sessionId": "1"},
        "dispositions": {"mood": "good"},
        "callLogId": "1",
    });
    for name in [
        "create-call-log",
        "update-call-log",
        "upsert-call-disposition",
    ] {
        let reply = invoke_with(name, "http://127.0.0.1:1", params.clone()).await;
        assert_fault(&reply);
    }
    // Nothing is read of it where the caller brings credentials; else the user is.
    params["authHeader"] = Value::Null;
    assert_fault(&invoke_with("get-call-log", "http://127.0.0.1:1", params).await);
}
