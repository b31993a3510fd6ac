//! Texts that try to be something else, as whatever is told of a call, over HTTP: each is read back
//! as it was typed, and nothing of it is markup.
//!
//! The texts are those of the digests, and those that know the note of a call.

#[path = "../../../../shared/core/src/call_note/tests/hostile/of_calls.rs"]
mod of_calls;

use std::collections::BTreeSet;

use daybook_core::call_note::{self, Field, Parsed};
use daybook_core::digest::Format;
use daybook_core::message::{clean_line, clean_text};
use daybook_tests::runner::{case, figure};
use futures_util::{StreamExt, stream};
use libtest_mimic::Trial;
use serde_json::{Value, json};

use self::of_calls::OF_CALLS;
use super::told::{create, late_data, update};
use crate::texts::crm::Crm;
use crate::texts::list::texts;

const FORMATS: [(Format, &str); 3] = [
    (Format::Html, "html"),
    (Format::PlainText, "plain_text"),
    (Format::Markdown, "markdown"),
];

/// How many calls are on their way at once.
const AT_ONCE: usize = 4;

/// What is longer stands in one field alone.
const LONG: usize = 2_000;
/// What is longer is no name.
const MAX_NAME_BYTES: usize = 512;

pub(super) fn cases() -> Vec<Trial> {
    let mut cases = Vec::new();
    for (format, name) in FORMATS {
        for (updated, how) in [(false, "a_create"), (true, "an_update")] {
            cases.push(case(
                format!("calls::texts::what_{how}_tells_is_read_back_as_it_was_typed_in_{name}"),
                move || each(format, updated),
            ));
        }
        cases.push(case(
            format!("calls::texts::a_hostile_name_is_one_line_in_{name}"),
            move || names(format),
        ));
    }
    cases
}

fn all_texts() -> Vec<(&'static str, String)> {
    let of_calls = OF_CALLS.map(|(what, text)| (what, text.to_owned()));
    texts().into_iter().chain(of_calls).collect()
}

/// The fields that take several lines, with their parameters.
const PLACES: [(Field, &str); 6] = [
    (Field::Note, "note"),
    (Field::AiNote, "aiNote"),
    (Field::Transcript, "transcript"),
    (Field::AceTranscript, "ringSenseTranscript"),
    (Field::AceSummary, "ringSenseSummary"),
    (Field::AceBulletedSummary, "ringSenseBulletedSummary"),
];

/// A text as it is to be read back.
fn kept(format: Format, text: &str) -> String {
    let clean = clean_text(text).replace(['\u{2028}', '\u{2029}'], "\n");
    let clean = clean.replace('\u{2060}', "");
    let lines: Vec<_> = clean.split('\n').map(|line| ends(format, line)).collect();
    let blank = |line: &&String| line.trim().is_empty();
    let lines: Vec<_> = lines.iter().skip_while(blank).collect();
    let after = lines.iter().rev().take_while(|line| blank(line)).count();
    let lines: Vec<_> = lines[..lines.len() - after]
        .iter()
        .map(|line| line.as_str())
        .collect();
    lines.join("\n")
}

/// A line with spaces for the white space at its ends, where Markdown would make something of it.
fn ends(format: Format, line: &str) -> String {
    let white = [' ', '\t', '\u{a0}'];
    let said = line.trim_matches(white);
    if format != Format::Markdown || said.is_empty() {
        return match format == Format::Markdown {
            true => " ".repeat(line.chars().count()),
            false => line.to_owned(),
        };
    }
    let before = line.len() - line.trim_start_matches(white).len();
    let spaces = |part: &str| " ".repeat(part.chars().count());
    let (start, rest) = line.split_at(before);
    format!("{}{said}{}", spaces(start), spaces(&rest[said.len()..]))
}

/// Without the characters that close directions at the ends of lines.
fn open(text: &str) -> String {
    let close = ['\u{202c}', '\u{2069}'];
    let lines: Vec<_> = text
        .split('\n')
        .map(|line| line.trim_end_matches(close))
        .collect();
    lines.join("\n")
}

/// The fields of one text: all of them, or one for a long text.
fn places(number: usize, text: &str) -> Vec<(Field, &'static str)> {
    match text.len() > LONG {
        true => vec![PLACES[number % PLACES.len()]],
        false => PLACES.into(),
    }
}

/// How the log that a reply names is read back.
async fn read(crm: &Crm, reply: &Value) -> (Value, Parsed) {
    let params = json!({
        "user": {"id": "1-exampleCRM"},
        "callLogId": reply["logId"], "contactId": 1001,
        "authHeader": daybook_tests::params::DEMO_AUTH,
    });
    let info = crm.log("getCallLog", &params).await["callLogInfo"].take();
    let body = info["fullBody"].as_str().expect("a body");
    assert_no_markup(crm.format, body);
    let parsed = call_note::read(crm.format, body);
    (info, parsed)
}

/// That a note has no tags but those that we write.
fn assert_no_markup(format: Format, body: &str) {
    if format != Format::Html {
        return;
    }
    let ours = [
        "<b>",
        "</b>",
        "<br>",
        "<li>",
        "</li>",
        "<div>",
        "</div>",
        "</a>",
        "<a target=\"_blank\" href=\"https://media.example/",
    ];
    for (at, _) in body.match_indices('<') {
        let rest = &body[at..];
        let is_ours = ours.iter().any(|tag| rest.starts_with(tag));
        assert!(is_ours, "{rest:.100} in {body:.3000}");
    }
}

async fn each(format: Format, updated: bool) {
    let crm = Crm::start(format).await;
    let all = all_texts();
    let count = all.len();
    assert!(count >= 90, "{count}");
    let logs: BTreeSet<_> = stream::iter(all.into_iter().enumerate())
        .map(|(number, (what, text))| is_read_back(&crm, number, what, text, updated))
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    assert_eq!(logs.len(), count, "one activity each");
    figure(&format!("{count} texts, {} calls of the CRM", crm.calls()));
}

async fn is_read_back(crm: &Crm, number: usize, what: &str, text: String, updated: bool) -> String {
    let session = u64::try_from(number).expect("a few") + 1;
    let places = places(number, &text);
    let mut fields = json!({});
    for (_, name) in &places {
        fields[*name] = json!(text);
    }
    let mut made = create(session);
    if !updated {
        made.as_object_mut().expect("an object").remove("note");
        for (_, name) in &places {
            made[*name] = json!(text);
        }
    }
    let mut reply = crm.log("createCallLog", &made).await;
    if updated {
        reply = crm
            .log("updateCallLog", &update(session, fields.clone()))
            .await;
    }
    assert_says(crm, &reply, &places, &text, what).await;
    // Each time that something else comes in, and when the same comes once more.
    let further = [
        late_data_without_texts(session),
        json!({"result": "Missed"}),
        fields,
    ];
    for fields in further {
        let reply = crm.log("updateCallLog", &update(session, fields)).await;
        assert_says(crm, &reply, &places, &text, what).await;
    }
    reply["logId"].as_str().expect("an id").to_owned()
}

fn late_data_without_texts(session: u64) -> Value {
    let mut fields = late_data(session);
    fields
        .as_object_mut()
        .expect("an object")
        .remove("transcript");
    fields
}

/// That the log that a reply names says the text in these fields, for whoever reads it.
async fn assert_says(crm: &Crm, reply: &Value, places: &[(Field, &str)], text: &str, what: &str) {
    let kept = kept(crm.format, text);
    if kept.trim().is_empty() {
        return;
    }
    let (info, parsed) = read(crm, reply).await;
    for (field, name) in places {
        let value = parsed.values.get(field).map_or("", String::as_str);
        assert_eq!(
            open(value),
            open(&kept),
            "{what} as {name}: {:.3000}",
            info["fullBody"]
        );
    }
    if places.contains(&PLACES[0]) {
        let note = info["note"].as_str().expect("a note");
        assert_eq!(open(note), open(&kept), "{what}");
    }
    let subject = parsed.subject.as_deref().unwrap_or_default();
    assert_eq!(info["subject"], subject, "{what}");
}

async fn names(format: Format) {
    let crm = Crm::start(format).await;
    let line = |text: &str| {
        clean_line(
            &text
                .replace(['\u{2028}', '\u{2029}'], " ")
                .replace('\u{2060}', ""),
        )
    };
    let names: Vec<_> = all_texts()
        .into_iter()
        .filter(|(_, text)| {
            let line = line(text);
            !line.is_empty() && clean_line(text).len() <= MAX_NAME_BYTES && line != "(pending...)"
        })
        .collect();
    assert!(names.len() >= 80, "{}", names.len());
    for (session, (what, name)) in (1..).zip(names) {
        let mut made = create(session);
        made["contactInfo"]["name"] = json!(name);
        made["user"]["name"] = json!(name);
        made["callLog"]["customSubject"] = json!(name);
        for end in ["from", "to"] {
            made["callLog"][end]["name"] = json!(name);
        }
        made["callLog"]["result"] = json!(name);
        crm.log("createCallLog", &made).await;
        let told = json!({
            "ringSenseAIScore": name,
            "legs": [{"direction": "Inbound", "to": {"name": name}}],
        });
        crm.log("updateCallLog", &update(session, told)).await;
        let reply = crm
            .log(
                "updateCallLog",
                &update(session, json!({"aiNote": "Fine."})),
            )
            .await;
        let (info, parsed) = read(&crm, &reply).await;
        for field in [Field::Subject, Field::Result, Field::AceScore] {
            let value = parsed.values.get(&field).map_or("", String::as_str);
            assert_eq!(
                open(value),
                open(&line(&name)),
                "{what} as {field:?}: {info:#}"
            );
        }
        let note = format!("Wants a quote {session}.\nCall back on Friday.");
        assert_eq!(parsed.values.get(&Field::Note), Some(&note), "{what}");
        assert_eq!(
            parsed.values.get(&Field::AiNote).map(String::as_str),
            Some("Fine."),
            "{what}"
        );
        let legs = parsed.values.get(&Field::Legs).map_or("", String::as_str);
        assert_eq!(legs.lines().count(), 1, "{what}: {legs}");
    }
}
