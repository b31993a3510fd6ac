//! Users with conversations, to whom texts come in one after another, and what became of them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use daybook_core::ids::CrmUserId;
use daybook_core::params::MessageLogParams;
use daybook_core::time::Zone;

use crate::crm::{Call, CallFate};
use crate::model::{Judge, Strictness, Told};
use crate::schedule::{Conversation, Request, Schedule, Text};
use crate::world::{Made, World};

/// So many minutes.
pub(super) const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(60 * minutes)
}

/// The longest that a reply may take.
const REPLY_WITHIN: Duration = Duration::from_secs(12);

/// Users, each with the same number of conversations, and a world.
#[derive(Debug)]
pub(super) struct Town {
    pub(super) world: Arc<World>,
    schedule: Schedule,
    users: usize,
}

/// How long a text took.
#[derive(Debug, Clone)]
pub(super) struct Delay {
    /// Of which conversation.
    pub(super) conversation: usize,
    /// When it arrived.
    pub(super) arrived: Duration,
    /// When it stood in the CRM.
    pub(super) stands: Duration,
}

impl Town {
    /// Texts that arrive one every so often, by turns of all conversations.
    pub(super) fn of(users: usize, conversations: usize, texts: usize, every: Duration) -> Self {
        let mut schedule = Schedule::plain(&[]);
        schedule.conversations = (0..conversations)
            .map(|number| Conversation {
                id: 5_578_984_350_117_917_000 + u64::try_from(number).unwrap_or_default(),
                contact: format!("{}", 1_001 + number),
                texts: Vec::new(),
            })
            .collect();
        for text in 0..texts {
            let at = every * u32::try_from(text).unwrap_or_default();
            // No conversation has its texts at the same distance.
            let conversation = (text * 7 + text / conversations) % conversations;
            let texts = &mut schedule.conversations[conversation].texts;
            schedule.requests.push(Request {
                at,
                conversation,
                texts: vec![texts.len()],
                interrupts: Vec::new(),
                skew: TimeDelta::zero(),
                brings: false,
            });
            texts.push(Text {
                id: id(text),
                at: schedule.base + TimeDelta::from_std(at).unwrap_or_default(),
                outbound: text % 3 == 0,
                said: said(text),
            });
        }
        Self {
            world: World::new(&Made {
                traces: false,
                ..Made::calm()
            }),
            schedule,
            users,
        }
    }

    /// The contact of a conversation.
    pub(super) fn contact(&self, conversation: usize) -> String {
        self.schedule.conversations[conversation].contact.clone()
    }

    /// The user of a conversation.
    pub(super) fn user(&self, conversation: usize) -> String {
        format!("{}-simCRM", 1 + conversation % self.users)
    }

    /// The conversation of a text.
    pub(super) fn conversation_of(&self, text: usize) -> usize {
        self.schedule.requests[text].conversation
    }

    /// Lets everything arrive, with a run of the scheduled function every minute. A slow run does
    /// not keep the next one from starting.
    pub(super) async fn live(&self, minutes_long: u64) {
        let arrivals = (0..self.schedule.requests.len()).map(|request| self.arrive(request));
        let runs = (1..=minutes_long).map(|minute| async move {
            self.world.time.until(minutes(minute)).await;
            let worker = self.world.worker(Vec::new(), TimeDelta::zero());
            self.world.tick(&worker, TimeDelta::zero()).await;
        });
        futures_util::join!(
            futures_util::future::join_all(arrivals),
            futures_util::future::join_all(runs)
        );
    }

    fn params(&self, request: &Request) -> MessageLogParams {
        let mut params = self.schedule.params(request.conversation, &request.texts);
        let user = self.user(request.conversation);
        params.user.id = CrmUserId::parse(&user).expect("an id");
        params
    }

    async fn arrive(&self, number: usize) {
        let at = self.schedule.requests[number].at;
        self.world.time.until(at).await;
        self.send(number).await;
    }

    /// Sends a text: the reply comes in time, says that it is logged or kept, and says logged only
    /// where it stands. Says whether it does.
    async fn send(&self, number: usize) -> bool {
        let begun = self.world.time.gone();
        let params = self.params(&self.schedule.requests[number]);
        let worker = self.world.worker(Vec::new(), TimeDelta::zero());
        let reply = self
            .world
            .request(&params, &worker, TimeDelta::zero())
            .await;
        let took = self.world.time.gone() - begun;
        assert!(
            took <= REPLY_WITHIN,
            "the reply to text {number} took {took:?}"
        );
        let accepted = reply.accepted(&params).len();
        assert_eq!(
            accepted, 1,
            "text {number} is neither logged nor kept: {reply:?}"
        );
        let is_logged = !reply.logged(&params).is_empty();
        let said = said(number);
        let activities = self.world.crm.activities();
        let stands = activities
            .iter()
            .any(|activity| activity.body().contains(&said));
        assert!(
            stands || !is_logged,
            "text {number} is not logged: {reply:?}"
        );
        is_logged
    }

    /// Sends a text again, and has it stand there then.
    pub(super) async fn repeat(&self, number: usize) {
        assert!(
            self.send(number).await,
            "text {number} is not logged by a repeat"
        );
    }

    /// When each text that stands in the CRM came to stand there, in the order of arrival.
    pub(super) fn delays(&self) -> Vec<Delay> {
        let log = self.world.crm.log();
        let done = |call: &&Call| call.fate == CallFate::Fine && call.is_write();
        let writes: Vec<_> = log.iter().filter(done).collect();
        let of_request = |(number, request): (usize, &Request)| {
            let said = said(number);
            let first = writes
                .iter()
                .find(|call| call.body.as_ref().is_some_and(|body| body.contains(&said)))?;
            Some(Delay {
                conversation: request.conversation,
                arrived: request.at,
                stands: first.to?,
            })
        };
        let requests = self.schedule.requests.iter().enumerate();
        requests.filter_map(of_request).collect()
    }

    /// That all texts but some stand, each once and in order, in one activity for each day of a
    /// conversation, now and after the last thing that is due.
    pub(super) async fn assert_whole(&self, but: &[usize]) {
        let mut wrong = self.wrong(but);
        if !self.world.settle().await {
            wrong.push("something is due for ever".to_owned());
        }
        wrong.extend(self.wrong(but));
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    fn wrong(&self, but: &[usize]) -> Vec<String> {
        let judge = Judge::of(&self.schedule);
        let activities = self.world.crm.activities();
        let texts = (0..self.schedule.requests.len()).filter(|text| !but.contains(text));
        let must: BTreeSet<u64> = texts.map(id).collect();
        let mut wrong = judge.judge(&activities, &must, &Told::default(), Strictness::AtLast);
        wrong.extend(self.world.crm.violations());
        let zone = Zone::from_name(self.schedule.zone).expect("a zone");
        let days: BTreeSet<_> = (self.schedule.requests.iter())
            .map(|request| {
                let texts = &self.schedule.conversations[request.conversation].texts;
                (request.conversation, zone.day(texts[request.texts[0]].at))
            })
            .collect();
        if activities.len() != days.len() {
            wrong.push(format!("{} activities were made", activities.len()));
        }
        wrong
    }
}

/// What the text of a number says. None is a part of another.
pub(super) fn said(text: usize) -> String {
    format!("text number {text:04}")
}

fn id(text: usize) -> u64 {
    60_000_000_000 + u64::try_from(text).unwrap_or_default()
}
