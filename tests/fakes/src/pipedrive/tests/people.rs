//! What people do at Pipedrive's own pages.

use super::*;
use crate::Rewrite;

#[tokio::test]
async fn people_change_activities_and_leave_no_trace() {
    let app = App::start().await;
    app.make(json!({"note": "a"})).await;
    app.crm.clear_journal();
    app.crm.save_note(1, "b").await;
    app.crm.mark_done(1, true).await;
    let second = app.crm.add_activity(&json!({"subject": "By hand"})).await;
    let all = app.crm.activities().await;
    assert_eq!(
        (all.len(), &all[0]["note"], &all[0]["done"]),
        (2, &json!("b"), &json!(true))
    );
    app.crm.delete_activity(second).await;
    assert_eq!(app.crm.activities().await.len(), 1);
    assert!(app.crm.journal().is_empty());
}

#[tokio::test]
async fn notes_are_sanitised_for_all_alike() {
    let app = App::start().await;
    let rewrites = Rewrite::SANITISERS.map(|(rewrite, _)| rewrite);
    app.crm
        .set_notes(FakePipedrive::notes().stored_as(&rewrites));
    let note = "<!-- mark --><b class=\"x\">Ann&#39;s</b>\n<ul> <li>a<br>b</li></ul>";
    let expected = "<b>Ann's</b><div><ul><li>a<br />b</li></ul></div>";
    assert_eq!(app.make(json!({"note": note})).await["note"], expected);
    assert_eq!(app.crm.open_note(1).await, expected);
}

#[tokio::test]
async fn records_come_and_go() {
    let app = App::start().await;
    let organization = app.crm.add_organization("Nursery");
    let person = app
        .crm
        .add_person("Ann", "+12065550100", Some(organization));
    let deal = app.crm.add_deal("Moss", "won", person);
    let lead = app.crm.add_lead("Fern", person);
    for path in [
        format!("/api/v2/organizations/{organization}"),
        format!("/api/v2/persons/{person}"),
        format!("/api/v2/deals/{deal}"),
        format!("/v1/leads/{lead}"),
    ] {
        assert_eq!(app.get(&path).await.0, 200, "{path}");
    }
    app.crm.delete_person(person);
    let (status, gone) = app.get(&format!("/api/v2/persons/{person}")).await;
    assert_eq!((status, &gone["code"]), (404, &json!("ERR_NOT_FOUND")));
    let (status, gone) = app
        .get("/v1/leads/adf21080-0e10-11eb-879b-05d71fb426ec")
        .await;
    assert_eq!((status, &gone["data"]), (404, &json!(null)));
}

#[tokio::test]
async fn types_and_zones_change() {
    let app = App::start().await;
    app.crm.set_type("text_sms", false);
    app.crm.add_type("Texting", "texting");
    app.refusal(json!({"type": "text_sms"})).await;
    app.make(json!({"type": "texting"})).await;
    let (_, types) = app.get("/v1/activityTypes").await;
    let types = types["data"].as_array().expect("a list").clone();
    let active = types.iter().filter(|kind| kind["active_flag"] == true);
    assert_eq!((types.len(), active.count()), (7, 5));
    app.crm.set_zone(USER, "Asia/Tokyo", "+09:00");
    let (_, me) = app.get("/v1/users/me").await;
    assert_eq!(me["data"]["timezone_name"], "Asia/Tokyo");
    assert_eq!(app.get("/v1/users/12").await.1["data"]["is_you"], false);
}
