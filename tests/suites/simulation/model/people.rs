//! What follows from what people did.

use std::collections::{BTreeMap, BTreeSet};

use daybook_core::digest::Format;

use super::{Digest, Look};
use crate::crm::{Activity, Author, EditKind};
use crate::text::{self, key};

/// Whether a person took our mark out of an activity, so that nobody can know it for ours.
pub(super) fn is_lost_to_us(format: Format, activity: &Activity) -> bool {
    let is_persons = activity
        .revisions
        .last()
        .is_some_and(|last| last.by == Author::Person);
    let note = text::read(format, activity.body());
    is_persons
        && !note
            .lines
            .iter()
            .any(|line| line.key.contains("CreatedviaRingCentral"))
}

/// Whether what stands in an activity may be of somebody who could not know better, or of a
/// person after whom nobody looked.
pub(super) fn is_disturbed(activity: &Activity) -> bool {
    activity.revisions.iter().any(|revision| revision.late) || is_edited(activity)
}

/// Whether a person did more than to add a line.
pub(super) fn is_edited(activity: &Activity) -> bool {
    activity.edits.iter().any(|edit| {
        !matches!(
            edit.kind,
            EditKind::Above | EditKind::Below | EditKind::Inside
        ) || activity.is_overwritten(edit)
    })
}

/// Whether a person wrote in an activity.
pub(super) fn has_words(activity: &Activity) -> bool {
    activity.edits.iter().any(|edit| edit.word.is_some())
}

/// Whether a person changed the counter of an activity.
pub(super) fn is_recounted(activity: &Activity) -> bool {
    let edits = &activity.edits;
    edits.iter().any(|edit| edit.kind == EditKind::Counter)
}

/// The words of people that should be in a body and are not.
pub(super) fn missing_words(format: Format, activity: &Activity) -> Vec<String> {
    if activity.deleted_by == Some(Author::Person) {
        return Vec::new();
    }
    let body = key(activity.body());
    let mut missing = Vec::new();
    for (index, edit) in activity.edits.iter().enumerate() {
        let Some(word) = &edit.word else { continue };
        let later = activity.edits.get(index + 1..).unwrap_or_default();
        let by_people = later.iter().any(|later| match later.kind {
            EditKind::Empty | EditKind::Delete => true,
            EditKind::OldForm => later.form < edit.revision,
            EditKind::Above
            | EditKind::Below
            | EditKind::Inside
            | EditKind::Remove
            | EditKind::Counter => false,
        });
        let late = activity
            .revisions
            .iter()
            .skip(edit.revision)
            .any(|revision| revision.late);
        if !by_people && !late && !activity.is_overwritten(edit) && !body.contains(word.as_str()) {
            let kind = edit.kind;
            let gone = activity.deleted_by.is_some();
            missing.push(format!(
                "activity {} lost the word {word} ({kind:?}, deleted: {gone}, {format:?})",
                activity.id
            ));
        }
    }
    missing
}

/// Which messages had been told to be logged when an edit was made, by activity and revision.
#[derive(Debug, Default)]
pub(crate) struct Told(pub(crate) BTreeMap<(usize, usize), BTreeSet<u64>>);

impl Told {
    /// How many messages of each look had been told.
    pub(super) fn of(&self, edit: &(usize, usize), digest: &Digest) -> BTreeMap<Look, usize> {
        let mut looks = BTreeMap::new();
        let told = self.0.get(edit);
        for known in &digest.messages {
            if told.is_some_and(|told| told.contains(&known.id)) {
                *looks.entry(known.look.clone()).or_default() += 1;
            }
        }
        looks
    }

    /// Whether every message of a look had been told.
    pub(super) fn contains(&self, edit: &(usize, usize), digest: &Digest, look: &Look) -> bool {
        self.0.get(edit).is_some_and(|told| {
            let same = digest.messages.iter().filter(|known| known.look == *look);
            same.into_iter().all(|known| told.contains(&known.id))
        })
    }
}
