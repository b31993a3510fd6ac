//! Which calls of a user are logged, and what is told of them.
//!
//! Many are looked for at once without asking the CRM: then those parts of a call are read that the
//! user is known to have. What waits for the CRM counts as told.

use daybook_adapters::{AdapterError, CallLog, Ctx};
use daybook_core::call_note;
use daybook_core::digest::Format;
use daybook_core::ids::{ContactId, HashedId, LogId, SessionId};
use daybook_core::user::UserKey;
use daybook_store::StoreError;
use daybook_store::calls::{CallRows, CallStore, read_parts};
use daybook_store::items::{CallChange, CallLink, Extension};
use daybook_store::keys::{self, CallKey};
use serde_json::{Map, Value};

use super::note::combined;
use super::part::{Choice, Place, choose, places};
use crate::engine::Engine;

/// Whether a call is logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Logged {
    /// It is this activity.
    As(LogId),
    /// It will be, as soon as the CRM takes it.
    Kept,
    /// It is not.
    No,
}

/// A call that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundCall {
    /// Its session.
    pub session: SessionId,
    /// Whether it is logged.
    pub logged: Logged,
    /// With whom it was, where that is known.
    pub contact: Option<ContactId>,
}

/// Whose calls are looked for.
#[derive(Debug, Clone)]
pub struct CallsOf {
    /// The user.
    pub user: UserKey,
    /// The extension that is asked for.
    pub extension: Extension,
    /// The user's own extension.
    pub own: Option<HashedId>,
}

/// What is told of a call that is logged, or will be. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct ToldOfCall {
    /// The title.
    pub subject: String,
    /// What the agent wrote; empty where there is nothing.
    pub note: String,
    /// The whole note in the CRM.
    pub body: String,
    /// All that the CRM told of the log.
    pub response: Value,
    /// The contact's name, where the CRM tells it with the log.
    pub contact_name: Option<String>,
    /// What the agent chose.
    pub dispositions: Map<String, Value>,
}

daybook_core::conceal!(ToldOfCall);

/// What came of reading a call that is logged.
#[derive(Debug)]
pub enum ReadCall {
    /// This is told of it.
    Told(Box<ToldOfCall>),
    /// Its activity was deleted in the CRM.
    Gone,
    /// It could not be read.
    Failed(AdapterError),
}

impl Engine<'_> {
    /// Which of some calls are logged, in their order. One alone is looked for with all of its
    /// parts, in one trip to the table; several in a trip for each 100 items, which are two for
    /// each call and part.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find_calls(
        &self,
        of: &CallsOf,
        sessions: &[SessionId],
    ) -> Result<Vec<FoundCall>, StoreError> {
        let calls = sessions.iter();
        let calls: Vec<_> = calls
            .map(|session| CallKey::new(&of.user, session))
            .collect();
        let rows = match calls.as_slice() {
            [only] => vec![self.call_store(only).read().await?],
            several => {
                let (table, clock, deadline) = (self.table, self.clock, self.deadline);
                read_parts(table, clock, deadline, several, &of.parts()).await?
            }
        };
        let found = sessions.iter().zip(rows);
        Ok(found
            .map(|(session, rows)| self.found(of, session, rows))
            .collect())
    }

    fn found(&self, of: &CallsOf, session: &SessionId, mut rows: CallRows) -> FoundCall {
        let place = place_of(&mut rows, of);
        let link = place.as_ref().and_then(|place| place.link.as_ref());
        let standing = link.filter(|link| link.gone_at.is_none());
        let waits = place.as_ref().and_then(|place| {
            let is_its = |change: &&CallChange| change.part == place.part && change.creates;
            let create = rows.changes.iter().find(is_its)?;
            let is_over = link.is_some_and(|link| self.is_over(link, create));
            (!is_over).then_some(create)
        });
        let openings = [
            link.map(|link| &link.opening),
            waits.map(|create| &create.opening),
        ];
        let contact = openings
            .into_iter()
            .flatten()
            .find_map(|opening| opening.contact.as_ref());
        FoundCall {
            session: session.clone(),
            logged: match (standing.and_then(|link| link.log_id.clone()), waits) {
                (Some(log), _) => Logged::As(log),
                (None, Some(_)) => Logged::Kept,
                (None, None) => Logged::No,
            },
            contact: contact.map(|contact| contact.id.clone()),
        }
    }

    /// What is told of a call that was found: as it stands in the CRM, and what waits for that.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn read_call(
        &self,
        of: &CallsOf,
        found: &FoundCall,
        ctx: Result<Ctx<'_>, AdapterError>,
    ) -> Result<ReadCall, StoreError> {
        let key = CallKey::new(&of.user, &found.session);
        let store = self.call_store(&key);
        let log = match (&found.logged, ctx) {
            (Logged::As(log), Ok(ctx)) => Some(self.adapter.get_call_log(&ctx, log).await),
            (Logged::As(_), Err(error)) => Some(Err(error)),
            (Logged::Kept | Logged::No, _) => None,
        };
        let told = match log.transpose() {
            Ok(Some(log)) => Ok(ToldOfCall::of(log, self.adapter.profile().log_format)),
            Ok(None) => Ok(ToldOfCall::nothing()),
            Err(AdapterError::NotFound(entity)) => Err(AdapterError::NotFound(entity)),
            Err(error) => return Ok(ReadCall::Failed(error)),
        };
        let mut rows = store.read().await?;
        let place = place_of(&mut rows, of);
        let told = match told {
            Ok(told) => told,
            Err(missing) => {
                return match self.is_gone(&store, place).await? {
                    true => Ok(ReadCall::Gone),
                    false => Ok(ReadCall::Failed(missing)),
                };
            }
        };
        let waiting = place.map(|place| waiting(&place, rows.changes));
        Ok(ReadCall::Told(Box::new(
            told.with(&waiting.unwrap_or_default()),
        )))
    }

    /// Whether an activity that the CRM does not have is old enough to be visible: then it was
    /// deleted, and that is written down, so that whoever logs the call again makes a new one.
    async fn is_gone(
        &self,
        store: &CallStore<'_>,
        place: Option<Place>,
    ) -> Result<bool, StoreError> {
        let Some(link) = place.and_then(|place| place.link) else {
            return Ok(false);
        };
        let (now, limits) = (self.millis(), self.limits);
        if now - link.linked_at < limits.log_visible_after.num_milliseconds() {
            return Ok(false);
        }
        let margin = limits.clock_margin.num_milliseconds();
        if link.gone_at.is_none() && !link.claim.is_leased(now, margin) {
            let mut gone: CallLink = link;
            gone.gone_at = Some(now);
            let seen = gone.claim.supersede();
            // Whoever was faster knows better.
            store.claims().schedule(&gone, seen).await?;
        }
        Ok(true)
    }
}

impl CallsOf {
    fn own(&self) -> Extension {
        Extension {
            number: None,
            id: self.own.clone(),
        }
    }

    /// The parts of a call that are looked for: that of which nobody has said whose it is, and
    /// those of the extension.
    fn parts(&self) -> Vec<String> {
        let asked = match self.extension.is_unknown() {
            true => self.own(),
            false => self.extension.clone(),
        };
        let by_number = Extension {
            number: asked.number.clone(),
            id: None,
        };
        let mut parts = [Extension::default(), by_number, asked]
            .iter()
            .map(keys::call_part)
            .collect::<Vec<_>>();
        parts.sort();
        parts.dedup();
        parts
    }
}

impl ToldOfCall {
    /// What the log of a call tells.
    pub fn of(log: CallLog, format: Format) -> Self {
        let parsed = call_note::read(format, &log.body);
        Self {
            subject: log.subject,
            note: parsed.note.unwrap_or_default(),
            body: log.body,
            response: log.response,
            contact_name: log.contact_name,
            dispositions: log.dispositions,
        }
    }

    fn nothing() -> Self {
        Self {
            subject: String::new(),
            note: String::new(),
            body: String::new(),
            response: Value::Object(Map::new()),
            contact_name: None,
            dispositions: Map::new(),
        }
    }

    /// The same, and what waits over it.
    fn with(mut self, waiting: &[CallChange]) -> Self {
        let fields = combined(&waiting.iter().collect::<Vec<_>>());
        self.note = fields.note.unwrap_or(self.note);
        self.subject = fields.subject.unwrap_or(self.subject);
        let chosen = waiting.iter().flat_map(|change| &change.dispositions);
        let chosen = chosen.map(|(field, value)| (field.clone(), value.clone()));
        self.dispositions.extend(chosen);
        self
    }
}

/// The part of a call that is meant. Where several may be, it is the user's own, as for a change;
/// else the oldest log is as good as any.
fn place_of(rows: &mut CallRows, of: &CallsOf) -> Option<Place> {
    let links = std::mem::take(&mut rows.links);
    let several = match choose(places(links, &rows.changes), &of.extension) {
        Choice::One(place) => return Some(*place),
        Choice::Several(places) => places,
        Choice::None => return None,
    };
    match choose(several.clone(), &of.own()) {
        Choice::One(own) => Some(*own),
        Choice::Several(_) | Choice::None => several.into_iter().min_by_key(Place::linked),
    }
}

/// The changes of a part that do not stand in its activity, in the order in which they are
/// applied.
fn waiting(place: &Place, changes: Vec<CallChange>) -> Vec<CallChange> {
    let stands = |change: &CallChange| {
        let link = place.link.as_ref();
        link.is_some_and(|link| link.has(&change.id))
    };
    let mut waiting: Vec<_> = changes
        .into_iter()
        .filter(|change| change.part == place.part && !stands(change))
        .collect();
    waiting.sort_by_key(|change| (!change.logs_call(), change.accepted_at));
    waiting
}
