//! Deals and leads that logs are linked with, some of which are gone.

use serde_json::{Value, json};

use super::{HOST, Scene, USER, text, user, words};

super::by_client![
    a_link_that_is_gone_keeps_nothing_from_being_logged,
    a_refused_link_of_a_call_is_told_and_the_note_is_written,
    a_call_moves_from_a_deal_to_a_lead_and_back,
];

/// A deal that there is not.
const GONE: u64 = 999_999;

/// A call of Daisy Meadows, or what is told of it later, with what else is told.
fn call(mut params: Value, form: &Value) -> Value {
    params["user"] = user(USER, HOST);
    params["additionalSubmission"] = form.clone();
    params
}

fn created(form: &Value) -> Value {
    let params = json!({
        "contactInfo": {"id": 1001, "name": "Daisy Meadows", "phoneNumber": "+16505553204"},
        "callLog": {
            "sessionId": "77", "direction": "Inbound", "result": "Call connected",
            "startTime": "2026-03-04T19:05:09.000Z", "duration": 65,
            "from": {"phoneNumber": "+16505553204"}, "to": {"phoneNumber": "+18885550052"},
        },
        "note": "Wants a quote.",
    });
    call(params, form)
}

fn changed(note: &str, form: &Value) -> Value {
    call(
        json!({"existingCallLog": {"sessionId": "77"}, "note": note}),
        form,
    )
}

async fn a_link_that_is_gone_keeps_nothing_from_being_logged(scene: &Scene) {
    scene.sign_in(USER).await;
    let mut first = text();
    first["additionalSubmission"] = json!({"deals": GONE});
    let mut second = first.clone();
    second["message"]["id"] = json!(2);
    for text in [first, second] {
        let (_, reply) = scene.call("createMessageLog", &text).await;
        assert_eq!(words(&reply), "Message logged");
    }
    let form = json!({"leads": "adf21080-0e10-11eb-879b-0000000000ff"});
    let (_, reply) = scene.call("createCallLog", &created(&form)).await;
    assert_eq!(words(&reply), "Call logged");
    let activities = scene.pipedrive.activities().await;
    assert_eq!(activities.len(), 2, "{activities:#?}");
    for activity in activities {
        let links = (
            &activity["deal_id"],
            &activity["lead_id"],
            &activity["org_id"],
        );
        assert_eq!(links, (&Value::Null, &Value::Null, &json!(501)));
    }
}

async fn a_refused_link_of_a_call_is_told_and_the_note_is_written(scene: &Scene) {
    scene.sign_in(USER).await;
    let (_, reply) = scene
        .call("createCallLog", &created(&json!({"deals": 301})))
        .await;
    assert_eq!(words(&reply), "Call logged");
    let refused = changed("Sent a quote.", &json!({"deals": GONE}));
    let (_, reply) = scene.call("updateCallLog", &refused).await;
    assert_eq!(reply["successful"], false, "{reply}");
    assert!(words(&reply).contains("does not accept"), "{reply}");
    let activity = &scene.pipedrive.activities().await[0];
    let note = activity["note"].as_str().expect("a note");
    assert!(note.contains("Sent a quote."), "{note}");
    assert_eq!(activity["deal_id"], 301, "it stays");
    // It holds back nothing that comes later.
    let later = changed("Sold.", &json!({"deals": 303}));
    let (_, reply) = scene.call("updateCallLog", &later).await;
    assert_eq!(words(&reply), "Call log updated");
    let activity = &scene.pipedrive.activities().await[0];
    assert!(activity["note"].as_str().expect("a note").contains("Sold."));
    assert_eq!(activity["deal_id"], 303);
}

async fn a_call_moves_from_a_deal_to_a_lead_and_back(scene: &Scene) {
    scene.sign_in(USER).await;
    let lead = json!(scene.pipedrive.add_lead("Orchids", 1001));
    let (_, reply) = scene
        .call("createCallLog", &created(&json!({"deals": 301})))
        .await;
    assert_eq!(words(&reply), "Call logged");
    let none = Value::Null;
    for (form, deal, is_lead) in [
        (json!({"leads": lead}), &none, true),
        (json!({"deals": 303}), &json!(303), false),
        (json!({"deals": 301, "leads": lead}), &json!(301), false),
        (json!({"deals": "none", "leads": lead}), &none, true),
    ] {
        let expected = (deal, if is_lead { &lead } else { &none });
        let moved = changed("Moved.", &form);
        let (_, reply) = scene.call("updateCallLog", &moved).await;
        assert_eq!(words(&reply), "Call log updated", "{form}");
        let activity = &scene.pipedrive.activities().await[0];
        assert_eq!(
            (&activity["deal_id"], &activity["lead_id"]),
            expected,
            "{form}"
        );
    }
    for (chosen, deal) in [(json!({"deals": 303}), 303), (json!({"deals": 301}), 301)] {
        let params = json!({"existingCallLog": {"sessionId": "77"}, "dispositions": chosen});
        let (_, reply) = scene
            .call("upsertCallDisposition", &call(params, &none))
            .await;
        assert_eq!(reply["successful"], true, "{reply}");
        let activity = &scene.pipedrive.activities().await[0];
        let links = (&activity["deal_id"], &activity["lead_id"]);
        assert_eq!(links, (&json!(deal), &none), "the lead is gone");
    }
}
