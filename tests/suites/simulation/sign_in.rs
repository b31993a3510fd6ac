//! Users sign out and in: what waits for that, and what is put back then.

use daybook_api::digest::Outcome;
use daybook_store::items::Reason;
use libtest_mimic::Trial;

use crate::account::Grant;
use crate::crm::{CallFate, Calls};
use crate::scene::{Scene, simulated};

pub(crate) fn cases() -> Vec<Trial> {
    vec![
        simulated(
            "sign_in::texts_for_a_dead_grant_are_kept_until_the_next",
            a_grant_is_dead,
        ),
        simulated(
            "sign_in::a_digest_whose_grant_died_is_delivered_after_the_next",
            a_grant_dies,
        ),
        simulated(
            "sign_in::texts_that_a_caller_brought_are_delivered_after_the_first",
            texts_were_brought,
        ),
        simulated(
            "sign_in::what_is_parked_a_moment_later_is_found",
            parked_a_moment_later,
        ),
        simulated(
            "sign_in::what_the_new_credentials_may_not_write_is_not_tried_for_ever",
            may_not_write,
        ),
        simulated(
            "sign_in::refused_credentials_are_renewed_once",
            renewed_once,
        ),
        simulated(
            "sign_in::a_request_goes_on_with_renewed_credentials",
            request_goes_on,
        ),
        simulated(
            "sign_in::a_token_that_cannot_be_had_now_is_waited_for",
            token_is_waited_for,
        ),
        simulated(
            "sign_in::what_a_caller_brought_and_a_repeat_is_told_kept_is_delivered",
            repeat_is_kept,
        ),
        simulated(
            "sign_in::what_is_kept_stays_kept_when_a_caller_brings_bad_credentials",
            bad_credentials_are_brought,
        ),
        simulated(
            "sign_in::what_a_caller_brings_does_not_end_the_closing_check",
            closing_check_stays,
        ),
    ]
}

fn scene(grant: Grant) -> Scene {
    let scene = Scene::of(&["the first", "the second"]);
    scene.world.account.set(grant, None);
    scene
}

fn assert_kept(outcome: &Outcome, kept: usize, reason: Reason) {
    assert_eq!(outcome.kept.len(), kept, "{outcome:?}");
    assert_eq!(outcome.reason, Some(reason), "{outcome:?}");
}

/// In how many days the message that is to be forgotten first is forgotten.
fn kept_days(scene: &Scene) -> i64 {
    let items = scene.world.table.items();
    let messages = items.iter().filter(|item| {
        item["sk"]["S"]
            .as_str()
            .is_some_and(|sk| sk.starts_with("M#"))
    });
    let at = messages.filter_map(|item| item["expiresAt"]["N"].as_str()?.parse::<i64>().ok());
    let least = at.min().expect("a message");
    (least - scene.world.time.now().timestamp()) / 86_400
}

async fn a_grant_is_dead() {
    let scene = scene(Grant::Dead);
    assert_kept(&scene.rely(&[0, 1]).await, 2, Reason::Unauthorized);
    assert_kept(&scene.rely(&[0, 1]).await, 2, Reason::Unauthorized);
    scene.world.minutes(5).await;
    assert_eq!(scene.world.crm.take_calls(), Calls::default());
    assert_eq!(kept_days(&scene), 89);
    scene.world.sign_in().await;
    scene.world.minutes(1).await;
    scene.assert_one_activity(&[0, 1]);
    assert!(scene.world.settle().await, "{}", scene.story());
    scene.assert_one_activity(&[0, 1]);
}

async fn a_grant_dies() {
    let scene = scene(Grant::Live("Basic c2lt"));
    scene
        .world
        .account
        .set(Grant::Live("Basic c2lt"), Some(Grant::Dead));
    scene.world.crm.accept_only("another key");
    assert_kept(&scene.rely(&[0]).await, 1, Reason::Unauthorized);
    scene.world.minutes(5).await;
    let calls = scene.world.crm.take_calls().total();
    assert_eq!(calls, 1, "{}", scene.story());
    scene.world.crm.accept_only("Basic c2lt");
    scene.world.sign_in().await;
    scene.world.minutes(1).await;
    scene.assert_one_activity(&[0]);
}

async fn texts_were_brought() {
    let scene = scene(Grant::Never);
    scene.world.crm.script([CallFate::NotConnected]);
    let outcome = scene.bring(&[0]).await;
    assert_eq!(outcome.waiting.len(), 1, "{outcome:?}");
    scene.world.minutes(5).await;
    assert_eq!(scene.world.crm.activities().len(), 0);
    assert_eq!(kept_days(&scene), 6);
    scene.world.sign_in().await;
    scene.world.minutes(1).await;
    scene.assert_one_activity(&[0]);
    assert!(scene.world.settle().await, "{}", scene.story());
}

async fn parked_a_moment_later() {
    let scene = scene(Grant::Dead);
    scene.world.sign_in().await;
    scene.world.minutes(1).await;
    // A worker that had read the grant before.
    scene.world.account.set(Grant::Dead, None);
    assert_kept(&scene.rely(&[0]).await, 1, Reason::Unauthorized);
    scene.world.account.set(Grant::Live("Basic c2lt"), None);
    scene.world.minutes(1).await;
    scene.assert_one_activity(&[0]);
    scene.world.minutes(4).await;
    let users = scene.world.table.items();
    let user = users.iter().find(|item| {
        let pk = item["pk"]["S"].as_str();
        pk.is_some_and(|pk| pk.starts_with("U#"))
    });
    let user = user.expect("a user");
    assert!(user.get("dueAt").is_none(), "{user}");
}

async fn may_not_write() {
    let scene = scene(Grant::Dead);
    assert_kept(&scene.rely(&[0]).await, 1, Reason::Unauthorized);
    scene.world.sign_in().await;
    let forbidden = std::iter::repeat_n(CallFate::Refused(403), 50);
    scene.world.crm.script(forbidden);
    scene.world.minutes(10).await;
    let calls = scene.world.crm.take_calls().total();
    assert!((1..=3).contains(&calls), "{calls}\n{}", scene.story());
    assert!(scene.world.settle().await, "{}", scene.story());
}

async fn renewed_once() {
    for (accepted, stands) in [("new", true), ("another", false)] {
        let scene = scene(Grant::Live("old"));
        scene.world.crm.accept_only("old");
        scene.world.crm.script([CallFate::NotConnected]);
        assert_kept(&scene.rely(&[0]).await, 1, Reason::Unavailable);
        let account = &scene.world.account;
        account.set(Grant::Live("old"), Some(Grant::Live("new")));
        scene.world.crm.accept_only(accepted);
        scene.world.minutes(5).await;
        assert_eq!(account.renewals(), 1, "{}", scene.story());
        let made = scene.world.crm.activities().len();
        assert_eq!(made, usize::from(stands), "{}", scene.story());
    }
}

async fn request_goes_on() {
    let scene = scene(Grant::Live("old"));
    let renewal = Some(Grant::Live("new"));
    scene.world.account.set(Grant::Live("old"), renewal);
    scene.world.crm.accept_only("new");
    let outcome = scene.rely(&[0, 1]).await;
    assert_eq!((outcome.logged.len(), outcome.kept.len()), (2, 0));
    assert_eq!(outcome.reason, None, "{outcome:?}");
    assert!(outcome.log_id.is_some());
    scene.assert_one_activity(&[0, 1]);
}

async fn token_is_waited_for() {
    let scene = scene(Grant::Never);
    let at = scene.world.time.now().timestamp_millis() + 200_000;
    scene.world.account.set(Grant::From(at, "Basic c2lt"), None);
    let outcome = scene.rely(&[0]).await;
    assert_kept(&outcome, 1, Reason::Unavailable);
    assert_eq!(outcome.retry_at, Some(at));
    scene.world.minutes(3).await;
    assert_eq!(scene.world.crm.take_calls(), Calls::default());
    scene.wait(30).await;
    scene.world.minutes(1).await;
    scene.assert_one_activity(&[0]);
}

async fn repeat_is_kept() {
    for repeats in [Grant::Live("Basic c2lt"), Grant::Dead] {
        let scene = scene(Grant::Live("Basic c2lt"));
        scene.world.crm.script([CallFate::NotConnected]);
        assert_eq!(scene.bring(&[0]).await.waiting.len(), 1);
        scene.wait(5).await;
        assert_eq!(kept_days(&scene), 6);
        scene.world.account.set(repeats, None);
        let outcome = scene.rely(&[0]).await;
        assert_eq!(outcome.kept.len(), 1, "{outcome:?}");
        scene.wait(5).await;
        assert_eq!(kept_days(&scene), 89);
        if repeats == Grant::Dead {
            scene.world.sign_in().await;
        }
        scene.world.minutes(3).await;
        scene.assert_one_activity(&[0]);
    }
}

async fn bad_credentials_are_brought() {
    let scene = scene(Grant::Live("ours"));
    scene.world.crm.accept_only("ours");
    scene.world.crm.script([CallFate::NotConnected]);
    assert_kept(&scene.rely(&[0]).await, 1, Reason::Unavailable);
    // The digest has a date of its own by now, and no message has a guard.
    scene.world.crm.script([CallFate::NotConnected]);
    scene.world.minutes(2).await;
    scene.wait(150).await;
    let outcome = scene.bring(&[0, 1]).await;
    assert_eq!(outcome.reason, Some(Reason::Unauthorized), "{outcome:?}");
    scene.world.minutes(2).await;
    scene.assert_one_activity(&[0, 1]);
}

async fn closing_check_stays() {
    let scene = scene(Grant::Live("Basic c2lt"));
    assert_eq!(scene.rely(&[0]).await.logged.len(), 1);
    let at = scene.world.table.next_due();
    assert!(at.is_some());
    assert_eq!(scene.bring(&[1]).await.logged.len(), 1);
    assert_eq!(scene.world.table.next_due(), at, "{}", scene.story());
}
