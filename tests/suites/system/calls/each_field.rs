//! Each field of a call changes its own part of the activity, and nothing else.

use daybook_tests::params::set;
use daybook_tests::world::World;
use http::Method;
use serde_json::{Value, json};

use super::{all_on, but_for_its_date, changed, create, logged, update};
use crate::expect::note;

crate::through_every_door![in "calls::"; with []; each_field_alone_changes_nothing_else];

/// A call of which everything is known.
pub(super) fn full() -> Value {
    let mut params = create();
    params["user"]["userSettings"] = all_on();
    for (path, value) in [
        ("callLog.customSubject", json!("A first call")),
        (
            "callLog.recording",
            json!({"link": "https://r.ringcentral.com/1"}),
        ),
        ("voicemailLink", json!("https://v.ringcentral.com/1")),
        ("aiNote", json!("She asked.")),
        ("transcript", json!("Daisy: Hello")),
        ("ringSenseTranscript", json!("A: x")),
        ("ringSenseSummary", json!("In short.")),
        ("ringSenseAIScore", json!(82)),
        ("ringSenseBulletedSummary", json!("- one")),
        ("ringSenseLink", json!("https://ace.ringcentral.com/1")),
        (
            "callLog.legs",
            json!([{"direction": "Inbound", "to": {"name": "Main line"}}]),
        ),
    ] {
        set(&mut params, path, value);
    }
    params
}

pub(super) fn update_with_all(told: Value) -> Value {
    let mut params = update(told);
    params["user"]["userSettings"] = all_on();
    params
}

/// A change, what it replaces in the note and with what, and the field of the CRM that changes too.
type Change = (
    Value,
    &'static str,
    &'static str,
    Option<(&'static str, Value)>,
);

fn changes_of_the_record() -> Vec<Change> {
    let open =
        |id| format!("<a target=\"_blank\" href=\"https://r.ringcentral.com/{id}\">open</a>");
    let (first, second) = (open(1).leak(), open(2).leak());
    vec![
        (
            json!({"note": "Changed.\n\nTwice & <more>."}),
            "Wants a quote.<br><br>Call back on Friday.\u{2060}",
            "Changed.<br><br>Twice &amp; &lt;more&gt;.\u{2060}",
            None,
        ),
        (
            json!({"subject": "About <the> order"}),
            "<b>Summary</b>: A first call<",
            "<b>Summary</b>: About &lt;the&gt; order<",
            Some(("subject", json!("About <the> order"))),
        ),
        (
            json!({"startTime": 1_772_625_909_000_u64}),
            "<b>Date/time</b>: 2026-03-04 11:05:09 AM<",
            "<b>Date/time</b>: 2026-03-04 04:05:09 AM<",
            Some(("startedAt", json!("2026-03-04T12:05:09.000Z"))),
        ),
        (
            json!({"duration": "70"}),
            "<b>Duration</b>: 1 minute, 5 seconds<",
            "<b>Duration</b>: 1 minute, 10 seconds<",
            Some(("durationSecs", json!(70))),
        ),
        (
            json!({"result": "Missed"}),
            "<b>Result</b>: Call connected<",
            "<b>Result</b>: Missed<",
            None,
        ),
        (
            json!({"recordingLink": "https://r.ringcentral.com/2"}),
            first,
            second,
            None,
        ),
        (
            json!({"voicemailLink": "https://v.ringcentral.com/2"}),
            "https://v.ringcentral.com/1",
            "https://v.ringcentral.com/2",
            None,
        ),
        (
            json!({"legs": [{"direction": "Outbound", "from": {"name": "Cara"}}]}),
            "Received call at Main line\u{2060}",
            "Made call from Cara\u{2060}",
            None,
        ),
        (
            json!({
                "direction": "Inbound",
                "to": {"name": "Bob", "phoneNumber": "+18885550052", "extensionNumber": 101},
            }),
            "<b>RingCentral user name</b>: Demo Rep<",
            "<b>RingCentral user name</b>: Bob<",
            None,
        ),
    ]
}

fn changes_of_machines() -> Vec<Change> {
    let table = [
        (
            json!({"aiNote": "He asked.\nTwice."}),
            "She asked.\u{2060}",
            "He asked.<br>Twice.\u{2060}",
        ),
        (
            json!({"transcript": "Demo: Hi"}),
            "Daisy: Hello\u{2060}",
            "Demo: Hi\u{2060}",
        ),
        (
            json!({"ringSenseTranscript": "B: y"}),
            "A: x\u{2060}",
            "B: y\u{2060}",
        ),
        (
            json!({"ringSenseSummary": "At length."}),
            "In short.\u{2060}",
            "At length.\u{2060}",
        ),
        (
            json!({"ringSenseAIScore": {"score": 90}}),
            "<b>Call score</b>: 82<",
            "<b>Call score</b>: 90<",
        ),
        (
            json!({"ringSenseBulletedSummary": "- two"}),
            "- one\u{2060}",
            "- two\u{2060}",
        ),
        (
            json!({"ringSenseLink": "https://ace.ringcentral.com/2"}),
            "https://ace.ringcentral.com/1",
            "https://ace.ringcentral.com/2",
        ),
    ];
    let mut changes: Vec<Change> = table.map(|(told, from, to)| (told, from, to, None)).into();
    let form = (json!({"additionalSubmission": {"stage": "won"}}), "", "");
    let (told, from, to) = form;
    changes.push((told, from, to, Some(("extra", json!({"stage": "won"})))));
    changes
}

async fn each_field_alone_changes_nothing_else(world: &World) {
    logged(world, &full()).await;
    let mut before = world.only_activity().await;
    let changes = changes_of_the_record()
        .into_iter()
        .chain(changes_of_machines());
    for (told, from, to, besides) in changes {
        world.crm.clear_journal();
        changed(world, &update_with_all(told.clone())).await;
        let methods: Vec<_> = world
            .crm
            .journal()
            .into_iter()
            .map(|sent| sent.method)
            .collect();
        assert_eq!(methods, [Method::GET, Method::PATCH], "{told}");
        let mut expected = before.clone();
        let stands = note(&before).to_owned();
        if !from.is_empty() {
            assert_eq!(stands.matches(from).count(), 1, "{from} in {stands}");
        }
        expected["note"] = json!(stands.replacen(from, to, 1));
        if let Some((name, value)) = besides {
            expected[name] = value;
        }
        before = world.only_activity().await;
        let stands = but_for_its_date(before.clone());
        assert_eq!(stands, but_for_its_date(expected), "{told}");
    }
}
