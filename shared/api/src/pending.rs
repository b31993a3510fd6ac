//! What requests could not finish: delivered once a minute by the function `deliver-pending`, and
//! listed by `make pending`.
//!
//! It starts no work in its last seconds, and works for a user one digest at a time, for several
//! users at once. One digest that fails never delays another. What was parked for a user who has
//! signed in is put back first (`put_back`); `dates` has guards become dates, and `measure` tells what is left.

mod dates;
mod list;
mod measure;
mod put_back;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use daybook_adapters::Ctx;
use daybook_core::digest::Window;
use daybook_core::time::Deadline;
use daybook_core::user::UserKey;
use daybook_store::StoreError;
use daybook_store::digest::DigestStore;
use daybook_store::gates::Gates;
use daybook_store::items::{Due, Head, Reason};
use daybook_store::keys::{DigestKey, DueKey};
use daybook_store::pending::due;
use futures_util::{StreamExt, stream};
use serde::Serialize;

pub(crate) use dates::postpone;
use dates::{digest_of, park};
pub use list::{Backlog, Waiting, list_pending};

use crate::app::{App, REPLY_WITHIN};
use crate::digest::{Attempt, Held, Holding};

/// With how much time left no more work is begun.
const LAST_START: Duration = Duration::from_secs(15);
/// For how many users work goes on at once.
const USERS_AT_ONCE: usize = 8;
/// How many rows of each shard of the index are looked at in one run.
const ROWS_PER_SHARD: i32 = 100;

/// What one run came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Digests that were attended to.
    pub attended: usize,
    /// Digests that still have something to do.
    pub waiting: usize,
    /// Digests that wait for a sign-in from now on.
    pub parked: usize,
    /// Digests at which the table or an adapter failed.
    pub failed: usize,
}

impl Report {
    fn add(&mut self, other: Self) {
        self.attended += other.attended;
        self.waiting += other.waiting;
        self.parked += other.parked;
        self.failed += other.failed;
    }

    fn fail(&mut self, error: &StoreError) {
        self.failed += 1;
        tracing::error!(error.kind = "store", error.detail = %error, "pending work failed");
    }
}

/// Does what is due, until shortly before `deadline`.
///
/// # Errors
/// [`StoreError`] where the index could not be read.
pub async fn deliver_pending(app: &App, deadline: Deadline) -> Result<Report, StoreError> {
    let now = app.clock.now().timestamp_millis();
    let rows = due(
        &app.table,
        app.clock.as_ref(),
        deadline,
        now,
        ROWS_PER_SHARD,
    )
    .await?;
    let mut report = Report::default();
    let mut work = BTreeSet::new();
    for row in rows {
        match row.key {
            DueKey::User(pk, sk) => match put_back::put_back(app, deadline, &pk, &sk).await {
                Ok(found) => work.extend(found),
                Err(error) => report.fail(&error),
            },
            DueKey::Head(..) | DueKey::Message(..) => {
                work.insert(row.key);
            }
        }
    }
    let mut by_user: BTreeMap<UserKey, BTreeMap<(String, Window), Work>> = BTreeMap::new();
    for key in work {
        if deadline.remaining(app.clock.now()) < LAST_START {
            break;
        }
        match digest_of(app, deadline, key).await {
            Ok(Some((key, head))) => {
                let place = (key.pk().to_owned(), head.window);
                let user = by_user.entry(head.opening.user_key()).or_default();
                user.insert(place, Work::of(key, &head));
            }
            Ok(None) => {}
            Err(error) => report.fail(&error),
        }
    }
    let reports = stream::iter(in_turn(by_user))
        .map(|digests| attend_all(app, deadline, digests))
        .buffer_unordered(USERS_AT_ONCE)
        .collect::<Vec<_>>()
        .await;
    for one in reports {
        report.add(one);
    }
    if report != Report::default() {
        tracing::info!(
            pending.attended = report.attended,
            pending.waiting = report.waiting,
            pending.parked = report.parked,
            pending.failed = report.failed,
            "{} digests were attended to; {} still wait",
            report.attended,
            report.waiting,
        );
    }
    if let Err(error) = measure::measure(app, deadline).await {
        report.fail(&error);
    }
    Ok(report)
}

/// A digest to attend to.
struct Work {
    key: DigestKey,
    window: Window,
    /// How often it has failed in turn, and since when it is due.
    turn: (u32, i64),
}

impl Work {
    fn of(key: DigestKey, head: &Head) -> Self {
        let since = head.claim.due.as_ref().map_or(0, Due::millis);
        Self {
            key,
            window: head.window,
            turn: (head.claim.attempts, since),
        }
    }
}

/// The digests of each user, those that failed less often first, so that one that always fails
/// keeps no other from being delivered; and the users, whose work is due longest first.
fn in_turn(by_user: BTreeMap<UserKey, BTreeMap<(String, Window), Work>>) -> Vec<Vec<Work>> {
    let mut users: Vec<Vec<_>> = by_user
        .into_values()
        .map(|digests| digests.into_values().collect())
        .collect();
    for digests in &mut users {
        digests.sort_by_key(|work| work.turn);
    }
    users.sort_by_key(|digests| digests.iter().map(|work| work.turn.1).min());
    users
}

/// Attends to the digests of one user, one after another.
async fn attend_all(app: &App, deadline: Deadline, digests: Vec<Work>) -> Report {
    let mut report = Report::default();
    for Work { key, window, .. } in digests {
        if deadline.remaining(app.clock.now()) < LAST_START {
            report.waiting += 1;
            continue;
        }
        let own = Deadline::at(app.clock.now() + REPLY_WITHIN);
        match attend(app, own, &key, window).await {
            Ok(Attended::Done) => report.attended += 1,
            Ok(Attended::Waits) => {
                report.attended += 1;
                report.waiting += 1;
            }
            Ok(Attended::Parked) => report.parked += 1,
            Err(error) => report.fail(&error),
        }
    }
    report
}

enum Attended {
    Done,
    Waits,
    Parked,
}

/// Attends to one digest, with the credentials that we hold; where the CRM refuses them, once
/// more with renewed ones.
async fn attend(
    app: &App,
    deadline: Deadline,
    key: &DigestKey,
    window: Window,
) -> Result<Attended, StoreError> {
    let store = store(app, key, deadline);
    let Some(mut head) = store.head(&window).await? else {
        return Ok(Attended::Done);
    };
    let user = head.opening.user_key();
    let mut holding = app.held.of(&user, deadline).await?;
    for is_last in [false, true] {
        let held = match holding {
            Holding::Ready(held) => held,
            Holding::Later { retry_at } => {
                postpone(&store, head, retry_at).await?;
                return Ok(Attended::Waits);
            }
            Holding::None => break,
        };
        let Some(left) = attend_with(app, &store, &held, head.clone()).await? else {
            return Ok(Attended::Done);
        };
        if left != Reason::Unauthorized {
            return Ok(Attended::Waits);
        }
        match store.head(&window).await? {
            Some(now) => head = now,
            None => return Ok(Attended::Done),
        }
        if is_last {
            break;
        }
        holding = app.held.renewed(&user, &held.auth, deadline).await?;
    }
    park(app, &store, head).await
}

/// Attends to one digest with these credentials. Says why something is left to do.
async fn attend_with(
    app: &App,
    store: &DigestStore<'_>,
    held: &Held,
    head: Head,
) -> Result<Option<Reason>, StoreError> {
    let opening = &head.opening;
    let Some(adapter) = app.registry.get(&opening.platform) else {
        return Ok(Some(Reason::Unauthorized));
    };
    let clock = app.clock.as_ref();
    let ctx = Ctx {
        user: &held.user,
        auth: &held.auth,
        http: &app.http,
        clock,
        deadline: store.deadline,
    };
    let gates = Gates::new(
        &app.table,
        clock,
        store.deadline,
        &opening.platform,
        &opening.tenant,
        &opening.user,
    );
    let closed = gates.read().await?;
    let engine = app.engine(adapter.as_ref(), store.deadline);
    let attempt = Attempt::new(engine, *store, ctx, gates, closed, true);
    attempt.attend(head).await
}

fn store<'a>(app: &'a App, key: &'a DigestKey, deadline: Deadline) -> DigestStore<'a> {
    DigestStore {
        table: &app.table,
        key,
        clock: app.clock.as_ref(),
        deadline,
    }
}
