//! Calls: what is kept of them, and what a change leaves.

use std::time::Duration;

use chrono::{DateTime, Utc};
use daybook_adapters::{AdapterError, CallLog, CallLogChanges, Entity, NewCallLog};
use daybook_core::call::{self, CallFields};
use daybook_core::digest::Mark;
use daybook_core::time::parse_instant;
use daybook_tests::adapters::{CallPart, Fixture};
use serde_json::{Map, Value};

use crate::body::{note, note_that_names, written};
use crate::ways::{Logs, chosen, updates};
use crate::{call, created, mark};

/// What a person sees of a call.
type Seen = (
    String,
    Vec<&'static str>,
    Option<DateTime<Utc>>,
    Option<Duration>,
    Map<String, Value>,
);

fn seen(fixture: &Fixture, log: &CallLog) -> Seen {
    (
        log.subject.clone(),
        written(fixture, &log.body),
        log.started_at,
        log.duration,
        log.dispositions.clone(),
    )
}

async fn read(fixture: &Fixture, log: &CallLog) -> CallLog {
    let read = fixture.adapter.get_call_log(&fixture.ctx(), &log.id).await;
    read.expect("read")
}

fn sent(fixture: &Fixture) -> (usize, usize) {
    (fixture.crm().journal().len(), fixture.crm().writes())
}

pub(crate) async fn a_created_call_log_is_read_back(fixture: &Fixture) {
    let profile = fixture.adapter.profile();
    let made = call(fixture).await;
    assert_eq!(sent(fixture), (1, 1), "one write makes it");
    let expected = (
        "Inbound call from Daisy Meadows".to_owned(),
        vec!["first"],
        parse_instant("2015-02-18T13:24:50.000Z")
            .ok()
            .map(|at| profile.held_start(at)),
        Some(profile.held_duration(Duration::from_secs(75))),
        Map::new(),
    );
    assert_eq!(seen(fixture, &made), expected, "the answer has it");
    let read = read(fixture, &made).await;
    assert_eq!(read.id, made.id);
    assert_eq!(seen(fixture, &read), expected, "it stands there");
    assert_eq!(read.contact_name.as_deref(), fixture.fake.contact_name());
    let told = fixture.fake.activity(&made.id).await;
    assert_eq!(read.response, told, "all that the CRM tells is told");
}

pub(crate) async fn what_is_not_known_of_a_call_is_not_sent(fixture: &Fixture) {
    let pending = CallFields {
        duration: Some(call::Duration::Pending),
        ..CallFields::default()
    };
    let (body, mark) = (note(fixture, "first", &mark()), mark());
    for unknown in [&CallFields::default(), &pending] {
        let new = NewCallLog {
            call: unknown,
            ..fixture.new_call_log(&body, &mark)
        };
        let made = fixture.adapter.create_call_log(&fixture.ctx(), &new).await;
        let read = read(fixture, &made.expect("created")).await;
        let times = (read.started_at, read.duration);
        assert_eq!(times, (None, None), "nobody knows them");
    }
}

pub(crate) async fn an_update_of_a_call_changes_only_what_it_names(fixture: &Fixture) {
    let nothing = fixture.no_changes();
    let body = note(fixture, "second", &mark());
    let later = CallFields {
        started_at: parse_instant("2015-02-19T00:00:01.000Z").ok(),
        ..CallFields::default()
    };
    let lasting = |duration| CallFields {
        duration: Some(duration),
        ..CallFields::default()
    };
    let none = lasting(call::Duration::seconds(0));
    let pending = lasting(call::Duration::Pending);
    let submission = chosen(fixture, &[(0, 1)]);
    let mut is_null = submission.clone();
    is_null.values_mut().for_each(|value| *value = Value::Null);
    let titled = CallLogChanges {
        subject: Some("Another title"),
        ..nothing
    };
    let subject = fixture.fake.call_fields(CallPart::Subject);
    let note_field = &[fixture.fake.note_field()];
    let body = Some(body.as_str());
    for (changes, fields) in [
        (titled, subject),
        (CallLogChanges { body, ..nothing }, note_field),
        (
            CallLogChanges {
                call: &later,
                ..nothing
            },
            fixture.fake.call_fields(CallPart::StartedAt),
        ),
        (
            CallLogChanges {
                call: &none,
                ..nothing
            },
            fixture.fake.call_fields(CallPart::Duration),
        ),
        (
            CallLogChanges {
                call: &pending,
                ..titled
            },
            subject,
        ),
        (
            CallLogChanges {
                additional_submission: &submission,
                ..nothing
            },
            fixture.fake.call_fields(CallPart::Submission),
        ),
        (
            CallLogChanges {
                additional_submission: &is_null,
                ..titled
            },
            subject,
        ),
    ] {
        changes_alone(fixture, &changes, fields).await;
    }
}

/// Checks that `changes` of a call change some fields of its activity, as they say, and no other.
async fn changes_alone(fixture: &Fixture, changes: &CallLogChanges<'_>, fields: &[&str]) {
    let field = fields.join(" and ");
    let log = filled_in(fixture).await;
    let before = fixture.fake.activity(&log.id).await;
    fixture.crm().clear_journal();
    let ctx = fixture.ctx();
    let updated = fixture.adapter.update_call_log(&ctx, &log.id, changes);
    let updated = updated.await.expect("updated");
    assert_eq!(sent(fixture), (1, 1), "{field}: one call, a write");
    let expected = changed(fixture, seen(fixture, &log), changes);
    assert_eq!(seen(fixture, &updated), expected, "{field}: it is told");
    let read = read(fixture, &log).await;
    assert_eq!(seen(fixture, &read), expected, "{field}: it stands there");
    let mut after = fixture.fake.activity(&log.id).await;
    for (name, value) in changes.additional_submission {
        if !value.is_null() {
            let submitted = fixture.fake.submitted(&after, name);
            assert_eq!(submitted, *value, "the form is sent");
        }
    }
    let (other, [kept, _]) = &fixture.fake.choices()[1];
    let submitted = fixture.fake.submitted(&after, other);
    let kept = match takes_another_place(fixture, changes) {
        true => &Value::Null,
        false => kept,
    };
    assert_eq!(submitted, *kept, "{field}: the rest of the form stays");
    let is_another = fields.iter().any(|field| after[*field] != before[*field]);
    assert!(is_another, "{field} is another");
    for same in fixture.fake.touched_fields().iter().chain(fields) {
        after[*same] = before[*same].clone();
    }
    assert_eq!(after, before, "{field}: nothing else is");
}

/// What a person sees after `changes`.
fn changed(fixture: &Fixture, seen: Seen, changes: &CallLogChanges<'_>) -> Seen {
    let profile = fixture.adapter.profile();
    let told = changes.call.started_at;
    let (subject, texts, started_at, duration, dispositions) = seen;
    (
        changes.subject.map_or(subject, str::to_owned),
        changes.body.map_or(texts, |_| vec!["second"]),
        told.map(|at| profile.held_start(at)).or(started_at),
        match changes.call.duration {
            Some(call::Duration::Known(known)) => Some(profile.held_duration(known)),
            Some(call::Duration::Pending) | None => duration,
        },
        chosen_then(fixture, dispositions, changes),
    )
}

/// What is chosen after `changes`: where the form and the dispositions are the same fields, what
/// was filled in is chosen.
fn chosen_then(
    fixture: &Fixture,
    mut chosen: Map<String, Value>,
    changes: &CallLogChanges<'_>,
) -> Map<String, Value> {
    let fields = |part| fixture.fake.call_fields(part);
    if fields(CallPart::Submission) == fields(CallPart::Dispositions) {
        let filled_in = changes.additional_submission.iter();
        let filled_in = filled_in.filter(|(_, value)| !value.is_null());
        if takes_another_place(fixture, changes) {
            chosen.clear();
        }
        chosen.extend(filled_in.map(|(field, value)| (field.clone(), value.clone())));
    }
    chosen
}

/// Whether what `changes` fill in takes away what else was chosen.
fn takes_another_place(fixture: &Fixture, changes: &CallLogChanges<'_>) -> bool {
    let mut filled_in = changes.additional_submission.values();
    fixture.fake.choices_exclude() && filled_in.any(|value| !value.is_null())
}

/// A call of which everything is filled in, as far as that can be at once.
async fn filled_in(fixture: &Fixture) -> CallLog {
    let (body, mark) = (note(fixture, "first", &mark()), mark());
    let chosen = match fixture.fake.choices_exclude() {
        true => chosen(fixture, &[(1, 0)]),
        false => chosen(fixture, &[(0, 0), (1, 0)]),
    };
    let new = NewCallLog {
        additional_submission: &chosen,
        ..fixture.new_call_log(&body, &mark)
    };
    let made = fixture.adapter.create_call_log(&fixture.ctx(), &new).await;
    let made = made.expect("created");
    choose(fixture, &made, &chosen).await;
    read(fixture, &made).await
}

async fn choose(fixture: &Fixture, log: &CallLog, chosen: &Map<String, Value>) {
    let ctx = fixture.ctx();
    let set = fixture.adapter.upsert_call_disposition(&ctx, log, chosen);
    assert_eq!(set.await, Ok(()));
}

pub(crate) async fn a_disposition_leaves_all_else(fixture: &Fixture) {
    let mut log = call(fixture).await;
    let mut before = fixture.fake.activity(&log.id).await;
    let exclude = fixture.fake.choices_exclude();
    for (now, all, alone) in [
        (vec![(0, 0)], vec![(0, 0)], (0, 0)),
        (vec![(1, 0)], vec![(0, 0), (1, 0)], (1, 0)),
        (vec![(0, 1)], vec![(0, 1), (1, 0)], (0, 1)),
        (vec![], vec![(0, 1), (1, 0)], (0, 1)),
    ] {
        fixture.crm().clear_journal();
        choose(fixture, &log, &chosen(fixture, &now)).await;
        let (calls, writes) = sent(fixture);
        let most = "one call, a write, where there is something to choose";
        assert!(calls == writes && writes <= 1, "{most}");
        assert!(writes == 1 || now.is_empty(), "{most}");
        log = read(fixture, &log).await;
        let stand = if exclude { vec![alone] } else { all };
        assert_eq!(log.dispositions, chosen(fixture, &stand), "the others stay");
        let after = fixture.fake.activity(&log.id).await;
        let fields = fixture.fake.call_fields(CallPart::Dispositions);
        for same in fixture.fake.touched_fields().iter().chain(fields) {
            before[*same] = after[*same].clone();
        }
        assert_eq!(after, before, "all else stays");
    }
}

pub(crate) async fn a_call_log_is_found_by_its_mark(fixture: &Fixture) {
    let find = async |mark: Mark| {
        let ctx = fixture.ctx();
        let found = fixture
            .adapter
            .find_call_logs_by_mark(&ctx, fixture.contact(), &mark);
        found.await.expect("a list")
    };
    assert!(find(mark()).await.is_empty());
    let first = call(fixture).await;
    created(fixture).await;
    let other = Mark::from_bits(7);
    let names = note_that_names(fixture, &mark(), &other);
    let new = fixture.new_call_log(&names, &other);
    let many = fixture.fake.page_size() + 20;
    for _ in 0..many {
        let made = fixture.adapter.create_call_log(&fixture.ctx(), &new).await;
        made.expect("created");
    }
    let last = call(fixture).await;
    let found = find(mark()).await;
    let ids: Vec<_> = found.iter().map(|log| &log.id).collect();
    assert_eq!(
        ids,
        [&first.id, &last.id],
        "calls of both pages, no digest, and no text that names the mark"
    );
    let same = seen(fixture, &found[0]) == seen(fixture, &first);
    assert!(same, "it is told whole");
    assert_eq!(find(other).await.len(), many);
    assert!(find(Mark::from_bits(8)).await.is_empty());
}

pub(crate) async fn a_deleted_call_log_is_gone(fixture: &Fixture) {
    let Some(deletion) = fixture.adapter.log_deletion() else {
        assert!(fixture.crm().journal().is_empty());
        return;
    };
    let log = call(fixture).await;
    for _ in 0..2 {
        let deleted = deletion.delete_call_log(&fixture.ctx(), &log.id).await;
        assert_eq!(deleted, Ok(()));
    }
    let read = fixture.adapter.get_call_log(&fixture.ctx(), &log.id).await;
    let gone = Some(AdapterError::NotFound(Entity::Log));
    assert_eq!(read.err(), gone, "it is gone");
}

pub(crate) async fn a_missing_call_is_told_from_a_missing_contact(fixture: &Fixture) {
    let (body, mark) = (note(fixture, "first", &mark()), mark());
    for nobody in fixture.fake.missing_contacts() {
        let new = NewCallLog {
            contact: &nobody,
            ..fixture.new_call_log(&body, &mark)
        };
        let made = fixture.adapter.create_call_log(&fixture.ctx(), &new).await;
        let missing = Some(AdapterError::NotFound(Entity::Contact));
        assert_eq!(made.err(), missing, "the contact is missing");
    }
    let (ctx, gone) = (fixture.ctx(), fixture.fake.missing_log());
    let missing = AdapterError::NotFound(Entity::Log);
    let read = fixture.adapter.get_call_log(&ctx, &gone).await;
    assert_eq!(read.err(), Some(missing.clone()));
    fixture.crm().clear_journal();
    let said = updates(fixture, &ctx, &Logs::with(&gone)).await;
    said.is(&missing, fixture, &"the log is missing");
}
