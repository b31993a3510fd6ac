//! What a request tells of a call.

use daybook_core::call::CallFields;
use daybook_store::items::CallNote;
use serde_json::{Map, Value};

use super::part::Place;

/// What a request tells of a call.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// The fields of its note.
    pub fields: CallFields,
    /// What the user filled in on the form that the manifest describes.
    pub additional_submission: Map<String, Value>,
    /// What an agent chose for it.
    pub dispositions: Map<String, Value>,
    /// Whether its note is one that waited for the call.
    pub(crate) with_kept_note: bool,
}

impl Told {
    /// The same with the note that waited for a call at `place`, where this tells none. One that is
    /// older than what stands in the log is left out.
    pub(super) fn with_note(mut self, note: Option<&CallNote>, place: &Place) -> Self {
        let noted_at = place.link.as_ref().and_then(|link| link.noted_at);
        let note = note.filter(|note| self.fields.note.is_none() && note.is_newer(noted_at));
        if let Some(note) = note {
            self.fields.note = Some(note.note.clone());
            self.with_kept_note = true;
        }
        self
    }
}
