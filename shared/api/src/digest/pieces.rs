//! Messages that are larger than a note stand in pieces.

use daybook_core::digest::{Entry, Fingerprint, Frame, expand};
use daybook_store::items::Head;

use crate::engine::Engine;

/// Whether a message stands in the digest, with all pieces that notes of at most `limit` bytes,
/// or of fewer where the digest knows better, had it cut into.
pub(crate) fn stands(limit: Option<usize>, head: &Head, entry: &Entry) -> bool {
    head.has(&entry.fingerprint())
        && pieces(limit, head, entry)
            .iter()
            .all(|piece| head.has(&piece.fingerprint()))
}

/// A message as the pieces that a note takes: itself, unless it is larger than one. Pieces that
/// stood before a limit was learned stay as they are.
fn pieces(limit: Option<usize>, head: &Head, entry: &Entry) -> Vec<Entry> {
    let print = Fingerprint::of(&entry.id);
    let mut limit = limit;
    let mut standing: Vec<Entry> = Vec::new();
    let mut rest = entry.clone();
    for learned in &head.note_limits {
        let stood = learned.standing.iter().find(|stood| stood.id == print);
        if let Some(stood) = stood {
            let mut pieces = split(limit, head, &rest);
            let more = stood.pieces.saturating_sub(standing.len());
            let later = pieces.split_off(more.min(pieces.len()));
            let before = standing.len();
            standing.extend(numbered(pieces, before, before + more + later.len()));
            if later.is_empty() {
                return standing;
            }
            rest.text = later.iter().map(|piece| piece.text.as_str()).collect();
        }
        limit = limit.into_iter().chain([learned.bytes]).min();
    }
    let last = split(limit, head, &rest);
    let (before, all) = (standing.len(), standing.len() + last.len());
    standing.extend(numbered(last, before, all));
    standing
}

/// Pieces that come after `before` others, of `all`.
fn numbered(pieces: Vec<Entry>, before: usize, all: usize) -> impl Iterator<Item = Entry> {
    let number = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
    pieces
        .into_iter()
        .enumerate()
        .map(move |(at, piece)| Entry {
            piece: (all > 1).then_some((number(before + at + 1), number(all))),
            ..piece
        })
}

fn split(limit: Option<usize>, head: &Head, entry: &Entry) -> Vec<Entry> {
    // No rendering makes more than this of a text, and the frame around it stays below.
    const MOST_ESCAPED: usize = 12;
    const FRAME_BYTES: usize = 16 << 10;
    let is_small = limit.is_none_or(|limit| entry.text.len() * MOST_ESCAPED + FRAME_BYTES < limit);
    if is_small {
        return vec![entry.clone()];
    }
    let frame = Frame {
        context: &head.opening.context,
        window: head.window,
        part: 1,
        mark: None,
    };
    expand(&frame, &[entry], limit)
}

impl Engine<'_> {
    /// Whether a message stands in the digest, with all its pieces.
    pub(super) fn stands(&self, head: &Head, entry: &Entry) -> bool {
        stands(self.adapter.profile().max_note_bytes, head, entry)
    }

    /// A message as the pieces that a note of the CRM takes.
    pub(super) fn pieces(&self, head: &Head, entry: &Entry) -> Vec<Entry> {
        pieces(self.adapter.profile().max_note_bytes, head, entry)
    }
}
