//! The note of a call with what several changes tell, as far as the CRM takes as much.

use daybook_core::call::CallFields;
use daybook_core::call_note;
use daybook_store::items::CallChange;
use serde_json::{Map, Value};

use super::holder::Holder;

/// The longest text, in bytes, that is not cut while the CRM takes it.
const SPARED_BYTES: usize = 2_000;

impl Holder<'_, '_> {
    /// The note of an activity that is made with `changes`.
    pub(super) fn new_note(&self, changes: &[&CallChange]) -> String {
        let format = self.attempt.engine.adapter.profile().log_format;
        let Some((first, rest)) = changes.split_first() else {
            return String::new();
        };
        let body = self.within_limit(0, &first.fields, |fields| {
            call_note::create(format, &first.layout, fields, self.link.mark)
        });
        self.with_changes(body, rest)
    }

    /// A note with `changes` in it, as far as the CRM takes as much.
    pub(super) fn with_changes(&self, mut body: String, changes: &[&CallChange]) -> String {
        let format = self.attempt.engine.adapter.profile().log_format;
        for change in changes {
            body = self.within_limit(body.len(), &change.fields, |fields| {
                call_note::apply(format, &change.layout, &body, fields).body
            });
        }
        body
    }

    /// A note of no more bytes than the CRM takes, or than it had, its longest texts cut short.
    /// Long ones leave room for what comes later.
    fn within_limit(
        &self,
        before: usize,
        fields: &CallFields,
        note: impl Fn(&CallFields) -> String,
    ) -> String {
        let mut body = note(fields);
        let Some(limit) = self.attempt.engine.adapter.profile().max_note_bytes else {
            return body;
        };
        let mut fields = fields.clone();
        for (limit, spared) in [(limit / 10 * 9, SPARED_BYTES), (limit, 0)] {
            let most = limit.max(before);
            while body.len() > most {
                match fields.shortened(body.len(), most, spared) {
                    Some(shorter) => fields = shorter,
                    None => break,
                }
                body = note(&fields);
            }
        }
        body
    }
}

/// What several changes tell together.
pub(super) fn combined(changes: &[&CallChange]) -> CallFields {
    (changes.iter()).fold(CallFields::default(), |all, change| {
        all.then(change.fields.clone())
    })
}

/// What the user filled in, by all of the changes together.
pub(super) fn submission(changes: &[&CallChange]) -> Map<String, Value> {
    let filled = changes
        .iter()
        .flat_map(|change| &change.additional_submission);
    filled
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
