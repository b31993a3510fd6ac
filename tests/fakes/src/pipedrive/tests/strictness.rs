//! What v2 takes and what it refuses.

use super::*;

#[tokio::test]
async fn an_activity_is_told_whole() {
    let app = App::start().await;
    let made = app
        .make(json!({
            "subject": "A text", "type": "text_sms", "note": "<b>hello</b>", "done": true,
            "due_date": "2026-02-03", "due_time": "15:00", "duration": "01:00", "org_id": 501,
            "deal_id": 301, "participants": [{"person_id": PERSON, "primary": true}],
        }))
        .await;
    for (field, expected) in [
        ("id", json!(1)),
        ("owner_id", json!(USER)),
        ("person_id", json!(PERSON)),
        ("due_time", json!("15:00:00")),
        ("duration", json!("01:00:00")),
        ("lead_id", json!(null)),
        ("location", json!(null)),
        ("is_deleted", json!(false)),
        ("note", json!("<b>hello</b>")),
    ] {
        assert_eq!(made[field], expected, "{field}");
    }
    assert!(made["marked_as_done_time"].is_string());
    assert!(made.get("related_objects").is_none());
    assert_eq!(made.as_object().map(serde_json::Map::len), Some(28));
    let (_, found) = app.get("/api/v2/activities/1").await;
    assert!(found["data"].get("attendees").is_none());
    assert_eq!(found["data"]["note"], made["note"]);
}

#[tokio::test]
async fn fields_that_v2_does_not_take_are_refused() {
    let app = App::start().await;
    for (fields, named) in [
        (json!({"person_id": PERSON}), "person_id is a read-only"),
        (json!({"id": 7}), "id is a read-only"),
        (json!({"add_time": "2026-01-01T00:00:00Z"}), "add_time"),
        (json!({"user_id": USER}), "user_id: is not a field"),
        (json!({"owner_id": "11"}), "owner_id"),
        (json!({"owner_id": 11.5}), "owner_id"),
        (json!({"owner_id": 21}), "owner_id: is not there"),
        (json!({"done": 1}), "done"),
        (json!({"busy": "true"}), "busy"),
        (json!({"type": "sms"}), "type"),
        (json!({"type": "Call"}), "type"),
        (json!({"due_date": "2026-2-3"}), "due_date"),
        (json!({"due_date": "2026-02-30"}), "due_date"),
        (json!({"due_time": "25:00"}), "due_time"),
        (json!({"due_time": "9:00"}), "due_time"),
        (json!({"duration": "00:60"}), "duration"),
        (json!({"duration": "1"}), "duration"),
        (json!({"deal_id": 999}), "deal_id"),
        (json!({"org_id": 999}), "org_id"),
        (json!({"lead_id": "nothing"}), "lead_id"),
        (
            json!({"participants": [{"person_id": 1999}]}),
            "participants",
        ),
        (
            json!({"participants": [{"person_id": "1001"}]}),
            "person_id",
        ),
        (
            json!({"participants": [{"id": 1001}]}),
            "id: is not a field",
        ),
        (json!({"subject": null}), "subject"),
        (json!({"note": "x".repeat(102_401)}), "note"),
    ] {
        let error = app.refusal(fields.clone()).await;
        assert!(error.contains(named), "{fields}: {error}");
    }
    assert_eq!(app.crm.activities().await, [Value::Null; 0]);
    app.make(json!({"note": "x".repeat(102_400), "duration": "99:59"}))
        .await;
}

#[tokio::test]
async fn two_primaries_and_a_deal_beside_a_lead_are_refused() {
    let app = App::start().await;
    let one = |id: u64| json!({"person_id": id, "primary": true});
    let error = app
        .refusal(json!({"participants": [one(1001), one(1002)]}))
        .await;
    assert!(error.contains("more than one primary"), "{error}");
    let lead = app.crm.add_lead("Ivy", PERSON);
    let error = app.refusal(json!({"deal_id": 301, "lead_id": lead})).await;
    assert!(error.contains("exclude"), "{error}");
    let made = app.make(json!({"lead_id": lead})).await;
    let path = format!("/api/v2/activities/{}", made["id"]);
    let unlinked = json!({"lead_id": null, "deal_id": 301});
    let (status, changed) = app.send(Method::PATCH, &path, &unlinked).await;
    assert_eq!((status, &changed["data"]["deal_id"]), (200, &json!(301)));
}

#[tokio::test]
async fn an_update_leaves_alone_what_it_does_not_name() {
    let app = App::start().await;
    app.make(json!({"deal_id": 301, "note": "a", "participants": [{"person_id": PERSON, "primary": true}]}))
        .await;
    app.crm.advance(Duration::from_secs(5));
    let (status, changed) = app
        .send(Method::PATCH, "/api/v2/activities/1", &json!({"note": "b"}))
        .await;
    assert_eq!(status, 200);
    let changed = &changed["data"];
    assert_eq!(
        (&changed["deal_id"], &changed["person_id"]),
        (&json!(301), &json!(PERSON))
    );
    assert_ne!(changed["update_time"], changed["add_time"]);
}

#[tokio::test]
async fn what_is_deleted_is_gone_or_marked() {
    let app = App::start().await;
    app.make(json!({})).await;
    let path = "/api/v2/activities/1";
    let (status, gone) = answered(app.request(Method::DELETE, path)).await;
    assert_eq!(
        (status, gone),
        (200, json!({"success": true, "data": {"id": 1}}))
    );
    assert_eq!(app.get(path).await.0, 404);
    assert_eq!(
        app.send(Method::PATCH, path, &json!({"note": "b"})).await.0,
        404
    );
    app.crm.tell_deleted(true);
    let (status, told) = app.get(path).await;
    assert_eq!((status, &told["data"]["is_deleted"]), (200, &json!(true)));
    assert_eq!(
        app.send(Method::PATCH, path, &json!({"note": "b"})).await.0,
        404
    );
    assert_eq!(app.get("/api/v2/activities").await.1["data"], json!([]));
}

#[tokio::test]
async fn paths_and_methods_that_are_not_known_are_404() {
    let app = App::start().await;
    for (method, path) in [
        (Method::GET, "/api/v2/users/me"),
        (Method::GET, "/v1/persons/search?term=ab"),
        (Method::GET, "/v1/activities"),
        (Method::PUT, "/api/v2/activities/1"),
        (Method::GET, "/v2/activities"),
        (Method::GET, "/api/v2/activities/1/2"),
        (Method::GET, "/oauth/token"),
    ] {
        let (status, body) = answered(app.request(method.clone(), path)).await;
        assert_eq!(
            (status, &body["success"]),
            (404, &json!(false)),
            "{method} {path}"
        );
    }
}

#[tokio::test]
async fn queries_are_read_strictly() {
    let app = App::start().await;
    for query in [
        "persons/search?term=6&fields=phone",
        "persons/search?fields=phone",
        "persons/search?term=650&fields=phones",
        "persons/search?term=650&exact_match=1",
        "activities?limit=501",
        "activities?limit=0",
        "activities?cursor=abc",
        "activities?done=1",
        "activities?person=1001",
        "activities?person_id=1001&person_id=1002",
        "activities?updated_since=2026-01-01T00:00:00.000Z",
        "activities?sort_by=subject",
        "deals?status=lost,all",
    ] {
        let (status, body) = app.get(&format!("/api/v2/{query}")).await;
        assert_eq!(status, 400, "{query} {body}");
    }
    assert_eq!(app.get("/v1/leads?cursor=abc").await.0, 400);
}

#[tokio::test]
async fn a_body_has_to_be_json_and_to_say_so() {
    let app = App::start().await;
    for (content_type, body) in [
        ("text/plain", "{}"),
        ("application/json", "[]"),
        ("application/json", "{"),
    ] {
        let request = app.request(Method::POST, "/api/v2/activities");
        let request = request.header("content-type", content_type).body(body);
        assert_eq!(answered(request).await.0, 400, "{content_type} {body}");
    }
}

#[tokio::test]
async fn a_person_needs_a_name_and_is_told_whole() {
    let app = App::start().await;
    let path = "/api/v2/persons";
    let phones = json!([{"value": "+12065550100"}]);
    let (status, refused) = app
        .send(Method::POST, path, &json!({"phones": phones}))
        .await;
    assert_eq!(status, 400, "{refused}");
    let body = json!({"name": "Ann O'Neil", "phones": phones, "org_id": 501});
    let (status, made) = app.send(Method::POST, path, &body).await;
    assert_eq!((status, &made["data"]["owner_id"]), (200, &json!(USER)));
    assert_eq!(
        made["data"]["phones"],
        json!([{"value": "+12065550100", "primary": true, "label": "work"}])
    );
    let old = json!({"name": "B", "phone": "+12065550100"});
    assert_eq!(app.send(Method::POST, path, &old).await.0, 400);
}
