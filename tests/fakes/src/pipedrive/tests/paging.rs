//! Lists and searches.

use super::*;

async fn ids(app: &App, query: &str) -> Vec<u64> {
    let (status, page) = app.get(&format!("/api/v2/{query}")).await;
    assert_eq!(status, 200, "{page}");
    let rows = page["data"].as_array().expect("a list");
    rows.iter().filter_map(|row| row["id"].as_u64()).collect()
}

#[tokio::test]
async fn a_cursor_leads_through_all_and_ends_with_null() {
    let app = App::start().await;
    for _ in 0..5 {
        app.make(json!({})).await;
    }
    for (order, expected) in [
        ("", [1, 2, 3, 4, 5]),
        ("&sort_direction=desc", [5, 4, 3, 2, 1]),
    ] {
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let path = format!("/api/v2/activities?limit=2{order}{cursor}");
            let (_, page) = app.get(&path).await;
            let rows = page["data"].as_array().expect("a list");
            seen.extend(rows.iter().filter_map(|row| row["id"].as_u64()));
            match page["additional_data"]["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen, expected);
    }
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_order_only() {
    let app = App::start().await;
    app.make(json!({})).await;
    app.make(json!({})).await;
    let (_, page) = app.get("/api/v2/activities?limit=1").await;
    let cursor = text(&page["additional_data"]["next_cursor"]);
    let other = format!("/api/v2/activities?sort_by=update_time&cursor={cursor}");
    assert_eq!(app.get(&other).await.0, 400);
}

#[tokio::test]
async fn lists_are_narrowed_by_the_primary_participant_and_by_time() {
    let app = App::start().await;
    let both = json!([{"person_id": 1001, "primary": true}, {"person_id": 1002, "primary": false}]);
    app.make(json!({"participants": both, "done": true})).await;
    app.crm.advance(Duration::from_secs(3_000));
    app.make(json!({"participants": [{"person_id": 1002, "primary": true}]}))
        .await;
    assert_eq!(ids(&app, "activities?person_id=1001").await, [1]);
    assert_eq!(ids(&app, "activities?person_id=1002").await, [2]);
    assert_eq!(ids(&app, "activities?done=true").await, [1]);
    assert_eq!(ids(&app, "activities?ids=2,7").await, [2]);
    let later = (Utc::now() + TimeDelta::minutes(25)).format("%Y-%m-%dT%H:%M:%SZ");
    assert_eq!(
        ids(&app, &format!("activities?updated_since={later}")).await,
        [2]
    );
    assert_eq!(
        ids(&app, &format!("activities?updated_until={later}")).await,
        [1]
    );
    assert_eq!(
        ids(&app, "deals?person_id=1001&status=open").await,
        [301, 303]
    );
    assert_eq!(ids(&app, "deals?person_id=1001").await, [301, 302, 303]);
}

#[tokio::test]
async fn leads_are_counted_from_a_start() {
    let app = App::start().await;
    app.crm.add_lead("Ivy", PERSON);
    for prefix in ["/v1", "/api/v1"] {
        let path = format!("{prefix}/leads?person_id={PERSON}&limit=1&start=1");
        let (status, page) = app.get(&path).await;
        assert_eq!(status, 200);
        assert_eq!(page["data"][0]["title"], "Ivy");
        assert_eq!(page["additional_data"]["more_items_in_collection"], false);
    }
    let first = app.get("/v1/leads?limit=1").await.1;
    assert_eq!(first["additional_data"]["more_items_in_collection"], true);
}

async fn names(app: &App, query: &str) -> Vec<String> {
    let (status, page) = app.get(&format!("/api/v2/persons/search?{query}")).await;
    assert_eq!(status, 200, "{page}");
    let items = page["data"]["items"].as_array().expect("a list");
    items
        .iter()
        .map(|found| text(&found["item"]["name"]))
        .collect()
}

#[tokio::test]
async fn persons_are_found_by_the_digits_of_their_phones() {
    let app = App::start().await;
    for (query, expected) in [
        ("term=6505553204&fields=phone", &["Daisy Meadows"][..]),
        ("term=%2B16505553204&fields=phone", &["Daisy Meadows"]),
        ("term=4155550142&fields=phone", &["Rowan Fields"]),
        ("term=%2B14155550142&fields=phone", &[]),
        ("term=6505553204&fields=phone&exact_match=true", &[]),
        ("term=6505553204&fields=name,email", &[]),
        ("term=daisy&fields=name", &["Daisy Meadows"]),
        ("term=2065550123&fields=phone", &[]),
    ] {
        assert_eq!(names(&app, query).await, expected, "{query}");
    }
    let (_, found) = app.get("/api/v2/persons/search?term=daisy").await;
    let item = &found["data"]["items"][0]["item"];
    assert_eq!(item["phones"], json!(["+1 650-555-3204"]));
    assert_eq!(
        item["organization"],
        json!({"id": 501, "name": "Garden Supplies"})
    );
    assert!(item.get("add_time").is_none());
}

#[tokio::test]
async fn phones_may_have_to_be_written_as_they_stand() {
    let app = App::start().await;
    app.crm.literal_phones(true);
    for (term, expected) in [
        ("6505553204", &[][..]),
        ("650-555-3204", &["Daisy Meadows"]),
        ("(415)+555-0142", &["Rowan Fields"]),
    ] {
        let query = format!("term={term}&fields=phone");
        assert_eq!(names(&app, &query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn what_is_new_may_not_be_found_yet_and_pages_go_on() {
    let app = App::start().await;
    app.crm.set_index_delay(Duration::from_secs(60));
    assert_eq!(names(&app, "term=fields").await, [""; 0]);
    app.crm.advance(Duration::from_secs(61));
    app.crm.add_person("Ann Fields", "1", None);
    assert_eq!(names(&app, "term=fields").await, ["Rowan Fields"]);
    app.crm.set_index_delay(Duration::ZERO);
    let (_, page) = app.get("/api/v2/persons/search?term=fields&limit=1").await;
    let cursor = text(&page["additional_data"]["next_cursor"]);
    let next = format!("term=fields&limit=1&cursor={cursor}");
    assert_eq!(names(&app, &next).await, ["Ann Fields"]);
}

#[tokio::test]
async fn deals_leads_and_organizations_are_found_too() {
    let app = App::start().await;
    for (path, key) in [
        ("deals/search?term=ros&status=open&person_id=1001", "title"),
        ("leads/search?term=viol&person_id=1001", "title"),
        ("organizations/search?term=garden", "name"),
    ] {
        let (status, page) = app.get(&format!("/api/v2/{path}")).await;
        let items = page["data"]["items"].as_array().expect("a list");
        assert_eq!((status, items.len()), (200, 1), "{path}");
        assert!(items[0]["item"][key].is_string());
    }
}

#[tokio::test]
async fn companies_see_nothing_of_each_other() {
    let app = App::on(FakePipedrive::start().await, 21).await;
    assert_eq!(app.get("/api/v2/persons/1002").await.0, 404);
    let (_, robin) = app.get("/api/v2/persons/1001").await;
    assert_eq!(
        (&robin["data"]["name"], &robin["data"]["org_id"]),
        (&json!("Robin Fields"), &json!(502))
    );
    app.refusal(json!({"type": "text_sms"})).await;
    let (_, me) = app.get("/v1/users/me").await;
    assert_eq!(me["data"]["company_domain"], "second-company");
    assert_eq!(me["data"]["timezone_name"], "Asia/Kolkata");
    let (_, users) = app.get("/v1/users").await;
    assert_eq!(users["data"].as_array().map(Vec::len), Some(1));
}
