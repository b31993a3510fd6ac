//! What is not in the CRM is seen: by the log, by a metric, and by `make pending`.

use std::time::Duration;

use daybook_fakes::{Fault, Rule};
use daybook_tests::commands::{run, said};
use daybook_tests::params::{texts, with_message, with_messages};
use daybook_tests::runner::case;
use daybook_tests::sign_in::rely;
use daybook_tests::world::{Door, World};
use http::Method;
use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::later::pass;

pub(super) fn cases() -> Vec<Trial> {
    vec![
        case(
            "visibility::what_is_kept_is_seen_until_it_is_delivered",
            kept,
        ),
        case("visibility::what_the_crm_refuses_is_seen", refused),
        case("visibility::what_waits_for_a_sign_in_is_seen", parked),
        case(
            "visibility::a_text_that_waits_for_a_day_is_an_error",
            waits_for_a_day,
        ),
        case(
            "visibility::nothing_is_told_while_nothing_waits",
            nothing_waits,
        ),
    ]
}

/// A request that relies on credentials that we hold.
fn without_header(numbers: impl IntoIterator<Item = u64>) -> Value {
    let mut params = with_messages(texts(numbers));
    params["authHeader"] = Value::Null;
    params
}

/// The lines of the log, of all functions, with a field.
fn lines(world: &World, field: &str) -> Vec<Value> {
    let output = world.output();
    let lines = output.lines().filter(|line| line.starts_with('{'));
    let lines = lines.map(|line| serde_json::from_str(line).expect("JSON"));
    lines
        .filter(|line: &Value| line.get(field).is_some())
        .collect()
}

/// The lines of the log that are metrics, oldest first.
fn metrics(world: &World) -> Vec<Value> {
    let mut lines = lines(world, "_aws");
    for line in &lines {
        let about = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(about["Namespace"], "Daybook");
        assert_eq!(about["Dimensions"], json!([["TableName"]]));
        assert!(line["TableName"].is_string(), "{line}");
        for metric in about["Metrics"].as_array().expect("a list") {
            let name = metric["Name"].as_str().expect("a name");
            assert!(line[name].is_u64(), "{name} has no value: {line}");
        }
    }
    lines.sort_by_key(|line| line["_aws"]["Timestamp"].as_i64());
    lines
}

/// What `find` finds, as soon as what was printed has arrived.
async fn arrived<T>(find: impl Fn() -> Option<T>) -> Option<T> {
    for _ in 0..200 {
        if let Some(found) = find() {
            return Some(found);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    None
}

/// The newest metrics that tell `name`, of at least `count` that do.
async fn metric(world: &World, name: &str, count: usize) -> Value {
    let newest = || {
        let mut lines = metrics(world);
        lines.retain(|line| line.get(name).is_some());
        lines.pop().filter(|_| lines.len() + 1 >= count)
    };
    let found = arrived(newest).await;
    found.unwrap_or_else(|| panic!("nothing tells {name}: {}", world.output()))
}

/// The log's line about the newest of `count` requests of texts.
async fn request(world: &World, count: usize) -> Value {
    let newest = || {
        let mut lines = lines(world, "texts.logged");
        lines.sort_by_key(|line| line["timestamp"].to_string());
        lines.pop().filter(|_| lines.len() + 1 == count)
    };
    arrived(newest).await.expect("a line for each request")
}

/// How many lines tell metrics, once all that was printed has arrived.
async fn metrics_told(world: &World) -> usize {
    tokio::time::sleep(Duration::from_millis(400)).await;
    metrics(world).len()
}

/// What `make pending` prints, its white space made single.
async fn pending(world: &World) -> Vec<String> {
    let listed = said(&run(world, &["pending"], &[], &[]).await);
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    listed.lines().map(words).collect()
}

async fn kept() {
    let world = World::start(Door::HttpEvent).await;
    rely(&world).await;
    let down = Fault::status_with(503, &[("retry-after", "60")], "");
    world.crm.plan(Rule::new(down).method(Method::GET).times(1));
    world.call("createMessageLog", &without_header([1])).await;
    let (_, reply) = world
        .call("updateMessageLog", &without_header([2, 3]))
        .await;
    assert_eq!(reply["successful"], true, "{reply}");
    let request = request(&world, 2).await;
    assert_eq!(
        (
            &request["texts.kept"],
            &request["texts.logged"],
            &request["outcome"]
        ),
        (&json!(2), &json!(0), &json!("unavailable"))
    );
    let platform = world.crm.kind().platform();
    let told = metric(&world, "TextsKept", 1).await;
    assert_eq!(
        (&told["TextsKept"], &told["outcome"], &told["crm"]),
        (&json!(2), &json!("unavailable"), &json!(platform))
    );
    pass(&world, Duration::from_secs(20)).await;
    world.deliver_pending().await;
    let told = metric(&world, "WaitingTexts", 1).await;
    assert_eq!(
        (
            &told["WaitingDigests"],
            &told["WaitingTexts"],
            &told["RefusedTexts"]
        ),
        (&json!(1), &json!(2), &json!(0))
    );
    assert_eq!(told["reasons"], json!({"unavailable": 2}));
    assert!(
        (20..60).contains(&told["OldestWaiting"].as_u64().expect("seconds")),
        "{told}"
    );
    let listed = pending(&world).await;
    assert_eq!(listed.len(), 3, "{listed:?}");
    assert!(
        listed[1].contains(&format!(" {platform} 2015-02-18 1 2 0 20")),
        "{listed:?}"
    );
    assert!(listed[1].contains("Z unavailable 20"), "{listed:?}");
    assert_eq!(
        listed[2],
        "Digests: 1. Texts that wait: 2. Texts that the CRM refuses: 0."
    );
    pass(&world, Duration::from_secs(70)).await;
    world.deliver_pending().await;
    assert_eq!(pending(&world).await, ["Nothing waits."]);
    let before = metrics_told(&world).await;
    world.deliver_pending().await;
    let after = metrics_told(&world).await;
    assert_eq!(after, before, "nothing waits and nothing is told");
}

async fn refused() {
    let world = World::start(Door::HttpEvent).await;
    rely(&world).await;
    world.call("createMessageLog", &without_header([1])).await;
    world.crm.plan(
        Rule::new(Fault::status(422))
            .method(Method::PATCH)
            .forever(),
    );
    let (_, reply) = world.call("updateMessageLog", &without_header([2])).await;
    assert_eq!(reply["successful"], false, "{reply}");
    assert_eq!(metric(&world, "TextsRefused", 1).await["TextsRefused"], 1);
    world.deliver_pending().await;
    let platform = world.crm.kind().platform();
    let told = metric(&world, "RefusedTexts", 1).await;
    assert_eq!(
        (&told["RefusedTexts"], &told["WaitingTexts"]),
        (&json!(1), &json!(0))
    );
    let listed = pending(&world).await;
    assert!(
        listed[1].contains(&format!(" {platform} 2015-02-18 1 0 1 20")),
        "{listed:?}"
    );
    assert!(listed[1].contains("Z refused 20"), "{listed:?}");
    // Somebody has the CRM take it: a day later it is delivered without anybody's doing.
    world.crm.clear_plan();
    pass(&world, Duration::from_secs(26 * 3_600)).await;
    world.deliver_pending().await;
    assert_eq!(pending(&world).await, ["Nothing waits."]);
    let activity = world.only_activity().await;
    assert!(
        activity["note"]
            .as_str()
            .expect("a note")
            .contains("Text 002"),
        "{activity}"
    );
}

async fn parked() {
    let world = World::start(Door::HttpEvent).await;
    let down = Rule::new(Fault::status(503)).method(Method::POST);
    world.crm.plan(down.once());
    let (_, reply) = world
        .call("createMessageLog", &with_message(texts([1]).remove(0)))
        .await;
    assert_eq!(reply["successful"], false, "{reply}");
    assert_eq!(
        metric(&world, "TextsNotLogged", 1).await["TextsNotLogged"],
        1
    );
    world.deliver_pending().await;
    let told = metric(&world, "WaitingForSignIn", 1).await;
    assert_eq!(told["WaitingForSignIn"], 1);
    let listed = pending(&world).await;
    assert!(listed[1].contains(" 1 0 20"), "{listed:?}");
}

async fn waits_for_a_day() {
    let world = World::start(Door::HttpEvent).await;
    rely(&world).await;
    world.crm.plan(Rule::new(Fault::status(503)).forever());
    world.call("createMessageLog", &without_header([1])).await;
    let errors = || {
        let lines = world.output();
        lines.matches("a text waits for over a day").count()
    };
    pass(&world, Duration::from_secs(23 * 3_600)).await;
    world.deliver_pending().await;
    metric(&world, "OldestWaiting", 1).await;
    assert_eq!(errors(), 0);
    pass(&world, Duration::from_secs(2 * 3_600)).await;
    world.deliver_pending().await;
    let age = metric(&world, "OldestWaiting", 2).await["OldestWaiting"].as_u64();
    assert_eq!(errors(), 1, "{}", world.output());
    assert!(age.is_some_and(|age| age > 86_400), "{age:?}");
    assert!(!world.output().contains("Text 001"), "no text is told");
}

async fn nothing_waits() {
    let world = World::start(Door::HttpEvent).await;
    rely(&world).await;
    let (_, reply) = world.call("createMessageLog", &without_header(1..=3)).await;
    assert_eq!(reply["successful"], true, "{reply}");
    world.deliver_pending().await;
    assert_eq!(metrics_told(&world).await, 0);
    assert_eq!(pending(&world).await, ["Nothing waits."]);
    let request = request(&world, 1).await;
    assert_eq!(
        (&request["texts.logged"], &request["texts.kept"]),
        (&json!(3), &json!(0))
    );
}
