//! Links of logs with deals, leads and organisations, some of which are dead.

use super::*;

const POST: &str = "POST /api/v2/activities";
const PATCH: &str = "PATCH /api/v2/activities/11";
const REFUSED: &str = r#"{"success":false,"error":"no such deal"}"#;
const LEAD: &str = "adf21080-0e10-11eb-879b-05d71fb426ec";

/// What a scene sent with a method and a path.
fn sent(scene: &Scene, call: &str) -> Vec<Value> {
    let calls = scene.calls();
    let sent = calls
        .iter()
        .filter(|called| called.has(&format!("{call} ")));
    sent.map(script::Called::json).collect()
}

async fn known() -> Scene {
    let scene = Scene::of(usual());
    log(&scene, &json!({})).await.expect("made");
    scene
}

#[tokio::test]
async fn a_dead_link_keeps_no_log_from_being_made() {
    for status in [400, 404] {
        let scene = known().await;
        scene.replay(
            Script::new()
                .on(POST, status, REFUSED)
                .on(POST, 201, ACTIVITY)
                .on("GET /api/v2/persons/7", 200, PERSON),
        );
        let made = log(&scene, &json!({"deals": 5})).await.expect("made");
        assert_eq!(made.id.as_str(), "11");
        let sent = sent(&scene, POST);
        assert_eq!((sent.len(), &sent[0]["deal_id"]), (2, &json!(5)));
        assert_eq!(sent[1].get("deal_id"), None);
        assert_eq!(sent[1]["org_id"], 9, "the organisation stays");
    }
}

#[tokio::test]
async fn a_dead_organisation_keeps_no_log_from_being_made_and_is_forgotten() {
    let scene = known().await;
    scene.replay(
        Script::new()
            .on(POST, 400, REFUSED)
            .on(POST, 400, REFUSED)
            .on(POST, 201, ACTIVITY)
            .on("GET /api/v2/persons/7", 200, PERSON),
    );
    let form = json!({"leads": LEAD});
    log(&scene, &form).await.expect("made");
    let before = sent(&scene, POST);
    assert_eq!(before.len(), 3);
    assert_eq!(
        (before[2].get("org_id"), before[2].get("lead_id")),
        (None, None)
    );
    log(&scene, &form).await.expect("made");
    let after = sent(&scene, POST);
    assert_eq!((after.len(), after[3].get("org_id")), (4, None));
}

#[tokio::test]
async fn a_404_is_about_the_contact_only_where_the_person_is_gone() {
    let scene = known().await;
    let script = || Script::new().on(POST, 404, REFUSED);
    scene.replay(script().on("GET /api/v2/persons/7", 404, REFUSED));
    let gone = log(&scene, &json!({})).await.expect_err("refused");
    assert_eq!(gone, AdapterError::NotFound(Entity::Contact));
    scene.replay(script().on("GET /api/v2/persons/7", 200, PERSON));
    let refused = log(&scene, &json!({})).await.expect_err("refused");
    assert_eq!(refused, AdapterError::Rejected { status: 404 });
}

#[tokio::test]
async fn a_new_log_takes_no_link_away() {
    let scene = known().await;
    log(&scene, &json!({"deals": "none", "leads": LEAD}))
        .await
        .expect("made");
    log(&scene, &json!({"deals": "none", "leads": "none"}))
        .await
        .expect("made");
    log(&scene, &json!({"deals": 5, "leads": LEAD}))
        .await
        .expect("made");
    let links = sent(&scene, POST).split_off(1);
    let links: Vec<_> = links
        .iter()
        .map(|sent| (sent.get("deal_id").cloned(), sent.get("lead_id").cloned()))
        .collect();
    let expected = [
        (None, Some(json!(LEAD))),
        (None, None),
        (Some(json!(5)), None),
    ];
    assert_eq!(links, expected);
}

#[tokio::test]
async fn one_link_takes_the_place_of_the_other_and_what_stands_is_not_sent() {
    let held = json!({"success": true, "data": {"id": 11, "deal_id": 5, "lead_id": null}});
    let held = held.to_string();
    let script = Script::new().on("GET /api/v2/activities/11", 200, &held);
    let scene = Scene::of(script.on(PATCH, 200, &held));
    let id = LogId::parse("11").expect("an id");
    let read = scene
        .crm
        .get_call_log(&scene.ctx(), &id)
        .await
        .expect("read");
    for (chosen, expected) in [
        (
            json!({"leads": LEAD}),
            Some(json!({"deal_id": null, "lead_id": LEAD})),
        ),
        (
            json!({"deals": "6"}),
            Some(json!({"deal_id": 6, "lead_id": null})),
        ),
        (
            json!({"deals": "6", "leads": LEAD}),
            Some(json!({"deal_id": 6, "lead_id": null})),
        ),
        (json!({"deals": "none"}), Some(json!({"deal_id": null}))),
        (json!({"deals": 5}), None),
        (json!({"leads": "none"}), None),
        (json!({"project": "Blue"}), None),
    ] {
        let before = sent(&scene, PATCH).len();
        let form = chosen.as_object().expect("an object");
        let ctx = scene.ctx();
        let set = scene.crm.upsert_call_disposition(&ctx, &read, form);
        set.await.expect("set");
        assert_eq!(
            sent(&scene, PATCH).get(before),
            expected.as_ref(),
            "{chosen}"
        );
    }
}

#[tokio::test]
async fn an_update_without_a_field_that_is_known_changes_nothing() {
    let scene = Scene::of(Script::new().on("GET /api/v2/activities/11", 200, ACTIVITY));
    let form = json!({"project": "Blue"});
    let changes = CallLogChanges {
        subject: None,
        body: None,
        call: &daybook_core::call::CallFields::default(),
        additional_submission: form.as_object().expect("an object"),
    };
    let id = LogId::parse("11").expect("an id");
    let read = scene.crm.update_call_log(&scene.ctx(), &id, &changes).await;
    assert_eq!(read.expect("read").subject, "s");
    assert_eq!(scene.calls().len(), 1);
}

#[tokio::test]
async fn what_was_found_before_a_page_fails_is_kept_and_a_list_without_an_end_is_left() {
    let note = format!(
        "<p>n</p>--- Created via RingCentral App Connect [{}]",
        mark()
    );
    let page = |notes: &str, cursor: &str| {
        let data = json!([{"id": 21, "note": notes}]);
        json!({"success": true, "data": data, "additional_data": {"next_cursor": cursor}})
            .to_string()
    };
    let list = "GET /api/v2/activities";
    let look = async |scene: &Scene| {
        let (contact, mark) = (scene.contact("7"), mark());
        let found = (scene.crm)
            .find_message_logs_by_mark(&scene.ctx(), &contact, &mark)
            .await;
        found.map(|logs| logs.len())
    };
    let first = |text: &str| Script::new().on(list, 200, &page(text, "a"));
    let scene = Scene::of(first(&note).on(list, 500, "{}"));
    assert_eq!(look(&scene).await, Ok(1));
    let scene = Scene::of(first("another").on(list, 500, "{}"));
    assert!(look(&scene).await.is_err(), "nothing was found");
    let scene = Scene::of(first("another"));
    assert!(look(&scene).await.is_err(), "a cursor comes twice");
    assert_eq!(scene.calls().len(), 2);
}
