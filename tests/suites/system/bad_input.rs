//! What cannot be read is refused with a name for it, and nothing is written anywhere.

use daybook_tests::params::{example, inbound, with};
use daybook_tests::runner::case;
use daybook_tests::world::{Door, World};
use libtest_mimic::Trial;
use serde_json::{Value, json};

crate::through_every_door![
    a_wrong_field_is_named_and_nothing_is_written,
    what_is_not_an_object_is_refused,
    an_unknown_platform_is_named,
    a_body_over_five_mebibytes_is_too_large,
];

/// The cases that only an address can show.
pub(super) fn http_cases() -> Vec<Trial> {
    [
        (Door::LocalHttp, "local_http"),
        (Door::HttpEvent, "http_event"),
    ]
    .map(|(door, prefix)| {
        case(
            format!("{prefix}::an_unknown_interface_is_not_found"),
            move || async move {
                an_unknown_interface_is_not_found(&World::start(door).await).await;
            },
        )
    })
    .into()
}

pub(super) async fn assert_nothing_written(world: &World) {
    assert!(world.crm.journal().is_empty(), "{:#?}", world.crm.journal());
    assert_eq!(world.stored_items().await, 0);
}

pub(super) fn assert_refused((status, reply): (u64, Value), expected: u64, field: Option<&str>) {
    assert_eq!(status, expected, "{reply}");
    assert_eq!(reply["successful"], false, "{reply}");
    assert!(reply.get("logId").is_none(), "{reply}");
    assert_eq!(reply["field"].as_str(), field, "{reply}");
    let words = reply["returnMessage"]["message"].as_str().expect("words");
    if let Some(field) = field {
        assert!(words.starts_with(&format!("`{field}` ")), "{words}");
    }
    assert!(words.len() > 20, "{words}");
}

async fn a_wrong_field_is_named_and_nothing_is_written(world: &World) {
    let mut other = example();
    other["messages"] = json!([inbound(9, "2015-02-18T13:00:00Z", "x")]);
    other["messages"][0]["conversationId"] = json!(1);
    for (path, value) in [
        ("user", Value::Null),
        ("user.id", json!("")),
        ("user.timezoneName", json!("Europe/Atlantis")),
        ("user.timezoneOffset", json!("+99:00")),
        ("timezoneOffset", json!("next to London")),
        ("contactInfo", Value::Null),
        ("contactInfo.id", Value::Null),
        ("contactInfo.name", json!({"first": "Daisy"})),
        ("authHeader", Value::Null),
        ("authHeader", json!("Basic a\nHost: evil")),
        ("message", Value::Null),
        ("message", json!([])),
        ("message.id", json!(1.5)),
        ("message.id", Value::Null),
        ("message.conversationId", json!(" ")),
        ("message.creationTime", Value::Null),
        ("message.creationTime", json!("half past nine")),
        ("message.creationTime", json!(1_424_265_890)),
        ("message.direction", json!("up")),
        ("message.type", json!("Pigeon")),
        ("message.subject", json!({"$ne": 1})),
        ("messages", json!("all")),
        ("recordingLink", json!("javascript:alert(1)")),
        ("imageDownloadLink", json!("nowhere")),
    ] {
        let reply = world.call("createMessageLog", &with(path, value)).await;
        assert_refused(reply, 400, Some(path));
    }
    let reply = world.call("updateMessageLog", &other).await;
    assert_refused(reply, 400, Some("messages[0].conversationId"));
    assert_nothing_written(world).await;
}

async fn what_is_not_an_object_is_refused(world: &World) {
    let mut bodies = vec!["[1, 2]", "\"text\"", "null", "7"];
    if world.door != Door::Direct {
        // Lambda itself lets no direct call through that is not JSON.
        bodies.extend(["", "{", "{\"user\":", "<xml/>", "{} {}"]);
    }
    for body in bodies {
        let reply = world
            .call_platform("exampleCRM", "createMessageLog", body)
            .await;
        assert_refused(reply, 400, None);
    }
    let deep = format!(
        "{{\"additionalSubmission\":{}1{}}}",
        "{\"a\":".repeat(200),
        "}".repeat(200)
    );
    let reply = world
        .call_platform("exampleCRM", "createMessageLog", &deep)
        .await;
    assert_refused(reply, 400, None);
    assert_nothing_written(world).await;
}

async fn an_unknown_platform_is_named(world: &World) {
    let body = example().to_string();
    let reply = world
        .call_platform("otherCRM", "createMessageLog", &body)
        .await;
    assert_refused(reply, 400, Some("platform"));
    if world.door == Door::Direct {
        for payload in [example().to_string(), json!({"platform": ""}).to_string()] {
            let answer = world.invoke("createMessageLog", &payload).await;
            assert_eq!(
                (&answer["statusCode"], &answer["field"]),
                (&json!(400), &json!("platform"))
            );
        }
    }
    assert_nothing_written(world).await;
}

async fn a_body_over_five_mebibytes_is_too_large(world: &World) {
    let text = "x".repeat(5 << 20);
    let reply = world
        .call("createMessageLog", &with("message.subject", json!(text)))
        .await;
    assert_refused(reply, 413, None);
    // Just below the limit, the field is what is wrong.
    let text = "x".repeat((5 << 20) - 4_096);
    let reply = world
        .call("createMessageLog", &with("message.subject", json!(text)))
        .await;
    assert_refused(reply, 400, Some("message.subject"));
    assert_nothing_written(world).await;
}

async fn an_unknown_interface_is_not_found(world: &World) {
    let body = example().to_string();
    for interface in [
        "dropTable",
        "createmessagelog",
        "createMessageLog%2F..",
        "createMessageLog/x",
    ] {
        let reply = world.call_platform("exampleCRM", interface, &body).await;
        assert_refused(reply, 404, None);
    }
    assert_nothing_written(world).await;
}
