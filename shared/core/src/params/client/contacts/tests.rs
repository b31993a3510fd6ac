use serde_json::json;

use super::*;
use crate::ids::CrmUserId;

fn user() -> User {
    User {
        id: CrmUserId::parse("1-exampleCRM").expect("an id"),
        hostname: None,
        name: None,
        zone: None,
        settings: Map::new(),
    }
}

fn find(query: &str) -> Result<ContactQuery> {
    ContactQuery::parse(query, user())
}

#[test]
fn a_number_arrives_as_the_extension_sends_it() {
    for sent in [
        "phoneNumber=+16505553204",
        "phoneNumber= 16505553204",
        "phoneNumber=%2B16505553204",
        "phoneNumber=%2016505553204",
        "jwtToken=x&phoneNumber=+16505553204&overridingFormat=&isExtension=false",
    ] {
        let query = find(sent).expect("a number");
        assert_eq!(query.find.phone.as_str(), "+16505553204", "{sent}");
        assert!(query.find.formats.is_empty() && !query.find.is_extension);
        assert!(!query.refresh && query.find.auth.is_none());
    }
}

#[test]
fn formats_and_flags_are_texts() {
    let sent = "phoneNumber=+1&overridingFormat=(***)%20***-****%2C%20%23%23%23&isExtension=true\
                &isForceRefreshAccountData=true";
    let query = find(sent).expect("a number");
    assert_eq!(query.find.formats, ["(***) ***-****", "###"]);
    assert!(query.find.is_extension && query.refresh);
}

#[test]
fn what_is_missing_or_too_long_is_named_and_not_repeated() {
    let long = "9".repeat(MAX_PHONE_BYTES + 1);
    let many = "*,".repeat(MAX_FORMATS + 1);
    for (query, field) in [
        (String::new(), "phoneNumber"),
        ("phoneNumber=%20".to_owned(), "phoneNumber"),
        (format!("phoneNumber={long}"), "phoneNumber"),
        (
            format!("phoneNumber=1&overridingFormat={many}"),
            "overridingFormat",
        ),
    ] {
        let error = find(&query).map(drop).expect_err("refused");
        assert!(error.to_string().contains(field), "{error}");
        assert!(!error.to_string().contains("999"), "{error}");
    }
}

#[test]
fn a_name_is_read_however_it_is_encoded() {
    let name = |query: &str| {
        let params = FindContactWithNameParams::of_query(query, user());
        params.map(|params| params.name)
    };
    for (sent, read) in [
        ("jwtToken=x&name=Smith%20&%20Sons", "Smith & Sons"),
        ("name=Smith & Sons&jwtToken=x", "Smith & Sons"),
        ("jwtToken=x&name=Smith%20%26%20Sons", "Smith & Sons"),
        ("jwtToken=x&name=50%%20more", "50% more"),
        ("jwtToken=x&name=100%", "100%"),
        ("jwtToken=x&name=Anna+M%C3%BCller", "Anna Müller"),
        ("jwtToken=x&name=M\u{fc}ller", "Müller"),
        ("jwtToken=x&name=M%FCller", "Müller"),
        ("jwtToken=x&name=a=b?c", "a=b?c"),
    ] {
        assert_eq!(name(sent), Ok(read.to_owned()), "{sent}");
    }
    for sent in ["", "name=", "jwtToken=x&name=%20", "names=x"] {
        let error = name(sent).expect_err("refused");
        assert_eq!(error, RequestError::missing("name"), "{sent}");
    }
}

#[test]
fn a_new_contact_is_read_from_the_body_alone() {
    let read = |body: Value| CreateContactParams::of_body(body.to_string().as_bytes(), user());
    let whole = json!({
        "user": {"id": "9-exampleCRM"},
        "authHeader": "Basic x",
        "phoneNumber": "+16505553204",
        "newContactName": " Ann \n Example ",
        "newContactType": "",
        "additionalSubmission": {"category": "none"},
    });
    let params = read(whole).expect("a contact");
    assert_eq!(params.name, "Ann Example");
    assert_eq!(params.kind, None);
    assert_eq!(params.user.id.as_str(), "1-exampleCRM");
    assert!(params.auth.is_none());
    assert_eq!(params.additional_submission["category"], "none");
    for (body, field) in [
        (json!({"newContactName": "Ann"}), "phoneNumber"),
        (json!({"phoneNumber": "+1"}), "newContactName"),
        (
            json!({"phoneNumber": "+1", "newContactName": " "}),
            "newContactName",
        ),
    ] {
        let error = read(body).map(drop).expect_err("refused");
        assert_eq!(error, RequestError::missing(field));
    }
    let wrong = json!({"phoneNumber": "+1", "newContactName": "A", "additionalSubmission": 1});
    assert!(read(wrong).is_err());
}

#[test]
fn lists_are_named_with_commas() {
    let read = |query: &str| AccountDataParams::of_query(query, user());
    let params = read("keys=b,%20a,,b&forceRefresh=true").expect("keys");
    assert_eq!(
        (params.keys, params.refresh),
        (vec!["a".into(), "b".into()], true)
    );
    let error = read("keys=,&forceRefresh=").map(drop).expect_err("refused");
    assert_eq!(error, RequestError::missing("keys"));
}
