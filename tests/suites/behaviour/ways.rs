//! Every interface about logs, asked one after the other: what all of them must say alike.

use std::fmt::Debug;

use daybook_adapters::{AdapterError, CallLog, CallLogChanges, Ctx};
use daybook_core::ids::LogId;
use daybook_tests::adapters::Fixture;
use serde_json::{Map, Value};

use crate::body::{digest, note};
use crate::{call, created, mark};

/// What each of some interfaces said; `None` where it did what it was asked.
#[derive(Debug, Default)]
pub(crate) struct Said(Vec<(&'static str, Option<AdapterError>)>);

impl Said {
    fn add<T>(&mut self, way: &'static str, answer: Result<T, AdapterError>) {
        self.0.push((way, answer.err()));
    }

    /// Checks that each of them said `expected`, and that no request was sent but one by each.
    pub(crate) fn is(&self, expected: &AdapterError, fixture: &Fixture, when: &dyn Debug) {
        self.say(expected, when);
        let sent = fixture.crm().journal().len();
        assert_eq!(sent, self.0.len(), "{when:?}: each is sent once");
        fixture.crm().clear_journal();
    }

    /// Checks that each of them said `expected`.
    pub(crate) fn say(&self, expected: &AdapterError, when: &dyn Debug) {
        for (way, said) in &self.0 {
            assert_eq!(said.as_ref(), Some(expected), "{when:?}: {way}");
        }
    }
}

/// A log of each kind.
#[derive(Debug)]
pub(crate) struct Logs {
    pub(crate) message: LogId,
    pub(crate) call: LogId,
}

impl Logs {
    /// New ones.
    pub(crate) async fn of(fixture: &Fixture) -> Self {
        Self {
            message: created(fixture).await.id,
            call: call(fixture).await.id,
        }
    }

    /// Those with an id, of which it does not matter whether they are there.
    pub(crate) fn with(id: &LogId) -> Self {
        Self {
            message: id.clone(),
            call: id.clone(),
        }
    }
}

/// What reads a log.
pub(crate) async fn reads(fixture: &Fixture, ctx: &Ctx<'_>, logs: &Logs) -> Said {
    let (adapter, mut said) = (&fixture.adapter, Said::default());
    let message = adapter.get_message_log(ctx, &logs.message).await;
    said.add("get_message_log", message);
    said.add("get_call_log", adapter.get_call_log(ctx, &logs.call).await);
    said
}

/// What searches for logs.
pub(crate) async fn searches(fixture: &Fixture, ctx: &Ctx<'_>) -> Said {
    let (adapter, mut said) = (&fixture.adapter, Said::default());
    let (contact, mark) = (fixture.contact(), mark());
    let messages = adapter.find_message_logs_by_mark(ctx, contact, &mark).await;
    said.add("find_message_logs_by_mark", messages);
    let calls = adapter.find_call_logs_by_mark(ctx, contact, &mark).await;
    said.add("find_call_logs_by_mark", calls);
    said
}

/// What makes a log.
pub(crate) async fn creates(fixture: &Fixture, ctx: &Ctx<'_>) -> Said {
    let (adapter, mut said) = (&fixture.adapter, Said::default());
    let (body, mark) = (digest(fixture, "second", &mark()), mark());
    let message = fixture.new_log(&body, &mark);
    let made = adapter.create_message_log(ctx, &message).await;
    said.add("create_message_log", made);
    let body = note(fixture, "second", &mark);
    let call = fixture.new_call_log(&body, &mark);
    let made = adapter.create_call_log(ctx, &call).await;
    said.add("create_call_log", made);
    said
}

/// What changes a log.
pub(crate) async fn updates(fixture: &Fixture, ctx: &Ctx<'_>, logs: &Logs) -> Said {
    let (adapter, mut said) = (&fixture.adapter, Said::default());
    let message = adapter.update_message_log(ctx, &logs.message, "x").await;
    said.add("update_message_log", message);
    let changes = CallLogChanges {
        body: Some("x"),
        ..fixture.no_changes()
    };
    let call = adapter.update_call_log(ctx, &logs.call, &changes).await;
    said.add("update_call_log", call);
    let chosen = chosen(fixture, &[(0, 0)]);
    let read = as_read(&logs.call);
    let set = adapter.upsert_call_disposition(ctx, &read, &chosen).await;
    said.add("upsert_call_disposition", set);
    said
}

/// What deletes a log, where that is possible.
pub(crate) async fn deletions(fixture: &Fixture, ctx: &Ctx<'_>, logs: &Logs) -> Said {
    let mut said = Said::default();
    if let Some(deletion) = fixture.adapter.log_deletion() {
        let message = deletion.delete_message_log(ctx, &logs.message).await;
        said.add("delete_message_log", message);
        let call = deletion.delete_call_log(ctx, &logs.call).await;
        said.add("delete_call_log", call);
    }
    said
}

/// Of fields by their number, the value with a number.
pub(crate) fn chosen(fixture: &Fixture, choices: &[(usize, usize)]) -> Map<String, Value> {
    let known = fixture.fake.choices();
    let fields = choices.iter().map(|(field, value)| {
        let (name, values) = &known[*field];
        ((*name).to_owned(), values[*value].clone())
    });
    fields.collect()
}

/// An activity of a call that tells nothing.
fn as_read(id: &LogId) -> CallLog {
    CallLog {
        id: id.clone(),
        subject: String::new(),
        body: String::new(),
        started_at: None,
        duration: None,
        contact_name: None,
        dispositions: Map::new(),
        response: Value::Null,
    }
}
