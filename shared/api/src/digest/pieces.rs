//! Messages that are larger than a note stand in pieces.

use daybook_core::digest::{Entry, Frame, expand};
use daybook_store::items::Head;

use super::Engine;

impl Engine<'_> {
    /// Whether a message stands in the digest, with all pieces that it had to be cut into.
    pub(crate) fn stands(&self, head: &Head, entry: &Entry) -> bool {
        head.has(&entry.fingerprint())
            && self
                .pieces(head, entry)
                .iter()
                .all(|piece| head.has(&piece.fingerprint()))
    }

    /// A message as the pieces that a note takes: itself, unless it is larger than one.
    pub(super) fn pieces(&self, head: &Head, entry: &Entry) -> Vec<Entry> {
        // No rendering makes more than this of a text, and the frame around it stays below.
        const MOST_ESCAPED: usize = 12;
        const FRAME_BYTES: usize = 16 << 10;
        let limit = self.adapter.profile().max_note_bytes;
        let is_small =
            limit.is_none_or(|limit| entry.text.len() * MOST_ESCAPED + FRAME_BYTES < limit);
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
}
