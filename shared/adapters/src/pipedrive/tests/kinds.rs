//! Types of activity that come, go and are named.

use chrono::TimeDelta;

use super::*;

const LIST: &str = "GET /v1/activityTypes";
const POST: &str = "POST /api/v2/activities";
const REFUSED: &str = r#"{"success":false,"error":"no such type"}"#;
const CALLS: &str = r#"{"success":true,"data":[
    {"name":"Ring","key_string":"call","active_flag":true}]}"#;

fn types(types: &str) -> Script {
    Script::new()
        .on(LIST, 200, types)
        .on("GET /api/v2/persons/7", 200, PERSON)
}

/// The type of the last activity that was sent.
fn last(scene: &Scene) -> Value {
    let last = scene.calls().pop().expect("a call");
    last.json()["type"].take()
}

#[tokio::test]
async fn a_type_that_was_switched_off_is_looked_up_again_at_most_once_a_minute() {
    let scene = Scene::of(usual());
    log(&scene, &json!({})).await.expect("made");
    scene.pass(TimeDelta::minutes(2));
    scene.replay(types(CALLS).on(POST, 400, REFUSED).on(POST, 201, ACTIVITY));
    log(&scene, &json!({})).await.expect("made");
    assert_eq!(last(&scene), "call");
    scene.replay(types(CALLS).on(POST, 400, REFUSED));
    log(&scene, &json!({})).await.expect_err("refused");
    let asked = scene.calls();
    let asked = asked.iter().filter(|call| call.has(LIST)).count();
    assert_eq!(asked, 0, "the list is seconds old");
}

#[tokio::test]
async fn a_type_that_is_missing_is_looked_up_again_from_time_to_time() {
    let scene = Scene::of(types(CALLS).on(POST, 201, ACTIVITY));
    log(&scene, &json!({})).await.expect("made");
    assert_eq!(last(&scene), "call");
    scene.replay(usual());
    log(&scene, &json!({})).await.expect("made");
    assert_eq!((last(&scene), scene.calls().len()), (json!("call"), 1));
    scene.pass(TimeDelta::minutes(10));
    log(&scene, &json!({})).await.expect("made");
    assert_eq!(last(&scene), "sms_x");
}

#[tokio::test]
async fn a_named_type_that_is_refused_and_not_there_gives_way_to_one_that_is() {
    let mut scene = Scene::of(types(TYPES).on(POST, 400, REFUSED).on(POST, 201, ACTIVITY));
    let named = json!({"pipedriveSmsType": {"value": "gone"}});
    scene.user.settings = named.as_object().expect("an object").clone();
    log(&scene, &json!({})).await.expect("made");
    assert_eq!(last(&scene), "sms_x");
    let check_up = scene.crm.check_up().expect("it looks");
    let lacks = check_up.lacks(&scene.ctx()).await;
    assert_eq!(lacks, Ok(vec![Lack::NamedTypeOfTexts]));
}

#[tokio::test]
async fn texts_without_a_type_take_the_one_that_is_named_for_calls() {
    let mut scene = Scene::of(types(CALLS).on(POST, 201, ACTIVITY));
    let named = json!({"pipedriveCallType": {"value": "talk"}});
    scene.user.settings = named.as_object().expect("an object").clone();
    log(&scene, &json!({})).await.expect("made");
    assert_eq!(last(&scene), "talk");
}
