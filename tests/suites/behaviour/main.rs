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
//! | `a_refusal_is_told_by_its_status` | the table of `adapters/http/answer.rs`; one request, never a second |
//! | `a_broken_write_is_unknown_and_a_broken_read_is_not` | protocol: doubt begins where a write may have arrived |
//! | `a_redirect_is_not_followed` | a write that was sent once was sent once |
//! | `no_call_begins_without_time` | nothing is sent that cannot be waited for |
//! | `a_contact_that_is_not_there_is_told_apart` | a missing contact is not a missing log |
//!
//! What becomes of calls that fail is asked of every interface there is, in `ways`. Of phone calls,
//! in `calls`:
//!
//! | case | rule |
//! | --- | --- |
//! | `a_created_call_log_is_read_back` | create makes one activity with one write; start and duration stand in fields of their own |
//! | `what_is_not_known_of_a_call_is_not_sent` | an unknown start or a pending duration is none, not the present or zero |
//! | `an_update_of_a_call_changes_only_what_it_names` | each part alone, with one write; what is absent, null or pending stays, whoever wrote it |
//! | `a_disposition_leaves_all_else` | with one write; what was chosen for other fields stays |
//! | `a_call_log_is_found_by_its_mark` | as digests are, and no digest is taken for a call |
//! | `a_deleted_call_log_is_gone` | where logs can be deleted, twice is once |
//! | `a_missing_call_is_told_from_a_missing_contact` | by each interface that it can be missing for |
//!
//! How users sign in, in `sign_in` and `grants`:
//!
//! | case | rule |
//! | --- | --- |
//! | `a_contact_is_found_by_its_number` | `findContact`, with the formats in which the user writes numbers and without; a search writes nothing |
//! | `a_number_that_nobody_has_finds_nobody` | no match is an empty list, not an error |
//! | `a_contact_that_is_made_is_found` | `createContact` is one write, and its number finds it |
//! | `a_contact_is_found_by_a_part_of_the_name` | `findContactWithName`, where the CRM has it |
//! | `users_are_listed_by_their_ids` | `getUserList`, where the CRM has it: ids are those of `user_info` |
//! | `user_info_is_of_the_user_whose_credentials_are_sent` | one read; nothing of it is from `Ctx::user` or from a call before, and no two users of a CRM are the same |
//! | `refused_credentials_are_unauthorized_and_nothing_else` | every interface, with one request each; nothing is written |
//! | `a_user_who_cannot_be_read_is_not_signed_out` | `Unauthorized` is said for a 401 alone, or people are told to sign in again in vain |
//! | `no_secret_is_shown` | `Debug` of what holds credentials shows none |
//! | `a_code_is_good_once` | RFC 6749, 4.1.2: a second use is refused |
//! | `a_refresh_gives_tokens_that_work` | RFC 6749, 6; a refresh token that comes with it works too |
//! | `a_dead_grant_is_unauthorized` | `invalid_grant` alone means that the user must sign in again |
//! | `an_unknown_client_is_rejected` | that we are not accepted is not the user's to mend |
//! | `a_token_call_without_an_answer_is_unknown` | a token call is a write: sent once, and what comes back may have been done |
//! | `a_grant_that_was_given_back_is_over` | RFC 7009, 2: by the refresh token or, where there is none, the access token; twice is once; nobody else's is |
//!
//! An adapter with API keys meets the last six as well: it never asks for a token.
//!
//! What differs between CRMs, an adapter's fake says. `wrong` holds the suite against wrong
//! adapters: each must be caught by the case and the words that are meant for it.

mod body;
mod calls;
mod failures;
mod grants;
mod people;
mod sign_in;
mod ways;
mod wrong;

use daybook_adapters::registry::Registry;
use daybook_adapters::{AdapterError, CallLog, Entity, MessageLog, NewMessageLog};
use daybook_core::digest::Mark;
use daybook_tests::adapters::Fixture;
use daybook_tests::runner::{case, run};
use libtest_mimic::Trial;

use crate::body::{digest, digest_of_size, digest_that_names, note, texts};
use crate::calls::{
    a_call_log_is_found_by_its_mark, a_created_call_log_is_read_back, a_deleted_call_log_is_gone,
    a_disposition_leaves_all_else, a_missing_call_is_told_from_a_missing_contact,
    an_update_of_a_call_changes_only_what_it_names, what_is_not_known_of_a_call_is_not_sent,
};
use crate::failures::{
    a_broken_write_is_unknown_and_a_broken_read_is_not, a_redirect_is_not_followed,
    a_refusal_is_told_by_its_status, no_call_begins_without_time,
};
use crate::grants::{
    a_code_is_good_once, a_dead_grant_is_unauthorized, a_grant_that_was_given_back_is_over,
    a_refresh_gives_tokens_that_work, a_token_call_without_an_answer_is_unknown,
    an_unknown_client_is_rejected,
};
use crate::people::{
    a_contact_is_found_by_a_part_of_the_name, a_contact_is_found_by_its_number,
    a_contact_that_is_made_is_found, a_number_that_nobody_has_finds_nobody,
    users_are_listed_by_their_ids,
};
use crate::sign_in::{
    a_user_who_cannot_be_read_is_not_signed_out, no_secret_is_shown,
    refused_credentials_are_unauthorized_and_nothing_else,
    user_info_is_of_the_user_whose_credentials_are_sent,
};

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
    a_created_call_log_is_read_back,
    what_is_not_known_of_a_call_is_not_sent,
    an_update_of_a_call_changes_only_what_it_names,
    a_disposition_leaves_all_else,
    a_call_log_is_found_by_its_mark,
    a_deleted_call_log_is_gone,
    a_missing_call_is_told_from_a_missing_contact,
    a_contact_is_found_by_its_number,
    a_number_that_nobody_has_finds_nobody,
    a_contact_that_is_made_is_found,
    a_contact_is_found_by_a_part_of_the_name,
    users_are_listed_by_their_ids,
    user_info_is_of_the_user_whose_credentials_are_sent,
    refused_credentials_are_unauthorized_and_nothing_else,
    a_user_who_cannot_be_read_is_not_signed_out,
    no_secret_is_shown,
    a_code_is_good_once,
    a_refresh_gives_tokens_that_work,
    a_dead_grant_is_unauthorized,
    an_unknown_client_is_rejected,
    a_token_call_without_an_answer_is_unknown,
    a_grant_that_was_given_back_is_over,
];

/// How many cases there are of one platform. It stands here too, so that none gets lost.
const EXPECTED: usize = 32;

fn main() {
    let platforms: Vec<_> = Registry::known_platforms().collect();
    assert!(!platforms.is_empty(), "the registry is empty");
    assert_eq!(COUNT, EXPECTED);
    let expected = platforms.len() * EXPECTED + wrong::EXPECTED;
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

/// A call that is logged.
async fn call(fixture: &Fixture) -> CallLog {
    let (body, mark) = (note(fixture, "first", &mark()), mark());
    let new = fixture.new_call_log(&body, &mark);
    let made = fixture.adapter.create_call_log(&fixture.ctx(), &new).await;
    made.expect("created")
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
