//! Much at once: many texts, large texts, many days.

use std::time::{Duration, Instant};

use daybook_tests::params::{inbound, text, texts, with_message, with_messages};
use daybook_tests::runner::figure;
use daybook_tests::world::World;
use serde_json::Value;

use crate::expect::{assert_in_order, count, note, success};

crate::through_every_door![
    fifty_texts_of_one_request_cost_two_calls,
    the_whole_day_again_costs_no_call,
    large_texts_go_into_numbered_parts,
    a_text_larger_than_a_note_stands_whole,
    a_later_text_goes_into_the_last_part,
    a_hundred_days_in_a_slow_crm_are_told_as_far_as_they_went,
];

/// The most bytes that a note of the Example CRM may have.
const MOST_NOTE_BYTES: usize = 100_000;

async fn fifty_texts_of_one_request_cost_two_calls(world: &World) {
    let first = with_messages(texts(0..50));
    let reply = world.call("createMessageLog", &first).await;
    assert_eq!(reply, success("1", "50 messages logged"));
    assert_eq!(world.crm.journal().len(), 1, "a new digest");
    world.crm.clear_journal();
    let second = with_messages(texts(50..100));
    let reply = world.call("updateMessageLog", &second).await;
    assert_eq!(reply, success("1", "50 messages logged"));
    assert_eq!(world.crm.journal().len(), 2, "a digest that exists");
    let all: Vec<_> = (0..100).map(text).collect();
    assert_in_order(note(&world.only_activity().await), &all);
}

async fn the_whole_day_again_costs_no_call(world: &World) {
    let day = with_messages(texts(0..50));
    world.call("createMessageLog", &day).await;
    let before = world.only_activity().await;
    world.crm.clear_journal();
    for interface in ["createMessageLog", "updateMessageLog"] {
        let reply = world.call(interface, &day).await;
        assert_eq!(reply, success("1", "Already logged"));
    }
    assert!(world.crm.journal().is_empty());
    assert_eq!(world.only_activity().await, before);
}

/// A text of `bytes` bytes, of words that say where they stand.
fn large(number: u64, bytes: usize) -> Value {
    let words = (0..).map(|word| format!("{number}w{word} "));
    let text = words.take(bytes / 4).collect::<String>();
    let mut message = texts([number]).remove(0);
    message["subject"] = text[..bytes].into();
    message
}

/// What the messages of a note say, one after another, without white space and tags.
fn said(note: &str) -> String {
    let (_, conversation) = note.split_once("<ul><li>").expect("a list");
    let (_, conversation) = conversation.split_once("<ul><li>").expect("a list");
    let (conversation, _) = conversation.split_once("</ul>").expect("its end");
    let texts = conversation.split("<b>").skip(1);
    texts
        .filter_map(|text| text.split_once("</b>"))
        .flat_map(|(text, _)| text.split_whitespace())
        .collect()
}

/// The parts of a digest: their subjects are numbered, and each is within the CRM's limit.
async fn parts(world: &World, expected: usize) -> Vec<Value> {
    let parts = world.activities().await;
    assert_eq!(parts.len(), expected);
    for (index, part) in parts.iter().enumerate() {
        let number = match index {
            0 => String::new(),
            index => format!(" ({})", index + 1),
        };
        let subject = format!("SMS conversation with Daisy Meadows - 15/02/18{number}");
        assert_eq!(part["subject"], subject);
        assert!(note(part).len() <= MOST_NOTE_BYTES);
    }
    parts
}

fn without_space(message: &Value) -> String {
    let text = message["subject"].as_str().expect("a text");
    text.split_whitespace().collect()
}

async fn large_texts_go_into_numbered_parts(world: &World) {
    let messages: Vec<_> = (0..60).map(|number| large(number, 3_000)).collect();
    let all: String = messages.iter().map(without_space).collect();
    let day = with_messages(messages);
    let reply = world.call("createMessageLog", &day).await;
    assert_eq!(reply, success("3", "60 messages logged"));
    let calls = world.crm.journal().len();
    figure(&format!("60 texts of 3 KB: {calls} calls"));
    let parts = parts(world, 3).await;
    let counted: usize = parts.iter().map(|part| count(note(part))).sum();
    assert_eq!(counted, 60, "each is counted once");
    let whole: String = parts.iter().map(|part| said(note(part))).collect();
    assert!(whole == all, "all of them whole, in order");
    world.crm.clear_journal();
    let reply = world.call("createMessageLog", &day).await;
    assert_eq!(reply, success("3", "Already logged"));
    assert!(world.crm.journal().is_empty());
}

async fn a_text_larger_than_a_note_stands_whole(world: &World) {
    let message = large(1, 100 << 10);
    let reply = world
        .call("createMessageLog", &with_message(message.clone()))
        .await;
    assert_eq!(reply, success("2", "Message logged"));
    let parts = parts(world, 2).await;
    let counted: usize = parts.iter().map(|part| count(note(part))).sum();
    assert_eq!(counted, 1, "it is counted once");
    let whole: String = parts.iter().map(|part| said(note(part))).collect();
    assert!(whole == without_space(&message), "whole, in order");
    world.crm.clear_journal();
    let reply = world.call("updateMessageLog", &with_message(message)).await;
    assert_eq!(reply, success("2", "Already logged"));
    assert!(world.crm.journal().is_empty());
}

async fn a_later_text_goes_into_the_last_part(world: &World) {
    let messages: Vec<_> = (1..41).map(|number| large(number, 3_000)).collect();
    world
        .call("createMessageLog", &with_messages(messages))
        .await;
    let before = parts(world, 2).await;
    world.crm.clear_journal();
    // It is older than all of them.
    let reply = world
        .call("updateMessageLog", &with_messages(texts([0])))
        .await;
    assert_eq!(reply, success("2", "Message logged"));
    assert_eq!(world.crm.journal().len(), 2, "a read and a write");
    let after = parts(world, 2).await;
    assert_eq!(after[0], before[0]);
    assert!(note(&after[1]).contains(&text(0)));
    assert_eq!(count(note(&after[1])), count(note(&before[1])) + 1);
}

async fn a_hundred_days_in_a_slow_crm_are_told_as_far_as_they_went(world: &World) {
    let day = |day: u64| {
        let date = chrono::NaiveDate::from_ymd_opt(2015, 2, 18).expect("a date");
        let date = date + chrono::Days::new(day);
        inbound(day, &format!("{date}T13:00:00.000Z"), &text(day))
    };
    let days = with_messages((0..100).map(day).collect());
    world.crm.set_delay(Duration::from_millis(300));
    let begun = Instant::now();
    let (status, reply) = world.call("createMessageLog", &days).await;
    let took = begun.elapsed();
    assert!(took < Duration::from_millis(12_500), "{took:?}");
    world.crm.set_delay(Duration::ZERO);
    let made = world.activities().await.len();
    figure(&format!("100 days: {made} in {took:?}"));
    assert!((10..100).contains(&made), "{made}");
    assert_eq!((status, &reply["successful"]), (200, &false.into()));
    let words = reply["returnMessage"]["message"].as_str().expect("words");
    let told = format!("{made} of 100 messages logged. ");
    assert!(words.starts_with(&told), "{told} in {words}");
    let mut requests = 0;
    loop {
        requests += 1;
        assert!(requests < 10, "it does not come to an end");
        let (_, reply) = world.call("createMessageLog", &days).await;
        if reply["successful"] == true {
            break;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let activities = world.activities().await;
    assert_eq!(activities.len(), 100);
    for (number, activity) in (0..).zip(&activities) {
        assert_in_order(note(activity), &[text(number)]);
    }
}
