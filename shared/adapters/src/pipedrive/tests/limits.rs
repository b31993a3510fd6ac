//! Bursts, and days that are spent.

use std::time::{Duration, Instant};

use super::*;

const GET: &str = "GET /api/v2/activities/11";
const PATCH: &str = "PATCH /api/v2/activities/11";
const SEARCH: &str = "GET /api/v2/persons/search";
const NOBODY: &str = r#"{"success":true,"data":{"items":[]}}"#;

fn limited(call: &'static str, headers: &[&str]) -> Script {
    Script::new().with(call, 429, headers, "{}")
}

async fn get(scene: &Scene) -> Result<MessageLog> {
    let id = LogId::parse("11").expect("an id");
    scene.crm.get_message_log(&scene.ctx(), &id).await
}

async fn patch(scene: &Scene) -> Result<MessageLog> {
    let id = LogId::parse("11").expect("an id");
    scene.crm.update_message_log(&scene.ctx(), &id, "n").await
}

async fn find(scene: &Scene, formats: &[&str]) -> Result<Vec<FoundContact>> {
    let phone = PhoneNumber::parse("+16505553204").expect("a number");
    let formats: Vec<_> = formats.iter().map(|format| (*format).to_owned()).collect();
    let query = ContactQuery {
        phone: &phone,
        formats: &formats,
    };
    scene.crm.find_contact(&scene.ctx(), &query).await
}

fn asked<T>(answered: Result<T>) -> Option<u64> {
    match answered {
        Err(AdapterError::RateLimited { retry_after }) => retry_after.map(|asked| asked.as_secs()),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it went well"),
    }
}

/// Waits as long as a write is told to, with a second attempt that goes well.
async fn waits(headers: &[&str], least: u64) {
    let scene = Scene::of(limited(PATCH, headers).on(PATCH, 200, ACTIVITY));
    let begun = Instant::now();
    assert!(patch(&scene).await.is_ok(), "{headers:?}");
    assert!(begun.elapsed() >= Duration::from_secs(least), "{headers:?}");
    assert_eq!(scene.calls().len(), 2, "{headers:?}");
}

#[tokio::test]
async fn a_burst_is_waited_for_as_told_where_that_is_in_time() {
    let left = "x-daily-ratelimit-token-remaining: 9";
    let (one, five) = (
        ["x-ratelimit-reset: 1", left],
        ["x-ratelimit-reset: 5", left],
    );
    tokio::join!(
        waits(&one, 1),
        waits(&five, 5),
        waits(&["retry-after: 2"], 2),
        waits(&["retry-after: 2", "x-ratelimit-reset: 9"], 2),
    );
    for (headers, told) in [
        (&["x-ratelimit-reset: 9"][..], Some(9)),
        (&["retry-after: 0"], Some(0)),
        (&["retry-after: 9", "x-ratelimit-reset: 1"], Some(9)),
        (&[], None),
    ] {
        let scene = Scene::of(limited(PATCH, headers));
        assert_eq!(asked(patch(&scene).await), told, "{headers:?}");
        assert_eq!(scene.calls().len(), 1, "{headers:?}");
    }
    // A write follows: it must not outlast its lease.
    let scene = Scene::of(limited(GET, &["retry-after: 5"]));
    assert_eq!(asked(get(&scene).await), Some(5));
}

#[tokio::test]
async fn a_day_that_is_spent_is_not_tried_before_the_reset() {
    // The scene is at 13:24:50 UTC.
    let reset = 10 * 3_600 + 35 * 60 + 10 + 60;
    for (left, headers) in [
        ("0", &["x-ratelimit-reset: 1"][..]),
        ("-3", &["x-ratelimit-reset: 1"]),
        ("4", &["retry-after: 2", "x-ratelimit-reset: 1"]),
    ] {
        let daily = format!("x-daily-ratelimit-token-remaining: {left}");
        let headers: Vec<_> = headers.iter().copied().chain([daily.as_str()]).collect();
        let scene = Scene::of(limited(PATCH, &headers));
        assert_eq!(asked(patch(&scene).await), Some(reset), "{headers:?}");
        assert_eq!(scene.calls().len(), 1, "{headers:?}");
    }
    let headers = [
        "x-ratelimit-reset: 1",
        "x-daily-ratelimit-token-remaining: 4",
    ];
    let scene = Scene::of(limited(GET, &headers).on(GET, 200, ACTIVITY));
    assert!(get(&scene).await.is_ok(), "reading costs less than is left");
}

#[tokio::test]
async fn a_limit_that_lasts_is_left_alone_for_longer_every_time() {
    let scene = Scene::of(limited(PATCH, &["x-ratelimit-reset: 0"]));
    for (last, minutes) in [(None, 1), (Some(60), 2), (Some(2_400), 60)] {
        if let Some(last) = last {
            scene.remember("pause", json!(last));
        }
        assert_eq!(asked(patch(&scene).await), Some(minutes * 60));
        assert_eq!(scene.remembered("pause"), Some(json!(minutes * 60)));
    }
    assert_eq!(scene.calls().len(), 6, "two for each");
}

#[tokio::test]
async fn searches_that_others_keep_out_go_on() {
    let crowded = ["x-ratelimit-reset: 1", "x-ratelimit-remaining: 0"];
    let script = limited(SEARCH, &crowded).with(SEARCH, 429, &crowded, "{}");
    let scene = Scene::of(script.on(SEARCH, 200, NOBODY));
    assert_eq!(find(&scene, &[]).await.expect("a list"), []);
    assert_eq!(scene.calls().len(), 3);
    let lasting = ["x-ratelimit-reset: 0", "x-ratelimit-remaining: 7"];
    let scene = Scene::of(limited(SEARCH, &lasting));
    assert_eq!(asked(find(&scene, &[]).await), Some(60));
    assert_eq!(scene.calls().len(), 2);
}

#[tokio::test]
async fn a_search_waits_where_the_one_before_was_the_last_of_the_burst() {
    let last = [
        "content-type: application/json",
        "x-ratelimit-remaining: 0",
        "x-ratelimit-reset: 2",
    ];
    let scene = Scene::of(Script::new().with(SEARCH, 200, &last, NOBODY));
    let begun = Instant::now();
    let found = find(&scene, &["(***) ***-****", "***-***-****"]).await;
    assert_eq!(found.expect("a list"), []);
    assert!(begun.elapsed() >= Duration::from_secs(2));
    assert_eq!(scene.calls().len(), 2);
}

#[tokio::test]
async fn no_more_than_three_formats_are_searched_for() {
    let scene = Scene::of(Script::new().on(SEARCH, 200, NOBODY));
    let formats = [
        "**********",
        "(***) ***-****",
        "***-***-****",
        "***.***.****",
    ];
    assert_eq!(find(&scene, &formats).await.expect("a list"), []);
    assert_eq!(scene.calls().len(), 3);
}
