//! One answer of each kind, held against the fixtures: the same fields, of the same kinds.

use std::path::Path;

use super::*;

/// Requests with the fixture of what is answered, in the order in which they are sent.
fn requests() -> Vec<(&'static str, Method, &'static str, Value)> {
    let activity = json!({
        "subject": "SMS conversation", "type": "text_sms", "owner_id": USER, "deal_id": 301,
        "org_id": 501, "due_date": "2026-02-03", "due_time": "15:00", "duration": "01:00",
        "busy": false, "done": true, "location": {"value": "Garden"}, "priority": 1,
        "participants": [{"person_id": PERSON, "primary": true}], "note": "<p>hello</p>",
        "attendees": [{"email": "ann@example.com", "name": "Ann", "is_organizer": false}],
        "public_description": "all may read it",
    });
    let person = json!({
        "name": "Ann Oak", "org_id": 501, "phones": [{"value": "+12065550100"}],
        "emails": [{"value": "ann@example.com", "primary": true, "label": "work"}],
    });
    let nothing = || Value::Null;
    vec![
        (
            "activity_created",
            Method::POST,
            "/api/v2/activities",
            activity,
        ),
        ("activity", Method::GET, "/api/v2/activities/1", nothing()),
        (
            "activities",
            Method::GET,
            "/api/v2/activities?person_id=1001&sort_by=id&sort_direction=desc&limit=1",
            nothing(),
        ),
        (
            "activity_changed",
            Method::PATCH,
            "/api/v2/activities/1",
            json!({"note": "<p>bye</p>"}),
        ),
        (
            "activity_deleted",
            Method::DELETE,
            "/api/v2/activities/1",
            nothing(),
        ),
        (
            "not_found_v2",
            Method::GET,
            "/api/v2/activities/1",
            nothing(),
        ),
        ("person_created", Method::POST, "/api/v2/persons", person),
        ("person", Method::GET, "/api/v2/persons/1001", nothing()),
        ("persons", Method::GET, "/api/v2/persons?limit=1", nothing()),
        (
            "person_changed",
            Method::PATCH,
            "/api/v2/persons/1004",
            json!({"name": "Ann Elm"}),
        ),
        (
            "persons_search",
            Method::GET,
            "/api/v2/persons/search?term=6505553204&fields=phone",
            nothing(),
        ),
        (
            "organization",
            Method::GET,
            "/api/v2/organizations/501",
            nothing(),
        ),
        (
            "organizations",
            Method::GET,
            "/api/v2/organizations",
            nothing(),
        ),
        (
            "organizations_search",
            Method::GET,
            "/api/v2/organizations/search?term=garden",
            nothing(),
        ),
        ("deal", Method::GET, "/api/v2/deals/301", nothing()),
        (
            "deals",
            Method::GET,
            "/api/v2/deals?person_id=1001&status=open&limit=1",
            nothing(),
        ),
        (
            "deals_search",
            Method::GET,
            "/api/v2/deals/search?term=roses",
            nothing(),
        ),
        (
            "leads_search",
            Method::GET,
            "/api/v2/leads/search?term=violets",
            nothing(),
        ),
        ("leads", Method::GET, "/v1/leads?person_id=1001", nothing()),
        (
            "lead",
            Method::GET,
            "/v1/leads/adf21080-0e10-11eb-879b-000000000001",
            nothing(),
        ),
        (
            "not_found_v1",
            Method::GET,
            "/v1/leads/adf21080-0e10-11eb-879b-00000000ffff",
            nothing(),
        ),
        ("me", Method::GET, "/v1/users/me", nothing()),
        ("users", Method::GET, "/v1/users", nothing()),
        ("user", Method::GET, "/v1/users/12", nothing()),
        (
            "activity_types",
            Method::GET,
            "/v1/activityTypes",
            nothing(),
        ),
        (
            "refused_v2",
            Method::POST,
            "/api/v2/activities",
            json!({"type": "no such type"}),
        ),
    ]
}

fn fixture(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/pipedrive");
    let text = std::fs::read_to_string(folder.join(format!("{name}.json")));
    let fixture: Value = serde_json::from_str(&text.expect("a fixture")).expect("JSON");
    assert!(
        fixture["_source"].is_string() && fixture["_date"].is_string(),
        "{name}"
    );
    fixture
}

/// Where two values differ in their fields, or in the kinds of these. `null` is of any kind.
fn difference(one: &Value, other: &Value, at: &str) -> Option<String> {
    match (one, other) {
        (Value::Null, _) | (_, Value::Null) => None,
        (Value::Object(one), Value::Object(other)) => {
            let names = |fields: &serde_json::Map<String, Value>| -> Vec<_> {
                fields.keys().cloned().collect()
            };
            if names(one) != names(other) {
                return Some(format!("{at}: {:?} and {:?}", names(one), names(other)));
            }
            let mut fields = one.iter();
            fields
                .find_map(|(name, value)| difference(value, &other[name], &format!("{at}/{name}")))
        }
        (Value::Array(one), Value::Array(other)) => {
            difference(one.first()?, other.first()?, &format!("{at}/0"))
        }
        _ => {
            let is_same = std::mem::discriminant(one) == std::mem::discriminant(other);
            (!is_same).then(|| at.to_owned())
        }
    }
}

#[tokio::test]
async fn each_answer_has_the_fields_of_its_fixture() {
    let app = App::start().await;
    let mut answers = Vec::new();
    for (name, method, path, body) in requests() {
        let answer = match body.is_null() {
            true => answered(app.request(method, path)).await,
            false => app.send(method, path, &body).await,
        };
        answers.push((name, answer));
    }
    let token = app.grant(USER).await;
    answers.push(("token", (200, token)));
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", "unknown"),
    ];
    answers.push(("refused_token", app.form("/oauth/token", &form).await));
    let unknown = app.client.get(format!("{}/v1/users/me", app.crm.url()));
    answers.push(("unauthorized", answered(unknown).await));
    for (name, (status, body)) in answers {
        let expected = fixture(name);
        assert_eq!(expected["status"], status, "{name} {body}");
        assert_eq!(difference(&expected["body"], &body, name), None);
    }
}
