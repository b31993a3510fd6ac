//! Requests about contacts that cannot be read: the field is named, and the CRM is not asked.

use daybook_tests::params::set;
use serde_json::{Value, json};

use super::Place;
use crate::bad_input::assert_refused;

super::over_each_crm![
    a_wrong_field_is_named_and_the_crm_is_not_asked,
    what_is_not_an_object_is_refused,
];

fn good() -> [(&'static str, Value); 5] {
    let find = json!({"phoneNumber": "+16505553204", "overridingFormat": ["***-***-****"]});
    let new = json!({"phoneNumber": "+14155550177", "newContactName": "Ann Example"});
    [
        ("findContact", find),
        ("findContactWithName", json!({"name": "Daisy"})),
        ("createContact", new),
        ("getUserList", json!({})),
        ("getAccountData", json!({"keys": ["activityTypes"]})),
    ]
}

/// Of all of them, and of each, what is wrong in a field.
fn wrong(interface: &str) -> Vec<(&'static str, Value)> {
    let mut table = vec![
        ("user", Value::Null),
        ("user", json!(["11"])),
        ("user.id", Value::Null),
        ("user.id", json!(" ")),
        ("authHeader", json!("Basic a\r\nHost: evil")),
        ("authHeader", json!(5)),
    ];
    let long = || json!("x".repeat(600));
    table.extend(match interface {
        "findContact" => vec![
            ("phoneNumber", Value::Null),
            ("phoneNumber", json!("  ")),
            ("phoneNumber", json!(16_505_553_204_u64)),
            ("phoneNumber", json!("5".repeat(65))),
            ("overridingFormat", json!(vec!["***"; 11])),
        ],
        "findContactWithName" => vec![
            ("name", Value::Null),
            ("name", json!(" ")),
            ("name", long()),
        ],
        "createContact" => vec![
            ("phoneNumber", Value::Null),
            ("newContactName", json!("")),
            ("newContactName", long()),
            ("newContactType", json!("x".repeat(129))),
            ("additionalSubmission", json!([1])),
        ],
        "getAccountData" => vec![
            ("keys", Value::Null),
            ("keys", json!([])),
            ("keys", json!(" , ")),
            ("keys", json!(vec!["a"; 21])),
        ],
        _ => Vec::new(),
    });
    table
}

async fn a_wrong_field_is_named_and_the_crm_is_not_asked(place: &Place) {
    for (interface, fields) in good() {
        for (path, value) in wrong(interface) {
            let mut params = place.params(fields.clone());
            set(&mut params, path, value);
            assert_refused(place.send(interface, &params).await, 400, Some(path));
        }
    }
    assert!(place.server().journal().is_empty());
}

async fn what_is_not_an_object_is_refused(place: &Place) {
    let world = &place.scene.world;
    for (interface, _) in good() {
        for body in ["[]", "5", "\"nothing\""] {
            let reply = world.call_platform(place.platform(), interface, body).await;
            assert_eq!(reply.0, 400, "{interface} {body}: {}", reply.1);
        }
        let body = place.params(json!({})).to_string();
        let reply = world.call_platform("nope", interface, &body).await;
        assert_refused(reply, 400, Some("platform"));
    }
    assert!(place.server().journal().is_empty());
}
