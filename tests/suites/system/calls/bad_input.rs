//! Requests about calls that cannot be read are refused with a name for what is wrong, and nothing
//! is written anywhere.

use daybook_tests::params::{DEMO_AUTH, set};
use daybook_tests::world::{Door, World};
use serde_json::{Value, json};

use super::{SESSION, create, of_log, update};
use crate::bad_input::{assert_nothing_written, assert_refused};

crate::through_every_door![in "calls::"; with [];
    a_wrong_field_of_a_new_log_is_named,
    a_wrong_field_of_a_change_is_named,
    a_wrong_field_of_a_read_or_a_choice_is_named,
    what_is_not_an_object_is_refused_by_all,
    an_unknown_platform_is_named_by_all,
    a_body_over_five_mebibytes_is_too_large_for_all,
    whatever_is_sent_is_no_fault_of_ours,
];

const LARGE: usize = (100 << 10) + 1;

fn chosen() -> Value {
    of_log(
        json!({"sessionId": SESSION}),
        json!({"dispositions": {"mood": "good"}}),
    )
}

fn read() -> Value {
    json!({"user": {"id": "1-exampleCRM"}, "authHeader": DEMO_AUTH, "callLogId": "1"})
}

/// The interfaces, each with a request that is good.
fn requests() -> [(&'static str, Value); 4] {
    [
        ("createCallLog", create()),
        ("updateCallLog", update(json!({"note": "Edited."}))),
        ("upsertCallDisposition", chosen()),
        ("getCallLog", read()),
    ]
}

/// That each value, put at its path, is refused with that path.
async fn assert_named(world: &World, interface: &str, good: &Value, table: Vec<(&str, Value)>) {
    for (path, value) in table {
        let mut params = good.clone();
        set(&mut params, path, value);
        assert_refused(world.call(interface, &params).await, 400, Some(path));
    }
}

async fn a_wrong_field_of_a_new_log_is_named(world: &World) {
    let table = vec![
        ("user", Value::Null),
        ("user.id", json!(" ")),
        ("user.timezoneName", json!("Europe/Atlantis")),
        ("user.userSettings", json!([true])),
        ("timezoneOffset", json!("next to London")),
        ("contactInfo", Value::Null),
        ("contactInfo", json!([1001])),
        ("contactInfo.id", Value::Null),
        ("contactInfo.name", json!({"first": "Daisy"})),
        ("authHeader", json!("Basic a\nHost: evil")),
        ("callLog", Value::Null),
        ("callLog", json!([SESSION])),
        ("callLog", json!("call")),
        ("callLog.sessionId", Value::Null),
        ("callLog.sessionId", json!(" ")),
        ("callLog.sessionId", json!(1.5)),
        ("callLog.sessionId", json!("x".repeat(600))),
        ("callLog.direction", json!("Sideways")),
        ("callLog.startTime", json!("half past nine")),
        ("callLog.startTime", json!(1_772_625_909)),
        ("callLog.duration", json!("soon")),
        ("callLog.duration", json!(31 * 86_400)),
        ("callLog.duration", json!([65])),
        ("callLog.result", json!({"$ne": 1})),
        ("callLog.from", json!("+16505553204")),
        ("callLog.recording.link", json!("javascript:alert(1)")),
        ("callLog.recording.downloadUrl", json!("nowhere")),
        ("callLog.legs", json!("both")),
        ("callLog.customSubject", json!(["a"])),
        ("extensionNumber", json!({"a": 1})),
        ("hashedExtensionId", json!("../1")),
        ("note", json!({"text": "a"})),
        ("note", json!("x".repeat(LARGE))),
        ("aiNote", json!("x".repeat(LARGE))),
        ("transcript", json!(5)),
        ("voicemailLink", json!("/x")),
        ("ringSenseAIScore", json!([82])),
        ("additionalSubmission", json!([1])),
        ("additionalSubmission", json!({"a": "x".repeat(17 << 10)})),
    ];
    assert_named(world, "createCallLog", &create(), table).await;
    let mut leg = create();
    set(&mut leg, "callLog.legs", json!([{}, {"direction": "up"}]));
    let reply = world.call("createCallLog", &leg).await;
    assert_refused(reply, 400, Some("callLog.legs[1].direction"));
    assert_nothing_written(world).await;
}

async fn a_wrong_field_of_a_change_is_named(world: &World) {
    let table = vec![
        ("user", Value::Null),
        ("user.id", json!({"a": 1})),
        ("existingCallLog", Value::Null),
        ("existingCallLog", json!(SESSION)),
        ("existingCallLog.thirdPartyLogId", json!(1.5)),
        ("existingCallLog.sessionId", json!("1\u{7}")),
        ("existingCallLog.hashedExtensionId", json!("~")),
        ("recordingLink", json!("data:text/html,x")),
        ("recordingDownloadLink", json!("nowhere")),
        ("subject", json!("x".repeat(LARGE))),
        ("startTime", json!("2026-03-04")),
        ("duration", json!("1:05")),
        ("direction", json!("inwards")),
        ("from", json!(["Ann"])),
        ("legs", json!({})),
        ("ringSenseLink", json!("x")),
    ];
    let good = update(json!({"note": "Edited."}));
    assert_named(world, "updateCallLog", &good, table).await;
    let neither = of_log(
        json!({"sessionId": " ", "thirdPartyLogId": null}),
        json!({}),
    );
    let reply = world.call("updateCallLog", &neither).await;
    assert_refused(reply, 400, Some("existingCallLog.thirdPartyLogId"));
    assert_nothing_written(world).await;
}

async fn a_wrong_field_of_a_read_or_a_choice_is_named(world: &World) {
    let table = vec![
        ("user", Value::Null),
        ("existingCallLog", Value::Null),
        ("existingCallLog", json!([])),
        ("dispositions", Value::Null),
        ("dispositions", json!("good")),
        ("dispositions", json!(["good"])),
        ("dispositions", json!({"a": "x".repeat(17 << 10)})),
    ];
    assert_named(world, "upsertCallDisposition", &chosen(), table).await;
    let table = vec![
        ("user", Value::Null),
        ("user.id", Value::Null),
        ("callLogId", Value::Null),
        ("callLogId", json!("")),
        ("callLogId", json!(["1"])),
        ("callLogId", json!(-1.5)),
        ("contactId", json!({})),
        ("authHeader", json!("a\r\nb")),
    ];
    assert_named(world, "getCallLog", &read(), table).await;
    assert_nothing_written(world).await;
}

async fn what_is_not_an_object_is_refused_by_all(world: &World) {
    let mut bodies = vec!["[1, 2]", "\"text\"", "null", "7"];
    if world.door != Door::Direct {
        // Lambda itself lets no direct call through that is not JSON.
        bodies.extend(["", "{", "{\"user\":", "<xml/>", "{} {}"]);
    }
    for (interface, _) in requests() {
        for body in &bodies {
            let reply = world.call_platform("exampleCRM", interface, body).await;
            assert_refused(reply, 400, None);
        }
        for name in [
            "additionalSubmission",
            "dispositions",
            "callLog",
            "user",
            "unknown",
        ] {
            let deep = format!(
                "{{\"{name}\":{}1{}}}",
                "{\"a\":".repeat(100_000),
                "}".repeat(100_000)
            );
            let (status, reply) = world.call_platform("exampleCRM", interface, &deep).await;
            assert_eq!(status, 400, "{interface} {name}: {reply}");
            assert_eq!(reply["successful"], false, "{interface} {name}: {reply}");
        }
    }
    assert_nothing_written(world).await;
}

async fn an_unknown_platform_is_named_by_all(world: &World) {
    for (interface, params) in requests() {
        let reply = world
            .call_platform("otherCRM", interface, &params.to_string())
            .await;
        assert_refused(reply, 400, Some("platform"));
    }
    assert_nothing_written(world).await;
}

async fn a_body_over_five_mebibytes_is_too_large_for_all(world: &World) {
    for (interface, mut params) in requests() {
        params["note"] = json!("x".repeat(5 << 20));
        assert_refused(world.call(interface, &params).await, 413, None);
    }
    assert_nothing_written(world).await;
}

/// What may stand anywhere in a request.
fn hostile() -> Vec<Value> {
    vec![
        Value::Null,
        json!(true),
        json!(-1),
        json!(1e308),
        json!(u64::MAX),
        json!(""),
        json!("\u{0}\u{1b}[31m\r\n"),
        json!("$ne' OR 1=1 -- ${jndi} {{7*7}} <b>"),
        json!("\u{202e}\u{feff}\u{fffd}\u{1f469}"),
        json!("9".repeat(400)),
        json!("pending"),
        json!([]),
        json!([[[]]]),
        json!({}),
        json!({"constructor": {"prototype": {}}, "": null}),
        json!("2026-03-04T19:05:09.000Z"),
        json!("https://127.0.0.1:1/?access_token=x"),
    ]
}

/// The paths of all values of a request, and some that it lacks.
fn paths(params: &Value, before: &str, into: &mut Vec<String>) {
    for (name, value) in params.as_object().into_iter().flatten() {
        let path = format!("{before}{name}");
        paths(value, &format!("{path}."), into);
        into.push(path);
    }
}

async fn whatever_is_sent_is_no_fault_of_ours(world: &World) {
    let hostile = hostile();
    // A fixed sequence, so that what fails once fails again.
    let mut seed = 0x2846_3291_0705_u64;
    let mut draw = |most: usize| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).expect("31 bits") % most
    };
    for _ in 0..40 {
        for (interface, mut params) in requests() {
            let mut places = [
                "transcript",
                "legs",
                "ringSenseAIScore",
                "hashedExtensionId",
                "from",
            ]
            .map(str::to_owned)
            .to_vec();
            paths(&params, "", &mut places);
            for _ in 0..=draw(3) {
                let path = &places[draw(places.len())];
                let (parent, _) = path.rsplit_once('.').unwrap_or_default();
                let pointer = format!("/{}", parent.replace('.', "/"));
                let is_within =
                    parent.is_empty() || params.pointer(&pointer).is_some_and(Value::is_object);
                if is_within {
                    set(&mut params, path, hostile[draw(hostile.len())].clone());
                }
            }
            let (status, reply) = world.call(interface, &params).await;
            assert!(
                [200, 400].contains(&status),
                "{interface} {params}: {status} {reply}"
            );
            assert!(reply["successful"].is_boolean(), "{params}: {reply}");
            let said = reply["returnMessage"]["message"].as_str();
            assert!(
                said.is_some_and(|said| said.len() > 10),
                "{params}: {reply}"
            );
        }
    }
    assert!(!world.output().contains("panicked"));
}
