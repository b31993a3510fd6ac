//! What the API refuses, and how it says which field was wrong.

use axum::http::Method;
use serde_json::{Value, json};

use super::{Client, DAISY};

#[tokio::test]
async fn a_wrong_field_of_an_activity_is_named() {
    let client = Client::in_memory();
    client.log(DAISY, "kept", "kept").await;
    let before = client.get("/crm/api/activities/1").await.body;
    let mut deep = json!(1);
    for _ in 0..17 {
        deep = json!([deep]);
    }
    for (field, value) in [
        ("contactId", json!(1)),
        ("contactId", json!("1001")),
        ("contactId", json!(1001.5)),
        ("contactId", Value::Null),
        ("subject", json!(7)),
        ("subject", json!("  ")),
        ("subject", Value::Null),
        ("subject", json!("s".repeat(1_001))),
        ("note", json!(["n"])),
        ("note", json!("n".repeat(100_001))),
        ("type", json!("")),
        ("startedAt", json!("2025-03-03")),
        ("startedAt", json!(1_741_000_000)),
        ("durationSecs", json!(-1)),
        ("durationSecs", json!("75")),
        ("extra", json!([])),
        ("extra", json!({ "deep": deep })),
        ("dispositions", json!(["won"])),
        ("dispositions", json!("won")),
        ("dispositions", json!({ "deep": deep })),
        ("contactName", json!("Daisy")),
        ("id", json!(5)),
        ("createdAt", json!("2025-03-03T12:00:00Z")),
        ("Subject", json!("wrong case")),
    ] {
        let mut activity = json!({ "contactId": DAISY, "subject": "s" });
        activity[field] = value.clone();
        let reply = client.post("/crm/api/activities", activity).await;
        reply.is_refused(422, "invalid", Some(field));
        let reply = client
            .patch("/crm/api/activities/1", json!({ field: value }))
            .await;
        reply.is_refused(422, "invalid", Some(field));
    }
    for field in ["contactId", "subject"] {
        let mut activity = json!({ "contactId": DAISY, "subject": "s" });
        activity.as_object_mut().and_then(|a| a.remove(field));
        let reply = client.post("/crm/api/activities", activity).await;
        reply.is_refused(422, "invalid", Some(field));
    }
    assert_eq!(client.list("/crm/api/activities", "id").await, [1]);
    assert_eq!(client.get("/crm/api/activities/1").await.body, before);
}

#[tokio::test]
async fn a_note_may_be_as_long_as_the_limit() {
    let client = Client::in_memory();
    let note = "n".repeat(100_000);
    assert_eq!(client.log(DAISY, "long", &note).await["note"], note);
}

#[tokio::test]
async fn a_wrong_field_of_a_contact_is_named() {
    let client = Client::in_memory();
    for (field, contact) in [
        ("name", json!({ "phone": "+12065550111" })),
        ("name", json!({ "name": " ", "phone": "+12065550111" })),
        ("phone", json!({ "name": "Fern Hill" })),
        ("phone", json!({ "name": "Fern Hill", "phone": "none" })),
        (
            "phone",
            json!({ "name": "Fern Hill", "phone": 12065550111_u64 }),
        ),
        (
            "type",
            json!({ "name": "Fern Hill", "phone": "1", "type": "Lead" }),
        ),
        (
            "email",
            json!({ "name": "Fern Hill", "phone": "1", "email": "f" }),
        ),
    ] {
        let reply = client.post("/crm/api/contacts", contact).await;
        reply.is_refused(422, "invalid", Some(field));
    }
    assert_eq!(client.list("/crm/api/contacts", "id").await.len(), 3);
}

#[tokio::test]
async fn a_wrong_parameter_is_named() {
    let client = Client::in_memory();
    for (field, path) in [
        ("limit", "contacts?limit=0"),
        ("limit", "activities?limit=501"),
        ("limit", "activities?limit=many"),
        ("cursor", "activities?cursor=x"),
        ("contactId", "activities?contactId=x"),
        ("noteContains", "activities?noteContains="),
        ("notecontains", "activities?notecontains=x"),
        ("name", "contacts?name=a&name=b"),
    ] {
        let reply = client.get(&format!("/crm/api/{path}")).await;
        reply.is_refused(422, "invalid", Some(field));
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_object_is_refused() {
    let client = Client::in_memory();
    for body in ["", "{", "subject=s", "[]", "\"text\""] {
        for path in ["/crm/api/activities", "/crm/api/contacts"] {
            let reply = client.send(Method::POST, path, body).await;
            reply.is_refused(400, "not_json", None);
        }
    }
}

#[tokio::test]
async fn a_body_over_a_mebibyte_is_refused() {
    let client = Client::in_memory();
    let activity = json!({ "contactId": DAISY, "subject": "s", "note": "n".repeat(1 << 20) });
    let reply = client.post("/crm/api/activities", activity).await;
    reply.is_refused(413, "too_large", None);
}
