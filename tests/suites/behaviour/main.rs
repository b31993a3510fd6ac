//! Every adapter of the registry meets every case against its fake CRM.
//!
//! What an adapter MUST do, and where it is said:
//!
//! | case | rule |
//! | --- | --- |
//! | `a_created_log_is_read_back` | create makes one activity with one write and returns its id |
//! | `an_update_replaces_the_body_alone` | update changes the body, with one write, and nothing else |
//! | `a_log_is_found_by_its_mark` | the mark alone finds a log, over all pages, and not within a text |
//! | `a_deleted_log_is_gone` | where logs can be deleted, twice is once |
//! | `a_note_may_be_as_large_as_the_profile_says` | `Profile::max_note_bytes` is the CRM's own limit |
//! | `a_refusal_is_told_by_its_status` | the table of `adapters/http.rs`; one request, never a second |
//! | `a_broken_write_is_unknown_and_a_broken_read_is_not` | protocol: doubt begins where a write may have arrived |
//! | `a_redirect_is_not_followed` | a write that was sent once was sent once |
//! | `no_call_begins_without_time` | nothing is sent that cannot be waited for |
//! | `a_contact_that_is_not_there_is_told_apart` | a missing contact is not a missing log |
//!
//! What differs between CRMs, an adapter's fake says. `wrong` holds the suite against wrong
//! adapters: each must be caught by the case and the words that are meant for it.

mod body;
mod wrong;

use std::time::Duration;

use daybook_adapters::registry::Registry;
use daybook_adapters::{AdapterError, Applied, Cause, Entity, MessageLog, NewMessageLog};
use daybook_core::digest::Mark;
use daybook_core::ids::LogId;
use daybook_fakes::{Fault, Rule};
use daybook_tests::adapters::Fixture;
use daybook_tests::runner::{case, run};
use libtest_mimic::Trial;

use crate::body::{digest, digest_of_size, digest_that_names, texts};

macro_rules! cases {
    ($($name:ident),+ $(,)?) => {
        fn of_platform(platform: &'static str) -> Vec<Trial> {
            vec![$(case(
                format!("{platform}::{}", stringify!($name)),
                move || async move { $name(&Fixture::start(platform).await).await },
            )),+]
        }
        const COUNT: usize = [$(stringify!($name)),+].len();
    };
}

cases![
    a_created_log_is_read_back,
    an_update_replaces_the_body_alone,
    a_log_is_found_by_its_mark,
    a_deleted_log_is_gone,
    a_note_may_be_as_large_as_the_profile_says,
    a_refusal_is_told_by_its_status,
    a_broken_write_is_unknown_and_a_broken_read_is_not,
    a_redirect_is_not_followed,
    no_call_begins_without_time,
    a_contact_that_is_not_there_is_told_apart,
];

/// How many cases there are of one platform. It stands here too, so that none gets lost.
const EXPECTED: usize = 10;

fn main() {
    let platforms: Vec<_> = Registry::known_platforms().collect();
    assert!(!platforms.is_empty(), "the registry is empty");
    assert_eq!(COUNT, EXPECTED);
    let expected = platforms.len() * EXPECTED + 5;
    let mut trials: Vec<_> = platforms.into_iter().flat_map(of_platform).collect();
    trials.extend(wrong::cases());
    run(trials, expected);
}

fn mark() -> Mark {
    Mark::from_bits(0x0123_4567_89ab_cdef)
}

async fn create(fixture: &Fixture, body: &str, mark: &Mark) -> MessageLog {
    let made = fixture
        .adapter
        .create_message_log(&fixture.ctx(), &fixture.new_log(body, mark))
        .await;
    made.expect("created")
}

async fn created(fixture: &Fixture) -> MessageLog {
    create(fixture, &digest(fixture, "first", &mark()), &mark()).await
}

async fn a_created_log_is_read_back(fixture: &Fixture) {
    let log = created(fixture).await;
    assert_eq!(fixture.crm().writes(), 1, "one write makes it");
    assert_eq!(texts(fixture, &log.body), ["first"], "the answer has it");
    let read = fixture
        .adapter
        .get_message_log(&fixture.ctx(), &log.id)
        .await
        .expect("read");
    assert_eq!(read.id, log.id);
    assert_eq!(texts(fixture, &read.body), ["first"], "it stands there");
    assert_eq!(fixture.crm().journal().len(), 2);
}

async fn an_update_replaces_the_body_alone(fixture: &Fixture) {
    let log = created(fixture).await;
    let before = fixture.fake.activity(&log.id).await;
    fixture.crm().clear_journal();
    let second = digest(fixture, "second", &mark());
    let updated = fixture
        .adapter
        .update_message_log(&fixture.ctx(), &log.id, &second)
        .await
        .expect("updated");
    assert_eq!(
        (fixture.crm().journal().len(), fixture.crm().writes()),
        (1, 1),
        "one call, a write"
    );
    assert_eq!(texts(fixture, &updated.body), ["second"]);
    let mut after = fixture.fake.activity(&log.id).await;
    let note = fixture.fake.note_field();
    assert_ne!(after[note], before[note], "the note is another");
    for field in fixture.fake.touched_fields().iter().chain([&note]) {
        after[*field] = before[*field].clone();
    }
    assert_eq!(after, before, "nothing else is");
}

async fn a_log_is_found_by_its_mark(fixture: &Fixture) {
    let ctx = fixture.ctx();
    let find = async |mark: Mark| {
        let found = fixture
            .adapter
            .find_message_logs_by_mark(&ctx, fixture.contact(), &mark)
            .await;
        found.expect("a list")
    };
    assert!(find(mark()).await.is_empty());
    let first = created(fixture).await;
    let other = Mark::from_bits(7);
    let names = digest_that_names(fixture, &mark(), &other);
    let many = fixture.fake.page_size() + 20;
    for _ in 0..many {
        create(fixture, &names, &other).await;
    }
    let last = created(fixture).await;
    let ids: Vec<_> = find(mark()).await.into_iter().map(|log| log.id).collect();
    assert_eq!(
        ids,
        [first.id, last.id],
        "both pages, and no text that names the mark"
    );
    assert_eq!(find(other).await.len(), many);
    assert!(find(Mark::from_bits(8)).await.is_empty());
}

async fn a_deleted_log_is_gone(fixture: &Fixture) {
    let Some(deletion) = fixture.adapter.log_deletion() else {
        assert!(fixture.crm().journal().is_empty());
        return;
    };
    let log = created(fixture).await;
    for _ in 0..2 {
        let deleted = deletion.delete_message_log(&fixture.ctx(), &log.id).await;
        assert_eq!(deleted, Ok(()));
    }
    let read = fixture
        .adapter
        .get_message_log(&fixture.ctx(), &log.id)
        .await;
    assert_eq!(read.expect_err("gone"), AdapterError::NotFound(Entity::Log));
}

async fn a_note_may_be_as_large_as_the_profile_says(fixture: &Fixture) {
    let limit = fixture.adapter.profile().max_note_bytes;
    let large = digest_of_size(fixture, limit.unwrap_or(200_000), &mark());
    let log = create(fixture, &large, &mark()).await;
    assert_eq!(log.body.len(), large.len(), "it is kept whole");
    if limit.is_some() {
        let larger = format!("{large}.");
        let write = fixture
            .adapter
            .update_message_log(&fixture.ctx(), &log.id, &larger)
            .await;
        let refused = write.expect_err("over the limit");
        assert!(
            matches!(refused, AdapterError::Invalid { .. }),
            "{refused:?}"
        );
    }
}

async fn a_refusal_is_told_by_its_status(fixture: &Fixture) {
    let log = created(fixture).await;
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
        let read = fixture.adapter.get_message_log(&ctx, &log.id).await;
        assert_eq!(read.expect_err("refused"), of_read, "{fault:?}");
        let write = fixture.adapter.update_message_log(&ctx, &log.id, "x").await;
        assert_eq!(write.expect_err("refused"), of_write, "{fault:?}");
        assert_eq!(
            fixture.crm().journal().len(),
            2,
            "{fault:?}: each is sent once"
        );
    }
}

async fn a_broken_write_is_unknown_and_a_broken_read_is_not(fixture: &Fixture) {
    let log = created(fixture).await;
    let long = Duration::from_secs(3);
    let large = "x".repeat(300 << 10);
    for (fault, cause) in [
        (Fault::DropBefore, Cause::Cut),
        (Fault::DropAfter, Cause::Cut),
        (Fault::CutBody { after_bytes: 10 }, Cause::Cut),
        (Fault::Hang(long), Cause::TimedOut),
        (Fault::DelayAnswer(long), Cause::TimedOut),
        (Fault::html(200, "<h1>Welcome</h1>"), Cause::Unreadable),
        (Fault::html(200, large), Cause::TooLarge),
    ] {
        fixture.crm().clear_journal();
        fixture.crm().clear_plan();
        fixture.crm().plan(Rule::new(fault.clone()));
        let ctx = fixture.ctx();
        let read = fixture.adapter.get_message_log(&ctx, &log.id).await;
        assert_eq!(
            read.expect_err("failed"),
            AdapterError::not_applied(cause),
            "{fault:?}"
        );
        let (body, mark) = (digest(fixture, "late", &mark()), mark());
        let new = fixture.new_log(&body, &mark);
        let write = fixture.adapter.create_message_log(&ctx, &new).await;
        assert_eq!(
            write.expect_err("failed"),
            AdapterError::unknown(cause),
            "{fault:?}"
        );
        assert_eq!(
            fixture.crm().journal().len(),
            2,
            "{fault:?}: each is sent once"
        );
    }
}

async fn a_redirect_is_not_followed(fixture: &Fixture) {
    let elsewhere = [("location", fixture.fake.elsewhere())];
    for status in [301, 302, 303, 307, 308] {
        fixture.crm().clear_journal();
        fixture.crm().clear_plan();
        fixture
            .crm()
            .plan(Rule::new(Fault::status_with(status, &elsewhere, "")));
        let id = some_log();
        let write = fixture
            .adapter
            .update_message_log(&fixture.ctx(), &id, "x")
            .await;
        assert_eq!(
            write.expect_err("refused"),
            AdapterError::Rejected { status }
        );
        assert_eq!(fixture.crm().journal().len(), 1, "{status}");
    }
}

async fn no_call_begins_without_time(fixture: &Fixture) {
    let ctx = fixture.ctx_with(Duration::from_millis(90));
    let id = some_log();
    let late = AdapterError::not_applied(Cause::OutOfTime);
    assert_eq!(
        fixture
            .adapter
            .get_message_log(&ctx, &id)
            .await
            .expect_err("late"),
        late
    );
    assert_eq!(
        fixture
            .adapter
            .update_message_log(&ctx, &id, "x")
            .await
            .expect_err("late"),
        late
    );
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

async fn a_contact_that_is_not_there_is_told_apart(fixture: &Fixture) {
    let (body, mark) = (digest(fixture, "first", &mark()), mark());
    for nobody in fixture.fake.missing_contacts() {
        let log = NewMessageLog {
            contact: &nobody,
            ..fixture.new_log(&body, &mark)
        };
        let error = fixture
            .adapter
            .create_message_log(&fixture.ctx(), &log)
            .await;
        assert_eq!(
            error.expect_err("refused"),
            AdapterError::NotFound(Entity::Contact)
        );
    }
    let gone = fixture.fake.missing_log();
    let read = fixture.adapter.get_message_log(&fixture.ctx(), &gone).await;
    assert_eq!(
        read.expect_err("refused"),
        AdapterError::NotFound(Entity::Log)
    );
}

/// A log of which it does not matter whether it is there: nothing gets through to ask.
fn some_log() -> LogId {
    LogId::parse("1").expect("an id")
}
