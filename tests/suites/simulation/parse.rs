//! Finds the conversation in a note that was read, and its messages.

use std::collections::BTreeSet;

use daybook_core::digest::Format;

use crate::text::{self, Line, Note};

/// A message as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    /// Its first line.
    pub(crate) header: String,
    /// All its other lines, joined.
    pub(crate) said: String,
    /// Which piece of a text it is, and of how many.
    pub(crate) piece: Option<(usize, usize)>,
}

impl Shown {
    /// Whether the counter counts it.
    pub(crate) fn counts(&self) -> bool {
        self.is_first()
    }

    /// Whether a message begins with it.
    pub(crate) fn is_first(&self) -> bool {
        self.piece.is_none_or(|(piece, _)| piece == 1)
    }

    /// Whether a message ends with it.
    pub(crate) fn is_last(&self) -> bool {
        self.piece.is_none_or(|(piece, pieces)| piece == pieces)
    }
}

/// A conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) count: Option<usize>,
    pub(crate) shown: Vec<Shown>,
    /// Lines that belong to no message and to no person.
    pub(crate) strange: Vec<String>,
}

/// The conversation of a note; `headers` are the first lines that messages can have.
pub(crate) fn block(note: &Note, headers: &BTreeSet<String>) -> Option<Block> {
    let is = |at: usize, text: &str| {
        note.lines
            .get(at)
            .is_some_and(|line| !line.guarded && line.key == text)
    };
    let begin =
        (1..note.lines.len()).find(|at| is(*at, "BEGIN") && count(note, at - 1).is_some())?;
    let end = (begin..note.lines.len()).rev().find(|at| is(*at, "END"))?;
    let mut block = Block {
        count: count(note, begin - 1).and_then(|number| number.parse().ok()),
        shown: Vec::new(),
        strange: Vec::new(),
    };
    for line in note.lines.get(begin + 1..end)? {
        if line.key.contains(PERSON) || is_dashes(line) {
            continue;
        }
        if let Some((header, piece)) = header(line, headers) {
            block.shown.push(Shown {
                header,
                said: String::new(),
                piece,
            });
        } else if let Some(last) = block.shown.last_mut() {
            last.said.push_str(&line.key);
        } else {
            block.strange.push(line.key.clone());
        }
    }
    Some(block)
}

/// The beginning of every word of a person.
const PERSON: &str = "Zperson";

fn count(note: &Note, at: usize) -> Option<&str> {
    let line = note.lines.get(at).filter(|line| !line.guarded)?;
    line.key
        .strip_prefix("Conversation(")?
        .strip_suffix("messages)")
}

fn is_dashes(line: &Line) -> bool {
    !line.guarded && line.key.len() > 2 && line.key.bytes().all(|byte| byte == b'-')
}

/// A first line, without the number of its piece.
fn header(line: &Line, headers: &BTreeSet<String>) -> Option<(String, Option<(usize, usize)>)> {
    if line.guarded {
        return None;
    }
    if headers.contains(&line.key) {
        return Some((line.key.clone(), None));
    }
    let time = line.key.len().checked_sub(7)?;
    let (rest, time) = line.key.split_at_checked(time)?;
    let (label, piece) = rest.strip_suffix(')')?.rsplit_once('(')?;
    let (piece, pieces) = piece.split_once('/')?;
    let header = format!("{label}{time}");
    let piece = (piece.parse().ok()?, pieces.parse().ok()?);
    headers.contains(&header).then_some((header, Some(piece)))
}

/// Whether only the line is left that names another activity.
pub(crate) fn is_emptied(format: Format, body: &str) -> bool {
    let note = text::read(format, body);
    matches!(note.lines.as_slice(), [only] if only.key.starts_with("Thisconversationisloggedin"))
}
