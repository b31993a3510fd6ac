//! One schedule's world: time, table, CRM, and workers that run the engine in it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_config::{BehaviorVersion, SdkConfig};
use chrono::{DateTime, TimeDelta, Utc};
use daybook_adapters::http::Http;
use daybook_adapters::registry::Registry;
use daybook_api::app::{App, Random};
use daybook_api::config::Limits;
use daybook_api::digest::Outcome;
use daybook_api::engine::{Caller, Credentials, Engine, HeldCredentials, Holding};
use daybook_api::hashes::Hashes;
use daybook_api::pending::{Backlog, deliver_pending, list_pending};
use daybook_api::session::{SessionConfig, Sessions};
use daybook_api::users::{AllowedTenants, Users};
use daybook_core::config::Vars;
use daybook_core::ids::MessageId;
use daybook_core::params::MessageLogParams;
use daybook_core::time::Zone;
use daybook_core::time::{Clock, Deadline};
use daybook_store::StoreError;
use daybook_store::Table;
use daybook_store::gates::{Gates, Scope};
use daybook_store::items::Reason;
use daybook_store::sealing::{Sealer, SealingConfig};
use secrecy::SecretString;

use crate::account::{Account, user_key};
use crate::clock::Time;
use crate::crm::{CrmFaults, Kind, SimCrm};
use crate::table::{Faults, SimTable};
use crate::trace::Trace;
use crate::worker::{Interrupt, Worker};

/// How a world is made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Made {
    pub(crate) seed: u64,
    pub(crate) base: DateTime<Utc>,
    pub(crate) kind: Kind,
    pub(crate) crm: CrmFaults,
    pub(crate) table: Faults,
    /// Whether we hold the user's credentials.
    pub(crate) held: bool,
    /// Whether the table adds up what requests consume.
    pub(crate) measures: bool,
    pub(crate) traces: bool,
}

impl Made {
    /// A world in which nothing goes wrong.
    pub(crate) fn calm() -> Self {
        Self {
            seed: 1,
            base: "2026-03-07T17:40:00Z".parse().expect("a time"),
            kind: Kind::PLAIN,
            crm: CrmFaults::NONE,
            table: Faults::NONE,
            held: true,
            measures: false,
            traces: true,
        }
    }
}

/// Time, table, CRM, and what the engine takes besides.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) time: Time,
    pub(crate) trace: Trace,
    pub(crate) table: Arc<SimTable>,
    pub(crate) crm: Arc<SimCrm>,
    /// The longest that a write may be late, with the sleep of its worker.
    longest_late: Duration,
    pub(crate) account: Arc<Account>,
    http: Arc<Http>,
    limits: Limits,
    random: Chance,
    workers: AtomicUsize,
}

/// The engine's source of chance.
#[derive(Clone)]
struct Chance(Random);

impl std::fmt::Debug for Chance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Chance")
    }
}

/// How a worker's request ended.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// With an answer.
    Answered(Outcome),
    /// With an error of the table: nothing is promised.
    Failed,
    /// Not at all: the worker died.
    Died,
}

impl Reply {
    /// The messages of `params` of which the reply says that they stand in the CRM.
    pub(crate) fn logged(&self, params: &MessageLogParams) -> BTreeSet<MessageId> {
        let Self::Answered(outcome) = self else {
            return BTreeSet::new();
        };
        let not: BTreeSet<_> = [&outcome.kept, &outcome.waiting, &outcome.refused]
            .into_iter()
            .flatten()
            .collect();
        let ids = params.messages.iter().map(|message| &message.id);
        ids.filter(|id| !not.contains(id)).cloned().collect()
    }

    /// Those that we have promised to deliver.
    pub(crate) fn accepted(&self, params: &MessageLogParams) -> BTreeSet<MessageId> {
        let mut accepted = self.logged(params);
        if let Self::Answered(outcome) = self {
            accepted.extend(outcome.kept.iter().cloned());
        }
        accepted
    }
}

impl World {
    /// A new world. Within a runtime whose clock is paused.
    pub(crate) fn new(made: &Made) -> Arc<Self> {
        // The SDK draws the pauses between its tries from here.
        fastrand::seed(made.seed);
        let time = Time::starting_at(made.base);
        let trace = Trace::new(time, made.traces);
        let random = Mutex::new(fastrand::Rng::with_seed(made.seed ^ 0xc4a2ce));
        let crm = SimCrm::new(made.seed, time, &trace, made.kind, made.crm);
        Arc::new(Self {
            time,
            table: SimTable::new(made.seed, time, &trace, made.table, made.measures),
            account: Account::new(&crm, time, made.held),
            crm,
            trace,
            longest_late: made.crm.longest_late,
            http: Arc::default(),
            limits: Limits::default(),
            random: Chance(Arc::new(move || {
                random.lock().expect("nothing panics with it").u64(..)
            })),
            workers: AtomicUsize::new(0),
        })
    }

    /// The next worker.
    pub(crate) fn worker(&self, interrupts: Vec<Interrupt>, skew: TimeDelta) -> Arc<Worker> {
        let number = self.workers.fetch_add(1, Ordering::Relaxed);
        let astray = skew.abs() > TimeDelta::milliseconds(1_500);
        Worker::new(number, interrupts, &self.trace, astray, self.longest_late)
    }

    /// What a process of the worker is built with.
    fn app(&self, worker: &Arc<Worker>, skew: TimeDelta) -> App {
        let clock: Arc<dyn Clock> = Arc::new(self.time.clock(skew));
        let key = |_: &str| Some("-".repeat(32));
        let keys = Vars::new(&key);
        let session = SessionConfig {
            key: SecretString::from("-".repeat(32)),
            old_key: None,
            life: TimeDelta::days(14),
        };
        let table = self.table.of(worker, clock.clone());
        let users = Users {
            registry: Registry::of(vec![Arc::new(self.crm.of(worker))]),
            sealer: sealer(&table),
            table,
            http: self.http.clone(),
            clock,
            random: self.random.0.clone(),
            allowed: AllowedTenants::default(),
        };
        App {
            server_url: None,
            registry: users.registry.clone(),
            table: users.table.clone(),
            http: users.http.clone(),
            clock: users.clock.clone(),
            random: users.random.clone(),
            limits: self.limits.clone(),
            held: self.account.clone(),
            sessions: Sessions::new(&session),
            hashes: Hashes::from_vars(&keys).expect("a key that is long enough"),
            users,
        }
    }

    /// One request, by a worker whose clock is off by `skew`, with the credentials that we hold if
    /// we hold any.
    pub(crate) async fn request(
        &self,
        params: &MessageLogParams,
        worker: &Arc<Worker>,
        skew: TimeDelta,
    ) -> Reply {
        let brings = !self.account.signed_in_ever();
        self.request_that(brings, params, worker, skew).await
    }

    /// One request, which `brings` credentials of its own or relies on those that we hold.
    pub(crate) async fn request_that(
        &self,
        brings: bool,
        params: &MessageLogParams,
        worker: &Arc<Worker>,
        skew: TimeDelta,
    ) -> Reply {
        let number = worker.number;
        self.trace.say(|| {
            let ids = params.messages.iter().map(|message| message.id.to_string());
            format!(
                "w{number} request for {}",
                ids.collect::<Vec<_>>().join(" ")
            )
        });
        let app = self.app(worker, skew);
        let door = self.crm.of(worker);
        let engine = app.engine(&door, app.deadline());
        let answered = async {
            match brings {
                true => {
                    let auth = params.auth.as_ref().expect("a caller brings them");
                    let own = Credentials::Brought(auth);
                    engine.deliver(params, &caller(params, own)).await
                }
                false => self.with_ours(&engine, params).await,
            }
        };
        let reply = match worker.live(Box::pin(answered)).await {
            Some(Ok(outcome)) => Reply::Answered(outcome),
            Some(Err(error)) => {
                self.trace.say(|| format!("w{number}: {error}"));
                Reply::Failed
            }
            None => Reply::Died,
        };
        self.trace.say(|| format!("w{number} reply {reply:?}"));
        reply
    }

    /// Delivers with the credentials that we hold; once more where the CRM refused them and
    /// others are there.
    async fn with_ours(
        &self,
        engine: &Engine<'_>,
        params: &MessageLogParams,
    ) -> Result<Outcome, StoreError> {
        let key = user_key();
        let deliver = async |holding: &Holding| {
            let credentials = match holding {
                Holding::Ready(held) => Credentials::Held(&held.auth),
                Holding::Later { retry_at } => Credentials::Later {
                    retry_at: *retry_at,
                },
                Holding::None => Credentials::Dead,
            };
            engine.deliver(params, &caller(params, credentials)).await
        };
        let holding = self.account.of(&key, engine.deadline).await?;
        let first = deliver(&holding).await?;
        match holding {
            Holding::Ready(held) if first.reason == Some(Reason::Unauthorized) => {
                let renewed = self.account.renewed(&key, &held.auth, engine.deadline);
                Ok(first.then(deliver(&renewed.await?).await?))
            }
            Holding::Ready(_) | Holding::Later { .. } | Holding::None => Ok(first),
        }
    }

    /// The user signs in, however often it takes.
    pub(crate) async fn sign_in(&self) {
        self.trace.say(|| "the user signs in".to_owned());
        let worker = self.worker(Vec::new(), TimeDelta::zero());
        loop {
            let clock: Arc<dyn Clock> = Arc::new(self.time.clock(TimeDelta::zero()));
            let table = self.table.of(&worker, clock.clone());
            if self.account.sign_in(&table, clock.as_ref()).await {
                return;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }

    /// Has nobody call the CRM for the user for a while.
    pub(crate) async fn close_gate(&self, time: TimeDelta) {
        let worker = self.worker(Vec::new(), TimeDelta::zero());
        let clock: Arc<dyn Clock> = Arc::new(self.time.clock(TimeDelta::zero()));
        let table = self.table.of(&worker, clock.clone());
        let (key, now) = (user_key(), clock.now());
        let deadline = Deadline::at(now + TimeDelta::seconds(12));
        let (platform, tenant, user) = (&key.platform, &key.tenant, &key.id);
        let gates = Gates::new(&table, clock.as_ref(), deadline, platform, tenant, user);
        let until = (now + time).timestamp_millis();
        let closed = gates.close(Scope::User, until, Reason::Unavailable, "a digest");
        let _ = closed.await.expect("the table answers");
    }

    /// One run of the scheduled function, unless the index is empty or nothing in it is due.
    pub(crate) async fn tick(&self, worker: &Arc<Worker>, skew: TimeDelta) {
        let clock = self.time.clock(skew);
        if self
            .table
            .next_due()
            .is_none_or(|at| at > clock.now().timestamp_millis())
        {
            return;
        }
        let number = worker.number;
        self.trace.say(|| format!("w{number} deliver-pending"));
        let app = self.app(worker, skew);
        let deadline = Deadline::at(app.clock.now() + TimeDelta::seconds(58));
        let report = worker.live(Box::pin(deliver_pending(&app, deadline))).await;
        self.trace
            .say(|| format!("w{number} deliver-pending done: {report:?}"));
    }

    /// What waits, as `make pending` shows it.
    pub(crate) async fn list(&self) -> Backlog {
        let worker = self.worker(Vec::new(), TimeDelta::zero());
        let app = self.app(&worker, TimeDelta::zero());
        let list = list_pending(&app, app.deadline()).await;
        list.expect("the table answers")
    }

    /// Ticks once a virtual minute, `minutes` times.
    pub(crate) async fn minutes(&self, minutes: usize) {
        for _ in 0..minutes {
            tokio::time::sleep(Duration::from_secs(60)).await;
            self.tick(
                &self.worker(Vec::new(), TimeDelta::zero()),
                TimeDelta::zero(),
            )
            .await;
        }
    }

    /// Ticks whenever something is due, until nothing is any more. `false` where that does not
    /// come about.
    pub(crate) async fn settle(&self) -> bool {
        for _ in 0..80 {
            let Some(at) = self.table.next_due() else {
                return true;
            };
            let wait = at - self.time.now().timestamp_millis();
            let wait = u64::try_from(wait).unwrap_or_default().max(60_000) + 100;
            tokio::time::sleep(Duration::from_millis(wait)).await;
            self.tick(
                &self.worker(Vec::new(), TimeDelta::zero()),
                TimeDelta::zero(),
            )
            .await;
        }
        false
    }
}

/// Nothing is sealed here: the account below says what is held.
fn sealer(table: &Table) -> Sealer {
    let sdk = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .build();
    let key = |name: &str| (name == "SEALING_KEYS").then(|| format!("{}=", "A".repeat(43)));
    let config = SealingConfig::from_vars(&Vars::new(&key)).expect("a key of the right length");
    Sealer::new(&config, &sdk, table)
}

fn caller<'a>(params: &'a MessageLogParams, credentials: Credentials<'a>) -> Caller<'a> {
    Caller {
        tenant: user_key().tenant,
        user: &params.user,
        zone: params.zone.unwrap_or(Zone::UTC),
        credentials,
    }
}
