//! Which of a call's logs a request is about.
//!
//! A call that was transferred has a log for each extension that had a part in it. Not every
//! client says which one it speaks of: who does not joins the call's only log, and a log of which
//! nobody has said whose it is becomes that of the first who says.

use daybook_adapters::Ctx;
use daybook_core::digest::holds_conversation;
use daybook_core::ids::LogId;
use daybook_store::calls::CallStore;
use daybook_store::gates::Gates;
use daybook_store::items::{CallLink, Extension};
use daybook_store::keys::{self, CallKey};
use daybook_store::{StoreError, Write};

use super::{CallState, FoundLink, Which};
use crate::engine::{Caller, Engine};

/// The part of a call that a request is about, with its link as it was read.
pub(crate) struct Place {
    pub(crate) part: String,
    pub(crate) link: Option<CallLink>,
}

impl Place {
    pub(super) fn of(link: CallLink) -> Self {
        Self {
            part: link.part.clone(),
            link: Some(link),
        }
    }

    pub(super) fn new(extension: &Extension) -> Self {
        Self {
            part: keys::call_part(extension),
            link: None,
        }
    }
}

/// Which of the links is an extension's.
pub(super) enum Choice {
    /// This one.
    One(Box<CallLink>),
    /// One of these; the request does not say which.
    Several(Vec<CallLink>),
    /// None.
    None,
}

/// Which of a call's links is that of `extension`.
pub(super) fn choose(mut links: Vec<CallLink>, extension: &Extension) -> Choice {
    let is_own = |link: &CallLink| link.extension.is_same(extension) == Some(true);
    if let Some(own) = links.iter().position(is_own) {
        return Choice::One(Box::new(links.swap_remove(own)));
    }
    // Those of which it is not known that they are somebody else's.
    links.retain(|link| link.extension.is_same(extension).is_none());
    match links.len() {
        0 => Choice::None,
        1 => Choice::One(Box::new(links.swap_remove(0))),
        _ => match links.iter().position(|link| link.extension.is_unknown()) {
            Some(unknown) => Choice::One(Box::new(links.swap_remove(unknown))),
            None => Choice::Several(links),
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
        let owned = async {
            match &which.log {
                Some(log) => {
                    let claims = store.claims();
                    claims.owner_of(&user.platform, &user.tenant, log).await
                }
                None => Ok(None),
            }
        };
        let (owner, links) = futures_util::try_join!(owned, store.links())?;
        if let (Some(owner), Some(log)) = (owner, &which.log) {
            return self.owned_by(&owner.owner, log, Some((&key, links))).await;
        }
        let place = match choose(links, &which.extension) {
            Choice::One(link) => Place::of(*link),
            Choice::Several(_) => return Ok(Err(CallState::Ambiguous)),
            Choice::None => Place::new(&which.extension),
        };
        let is_other = |log: &LogId| {
            let link = place.link.as_ref();
            let own = link.and_then(|link| link.log_id.as_ref());
            own.is_some_and(|own| own != log)
        };
        let (key, place) = match which.log.as_ref().filter(|log| is_other(log)) {
            // The call's own log is another: this one is logged by itself.
            Some(log) => (
                CallKey::of_log(&user, log),
                Place::new(&Extension::default()),
            ),
            None => (key, place),
        };
        match (&which.log, &place.link) {
            (Some(log), None) => return self.adopt(log, key, place, caller).await,
            (None, None) => {
                let create = keys::call_create(&place.part);
                if self.call_store(&key).change(create).await?.is_none() {
                    return Ok(Err(CallState::NotLogged));
                }
            }
            (_, Some(_)) => {}
        }
        Ok(Ok(FoundLink {
            key,
            place,
            taken_over: None,
        }))
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
            Write::Lost(Some(other)) => self.owned_by(&other.owner, log, None).await,
            Write::Done | Write::Lost(None) => Ok(Ok(FoundLink {
                key,
                place,
                taken_over: Some(log.clone()),
            })),
        }
    }

    /// The place of the owner of an activity, where the links of a call may have been read. An
    /// owner without a link died before it was opened, and whoever comes next opens it.
    async fn owned_by(
        &self,
        owner: &str,
        log: &LogId,
        read: Option<(&CallKey, Vec<CallLink>)>,
    ) -> Result<Result<FoundLink, CallState>, StoreError> {
        let Some((key, part)) = keys::owning_call(owner) else {
            return Ok(Err(CallState::NotACall));
        };
        let link = match read.filter(|(read, _)| **read == key) {
            Some((_, links)) => links.into_iter().find(|link| link.part == part),
            None => self.call_store(&key).link(part).await?,
        };
        let taken_over = link.is_none().then(|| log.clone());
        let part = part.to_owned();
        Ok(Ok(FoundLink {
            key,
            place: Place { part, link },
            taken_over,
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
