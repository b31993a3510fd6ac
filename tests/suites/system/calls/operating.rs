//! What an operator sees of calls, and removes.

use daybook_example_crm::DEMO_KEY;
use daybook_fakes::{Fault, Rule};
use daybook_local::table::TABLE_NAME;
use daybook_tests::commands::{run, said};
use daybook_tests::params::set;
use daybook_tests::runner::case;
use daybook_tests::sign_in::{token, with_key};
use daybook_tests::world::{Door, World};
use http::Method;
use libtest_mimic::Trial;
use serde_json::{Value, json};

use super::{changed, create, of_log, of_session, update, words};
use crate::expect::success;

pub(crate) fn cases() -> Vec<Trial> {
    vec![
        case("calls::pending_lists_a_call_without_its_words", pending),
        case("calls::forget_removes_all_calls_of_a_user", forget),
    ]
}

async fn pending() {
    let world = World::start(Door::HttpEvent).await;
    world.crm.plan(Rule::new(Fault::rate_limited("600")));
    let reply = world.call("createCallLog", &create()).await;
    assert_eq!(reply.1["successful"], false, "{}", reply.1);
    world
        .call("updateCallLog", &update(json!({"note": "Edited."})))
        .await;
    let listed = said(&run(&world, &["pending"], &[], &[]).await);
    let line = listed.lines().nth(1).expect("a line below the heading");
    let columns: Vec<_> = line.split_whitespace().collect();
    assert_eq!(
        &columns[1..6],
        ["exampleCRM", "call", "-", "2", "0"],
        "{listed}"
    );
    assert!(line.contains("rate"), "the reason: {listed}");
    let sum = "Calls: 1. Changes that wait: 2. Changes that the CRM refuses: 0.";
    assert!(listed.contains(sum), "{listed}");
    let personal = [
        "Daisy",
        "5553204",
        "8885550052",
        "quote",
        "Edited",
        "connected",
        "Demo Rep",
        super::SESSION,
        "Basic",
    ];
    for personal in personal {
        assert!(!listed.contains(personal), "{personal} in {listed}");
    }
}

/// The keys of what the table holds of calls.
async fn of_calls(world: &World) -> Vec<String> {
    let client = aws_sdk_dynamodb::Client::new(&world.table().sdk_config());
    let all = client
        .scan()
        .table_name(TABLE_NAME)
        .send()
        .await
        .expect("a scan");
    let key =
        |item: &std::collections::HashMap<String, aws_sdk_dynamodb::types::AttributeValue>| {
            let part = |name: &str| item[name].as_s().expect("text").clone();
            format!("{} {}", part("pk"), part("sk"))
        };
    let mut keys: Vec<_> = all.items().iter().map(key).collect();
    keys.retain(|key| key.starts_with("C#") || key.starts_with("X#"));
    keys.sort();
    keys
}

async fn forget() {
    let world = World::start(Door::HttpEvent).await;
    let mut colleague = of_session("77");
    set(&mut colleague, "user.id", json!("11-exampleCRM"));
    assert_eq!(
        world.call("createCallLog", &colleague).await,
        success("1", "Call logged")
    );
    let others = of_calls(&world).await;
    assert_eq!(others.len(), 2, "a link and whose log it is: {others:#?}");

    token(&with_key(&world, DEMO_KEY).await);
    // Another server's log, one of two extensions, and a change that waits.
    let activity = json!({"contactId": 1001, "subject": "A call", "type": "Call", "note": "Old"});
    let made = world.crm.hand(Method::POST, "activities", &activity).await;
    let existing = json!({"thirdPartyLogId": made["id"]});
    let reply = world
        .call(
            "updateCallLog",
            &of_log(existing, json!({"note": "Edited."})),
        )
        .await;
    assert_eq!(reply.1["logId"], "2", "{}", reply.1);
    for (extension, log_id) in [("101", "3"), ("102", "4")] {
        let mut params = create();
        params["extensionNumber"] = json!(extension);
        let reply = world.call("createCallLog", &params).await;
        assert_eq!(reply, success(log_id, "Call logged"));
    }
    world
        .crm
        .plan(Rule::new(Fault::status(403)).method(Method::PATCH).once());
    let mut waits = update(json!({"note": "It waits."}));
    waits["extensionNumber"] = json!("102");
    let (_, reply) = world.call("updateCallLog", &waits).await;
    assert_eq!(reply["successful"], false, "{reply}");
    let all = of_calls(&world).await;
    assert_eq!(all.len(), others.len() + 3 * 2 + 1, "{all:#?}");

    let forgot = said(&run(&world, &["forget", "1-exampleCRM"], &[], &[]).await);
    assert!(
        forgot.starts_with("Forgot 1-exampleCRM: 7 items were removed."),
        "{forgot}"
    );
    assert_eq!(of_calls(&world).await, others);
    assert!(!world.dump().await.contains("It waits."));
    let (_, reply) = world.call("updateCallLog", &waits).await;
    assert_eq!(
        words(&reply),
        "This call has not been logged yet. Log it first."
    );
    let mut theirs: Value = of_log(json!({"sessionId": "77"}), json!({"note": "Still here."}));
    theirs["user"]["id"] = json!("11-exampleCRM");
    changed(&world, &theirs).await;
}
