//! What a CRM makes of the notes that it is given: it rewrites their HTML, and takes no long ones.
//!
//! A note is a field of a JSON body, wherever it stands in it. `server` applies the rules between
//! the wire and the router.

use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};

/// One way to rewrite the HTML of a note. None changes what a person sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rewrite {
    /// A line break after each tag that begins a line.
    Newlines,
    /// `<br/>` for `<br>`.
    ClosedBreaks,
    /// Entities for quotes and for everything beyond ASCII.
    Entities,
    /// Tags without their attributes.
    NoAttributes,
    /// A `span` around every text.
    Spans,
    /// Tags in capitals.
    Capitals,
}

impl Rewrite {
    /// Every way, with its name.
    pub const ALL: [(Self, &str); 6] = [
        (Self::Newlines, "newlines"),
        (Self::ClosedBreaks, "closed_breaks"),
        (Self::Entities, "entities"),
        (Self::NoAttributes, "no_attributes"),
        (Self::Spans, "spans"),
        (Self::Capitals, "capitals"),
    ];

    /// The note, rewritten. A second time changes nothing.
    pub fn apply(self, note: &str) -> String {
        let mut rewritten = String::with_capacity(note.len());
        let mut rest = note;
        while let Some(token) = first_token(rest) {
            let (now, later) = rest.split_at(token);
            let place = Place {
                before: &rewritten,
                after: later,
            };
            let piece = match now.starts_with('<') {
                true => self.tag(now, &place),
                false => self.text(now, &place),
            };
            rewritten.push_str(&piece);
            rest = later;
        }
        rewritten
    }

    fn tag(self, tag: &str, place: &Place<'_>) -> String {
        match self {
            Self::Newlines if begins_line(tag) && !place.after.starts_with('\n') => {
                format!("{tag}\n")
            }
            Self::ClosedBreaks if tag == "<br>" => "<br/>".to_owned(),
            Self::NoAttributes => match tag.split_once(char::is_whitespace) {
                Some((name, _)) => format!("{name}>"),
                None => tag.to_owned(),
            },
            Self::Capitals => match tag.split_once(char::is_whitespace) {
                Some((name, attributes)) => format!("{} {attributes}", name.to_uppercase()),
                None => tag.to_uppercase(),
            },
            Self::Newlines | Self::ClosedBreaks | Self::Entities | Self::Spans => tag.to_owned(),
        }
    }

    fn text(self, text: &str, place: &Place<'_>) -> String {
        match self {
            Self::Entities => text.chars().map(entity).collect(),
            Self::Spans if !text.trim().is_empty() && !place.before.ends_with(SPAN) => {
                format!("{SPAN}{text}</span>")
            }
            Self::Newlines
            | Self::ClosedBreaks
            | Self::NoAttributes
            | Self::Spans
            | Self::Capitals => text.to_owned(),
        }
    }
}

const SPAN: &str = "<span style=\"font-size: 10pt\">";

/// What stands around a piece of a note: before it already rewritten, after it not yet.
struct Place<'a> {
    before: &'a str,
    after: &'a str,
}

/// The length of the tag or the text that `html` begins with.
fn first_token(html: &str) -> Option<usize> {
    if html.is_empty() {
        return None;
    }
    let end = match html.starts_with('<') {
        true => html.find('>').map(|end| end + 1),
        false => html.find('<'),
    };
    Some(end.unwrap_or(html.len()))
}

fn begins_line(tag: &str) -> bool {
    let name = tag.trim_start_matches(['<', '/']);
    let name: String = name
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    ["br", "ul", "ol", "li", "p", "div"].contains(&name.to_ascii_lowercase().as_str())
}

fn entity(c: char) -> String {
    match c {
        '"' => "&quot;".to_owned(),
        '\'' => "&#39;".to_owned(),
        '\u{a0}' => "&nbsp;".to_owned(),
        _ if c.is_ascii() => c.to_string(),
        _ => format!("&#x{:x};", u32::from(c)),
    }
}

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

    const NOTE: &str = "<br><b>Ann's \u{fc}</b><ul><li><a href=\"x\">y</a></li></ul>";

    #[test]
    fn each_way_of_rewriting_changes_the_tags_and_not_the_words() {
        for (rewrite, expected) in [
            (
                Rewrite::Newlines,
                "<br>\n<b>Ann's \u{fc}</b><ul>\n<li>\n<a href=\"x\">y</a></li>\n</ul>\n",
            ),
            (
                Rewrite::ClosedBreaks,
                "<br/><b>Ann's \u{fc}</b><ul><li><a href=\"x\">y</a></li></ul>",
            ),
            (
                Rewrite::Entities,
                "<br><b>Ann&#39;s &#xfc;</b><ul><li><a href=\"x\">y</a></li></ul>",
            ),
            (
                Rewrite::NoAttributes,
                "<br><b>Ann's \u{fc}</b><ul><li><a>y</a></li></ul>",
            ),
            (
                Rewrite::Capitals,
                "<BR><B>Ann's \u{fc}</B><UL><LI><A href=\"x\">y</A></LI></UL>",
            ),
        ] {
            assert_eq!(rewrite.apply(NOTE), expected);
        }
        let spans = Rewrite::Spans.apply("a<b>c</b>");
        assert_eq!(spans, format!("{SPAN}a</span><b>{SPAN}c</span></b>"));
    }

    #[test]
    fn what_was_rewritten_once_stays_as_it_is() {
        for (rewrite, name) in Rewrite::ALL {
            let once = rewrite.apply(NOTE);
            assert_eq!(rewrite.apply(&once), once, "{name}");
        }
    }

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
