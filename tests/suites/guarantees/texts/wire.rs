//! What a text is when JSON says it oddly, or not at all.

use daybook_core::digest::Format;
use daybook_tests::runner::case;
use libtest_mimic::Trial;
use serde_json::{Value, json};

use super::crm::Crm;
use super::expected::{assert_note, message, request};
use super::names::shown;
use super::read::read;
use super::{FORMATS, PLACES, Place};

/// What stands for the text in a request, and the text that it is.
const FORMS: [(&str, &str); 14] = [
    ("null", ""),
    (r#""""#, ""),
    (r#"" ""#, " "),
    (r#""\ud83d""#, "\u{fffd}"),
    (r#""\ude00 begins""#, "\u{fffd} begins"),
    (r#""cut \ud83d""#, "cut \u{fffd}"),
    (r#""\ud83d\ud83d\ude00""#, "\u{fffd}😀"),
    (r#""\ude00\ud83d""#, "\u{fffd}\u{fffd}"),
    (r#""\ud83d\ude00""#, "😀"),
    (r#""\\ud83d""#, "\\ud83d"),
    (r#""\u003cb\u003e\u0026""#, "<b>&"),
    (r#""<\/b>\u0000\u001b""#, "</b>\u{fffd}\u{fffd}"),
    (r#""\u000d\u000aEND\u000d""#, "\nEND\n"),
    (r#""\u2060END\ufeff""#, "\u{2060}END\u{feff}"),
];

/// What a request has where a text is to be put.
const HERE: &str = "the text goes here";

/// A request with all texts that are [`HERE`] as `form`; absent where there is none.
fn written(params: &Value, form: Option<&str>) -> String {
    let here = json!(HERE).to_string();
    let body = params.to_string();
    match form {
        Some(form) => body.replace(&here, form),
        None => ["subject", "name"].iter().fold(body, |body, field| {
            // No field of an object that has them is the last or the only one.
            body.replace(&format!("\"{field}\":{here},"), "")
        }),
    }
}

pub(super) fn cases() -> Vec<Trial> {
    let mut cases = Vec::new();
    for (format, name) in FORMATS {
        let what = "a_text_is_what_json_makes_of_it";
        cases.push(case(format!("texts::wire::{what}_in_{name}"), move || {
            every_form(format)
        }));
        for (place, position) in PLACES {
            let what = format!("{what}_as_the_{position}_text");
            cases.push(case(format!("texts::wire::{what}_in_{name}"), move || {
                in_a_place(format, place)
            }));
        }
        let what = "a_name_is_what_json_makes_of_it";
        cases.push(case(format!("texts::wire::{what}_in_{name}"), move || {
            names(format)
        }));
    }
    cases
}

/// All forms in one digest, each in a request of its own, and the one that is absent.
async fn every_form(format: Format) {
    let crm = Crm::start(format).await;
    let mut reply = Value::Null;
    let mut said = Vec::new();
    for (number, (form, text)) in (0..).zip(forms()) {
        let params = request(vec![message(1_000, number, &json!(HERE))]);
        reply = crm
            .log_raw("createMessageLog", written(&params, form))
            .await;
        said.push((number, json!(text)));
    }
    assert_note(format, &crm.note(&reply).await, &said, "a form");
}

/// All forms, and the one that is absent.
fn forms() -> impl Iterator<Item = (Option<&'static str>, &'static str)> {
    let written = FORMS.iter().map(|(form, text)| (Some(*form), *text));
    written.chain([(None, "")])
}

/// Each form in a digest of its own, in which two other texts are sent with it and one after it.
async fn in_a_place(format: Format, place: Place) {
    let crm = Crm::start(format).await;
    let at = match place {
        Place::First => 0,
        Place::Middle => 1,
        Place::Last => 2,
    };
    for (id, (form, text)) in (1_000..).step_by(10).zip(forms()) {
        let mut said = [json!("one"), json!("two"), json!("three"), json!("four")];
        said[at] = json!(HERE);
        let sent: Vec<_> = (0..)
            .zip(&said)
            .map(|(number, text)| message(id, number, text))
            .collect();
        let (made, joined) = sent.split_at(3);
        let made = request(made.to_vec());
        crm.log_raw("createMessageLog", written(&made, form)).await;
        let reply = crm.log("updateMessageLog", &request(joined.to_vec())).await;
        said[at] = json!(text);
        let said: Vec<_> = (0..).zip(said).collect();
        assert_note(
            format,
            &crm.note(&reply).await,
            &said,
            form.unwrap_or("absent"),
        );
    }
}

/// Each form as the name of the contact, of the user and of both senders.
async fn names(format: Format) {
    let crm = Crm::start(format).await;
    for (id, (form, name)) in (1_000..).step_by(10).zip(forms()) {
        let what = form.unwrap_or("absent");
        let texts = [json!("one"), json!("two")];
        let sent = (0..).zip(&texts).map(|(number, text)| {
            let mut message = message(id, number, text);
            message["from"]["name"] = json!(HERE);
            message
        });
        let mut params = request(sent.collect());
        params["user"]["name"] = json!(HERE);
        params["contactInfo"]["name"] = json!(HERE);
        let reply = crm
            .log_raw("createMessageLog", written(&params, form))
            .await;
        let note = crm.note(&reply).await;
        let read = read(format, &note).unwrap_or_else(|why| panic!("{what}: {why}\n{note}"));
        // Where nobody is called anything, numbers are what is known.
        let name = shown(name);
        let (user, contact, both) = match name.as_str() {
            "" => ("+18885550052", "+16505553204", "+16505553204".to_owned()),
            name => (name, name, format!("{name} (+16505553204)")),
        };
        let headers: Vec<_> = read
            .entries
            .iter()
            .map(|entry| entry.header.as_str())
            .collect();
        assert_eq!(
            headers,
            [format!("{both} 05:24 AM"), format!("{user} 05:25 AM")],
            "{what}: {note}"
        );
        assert!(read.subject.contains(contact), "{what}: {note}");
        assert_eq!(read.count, 2, "{what}");
    }
}
