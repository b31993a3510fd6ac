//! Reading JSON that browsers wrote.

use std::borrow::Cow;

use serde::de::DeserializeOwned;

use crate::error::RequestError;

/// Reads one JSON object.
///
/// A lone surrogate (`\ud83d` without its other half, as JavaScript cuts emoji) becomes U+FFFD
/// instead of making the whole request unreadable.
///
/// # Errors
/// [`RequestError::NotJson`] for text that is not JSON or not an object,
/// [`RequestError::Field`] with the path of a value of the wrong type.
pub fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, RequestError> {
    let text = std::str::from_utf8(body).map_err(|_| RequestError::NotJson {
        reason: "it is not UTF-8".to_owned(),
    })?;
    if !text.trim_start().starts_with('{') {
        return Err(RequestError::NotJson {
            reason: "a JSON object is needed".to_owned(),
        });
    }
    let text = mend_surrogates(text);
    let mut reader = serde_json::Deserializer::from_str(&text);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let cause = error.into_inner();
        if cause.is_data() && path != "." {
            RequestError::field(path, describe(&cause))
        } else {
            RequestError::NotJson {
                reason: describe(&cause),
            }
        }
    })?;
    reader.end().map_err(|cause| RequestError::NotJson {
        reason: describe(&cause),
    })?;
    Ok(value)
}

/// serde's words without the value that was found: that may be a name or a secret.
fn describe(cause: &serde_json::Error) -> String {
    let words = cause.to_string();
    let position = format!(" at line {} column {}", cause.line(), cause.column());
    let words = words.strip_suffix(&position).unwrap_or(&words);
    match words.split_once(", expected ") {
        Some((found, expected)) => {
            let kind = [
                "string",
                "integer",
                "floating point",
                "boolean",
                "null",
                "map",
                "sequence",
            ]
            .into_iter()
            .find(|kind| found.contains(kind))
            .unwrap_or("another value");
            format!("holds a {kind} where {expected} is needed")
        }
        None if cause.is_data() => format!("cannot be read: {words}"),
        None => format!("{words}{position}"),
    }
}

/// Replaces the escapes of lone surrogates by that of U+FFFD.
fn mend_surrogates(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut mended: Option<String> = None;
    let mut kept = 0;
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'\\' {
            at += 1;
            continue;
        }
        match surrogate(bytes, at) {
            Some(Half::High) if matches!(surrogate(bytes, at + 6), Some(Half::Low)) => at += 12,
            Some(_) => {
                let out = mended.get_or_insert_with(|| String::with_capacity(text.len()));
                out.push_str(&text[kept..at]);
                out.push_str("\\ufffd");
                at += 6;
                kept = at;
            }
            None => at += 2,
        }
    }
    match mended {
        Some(mut out) => {
            out.push_str(&text[kept..]);
            Cow::Owned(out)
        }
        None => Cow::Borrowed(text),
    }
}

enum Half {
    High,
    Low,
}

/// Which half of a pair the six bytes at `at` escape, if they do.
fn surrogate(bytes: &[u8], at: usize) -> Option<Half> {
    let escape = bytes.get(at..at + 6)?;
    if &escape[..2] != b"\\u" || !escape[2].eq_ignore_ascii_case(&b'd') {
        return None;
    }
    if !escape[4..].iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    match escape[3].to_ascii_lowercase() {
        b'8' | b'9' | b'a' | b'b' => Some(Half::High),
        b'c'..=b'f' => Some(Half::Low),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(json: &str) -> String {
        #[derive(serde::Deserialize)]
        struct T {
            t: String,
        }
        read::<T>(json.as_bytes()).expect("readable").t
    }

    #[test]
    fn lone_surrogates_become_the_replacement_character() {
        assert_eq!(text(r#"{"t":"a\ud83d b"}"#), "a\u{fffd} b");
        assert_eq!(text(r#"{"t":"\udE00x"}"#), "\u{fffd}x");
        assert_eq!(text(r#"{"t":"\ud83d\ud83d\ude00"}"#), "\u{fffd}😀");
        assert_eq!(text(r#"{"t":"\ud83d"}"#), "\u{fffd}");
    }

    #[test]
    fn pairs_and_escaped_backslashes_stay() {
        assert_eq!(text(r#"{"t":"\ud83d\ude00"}"#), "😀");
        assert_eq!(text(r#"{"t":"\\ud83d"}"#), r"\ud83d");
        assert_eq!(text(r#"{"t":"\\\ud83d"}"#), "\\\u{fffd}");
    }

    #[test]
    fn a_wrong_type_names_the_field_and_not_the_value() {
        #[derive(serde::Deserialize, Debug)]
        struct Outer {
            #[allow(dead_code, reason = "only its path is looked at")]
            inner: Inner,
        }
        #[derive(serde::Deserialize, Debug)]
        struct Inner {
            #[allow(dead_code, reason = "only its path is looked at")]
            n: Vec<u32>,
        }
        let error = read::<Outer>(br#"{"inner":{"n":[1,"secret"]}}"#).expect_err("refused");
        let RequestError::Field { field, problem } = error else {
            panic!("{error:?}")
        };
        assert_eq!(field, "inner.n[1]");
        assert!(!problem.contains("secret"), "{problem}");
    }

    #[test]
    fn what_is_not_an_object_is_refused() {
        for body in [&b""[..], b"null", b"[1]", b"{", b"{} {}", b"\xff{}"] {
            let error =
                read::<serde_json::Map<String, serde_json::Value>>(body).expect_err("refused");
            assert!(matches!(error, RequestError::NotJson { .. }), "{error:?}");
        }
    }

    #[test]
    fn deep_nesting_is_refused() {
        let body = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        let error = read::<serde_json::Map<String, serde_json::Value>>(body.as_bytes())
            .expect_err("refused");
        assert!(error.to_string().contains("recursion"), "{error}");
    }
}
