//! The pages a person looks at.

use axum::http::StatusCode;
use serde_json::json;

use super::{Client, DAISY, ROBIN};
use crate::{ExampleCrm, SECOND_COMPANY_KEY};

#[tokio::test]
async fn the_first_page_lists_contacts_with_their_activities() {
    let mut client = Client::in_memory();
    client.log(DAISY, "a", "").await;
    client.log(DAISY, "b", "").await;
    client.authorization = None;
    for path in ["/crm", "/crm/"] {
        let page = client.get(path).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains(
            "<a href=\"/crm/contacts/1001\">Daisy Meadows</a></td>\
             <td>+16505553204</td><td class=\"count\">2</td>"
        ));
        assert_eq!(page.body.matches("<td class=\"count\">0</td>").count(), 3);
        assert!(!page.body.contains("<script"));
    }
}

#[tokio::test]
async fn contacts_stand_by_their_company() {
    let page = Client::in_memory().get("/crm").await.body;
    let places = [
        "3 in Example Company",
        "Daisy Meadows",
        "1 in Second Company",
        "Robin Fields",
    ];
    let places = places.map(|text| page.find(text));
    assert!(places.iter().all(Option::is_some) && places.is_sorted());
}

#[tokio::test]
async fn a_contact_shows_times_in_the_zone_of_its_company() {
    let crm = ExampleCrm::in_memory();
    let other = Client::with_key(&crm, SECOND_COMPANY_KEY);
    let activity = json!({
        "contactId": ROBIN,
        "subject": "Call",
        "startedAt": "2025-07-03T20:05:00Z",
    });
    other.post("/crm/api/activities", activity).await;
    let page = other.get("/crm/contacts/2001").await.body;
    assert!(page.contains("Jul 4, 2025, 1:35 AM IST"), "{page}");
    assert!(page.contains("Times are in Asia/Kolkata."));
}

#[tokio::test]
async fn pages_allow_nothing_but_their_own_style() {
    let client = Client::in_memory();
    let unframed = "'self'; frame-ancestors 'none'";
    for (path, form_action, referrer) in [
        ("/crm", unframed, "same-origin"),
        ("/crm/contacts/1001", "'none'", "no-referrer"),
        ("/crm/contacts/9", "'none'", "no-referrer"),
    ] {
        let headers = client.get(path).await.headers;
        let policy =
            format!("default-src 'none'; style-src 'unsafe-inline'; form-action {form_action}");
        assert_eq!(headers["content-security-policy"], policy);
        assert_eq!(headers["referrer-policy"], referrer);
        assert_eq!(headers["content-type"], "text/html; charset=utf-8");
    }
}

#[tokio::test]
async fn names_numbers_and_subjects_are_escaped() {
    let client = Client::in_memory();
    let bad = "</title><script>alert(1)</script>\"";
    let contact = json!({ "name": bad, "phone": "<script>1" });
    client.post("/crm/api/contacts", contact).await;
    let activity = json!({ "contactId": 2002, "subject": bad, "type": bad, "note": bad });
    client.post("/crm/api/activities", activity).await;
    for path in ["/crm", "/crm/contacts/2002"] {
        let page = client.get(path).await.body;
        assert!(!page.contains("<script"), "{page}");
        assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    }
}

#[tokio::test]
async fn a_contact_shows_its_own_activities_newest_first() {
    let client = Client::in_memory();
    for (subject, started_at) in [
        ("Middle", "2025-03-03T20:05:00Z"),
        ("Newest", "2025-07-03T20:05:00Z"),
        ("Oldest", "2025-01-03T20:05:00Z"),
    ] {
        let activity = json!({
            "contactId": DAISY,
            "subject": subject,
            "type": "Call",
            "startedAt": started_at,
            "durationSecs": 75,
        });
        client.post("/crm/api/activities", activity).await;
    }
    client.log(1002, "Elsewhere", "").await;
    let page = client.get("/crm/contacts/1001").await.body;
    let places = ["Newest", "Middle", "Oldest"].map(|subject| page.find(subject));
    assert!(places.iter().all(Option::is_some) && places.is_sorted());
    assert!(!page.contains("Elsewhere"));
    for text in [
        "Jul 3, 2025, 1:05 PM PDT",
        "Mar 3, 2025, 12:05 PM PST",
        "1 min 15 s",
        "<span>Call</span>",
    ] {
        assert!(page.contains(text), "{text}");
    }
}

#[tokio::test]
async fn a_call_shows_how_long_it_was_and_what_was_chosen_for_it() {
    let client = Client::in_memory();
    for (seconds, dispositions) in [
        (0, json!(null)),
        (59, json!({})),
        (
            75,
            json!({ "<b>": "<i>", "topics": ["price", 5, null], "done": true, "none": null }),
        ),
        (3_725, json!({ "outcome": { "code": 7 } })),
    ] {
        let activity = json!({
            "contactId": DAISY,
            "subject": "A call",
            "type": "Call",
            "startedAt": "2025-07-03T20:05:00Z",
            "durationSecs": seconds,
            "dispositions": dispositions,
        });
        client.post("/crm/api/activities", activity).await;
    }
    let page = client.get("/crm/contacts/1001").await.body;
    assert_eq!(
        page.matches("<table class=\"chosen\">").count(),
        2,
        "{page}"
    );
    for text in [
        "<span>Call</span>",
        "Jul 3, 2025, 1:05 PM PDT",
        "<span>0 s</span>",
        "<span>59 s</span>",
        "<span>1 min 15 s</span>",
        "<span>1 h 2 min 5 s</span>",
        "<tr><th scope=\"row\">&lt;b&gt;</th><td>&lt;i&gt;</td></tr>",
        "<tr><th scope=\"row\">topics</th><td>price, 5, </td></tr>",
        "<tr><th scope=\"row\">done</th><td>true</td></tr>",
        "<tr><th scope=\"row\">none</th><td></td></tr>",
        "<td>{&quot;code&quot;:7}</td>",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
}

#[tokio::test]
async fn html_notes_are_framed_and_text_notes_are_not() {
    let client = Client::in_memory();
    client.log(DAISY, "html", "<p onclick=\"x()\">Hi</p>").await;
    client.log(1002, "text", "line one\nline <two").await;
    let page = client.get("/crm/contacts/1001").await.body;
    assert!(page.contains("sandbox=\"allow-popups allow-popups-to-escape-sandbox\""));
    assert!(page.contains("&lt;p onclick=&quot;x()&quot;&gt;Hi&lt;/p&gt;\"></iframe>"));
    assert!(!page.contains("<p onclick"));
    let page = client.get("/crm/contacts/1002").await.body;
    assert!(!page.contains("<iframe"));
    assert!(page.contains("<div class=\"note\">line one\nline &lt;two</div>"));
}

#[tokio::test]
async fn only_the_newest_hundred_are_shown() {
    let client = Client::in_memory();
    for number in 0..101 {
        client.log(DAISY, &format!("({number})"), "").await;
    }
    let page = client.get("/crm/contacts/1001").await.body;
    assert!(page.contains("(100)") && page.contains("(1)") && !page.contains("(0)"));
    assert!(page.contains("The newest 100 of 101 activities."));
}

#[tokio::test]
async fn an_unknown_contact_is_a_page_that_says_so() {
    let client = Client::in_memory();
    for path in ["/crm/contacts/9", "/crm/contacts/x", "/crm/contacts/%FF"] {
        let page = client.get(path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
        assert!(page.body.contains("There is no such contact."));
    }
}
