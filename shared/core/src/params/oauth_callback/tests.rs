//! The forms in which browsers come back, and those in which nobody should.

use secrecy::ExposeSecret;

use super::*;

const PAGE: &str = "https://ringcentral.example/embeddable/redirect.html";

/// As `encodeURIComponent` does.
fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn read(query: &str) -> OAuthCallback {
    OAuthCallback::parse(query).unwrap_or_else(|error| panic!("{query}: {error}"))
}

fn field(query: &str) -> String {
    match OAuthCallback::parse(query) {
        Ok(_) => panic!("{query} is read"),
        Err(RequestError::Field { field, .. }) => field,
        Err(RequestError::NotJson { reason }) => panic!("{query}: {reason}"),
    }
}

#[test]
fn a_callback_is_read_however_it_was_encoded() {
    let plain = format!("{PAGE}?code=4%2F0Ab%2BC&state=platform%3Dpipedrive");
    let behind = format!("{PAGE}?code=4%2F0Ab%2BC&scope=base&state=platform=pipedrive");
    let before = format!("{PAGE}?state=platform%3Dpipedrive&code=4%2F0Ab%2BC");
    let twice = format!("{PAGE}?code=4%2F0Ab%2BC&state=platform%253Dpipedrive");
    let fragment = format!("{plain}#top");
    for query in [
        format!("callbackUri={plain}"),
        format!("callbackUri={behind}"),
        format!("callbackUri={before}"),
        format!("callbackUri={twice}"),
        format!("callbackUri={}", encoded(&plain)),
        format!("callbackUri={}", encoded(&behind)),
        format!("callbackUri={}", encoded(&before)),
        format!("callbackUri={}", encoded(&twice)),
        format!("callbackUri={}", encoded(&fragment)),
        // The same inside and beside.
        format!(
            "callbackUri={}&state=platform%3Dpipedrive&code=4%2F0Ab%2BC",
            encoded(&plain)
        ),
        format!("callbackUri={before}&state=platform=pipedrive"),
        format!("callbackUri={}&state=platform=pipedrive", encoded(&twice)),
        // The address carries nothing.
        format!("callbackUri={PAGE}&state=platform=pipedrive&code=4%2F0Ab%2BC"),
        format!(
            "code=4%2F0Ab%2BC&callbackUri={}&state=platform=pipedrive",
            encoded(PAGE)
        ),
    ] {
        let callback = read(&query);
        assert_eq!(callback.platform, "pipedrive", "{query}");
        let code = callback.code.expect("a code");
        assert_eq!(code.expose_secret(), "4/0Ab+C", "{query}");
        let redirect = callback.redirect.expect("an address");
        assert_eq!(redirect.as_str(), PAGE, "{query}");
        assert_eq!(callback.error, None);
    }
}

#[test]
fn a_code_may_come_without_an_address() {
    for query in [
        "code=c&state=platform=pipedrive",
        "code=c&state=platform%3Dpipedrive",
        "code=c&state=platform%253Dpipedrive",
        "state=csrf%3D5%26platform%3Dpipedrive&code=c",
        "callbackUri=undefined&code=c&state=platform=pipedrive",
        "callbackUri=&code=c&state=platform=pipedrive",
        "callbackUri&code=c&state=platform=pipedrive",
        "code=c&code=c&code=&state=platform=pipedrive&state=undefined",
    ] {
        let callback = read(query);
        assert_eq!(callback.platform, "pipedrive", "{query}");
        assert_eq!(callback.code.expect("a code").expose_secret(), "c");
        assert_eq!(callback.redirect, None, "{query}");
        assert_eq!(callback.hostname, None);
        assert_eq!((callback.rc_account, callback.rc_extension), (None, None));
    }
}

#[test]
fn what_the_client_knows_is_read_beside_the_address() {
    let hash = "0a".repeat(32);
    let query = format!(
        "callbackUri={PAGE}?code=c&state=platform=pipedrive\
         &hostname=Acme.pipedrive.com&rcAccountId=400012345678&rcExtensionId={hash}"
    );
    let callback = read(&query);
    assert_eq!(callback.hostname.as_deref(), Some("acme.pipedrive.com"));
    let account = RingCentralId::Raw("400012345678".to_owned());
    assert_eq!(callback.rc_account, Some(account));
    let hashed =
        matches!(callback.rc_extension, Some(RingCentralId::Hashed(id)) if id.as_str() == hash);
    assert!(hashed);
    let known = "code=c&state=platform=x";
    for unknown in ["temp", "undefined", "null", ""] {
        let query = format!("{known}&hostname={unknown}&rcExtensionId=");
        assert_eq!(read(&query).hostname, None, "{unknown}");
    }
    let inside = format!("{PAGE}?code=c&state=platform=x&hostname=evil.example&rcAccountId=9");
    let callback = read(&format!(
        "callbackUri={}&hostname=acme.example",
        encoded(&inside)
    ));
    assert_eq!(callback.hostname.as_deref(), Some("acme.example"));
    assert_eq!(
        callback.rc_account, None,
        "what the CRM says is not the client's"
    );
}

#[test]
fn a_refusal_of_the_crm_is_read() {
    for query in [
        format!("callbackUri={PAGE}?error=access_denied&state=platform=pipedrive"),
        format!(
            "callbackUri={}",
            encoded(&format!(
                "{PAGE}?error=access_denied&state=platform%3Dpipedrive"
            ))
        ),
        "error=access_denied&error_description=No%20thanks&state=platform=pipedrive".to_owned(),
    ] {
        let callback = read(&query);
        assert_eq!(callback.error.as_deref(), Some("access_denied"), "{query}");
        assert!(callback.code.is_none());
    }
}

#[test]
fn what_is_missing_is_named() {
    for (query, named) in [
        ("", "code"),
        ("state=platform=x", "code"),
        ("code=&state=platform=x", "code"),
        ("code=undefined&state=platform=x", "code"),
        ("code=c", "state"),
        ("code=c&state=", "state"),
        ("code=c&state=platform", "state"),
        ("code=c&state=platform=", "state"),
        ("code=c&state=csrf%3D5", "state"),
        ("error=access_denied", "state"),
        ("code=c&platform=x", "state"),
    ] {
        assert_eq!(field(query), named, "{query}");
    }
}

#[test]
fn what_is_said_twice_and_not_alike_is_refused() {
    let inside = encoded(&format!("{PAGE}?code=c&state=platform=x&error=a"));
    for (query, named) in [
        ("code=c&code=d&state=platform=x".to_owned(), "code"),
        (format!("callbackUri={inside}&code=d"), "code"),
        (format!("code=d&callbackUri={inside}"), "code"),
        (format!("callbackUri={inside}&state=platform=y"), "state"),
        (format!("callbackUri={inside}&error=b"), "error"),
        (
            format!("callbackUri={PAGE}?code=c&state=platform=x&code=d"),
            "code",
        ),
        ("code=c&state=platform=x%26platform=y".to_owned(), "state"),
        (
            "code=c&state=platform=x&hostname=a.example&hostname=b.example".to_owned(),
            "hostname",
        ),
        (
            "code=c&state=platform=x&rcAccountId=1&rcAccountId=2".to_owned(),
            "rcAccountId",
        ),
        (
            format!("callbackUri={inside}&callbackUri=https://evil.example/"),
            "callbackUri",
        ),
    ] {
        assert_eq!(field(&query), named, "{query}");
    }
}

#[test]
fn an_address_that_no_browser_should_come_from_is_refused() {
    for address in [
        "/redirect.html",
        "redirect.html",
        "//crm.example/redirect.html",
        "ftp://crm.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://",
        "https://user@crm.example/",
        "https://user:secret@crm.example/",
        "https://:secret@crm.example/",
        "https://crm.example/\r\nX-Evil: 1",
        "https://crm.example/a b",
        "https://crm.example\t/",
        "https://crm example/",
        "https://crm.example:99999/",
        "https://[::1/",
        &format!("https://crm.example/{}", "x".repeat(MAX_REDIRECT_BYTES)),
    ] {
        let query = format!("callbackUri={}&code=c&state=platform=x", encoded(address));
        assert_eq!(field(&query), "callbackUri", "{address}");
    }
    let raw = "callbackUri=https://user@crm.example/?code=c&state=platform=x";
    assert_eq!(field(raw), "callbackUri");
    let dots = read("callbackUri=https://crm.example/a/../b%0d%0a/?code=c&state=platform=x");
    let redirect = dots.redirect.expect("an address");
    assert_eq!(redirect.as_str(), "https://crm.example/b%0d%0a/");
}

#[test]
fn what_a_field_cannot_hold_is_named() {
    let code = "c".repeat(MAX_CODE_BYTES);
    read(&format!("code={code}&state=platform=x"));
    let long_state = format!("platform=x%26a={}", "a".repeat(MAX_STATE_BYTES));
    for (query, named) in [
        (format!("code={code}c&state=platform=x"), "code"),
        ("code=c%0d%0aX-Evil:1&state=platform=x".to_owned(), "code"),
        ("code=c%00&state=platform=x".to_owned(), "code"),
        ("code=%ff&state=platform=x".to_owned(), "code"),
        ("code=c%C3%A9&state=platform=x".to_owned(), "code"),
        ("code=c+&state=platform=x".to_owned(), "code"),
        ("error=Access%20denied&state=platform=x".to_owned(), "error"),
        ("error=%3Cimg%3E&state=platform=x".to_owned(), "error"),
        (
            format!("error={}&state=platform=x", "e".repeat(65)),
            "error",
        ),
        ("code=c&state=platform=../x".to_owned(), "state"),
        ("code=c&state=platform=x%0d%0ay".to_owned(), "state"),
        ("code=c&state=platform=x%2523".to_owned(), "state"),
        (format!("code=c&state={long_state}"), "state"),
        (format!("code=c&state=platform={}", "x".repeat(65)), "state"),
        (
            "code=c&state=platform=x&hostname=10.0.0.1".to_owned(),
            "hostname",
        ),
        (
            "code=c&state=platform=x&hostname=a.example:443".to_owned(),
            "hostname",
        ),
        (
            "code=c&state=platform=x&hostname=a.example%2F..".to_owned(),
            "hostname",
        ),
        (
            "code=c&state=platform=x&hostname=a%0d%0aX-Evil:1".to_owned(),
            "hostname",
        ),
        (
            "code=c&state=platform=x&hostname=a%E3%80%82example".to_owned(),
            "hostname",
        ),
        (
            "code=c&state=platform=x&rcAccountId=../1".to_owned(),
            "rcAccountId",
        ),
        (
            "code=c&state=platform=x&rcExtensionId=1%0a".to_owned(),
            "rcExtensionId",
        ),
        (
            format!(
                "code=c&state=platform=x&a={}",
                "a".repeat(MAX_CALLBACK_BYTES)
            ),
            "query",
        ),
    ] {
        assert_eq!(field(&query), named, "{query}");
    }
}

#[test]
fn no_error_repeats_a_value_and_nothing_is_debug_printed() {
    let read = read(&format!(
        "callbackUri={PAGE}?code=Daisy&state=platform=Daisy&hostname=daisy.example"
    ));
    assert_eq!(format!("{read:?}"), "OAuthCallback { .. }");
    for query in [
        "code=Daisy%0a&state=platform=x",
        "code=c&state=Daisy",
        "code=c&state=platform=Daisy%20Daisy",
        "error=Daisy&state=platform=x",
        "code=c&state=platform=x&hostname=Daisy%20",
        "code=c&state=platform=x&callbackUri=Daisy",
        "code=Daisy&code=Daisy2&state=platform=x",
    ] {
        let error = OAuthCallback::parse(query).expect_err(query).to_string();
        assert!(!error.contains("Daisy"), "{error}");
    }
}
