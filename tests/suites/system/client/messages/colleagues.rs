//! A thread of a shared inbox that several users log: one log for all of them.

use daybook_example_crm::SECOND_REP_KEY;
use daybook_tests::sign_in::{token, with_key, with_oauth};
use serde_json::{Value, json};

use super::threads::{shared, thread};
use super::{Login, Place, ids_of};
use crate::expect::note;

super::signed_in! {
    [daybook_tests::world::Door::LocalHttp, daybook_tests::world::Door::HttpEvent],
    [Login::Key, Login::OAuth];
    a_thread_that_two_users_log_has_one_log,
    two_who_log_a_thread_at_once_share_its_log,
    the_others_go_on_where_the_owner_signs_out
}

const ALL: [&str; 4] = ["Question A", "Answer A", "Answer B", "Question B"];

/// The session of another user of the company.
async fn colleague(place: &Place) -> String {
    let world = &place.world;
    token(&match place.login {
        Login::Key => with_key(world, SECOND_REP_KEY).await,
        Login::OAuth => with_oauth(world, "1-2").await,
        Login::Pipedrive => panic!("the cases are of the Example CRM"),
    })
}

/// The ids that are told to a user.
async fn ids(place: &Place, token: &str, body: &Value) -> Vec<String> {
    let answer = place.send_as(token, &body.to_string()).await;
    let reply = answer.json();
    assert_eq!((answer.status, &reply["successful"]), (200, &json!(true)));
    ids_of(&reply)
}

async fn assert_stands_once(place: &Place, texts: &[&str]) {
    let activity = place.world.only_activity().await;
    let note = note(&activity);
    for text in texts {
        assert_eq!(note.matches(text).count(), 1, "{text}: {note}");
    }
    let counter = format!("Conversation({} messages)", texts.len());
    assert!(note.contains(&counter), "{note}");
}

async fn a_thread_that_two_users_log_has_one_log(place: &Place) {
    let other = colleague(place).await;
    assert_eq!(place.ids(&shared(place, 2)).await, [thread()]);
    assert_eq!(ids(place, &other, &shared(place, 2)).await, [""; 0]);
    assert_eq!(ids(place, &other, &shared(place, 3)).await, [thread()]);
    assert_eq!(place.ids(&shared(place, 3)).await, [""; 0]);
    assert_eq!(place.ids(&shared(place, 4)).await, [thread()]);
    assert_eq!(ids(place, &other, &shared(place, 4)).await, [""; 0]);
    assert_stands_once(place, &ALL).await;
}

async fn two_who_log_a_thread_at_once_share_its_log(place: &Place) {
    let other = colleague(place).await;
    let body = shared(place, 4);
    for _ in 0..3 {
        let told = futures_util::join!(
            ids(place, &place.token, &body),
            ids(place, &other, &body),
            ids(place, &other, &body),
        );
        let told = [told.0, told.1, told.2].concat();
        assert!(told.iter().all(|id| *id == thread()), "{told:?}");
    }
    assert_stands_once(place, &ALL).await;
}

async fn the_others_go_on_where_the_owner_signs_out(place: &Place) {
    let other = colleague(place).await;
    assert_eq!(place.ids(&shared(place, 2)).await, [thread()]);
    let path = format!("/unAuthorize?jwtToken={}", place.token);
    place.world.client("POST", &path, &[], "").await;
    assert_eq!(ids(place, &other, &shared(place, 4)).await, [thread()]);
    assert_eq!(ids(place, &other, &shared(place, 4)).await, [""; 0]);
    assert_stands_once(place, &ALL).await;
}
