//! The judge: what must stand in the CRM, whatever happened.
//!
//! It reads notes as a person does (`text`) and knows what was sent, what was promised and what
//! people did. It knows nothing of the table.

mod people;

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use daybook_core::message::clean_text;
use daybook_core::time::Zone;

pub(crate) use self::people::Told;
use self::people::{
    has_words, is_disturbed, is_edited, is_lost_to_us, is_recounted, missing_words,
};
use crate::crm::{Activity, Author, Edit, EditKind};
use crate::parse::{Block, Shown, block, is_emptied};
use crate::schedule::Schedule;
use crate::text::{self, key};

/// What a digest shows of a message: its first line and its text, as keys.
type Look = (String, String);

/// How strictly is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// A write that nobody heard of, or what a person did, may hide something.
    AtReply,
    /// What a person did last may not have been looked at yet.
    Meanwhile,
    /// Everything has been looked at.
    AtLast,
}

/// A message as the judge sees it.
#[derive(Debug)]
struct Known {
    id: u64,
    look: Look,
}

/// One digest: a conversation's local day.
#[derive(Debug)]
struct Digest {
    contact: String,
    day: String,
    /// When the closing check may be over, since the start; then only a text has it read again.
    closed: TimeDelta,
    /// In the order of the digest.
    messages: Vec<Known>,
}

/// Who judges a schedule.
#[derive(Debug)]
pub(crate) struct Judge {
    format: daybook_core::digest::Format,
    digests: Vec<Digest>,
}

impl Judge {
    /// A judge of a schedule's conversations.
    pub(crate) fn of(schedule: &Schedule) -> Self {
        let zone = Zone::from_name(schedule.zone).expect("a zone");
        let mut digests: BTreeMap<(String, String, TimeDelta), Vec<_>> = BTreeMap::new();
        for conversation in &schedule.conversations {
            for text in &conversation.texts {
                let local = zone.local(text.at);
                let who = match text.outbound {
                    true => "Demo Rep",
                    false => "Daisy Meadows (+16505553204)",
                };
                let header = key(&format!("{who} {}", local.format("%I:%M %p")));
                let said = match text.said.trim().is_empty() {
                    true => "(no text)".to_owned(),
                    false => clean_text(&text.said),
                };
                let day = local.format("%y/%m/%d").to_string();
                let closed = zone.end_of(zone.day(text.at)) + TimeDelta::hours(1) - schedule.base;
                let place = (conversation.contact.clone(), day, closed);
                let digest = digests.entry(place).or_default();
                digest.push((
                    text.at,
                    Known {
                        id: text.id,
                        look: (header, key(&said)),
                    },
                ));
            }
        }
        let digests = digests
            .into_iter()
            .map(|((contact, day, closed), mut messages)| {
                messages.sort_by_key(|(at, known)| (*at, known.id));
                let messages = messages.into_iter().map(|(_, known)| known).collect();
                Digest {
                    contact,
                    day,
                    closed,
                    messages,
                }
            });
        Self {
            format: schedule.kind.format,
            digests: digests.collect(),
        }
    }

    /// What is wrong where the messages `must` have to stand.
    pub(crate) fn judge(
        &self,
        activities: &[Activity],
        must: &BTreeSet<u64>,
        told: &Told,
        how: Strictness,
    ) -> Vec<String> {
        let mut wrong = Vec::new();
        for digest in &self.digests {
            let own: Vec<_> = activities
                .iter()
                .filter(|activity| activity.contact == digest.contact)
                .filter(|activity| activity.subject.contains(&digest.day))
                .collect();
            let found = self.judge_one(digest, &own, must, told, how);
            let name = format!("{} on {}", digest.contact, digest.day);
            wrong.extend(found.into_iter().map(|what| format!("{name}: {what}")));
        }
        wrong
    }

    fn judge_one(
        &self,
        digest: &Digest,
        all: &[&Activity],
        must: &BTreeSet<u64>,
        told: &Told,
        how: Strictness,
    ) -> Vec<String> {
        let mut wrong = Vec::new();
        let disturbed = all.iter().any(|activity| match how {
            Strictness::AtReply | Strictness::AtLast => is_disturbed(activity),
            Strictness::Meanwhile => is_edited(activity),
        });
        let standing: Vec<_> = all
            .iter()
            .filter(|activity| activity.deleted_by.is_none())
            .filter(|activity| !is_emptied(self.format, activity.body()))
            .filter(|activity| !is_lost_to_us(self.format, activity))
            .collect();
        if how != Strictness::AtLast && disturbed {
            return wrong;
        }
        let mut counts = self.allowed(digest, all, must, told);
        let mut parts = BTreeSet::new();
        for activity in &standing {
            let number = part_number(&activity.subject);
            if !parts.insert(number) {
                // A second activity in which a person wrote stays, and is reported.
                if disturbed && standing.iter().any(|activity| has_words(activity)) {
                    return wrong;
                }
                wrong.push(format!("there are two activities of part {number}"));
                continue;
            }
            let note = text::read(self.format, activity.body());
            if let Some(tag) = note.tags.iter().find(|tag| !is_known_tag(tag)) {
                wrong.push(format!("activity {} has the tag <{tag}>", activity.id));
            }
            let Some(block) = block(&note, &digest.headers()) else {
                if activity
                    .revisions
                    .last()
                    .is_none_or(|last| last.by != Author::Person)
                {
                    wrong.push(format!("activity {} has no conversation", activity.id));
                }
                continue;
            };
            wrong.extend(digest.judge_block(activity, &block, &mut counts));
        }
        if parts.last().is_some_and(|last| *last != parts.len()) && !disturbed {
            wrong.push(format!("the parts {parts:?} are not all there"));
        }
        if standing
            .iter()
            .any(|activity| digest.is_never_read_again(activity))
        {
            return wrong;
        }
        for (look, (least, most, seen)) in &counts {
            if seen < least {
                wrong.push(format!("{look:?} stands {seen} times, not {least}"));
            }
            if seen > most {
                wrong.push(format!("{look:?} stands {seen} times, at most {most} may"));
            }
        }
        wrong.extend(
            all.iter()
                .flat_map(|activity| missing_words(self.format, activity)),
        );
        wrong
    }

    /// How often each look may stand: at least, at most, and how often it was seen.
    fn allowed(
        &self,
        digest: &Digest,
        all: &[&Activity],
        must: &BTreeSet<u64>,
        told: &Told,
    ) -> BTreeMap<Look, (usize, usize, usize)> {
        let mut counts: BTreeMap<Look, (usize, usize, usize)> = BTreeMap::new();
        for known in &digest.messages {
            let count = counts.entry(known.look.clone()).or_default();
            count.0 += usize::from(must.contains(&known.id));
            count.1 += 1;
        }
        for activity in all {
            for edit in &activity.edits {
                // An old form may bring back a number that a person made up.
                let is_made_up = edit.kind == EditKind::OldForm && is_recounted(activity);
                let kind = if is_made_up {
                    EditKind::Counter
                } else {
                    edit.kind
                };
                match kind {
                    EditKind::Remove => {
                        let Some(look) = self.taken(digest, edit) else {
                            continue;
                        };
                        let is_told = told.contains(&(activity.id, edit.revision), digest, &look);
                        let Some(count) = counts.get_mut(&look) else {
                            continue;
                        };
                        count.0 = count.0.saturating_sub(1);
                        if is_told && !is_disturbed(activity) {
                            count.1 = count.1.saturating_sub(1);
                        }
                    }
                    // What stood there may come back or not.
                    EditKind::Empty | EditKind::Delete | EditKind::Counter => {
                        let mut gone = self.most_shown(digest, activity, edit.revision);
                        for (look, told) in told.of(&(activity.id, edit.revision), digest) {
                            *gone.entry(look).or_default() += told;
                        }
                        for (look, gone) in gone {
                            if let Some(count) = counts.get_mut(&look) {
                                count.0 = count.0.saturating_sub(gone);
                            }
                        }
                    }
                    EditKind::Above | EditKind::Below | EditKind::Inside | EditKind::OldForm => {}
                }
            }
        }
        counts
    }

    /// How often each look stood in an activity before a revision, at the most.
    fn most_shown(
        &self,
        digest: &Digest,
        activity: &Activity,
        before: usize,
    ) -> BTreeMap<Look, usize> {
        let mut most = BTreeMap::new();
        for revision in activity.revisions.iter().take(before) {
            let mut counts: BTreeMap<Look, usize> = BTreeMap::new();
            let note = text::read(self.format, &revision.body);
            for shown in block(&note, &digest.headers())
                .into_iter()
                .flat_map(|block| block.shown)
            {
                *counts.entry((shown.header, shown.said)).or_default() += 1;
            }
            for (look, count) in counts {
                let most: &mut usize = most.entry(look).or_default();
                *most = count.max(*most);
            }
        }
        most
    }

    /// The look of what a person took out.
    fn taken(&self, digest: &Digest, edit: &Edit) -> Option<Look> {
        let body = format!(
            "Conversation(1 messages)<br>BEGIN<br>{}<br>END",
            edit.taken.as_ref()?
        );
        let block = block(&text::read(self.format, &body), &digest.headers())?;
        let shown = block.shown.into_iter().next()?;
        Some((shown.header, shown.said))
    }
}

impl Digest {
    /// Whether the last word is a person's old form, saved after the closing check.
    fn is_never_read_again(&self, activity: &Activity) -> bool {
        activity.edits.last().is_some_and(|edit| {
            edit.kind == EditKind::OldForm
                && edit.revision == activity.revision()
                && TimeDelta::from_std(edit.at).is_ok_and(|at| at > self.closed)
        })
    }

    fn headers(&self) -> BTreeSet<String> {
        self.messages
            .iter()
            .map(|known| known.look.0.clone())
            .collect()
    }

    /// What is wrong within one block. Pieces of a text count where the last one stands.
    fn judge_block(
        &self,
        activity: &Activity,
        block: &Block,
        counts: &mut BTreeMap<Look, (usize, usize, usize)>,
    ) -> Vec<String> {
        let mut wrong = Vec::new();
        let id = activity.id;
        let counted = block.shown.iter().filter(|shown| shown.counts()).count();
        let person_last = activity
            .revisions
            .last()
            .is_some_and(|last| last.by == Author::Person);
        if block.count != Some(counted) && !person_last {
            wrong.push(format!(
                "activity {id} counts {:?} where {counted} messages stand",
                block.count
            ));
        }
        if !block.strange.is_empty() && !person_last {
            wrong.push(format!(
                "activity {id} has strange lines: {:?}",
                block.strange
            ));
        }
        // Equal messages may stand in any of the parts: only their number is known.
        let mut used = vec![false; self.messages.len()];
        let mut last = None;
        for shown in &block.shown {
            let Some(place) = self.place(shown, &used, last) else {
                let Some(place) = self.place(shown, &used, None) else {
                    wrong.push(format!("activity {id} shows what nobody sent: {shown:?}"));
                    continue;
                };
                wrong.push(format!("activity {id} is out of order at {shown:?}"));
                used[place] |= shown.is_last();
                continue;
            };
            last = Some(place);
            if shown.is_last() {
                used[place] = true;
                if let Some(count) = counts.get_mut(&self.messages[place].look) {
                    count.2 += 1;
                }
            }
        }
        wrong
    }

    /// The first message after `last` that is not used and looks like this.
    fn place(&self, shown: &Shown, used: &[bool], last: Option<usize>) -> Option<usize> {
        let from = last.map_or(0, |last| last + usize::from(shown.is_first()));
        (from..self.messages.len()).find(|index| {
            let look = &self.messages[*index].look;
            !used[*index]
                && look.0 == shown.header
                && match shown.piece {
                    None => look.1 == shown.said,
                    Some(_) => look.1.contains(&shown.said),
                }
        })
    }
}

/// `subject (2)` is part 2.
fn part_number(subject: &str) -> usize {
    subject
        .strip_suffix(')')
        .and_then(|rest| rest.rsplit_once(" ("))
        .and_then(|(_, number)| number.parse().ok())
        .unwrap_or(1)
}

fn is_known_tag(tag: &str) -> bool {
    matches!(tag, "br" | "b" | "ul" | "li" | "p" | "div")
}
