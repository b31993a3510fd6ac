//! A conversation to test with, and CRMs that rewrite what they are given.

use chrono::TimeDelta;

use super::super::*;
use crate::contact::Contact;
use crate::ids::{ContactId, MessageId};
use crate::message::{Direction, MessageKind};
use crate::phone::PhoneNumber;
use crate::time::{Zone, parse_instant};

pub(super) fn context(format: Format) -> Context {
    Context {
        contact: Contact {
            id: ContactId::parse("7").expect("an id"),
            phone: PhoneNumber::parse("+16505553204"),
            kind: None,
            name: Some("Ada Lovelace".to_owned()),
        },
        user_name: Some("Charles Babbage".to_owned()),
        zone: Zone::from_name("America/Los_Angeles").expect("a zone"),
        format,
        participants: Vec::new(),
        group: false,
        inbox: None,
        topic: Topic::Texts,
        started_at: parse_instant("2015-02-18T13:24:50Z").expect("a time"),
    }
}

pub(super) fn mark() -> Mark {
    Mark::parse("k7m2-9xqd-4tfa").expect("a mark")
}

pub(super) fn frame(context: &Context) -> Frame<'_> {
    Frame {
        context,
        window: Window::day(context.zone, context.started_at),
        part: 1,
        mark: Some(mark()),
    }
}

/// A text of `minute` after 05:24 AM; inbound where `id` is odd.
pub(super) fn text(id: u32, minute: i64, text: &str) -> Entry {
    Entry {
        id: MessageId::parse(&id.to_string()).expect("an id"),
        at: parse_instant("2015-02-18T13:24:50Z").expect("a time") + TimeDelta::minutes(minute),
        direction: if id % 2 == 1 {
            Direction::Inbound
        } else {
            Direction::Outbound
        },
        kind: MessageKind::Sms,
        sender_name: None,
        sender_number: None,
        text: text.to_owned(),
        media: Vec::new(),
        in_group: false,
        piece: None,
    }
}

/// A digest in a CRM, with the head that the engine would keep.
pub(super) struct Log<'a> {
    pub(super) frame: Frame<'a>,
    pub(super) body: String,
    pub(super) stored: Vec<Entry>,
    pub(super) ledger: Vec<Fingerprint>,
    pub(super) removed: Vec<Fingerprint>,
    pub(super) may_land: bool,
}

impl<'a> Log<'a> {
    pub(super) fn new(context: &'a Context) -> Self {
        Self::of(context, "")
    }

    pub(super) fn of(context: &'a Context, body: &str) -> Self {
        Self {
            frame: frame(context),
            body: body.to_owned(),
            stored: Vec::new(),
            ledger: Vec::new(),
            removed: Vec::new(),
            may_land: false,
        }
    }

    pub(super) fn merge(&self, delivery: &[Fingerprint]) -> Merged {
        let stored: Vec<_> = self.stored.iter().collect();
        merge(
            &self.frame,
            &Request {
                existing: &self.body,
                stored: &stored,
                ledger: &self.ledger,
                removed: &self.removed,
                delivery,
                may_land: self.may_land,
            },
        )
    }

    /// Delivers and settles.
    pub(super) fn deliver(&mut self, entries: &[Entry]) -> Merged {
        self.stored.extend_from_slice(entries);
        let delivery: Vec<_> = entries.iter().map(Entry::fingerprint).collect();
        let merged = self.merge(&delivery);
        self.body.clone_from(&merged.body);
        self.ledger.extend(&merged.delivered);
        self.removed.extend(&merged.removed);
        merged
    }

    /// Merging again must not write.
    pub(super) fn assert_stable(&self, what: &str) {
        let again = self.merge(&self.ledger);
        assert!(!again.changed, "{what}:\n{}\n->\n{}", self.body, again.body);
        assert_eq!(again.body, self.body);
    }

    pub(super) fn edit(&mut self, from: &str, to: &str) {
        assert!(self.body.contains(from), "no {from:?} in {}", self.body);
        self.body = self.body.replacen(from, to, 1);
    }

    #[track_caller]
    pub(super) fn assert_count(&self, count: usize) {
        let counter = format!("Conversation({count} messages)");
        assert!(self.body.contains(&counter), "not {count}: {}", self.body);
    }
}

/// How often `part` is in `whole`.
pub(super) fn times(whole: &str, part: &str) -> usize {
    whole.matches(part).count()
}

pub(crate) type Rewrite = (&'static str, fn(&str) -> String);

/// What CRMs do to HTML that they store.
pub(super) const HTML: [Rewrite; 12] = [
    ("as it is", str::to_owned),
    ("self-closing", |body| body.replace("<br>", "<br/>")),
    ("xhtml", |body| body.replace("<br>", "<br />\n")),
    ("newlines between tags", |body| body.replace("><", ">\n  <")),
    ("newlines", |body| {
        format!("\n{}\n", body.replace("<br>", "<br>\r\n"))
    }),
    ("upper case and attributes", |body| {
        body.replace("<li>", "<LI class=\"a > b\">")
            .replace("</li>", "</LI>")
            .replace("<ul>", "<UL style='x'>")
    }),
    ("no bold", |body| {
        body.replace("<b>", "").replace("</b>", "")
    }),
    ("strong and spans", |body| {
        body.replace("<b>", "<strong><span style=\"color: red\">")
            .replace("</b>", "</span></strong>")
    }),
    ("no-break spaces", |body| {
        body.replace("Ada Lovelace", "Ada&nbsp;Lovelace")
            .replace(" AM", "&#160;AM")
    }),
    ("wrapped", |body| format!("<div><p>{body}</p></div>")),
    ("entities", |body| {
        body.replace('"', "&quot;")
            .replace('\'', "&#39;")
            .replace('é', "&eacute;")
            .replace("&lt;", "&#60;")
    }),
    ("without emoji", |body| {
        body.chars()
            .filter(|c| u32::from(*c) <= 0xffff && *c != '\u{2060}')
            .collect()
    }),
];

/// What CRMs do to text that they store.
pub(super) const TEXT: [Rewrite; 5] = [
    ("as it is", str::to_owned),
    ("crlf", |body| body.replace('\n', "\r\n")),
    ("trimmed lines", |body| {
        let lines: Vec<_> = body
            .lines()
            .map(|line| line.trim_end_matches([' ', '\t']))
            .collect();
        lines.join("\n").trim().to_owned()
    }),
    ("no blank lines", |body| {
        let lines: Vec<_> = body
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect();
        lines.join("\n")
    }),
    ("without emoji", |body| {
        body.chars()
            .filter(|c| u32::from(*c) <= 0xffff && *c != '\u{2060}')
            .collect()
    }),
];

pub(crate) fn rewrites(format: Format) -> &'static [Rewrite] {
    match format {
        Format::Html => &HTML,
        Format::PlainText | Format::Markdown => &TEXT,
    }
}
