//! When a digest is looked at: the dates that guards become, and those that are put off.

use daybook_core::time::Deadline;
use daybook_store::digest::DigestStore;
use daybook_store::items::{Due, Head, StoredMessage};
use daybook_store::keys::{DigestKey, DueKey};
use daybook_store::{StoreError, Write};

use super::{Attended, store};
use crate::app::App;
use crate::digest::{new_head, stands};

/// The digest that a row of the index leads to, if there is something to do about it. A
/// message's guard first becomes its digest's own date.
pub(super) async fn digest_of(
    app: &App,
    deadline: Deadline,
    key: DueKey,
) -> Result<Option<(DigestKey, Head)>, StoreError> {
    let now = app.clock.now().timestamp_millis();
    let is_due = |due: &Option<Due>| {
        (due.as_ref()).is_some_and(|due| !due.is_parked() && due.millis() <= now)
    };
    match key {
        DueKey::User(..) => Ok(None),
        DueKey::Head(key, window) => {
            let head = store(app, &key, deadline).head(&window).await?;
            Ok(head
                .filter(|head| is_due(&head.claim.due))
                .map(|head| (key, head)))
        }
        DueKey::Message(key, sk) => {
            let store = store(app, &key, deadline);
            let message = store.message(sk).await?;
            let Some(message) = message.filter(|message| is_due(&message.due)) else {
                return Ok(None);
            };
            let head = store.head(&message.window).await?;
            let margin = app.limits.clock_margin.num_milliseconds();
            if (head.as_ref()).is_some_and(|head| head.is_leased(now, margin)) {
                return Ok(None);
            }
            let head = dated(app, &store, head, &message, now).await?;
            Ok(head.map(|head| (key, head)))
        }
    }
}

/// The head of a guarded message, with a date of its own; then the guard goes.
async fn dated(
    app: &App,
    store: &DigestStore<'_>,
    head: Option<Head>,
    message: &StoredMessage,
    now: i64,
) -> Result<Option<Head>, StoreError> {
    let is_due = |head: &Head| {
        (head.claim.due.as_ref()).is_some_and(|due| !due.is_parked() && due.millis() <= now)
    };
    let head = match head {
        Some(head) if stands_in(app, &head, message) => {
            let until = head.texts_until(app.clock.now());
            store.clear(&message.entry.id, until).await?;
            return Ok(Some(head).filter(is_due));
        }
        Some(head) if is_due(&head) && !head.claim.due.as_ref().is_some_and(Due::is_check) => head,
        Some(mut head) => {
            let seen = supersede(&mut head);
            head.claim.due = Some(Due::new(store.key.pk(), now));
            match store.schedule(&head, seen).await? {
                Write::Done => head,
                Write::Lost(_) => return Ok(None),
            }
        }
        None => {
            let (window, opening) = (message.window, &message.opening);
            let mut head = new_head(store, &app.random, window, opening).await?;
            head.claim.rev = 1;
            head.claim.due = Some(Due::new(store.key.pk(), now));
            head.claim.expires_at = now / 1_000 + Head::KEPT_DAYS * 86_400;
            match store.open(&head).await? {
                Write::Done => head,
                Write::Lost(_) => return Ok(None),
            }
        }
    };
    store.unguard(&message.entry.id).await?;
    Ok(Some(head))
}

/// Whether a message stands in its digest, with all its pieces.
pub(super) fn stands_in(app: &App, head: &Head, message: &StoredMessage) -> bool {
    let adapter = app.registry.get(&head.opening.platform);
    let limit = adapter.and_then(|adapter| adapter.profile().max_note_bytes);
    stands(limit, head, &message.entry)
}

/// Counts a write of a head that nobody holds, and gives back the revision before it. A holder
/// whose lease has run out can no longer settle what it read before.
fn supersede(head: &mut Head) -> u64 {
    let seen = head.claim.rev;
    head.claim.rev += 1;
    if head.claim.lease.is_some() {
        head.claim.epoch += 1;
    }
    seen
}

/// Nobody's credentials reach this digest: it waits for a sign-in, if anything of it waits or is in
/// doubt.
pub(super) async fn park(
    app: &App,
    store: &DigestStore<'_>,
    mut head: Head,
) -> Result<Attended, StoreError> {
    let Some(due) = head.claim.due.as_ref().filter(|due| !due.is_parked()) else {
        return Ok(Attended::Parked);
    };
    let waits = !due.is_check() || head.claim.recheck_at.is_some() || head.claim.fold_at.is_some();
    let now = app.clock.now().timestamp_millis();
    let seen = supersede(&mut head);
    head.claim.due = waits.then(|| Due::parked(store.key.pk(), &head.opening.user_key(), now));
    store.schedule(&head, seen).await?;
    Ok(Attended::Parked)
}

/// Has a digest that nobody writes looked at again at `until`.
pub(crate) async fn postpone(
    store: &DigestStore<'_>,
    mut head: Head,
    until: i64,
) -> Result<Write<Head>, StoreError> {
    let seen = supersede(&mut head);
    let pk = store.key.pk();
    head.claim.due = Some(match head.claim.due.as_ref().is_some_and(Due::is_check) {
        true => Due::check(pk, until),
        false => Due::new(pk, until),
    });
    store.schedule(&head, seen).await
}
