//! Finds the conversation within a body.

use super::lines::{Document, Line};

/// Where the conversation stands, as indices of lines.
#[derive(Debug)]
pub(super) struct Block {
    /// `Conversation(N messages)`.
    pub(super) counter: Option<usize>,
    /// N, where it is a number.
    pub(super) number: Option<usize>,
    pub(super) begin: usize,
    pub(super) end: usize,
    /// Its lines that say something, without the dashes at both ends.
    pub(super) region: Vec<usize>,
    /// The line before which the last entry ends: the dashes, else END.
    pub(super) bottom: usize,
}

const CREATED: &str = "CreatedviaRingCentral";

/// Whether a line is the footer.
pub(super) fn is_footer(line: &Line) -> bool {
    !line.guarded && is_footer_key(&line.key)
}

fn is_footer_key(key: &str) -> bool {
    key.find(CREATED).is_some_and(|at| {
        key.chars()
            .take(at)
            .take_while(|c| *c != 'C')
            .all(|c| !c.is_alphanumeric())
    })
}

fn is_dashes_key(key: &str) -> bool {
    key.len() > 2 && key.bytes().all(|byte| byte == b'-')
}

fn counter_digits(key: &str) -> Option<&str> {
    key.strip_prefix("Conversation(")?
        .strip_suffix(')')
        .and_then(|inner| {
            inner
                .strip_suffix("messages")
                .or(inner.strip_suffix("message"))
        })
}

/// Whether a typed line with this key could be taken for a line of ours.
pub(super) fn is_marker_key(key: &str) -> bool {
    matches!(key, "BEGIN" | "END")
        || is_dashes_key(key)
        || counter_digits(key).is_some()
        || key.contains(CREATED)
        || super::lines::is_header_key(key)
}

/// The last line that is a footer.
pub(super) fn footer(document: &Document) -> Option<usize> {
    document.lines.iter().rposition(is_footer)
}

/// Finds the conversation: from the first BEGIN after the counter to the last END before the
/// footer.
///
/// A counter directly above BEGIN and the dashes is preferred, then one above BEGIN; without any
/// counter, BEGIN must stand above the dashes.
pub(super) fn find(document: &Document) -> Option<Block> {
    let lines = &document.lines;
    let says = |at: usize, text: &str| {
        lines
            .get(at)
            .is_some_and(|line| !line.guarded && line.key == text)
    };
    let is_dashes = |at: usize| {
        lines
            .get(at)
            .is_some_and(|line| !line.guarded && is_dashes_key(&line.key))
    };
    let is_counter = |at: usize| {
        lines
            .get(at)
            .is_some_and(|line| !line.guarded && counter_digits(&line.key).is_some())
    };
    let next = |at: usize| {
        (at + 1..lines.len()).find(|at| lines.get(*at).is_some_and(|line| !line.key.is_empty()))
    };
    let first = |from: usize| (from..lines.len()).find(|at| says(*at, "BEGIN"));
    let close = |at: usize| {
        next(at)
            .filter(|begin| is_counter(at) && says(*begin, "BEGIN"))
            .map(|begin| (Some(at), begin))
    };
    let tight = |at: usize| close(at).filter(|(_, begin)| next(*begin).is_some_and(is_dashes));
    let apart = |at: usize| {
        first(at)
            .filter(|_| is_counter(at))
            .map(|begin| (Some(at), begin))
    };
    let bare = |at: usize| {
        next(at)
            .filter(|dashes| says(at, "BEGIN") && is_dashes(*dashes))
            .map(|_| (None, at))
    };
    let (counter, begin) = (0..lines.len())
        .find_map(tight)
        .or_else(|| (0..lines.len()).find_map(close))
        .or_else(|| (0..lines.len()).find_map(apart))
        .or_else(|| (0..lines.len()).find_map(bare))?;
    let last = |to: usize| (begin + 1..to).rev().find(|at| says(*at, "END"));
    let end = footer(document)
        .and_then(last)
        .or_else(|| last(lines.len()))?;
    let mut region: Vec<usize> = (begin + 1..end)
        .filter(|at| lines.get(*at).is_some_and(|line| !line.key.is_empty()))
        .collect();
    let mut bottom = end;
    if region.len() > 1
        && let Some(dashes) = region.pop_if(|at| is_dashes(*at))
    {
        bottom = dashes;
    }
    if region.first().is_some_and(|at| is_dashes(*at)) {
        region.remove(0);
    }
    let number = counter
        .and_then(|at| lines.get(at))
        .and_then(|line| counter_digits(&line.key))
        .and_then(|digits| digits.parse().ok());
    Some(Block {
        counter,
        number,
        begin,
        end,
        region,
        bottom,
    })
}
