//! What a fault means for other texts, other digests and other users. What each fault means for
//! its own text stands in the suite of guarantees.
//!
//! A write that was not answered is in doubt for 1 s here, and looked for again after 5 s.

use std::time::Duration;

use daybook_fakes::{Fault, Rule};
use daybook_tests::params::{example, inbound, set, with_message};
use daybook_tests::world::{Answered, World};
use http::Method;
use serde_json::{Value, json};

use crate::expect::{assert_in_order, assert_waits, failure, failure_of, note, success};

crate::through_every_door![with [("QUARANTINE_SECONDS", "1")];
    a_create_that_was_cut_off_takes_other_texts_along,
    a_crm_that_is_down_is_left_alone,
    a_crm_that_breaks_a_write_is_left_alone_as_long_as_it_asks,
    a_rate_limit_holds_back_the_whole_company,
    a_doubt_is_told_though_the_crm_fails_in_another_way_then,
];

const LOOK_AGAIN: Duration = Duration::from_millis(5_200);

fn in_doubt() -> Answered {
    failure(
        "error",
        "Example CRM did not answer, so the message may or may not be logged. Sending it again \
         is safe: it is never logged twice. Send it again in N seconds.",
    )
}

/// Another text of the documented day.
fn answer() -> Value {
    with_message(inbound(2, "2015-02-18T13:30:00.000Z", "Thank you"))
}

async fn a_create_that_was_cut_off_takes_other_texts_along(world: &World) {
    world
        .crm
        .plan(Rule::new(Fault::DropBefore).method(Method::POST).once());
    assert_waits(
        world.call("createMessageLog", &example()).await,
        &in_doubt(),
        5,
    );
    assert_waits(
        world.call("updateMessageLog", &answer()).await,
        &in_doubt(),
        4,
    );
    tokio::time::sleep(LOOK_AGAIN).await;
    let third = with_message(inbound(3, "2015-02-18T13:40:00.000Z", "See you"));
    let reply = world.call("updateMessageLog", &third).await;
    assert_eq!(reply, success("1", "Message logged"));
    let texts = ["Flight information", "Thank you", "See you"];
    assert_in_order(note(&world.only_activity().await), &texts);
}

async fn a_crm_that_is_down_is_left_alone(world: &World) {
    world.call("createMessageLog", &example()).await;
    world.crm.clear_journal();
    let down = Fault::status_with(503, &[("retry-after", "2")], "");
    world.crm.plan(Rule::new(down).method(Method::GET).once());
    let words = "Example CRM cannot be reached. The message is not logged. \
        Send it again in N seconds.";
    let reply = world.call("updateMessageLog", &answer()).await;
    assert_waits(reply, &failure_of("1", "error", words), 2);
    let mut other = example();
    set(&mut other, "message.conversationId", json!(7));
    let (reply, _) = crate::expect::waiting(world.call("createMessageLog", &other).await);
    assert_eq!(reply, failure("error", words), "nor for another digest");
    assert_eq!(world.crm.journal().len(), 1, "nobody calls meanwhile");
    tokio::time::sleep(Duration::from_millis(2_300)).await;
    let reply = world.call("updateMessageLog", &answer()).await;
    assert_eq!(reply, success("1", "Message logged"));
    let reply = world.call("createMessageLog", &other).await;
    assert_eq!(reply, success("2", "Message logged"));
}

async fn a_crm_that_breaks_a_write_is_left_alone_as_long_as_it_asks(world: &World) {
    world.call("createMessageLog", &example()).await;
    let down = Fault::status_with(503, &[("retry-after", "2")], "");
    world.crm.plan(Rule::new(down).method(Method::PATCH).once());
    let words = "Example CRM did not answer, so the message may or may not be logged. Sending it \
        again is safe: it is never logged twice. Send it again in N seconds.";
    for _ in 0..2 {
        let reply = world.call("updateMessageLog", &answer()).await;
        assert_waits(reply, &failure_of("1", "error", words), 2);
    }
    assert_eq!(
        world.crm.requests(&Method::PATCH, "/crm/api/activities/1"),
        1
    );
    // Another digest's text is not in doubt.
    let mut other = example();
    set(&mut other, "message.conversationId", json!(7));
    let words = "Example CRM cannot be reached. The message is not logged. \
        Send it again in N seconds.";
    let (reply, _) = crate::expect::waiting(world.call("createMessageLog", &other).await);
    assert_eq!(reply, failure("error", words));
    tokio::time::sleep(Duration::from_millis(2_300)).await;
    let reply = world.call("updateMessageLog", &answer()).await;
    assert_eq!(reply, success("1", "Message logged"));
}

async fn a_rate_limit_holds_back_the_whole_company(world: &World) {
    let limit = Fault::rate_limited("2");
    world.crm.plan(Rule::new(limit).once());
    let words = "Example CRM is receiving too many requests. The message is not logged. \
        Send it again in N seconds.";
    let reply = world.call("createMessageLog", &example()).await;
    assert_waits(reply, &failure("warning", words), 2);
    let mut other = example();
    set(&mut other, "user.id", json!("2-exampleCRM"));
    let (reply, _) = crate::expect::waiting(world.call("createMessageLog", &other).await);
    assert_eq!(reply, failure("warning", words), "nor for a colleague");
    assert_eq!(world.crm.journal().len(), 1, "nobody calls meanwhile");
    tokio::time::sleep(Duration::from_millis(2_300)).await;
    let reply = world.call("createMessageLog", &other).await;
    assert_eq!(reply, success("1", "Message logged"));
    let reply = world.call("createMessageLog", &example()).await;
    assert_eq!(reply, success("2", "Message logged"));
}

async fn a_doubt_is_told_though_the_crm_fails_in_another_way_then(world: &World) {
    let create = Rule::new(Fault::DropAfter).method(Method::POST);
    world.crm.plan(create.once());
    let down = Rule::new(Fault::status(503)).method(Method::GET);
    world.crm.plan(down.forever());
    let words = "Example CRM did not answer, so the message may or may not be logged. Sending it \
        again is safe: it is never logged twice. Send it again in N seconds.";
    for _ in 0..2 {
        let reply = world.call("createMessageLog", &example()).await;
        let (reply, _) = crate::expect::waiting(reply);
        assert_eq!(reply, failure("error", words));
        // By then the doubt is looked into again, and its time is over.
        tokio::time::sleep(Duration::from_millis(5_300)).await;
    }
    world.only_activity().await;
}
