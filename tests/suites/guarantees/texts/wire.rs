//! What a text is when JSON says it oddly, or not at all.

use daybook_core::digest::Format;
use daybook_tests::runner::case;
use libtest_mimic::Trial;
use serde_json::{Value, json};

use super::FORMATS;
use super::crm::Crm;
use super::expected::{assert_note, message, request};

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

pub(super) fn cases() -> Vec<Trial> {
    let each = FORMATS.iter().map(|(format, name)| {
        let name = format!("texts::wire::a_text_is_what_json_makes_of_it_in_{name}");
        case(name, || every_form(*format))
    });
    each.collect()
}

/// All forms in one digest, each in a request of its own, and the one that is absent.
async fn every_form(format: Format) {
    const HERE: &str = "the text goes here";
    let crm = Crm::start(format).await;
    let mut reply = Value::Null;
    let mut said = Vec::new();
    for (number, (form, text)) in (0..).zip(FORMS) {
        let body = request(vec![message(1_000, number, &json!(HERE))]).to_string();
        let body = body.replace(&json!(HERE).to_string(), form);
        reply = crm.log_raw("createMessageLog", body).await;
        said.push((number, json!(text)));
    }
    let mut absent = message(1_000, 50, &Value::Null);
    absent.as_object_mut().expect("an object").remove("subject");
    crm.log("updateMessageLog", &request(vec![absent])).await;
    said.push((50, json!("")));
    assert_note(format, &crm.note(&reply).await, &said, "a form");
}
