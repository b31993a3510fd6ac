//! Texts that try to be something else, sent over HTTP: each stands in its note whole, once and as
//! text, and the next one joins.
//!
//! The notes in HTML are the Example CRM's, written by the real server; those in plain text and in
//! Markdown are notepads', behind the same doors and table in this process. The list of texts is
//! the core's.

pub(crate) mod crm;
mod expected;
#[path = "../../../shared/core/src/digest/tests/hostile/texts.rs"]
pub(crate) mod list;
mod names;
pub(crate) mod read;
mod wire;

use daybook_core::digest::Format;
use daybook_tests::runner::{case, figure};
use futures_util::{StreamExt, stream};
use libtest_mimic::Trial;
use serde_json::Value;

use crm::Crm;
use expected::{assert_note, message, request};
use list::texts;

/// How many texts are on their way at once.
const AT_ONCE: usize = 8;

/// The formats, by the names of their cases.
const FORMATS: [(Format, &str); 3] = [
    (Format::Html, "html"),
    (Format::PlainText, "plain_text"),
    (Format::Markdown, "markdown"),
];

/// Where in its digest a text comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    First,
    Middle,
    Last,
}

const PLACES: [(Place, &str); 3] = [
    (Place::First, "first"),
    (Place::Middle, "middle"),
    (Place::Last, "last"),
];

pub(super) fn cases() -> Vec<Trial> {
    let mut cases = Vec::new();
    for (format, name) in FORMATS {
        for (place, position) in PLACES {
            cases.push(case(
                format!("texts::each_stands_whole_and_once_as_the_{position}_text_in_{name}"),
                move || each_stands_once(format, place),
            ));
        }
        cases.push(case(
            format!("texts::all_of_them_make_one_digest_in_{name}"),
            move || all_at_once(format),
        ));
        cases.push(case(
            format!("texts::a_text_that_is_the_whole_note_is_a_text_in_{name}"),
            move || the_note_itself(format),
        ));
    }
    cases.extend(names::cases());
    cases.extend(wire::cases());
    cases
}

async fn each_stands_once(format: Format, place: Place) {
    let crm = Crm::start(format).await;
    let texts = texts();
    let count = texts.len();
    assert!(count >= 60, "{count}");
    let each = (1_000..).step_by(10).zip(texts);
    stream::iter(each)
        .map(|(id, (what, text))| stands_once(&crm, place, id, what, text))
        .buffer_unordered(AT_ONCE)
        .collect::<()>()
        .await;
    figure(&format!("{count} texts, {} calls of the CRM", crm.calls()));
}

/// A conversation of which one text is hostile, and then a further one. `id` is that of its first
/// message, with room for others behind it.
async fn stands_once(crm: &Crm, place: Place, id: u64, what: &str, text: String) {
    let words = |word: &str| format!("{word} text");
    let (first, hostile, last) = match place {
        Place::First => (text, words("middle"), words("last")),
        Place::Middle => (words("first"), text, words("last")),
        Place::Last => (words("first"), words("middle"), text),
    };
    let mut all = [first, hostile, last].map(Value::from);
    let message = |number: u64, text: &Value| message(id, number, text);
    let digest: Vec<_> = (0..)
        .step_by(2)
        .zip(&all)
        .map(|(number, text)| message(number, text))
        .collect();
    let (made, joined) = match place {
        // It is in the body that the others join, among those of a new one, and the one that joins.
        Place::First => (vec![0], vec![1, 2]),
        Place::Middle => (vec![0, 1, 2], vec![]),
        Place::Last => (vec![0, 1], vec![2]),
    };
    for (interface, part) in [("createMessageLog", made), ("updateMessageLog", joined)] {
        if !part.is_empty() {
            let part = part.into_iter().map(|index: usize| digest[index].clone());
            crm.log(interface, &request(part.collect())).await;
        }
    }
    // Between the first and the middle one, between the middle and the last one, or below all.
    let further = [1, 3, 5][usize::try_from(id / 10 % 3).expect("below 3")];
    let words = Value::from(words("further"));
    let reply = crm
        .log("updateMessageLog", &request(vec![message(further, &words)]))
        .await;
    let mut said: Vec<_> = (0..)
        .step_by(2)
        .zip(all.iter_mut().map(Value::take))
        .collect();
    said.push((further, words));
    said.sort_by_key(|(number, _)| *number);
    let note = crm.note(&reply).await;
    assert_note(crm.format, &note, &said, what);
}

async fn all_at_once(format: Format) {
    let crm = Crm::notepad(format).await;
    let texts: Vec<_> = (0..)
        .zip(texts())
        .map(|(number, (_, text))| (number, Value::from(text)))
        .collect();
    let messages: Vec<_> = texts
        .iter()
        .map(|(number, text)| message(1_000, *number, text))
        .collect();
    let (early, late) = messages.split_at(messages.len() / 2);
    let late: Vec<_> = late.iter().rev().cloned().collect();
    crm.log("createMessageLog", &request(late)).await;
    for part in early.chunks(20) {
        crm.log("updateMessageLog", &request(part.to_vec())).await;
    }
    let reply = crm
        .log("createMessageLog", &request(messages.clone()))
        .await;
    assert_eq!(reply["returnMessage"]["message"], "Already logged");
    assert_note(format, &crm.note(&reply).await, &texts, "all of them");
    assert_eq!(crm.count().await, 1, "one activity");
}

async fn the_note_itself(format: Format) {
    let crm = Crm::start(format).await;
    let mut said = vec![
        (0, Value::from("first <text>")),
        (9, Value::from("last & text")),
    ];
    let first = said
        .iter()
        .map(|(number, text)| message(1_000, *number, text));
    let mut reply = crm.log("createMessageLog", &request(first.collect())).await;
    // The note as it is, then with that one in it, and what a person sees of it.
    for number in 1..=3 {
        let note = crm.note(&reply).await;
        let text = match number {
            3 => expected::seen(format, &note),
            _ => note,
        };
        said.push((number, Value::from(text)));
        let (_, text) = said.last().expect("it was pushed");
        let next = request(vec![message(1_000, number, text)]);
        reply = crm.log("updateMessageLog", &next).await;
        said.sort_by_key(|(number, _)| *number);
        let note = crm.note(&reply).await;
        assert_note(format, &note, &said, "its own note");
    }
}
