//! The rules of fields that every way to sign in has.

use secrecy::SecretString;
use url::Host;

use super::ringcentral_id::RingCentralId;
use super::wire::id_text;
use crate::error::RequestError;
use crate::ids::WireId;
use crate::limits::{MAX_HOST_BYTES, MAX_PLATFORM_BYTES, too_long};

type Result<T> = std::result::Result<T, RequestError>;

/// What the extension sends as the host where it does not know it, and where it runs on a page of
/// the user's own machine: hosts at which no company's CRM is.
const UNKNOWN_HOSTS: [&str; 4] = ["temp", "localhost", "127.0.0.1", "[::1]"];

/// The name of a platform; whether there is one is for the registry to say.
pub(super) fn platform(field: &str, name: &str) -> Result<String> {
    if name.len() > MAX_PLATFORM_BYTES {
        return Err(RequestError::field(field, too_long(MAX_PLATFORM_BYTES)));
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    match name.bytes().all(allowed) {
        true => Ok(name.to_owned()),
        false => Err(RequestError::field(field, "does not name a platform")),
    }
}

/// A plain DNS name in lower case; `None` where the client does not know it.
///
/// Addresses in any notation but that of the user's own machine are refused: no CRM is reached by
/// one.
pub(super) fn hostname(field: &str, name: Option<&str>) -> Result<Option<String>> {
    let name = match name {
        Some(name) if !name.trim().is_empty() => name.to_ascii_lowercase(),
        _ => return Ok(None),
    };
    if UNKNOWN_HOSTS.contains(&name.as_str()) {
        return Ok(None);
    }
    if name.len() > MAX_HOST_BYTES {
        return Err(RequestError::field(field, too_long(MAX_HOST_BYTES)));
    }
    // The parser reads numbers as addresses (`2130706433`, `0x7f.1`) and decodes escapes.
    let is_name = matches!(Host::parse(&name), Ok(Host::Domain(parsed)) if parsed == name);
    match is_name && name.split('.').all(is_label) {
        true => Ok(Some(name)),
        false => Err(RequestError::field(
            field,
            "is not a plain host name, without scheme, port and path",
        )),
    }
}

fn is_label(label: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=63).contains(&label.len())
        && label.bytes().all(allowed)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// What a header or a form carries without escaping: printable ASCII without spaces at its ends.
pub(super) fn secret(field: &str, text: &str, most: usize) -> Result<SecretString> {
    if text.len() > most {
        return Err(RequestError::field(field, too_long(most)));
    }
    if text.starts_with(' ') || text.ends_with(' ') {
        return Err(RequestError::field(field, "begins or ends with a space"));
    }
    match text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        true => Ok(SecretString::from(text)),
        false => Err(RequestError::field(
            field,
            "holds characters other than those of printable ASCII",
        )),
    }
}

/// The id of a RingCentral account or extension, as JSON carries it.
pub(super) fn ringcentral_id(field: &str, id: Option<WireId>) -> Result<Option<RingCentralId>> {
    match id_text(field, id)? {
        Some(id) => RingCentralId::parse(field, &id),
        None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_host_name_is_taken_in_lower_case() {
        let longest = [&"a".repeat(63)[..]; 3].join(".");
        for (name, read) in [
            ("acme.pipedrive.com", Some("acme.pipedrive.com")),
            ("ACME.Pipedrive.COM", Some("acme.pipedrive.com")),
            ("a-1.b--2.example", Some("a-1.b--2.example")),
            ("xn--bcher-kva.example", Some("xn--bcher-kva.example")),
            ("1.example", Some("1.example")),
            (&*longest, Some(&*longest)),
            ("temp.example", Some("temp.example")),
            ("", None),
            (" ", None),
            ("temp", None),
            ("TEMP", None),
            ("localhost", None),
            ("127.0.0.1", None),
            ("[::1]", None),
        ] {
            let host = hostname("hostname", Some(name)).expect(name);
            assert_eq!(host.as_deref(), read, "{name}");
        }
        assert_eq!(hostname("hostname", None), Ok(None));
    }

    #[test]
    fn anything_but_a_plain_host_name_is_refused() {
        for name in [
            "https://acme.example",
            "//acme.example",
            "acme.example:443",
            "acme.example/",
            "acme.example/../x",
            "acme.example?x",
            "acme.example#x",
            "user@acme.example",
            "a:b@acme.example",
            "acme example",
            " acme.example",
            "acme.example ",
            "acme.example\r\nX-Evil: 1",
            "acme.example\t",
            "acme.example\0",
            "acme.example%0d%0aX-Evil:1",
            "acme%2eexample",
            "acme.example\\evil",
            "acme..example",
            ".acme.example",
            "acme.example.",
            "-acme.example",
            "acme-.example",
            "ac_me.example",
            "*.example",
            "acme\u{3002}example",
            "acme\u{ff0e}example",
            "b\u{fc}cher.example",
            "acme\u{ad}.example",
            "xn--a.example",
            "127.0.0.2",
            "127.1",
            "2130706433",
            "0x7f000001",
            "0177.0.0.1",
            "169.254.169.254",
            "1.2.3.4.5",
            "[::2]",
            "::1",
            "..",
            &format!("{}.example", "a".repeat(64)),
            &"a.".repeat(MAX_HOST_BYTES),
        ] {
            let error = hostname("hostname", Some(name)).expect_err(name);
            assert!(
                matches!(&error, RequestError::Field { field, .. } if field == "hostname"),
                "{name}"
            );
            assert!(name.len() < 4 || !error.to_string().contains(name));
        }
    }

    #[test]
    fn a_platform_is_a_plain_word() {
        for name in ["exampleCRM", "example-crm_2", &"x".repeat(64)] {
            assert_eq!(platform("platform", name).expect(name), name);
        }
        for name in [
            "../exampleCRM",
            "example CRM",
            "example.crm",
            "example\r\n",
            "example%43RM",
            "\u{e9}",
            &"x".repeat(65),
        ] {
            platform("platform", name).expect_err(name);
        }
    }
}
