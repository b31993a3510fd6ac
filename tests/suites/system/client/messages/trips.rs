//! How often the table is asked, and how many of these trips are one after another.

use std::time::{Duration, Instant};

use daybook_fakes::{FunctionProcess, RuntimeApi, http_api_v2_event};
use daybook_tests::crm::Kind;
use daybook_tests::runner::{case, figure};
use daybook_tests::table_proxy::{Step, TableProxy};
use daybook_tests::world::{Door, function};
use libtest_mimic::Trial;
use serde_json::{Value, json};

use super::{Login, Place};

pub(crate) fn cases() -> Vec<Trial> {
    daybook_tests::crm::over(Kind::Example, || {
        let name = |case: &str| format!("http_event::client::messages::{case}");
        vec![
            case(name("a_repeat_is_one_round_trip_to_the_table"), repeat),
            case(name("a_thread_costs_one_read_more_than_a_day"), thread),
            case(
                name("what_has_no_contact_costs_the_look_at_the_user"),
                no_contact,
            ),
        ]
    })
}

/// A system of which the function of the messages reaches the table through a proxy.
struct Counted {
    place: Place,
    proxy: TableProxy,
    called: (RuntimeApi, FunctionProcess),
}

impl Counted {
    async fn start() -> Self {
        let place = Place::start(Door::HttpEvent, Login::Key).await;
        let proxy = TableProxy::start(&place.world.table().endpoint()).await;
        let variables = place.world.crm.variables();
        let variables: Vec<_> = (variables.iter())
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let called = function("create-message-log", &proxy.endpoint(), &variables).await;
        Self {
            place,
            proxy,
            called,
        }
    }

    /// The reply to a body, and which trips it took.
    async fn send(&self, body: &Value) -> (Value, Vec<Step>) {
        let path = format!("/messageLog?jwtToken={}", self.place.token);
        let headers = [("content-type", "application/json")];
        let event = http_api_v2_event("POST", &path, &[], &headers, &body.to_string(), false);
        self.proxy.asked();
        let answer = self
            .called
            .0
            .invoke(event.to_string(), 15_000)
            .await
            .response();
        assert_eq!(answer["statusCode"], 200, "{answer}");
        let reply = answer["body"].as_str().expect("a body");
        let mut steps = self.proxy.asked();
        steps.sort_by_key(|step| format!("{step:?}"));
        (serde_json::from_str(reply).expect("JSON"), steps)
    }
}

/// The session's user, and the heads of the conversation.
const LOOK: [Step; 2] = [Step::Read, Step::ReadItem];

async fn repeat() {
    const DELAY: Duration = Duration::from_millis(700);
    let counted = Counted::start().await;
    let day = counted.place.day(1..=20);
    let (reply, steps) = counted.send(&day).await;
    assert_eq!(
        reply["logIds"].as_array().map(Vec::len),
        Some(20),
        "{reply}"
    );
    let looks = steps.iter().filter(|step| **step == Step::Read);
    assert_eq!(looks.count(), 1, "the heads are read once: {steps:?}");
    figure(&format!("twenty new texts: {steps:?}"));
    counted.proxy.set_delay(DELAY);
    let begun = Instant::now();
    let (reply, steps) = counted.send(&day).await;
    let took = begun.elapsed();
    assert_eq!(
        (&reply["successful"], &reply["logIds"]),
        (&json!(true), &json!([]))
    );
    assert_eq!(steps, LOOK);
    figure(&format!(
        "a repeat: {took:?} where each trip takes {DELAY:?}"
    ));
    assert!((DELAY..DELAY * 2).contains(&took), "{took:?}");
}

async fn thread() {
    let counted = Counted::start().await;
    let mut day = counted.place.day(1..=3);
    let (_, of_a_day) = counted.send(&day).await;
    day["logInfo"]["conversationId"] = json!("7");
    day["logInfo"]["owner"] = json!({"name": "Sales"});
    let (reply, of_a_thread) = counted.send(&day).await;
    assert_eq!(reply["logIds"].as_array().map(Vec::len), Some(1), "{reply}");
    // The data key that unseals credentials is read once in the life of a process.
    let but_items = |steps: &[Step]| {
        let steps = steps
            .iter()
            .filter(|step| **step != Step::ReadItem && **step != Step::Other);
        steps.copied().collect::<Vec<_>>()
    };
    let mut with_owner = [but_items(&of_a_day), vec![Step::Adopt]].concat();
    with_owner.sort_by_key(|step| format!("{step:?}"));
    assert_eq!(but_items(&of_a_thread), with_owner);
    let (reply, steps) = counted.send(&day).await;
    assert_eq!(
        (&reply["logIds"], steps.as_slice()),
        (
            &json!([]),
            [LOOK.as_slice(), &[Step::ReadItem]].concat().as_slice()
        )
    );
}

async fn no_contact() {
    let counted = Counted::start().await;
    let mut day = counted.place.day(1..=3);
    day["contactId"] = json!("createNewContact");
    let (reply, steps) = counted.send(&day).await;
    assert_eq!(reply["successful"], false, "{reply}");
    assert_eq!(steps, [Step::ReadItem]);
}
