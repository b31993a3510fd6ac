//! After a sign-in: what was parked for the user is due again.

use daybook_core::time::Deadline;
use daybook_core::user::UserKey;
use daybook_store::items::{Claim, Due, StoredUser};
use daybook_store::keys::DueKey;
use daybook_store::pending::parked_of;
use daybook_store::users::UserStore;
use daybook_store::{StoreError, Write};
use futures_util::{StreamExt, TryStreamExt, stream};

use super::{LAST_START, call_store, postpone, store};
use crate::app::App;

/// How many rows of each shard of the index are looked at for one user in one run.
const ROWS_PER_SHARD: i32 = 500;
/// How many items are put back for one user in one run.
const MOST: usize = 500;
/// How many items are put back at once.
const AT_ONCE: usize = 16;
/// For how long after a sign-in something may be parked yet that knows nothing of it, or be missing
/// in the index, in milliseconds.
const LATE: i64 = 120_000;
/// When the user is looked at again, in milliseconds.
const AGAIN: i64 = 60_000;

/// Makes due what is parked for the user of an item, if that user is signed in, and says what it
/// was.
///
/// The user is looked at again in a minute, until nothing is found that was parked before the
/// sign-in or shortly after it. What is parked later was refused to the new credentials.
///
/// # Errors
/// [`StoreError`]; the next run finds the rest.
pub(super) async fn put_back(
    app: &App,
    deadline: Deadline,
    pk: &str,
    sk: &str,
) -> Result<Vec<DueKey>, StoreError> {
    let clock = app.clock.as_ref();
    let users = UserStore {
        table: &app.table,
        clock,
        deadline,
    };
    let user = users.get_by(pk, sk).await?;
    let Some(user) = user.filter(|user| user.due.is_some()) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    if user.grant.as_ref().is_some_and(|grant| !grant.dead) {
        let rows = parked_of(&app.table, clock, deadline, &user.key(), ROWS_PER_SHARD).await?;
        let rows = rows
            .into_iter()
            .filter(|row| row.due.millis() <= user.signed_in_at + LATE);
        let key = user.key();
        let put = stream::iter(rows)
            .map(|row| put_one(app, deadline, &key, row.key))
            .buffered(AT_ONCE);
        let put = put.try_filter_map(async |put| Ok(put)).take(MOST);
        found = put.try_collect().await?;
    }
    let now = clock.now().timestamp_millis();
    let is_over = found.is_empty() && now > user.signed_in_at + LATE;
    look_again(&users, pk, user, (!is_over).then_some(now + AGAIN)).await?;
    Ok(found)
}

/// Puts one item back, unless it is gone or somebody did so already.
async fn put_one(
    app: &App,
    deadline: Deadline,
    user: &UserKey,
    key: DueKey,
) -> Result<Option<DueKey>, StoreError> {
    if deadline.remaining(app.clock.now()) < LAST_START {
        return Ok(Some(key));
    }
    let now = app.clock.now().timestamp_millis();
    let is_parked = |due: &Option<Due>| due.as_ref().is_some_and(|due| due.is_parked_for(user));
    match &key {
        DueKey::User(..) => return Ok(None),
        DueKey::Head(digests, window) => {
            let store = store(app, digests, deadline);
            let head = store.head(window).await?;
            let Some(head) = head.filter(|head| is_parked(&head.claim.due)) else {
                return Ok(None);
            };
            postpone(&store.claims(), head, now).await?;
        }
        DueKey::Message(digests, sk) => {
            let store = store(app, digests, deadline);
            let message = store.message(sk.clone()).await?;
            let Some(message) = message.filter(|message| is_parked(&message.due)) else {
                return Ok(None);
            };
            let due = Due::new(digests.pk(), now);
            let kept = kept_until(message.accepted_at);
            store.guard(&message, &due, kept).await?;
        }
        DueKey::CallLink(call, part) => {
            let store = call_store(app, call, deadline);
            let link = store.link(part).await?;
            let Some(link) = link.filter(|link| is_parked(&link.claim.due)) else {
                return Ok(None);
            };
            postpone(&store.claims(), link, now).await?;
        }
        DueKey::CallChange(call, sk) => {
            let store = call_store(app, call, deadline);
            let change = store.change(sk.clone()).await?;
            let Some(change) = change.filter(|change| is_parked(&change.due)) else {
                return Ok(None);
            };
            let due = Due::new(call.pk(), now);
            let kept = kept_until(change.accepted_at);
            store.guard(&change, &due, kept).await?;
        }
    }
    Ok(Some(key))
}

/// Until when something is kept that was accepted at `accepted_at`, and that we promised to deliver:
/// in seconds since 1970.
fn kept_until(accepted_at: i64) -> i64 {
    accepted_at / 1_000 + Claim::KEPT_DAYS_WAITING * 86_400
}

/// Gives the user another date, or none. Where somebody else wrote the user meanwhile, the date
/// stays as it is.
async fn look_again(
    users: &UserStore<'_>,
    pk: &str,
    mut user: StoredUser,
    at: Option<i64>,
) -> Result<Write<StoredUser>, StoreError> {
    let seen = user.rev;
    user.rev += 1;
    user.due = at.map(|at| Due::check(pk, at));
    users.put(&user, Some(seen)).await
}
