//! What requests could not finish: delivered once a minute by the function `deliver-pending`, and
//! listed by `make pending`.
//!
//! It starts no work in its last seconds, and works for a user one log at a time, for several
//! users at once. One log that fails never delays another. What was parked for a user who has
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
use daybook_store::calls::CallStore;
use daybook_store::digest::DigestStore;
use daybook_store::gates::Gates;
use daybook_store::items::{Claimed, Due, Reason};
use daybook_store::keys::{CallKey, DigestKey, DueKey};
use daybook_store::pending::due;
use futures_util::{StreamExt, stream};
use serde::Serialize;

use dates::park;
pub(crate) use dates::postpone;
pub use list::{Backlog, Waiting, list_pending};

use crate::app::{App, REPLY_WITHIN};
use crate::call::CallWork;
use crate::digest::DigestLog;
use crate::engine::{Attempt, Engine, Held, Holding, Log};

/// With how much time left no more work is begun.
const LAST_START: Duration = Duration::from_secs(15);
/// For how many users work goes on at once.
const USERS_AT_ONCE: usize = 8;
/// How many rows of each shard of the index are looked at in one run.
const ROWS_PER_SHARD: i32 = 100;

/// What one run came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Logs that were attended to.
    pub attended: usize,
    /// Logs that still have something to do.
    pub waiting: usize,
    /// Logs that wait for a sign-in from now on.
    pub parked: usize,
    /// Logs at which the table or an adapter failed.
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
            DueKey::Head(..)
            | DueKey::Message(..)
            | DueKey::CallLink(..)
            | DueKey::CallChange(..) => {
                work.insert(row.key);
            }
        }
    }
    let mut by_user: BTreeMap<UserKey, BTreeMap<Place, Work>> = BTreeMap::new();
    for key in work {
        if deadline.remaining(app.clock.now()) < LAST_START {
            break;
        }
        match dates::work_of(app, deadline, key).await {
            Ok(Some(work)) => {
                let user = by_user.entry(work.user.clone()).or_default();
                user.insert(work.place.clone(), work);
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
            "{} logs were attended to; {} still wait",
            report.attended,
            report.waiting,
        );
    }
    if let Err(error) = measure::measure(app, deadline).await {
        report.fail(&error);
    }
    Ok(report)
}

/// Which log is attended to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Digest(DigestKey, Window),
    Call(CallKey, String),
}

/// A log to attend to.
struct Work {
    place: Place,
    user: UserKey,
    /// How often it has failed in turn, and since when it is due.
    turn: (u32, i64),
}

impl Work {
    fn of<T: Claimed>(place: Place, item: &T) -> Self {
        let claim = item.claim();
        let since = claim.due.as_ref().map_or(0, Due::millis);
        Self {
            place,
            user: item.user_key(),
            turn: (claim.attempts, since),
        }
    }
}

/// The digests of each user, those that failed less often first, so that one that always fails
/// keeps no other from being delivered; and the users, whose work is due longest first.
fn in_turn(by_user: BTreeMap<UserKey, BTreeMap<Place, Work>>) -> Vec<Vec<Work>> {
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

/// Attends to the logs of one user, one after another.
async fn attend_all(app: &App, deadline: Deadline, logs: Vec<Work>) -> Report {
    let mut report = Report::default();
    for Work { place, .. } in logs {
        if deadline.remaining(app.clock.now()) < LAST_START {
            report.waiting += 1;
            continue;
        }
        let own = Deadline::at(app.clock.now() + REPLY_WITHIN);
        match attend(app, own, place).await {
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

/// Attends to one log.
async fn attend(app: &App, deadline: Deadline, place: Place) -> Result<Attended, StoreError> {
    match place {
        Place::Digest(key, window) => {
            let store = store(app, &key, deadline);
            let Some(head) = store.head(&window).await? else {
                return Ok(Attended::Done);
            };
            match engine(app, deadline, &head) {
                Some(engine) => {
                    let log = DigestLog::new(engine, store, window, &[]);
                    attend_to(app, &engine, &log, head).await
                }
                None => park(&store.claims(), head.clone(), &head.user_key()).await,
            }
        }
        Place::Call(key, part) => {
            let store = call_store(app, &key, deadline);
            let Some(link) = store.link(&part).await? else {
                return Ok(Attended::Done);
            };
            match engine(app, deadline, &link) {
                Some(engine) => {
                    let log = CallWork::new(engine, store, part, None);
                    attend_to(app, &engine, &log, link).await
                }
                None => park(&store.claims(), link.clone(), &link.user_key()).await,
            }
        }
    }
}

/// What a log is attended to with; `None` where its CRM is not on offer any more.
fn engine<'a, T: Claimed>(app: &'a App, deadline: Deadline, item: &T) -> Option<Engine<'a>> {
    let adapter = app.registry.get(&item.user_key().platform)?;
    Some(app.engine(adapter.as_ref(), deadline))
}

/// Attends to one log with the credentials that we hold; where the CRM refuses them, once more
/// with renewed ones.
async fn attend_to<L: Log>(
    app: &App,
    engine: &Engine<'_>,
    log: &L,
    item: L::Item,
) -> Result<Attended, StoreError> {
    let mut item = item;
    let user = item.user_key();
    let mut holding = app.held.of(&user, engine.deadline).await?;
    for is_last in [false, true] {
        let held = match holding {
            Holding::Ready(held) => held,
            Holding::Later { retry_at } => {
                postpone(&log.claims(), item, retry_at).await?;
                return Ok(Attended::Waits);
            }
            Holding::None => break,
        };
        let left = attend_with(engine, &user, &held, log, item.clone()).await?;
        match left {
            None => return Ok(Attended::Done),
            Some(Reason::Unauthorized) => {}
            Some(_) => return Ok(Attended::Waits),
        }
        match log.claims().read(log.sk()).await? {
            Some(now) => item = now,
            None => return Ok(Attended::Done),
        }
        if is_last {
            break;
        }
        holding = app.held.renewed(&user, &held.auth, engine.deadline).await?;
    }
    park(&log.claims(), item, &user).await
}

/// Attends to one log with these credentials. Says why something is left to do.
async fn attend_with<L: Log>(
    engine: &Engine<'_>,
    user: &UserKey,
    held: &Held,
    log: &L,
    item: L::Item,
) -> Result<Option<Reason>, StoreError> {
    let (table, clock, deadline) = (engine.table, engine.clock, engine.deadline);
    let ctx = Ctx {
        user: &held.user,
        auth: &held.auth,
        http: engine.http,
        cache: engine.table,
        clock,
        deadline,
    };
    let (platform, tenant) = (&user.platform, &user.tenant);
    let gates = Gates::new(table, clock, deadline, platform, tenant, &user.id);
    let closed = gates.read().await?;
    let attempt = Attempt::new(*engine, ctx, gates, closed, true);
    attempt.attend(log, item).await
}

fn store<'a>(app: &'a App, key: &'a DigestKey, deadline: Deadline) -> DigestStore<'a> {
    DigestStore {
        table: &app.table,
        key,
        clock: app.clock.as_ref(),
        deadline,
    }
}

fn call_store<'a>(app: &'a App, key: &'a CallKey, deadline: Deadline) -> CallStore<'a> {
    CallStore {
        table: &app.table,
        key,
        clock: app.clock.as_ref(),
        deadline,
    }
}
