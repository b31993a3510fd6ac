//! When a log is looked at: the dates that guards become, and those that are put off.

use daybook_core::time::Deadline;
use daybook_core::user::UserKey;
use daybook_store::claims::Claims;
use daybook_store::items::{CallChange, CallLink, Claim, Claimed, Due, Head, StoredMessage};
use daybook_store::keys::DueKey;
use daybook_store::{StoreError, Write};

use super::{Attended, Place, Work, call_store, store};
use crate::app::App;
use crate::call::new_link;
use crate::digest::{new_head, stands};

/// The log that a row of the index leads to, if there is something to do about it. A guard first
/// becomes its log's own date.
pub(super) async fn work_of(
    app: &App,
    deadline: Deadline,
    key: DueKey,
) -> Result<Option<Work>, StoreError> {
    let now = app.clock.now().timestamp_millis();
    let is_due = |due: &Option<Due>| due.as_ref().is_some_and(|due| due.is_due(now));
    match key {
        DueKey::User(..) => Ok(None),
        DueKey::Head(key, window) => {
            let head = store(app, &key, deadline).head(&window).await?;
            let head = head.filter(|head| head.claim.is_due(now));
            Ok(head.map(|head| Work::of(Place::Digest(key, window), &head)))
        }
        DueKey::Message(key, sk) => {
            let message = store(app, &key, deadline).message(sk).await?;
            let Some(message) = message.filter(|message| is_due(&message.due)) else {
                return Ok(None);
            };
            let dated = dated_head(app, deadline, &key, &message).await?;
            Ok(dated.map(|head| Work::of(Place::Digest(key, head.window), &head)))
        }
        DueKey::CallLink(key, part) => {
            let link = call_store(app, &key, deadline).link(&part).await?;
            let link = link.filter(|link| link.claim.is_due(now));
            Ok(link.map(|link| Work::of(Place::Call(key, part), &link)))
        }
        DueKey::CallChange(key, sk) => {
            let store = call_store(app, &key, deadline);
            let change = store.change(sk).await?;
            let Some(change) = change.filter(|change| is_due(&change.due)) else {
                return Ok(None);
            };
            let link = store.link(&change.part).await?;
            if let Some(link) = link.as_ref().filter(|link| link.has(&change.id)) {
                is_applied(&store, link, &change).await?;
                let place = Place::Call(key.clone(), link.part.clone());
                return Ok(link.claim.is_due(now).then(|| Work::of(place, link)));
            }
            let link = with_date(app, &store.claims(), link, async || {
                Ok(new_link(&app.random, &change))
            })
            .await?;
            if link.is_some() {
                store.unguard(&change).await?;
            }
            Ok(link.map(|link| Work::of(Place::Call(key.clone(), change.part.clone()), &link)))
        }
    }
}

/// A change that is applied is removed, unless a write that is in doubt may yet undo it, or one
/// that the CRM refuses so far: its holder removes it then.
async fn is_applied(
    store: &daybook_store::calls::CallStore<'_>,
    link: &CallLink,
    change: &CallChange,
) -> Result<(), StoreError> {
    let claim = &link.claim;
    let is_in_doubt = claim.recheck_at.is_some() || claim.fold_at.is_some();
    match is_in_doubt || !link.refused.is_empty() {
        true => store.unguard(change).await,
        false => store.remove(change).await,
    }
}

/// The head of a guarded message, with a date of its own; then the guard goes.
async fn dated_head(
    app: &App,
    deadline: Deadline,
    key: &daybook_store::keys::DigestKey,
    message: &StoredMessage,
) -> Result<Option<Head>, StoreError> {
    let store = store(app, key, deadline);
    let now = app.clock.now().timestamp_millis();
    let head = store.head(&message.window).await?;
    let margin = app.limits.clock_margin.num_milliseconds();
    if let Some(head) = head.as_ref().filter(|head| stands_in(app, head, message)) {
        if head.claim.is_leased(now, margin) {
            return Ok(None);
        }
        let until = head.texts_until(app.clock.now());
        store.clear(&message.entry.id, until).await?;
        return Ok(Some(head.clone()).filter(|head| head.claim.is_due(now)));
    }
    let (window, opening) = (message.window, &message.opening);
    let head = with_date(app, &store.claims(), head, async || {
        new_head(&store, &app.random, window, opening).await
    })
    .await?;
    if head.is_some() {
        store.unguard(&message.entry.id).await?;
    }
    Ok(head)
}

/// The item of a log, with a date that has come; where it is not there yet, as `new` makes it.
/// `None` where somebody is writing it.
async fn with_date<T: Claimed>(
    app: &App,
    claims: &Claims<'_>,
    item: Option<T>,
    new: impl AsyncFnOnce() -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    let now = app.clock.now().timestamp_millis();
    let margin = app.limits.clock_margin.num_milliseconds();
    let date = |claim: &mut Claim| claim.due = Some(Due::new(claims.pk, now));
    let is_due =
        |claim: &Claim| claim.is_due(now) && !claim.due.as_ref().is_some_and(Due::is_check);
    let (item, written) = match item {
        Some(item) if item.claim().is_leased(now, margin) => return Ok(None),
        Some(item) if is_due(item.claim()) => return Ok(Some(item)),
        Some(mut item) => {
            let seen = item.claim_mut().supersede();
            date(item.claim_mut());
            let written = claims.schedule(&item, seen).await?;
            (item, written)
        }
        None => {
            let mut item = new().await?;
            let claim = item.claim_mut();
            claim.rev = 1;
            claim.expires_at = now / 1_000 + Claim::KEPT_DAYS * 86_400;
            date(claim);
            let written = claims.open(&item).await?;
            (item, written)
        }
    };
    Ok(match written {
        Write::Done => Some(item),
        Write::Lost(_) => None,
    })
}

/// Whether a message stands in its digest, with all its pieces.
pub(super) fn stands_in(app: &App, head: &Head, message: &StoredMessage) -> bool {
    let adapter = app.registry.get(&head.opening.platform);
    let limit = adapter.and_then(|adapter| adapter.profile().max_note_bytes);
    stands(limit, head, &message.entry)
}

/// Nobody's credentials reach this log: it waits for a sign-in of `user`, if anything of it waits
/// or is in doubt.
pub(super) async fn park<T: Claimed>(
    claims: &Claims<'_>,
    mut item: T,
    user: &UserKey,
) -> Result<Attended, StoreError> {
    let now = claims.clock.now().timestamp_millis();
    let claim = item.claim_mut();
    let Some(due) = claim.due.as_ref().filter(|due| !due.is_parked()) else {
        return Ok(Attended::Parked);
    };
    let waits = !due.is_check() || claim.recheck_at.is_some() || claim.fold_at.is_some();
    let seen = claim.supersede();
    claim.due = waits.then(|| Due::parked(claims.pk, user, now));
    claims.schedule(&item, seen).await?;
    Ok(Attended::Parked)
}

/// Has a log that nobody writes looked at again at `until`.
pub(crate) async fn postpone<T: Claimed>(
    claims: &Claims<'_>,
    mut item: T,
    until: i64,
) -> Result<Write<T>, StoreError> {
    let claim = item.claim_mut();
    let seen = claim.supersede();
    claim.due = Some(match claim.due.as_ref().is_some_and(Due::is_check) {
        true => Due::check(claims.pk, until),
        false => Due::new(claims.pk, until),
    });
    claims.schedule(&item, seen).await
}
