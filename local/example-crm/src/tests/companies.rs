//! What users of different companies see of each other: nothing.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::{Client, DAISY, ROBIN};
use crate::{DEMO_KEY, ExampleCrm, SECOND_COMPANY_KEY, SECOND_REP_KEY};

fn at(time: &str) -> ExampleCrm {
    let time = time.parse().expect("a time");
    ExampleCrm::in_memory().with_clock(move || time)
}

#[tokio::test]
async fn users_are_those_of_the_company() {
    let crm = ExampleCrm::in_memory();
    let names = async |key| {
        let told = Client::with_key(&crm, key).get("/crm/api/users").await;
        let told = told.json();
        let users = told["users"].as_array().expect("a list").clone();
        users
            .into_iter()
            .map(|user| user["name"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(DEMO_KEY).await, ["Demo Rep", "Second Rep"]);
    assert_eq!(names(SECOND_COMPANY_KEY).await, ["Other Rep"]);
}

#[tokio::test]
async fn me_is_the_user_whose_key_it_is() {
    let crm = at("2025-01-15T12:00:00Z");
    let example = json!({ "id": 1, "name": "Example Company", "host": null });
    let second = json!({
        "id": 2,
        "name": "Second Company",
        "host": "second.example-crm.test",
    });
    for (key, me) in [
        (
            DEMO_KEY,
            json!({
                "id": 1,
                "name": "Demo Rep",
                "email": "rep@example.com",
                "company": example,
                "timezone": "America/Los_Angeles",
                "timezoneOffset": "-08:00",
            }),
        ),
        (
            SECOND_REP_KEY,
            json!({
                "id": 2,
                "name": "Second Rep",
                "email": "second.rep@example.com",
                "company": example,
                "timezone": "America/New_York",
                "timezoneOffset": "-05:00",
            }),
        ),
        (
            SECOND_COMPANY_KEY,
            json!({
                "id": 1,
                "name": "Other Rep",
                "email": "other.rep@second.example",
                "company": second,
                "timezone": "Asia/Kolkata",
                "timezoneOffset": "+05:30",
            }),
        ),
    ] {
        let client = Client::with_key(&crm, key);
        assert_eq!(client.get("/crm/api/me").await.json(), me);
    }
}

#[tokio::test]
async fn the_offset_is_that_of_now() {
    for (time, offset) in [
        ("2025-03-09T09:59:59Z", "-08:00"),
        ("2025-03-09T10:00:00Z", "-07:00"),
    ] {
        let me = Client::new(&at(time)).get("/crm/api/me").await.json();
        assert_eq!(me["timezoneOffset"], offset, "{time}");
    }
}

#[tokio::test]
async fn lists_hold_what_the_company_has() {
    let crm = ExampleCrm::in_memory();
    let client = Client::new(&crm);
    let other = Client::with_key(&crm, SECOND_COMPANY_KEY);
    client.log(DAISY, "ours", "text [mark:7]").await;
    other.log(ROBIN, "theirs", "text [mark:7]").await;
    for (client, name, contact, subject) in [
        (&client, "Rowan Fields", DAISY, "ours"),
        (&other, "Robin Fields", ROBIN, "theirs"),
    ] {
        let names = client.list("/crm/api/contacts?name=fields", "name").await;
        assert_eq!(names, [name]);
        for query in ["", "?noteContains=%5Bmark:7%5D", "?limit=1"] {
            let path = format!("/crm/api/activities{query}");
            assert_eq!(client.list(&path, "subject").await, [subject], "{query}");
            let list = client.get(&path).await.json();
            assert_eq!(list["nextCursor"], Value::Null, "{query}");
        }
        let path = format!("/crm/api/activities?contactId={contact}");
        assert_eq!(client.list(&path, "subject").await, [subject]);
    }
    let phone = "/crm/api/contacts?phone=%2B16505553204";
    assert_eq!(client.list(phone, "id").await, [DAISY]);
    assert!(other.list(phone, "id").await.is_empty());
    let path = format!("/crm/api/activities?contactId={DAISY}");
    assert!(other.list(&path, "id").await.is_empty());
}

#[tokio::test]
async fn what_another_company_has_is_not_there() {
    let crm = ExampleCrm::in_memory();
    let client = Client::new(&crm);
    let other = Client::with_key(&crm, SECOND_COMPANY_KEY);
    client.log(DAISY, "ours", "").await;
    let before = client.get("/crm/api/activities/1").await.body;
    for (path, unknown) in [
        ("contacts/1001", "contacts/9999"),
        ("activities/1", "activities/9999"),
    ] {
        let (path, unknown) = (format!("/crm/api/{path}"), format!("/crm/api/{unknown}"));
        for (reply, same) in [
            (other.get(&path).await, other.get(&unknown).await),
            (
                other.patch(&path, json!({})).await,
                other.patch(&unknown, json!({})).await,
            ),
        ] {
            reply.is_refused(404, "not_found", None);
            assert_eq!(reply.body, same.body);
        }
    }
    let reply = other.delete("/crm/api/activities/1").await;
    reply.is_refused(404, "not_found", None);
    assert_eq!(client.get("/crm/api/activities/1").await.body, before);
}

#[tokio::test]
async fn an_activity_cannot_be_with_a_contact_of_another_company() {
    let crm = ExampleCrm::in_memory();
    let other = Client::with_key(&crm, SECOND_COMPANY_KEY);
    let theirs = json!({ "contactId": DAISY, "subject": "s" });
    let reply = other.post("/crm/api/activities", theirs).await;
    reply.is_refused(422, "invalid", Some("contactId"));
    other.log(ROBIN, "s", "").await;
    let reply = other
        .patch("/crm/api/activities/1", json!({ "contactId": DAISY }))
        .await;
    reply.is_refused(422, "invalid", Some("contactId"));
}

#[tokio::test]
async fn colleagues_share_what_the_company_has() {
    let crm = ExampleCrm::in_memory();
    let colleague = Client::with_key(&crm, SECOND_REP_KEY);
    Client::new(&crm).log(DAISY, "ours", "").await;
    let change = json!({ "subject": "changed" });
    let reply = colleague.patch("/crm/api/activities/1", change).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
}

#[tokio::test]
async fn ids_count_through_all_companies() {
    let crm = ExampleCrm::in_memory();
    let mut ids = Vec::new();
    let contact = json!({ "name": "Fern Hill", "phone": "+12065550111" });
    for (key, contact_id) in [(SECOND_COMPANY_KEY, ROBIN), (DEMO_KEY, DAISY)].repeat(2) {
        let client = Client::with_key(&crm, key);
        let activity = client.log(contact_id, "s", "").await;
        let contact = client.post("/crm/api/contacts", contact.clone()).await;
        ids.push((activity["id"].as_u64(), contact.json()["id"].as_u64()));
    }
    let expected = [(1, 2002), (2, 2003), (3, 2004), (4, 2005)];
    assert_eq!(ids, expected.map(|(a, c)| (Some(a), Some(c))));
}
