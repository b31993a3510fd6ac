//! What is told of a call stands in its note, and where the CRM has a field for it, there too.

use daybook_tests::params::set;
use daybook_tests::world::World;
use serde_json::{Value, json};

use super::{all_on, of_session, settings, update};
use crate::expect::note;

crate::through_every_door![in "calls::"; with [];
    what_a_request_tells_stands_in_the_note,
    times_stand_in_fields_of_their_own,
    what_machines_make_of_a_call_stands_in_the_note,
    what_the_users_settings_turn_off_is_not_written,
    dates_stand_as_the_user_wants_them_and_in_the_users_zone,
];

/// Logs calls that tell something more, with every field on: each gives its activity.
async fn log_each(world: &World, tell: impl IntoIterator<Item = (&str, Value)>) -> Vec<Value> {
    for (session, (path, value)) in (100..).zip(tell) {
        let mut params = of_session(&session.to_string());
        params["user"]["userSettings"] = all_on();
        set(&mut params, path, value);
        let (status, reply) = world.call("createCallLog", &params).await;
        assert_eq!(
            (status, &reply["successful"]),
            (200, &json!(true)),
            "{path}: {reply}"
        );
    }
    world.activities().await
}

/// That the note of a call that tells something more has these lines.
async fn assert_shown(world: &World, table: &[(&str, Value, &str)]) {
    let tell = table.iter().map(|(path, value, _)| (*path, value.clone()));
    let activities = log_each(world, tell).await;
    assert_eq!(activities.len(), table.len());
    for ((path, value, shown), activity) in table.iter().zip(&activities) {
        let note = note(activity);
        assert_eq!(
            note.matches(shown).count(),
            1,
            "{path} {value}: {shown} in {note}"
        );
    }
}

async fn what_a_request_tells_stands_in_the_note(world: &World) {
    let own = json!({"phoneNumber": "+18885550052", "name": "Demo <Rep>"});
    let legs = json!([
        {"direction": "Inbound", "to": {"name": "Main line", "phoneNumber": "+18885550000"}},
        {"direction": "Inbound", "to": {"extensionNumber": 102, "name": "Cara"}, "duration": 55},
    ]);
    assert_shown(
        world,
        &[
            ("callLog.id", json!(5), "<li><b>Session Id</b>: 100</li>"),
            (
                "callLog.id",
                json!("x"),
                "<li><b>RingCentral user name</b>: Demo Rep</li>",
            ),
            (
                "callLog.id",
                Value::Null,
                "<li><b>RingCentral number and extension</b>: +18885550052 101</li>",
            ),
            (
                "callLog.to",
                own,
                "<li><b>RingCentral user name</b>: Demo &lt;Rep&gt;</li>",
            ),
            (
                "callLog.direction",
                json!("Inbound"),
                "<li><b>Caller phone number</b>: +16505553204</li>",
            ),
            (
                "callLog.direction",
                json!("Outbound"),
                "<li><b>Recipient phone number</b>: +16505553204</li>",
            ),
            (
                "callLog.customSubject",
                json!("Order 7 & 8"),
                "<li><b>Summary</b>: Order 7 &amp; 8</li>",
            ),
            (
                "callLog.result",
                json!("Voicemail"),
                "<li><b>Result</b>: Voicemail</li>",
            ),
            (
                "callLog.result",
                json!("</li>$& ${note} <b>"),
                "<li><b>Result</b>: &lt;/li&gt;$&amp; ${note} &lt;b&gt;</li>",
            ),
            (
                "callLog.recording",
                json!({"link": "https://r.example/?id=7&t=\"x\""}),
                "<li><b>Call recording link</b>: \
                 <a target=\"_blank\" href=\"https://r.example/?id=7&amp;t=%22x%22\">open</a></li>",
            ),
            (
                "callLog.recording",
                json!({"link": "(pending...)"}),
                "<li><b>Call recording link</b>: (pending...)</li>",
            ),
            (
                "voicemailLink",
                json!("https://v.ringcentral.com/8"),
                "<li><b>Voicemail recording link</b>: \
                 <a target=\"_blank\" href=\"https://v.ringcentral.com/8\">open</a></li>",
            ),
            (
                "callLog.voicemail",
                json!({"link": "https://v.ringcentral.com/9"}),
                "<a target=\"_blank\" href=\"https://v.ringcentral.com/9\">open</a>",
            ),
            (
                "callLog.legs",
                legs,
                "<div><b>Call journey</b><br>Received call at Main line, +18885550000<br>\
                 Transferred to Cara, ext 102, duration: 55 seconds\u{2060}</div>",
            ),
        ],
    )
    .await;
}

async fn what_machines_make_of_a_call_stands_in_the_note(world: &World) {
    assert_shown(
        world,
        &[
            (
                "aiNote",
                json!("She asked.\n\n- <Send> it"),
                "<div><b>AI Note</b><br>She asked.<br><br>- &lt;Send&gt; it\u{2060}</div>",
            ),
            (
                "transcript",
                json!("Daisy: Hello\r\nDemo: Hi"),
                "<div><b>Transcript</b><br>Daisy: Hello<br>Demo: Hi\u{2060}</div>",
            ),
            (
                "ringSenseTranscript",
                json!("A: x\nB: y"),
                "<div><b>ACE transcript</b><br>A: x<br>B: y\u{2060}</div>",
            ),
            (
                "ringSenseSummary",
                json!("In short."),
                "<div><b>ACE summary</b><br>In short.\u{2060}</div>",
            ),
            (
                "ringSenseAIScore",
                json!(82.5),
                "<li><b>Call score</b>: 82.5</li>",
            ),
            (
                "ringSenseAIScore",
                json!("good"),
                "<li><b>Call score</b>: good</li>",
            ),
            (
                "ringSenseBulletedSummary",
                json!("- one\n- two"),
                "<div><b>ACE bulleted summary</b><br>- one<br>- two\u{2060}</div>",
            ),
            (
                "ringSenseLink",
                json!("https://ace.ringcentral.com/3"),
                "<li><b>ACE recording link</b>: \
                 <a target=\"_blank\" href=\"https://ace.ringcentral.com/3\">open</a></li>",
            ),
        ],
    )
    .await;
}

async fn times_stand_in_fields_of_their_own(world: &World) {
    let (begun, second) = ("2026-03-04T19:05:09.000Z", 65);
    let table = [
        (
            "callLog.startTime",
            json!("2026-07-04T03:02:03+02:00"),
            "<b>Date/time</b>: 2026-07-03 06:02:03 PM<",
            (json!("2026-07-04T01:02:03.000Z"), json!(second)),
        ),
        (
            "callLog.startTime",
            json!(1_772_651_109_000_u64),
            "<b>Date/time</b>: 2026-03-04 11:05:09 AM<",
            (json!(begun), json!(second)),
        ),
        (
            "callLog.startTime",
            Value::Null,
            "<b>Duration</b>",
            (Value::Null, json!(second)),
        ),
        (
            "callLog.duration",
            json!(3_725),
            "<b>Duration</b>: 1 hour, 2 minutes, 5 seconds<",
            (json!(begun), json!(3_725)),
        ),
        (
            "callLog.duration",
            json!("61"),
            "<b>Duration</b>: 1 minute, 1 second<",
            (json!(begun), json!(61)),
        ),
        (
            "callLog.duration",
            json!(0),
            "<b>Duration</b>: 0 seconds<",
            (json!(begun), json!(0)),
        ),
        (
            "callLog.duration",
            json!("pending"),
            "<b>Duration</b>: pending<",
            (json!(begun), Value::Null),
        ),
    ];
    let tell = table
        .iter()
        .map(|(path, value, _, _)| (*path, value.clone()));
    let activities = log_each(world, tell).await;
    for ((path, value, shown, (begun, seconds)), activity) in table.iter().zip(&activities) {
        assert!(note(activity).contains(shown), "{path} {value}: {activity}");
        assert_eq!(&activity["startedAt"], begun, "{path} {value}");
        assert_eq!(&activity["durationSecs"], seconds, "{path} {value}");
    }
}

async fn what_the_users_settings_turn_off_is_not_written(world: &World) {
    let mut params = of_session(super::SESSION);
    params["user"]["userSettings"] = settings(&[
        ("addCallLogNote", json!(false)),
        ("addCallLogResult", json!("false")),
        ("addCallLogTranscript", json!(false)),
        ("addCallLogDuration", json!(false)),
    ]);
    params["transcript"] = json!("Daisy: Hello");
    world.call("createCallLog", &params).await;
    let activity = world.only_activity().await;
    let expected = "<li><b>Date/time</b>: 2026-03-04 11:05:09 AM</li><br>--- Created";
    assert!(note(&activity).starts_with(expected), "{activity}");
    assert_eq!(
        activity["durationSecs"], 65,
        "the CRM's own field is no part of the note"
    );
    // Whoever wants to see it sees what is told then.
    let later = update(json!({"result": "Missed", "note": "Seen."}));
    world.call("updateCallLog", &later).await;
    let activity = world.only_activity().await;
    let expected = "<b>Agent notes</b><br>Seen.\u{2060}<br><br><b>Call details</b><br>\
        <li><b>Date/time</b>: 2026-03-04 11:05:09 AM</li><li><b>Result</b>: Missed</li><br>---";
    assert!(note(&activity).starts_with(expected), "{activity}");
}

async fn dates_stand_as_the_user_wants_them_and_in_the_users_zone(world: &World) {
    let format = |pattern: &str| settings(&[("logDateFormat", json!(pattern))]);
    for (session, (path, value, shown)) in (0..).zip([
        (
            "user.userSettings",
            format("dddd, MMM D YYYY, HH:mm Z"),
            "Wednesday, Mar 4 2026, 11:05 -08:00",
        ),
        (
            "user.userSettings",
            format("[on] DD/MM/YY h:m:s a"),
            "on 04/03/26 11:5:9 am",
        ),
        ("user.userSettings", format(" "), "2026-03-04 11:05:09 AM"),
        (
            "user.timezoneName",
            json!("Asia/Kolkata"),
            "2026-03-05 12:35:09 AM",
        ),
        (
            "user",
            json!({"id": "1-exampleCRM", "timezoneOffset": "+02:00"}),
            "2026-03-04 09:05:09 PM",
        ),
        (
            "user",
            json!({"id": "1-exampleCRM"}),
            "2026-03-04 07:05:09 PM",
        ),
    ]) {
        let mut params = of_session(&(100 + session).to_string());
        set(&mut params, path, value);
        world.call("createCallLog", &params).await;
        let activity = world.activities().await.remove(session);
        let line = format!("<li><b>Date/time</b>: {shown}</li>");
        assert!(note(&activity).contains(&line), "{shown}: {activity}");
    }
}
