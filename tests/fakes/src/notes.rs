//! What a CRM makes of the notes that it is given: it rewrites their HTML, and takes no long ones.
//!
//! A note is a field of a JSON body, wherever it stands in it. `server` applies the rules between
//! the wire and the router.

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};

mod rewrite;

pub use rewrite::Rewrite;

/// What a CRM does with a note that is longer than it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TooLong {
    /// Refuses it with this status, naming the field.
    Refused(u16),
    /// Keeps the beginning, and says nothing.
    Cut,
}

/// What a CRM does with the notes of its activities.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    field: &'static str,
    stored: Vec<Rewrite>,
    given_back: Vec<Rewrite>,
    cap: Option<(usize, TooLong)>,
}

impl Notes {
    /// Notes stand in this field, and are kept as they are.
    pub fn in_field(field: &'static str) -> Self {
        Self {
            field,
            ..Self::default()
        }
    }

    /// They are rewritten before they are stored.
    #[must_use]
    pub fn stored_as(mut self, rewrites: &[Rewrite]) -> Self {
        self.stored = rewrites.to_vec();
        self
    }

    /// They are stored as they are, and rewritten whenever they are given back.
    #[must_use]
    pub fn given_back_as(mut self, rewrites: &[Rewrite]) -> Self {
        self.given_back = rewrites.to_vec();
        self
    }

    /// None may be longer than this.
    #[must_use]
    pub fn at_most(mut self, bytes: usize, too_long: TooLong) -> Self {
        self.cap = Some((bytes, too_long));
        self
    }

    /// The body as the router is to see it, or the refusal of it.
    pub(crate) fn take_in(&self, body: Bytes) -> Result<Bytes, (StatusCode, Bytes)> {
        let mut refused = None;
        let body = self.in_each(body, |note| {
            let rewritten = rewrite(&self.stored, note);
            match self.cap {
                Some((bytes, TooLong::Refused(status))) if rewritten.len() > bytes => {
                    refused = Some(status);
                    rewritten
                }
                Some((bytes, TooLong::Cut)) => {
                    rewritten[..rewritten.floor_char_boundary(bytes)].to_owned()
                }
                Some((_, TooLong::Refused(_))) | None => rewritten,
            }
        });
        match refused {
            None => Ok(body),
            Some(status) => {
                let field = json!({"code": "too_long", "field": self.field});
                let status = StatusCode::from_u16(status).expect("the cap's status is valid");
                Err((status, json!({"error": field}).to_string().into()))
            }
        }
    }

    /// The body as the client is to see it.
    pub(crate) fn give_back(&self, body: Bytes) -> Bytes {
        self.in_each(body, |note| rewrite(&self.given_back, note))
    }

    /// A JSON body with each note in it changed; any other body as it is.
    fn in_each(&self, body: Bytes, mut change: impl FnMut(&str) -> String) -> Bytes {
        let is_idle = self.stored.is_empty() && self.given_back.is_empty() && self.cap.is_none();
        let Some(mut json) = (!is_idle)
            .then(|| serde_json::from_slice::<Value>(&body).ok())
            .flatten()
        else {
            return body;
        };
        change_notes(&mut json, self.field, &mut change);
        json.to_string().into()
    }
}

fn rewrite(rewrites: &[Rewrite], note: &str) -> String {
    let note = note.to_owned();
    rewrites
        .iter()
        .fold(note, |note, rewrite| rewrite.apply(&note))
}

fn change_notes(json: &mut Value, field: &str, change: &mut impl FnMut(&str) -> String) {
    match json {
        Value::Object(fields) => {
            for (name, value) in fields {
                if let (true, Value::String(note)) = (name == field, &mut *value) {
                    *note = change(note);
                } else {
                    change_notes(value, field, change);
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                change_notes(item, field, change);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_found_wherever_they_stand() {
        let notes = Notes::in_field("note").given_back_as(&[Rewrite::ClosedBreaks]);
        let list = json!({"list": [{"note": "<br>", "other": "<br>"}]}).to_string();
        let rewritten = json!({"list": [{"note": "<br/>", "other": "<br>"}]}).to_string();
        assert_eq!(notes.give_back(list.clone().into()), rewritten);
        assert_eq!(notes.take_in(list.clone().into()), Ok(list.into()));
        assert_eq!(notes.give_back("<br>".into()), "<br>");
    }

    #[test]
    fn a_long_note_is_refused_or_cut() {
        let body = || Bytes::from(json!({"note": "abcd\u{fc}"}).to_string());
        let notes = Notes::in_field("note");
        let refusing = notes.clone().at_most(5, TooLong::Refused(413));
        let (status, refusal) = refusing.take_in(body()).expect_err("it is refused");
        assert_eq!(status, 413);
        assert!(String::from_utf8_lossy(&refusal).contains("\"field\":\"note\""));
        let cutting = notes.at_most(5, TooLong::Cut);
        let kept = json!({"note": "abcd"}).to_string();
        assert_eq!(cutting.take_in(body()), Ok(kept.into()));
        let roomy = Notes::in_field("note").at_most(6, TooLong::Refused(413));
        assert_eq!(roomy.take_in(body()), Ok(body()));
    }
}
