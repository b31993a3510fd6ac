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
    /// The line of END. Where a person took it out, that of the footer, or the number of lines.
    pub(super) end: usize,
    /// The first line below it.
    pub(super) below: usize,
    /// Its lines that say something, without the dashes at both ends.
    pub(super) region: Vec<usize>,
    /// The line before which the last entry ends: the dashes, else END.
    pub(super) bottom: usize,
}

const CREATED: &str = "CreatedviaRingCentral";

/// The line below which the messages stand.
pub(crate) const BEGIN: &str = "BEGIN";

/// Whether a line is the footer.
pub(crate) fn is_footer(line: &Line) -> bool {
    let before = line.key.split_once(CREATED).map(|(before, _)| before);
    !line.guarded && before.is_some_and(|before| !before.contains(char::is_alphanumeric))
}

/// Whether a line with this key could be taken for the footer.
pub(crate) fn may_be_footer(key: &str) -> bool {
    key.contains(CREATED)
}

fn is_dashes_key(key: &str) -> bool {
    key.len() > 2 && key.bytes().all(|byte| byte == b'-')
}

/// The number of a counter, whatever stands behind the counter on its line.
fn counter_digits(key: &str) -> Option<&str> {
    let (digits, rest) = key.strip_prefix("Conversation(")?.split_once("message")?;
    let is_closed = rest.strip_prefix('s').unwrap_or(rest).starts_with(')');
    (is_closed && !digits.contains(['(', ')'])).then_some(digits)
}

/// The number of the counter at a line.
fn number(document: &Document, line: usize) -> Option<usize> {
    let digits = counter_digits(&document.lines.get(line)?.key)?;
    digits.parse().ok()
}

/// Whether a typed line with this key could be taken for a line of ours.
pub(super) fn is_marker_key(key: &str) -> bool {
    matches!(key, BEGIN | "END")
        || is_dashes_key(key)
        || counter_digits(key).is_some()
        || may_be_footer(key)
        || super::lines::is_header_key(key)
}

/// The last line that is a footer.
pub(super) fn footer(document: &Document) -> Option<usize> {
    document.lines.iter().rposition(is_footer)
}

/// What a line is to the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Blank,
    Counter,
    Begin,
    Dashes,
    End,
    Other,
}

fn role(line: &Line) -> Role {
    match line.key.as_str() {
        "" => Role::Blank,
        _ if line.guarded => Role::Other,
        BEGIN => Role::Begin,
        "END" => Role::End,
        key if is_dashes_key(key) => Role::Dashes,
        key if counter_digits(key).is_some() => Role::Counter,
        _ => Role::Other,
    }
}

/// Where the conversation begins: the line of its counter, and of BEGIN.
///
/// A counter directly above BEGIN and the dashes is preferred, then one above BEGIN, then one
/// further up that has a number; without any counter, BEGIN must stand above the dashes.
fn beginning(document: &Document, roles: &[Role]) -> Option<(Option<usize>, usize)> {
    let said: Vec<_> = (0..roles.len())
        .filter(|at| roles.get(*at).is_some_and(|role| *role != Role::Blank))
        .collect();
    let spells = |start: usize, wanted: &[Role]| {
        let lines = said.get(start..start + wanted.len())?;
        let same = (lines.iter().zip(wanted)).all(|(at, role)| roles.get(*at) == Some(role));
        same.then_some(lines)
    };
    let first = |wanted: &[Role]| (0..said.len()).find_map(|start| spells(start, wanted));
    let apart = || {
        let counts =
            |at: &usize| roles.get(*at) == Some(&Role::Counter) && number(document, *at).is_some();
        let first = (0..roles.len()).find(counts)?;
        let begin = (first..roles.len()).find(|at| roles.get(*at) == Some(&Role::Begin))?;
        Some(((0..begin).rfind(counts), begin))
    };
    let close = first(&[Role::Counter, Role::Begin, Role::Dashes])
        .or_else(|| first(&[Role::Counter, Role::Begin]));
    match close {
        Some([counter, begin, ..]) => Some((Some(*counter), *begin)),
        Some(_) | None => apart().or_else(|| {
            first(&[Role::Begin, Role::Dashes])
                .and_then(<[usize]>::first)
                .map(|begin| (None, *begin))
        }),
    }
}

/// Finds the conversation: from the first BEGIN after the counter to the last END before the
/// footer, or to the footer where there is no END.
pub(super) fn find(document: &Document) -> Option<Block> {
    let roles: Vec<_> = document.lines.iter().map(role).collect();
    let is = |at: usize, role: Role| roles.get(at) == Some(&role);
    let (counter, begin) = beginning(document, &roles)?;
    let last = |to: usize| (begin + 1..to).rev().find(|at| is(*at, Role::End));
    let footer = footer(document).filter(|footer| *footer > begin);
    let said = footer.and_then(last).or_else(|| last(roles.len()));
    let open = || counter.map(|_| footer.unwrap_or(roles.len()));
    let end = said.or_else(open)?;
    let mut region: Vec<usize> = (begin + 1..end)
        .filter(|at| !is(*at, Role::Blank))
        .collect();
    let mut bottom = end;
    if region.len() > 1
        && let Some(dashes) = region.pop_if(|at| is(*at, Role::Dashes))
    {
        bottom = dashes;
    }
    if region.first().is_some_and(|at| is(*at, Role::Dashes)) {
        region.remove(0);
    }
    Some(Block {
        counter,
        number: counter.and_then(|at| number(document, at)),
        begin,
        end,
        below: said.map_or(end, |end| end + 1),
        region,
        bottom,
    })
}
