//! Signing in, reading, writing, searching and paging.

use axum::Router;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Client, DAISY, basic};

#[tokio::test]
async fn without_the_key_every_path_is_refused() {
    let mut client = Client::in_memory();
    let wrong = ["other:", "demo-key:secret", "demo-key", ":"].map(basic);
    let others = ["", "Basic", "Basic %%%", "Bearer demo-key"].map(str::to_owned);
    for authorization in wrong.into_iter().chain(others).map(Some).chain([None]) {
        client.authorization = authorization;
        for path in ["", "me", "contacts", "activities/1", "nowhere"] {
            let reply = client.get(&format!("/crm/api/{path}")).await;
            reply.is_refused(401, "unauthorized", None);
            assert!(reply.headers.contains_key("www-authenticate"));
        }
    }
}

#[tokio::test]
async fn the_scheme_is_read_in_any_case() {
    let mut client = Client::in_memory();
    client.authorization = Some(basic("demo-key:").replace("Basic", "basic"));
    assert_eq!(client.get("/crm/api/me").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_new_data_set_has_three_contacts() {
    let client = Client::in_memory();
    let list = client.get("/crm/api/contacts").await.json();
    assert_eq!(list["contacts"].as_array().map(Vec::len), Some(3));
    assert_eq!(list["nextCursor"], Value::Null);
    let daisy = &list["contacts"][0];
    assert_eq!(daisy["id"], DAISY);
    assert_eq!(daisy["name"], "Daisy Meadows");
    assert_eq!(daisy["phone"], "+16505553204");
    assert_eq!(daisy["type"], "Contact");
    let created = daisy["createdAt"].as_str().expect("a time");
    assert_eq!((created.len(), created.ends_with('Z')), (24, true));
}

#[tokio::test]
async fn a_contact_is_created_read_and_changed() {
    let client = Client::in_memory();
    let new = json!({ "name": "Fern Hill", "phone": "+1 206 555 0111", "type": "Contact" });
    let reply = client.post("/crm/api/contacts", new).await;
    assert_eq!(reply.status, StatusCode::CREATED);
    let created = reply.json();
    assert_eq!(created["id"], 2002);
    assert_eq!(client.get("/crm/api/contacts/2002").await.json(), created);

    let change = json!({ "name": "Fern Vale" });
    let changed = client.patch("/crm/api/contacts/2002", change).await.json();
    assert_eq!(changed["name"], "Fern Vale");
    assert_eq!(changed["phone"], "+1 206 555 0111");
    assert_eq!(changed["createdAt"], created["createdAt"]);
    assert_eq!(client.get("/crm/api/contacts/2002").await.json(), changed);
}

#[tokio::test]
async fn contacts_are_found_by_the_digits_of_a_number() {
    let client = Client::in_memory();
    for phone in [
        "%2B16505553204",
        "+16505553204",
        "16505553204",
        "%2B1%20650%20555%203204",
        "%2B1%20(650)%20555-3204",
    ] {
        let path = format!("/crm/api/contacts?phone={phone}");
        assert_eq!(client.list(&path, "id").await, [DAISY], "{phone}");
    }
    for phone in ["", "5553204", "anonymous", "%2B16505553205"] {
        let path = format!("/crm/api/contacts?phone={phone}");
        assert!(client.list(&path, "id").await.is_empty(), "{phone}");
    }
}

#[tokio::test]
async fn contacts_are_found_by_a_part_of_a_name() {
    let client = Client::in_memory();
    let names = client.list("/crm/api/contacts?name=mEAd", "name").await;
    assert_eq!(names, ["Daisy Meadows"]);
    for query in ["name=", "name=nobody", "name=daisy&phone=14155550142"] {
        let path = format!("/crm/api/contacts?{query}");
        assert!(client.list(&path, "id").await.is_empty(), "{query}");
    }
}

#[tokio::test]
async fn an_activity_lives_from_create_to_delete() {
    let client = Client::in_memory();
    let new = json!({
        "contactId": DAISY,
        "subject": "Call",
        "note": "<p>Hello</p>",
        "type": "Call",
        "startedAt": "2025-03-03T12:00:00.5-08:00",
        "durationSecs": 75,
        "extra": { "outcome": "sold", "tags": ["a"] },
        "dispositions": { "outcome": "won" },
    });
    let reply = client.post("/crm/api/activities", new).await;
    assert_eq!(reply.status, StatusCode::CREATED);
    let mut activity = reply.json();
    let times = activity.as_object_mut().expect("an object");
    assert_eq!(times.remove("createdAt"), times.remove("updatedAt"));
    assert_eq!(
        activity,
        json!({
            "id": 1,
            "contactId": DAISY,
            "subject": "Call",
            "note": "<p>Hello</p>",
            "type": "Call",
            "startedAt": "2025-03-03T20:00:00.500Z",
            "durationSecs": 75,
            "extra": { "outcome": "sold", "tags": ["a"] },
            "dispositions": { "outcome": "won" },
            "contactName": "Daisy Meadows",
        })
    );

    let change = json!({
        "note": "Bye",
        "startedAt": null,
        "durationSecs": null,
        "extra": null,
        "dispositions": null,
    });
    let changed = client.patch("/crm/api/activities/1", change).await.json();
    assert_eq!(changed["subject"], "Call");
    assert_eq!(changed["note"], "Bye");
    for field in ["startedAt", "durationSecs", "extra", "dispositions"] {
        assert_eq!(changed.get(field), None, "{field}");
    }
    assert_eq!(client.get("/crm/api/activities/1").await.json(), changed);

    let reply = client.delete("/crm/api/activities/1").await;
    assert_eq!((reply.status.as_u16(), reply.body.as_str()), (204, ""));
    for reply in [
        client.get("/crm/api/activities/1").await,
        client.patch("/crm/api/activities/1", json!({})).await,
        client.delete("/crm/api/activities/1").await,
    ] {
        reply.is_refused(404, "not_found", None);
    }
    assert_eq!(client.log(DAISY, "Next", "").await["id"], 2);
}

#[tokio::test]
async fn a_change_of_extra_leaves_what_it_does_not_name() {
    let client = Client::in_memory();
    client.log(DAISY, "Call", "").await;
    for (change, extra) in [
        (
            json!({ "a": 1, "b": { "c": 2 } }),
            json!({ "a": 1, "b": { "c": 2 } }),
        ),
        (
            json!({ "b": { "d": 3 }, "e": 4 }),
            json!({ "a": 1, "b": { "d": 3 }, "e": 4 }),
        ),
        (
            json!({ "a": null, "x": null }),
            json!({ "b": { "d": 3 }, "e": 4 }),
        ),
        (json!({}), json!({ "b": { "d": 3 }, "e": 4 })),
        (Value::Null, Value::Null),
        (json!({ "f": 5 }), json!({ "f": 5 })),
    ] {
        let change = json!({ "extra": change });
        let changed = client.patch("/crm/api/activities/1", change).await.json();
        assert_eq!(changed["extra"], extra);
    }
    let other = client.patch("/crm/api/activities/1", json!({ "note": "n" }));
    assert_eq!(other.await.json()["extra"], json!({ "f": 5 }));
}

#[tokio::test]
async fn a_change_of_dispositions_replaces_them_as_a_whole() {
    let client = Client::in_memory();
    client.log(DAISY, "Call", "").await;
    for (change, kept) in [
        (
            json!({ "dispositions": { "a": 1, "b": [2, 3] } }),
            json!({ "a": 1, "b": [2, 3] }),
        ),
        (json!({ "note": "n" }), json!({ "a": 1, "b": [2, 3] })),
        (json!({ "dispositions": { "a": 4 } }), json!({ "a": 4 })),
        (json!({ "dispositions": null }), Value::Null),
    ] {
        let changed = client.patch("/crm/api/activities/1", change).await.json();
        assert_eq!(changed["dispositions"], kept);
    }
}

#[tokio::test]
async fn every_answer_names_the_contact_of_an_activity() {
    let client = Client::in_memory();
    let made = client.log(DAISY, "Call", "").await;
    assert_eq!(made["contactName"], "Daisy Meadows");
    let moved = client.patch("/crm/api/activities/1", json!({ "contactId": 1002 }));
    assert_eq!(moved.await.json()["contactName"], "Rowan Fields");
    client
        .patch("/crm/api/contacts/1002", json!({ "name": "Rowan Hill" }))
        .await;
    let read = client.get("/crm/api/activities/1").await.json();
    assert_eq!(read["contactName"], "Rowan Hill");
    let listed = client.list("/crm/api/activities", "contactName").await;
    assert_eq!(listed, ["Rowan Hill"]);
}

#[tokio::test]
async fn activities_are_filtered_by_contact_and_note() {
    let client = Client::in_memory();
    client.log(DAISY, "a", "text [mark:7]").await;
    client.log(DAISY, "b", "text [mark:77]").await;
    client.log(1002, "c", "text [mark:7]").await;
    for (query, subjects) in [
        ("", vec!["a", "b", "c"]),
        ("?contactId=1001", vec!["a", "b"]),
        ("?contactId=1001&noteContains=%5Bmark:7%5D", vec!["a"]),
        ("?noteContains=%5Bmark:7%5D", vec!["a", "c"]),
        ("?noteContains=MARK", vec![]),
        ("?contactId=1", vec![]),
    ] {
        let path = format!("/crm/api/activities{query}");
        assert_eq!(client.list(&path, "subject").await, subjects, "{query}");
    }
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_overlap() {
    let client = Client::in_memory();
    for number in 0..5 {
        client.log(DAISY, &number.to_string(), "kept").await;
        client.log(1002, "other", "kept").await;
    }
    let first = "/crm/api/activities?contactId=1001&noteContains=kept&limit=2";
    let mut subjects = Vec::new();
    let mut path = first.to_owned();
    loop {
        subjects.push(client.list(&path, "subject").await);
        let list = client.get(&path).await.json();
        let Some(cursor) = list["nextCursor"].as_str() else {
            assert_eq!(list["nextCursor"], Value::Null);
            break;
        };
        path = format!("{first}&cursor={cursor}");
    }
    assert_eq!(subjects, [vec!["0", "1"], vec!["2", "3"], vec!["4"]]);

    let whole = client.get("/crm/api/activities?limit=10").await.json();
    assert_eq!(whole["nextCursor"], Value::Null);
    let contacts = client.get("/crm/api/contacts?limit=2").await.json();
    let path = format!(
        "/crm/api/contacts?cursor={}",
        contacts["nextCursor"].as_str().expect("more")
    );
    assert_eq!(client.list(&path, "id").await, [1003]);
}

#[tokio::test]
async fn a_page_has_a_hundred_records_unless_told() {
    let client = Client::in_memory();
    for _ in 0..101 {
        client.log(DAISY, "s", "").await;
    }
    let list = client.get("/crm/api/activities").await.json();
    assert_eq!(list["activities"].as_array().map(Vec::len), Some(100));
    assert_eq!(list["nextCursor"], "100");
}

#[tokio::test]
async fn unknown_paths_ids_and_methods_are_refused_in_json() {
    let client = Client::in_memory();
    for path in [
        "",
        "nowhere",
        "contacts/9",
        "contacts/x",
        "contacts/%FF",
        "contacts/-1",
        "activities/9",
        "me/more",
    ] {
        let reply = client.get(&format!("/crm/api/{path}")).await;
        reply.is_refused(404, "not_found", None);
    }
    let reply = client.send(Method::PUT, "/crm/api/me", "").await;
    reply.is_refused(405, "method_not_allowed", None);
}

#[tokio::test]
async fn it_merges_with_a_router_that_has_a_fallback() {
    let other = Router::new().fallback(async || "the other");
    let mut client = Client::in_memory();
    client.router = client.router.merge(other);
    assert_eq!(client.get("/elsewhere").await.body, "the other");
    assert_eq!(client.get("/crm/elsewhere").await.body, "the other");
    for path in ["/crm/api", "/crm/api/", "/crm/api/nowhere"] {
        let reply = client.get(path).await;
        reply.is_refused(404, "not_found", None);
    }
}
