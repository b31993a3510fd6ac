//! Which of a call's logs a request is about.
//!
//! A call that was transferred has a log for each extension that had a part in it. Not every
//! client says which one it speaks of: who does not joins the call's only log, and a log of which
//! nobody has said whose it is becomes that of the first who says.

use daybook_adapters::Ctx;
use daybook_core::digest::holds_conversation;
use daybook_core::ids::LogId;
use daybook_core::user::UserKey;
use daybook_store::calls::CallStore;
use daybook_store::gates::Gates;
use daybook_store::items::{CallChange, CallLink, Extension};
use daybook_store::keys::{self, CallKey};
use daybook_store::{StoreError, Write};

use super::{CallState, FoundLink, Which};
use crate::engine::{Caller, Engine};

/// The part of a call that a request is about.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) part: String,
    /// Whose it is, as far as it is known.
    extension: Extension,
    /// Its link as it was read; none where it has not been opened.
    pub(crate) link: Option<CallLink>,
}

impl Place {
    fn of(link: CallLink) -> Self {
        Self {
            part: link.part.clone(),
            extension: link.extension.clone(),
            link: Some(link),
        }
    }

    pub(super) fn new(extension: &Extension) -> Self {
        Self {
            part: keys::call_part(extension),
            extension: extension.clone(),
            link: None,
        }
    }

    /// When its activity became known, later than all others where there is none.
    pub(super) fn linked(&self) -> (bool, i64) {
        let link = self.link.as_ref().filter(|link| link.log_id.is_some());
        (link.is_none(), link.map_or(0, |link| link.linked_at))
    }
}

/// The parts of a call that were logged, or are to be as soon as the CRM takes calls again.
pub(super) fn places(links: Vec<CallLink>, changes: &[CallChange]) -> Vec<Place> {
    let is_open = |part: &String| links.iter().any(|link| link.part == *part);
    let waiting: Vec<_> = changes
        .iter()
        .filter(|change| change.creates && !is_open(&change.part))
        .map(|create| Place {
            part: create.part.clone(),
            extension: extension_of(&create.part, changes),
            link: None,
        })
        .collect();
    links.into_iter().map(Place::of).chain(waiting).collect()
}

/// Whose part in the call it is, as far as one of the changes says it.
fn extension_of(part: &str, changes: &[CallChange]) -> Extension {
    let own = changes.iter().filter(|change| change.part == part);
    let mut known = own.map(|change| &change.extension);
    known
        .find(|extension| !extension.is_unknown())
        .cloned()
        .unwrap_or_default()
}

/// Which of the parts is an extension's.
pub(super) enum Choice {
    /// This one.
    One(Box<Place>),
    /// One of these; the request does not say which.
    Several(Vec<Place>),
    /// None.
    None,
}

/// Which of a call's parts is that of `extension`.
pub(super) fn choose(mut places: Vec<Place>, extension: &Extension) -> Choice {
    let is_own = |place: &Place| place.extension.is_same(extension) == Some(true);
    if let Some(own) = places.iter().position(is_own) {
        return Choice::One(Box::new(places.swap_remove(own)));
    }
    // Those of which it is not known that they are somebody else's.
    places.retain(|place| place.extension.is_same(extension).is_none());
    match places.len() {
        0 => Choice::None,
        1 => Choice::One(Box::new(places.swap_remove(0))),
        _ => match places.iter().position(|place| place.extension.is_unknown()) {
            Some(unknown) => Choice::One(Box::new(places.swap_remove(unknown))),
            None => Choice::Several(places),
        },
    }
}

impl Engine<'_> {
    /// Where what is told of a log goes; else why it goes nowhere.
    ///
    /// An activity that the request names, and that a log of ours owns, decides. One that nobody
    /// owns is taken over.
    pub(super) async fn find_link(
        &self,
        which: &Which,
        caller: &Caller<'_>,
    ) -> Result<Result<FoundLink, CallState>, StoreError> {
        let user = self.user_key(caller);
        let key = match (&which.session, &which.log) {
            (Some(session), _) => CallKey::new(&user, session),
            (None, Some(log)) => CallKey::of_log(&user, log),
            (None, None) => return Ok(Err(CallState::NotLogged)),
        };
        let store = self.call_store(&key);
        let Some(log) = &which.log else {
            let rows = store.read().await?;
            let places = places(rows.links, &rows.changes);
            return Ok(match choose(places, &which.extension) {
                Choice::One(place) => Ok(FoundLink {
                    note: rows.note,
                    ..FoundLink::at(key, *place)
                }),
                Choice::Several(_) => Err(CallState::Ambiguous),
                Choice::None => Err(CallState::NotLogged),
            });
        };
        let claims = store.claims();
        let owner = claims.owner_of(&user.platform, &user.tenant, log);
        let (owner, read) = futures_util::try_join!(owner, store.read())?;
        let places = places(read.links, &read.changes);
        if let Some(owner) = owner {
            let read = Some((&key, places));
            return self.owned_by(&owner.owner, log, &user, read).await;
        }
        let place = match choose(places, &which.extension) {
            Choice::One(place) => Some(*place),
            Choice::Several(_) => None,
            Choice::None => {
                return self
                    .adopt(log, key, Place::new(&which.extension), caller)
                    .await;
            }
        };
        let is_own = |place: &Place| {
            let link = place.link.as_ref();
            link.is_some_and(|link| link.log_id.as_ref() == Some(log))
        };
        match place.filter(is_own) {
            Some(place) => Ok(Ok(FoundLink::at(key, place))),
            // The call has, or is to have, a log of its own: this one is logged by itself.
            None => {
                let key = CallKey::of_log(&user, log);
                let place = Place::new(&Extension::default());
                self.adopt(log, key, place, caller).await
            }
        }
    }

    /// Takes a log over that nobody owns, before anything is accepted for it: so two who name it in
    /// two ways agree.
    async fn adopt(
        &self,
        log: &LogId,
        key: CallKey,
        place: Place,
        caller: &Caller<'_>,
    ) -> Result<Result<FoundLink, CallState>, StoreError> {
        if self.holds_messages(log, caller).await? {
            return Ok(Err(CallState::NotACall));
        }
        let claims = self.call_store(&key).claims();
        let (platform, sk) = (self.adapter.profile().id, keys::call_link(&place.part));
        match claims.adopt(platform, &caller.tenant, log, &sk).await? {
            Write::Lost(Some(other)) => {
                let user = self.user_key(caller);
                self.owned_by(&other.owner, log, &user, None).await
            }
            Write::Done | Write::Lost(None) => Ok(Ok(FoundLink {
                taken_over: Some(log.clone()),
                ..FoundLink::at(key, place)
            })),
        }
    }

    /// The place of the owner of an activity, where the places of a call may have been read. An
    /// owner without a link died before it was opened,
    /// and whoever comes next opens it. What another user has logged is logged by itself: nobody's
    /// changes are written in another's name.
    async fn owned_by(
        &self,
        owner: &str,
        log: &LogId,
        user: &UserKey,
        read: Option<(&CallKey, Vec<Place>)>,
    ) -> Result<Result<FoundLink, CallState>, StoreError> {
        let Some((key, part)) = keys::owning_call(owner) else {
            return Ok(Err(CallState::NotACall));
        };
        let (key, part) = match key.is_of(user) {
            true => (key, part.to_owned()),
            false => {
                let part = keys::call_part(&Extension::default());
                (CallKey::of_log(user, log), part)
            }
        };
        let known = read.filter(|(read, _)| **read == key);
        let link = match known {
            Some((_, places)) => {
                (places.into_iter().find(|place| place.part == part)).and_then(|place| place.link)
            }
            None => self.call_store(&key).link(&part).await?,
        };
        let place = match link {
            Some(link) => Place::of(link),
            None => Place {
                part,
                extension: Extension::default(),
                link: None,
            },
        };
        let taken_over = place.link.is_none().then(|| log.clone());
        Ok(Ok(FoundLink {
            taken_over,
            ..FoundLink::at(key, place)
        }))
    }

    /// Whether an activity that is to be taken over holds messages. Nobody looks where the CRM is
    /// not to be called; one that cannot be read tells why when it is changed.
    async fn holds_messages(&self, log: &LogId, caller: &Caller<'_>) -> Result<bool, StoreError> {
        let Ok(auth) = caller.credentials.auth() else {
            return Ok(false);
        };
        let (clock, deadline) = (self.clock, self.deadline);
        let user = self.user_key(caller);
        let gates = Gates::new(
            self.table,
            clock,
            deadline,
            &user.platform,
            &user.tenant,
            &user.id,
        );
        if !gates.read().await?.is_empty() {
            return Ok(false);
        }
        let ctx = Ctx {
            user: caller.user,
            auth,
            http: self.http,
            cache: self.table,
            clock,
            deadline,
        };
        let format = self.adapter.profile().log_format;
        let read = self.adapter.get_call_log(&ctx, log).await;
        Ok(read.is_ok_and(|log| holds_conversation(format, &log.body)))
    }

    /// A link of which nobody has said whose it is becomes that of an extension that is known now,
    /// before anything of it is written. Where another extension was faster, the request's own is
    /// opened.
    pub(super) async fn take_over(
        &self,
        store: &CallStore<'_>,
        place: Place,
        extension: &Extension,
    ) -> Result<Place, StoreError> {
        let mut place = place;
        loop {
            let Some(link) = &place.link else {
                return Ok(place);
            };
            match link.extension.is_same(extension) {
                Some(true) => return Ok(place),
                Some(false) => return Ok(Place::new(extension)),
                None if extension.is_unknown() || !link.extension.is_unknown() => {
                    return Ok(place);
                }
                None => {}
            }
            let now = self.millis();
            let margin = self.limits.clock_margin.num_milliseconds();
            if link.claim.is_leased(now, margin) {
                // Whoever writes it ends soon; its extension is told next time.
                return Ok(place);
            }
            let mut named = link.clone();
            named.extension = extension.clone();
            let seen = named.claim.supersede();
            match store.claims().schedule(&named, seen).await? {
                Write::Done => return Ok(Place::of(named)),
                Write::Lost(Some(other)) => place = Place::of(other),
                Write::Lost(None) => return Ok(Place::new(extension)),
            }
        }
    }
}
