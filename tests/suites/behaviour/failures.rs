//! What an adapter says of calls that fail.

use std::time::Duration;

use daybook_adapters::{AdapterError, Applied, Cause, Entity};
use daybook_core::ids::LogId;
use daybook_fakes::{Fault, Rule};
use daybook_tests::adapters::Fixture;
use serde_json::json;

use crate::ways::{Logs, creates, reads, searches, updates};

pub(crate) async fn a_refusal_is_told_by_its_status(fixture: &Fixture) {
    let logs = Logs::of(fixture).await;
    let invalid = |status| AdapterError::Invalid {
        status,
        field: None,
    };
    let unavailable = |status, applied, retry_after| AdapterError::Unavailable {
        applied,
        cause: Cause::Status(status),
        retry_after,
    };
    let limited = |seconds| AdapterError::RateLimited {
        retry_after: Some(Duration::from_secs(seconds)),
    };
    let after = "Wed, 01 Jan 2020 00:00:00 GMT";
    for (fault, of_write, of_read) in [
        (Fault::status(400), invalid(400), invalid(400)),
        (
            Fault::status(401),
            AdapterError::Unauthorized,
            AdapterError::Unauthorized,
        ),
        (
            Fault::status(403),
            AdapterError::Forbidden,
            AdapterError::Forbidden,
        ),
        (
            page(401),
            AdapterError::Unauthorized,
            AdapterError::Unauthorized,
        ),
        (
            page(403),
            unavailable(403, Applied::No, None),
            unavailable(403, Applied::No, None),
        ),
        (
            Fault::status(404),
            AdapterError::NotFound(Entity::Log),
            AdapterError::NotFound(Entity::Log),
        ),
        (
            Fault::status(409),
            AdapterError::Rejected { status: 409 },
            AdapterError::Rejected { status: 409 },
        ),
        (Fault::status(413), invalid(413), invalid(413)),
        (Fault::status(422), invalid(422), invalid(422)),
        (Fault::rate_limited("7"), limited(7), limited(7)),
        (Fault::rate_limited(after), limited(0), limited(0)),
        (
            Fault::status(500),
            unavailable(500, Applied::Unknown, None),
            unavailable(500, Applied::No, None),
        ),
        (
            Fault::status(502),
            unavailable(502, Applied::Unknown, None),
            unavailable(502, Applied::No, None),
        ),
        (
            Fault::status_with(503, &[("retry-after", "3")], ""),
            unavailable(503, Applied::Unknown, Some(Duration::from_secs(3))),
            unavailable(503, Applied::No, Some(Duration::from_secs(3))),
        ),
    ] {
        fixture.crm().clear_journal();
        fixture.crm().clear_plan();
        fixture.crm().plan(Rule::new(fault.clone()));
        let ctx = fixture.ctx();
        let read = reads(fixture, &ctx, &logs).await;
        read.is(&of_read, fixture, &fault);
        let written = updates(fixture, &ctx, &logs).await;
        written.is(&of_write, fixture, &fault);
    }
}

pub(crate) async fn a_broken_write_is_unknown_and_a_broken_read_is_not(fixture: &Fixture) {
    let logs = Logs::of(fixture).await;
    let long = Duration::from_secs(3);
    let large = "x".repeat(300 << 10);
    let error = json!({"error": {"code": "limit", "message": "Something went wrong."}});
    for (fault, cause) in [
        (Fault::DropBefore, Cause::Cut),
        (Fault::DropAfter, Cause::Cut),
        (Fault::CutBody { after_bytes: 10 }, Cause::Cut),
        (Fault::Hang(long), Cause::TimedOut),
        (Fault::DelayAnswer(long), Cause::TimedOut),
        (Fault::html(200, "<h1>Welcome</h1>"), Cause::Unreadable),
        (Fault::html(200, large), Cause::TooLarge),
        (Fault::json(200, &error), Cause::Unreadable),
    ] {
        fixture.crm().clear_journal();
        fixture.crm().clear_plan();
        fixture.crm().plan(Rule::new(fault.clone()));
        let ctx = fixture.ctx();
        let read = reads(fixture, &ctx, &logs).await;
        read.is(&AdapterError::not_applied(cause), fixture, &fault);
        let found = searches(fixture, &ctx).await;
        found.say(&AdapterError::not_applied(cause), &fault);
        fixture.crm().clear_journal();
        let unknown = AdapterError::unknown(cause);
        let made = creates(fixture, &ctx).await;
        made.is(&unknown, fixture, &fault);
        let written = updates(fixture, &ctx, &logs).await;
        written.is(&unknown, fixture, &fault);
    }
}

pub(crate) async fn a_redirect_is_not_followed(fixture: &Fixture) {
    let elsewhere = [("location", fixture.fake.elsewhere())];
    for status in [301, 302, 303, 307, 308] {
        fixture.crm().clear_journal();
        fixture.crm().clear_plan();
        fixture
            .crm()
            .plan(Rule::new(Fault::status_with(status, &elsewhere, "")));
        let logs = Logs::with(&some_log());
        let written = updates(fixture, &fixture.ctx(), &logs).await;
        written.is(&AdapterError::Rejected { status }, fixture, &status);
    }
}

pub(crate) async fn no_call_begins_without_time(fixture: &Fixture) {
    let ctx = fixture.ctx_with(Duration::from_millis(90));
    let id = some_log();
    let logs = Logs::with(&id);
    let late = AdapterError::not_applied(Cause::OutOfTime);
    reads(fixture, &ctx, &logs).await.say(&late, &"reads");
    updates(fixture, &ctx, &logs).await.say(&late, &"updates");
    assert!(fixture.crm().journal().is_empty());
    // A call that begins with little left takes no more than that.
    fixture
        .crm()
        .plan(Rule::new(Fault::Hang(Duration::from_secs(3))));
    let begun = std::time::Instant::now();
    let ctx = fixture.ctx_with(Duration::from_millis(250));
    let write = fixture.adapter.update_message_log(&ctx, &id, "x").await;
    assert_eq!(
        write.expect_err("late"),
        AdapterError::unknown(Cause::TimedOut)
    );
    assert!(
        begun.elapsed() < Duration::from_millis(500),
        "{:?}",
        begun.elapsed()
    );
}

/// A refusal with a page for people in place of what a CRM says.
pub(crate) fn page(status: u16) -> Fault {
    let html = [("content-type", "text/html; charset=UTF-8")];
    Fault::status_with(status, &html, "<h1>Blocked</h1>")
}

/// A log of which it does not matter whether it is there: nothing gets through to ask.
fn some_log() -> LogId {
    LogId::parse("1").expect("an id")
}
