//! What is sent.

use serde_json::{Value, json};

use super::values::{text, value};
use crate::tape::Tape;

/// What many drawn texts hold, by which they are known in what is told.
pub(super) const MARK: &str = "Zq9";

/// The digits of drawn numbers, for the same.
pub(super) const DIGITS: &str = "7070707";

/// The secret of links.
pub(super) const SECRET: &str = "Zsecret";

/// What becomes half of a pair of surrogates in the text that is sent.
pub(super) const SURROGATE: &str = "Zsurrogate";

/// How many changes a request has at the most.
const MOST: usize = 5;

/// A request.
pub(super) struct Body {
    pub(super) bytes: Vec<u8>,
    /// Whether it is certain that it cannot be read.
    pub(super) is_broken: bool,
    /// Whether bytes were changed, of a link too, so that its secret may be no token any more.
    pub(super) is_damaged: bool,
}

/// Draws a request.
pub(super) fn body(tape: &mut Tape) -> Body {
    let mut params = valid(tape);
    for _ in 0..tape.below(MOST) {
        change(tape, &mut params);
    }
    let mut text = params.to_string();
    for half in ["\\ud83d", "\\uDE00"] {
        text = text.replacen(SURROGATE, half, 1 + tape.below(2));
    }
    text = text.replace(SURROGATE, "\\ud83d\\ude00");
    let mut bytes = text.into_bytes();
    let is_damaged = tape.one_in(6);
    let is_broken = is_damaged && damage(tape, &mut bytes);
    Body {
        bytes,
        is_broken,
        is_damaged,
    }
}

fn valid(tape: &mut Tape) -> Value {
    let message = |id: u64, kind: &str| {
        json!({
            "id": id, "conversationId": 5_578_984_350_117_917_661_u64, "type": kind,
            "direction": "Inbound", "creationTime": "2015-02-18T13:24:50.000Z",
            "subject": format!("{MARK} says \"hello\""),
            "from": {"phoneNumber": "+16505553204", "name": MARK},
            "to": [{"phoneNumber": "+18885550052"}, null],
        })
    };
    let mut params = json!({
        "user": {
            "id": "1-exampleCRM", "name": MARK, "timezoneName": "America/Los_Angeles",
            "hostname": "CRM.example", "userSettings": {"x": {"value": MARK}},
        },
        "contactInfo": {"id": 1001, "type": "Contact", "name": MARK, "phoneNumber": "+16505553204"},
        "authHeader": "Basic Zq9",
        "message": message(60_279_564_004, "SMS"),
    });
    let more = match tape.below(5) {
        0 => json!({}),
        1 => {
            json!({"message": null, "messages": [message(1, "SMS"), message(2, "Pager"), message(1, "SMS")]})
        }
        2 => json!({"message": message(3, "VoiceMail"), "recordingLink": "https://v.example/1"}),
        3 => json!({
            "message": message(4, "Fax"), "faxDocLink": format!("https://v.example/?token={SECRET}"),
            "faxDownloadLink": format!("https://v.example/?access_token={SECRET}"),
            "imageLink": "https://v.example/2", "imageContentType": "image/png",
        }),
        _ => json!({
            "messages": [message(5, "SMS")], "timezoneOffset": -480,
            "correspondents": [{"name": MARK}, null, {"extensionNumber": "101"}],
            "additionalSubmission": {"x": [1, MARK]},
            "existingMessageLog": {"thirdPartyLogId": 12},
        }),
    };
    for (name, value) in more.as_object().expect("an object") {
        params[name] = value.clone();
    }
    params
}

/// Fields that a request may have somewhere.
const FIELDS: [&str; 24] = [
    "id",
    "user",
    "contactInfo",
    "message",
    "messages",
    "name",
    "phoneNumber",
    "timezoneOffset",
    "timezoneName",
    "creationTime",
    "conversation",
    "conversationId",
    "direction",
    "type",
    "subject",
    "from",
    "to",
    "imageLink",
    "videoLink",
    "recordingLink",
    "faxDocLink",
    "existingMessageLog",
    "correspondents",
    "additionalSubmission",
];

/// The paths of all values, as pointers.
fn paths(value: &Value, here: &str, paths: &mut Vec<String>) {
    let mut below = |name: &str, value: &Value| {
        let name = name.replace('~', "~0").replace('/', "~1");
        let path = format!("{here}/{name}");
        paths.push(path.clone());
        // Further down there is nothing that is told from this.
        if path.matches('/').count() < 6 {
            self::paths(value, &path, paths);
        }
    };
    match value {
        Value::Object(map) => map.iter().for_each(|(name, value)| below(name, value)),
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                below(&index.to_string(), value);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Changes one place.
fn change(tape: &mut Tape, params: &mut Value) {
    let mut all = Vec::new();
    paths(params, "", &mut all);
    if all.is_empty() {
        return;
    }
    let path = tape.pick(&all).clone();
    let name = path.rsplit('/').next().unwrap_or_default();
    let parent = path.strip_suffix(&format!("/{name}")).unwrap_or_default();
    match tape.below(6) {
        0 => {
            if let Some(map) = params.pointer_mut(parent).and_then(Value::as_object_mut) {
                map.remove(name);
            }
        }
        1 => {
            let name = match tape.one_in(3) {
                true => text(tape),
                false => (*tape.pick(&FIELDS)).to_owned(),
            };
            let value = value(tape);
            if let Some(map) = params.pointer_mut(parent).and_then(Value::as_object_mut) {
                map.insert(name, value);
            }
        }
        2 => {
            let other = tape.pick(&all).clone();
            let copy = params.pointer(&other).cloned().unwrap_or_default();
            put(params, &path, copy);
        }
        3 => {
            let times = *tape.pick(&[1, 2, 198, 199, 500, 501]);
            let item = params.pointer(&path).cloned().unwrap_or_default();
            // A large item many times is no other case than a small one.
            let times = if item.to_string().len() > 1_000 {
                2
            } else {
                times
            };
            put(params, &path, Value::Array(vec![item; times]));
        }
        _ => {
            let value = value(tape);
            put(params, &path, value);
        }
    }
}

fn put(params: &mut Value, path: &str, value: Value) {
    if let Some(place) = params.pointer_mut(path) {
        *place = value;
    }
}

/// Makes bytes of it that may not be JSON. Says whether that is certain.
fn damage(tape: &mut Tape, bytes: &mut Vec<u8>) -> bool {
    let at = tape.below(bytes.len().max(1));
    match tape.below(8) {
        // Without its last brace it has no end.
        0 => {
            bytes.truncate(at);
            true
        }
        1 => {
            bytes.insert(at, 0xff);
            true
        }
        2 => {
            bytes.extend_from_slice(b" x");
            true
        }
        3 => {
            *bytes = [b"[".as_slice(), bytes, b"]"].concat();
            true
        }
        4 => {
            *bytes = b"{\"user\":".repeat(1_000);
            true
        }
        5 => {
            *bytes = ["\u{feff} ".as_bytes(), bytes].concat();
            false
        }
        6 => {
            let twice = format!("{{\"authHeader\":\"{MARK}\",");
            bytes.splice(..1, twice.into_bytes());
            false
        }
        _ => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << tape.below(8);
            }
            false
        }
    }
}
