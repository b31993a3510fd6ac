//! What people do to activities in the CRM.

use std::time::Duration;

use daybook_core::digest::Format;

use super::{Activity, Author, Revision, SimCrm};

/// What a person does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EditKind {
    /// Writes a line above everything.
    Above,
    /// Writes a line below everything.
    Below,
    /// Writes a line between two messages, or below the last.
    Inside,
    /// Takes one message out.
    Remove,
    /// Changes the number in the counter.
    Counter,
    /// Empties the note.
    Empty,
    /// Saves a form that was opened some revisions ago, with a line added below.
    OldForm,
    /// Deletes the activity.
    Delete,
}

impl EditKind {
    /// All of them.
    pub(crate) const ALL: [Self; 8] = [
        Self::Above,
        Self::Below,
        Self::Inside,
        Self::Remove,
        Self::Counter,
        Self::Empty,
        Self::OldForm,
        Self::Delete,
    ];
}

/// An edit that was made.
#[derive(Debug, Clone)]
pub(crate) struct Edit {
    pub(crate) kind: EditKind,
    /// When, since the start.
    pub(crate) at: Duration,
    /// The revision that it made.
    pub(crate) revision: usize,
    /// The word that the person wrote, where one was written.
    pub(crate) word: Option<String>,
    /// The raw text of the message that was taken out.
    pub(crate) taken: Option<String>,
    /// The revision from which the form was filled.
    pub(crate) form: usize,
}

/// The beginning of every word that a person writes. No message has it.
pub(crate) const WORD: &str = "Zperson";

impl SimCrm {
    /// Another server makes an activity. Gives its id.
    pub(crate) fn plant(&self, contact: &str, body: &str) -> usize {
        let mut state = self.state();
        let id = state.activities.len();
        state.activities.push(Activity {
            id,
            contact: contact.to_owned(),
            subject: "SMS conversation".to_owned(),
            revisions: vec![Revision {
                body: body.to_owned(),
                by: Author::Person,
                base: 0,
                late: false,
            }],
            edits: Vec::new(),
            deleted_by: None,
            shows_from: Duration::ZERO,
        });
        id
    }

    /// A person edits one of the activities that stand, if `kind` can be done to it.
    ///
    /// `chance` decides where; `number` makes the word.
    pub(crate) fn edit(&self, which: usize, kind: EditKind, chance: u64, number: usize) {
        let format = self.kind.format;
        let mut state = self.state();
        let mut standing: Vec<_> = state
            .activities
            .iter_mut()
            .filter(|activity| activity.deleted_by.is_none())
            .collect();
        let count = standing.len().max(1);
        let Some(activity) = standing.get_mut(which % count) else {
            return;
        };
        let word = format!("{WORD}{number}x");
        let body = activity.body().to_owned();
        let now = activity.revision();
        let mut form = now;
        let mut taken = None;
        let mut written = Some(word.clone());
        let after = match kind {
            EditKind::Above => Some(above(format, &body, &word)),
            EditKind::Below => Some(below(format, &body, &word)),
            EditKind::Inside => inside(format, &body, &word, chance),
            EditKind::Remove => {
                written = None;
                remove(format, &body, chance).map(|(body, out)| {
                    taken = Some(out);
                    body
                })
            }
            EditKind::Counter => {
                written = None;
                recount(&body, chance)
            }
            EditKind::Empty => {
                written = None;
                Some(String::new())
            }
            EditKind::OldForm => {
                let back = usize::try_from(chance % 3).unwrap_or_default();
                form = now.saturating_sub(back);
                let old = activity.revisions.get(form).map(|old| old.body.clone());
                old.map(|old| below(format, &old, &word))
            }
            EditKind::Delete => {
                written = None;
                Some(body.clone())
            }
        };
        let Some(after) = after else { return };
        let id = activity.id;
        self.trace
            .say(|| format!("CRM: a person does {kind:?} to activity {id}"));
        if kind == EditKind::Delete {
            activity.deleted_by = Some(Author::Person);
        }
        activity.revisions.push(Revision {
            body: after,
            by: Author::Person,
            base: now,
            late: false,
        });
        activity.edits.push(Edit {
            kind,
            at: self.time.gone(),
            revision: now + 1,
            word: written,
            taken,
            form,
        });
    }
}

fn above(format: Format, body: &str, word: &str) -> String {
    match format {
        Format::Html => format!("<p>{word} called &amp; asked</p>{body}"),
        Format::PlainText | Format::Markdown => format!("{word} called and asked\n\n{body}"),
    }
}

fn below(format: Format, body: &str, word: &str) -> String {
    match format {
        Format::Html => format!("{body}<br>{word} was here"),
        Format::PlainText | Format::Markdown => format!("{body}\n{word} was here"),
    }
}

/// Where a message begins, and where the list of them ends, in HTML of any style.
fn items(body: &str) -> Option<(Vec<usize>, usize)> {
    // Markup is ASCII, so that lower case leaves every index as it is.
    let lower = body.to_ascii_lowercase();
    let begin = lower.find("begin<")?;
    let end = lower.rfind("</ul>").filter(|end| *end > begin)?;
    let starts: Vec<_> = lower
        .match_indices("<li>")
        .map(|(at, _)| at)
        .filter(|at| (begin..end).contains(at))
        .collect();
    (!starts.is_empty()).then_some((starts, end))
}

fn pick(chance: u64, count: usize) -> usize {
    let count = u64::try_from(count).unwrap_or(1).max(1);
    usize::try_from(chance % count).unwrap_or_default()
}

fn inside(format: Format, body: &str, word: &str, chance: u64) -> Option<String> {
    match format {
        Format::Html => {
            let (mut places, end) = items(body)?;
            places.push(end);
            let at = *places.get(pick(chance, places.len()))?;
            let (before, after) = body.split_at_checked(at)?;
            Some(format!("{before}<li>{word} says hello</li>{after}"))
        }
        Format::PlainText | Format::Markdown => {
            let last = match format {
                Format::Markdown => "\\------------  \nEND",
                Format::Html | Format::PlainText => "------------\nEND",
            };
            let at = body.rfind(last)?;
            let (before, after) = body.split_at_checked(at)?;
            Some(format!("{before}{word} says hello\n{after}"))
        }
    }
}

fn remove(format: Format, body: &str, chance: u64) -> Option<(String, String)> {
    if format != Format::Html {
        return None;
    }
    let (mut places, end) = items(body)?;
    places.push(end);
    let pairs: Vec<_> = places
        .windows(2)
        .filter_map(|pair| body.get(*pair.first()?..*pair.last()?))
        .filter(|item| !item.contains(WORD))
        .collect();
    // The last one of a list may be followed by what a person wrote outside of any item.
    let out = (*pairs.get(pick(chance, pairs.len()))?).to_owned();
    Some((body.replacen(&out, "", 1), out))
}

fn recount(body: &str, chance: u64) -> Option<String> {
    let at = body.find("Conversation(")? + "Conversation(".len();
    let rest = body.get(at..)?;
    let end = rest.find(" message")?;
    let number = ["0", "1", "7", "several", "999"].get(pick(chance, 5))?;
    Some(format!("{}{number}{}", body.get(..at)?, rest.get(end..)?))
}
