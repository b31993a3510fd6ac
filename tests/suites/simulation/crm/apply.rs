//! What the CRM does with a call that has arrived.

use std::time::Duration;

use daybook_adapters::{AdapterError, Entity, MessageLog, Result};
use daybook_core::contact::Contact;
use daybook_core::digest::{Mark, contains_mark};
use daybook_core::ids::LogId;

use super::{Activity, Author, Revision, SimCrm};
use crate::worker::Worker;

/// A write on its way.
#[derive(Debug, Clone)]
pub(super) enum Write {
    Create {
        contact: String,
        subject: String,
        body: String,
    },
    Update {
        id: usize,
        body: String,
        base: Option<usize>,
    },
    Delete {
        id: usize,
    },
}

/// How a write was sent.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) worker: usize,
    pub(super) astray: bool,
    /// Whether its writer slept or was not listening when it was applied.
    pub(super) late: bool,
}

fn log_id(id: usize) -> LogId {
    LogId::parse(&id.to_string()).expect("it is not blank")
}

impl SimCrm {
    /// Carries out a write.
    pub(super) fn apply(&self, write: Write, sent: &Sent) -> Result<Option<MessageLog>> {
        if let Write::Create { body, .. } | Write::Update { body, .. } = &write
            && self
                .kind
                .max_note_bytes
                .is_some_and(|most| body.len() > most)
        {
            return Err(AdapterError::Invalid {
                status: 422,
                field: None,
            });
        }
        let unescapes = self.state().unescapes;
        let write = self.cut(write);
        let gone = self.time.gone();
        let mut state = self.state();
        let state = &mut *state;
        let by = Author::Worker(sent.worker);
        let late = sent.late;
        match write {
            Write::Create {
                contact,
                subject,
                body,
            } => {
                let id = state.activities.len();
                let body = self.kept(&body, unescapes);
                let lag = u64::try_from(state.faults.search_lag.as_millis()).unwrap_or_default();
                let least = if state.faults.shows_late { lag } else { 0 };
                let lag = Duration::from_millis(state.random.u64(least..=lag));
                self.trace
                    .say(|| format!("CRM: activity {id} made by w{} late={late}", sent.worker));
                state.activities.push(Activity {
                    id,
                    contact,
                    subject,
                    revisions: vec![Revision {
                        body: body.clone(),
                        by,
                        base: 0,
                        late,
                    }],
                    edits: Vec::new(),
                    deleted_by: None,
                    shows_from: gone + lag,
                });
                state.reads.insert((sent.worker, id), 0);
                Ok(Some(MessageLog {
                    id: log_id(id),
                    body,
                }))
            }
            Write::Update { id, body, base } => {
                let body = self.kept(&body, unescapes);
                let Some(activity) = standing(&mut state.activities, id) else {
                    return Err(AdapterError::NotFound(Entity::Log));
                };
                self.trace
                    .say(|| format!("CRM: activity {id} written by w{} late={late}", sent.worker));
                let Some(base) = base else {
                    let worker = sent.worker;
                    state
                        .violations
                        .push(format!("w{worker} wrote over activity {id}, unread"));
                    return Ok(None);
                };
                let unseen = activity.revisions.iter().skip(base + 1);
                let clash = unseen
                    .filter(|other| !other.late && other.by != by)
                    .find(|other| other.by != Author::Person);
                if let Some(other) = clash.filter(|_| !late && !sent.astray) {
                    let what = format!("w{} wrote over what {:?} wrote", sent.worker, other.by);
                    state
                        .violations
                        .push(format!("{what} into activity {id} since it read"));
                }
                activity.revisions.push(Revision {
                    body: body.clone(),
                    by,
                    base,
                    late,
                });
                let now = activity.revision();
                if !late {
                    state.reads.insert((sent.worker, id), now);
                }
                Ok(Some(MessageLog {
                    id: log_id(id),
                    body,
                }))
            }
            Write::Delete { id } => {
                if let Some(activity) = standing(&mut state.activities, id) {
                    self.trace
                        .say(|| format!("CRM: activity {id} deleted by w{}", sent.worker));
                    activity.deleted_by = Some(by);
                }
                Ok(None)
            }
        }
    }

    /// What is left of a write where notes are cut.
    fn cut(&self, mut write: Write) -> Write {
        if let Write::Create { body, .. } | Write::Update { body, .. } = &mut write
            && let Some(most) = self.kind.cuts_at
        {
            body.truncate(body.floor_char_boundary(most));
        }
        write
    }

    /// Reads an activity for a worker.
    pub(super) fn show(&self, id: usize, worker: &Worker) -> Result<MessageLog> {
        let mut state = self.state();
        let state = &mut *state;
        if let Some((_, cause)) = state.broken.filter(|(broken, _)| *broken == id) {
            return Err(AdapterError::not_applied(cause));
        }
        let activity =
            standing(&mut state.activities, id).ok_or(AdapterError::NotFound(Entity::Log))?;
        state.reads.insert((worker.number, id), activity.revision());
        Ok(MessageLog {
            id: log_id(id),
            body: activity.body().to_owned(),
        })
    }

    /// Searches for a worker.
    pub(super) fn find(&self, contact: &Contact, mark: &Mark, worker: &Worker) -> Vec<MessageLog> {
        let gone = self.time.gone();
        let format = self.kind.format;
        let mut state = self.state();
        let state = &mut *state;
        let found = state.activities.iter().filter(|activity| {
            activity.deleted_by.is_none()
                && activity.contact == contact.id.as_str()
                && activity.shows_from <= gone
                && contains_mark(format, activity.body(), mark)
        });
        found
            .map(|activity| {
                state
                    .reads
                    .insert((worker.number, activity.id), activity.revision());
                MessageLog {
                    id: log_id(activity.id),
                    body: activity.body().to_owned(),
                }
            })
            .collect()
    }
}

fn standing(activities: &mut [Activity], id: usize) -> Option<&mut Activity> {
    activities
        .get_mut(id)
        .filter(|activity| activity.deleted_by.is_none())
}
