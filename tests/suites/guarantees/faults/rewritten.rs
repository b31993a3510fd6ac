//! A CRM that rewrites the HTML of its notes: nothing more is written, and nothing twice.

use daybook_fakes::{FakeExampleCrm, Fault, Rewrite, Rule};
use daybook_tests::params::{inbound, set, with_message};
use daybook_tests::runner::case;
use daybook_tests::world::{Door, World};
use http::Method;
use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::expect::{assert_in_order, count, success};
use crate::later::pass;
use crate::rewritings;

/// What the texts say; the last one is in plain words after every rewriting.
const TEXTS: [&str; 5] = [
    "don't \"go\", 5 < 6 & 7",
    "Z\u{fc}rich \u{1f642} </li>",
    "- a list?",
    "&amp; <br/>",
    "plain",
];

/// The text that carries a link, which is all that has an attribute in our notes.
const LINKED: usize = 1;
const LINK: &str = "https://v.ringcentral.com/voicemail/1";

pub(super) fn cases() -> Vec<Trial> {
    let mut trials = Vec::new();
    for (rewrites, style) in rewritings() {
        for given_back in [false, true] {
            let when = if given_back { "given_back" } else { "stored" };
            let name = format!("faults::rewritten::notes_{when}_with_{style}");
            let rewrites = rewrites.clone();
            trials.push(case(name, move || async move {
                rewritten(&rewrites, given_back).await;
            }));
        }
    }
    trials
}

/// A create that is not answered and found again, an update, one that is not answered and read
/// again, and texts that join what was read.
async fn rewritten(rewrites: &[Rewrite], given_back: bool) {
    let world = World::start(Door::Direct).await;
    let notes = FakeExampleCrm::notes();
    world.crm.set_notes(match given_back {
        true => notes.given_back_as(rewrites),
        false => notes.stored_as(rewrites),
    });
    let crm = &world.crm;
    crm.plan(Rule::new(Fault::DropAfter).method(Method::POST).once());
    assert_logged(&world, 0, 2).await;
    assert_logged(&world, 1, 2).await;
    crm.plan(Rule::new(Fault::DropAfter).method(Method::PATCH).once());
    let (_, reply) = world.call("updateMessageLog", &message(2)).await;
    assert_eq!(reply["successful"], false, "{reply}");
    crm.clear_journal();
    // It stands there, so it is read and not written.
    assert_logged(&world, 2, 1).await;
    assert_logged(&world, 3, 2).await;
    pass(&world, std::time::Duration::from_secs(60)).await;
    assert_logged(&world, 4, 2).await;
    for number in 0..TEXTS.len() {
        let reply = world.call("createMessageLog", &message(number)).await;
        assert_eq!(reply, success("1", "Already logged"));
    }
    assert!(crm.journal().is_empty());
    let note = world.only_activity().await["note"].clone();
    let note = note.as_str().expect("a note");
    assert_eq!(count(note), TEXTS.len(), "{note}");
    assert_eq!(
        note.to_ascii_lowercase().matches("<li").count(),
        2 + TEXTS.len(),
        "{note}"
    );
    if rewrites == [Rewrite::ClosedBreaks] {
        let escaped = TEXTS.map(|text| {
            text.replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;")
        });
        assert_in_order(note, &escaped);
    }
}

fn message(number: usize) -> Value {
    let time = format!("2015-02-18T13:0{number}:00.000Z");
    let id = u64::try_from(number).expect("a small number") + 1;
    let mut params = with_message(inbound(id, &time, TEXTS[number]));
    if number == LINKED {
        set(&mut params, "recordingLink", json!(LINK));
    }
    params
}

/// Sends a text, which takes so many calls of the CRM.
async fn assert_logged(world: &World, number: usize, calls: usize) {
    let reply = world.call("createMessageLog", &message(number)).await;
    assert_eq!(reply, success("1", "Message logged"), "{}", TEXTS[number]);
    let journal = world.crm.journal();
    assert_eq!(journal.len(), calls, "{journal:#?}");
    world.crm.clear_journal();
}
