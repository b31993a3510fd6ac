//! A body of which a CRM has kept only the beginning: what it would be without what was torn.

use super::block::{self, Block};
use super::entry::Entry;
use super::insert::{apply, count_edits};
use super::kept::begins;
use super::lines::{Document, TagKind, is_header_key, scan};
use super::matching::{self, Found, joined_key};
use super::render::{Format, Frame, item, render};

const DASHES: &str = "------------";

/// The body with its end put back in place of an entry, or an end, of which only the beginning is
/// there; `None` where nothing looks torn.
///
/// For a body that somebody of ours may have written and that the CRM may have cut: the same could
/// be what a person left. `known` are the entries that may stand whole, `others` further ones that
/// may be the torn one.
///
/// # Shape
/// The counter says what is there. Empty where nothing stands there but our own lines around
/// texts.
pub fn mended(
    frame: &Frame<'_>,
    existing: &str,
    known: &[&Entry],
    others: &[&Entry],
) -> Option<String> {
    let format = frame.format();
    let document = scan(format, existing);
    let said = |from: usize| -> String {
        let lines = document.lines.get(from..).unwrap_or_default();
        lines.iter().map(|line| line.key.as_str()).collect()
    };
    let footer = joined_key(format, &frame.footer());
    if document.lines.iter().any(|line| line.key.contains(&footer)) {
        return None;
    }
    let empty = uncounted(joined_key(format, &render(frame, &[])));
    let Some(block) = block::find(&document) else {
        let shown = uncounted(said(0));
        return (!shown.is_empty() && begins(&empty, &shown)).then(String::new);
    };
    let candidates = matching::known(frame, known, &[], &[]);
    let mut used = vec![false; candidates.len()];
    let found = matching::find(frame, &document, &block.region, &candidates, &mut used);
    let last = last_whole(&document, &block, &found);
    let entries = known.iter().chain(others);
    let mut wholes: Vec<_> = entries
        .map(|entry| joined_key(format, &item(frame, entry)))
        .collect();
    wholes.push(format!("{DASHES}END{footer}"));
    // Where END stands, what stands below it is a person's.
    let is_open = block.below == block.end;
    let from = (last + 1..=document.lines.len()).find(|from| {
        let torn = said(*from);
        let is_nothing = torn.is_empty();
        (is_open && is_nothing) || (!is_nothing && wholes.iter().any(|whole| begins(whole, &torn)))
    })?;
    let above = document.lines.get(..from)?;
    let shown: String = above.iter().map(|line| line.key.as_str()).collect();
    if empty.starts_with(&uncounted(shown)) {
        return Some(String::new());
    }
    let mut above = above.iter().rev();
    let to = above.find_map(|line| line.visible().last())?.end;
    let body = format!(
        "{}{}{}",
        existing.get(..to)?,
        closing(&document, to),
        ending(frame)
    );
    let above: Vec<_> = (0..block.counter.unwrap_or(block.begin)).collect();
    let moved = matching::find(frame, &document, &above, &candidates, &mut used);
    let count = count(&document, &block, [&found, &moved], &candidates);
    Some(recounted(format, body, count))
}

/// The last line of what stands whole, from BEGIN on.
fn last_whole(document: &Document, block: &Block, found: &Found) -> usize {
    let is_strange = |line: &&usize| found.strange.contains(line);
    let whole = block.region.iter().rev().find(|line| !is_strange(line));
    let dashes = (block.begin + 1..document.lines.len())
        .find(|at| {
            document
                .lines
                .get(*at)
                .is_some_and(|line| !line.key.is_empty())
        })
        .filter(|at| {
            let line = document.lines.get(*at);
            line.is_some_and(|line| line.key == DASHES)
        });
    whole.copied().or(dashes).unwrap_or(block.begin)
}

/// The messages that stand whole, those of which the text is not known any more among them.
fn count(
    document: &Document,
    block: &Block,
    [found, moved]: [&Found; 2],
    known: &[matching::Known<'_>],
) -> usize {
    let counted = |hit: &&matching::Hit| {
        let known = known.get(hit.known);
        known.is_some_and(|known| known.entry.counts())
    };
    let last = last_whole(document, block, found);
    let is_header = |at: &&usize| {
        let line = document.lines.get(**at);
        **at < last && line.is_some_and(|line| !line.guarded && is_header_key(&line.key))
    };
    let hits = found.hits.iter().chain(&moved.hits);
    hits.filter(counted).count() + found.strange.iter().filter(is_header).count()
}

/// The tags that close what is open at `to`.
fn closing(document: &Document, to: usize) -> String {
    let mut open: Vec<&str> = Vec::new();
    for tag in document.tags.iter().take_while(|tag| tag.end <= to) {
        let name = tag.name.as_str();
        match tag.kind {
            TagKind::Open => {
                // A list item ends where the next one starts.
                open.pop_if(|last| name == "li" && *last == "li");
                open.push(name);
            }
            TagKind::Close => {
                if let Some(at) = open.iter().rposition(|other| *other == name) {
                    open.truncate(at);
                }
            }
            TagKind::Void => {}
        }
    }
    let names = open.iter().rev();
    names.map(|name| format!("</{name}>")).collect()
}

/// What stands below the last entry.
fn ending(frame: &Frame<'_>) -> String {
    let footer = frame.footer();
    match frame.format() {
        Format::Html => format!("<br>{DASHES}<br>END<br><br>{footer}"),
        Format::PlainText => format!("\n\n{DASHES}\nEND\n\n{footer}"),
        Format::Markdown => format!("\n\n\\{DASHES}  \nEND\n\n{footer}"),
    }
}

/// The keys of a body without the number of its counter.
fn uncounted(keys: String) -> String {
    const COUNTER: &str = "Conversation(";
    match keys.rsplit_once(COUNTER) {
        Some((above, below)) => {
            let below = below.trim_start_matches(|c: char| c.is_ascii_digit());
            format!("{above}{COUNTER}{below}")
        }
        None => keys,
    }
}

fn recounted(format: Format, body: String, count: usize) -> String {
    let document = scan(format, &body);
    let counter = block::find(&document).and_then(|block| block.counter);
    match counter {
        Some(line) => apply(&body, count_edits(&document, line, count)),
        None => body,
    }
}
