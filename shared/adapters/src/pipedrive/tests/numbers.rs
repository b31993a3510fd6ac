//! Numbers as people write them, found or not.

use super::*;

#[tokio::test]
async fn a_number_is_found_however_it_is_written_and_no_other() {
    for (sought, held, is_found) in [
        ("+16505553204", "(650) 555-3204", true),
        ("+16505553204", "1 650 555 3204", true),
        ("+16505553204", "001 650 555 3204", true),
        ("+16505553204", "+1 650 555 3204 ext. 12", true),
        ("+16505553204", "650-555-3204 x12", true),
        ("+16505553204", "+44 650 555 3204", false),
        ("+16505553204", "+1 650 555 32049", false),
        ("+3545551234", "+1 415 555 1234", false),
        ("+3545551234", "0044 415 555 1234", false),
        ("+3545551234", "555 1234", true),
        ("+442079460958", "+44 (0)20 7946 0958", true),
        ("+442079460958", "020 7946 0958", true),
        ("6505553204", "+1 650 555 3204", true),
        ("+298123456", "+298 123456", true),
        ("+298123456", "298 123456", true),
        ("+298123456", "123456", true),
        ("+298123456", "+47 123456", false),
        ("+298123456", "99 123456", false),
    ] {
        let found = json!({"success": true, "data": {"items": [
            {"item": {"id": 7, "name": "Daisy", "phones": ["", held]}}]}});
        let none = r#"{"success":true,"data":null}"#;
        let script = Script::new()
            .on("GET /api/v2/persons/search", 200, &found.to_string())
            .on("GET /api/v2/deals", 200, none)
            .on("GET /v1/leads", 200, none);
        let scene = Scene::of(script);
        let phone = PhoneNumber::parse(sought).expect("a number");
        let query = ContactQuery {
            phone: &phone,
            formats: &[],
        };
        let found = scene.crm.find_contact(&scene.ctx(), &query).await;
        assert_eq!(
            found.expect("a list").len() == 1,
            is_found,
            "{sought} {held}"
        );
    }
}
