use serde_json::{Value, json};

use super::*;

fn with(fields: Value) -> Vec<u8> {
    let mut body = json!({
        "user": {"id": "1-exampleCRM"},
        "authHeader": "Basic x",
        "phoneNumber": "+16505553204",
        "name": "Daisy",
        "newContactName": "Daisy Meadows",
        "keys": ["activityTypes"],
    });
    for (name, value) in fields.as_object().expect("an object") {
        body[name] = value.clone();
    }
    body.to_string().into_bytes()
}

#[test]
fn a_number_comes_with_the_formats_of_the_user() {
    let parse = |fields| FindContactParams::parse(&with(fields)).expect("parameters");
    let plain = parse(json!({"phoneNumber": " 16505553204"}));
    assert_eq!(plain.phone.as_str(), "+16505553204");
    assert!(plain.formats.is_empty() && !plain.is_extension);
    let expected = ["(***) ***-****", "***-****"];
    for formats in [
        json!(["(***) ***-****", " ***-**** ", " "]),
        json!("(***) ***-****,***-****"),
    ] {
        assert_eq!(
            parse(json!({"overridingFormat": formats})).formats,
            expected
        );
    }
    for (flag, expected) in [
        (json!(true), true),
        (json!("true"), true),
        (json!("false"), false),
        (json!(null), false),
    ] {
        assert_eq!(parse(json!({"isExtension": flag})).is_extension, expected);
    }
}

#[test]
fn a_field_that_is_missing_or_too_long_is_named_and_not_repeated() {
    let find = |body: &[u8]| FindContactParams::parse(body).map(drop);
    let by_name = |body: &[u8]| FindContactWithNameParams::parse(body).map(drop);
    let new = |body: &[u8]| CreateContactParams::parse(body).map(drop);
    let data = |body: &[u8]| AccountDataParams::parse(body).map(drop);
    let list = |body: &[u8]| UserListParams::parse(body).map(drop);
    let long = "7".repeat(600);
    let many = vec!["7"; MAX_DATA_KEYS + 1];
    type Parse<'a> = &'a dyn Fn(&[u8]) -> Result<()>;
    let cases: [(Parse<'_>, Value, &str); 16] = [
        (&find, json!({"phoneNumber": null}), "phoneNumber"),
        (&find, json!({"phoneNumber": long}), "phoneNumber"),
        (&find, json!({"overridingFormat": many}), "overridingFormat"),
        (
            &find,
            json!({"overridingFormat": ["*", long]}),
            "overridingFormat[1]",
        ),
        (&find, json!({"overridingFormat": 777}), "overridingFormat"),
        (&find, json!({"isExtension": 777}), "isExtension"),
        (&find, json!({"user": null}), "user"),
        (&by_name, json!({"name": " "}), "name"),
        (&by_name, json!({"name": long}), "name"),
        (&new, json!({"phoneNumber": " "}), "phoneNumber"),
        (&new, json!({"newContactName": null}), "newContactName"),
        (&new, json!({"newContactType": long}), "newContactType"),
        (&data, json!({"keys": []}), "keys"),
        (&data, json!({"keys": many}), "keys"),
        (&data, json!({"keys": [long]}), "keys[0]"),
        (&list, json!({"user": {}}), "user.id"),
    ];
    for (parse, fields, expected) in cases {
        let error = parse(&with(fields)).expect_err(expected);
        let RequestError::Field { field, problem } = &error else {
            panic!("{error}");
        };
        assert_eq!(field, expected);
        assert!(!problem.contains("777"), "{problem}");
    }
}

#[test]
fn a_contact_to_make_has_a_name_on_one_line() {
    let fields = json!({
        "newContactName": " Daisy\n Meadows ",
        "newContactType": "Person",
        "additionalSubmission": {"deals": 7},
    });
    let params = CreateContactParams::parse(&with(fields)).expect("parameters");
    assert_eq!(params.name, "Daisy Meadows");
    assert_eq!(params.kind.as_deref(), Some("Person"));
    assert_eq!(
        Value::Object(params.additional_submission),
        json!({"deals": 7})
    );
    assert_eq!(format!("{:?}", params.phone), "PhoneNumber(…)");
}

#[test]
fn keys_are_asked_for_once() {
    let fields = json!({"keys": "b,a,b", "forceRefresh": "true"});
    let params = AccountDataParams::parse(&with(fields)).expect("parameters");
    assert_eq!(params.keys, ["a", "b"]);
    assert!(params.refresh);
}
