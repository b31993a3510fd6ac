//! Parts: what fits into a note, and how a text that fits into none is split.

use super::entry::{Entry, Fingerprint};
use super::merge::{Merged, Request, merge};
use super::render::{Frame, item, render};
use crate::phone::PhoneNumber;

/// The share of a CRM's limit that a note may fill, in hundredths.
const FILL: usize = 90;

/// Whether `body` is small enough; always where the CRM has no limit.
pub fn fits(body: &str, max_note_bytes: Option<usize>) -> bool {
    max_note_bytes.is_none_or(|limit| body.len() <= room(limit))
}

fn room(limit: usize) -> usize {
    limit / 100 * FILL + limit % 100 * FILL / 100
}

/// What goes into the last part, and what starts the next one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The last part with as much of the delivery as it takes.
    pub merged: Merged,
    /// What is left for the next part, oldest first; empty where all of it went in.
    pub rest: Vec<Fingerprint>,
}

/// Merges as many messages of the delivery, oldest first, as the part takes.
///
/// # Shape
/// `request.stored` went through [`expand`]. Pieces of one text take a part of their own each
/// where they do not fit together. A part that is empty takes one message in any case, so that
/// a plan always gets on; a part that was full before takes none, and is only made whole.
pub fn plan(frame: &Frame<'_>, request: &Request<'_>, max_note_bytes: Option<usize>) -> Plan {
    let all = merge(frame, request);
    if fits(&all.body, max_note_bytes) || !all.changed {
        return Plan {
            merged: all,
            rest: Vec::new(),
        };
    }
    // What an unsettled write has put here already stays here.
    let here = Request {
        delivery: &[],
        ..*request
    };
    let here = merge(frame, &here).delivered;
    let mut fresh: Vec<_> = (request.stored.iter())
        .map(|entry| (*entry, entry.fingerprint()))
        .filter(|(_, print)| request.delivery.contains(print))
        .filter(|(_, print)| !request.ledger.contains(print) && !here.contains(print))
        .collect();
    fresh.sort_by(|(a, _), (b, _)| a.order(b));
    fresh.dedup_by_key(|(_, print)| *print);
    let fresh: Vec<_> = fresh.into_iter().map(|(_, print)| print).collect();
    let with = |taken: usize| {
        let delivery = fresh.get(..taken).unwrap_or_default();
        let later = fresh.get(taken..).unwrap_or_default();
        // What goes elsewhere must not be found or put back here.
        let stored: Vec<_> = (request.stored.iter().copied())
            .filter(|entry| !later.contains(&entry.fingerprint()))
            .collect();
        merge(
            frame,
            &Request {
                stored: &stored,
                delivery,
                ..*request
            },
        )
    };
    let least = usize::from(request.existing.trim().is_empty() && request.ledger.is_empty());
    let (mut low, mut high) = (least, fresh.len());
    while low < high {
        let middle = (low + high).div_ceil(2);
        match fits(&with(middle).body, max_note_bytes) {
            true => low = middle,
            false => high = middle - 1,
        }
    }
    let rest = fresh.get(low..).unwrap_or_default().to_vec();
    Plan {
        merged: with(low),
        rest,
    }
}

/// `entries` with those that are larger than an empty part replaced by their pieces.
///
/// Depends on nothing but the frame's context and the limit, so that any two workers split alike
/// as long as the limit stays.
pub fn expand(frame: &Frame<'_>, entries: &[&Entry], max_note_bytes: Option<usize>) -> Vec<Entry> {
    entries
        .iter()
        .flat_map(|entry| split_entry(frame, entry, max_note_bytes))
        .collect()
}

/// `entry` in as many pieces as empty parts are needed for it: one, itself, where it fits.
///
/// # Shape
/// Split between characters; the pieces' texts joined are the text. What it carries stands with
/// the last piece. Only the first piece counts as a message.
pub fn split_entry(frame: &Frame<'_>, entry: &Entry, max_note_bytes: Option<usize>) -> Vec<Entry> {
    let Some(limit) = max_note_bytes else {
        return vec![entry.clone()];
    };
    if is_small(frame, entry, room(limit)) {
        return vec![entry.clone()];
    }
    // The mark, the part's number and the counter are the longest that they may become.
    let frame = Frame {
        part: 9_999,
        mark: Some(frame.mark.unwrap_or(super::mark::Mark::from_bits(0))),
        ..*frame
    };
    if render(&frame, &[entry]).len() <= room(limit) {
        return vec![entry.clone()];
    }
    let bare = Entry {
        text: String::new(),
        piece: None,
        ..entry.clone()
    };
    let overhead = render(&frame, &[&bare]).len() + " (999/999)".len() + 200;
    let budget = room(limit).saturating_sub(overhead).max(64);
    let empty = item(&frame, &bare).len();
    let mut cuts = Vec::new();
    let mut rest = entry.text.as_str();
    while !rest.is_empty() {
        let (piece, later) = rest.split_at(longest(&frame, &bare, rest, empty + budget));
        cuts.push(piece);
        rest = later;
    }
    let pieces = u16::try_from(cuts.len()).unwrap_or(u16::MAX);
    (1..=pieces)
        .zip(cuts)
        .map(|(piece, text)| Entry {
            text: text.to_owned(),
            piece: (pieces > 1).then_some((piece, pieces)),
            ..entry.clone()
        })
        .collect()
}

/// Whether an entry fits so clearly that nothing needs to be rendered: escaping makes of a byte
/// at most ten, and what we write ourselves has less than 2,000.
fn is_small(frame: &Frame<'_>, entry: &Entry, room: usize) -> bool {
    let context = frame.context;
    let length = |name: &Option<String>| name.as_ref().map_or(0, String::len);
    let number = |number: &Option<PhoneNumber>| number.as_ref().map_or(0, |n| n.as_str().len());
    let links = entry.media.iter().filter_map(|media| media.link.as_ref());
    let typed = entry.text.len()
        + context
            .participants
            .iter()
            .map(|name| name.len() + 20)
            .sum::<usize>()
        + links
            .map(|link| 2 * link.as_str().len() + 20)
            .sum::<usize>()
        + 4 * (length(&context.contact.name) + number(&context.contact.phone))
        + 2 * (length(&context.user_name) + length(&entry.sender_name))
        + number(&entry.sender_number);
    typed * 10 + 2_000 < room
}

/// The bytes of the longest beginning of `text`, at least one character, whose item has at most
/// `limit` bytes.
fn longest(frame: &Frame<'_>, bare: &Entry, text: &str, limit: usize) -> usize {
    let ends: Vec<usize> = text
        .char_indices()
        .map(|(at, c)| at + c.len_utf8())
        .take_while(|end| *end <= limit)
        .collect();
    let first = text.chars().next().map_or(0, char::len_utf8);
    let fit = ends.partition_point(|end| {
        let text = text.get(..*end).unwrap_or_default().to_owned();
        item(
            frame,
            &Entry {
                text,
                ..bare.clone()
            },
        )
        .len()
            <= limit
    });
    fit.checked_sub(1)
        .and_then(|last| ends.get(last))
        .map_or(first, |end| *end)
}
