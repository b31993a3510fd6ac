//! A CRM that fails is left alone: by whom, and for how long.

use std::time::Duration;

use chrono::TimeDelta;
use daybook_adapters::Cause;
use daybook_store::items::Reason;
use futures_util::future::join_all;
use libtest_mimic::Trial;

use crate::crm::{CallFate, CrmFaults, Kind, Shown, When};
use crate::scene::{Scene, simulated};
use crate::world::Made;

pub(crate) fn cases() -> Vec<Trial> {
    vec![
        simulated(
            "gates::one_that_closes_holds_back_the_rest_of_the_request",
            rest_is_held_back,
        ),
        simulated(
            "gates::a_digest_that_always_fails_keeps_no_other_from_being_delivered",
            others_are_delivered,
        ),
        simulated(
            "gates::an_activity_that_cannot_be_read_closes_none",
            none_is_closed,
        ),
        simulated(
            "gates::behind_one_that_opens_one_tries_and_the_others_follow",
            one_tries,
        ),
        simulated(
            "gates::a_digest_in_doubt_keeps_none_closed",
            doubt_closes_none,
        ),
        simulated(
            "gates::the_longest_time_that_a_crm_asks_for_counts",
            longest_counts,
        ),
        simulated(
            "gates::a_text_that_is_kept_while_one_is_closed_is_listed",
            kept_is_listed,
        ),
    ]
}

/// A conversation with a text on each of so many days.
fn days(count: i64) -> Scene {
    days_in(count, &Made::calm())
}

fn days_in(count: i64, made: &Made) -> Scene {
    let said: Vec<_> = (0..count).map(|day| format!("text of day {day}")).collect();
    let said: Vec<_> = said.iter().map(String::as_str).collect();
    let mut scene = Scene::made(&said, made);
    scene.schedule.kind = made.kind;
    let texts = &mut scene.schedule.conversations[0].texts;
    for (day, text) in (0..count).zip(texts) {
        text.at += TimeDelta::days(day - count);
    }
    scene
}

async fn rest_is_held_back() {
    let scene = days(3);
    scene.world.crm.script([CallFate::NotConnected]);
    let outcome = scene.rely(&[0, 1, 2]).await;
    assert_eq!(outcome.kept.len(), 3, "{outcome:?}");
    let calls = scene.world.crm.take_calls().total();
    assert_eq!(calls, 1, "{}", scene.story());
    scene.world.minutes(3).await;
    assert_eq!(scene.world.crm.activities().len(), 3);
}

/// Each day has one activity with a text, and another text of each day is to be sent.
async fn four_texts() -> Scene {
    let mut scene = days(4);
    let texts = &mut scene.schedule.conversations[0].texts;
    texts[2].at = texts[0].at + TimeDelta::minutes(1);
    texts[3].at = texts[1].at + TimeDelta::minutes(1);
    scene.send_until_logged(&[0]).await;
    scene.send_until_logged(&[1]).await;
    assert_eq!(scene.world.crm.activities().len(), 2);
    scene.world.crm.take_calls();
    scene
}

async fn others_are_delivered() {
    let scene = four_texts().await;
    scene.world.crm.break_reads(0, Cause::Status(500));
    scene.world.close_gate(TimeDelta::seconds(20)).await;
    assert_eq!(scene.rely(&[2]).await.kept.len(), 1);
    assert_eq!(scene.rely(&[3]).await.kept.len(), 1);
    scene.world.minutes(10).await;
    let second = scene.world.crm.activities()[1].body().to_owned();
    assert!(second.contains("text of day 3"), "{}", scene.story());
    let calls = scene.world.crm.take_calls();
    assert!((2..=6).contains(&calls.gets), "{calls:?}");
}

async fn none_is_closed() {
    for cause in [Cause::TooLarge, Cause::Unreadable] {
        let scene = four_texts().await;
        scene.world.crm.break_reads(0, cause);
        let outcome = scene.rely(&[2]).await;
        assert_eq!(outcome.reason, Some(Reason::Unavailable), "{outcome:?}");
        assert!(outcome.retry_at.is_some());
        assert_eq!(scene.rely(&[3]).await.logged.len(), 1, "{}", scene.story());
    }
}

/// Many come as a gate opens: the first call is answered before any other begins, and nobody is
/// turned away.
async fn one_tries() {
    let crm = CrmFaults {
        takes: (Duration::from_secs(3), Duration::from_secs(3)),
        ..CrmFaults::NONE
    };
    let made = Made {
        crm,
        ..Made::calm()
    };
    let scene = days_in(20, &made);
    scene.world.close_gate(TimeDelta::seconds(20)).await;
    scene.wait(21).await;
    let texts: Vec<_> = (0..20).map(|text| [text]).collect();
    let outcomes = join_all(texts.iter().map(|text| scene.bring(text))).await;
    let logged: usize = outcomes.iter().map(|outcome| outcome.logged.len()).sum();
    assert_eq!(logged, 20, "{outcomes:?}");
    let log = scene.world.crm.log();
    let first = log[0].to.expect("it was answered");
    let early = log[1..].iter().filter(|call| call.from < first).count();
    assert_eq!((log.len(), early), (20, 0), "{log:?}");
}

/// A create of which nobody knows is looked for, and the CRM answers: it takes the other digests.
async fn doubt_closes_none() {
    let kind = Kind {
        late_apply_secs: 600,
        ..Kind::PLAIN
    };
    let made = Made {
        kind,
        ..Made::calm()
    };
    let scene = days_in(2, &made);
    let unknown = CallFate::Unknown(When::Never, Shown::Silence);
    scene.world.crm.script([unknown]);
    assert_eq!(scene.rely(&[0]).await.kept.len(), 1);
    scene.world.close_gate(TimeDelta::seconds(20)).await;
    assert_eq!(scene.rely(&[1]).await.kept.len(), 1);
    scene.world.minutes(3).await;
    let activities = scene.world.crm.activities();
    let stands = activities
        .iter()
        .any(|one| one.body().contains("text of day 1"));
    assert!(stands, "{}", scene.story());
}

/// Of two calls that are refused at once, the second names no time.
async fn longest_counts() {
    let scene = days(3);
    let hour = CallFate::Limited(Duration::from_secs(3_600));
    scene.world.crm.script([hour, CallFate::Refused(429)]);
    let (first, second) = futures_util::join!(scene.rely(&[0]), scene.rely(&[1]));
    assert_eq!((first.kept.len(), second.kept.len()), (1, 1));
    assert_eq!(scene.world.crm.take_calls().total(), 2, "{}", scene.story());
    scene.world.minutes(50).await;
    assert_eq!(scene.world.crm.take_calls().total(), 0, "{}", scene.story());
    scene.world.minutes(30).await;
    assert_eq!(scene.world.crm.activities().len(), 2);
}

/// The date of a finished digest and the guard of its next text come in one run.
async fn kept_is_listed() {
    let scene = Scene::of(&["the first", "the second"]);
    assert_eq!(scene.rely(&[0]).await.logged.len(), 1);
    let at = scene.world.table.next_due().expect("the closing check");
    let now = scene.world.time.now().timestamp_millis();
    let wait = (at - now - 25_000) / 1_000;
    scene.wait(u64::try_from(wait).expect("it is ahead")).await;
    scene.world.close_gate(TimeDelta::hours(20)).await;
    assert_eq!(scene.rely(&[1]).await.kept.len(), 1);
    scene.world.minutes(2).await;
    let listed = scene.world.list().await.logs;
    assert_eq!(listed.len(), 1, "{}", scene.story());
    assert_eq!((listed[0].accepted, listed[0].refused), (1, 0));
}
