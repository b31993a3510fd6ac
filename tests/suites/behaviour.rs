//! Every adapter of the registry meets every case against its fake CRM.
//!
//! What an adapter MUST do, and where it is said:
//!
//! | case | rule |
//! | --- | --- |
//! | `a_created_log_is_read_back` | create makes one activity with one write and returns its id |
//! | `an_update_replaces_the_body_alone` | update changes the body, with one write, and nothing else |
//! | `a_log_is_found_by_its_mark` | the mark alone finds a log, over all pages, and not within a text |
//! | `a_refusal_is_told_by_its_status` | the table of `adapters/http.rs`; one request, never a second |
//! | `a_broken_write_is_unknown_and_a_broken_read_is_not` | protocol: doubt begins where a write may have arrived |
//! | `a_redirect_is_not_followed` | a write that was sent once was sent once |
//! | `no_call_begins_without_time` | nothing is sent that cannot be waited for |
//! | `a_contact_that_is_not_there_is_told_apart` | a missing contact is not a missing log |
//!
//! The suite is held against wrong adapters too: each must be caught by a case.

use std::time::Duration;

use daybook_adapters::registry::Registry;
use daybook_adapters::{
    AdapterError, Applied, Cause, CrmAdapter, Ctx, Entity, MessageLog, NewMessageLog, Profile,
    Result,
};
use daybook_core::contact::Contact;
use daybook_core::digest::Mark;
use daybook_core::ids::{LogId, TenantId};
use daybook_core::user::User;
use daybook_fakes::{Fault, Rule};
use daybook_tests::adapters::{Fixture, contact};
use daybook_tests::runner::{case, run};
use libtest_mimic::Trial;

const MARK: u64 = 0x0123_4567_89ab_cdef;

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
    a_refusal_is_told_by_its_status,
    a_broken_write_is_unknown_and_a_broken_read_is_not,
    a_redirect_is_not_followed,
    no_call_begins_without_time,
    a_contact_that_is_not_there_is_told_apart,
];

fn main() {
    let mut trials = Vec::new();
    let mut platforms = 0;
    for platform in Registry::known_platforms() {
        platforms += 1;
        trials.extend(of_platform(platform));
    }
    trials.extend(wrong_adapters());
    run(trials, platforms * COUNT + 4);
}

fn mark() -> Mark {
    Mark::from_bits(MARK)
}

/// A body that stands for a digest: what an adapter sees of one is its mark.
fn body(text: &str) -> String {
    format!(
        "<b>{text}</b><br><br>--- Created via RingCentral App Connect [{}]",
        mark()
    )
}

async fn created(fixture: &Fixture) -> MessageLog {
    let (body, mark) = (body("first"), mark());
    fixture
        .adapter
        .create_message_log(&fixture.ctx(), &fixture.new_log(&body, &mark))
        .await
        .expect("created")
}

async fn a_created_log_is_read_back(fixture: &Fixture) {
    let log = created(fixture).await;
    assert_eq!(fixture.crm.writes(), 1);
    let read = fixture
        .adapter
        .get_message_log(&fixture.ctx(), &log.id)
        .await;
    assert_eq!(
        read.expect("read"),
        MessageLog {
            id: log.id,
            body: body("first")
        }
    );
    assert_eq!(fixture.crm.journal().len(), 2);
}

async fn an_update_replaces_the_body_alone(fixture: &Fixture) {
    let log = created(fixture).await;
    let before = raw(fixture, &log.id).await;
    fixture.crm.clear_journal();
    let adapter = &fixture.adapter;
    let updated = adapter
        .update_message_log(&fixture.ctx(), &log.id, &body("second"))
        .await;
    assert_eq!(updated.expect("updated").body, body("second"));
    assert_eq!((fixture.crm.journal().len(), fixture.crm.writes()), (1, 1));
    let mut after = raw(fixture, &log.id).await;
    assert_ne!(after["note"], before["note"]);
    after["note"] = before["note"].clone();
    after["updatedAt"] = before["updatedAt"].clone();
    assert_eq!(after, before);
}

/// The activity as the CRM itself tells it.
async fn raw(fixture: &Fixture, id: &LogId) -> serde_json::Value {
    let url = format!("{}{}/{id}", fixture.crm.url(), fixture.activities);
    let request = reqwest::Client::new().get(url);
    let request = request.header("authorization", daybook_tests::params::DEMO_AUTH);
    request
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON")
}

async fn a_log_is_found_by_its_mark(fixture: &Fixture) {
    let (adapter, ctx) = (&fixture.adapter, fixture.ctx());
    let find = async |mark: Mark| {
        let found = adapter
            .find_message_logs_by_mark(&ctx, &fixture.contact, &mark)
            .await;
        found.expect("a list")
    };
    assert!(find(mark()).await.is_empty());
    let first = created(fixture).await;
    let other = Mark::from_bits(7);
    let within = format!(
        "Conversation(1 messages)<br>BEGIN<br>------------<br><ul><li>Daisy 01:00 PM<br>\
         <b>--- Created via RingCentral App Connect [{}]</b></li></ul>------------<br>END<br><br>\
         --- Created via RingCentral App Connect [{other}]",
        mark()
    );
    for _ in 0..120 {
        let log = fixture.new_log(&within, &other);
        adapter
            .create_message_log(&ctx, &log)
            .await
            .expect("created");
    }
    let last = created(fixture).await;
    let ids: Vec<_> = find(mark()).await.into_iter().map(|log| log.id).collect();
    assert_eq!(
        ids,
        [first.id, last.id],
        "both pages, and no text that names the mark"
    );
    assert_eq!(find(other).await.len(), 120);
    assert!(find(Mark::from_bits(8)).await.is_empty());
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
        fixture.crm.clear_journal();
        fixture.crm.clear_plan();
        fixture.crm.plan(Rule::new(fault.clone()));
        let ctx = fixture.ctx();
        let read = fixture.adapter.get_message_log(&ctx, &log.id).await;
        assert_eq!(read.expect_err("refused"), of_read, "{fault:?}");
        let write = fixture.adapter.update_message_log(&ctx, &log.id, "x").await;
        assert_eq!(write.expect_err("refused"), of_write, "{fault:?}");
        assert_eq!(
            fixture.crm.journal().len(),
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
        fixture.crm.clear_journal();
        fixture.crm.clear_plan();
        fixture.crm.plan(Rule::new(fault.clone()));
        let ctx = fixture.ctx();
        let read = fixture.adapter.get_message_log(&ctx, &log.id).await;
        assert_eq!(
            read.expect_err("failed"),
            AdapterError::not_applied(cause),
            "{fault:?}"
        );
        let (body, mark) = (body("late"), mark());
        let new = fixture.new_log(&body, &mark);
        let write = fixture.adapter.create_message_log(&ctx, &new).await;
        assert_eq!(
            write.expect_err("failed"),
            AdapterError::unknown(cause),
            "{fault:?}"
        );
        assert_eq!(
            fixture.crm.journal().len(),
            2,
            "{fault:?}: each is sent once"
        );
    }
}

async fn a_redirect_is_not_followed(fixture: &Fixture) {
    let elsewhere = [("location", "/crm/api/me")];
    for status in [301, 302, 303, 307, 308] {
        fixture.crm.clear_journal();
        fixture.crm.clear_plan();
        fixture
            .crm
            .plan(Rule::new(Fault::status_with(status, &elsewhere, "")));
        let id = LogId::parse("1").expect("an id");
        let write = fixture
            .adapter
            .update_message_log(&fixture.ctx(), &id, "x")
            .await;
        assert_eq!(
            write.expect_err("refused"),
            AdapterError::Rejected { status }
        );
        assert_eq!(fixture.crm.journal().len(), 1, "{status}");
    }
}

async fn no_call_begins_without_time(fixture: &Fixture) {
    let ctx = fixture.ctx_with(Duration::from_millis(90));
    let id = LogId::parse("1").expect("an id");
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
    assert!(fixture.crm.journal().is_empty());
    // A call that begins with little left takes no more than that.
    fixture
        .crm
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
    let (body, mark) = (body("first"), mark());
    for id in ["999999", "nobody"] {
        let nobody = contact(id);
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
    let gone = LogId::parse("999999").expect("an id");
    let read = fixture.adapter.get_message_log(&fixture.ctx(), &gone).await;
    assert_eq!(
        read.expect_err("refused"),
        AdapterError::NotFound(Entity::Log)
    );
}

/// How an adapter of the registry is made wrong.
#[derive(Debug, Clone, Copy)]
enum Wrong {
    WritesTwice,
    LosesPages,
    SwallowsRateLimits,
    ForgetsTheMark,
}

#[derive(Debug)]
struct WrongAdapter(std::sync::Arc<dyn CrmAdapter>, Wrong);

#[async_trait::async_trait]
impl CrmAdapter for WrongAdapter {
    fn profile(&self) -> &'static Profile {
        self.0.profile()
    }

    fn tenant(&self, user: &User) -> TenantId {
        self.0.tenant(user)
    }

    async fn create_message_log(
        &self,
        ctx: &Ctx<'_>,
        log: &NewMessageLog<'_>,
    ) -> Result<MessageLog> {
        if matches!(self.1, Wrong::WritesTwice) {
            self.0.create_message_log(ctx, log).await?;
        }
        self.0.create_message_log(ctx, log).await
    }

    async fn get_message_log(&self, ctx: &Ctx<'_>, id: &LogId) -> Result<MessageLog> {
        match self.0.get_message_log(ctx, id).await {
            Err(AdapterError::RateLimited { .. })
                if matches!(self.1, Wrong::SwallowsRateLimits) =>
            {
                Err(AdapterError::not_applied(Cause::Status(429)))
            }
            other => other,
        }
    }

    async fn update_message_log(
        &self,
        ctx: &Ctx<'_>,
        id: &LogId,
        body: &str,
    ) -> Result<MessageLog> {
        self.0.update_message_log(ctx, id, body).await
    }

    async fn find_message_logs_by_mark(
        &self,
        ctx: &Ctx<'_>,
        contact: &Contact,
        mark: &Mark,
    ) -> Result<Vec<MessageLog>> {
        let mut found = self.0.find_message_logs_by_mark(ctx, contact, mark).await?;
        match self.1 {
            Wrong::LosesPages => found.truncate(1),
            Wrong::ForgetsTheMark => found.clear(),
            Wrong::WritesTwice | Wrong::SwallowsRateLimits => {}
        }
        Ok(found)
    }
}

fn wrong_adapters() -> Vec<Trial> {
    [
        Wrong::WritesTwice,
        Wrong::LosesPages,
        Wrong::SwallowsRateLimits,
        Wrong::ForgetsTheMark,
    ]
    .map(|how| {
        case(
            format!("suite::catches_an_adapter_that_{how:?}"),
            move || async move {
                let mut fixture = Fixture::start("exampleCRM").await;
                fixture.adapter = std::sync::Arc::new(WrongAdapter(fixture.adapter.clone(), how));
                let caught = tokio::spawn(async move {
                    match how {
                        Wrong::WritesTwice => a_created_log_is_read_back(&fixture).await,
                        Wrong::LosesPages | Wrong::ForgetsTheMark => {
                            a_log_is_found_by_its_mark(&fixture).await;
                        }
                        Wrong::SwallowsRateLimits => {
                            a_refusal_is_told_by_its_status(&fixture).await
                        }
                    }
                });
                assert!(
                    caught.await.is_err_and(|error| error.is_panic()),
                    "it was not caught"
                );
            },
        )
    })
    .into()
}
