//! The same texts as the names of the contact, of the user, and of a third person in a group.

use daybook_core::digest::Format;
use daybook_core::message::clean_line;
use daybook_tests::runner::case;
use futures_util::{StreamExt, stream};
use libtest_mimic::Trial;
use serde_json::{Value, json};

use super::crm::Crm;
use super::expected::{message, request};
use super::list::texts;
use super::read::read;
use super::{AT_ONCE, FORMATS};

/// The longest name that a request may hold.
const MAX_NAME_BYTES: usize = 512;

pub(super) fn cases() -> Vec<Trial> {
    let each = FORMATS.iter().map(|(format, name)| {
        let name = format!("texts::names::a_hostile_name_is_a_name_in_{name}");
        case(name, || names(*format))
    });
    each.collect()
}

async fn names(format: Format) {
    let crm = Crm::start(format).await;
    let names: Vec<_> = texts()
        .into_iter()
        .filter(|(_, text)| !shown(text).is_empty() && clean_line(text).len() <= MAX_NAME_BYTES)
        .collect();
    assert!(names.len() >= 60, "{}", names.len());
    stream::iter((1_000..).step_by(10).zip(names))
        .map(|(id, (what, name))| is_a_name(&crm, id, what, name))
        .buffer_unordered(AT_ONCE)
        .collect::<()>()
        .await;
}

/// A name as it is shown: on one line, without the sign that tells typed lines from ours.
pub(super) fn shown(name: &str) -> String {
    let line = name.replace(['\u{2028}', '\u{2029}'], " ");
    clean_line(&line.replace('\u{2060}', ""))
}

/// The third person's number.
const OTHER: &str = "+12025550123";

fn named(messages: Vec<Value>, name: &str) -> Value {
    let mut params = request(messages);
    params["user"]["name"] = json!(name);
    params["contactInfo"]["name"] = json!(name);
    // A group is everybody that the user talks to, the contact too.
    params["correspondents"] = json!([
        {"name": name, "phoneNumber": "+16505553204"},
        {"name": name, "phoneNumber": OTHER},
    ]);
    params
}

async fn is_a_name(crm: &Crm, id: u64, what: &str, name: String) {
    let text = |number: u64| message(id, number, &json!(format!("text {number}")));
    let mut other = text(2);
    other["from"] = json!({"phoneNumber": OTHER, "name": name});
    crm.log(
        "createMessageLog",
        &named(vec![text(0), text(1), other], &name),
    )
    .await;
    let reply = crm
        .log("updateMessageLog", &named(vec![text(4), text(5)], &name))
        .await;
    let (subject, note) = crm.activity(&reply).await;
    let name = shown(&name);
    let title = format!("SMS conversation with {name} - 15/02/18");
    assert_eq!(open(&subject), open(&title), "{what}");
    let read = read(crm.format, &note).unwrap_or_else(|why| panic!("{what}: {why}\n{note}"));
    assert_eq!(read.count, 5, "{what}: {note}");
    let contact = format!("{name} (+16505553204)");
    let headers: Vec<_> = read
        .entries
        .iter()
        .map(|entry| open(&entry.header))
        .collect();
    let expected = [
        format!("{contact} 05:24 AM"),
        format!("{name} 05:25 AM"),
        format!("{name} ({OTHER}) 05:26 AM"),
        format!("{contact} 05:28 AM"),
        format!("{name} 05:29 AM"),
    ];
    assert_eq!(
        headers,
        expected.map(|header| open(&header)),
        "{what}: {note}"
    );
    let said: Vec<_> = read
        .entries
        .iter()
        .map(|entry| entry.lines.join("\n"))
        .collect();
    assert_eq!(
        said,
        ["text 0", "text 1", "text 2", "text 4", "text 5"],
        "{what}"
    );
    let people: Vec<_> = read.people.iter().map(|person| open(person)).collect();
    assert!(people.len() >= 2, "{what}: {note}");
    assert!(
        people.iter().all(|person| *person == open(&name)),
        "{what}: {people:?}"
    );
    assert_eq!(open(&read.subject), open(&shown(&title)), "{what}");
}

/// A line without what closes its directions, and without the sign before a typed line.
fn open(line: &str) -> String {
    line.replace(['\u{202c}', '\u{2069}', '\u{2060}'], "")
}
