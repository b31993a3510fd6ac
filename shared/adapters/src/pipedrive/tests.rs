//! Calls of a scripted Pipedrive: how many there are, and what they carry.

mod kinds;
mod limits;
mod links;
mod numbers;
mod script;

use daybook_core::digest::Mark;
use daybook_core::phone::PhoneNumber;
use serde_json::json;

use self::script::{Scene, Script};
use super::*;
use crate::{AdapterError, Applied, Cause, Entity};

const TYPES: &str = r#"{"success":true,"data":[
    {"name":"Call","key_string":"call","active_flag":true},
    {"name":"Old SMS","key_string":"old","active_flag":false},
    {"name":"Text (SMS)","key_string":"sms_x","active_flag":true}]}"#;
const PERSON: &str = r#"{"success":true,"data":{"id":7,"name":"Daisy","org_id":9}}"#;
const ACTIVITY: &str = r#"{"success":true,"data":{"id":11,"note":"n","subject":"s"}}"#;

fn mark() -> Mark {
    Mark::from_bits(7)
}

/// Logs a digest with person 7.
async fn log(scene: &Scene, form: &Value) -> Result<MessageLog> {
    let (mark, contact) = (mark(), scene.contact("7"));
    let log = NewMessageLog {
        contact: &contact,
        subject: "SMS conversation",
        body: "<p>n</p>",
        mark: &mark,
        started_at: "2015-02-18T23:59:30Z".parse().expect("a time"),
        additional_submission: form.as_object().expect("an object"),
    };
    scene.crm.create_message_log(&scene.ctx(), &log).await
}

fn usual() -> Script {
    Script::new()
        .on("GET /v1/activityTypes", 200, TYPES)
        .on("GET /api/v2/persons/7", 200, PERSON)
        .on("POST /api/v2/activities", 201, ACTIVITY)
}

#[tokio::test]
async fn a_digest_is_made_with_one_call_once_person_and_types_are_known() {
    let scene = Scene::of(usual());
    let form = json!({"deals": 5, "leads": "adf21080-0e10-11eb-879b-05d71fb426ec"});
    assert_eq!(log(&scene, &form).await.expect("made").id.as_str(), "11");
    assert_eq!(scene.calls().len(), 3, "types, person, activity");
    log(&scene, &json!({})).await.expect("made");
    let calls = scene.calls();
    assert_eq!(calls.len(), 4, "nothing is asked again");
    let expected = json!({
        "subject": "SMS conversation",
        "note": "<p>n</p>",
        "type": "sms_x",
        "done": true,
        "owner_id": 1,
        "participants": [{"person_id": 7, "primary": true}],
        "org_id": 9,
        "due_date": "2015-02-18",
        "due_time": "23:59",
    });
    assert_eq!(calls[3].json(), expected, "no deal, no lead, no person_id");
    let mut linked = expected;
    linked["deal_id"] = json!(5);
    assert_eq!(calls[2].json(), linked, "a deal, and then no lead");
    assert!(
        calls
            .iter()
            .all(|call| call.has("authorization: Bearer token"))
    );
}

#[tokio::test]
async fn what_was_remembered_and_is_so_no_more_is_asked_anew() {
    let scene = Scene::of(usual());
    log(&scene, &json!({})).await.expect("made");
    scene.replay(
        Script::new()
            .on(
                "POST /api/v2/activities",
                400,
                r#"{"success":false,"error":"no org"}"#,
            )
            .on(
                "GET /api/v2/persons/7",
                200,
                r#"{"success":true,"data":{"id":7,"name":"D","org_id":null}}"#,
            )
            .on("POST /api/v2/activities", 201, ACTIVITY),
    );
    log(&scene, &json!({})).await.expect("made");
    let calls = scene.calls();
    assert_eq!(calls.len(), 3);
    assert_eq!(calls[2].json().get("org_id"), None);
}

#[tokio::test]
async fn a_person_who_is_gone_is_told_from_a_refused_note() {
    let refused = r#"{"success":false,"error":"Bad request"}"#;
    for (person, expected) in [
        ((404, "{}"), AdapterError::NotFound(Entity::Contact)),
        (
            (
                200,
                r#"{"success":true,"data":{"id":7,"name":"D","org_id":9,"is_deleted":true}}"#,
            ),
            AdapterError::NotFound(Entity::Contact),
        ),
        (
            (200, PERSON),
            AdapterError::Invalid {
                status: 400,
                field: None,
            },
        ),
    ] {
        let scene = Scene::of(usual());
        log(&scene, &json!({})).await.expect("made");
        let script = Script::new().on("POST /api/v2/activities", 400, refused);
        scene.replay(script.on("GET /api/v2/persons/7", person.0, person.1));
        assert_eq!(
            log(&scene, &json!({})).await.expect_err("refused"),
            expected
        );
        let is_there = expected != AdapterError::NotFound(Entity::Contact);
        // Its organisation may be what Pipedrive refuses.
        assert_eq!(scene.calls().len(), if is_there { 3 } else { 2 });
    }
}

#[tokio::test]
async fn a_user_or_an_administrator_names_the_type_and_texts_may_have_none() {
    let only_calls =
        r#"{"success":true,"data":[{"name":"Phone call","key_string":"c","active_flag":true}]}"#;
    for (types, setting, expected) in [
        (
            TYPES,
            json!({"pipedriveSmsType": {"value": "mine"}}),
            json!("mine"),
        ),
        (
            TYPES,
            json!({"pipedriveSmsType": {"value": " "}}),
            json!("sms_x"),
        ),
        (only_calls, json!({}), json!("c")),
        (r#"{"success":true,"data":null}"#, json!({}), json!(null)),
    ] {
        let script = Script::new()
            .on("GET /v1/activityTypes", 200, types)
            .on("GET /api/v2/persons/7", 200, PERSON)
            .on("POST /api/v2/activities", 201, ACTIVITY);
        let mut scene = Scene::of(script);
        scene.user.settings = setting.as_object().expect("an object").clone();
        log(&scene, &json!({})).await.expect("made");
        let sent = scene.calls().pop().expect("a call").json();
        assert_eq!(sent["type"], expected);
    }
    let scene = Scene::of(Script::new().on("GET /v1/activityTypes", 200, only_calls));
    let (ctx, check_up) = (scene.ctx(), scene.crm.check_up().expect("it looks"));
    assert_eq!(check_up.lacks(&ctx).await, Ok(vec![Lack::TypeOfTexts]));
}

#[tokio::test]
async fn a_match_costs_a_search_and_two_look_ups_and_saves_one_of_the_log() {
    let found = json!({"success": true, "data": {"items": [
        {"item": {"id": 7, "name": "Daisy", "phones": ["(650) 555-3204"],
                  "organization": {"id": 9, "name": "Meadows"}}},
        {"item": {"id": 8, "name": "Other", "phones": ["650 555 3299"]}},
    ]}});
    let lead = r#"{"success":true,"data":[{"id":"adf2","title":" A\nlead "}]}"#;
    let script = usual()
        .on("GET /api/v2/persons/search", 200, &found.to_string())
        .on(
            "GET /api/v2/deals",
            200,
            r#"{"success":true,"data":[{"id":5,"title":null}]}"#,
        )
        .on("GET /v1/leads", 200, lead);
    let scene = Scene::of(script);
    let phone = PhoneNumber::parse("+16505553204").expect("a number");
    let query = ContactQuery {
        phone: &phone,
        formats: &[],
    };
    let contacts = scene.crm.find_contact(&scene.ctx(), &query).await;
    let contacts = contacts.expect("a list");
    assert_eq!(contacts.len(), 1, "the other has another number");
    assert_eq!(contacts[0].contact.id.as_str(), "7");
    assert_eq!(
        json!(contacts[0].choices),
        json!({
            "deals": [{"const": "5", "title": "5"}],
            "leads": [{"const": "adf2", "title": "A lead"}],
        })
    );
    let calls = scene.calls();
    assert_eq!(calls.len(), 3);
    assert!(calls[0].has("GET /api/v2/persons/search?term=6505553204&fields=phone&limit=20 "));
    log(&scene, &json!({})).await.expect("made");
    assert_eq!(
        scene.calls().len(),
        5,
        "types and activity: the organisation is known"
    );
}

#[tokio::test]
async fn formats_are_tried_until_somebody_is_found() {
    let nobody = r#"{"success":true,"data":{"items":[]}}"#;
    let somebody = r#"{"success":true,"data":{"items":[
        {"item":{"id":7,"name":"D","phones":["650-555-3204"]}}]}}"#;
    let script = Script::new()
        .on("GET /api/v2/persons/search", 200, nobody)
        .on("GET /api/v2/persons/search", 200, somebody)
        .on("GET /api/v2/deals", 403, "{}")
        .on("GET /v1/leads", 500, "{}");
    let scene = Scene::of(script);
    let phone = PhoneNumber::parse("+16505553204").expect("a number");
    let formats = ["(***) ***-****", "***", "***-***-****", "*** *** ****"].map(str::to_owned);
    let query = ContactQuery {
        phone: &phone,
        formats: &formats,
    };
    let contacts = scene.crm.find_contact(&scene.ctx(), &query).await;
    let contacts = contacts.expect("a list");
    assert!(contacts.len() == 1 && contacts[0].choices.is_empty());
    assert_eq!(scene.calls().len(), 4, "two searches, two look-ups");
}

#[tokio::test]
async fn a_firewall_says_nothing_of_the_sign_in() {
    let page = Script::new().with(
        "PATCH /api/v2/activities/11",
        403,
        &["content-type: text/html"],
        "<p>",
    );
    let scene = Scene::of(page);
    let id = LogId::parse("11").expect("an id");
    let error = scene.crm.update_message_log(&scene.ctx(), &id, "n").await;
    let expected = AdapterError::Unavailable {
        applied: Applied::No,
        cause: Cause::Status(403),
        retry_after: None,
    };
    assert_eq!(error, Err(expected));
}

#[tokio::test]
async fn credentials_are_sent_to_no_other_host() {
    let mut scene = Scene::of(usual());
    scene.user.hostname = Some("evil.example".to_owned());
    let error = log(&scene, &json!({})).await.expect_err("refused");
    assert!(matches!(
        error,
        AdapterError::Invalid { field: Some(_), .. }
    ));
    assert!(scene.calls().is_empty());
    assert!(!scene.crm.is_host("evil.example"));
}

#[tokio::test]
async fn a_mark_is_looked_for_on_every_page_newest_first() {
    let note = |mark: &Mark| format!("<p>n</p>--- Created via RingCentral App Connect [{mark}]");
    let page = |ids: &[u64], mark: &Mark, cursor: Value| {
        let made = |id: &u64| json!({"id": id, "note": note(mark), "is_deleted": *id == 20});
        let data: Vec<_> = ids.iter().map(made).collect();
        json!({"success": true, "data": data, "additional_data": {"next_cursor": cursor}})
            .to_string()
    };
    let script = Script::new()
        .on(
            "GET /api/v2/activities",
            200,
            &page(&[21, 20], &mark(), json!("c1")),
        )
        .on(
            "GET /api/v2/activities",
            200,
            &page(&[12], &mark(), json!("c2")),
        )
        .on(
            "GET /api/v2/activities",
            200,
            &page(&[11], &Mark::from_bits(9), json!(null)),
        );
    let scene = Scene::of(script);
    let contact = scene.contact("7");
    let (ctx, mark) = (scene.ctx(), mark());
    let found = (scene.crm).find_message_logs_by_mark(&ctx, &contact, &mark);
    let ids: Vec<_> = found
        .await
        .expect("a list")
        .into_iter()
        .map(|log| log.id)
        .collect();
    let ids: Vec<_> = ids.iter().map(LogId::as_str).collect();
    assert_eq!(ids, ["12", "21"], "oldest first, without what is deleted");
    let calls = scene.calls();
    assert_eq!(calls.len(), 3);
    assert!(calls[0].has("person_id=7&updated_since=2014-11-20T13%3A24%3A50Z&sort_by=id"));
    assert!(calls[2].has("cursor=c2"));
}
