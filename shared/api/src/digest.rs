//! The way of messages into their digests: the only place that orders the table and the CRM.
//!
//! [`Engine::deliver`] reads what is known, accepts what is new (`accept`), and has each window
//! attended to (`attempt`): by taking its lease (`lease`) and writing (`holder`), or by waiting for
//! who has it. What the CRM refused or left open becomes a release (`failure`, `ending`); second
//! activities and lost ones are mended in `repair`, notes that the CRM cuts in `cut`. Time, table,
//! CRM and chance come in from outside, so that the same engine runs in simulation. docs/protocol.md says what holds and why.

mod accept;
mod attempt;
mod attend;
mod caller;
mod checks;
mod cut;
mod ending;
mod failure;
mod holder;
mod lease;
mod outcome;
mod pieces;
mod repair;
mod waiting;

use std::collections::BTreeMap;
use std::fmt;

use chrono::TimeDelta;
use daybook_adapters::http::Http;
use daybook_adapters::{CrmAdapter, Ctx};
use daybook_core::digest::{Entry, Fingerprint, Window};
use daybook_core::message::Message;
use daybook_core::params::MessageLogParams;
use daybook_core::time::{Clock, Deadline};
use daybook_store::digest::DigestStore;
use daybook_store::gates::Gates;
use daybook_store::items::{Head, Reason, RollingIndex, StoredMessage};
use daybook_store::keys::DigestKey;
use daybook_store::{StoreError, Table};

use accept::Incoming;
pub(crate) use attempt::{Attempt, Left};
pub use caller::{Caller, Credentials, Held, HeldCredentials, Holding};
pub(crate) use lease::new_head;
pub use outcome::Outcome;
pub(crate) use pieces::stands;

use crate::app::Random;
use crate::config::{DigestWindow, Limits};

/// How many messages a head holds; further ones go into the next volume of its window.
const MOST_MESSAGES: usize = 5_000;
/// How many writes of messages go out at once.
const AT_ONCE: usize = 16;

/// What messages are delivered with, within one request.
#[derive(Clone, Copy)]
pub struct Engine<'a> {
    /// The CRM.
    pub adapter: &'a dyn CrmAdapter,
    /// The way to it.
    pub http: &'a Http,
    /// The table.
    pub table: &'a Table,
    /// The source of the present time.
    pub clock: &'a dyn Clock,
    /// The source of chance.
    pub random: &'a Random,
    /// How long things may take.
    pub limits: &'a Limits,
    /// When the request must have been answered.
    pub deadline: Deadline,
}

impl fmt::Debug for Engine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").finish_non_exhaustive()
    }
}

impl<'a> Engine<'a> {
    /// Brings the messages that are new into their digests, window by window, oldest first.
    ///
    /// # Errors
    /// [`StoreError`], where the table failed. Sending the messages again is safe.
    pub async fn deliver(
        &self,
        params: &MessageLogParams,
        caller: &Caller<'_>,
    ) -> Result<Outcome, StoreError> {
        let sorted = "a request has messages, sorted: its parameters were parsed";
        let first = params.messages.first().expect(sorted);
        let last = params.messages.last().expect(sorted);
        let key = DigestKey::new(
            self.adapter.profile().id,
            &caller.tenant,
            &caller.user.id,
            &first.conversation,
            &params.contact.id,
        );
        let store = self.store(&key);
        let (heads, index) = self.read(&store, first, last).await?;
        let mut outcome = Outcome::default();
        let fresh = self.sort_out(params, &heads, &mut outcome);
        if fresh.is_empty() {
            return Ok(outcome);
        }
        let request = Incoming { params, caller };
        let placed = self.place(&store, &request, &fresh, &heads, index).await?;
        let auth = match caller.credentials.auth() {
            Ok(auth) => auth,
            Err(why) => {
                let accepted = self.accept(&store, &request, placed).await?;
                for (window, messages) in by_window(accepted) {
                    let left = self.left_alone(why, &heads, &window);
                    self.guard_again(&store, &request, &left, &messages).await?;
                    self.tell(true, &left, &messages, &mut outcome);
                }
                return Ok(outcome);
            }
        };
        let (platform, user) = (self.adapter.profile().id, &caller.user.id);
        let gates = Gates::new(
            self.table,
            self.clock,
            self.deadline,
            platform,
            &caller.tenant,
            user,
        );
        let (accepted, closed) =
            futures_util::try_join!(self.accept(&store, &request, placed), gates.read())?;
        let ctx = Ctx {
            user: caller.user,
            auth,
            http: self.http,
            clock: self.clock,
            deadline: self.deadline,
        };
        let keeps = caller.credentials.keep();
        let attempt = Attempt::new(*self, store, ctx, gates, closed, keeps);
        for (window, messages) in by_window(accepted) {
            let head = heads.iter().find(|head| head.window == window).cloned();
            let left = attempt.bring(window, &messages, head).await?;
            self.guard_again(&store, &request, &left, &messages).await?;
            self.tell(keeps, &left, &messages, &mut outcome);
        }
        Ok(outcome)
    }

    /// A window for which the CRM cannot be called.
    fn left_alone(
        &self,
        (reason, retry_at): (Reason, Option<i64>),
        heads: &[Head],
        window: &Window,
    ) -> Left {
        Left {
            head: heads.iter().find(|head| head.window == *window).cloned(),
            reason: Some(reason),
            retry_at,
            made_anew: false,
        }
    }

    pub(crate) fn store<'k>(&self, key: &'k DigestKey) -> DigestStore<'k>
    where
        'a: 'k,
    {
        DigestStore {
            table: self.table,
            key,
            clock: self.clock,
            deadline: self.deadline,
        }
    }

    pub(crate) fn millis(&self) -> i64 {
        self.clock.now().timestamp_millis()
    }

    /// The heads among which the messages' own are, and the index of rolling windows.
    async fn read(
        &self,
        store: &DigestStore<'_>,
        first: &Message,
        last: &Message,
    ) -> Result<(Vec<Head>, Option<RollingIndex>), StoreError> {
        match self.limits.window {
            DigestWindow::Day => {
                let day = TimeDelta::days(1);
                let (from, to) = (first.at - day, last.at + day);
                let heads = store.heads(from.date_naive(), to.date_naive()).await?;
                Ok((heads, None))
            }
            DigestWindow::Rolling24h => store.rolling_heads(first.at - TimeDelta::hours(25)).await,
        }
    }

    /// The messages that are neither in a ledger nor refused for now.
    fn sort_out<'m>(
        &self,
        params: &'m MessageLogParams,
        heads: &[Head],
        outcome: &mut Outcome,
    ) -> Vec<&'m Message> {
        let now = self.millis();
        let mut fresh = Vec::new();
        for message in &params.messages {
            let entry = Entry::of(message);
            let print = Fingerprint::of(&message.id);
            if let Some(head) = heads.iter().find(|head| self.stands(head, &entry)) {
                outcome.name(message.at, head.log_id());
            } else if let Some((head, refused)) = heads
                .iter()
                .find_map(|head| Some((head, head.refusal(&print, now)?)))
            {
                outcome.name(message.at, head.log_id());
                outcome.refused.push(message.id.clone());
                outcome.reason = Some(Reason::Refused);
                outcome.retry_at = Some(refused.retry_at);
            } else {
                fresh.push(message);
            }
        }
        fresh
    }
}

fn by_window(messages: Vec<StoredMessage>) -> BTreeMap<Window, Vec<StoredMessage>> {
    let mut windows: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for message in messages {
        windows.entry(message.window).or_default().push(message);
    }
    windows
}
