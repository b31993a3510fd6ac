//! Requests at the same moment: one activity, every text once, in order, for few calls of the CRM.
//!
//! Each of two functions takes one request at a time, so that only the local server shows how many
//! calls twenty workers make.

use std::time::Duration;

use daybook_tests::params::{example, outbound, text, texts, with_message, with_messages};
use daybook_tests::runner::figure;
use daybook_tests::world::{Answered, Door, World};
use futures_util::future::join_all;
use serde_json::Value;

use crate::expect::{assert_in_order, note, success};

crate::through_every_door![
    twenty_at_once_open_one_digest,
    twenty_at_once_open_one_digest_in_a_slow_crm,
    twenty_at_once_join_one_digest,
    twenty_at_once_join_one_digest_in_a_slow_crm,
    five_of_the_same_at_once_are_one,
    five_of_the_same_at_once_are_one_in_a_slow_crm,
];

const AT_ONCE: u64 = 20;
const SLOW: Duration = Duration::from_millis(20);
/// The most calls that twenty workers may make of a CRM that takes 20 ms.
const MOST_CALLS: usize = 8;

/// Sends all of them at the same moment, by turns to both interfaces.
async fn at_once(world: &World, requests: &[Value]) -> Vec<Answered> {
    let calls = requests.iter().enumerate().map(|(index, params)| {
        let interface = match index % 2 {
            0 => "createMessageLog",
            _ => "updateMessageLog",
        };
        world.call(interface, params)
    });
    join_all(calls).await
}

async fn burst(world: &World, delay: Duration, mut expected: Vec<String>) {
    world.crm.set_delay(delay);
    world.crm.clear_journal();
    // The newest first, which is the worst order.
    let mut requests: Vec<_> = texts(0..AT_ONCE).into_iter().map(with_message).collect();
    requests.reverse();
    let begun = std::time::Instant::now();
    for reply in at_once(world, &requests).await {
        assert_eq!(reply, success("1", "Message logged"));
    }
    let (calls, writes) = (world.crm.journal().len(), world.crm.writes());
    figure(&format!(
        "{AT_ONCE} at once, CRM at {} ms, {:?}: {calls} calls, {writes} writes, {:?}",
        delay.as_millis(),
        world.door,
        begun.elapsed()
    ));
    if world.door == Door::LocalHttp && !delay.is_zero() {
        assert!(calls <= MOST_CALLS, "{calls} calls of the CRM");
    }
    expected.extend((0..AT_ONCE).map(text));
    assert_in_order(note(&world.only_activity().await), &expected);
    world.crm.clear_journal();
    for reply in at_once(world, &requests).await {
        assert_eq!(reply, success("1", "Already logged"));
    }
    let day = with_messages(texts(0..AT_ONCE));
    let reply = world.call("createMessageLog", &day).await;
    assert_eq!(reply, success("1", "Already logged"));
    assert!(world.crm.journal().is_empty(), "the whole day again");
}

async fn join(world: &World, delay: Duration) {
    let first = outbound(1_000, "2015-02-18T12:00:00.000Z", "Flight information");
    world.call("createMessageLog", &with_message(first)).await;
    burst(world, delay, vec!["Flight information".to_owned()]).await;
}

async fn twenty_at_once_open_one_digest(world: &World) {
    burst(world, Duration::ZERO, Vec::new()).await;
}

async fn twenty_at_once_open_one_digest_in_a_slow_crm(world: &World) {
    burst(world, SLOW, Vec::new()).await;
}

async fn twenty_at_once_join_one_digest(world: &World) {
    join(world, Duration::ZERO).await;
}

async fn twenty_at_once_join_one_digest_in_a_slow_crm(world: &World) {
    join(world, SLOW).await;
}

async fn the_same(world: &World, delay: Duration) {
    world.crm.set_delay(delay);
    let requests = vec![example(); 5];
    for reply in at_once(world, &requests).await {
        let message = &reply.1["returnMessage"]["message"];
        let is_known = message == "Already logged";
        let message = match is_known {
            true => "Already logged",
            false => "Message logged",
        };
        assert_eq!(reply, success("1", message));
    }
    assert_eq!(world.crm.writes(), 1, "one write");
    assert_in_order(note(&world.only_activity().await), &["Flight information"]);
}

async fn five_of_the_same_at_once_are_one(world: &World) {
    the_same(world, Duration::ZERO).await;
}

async fn five_of_the_same_at_once_are_one_in_a_slow_crm(world: &World) {
    the_same(world, SLOW).await;
}
