//! Reading JSON that browsers wrote.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, DeserializeOwned, Deserializer, MapAccess};

use crate::error::RequestError;

/// What an [`Object`] is read from, in the words of replies.
const NEEDS_OBJECT: &str = "an object";
/// What an id is read from.
pub(crate) const NEEDS_ID: &str = "an id as text or as a whole number below 2^64";
/// What a length of time or a score is read from.
pub(crate) const NEEDS_NUMBER: &str = "text or a number";
/// What a time or an offset is read from.
pub(crate) const NEEDS_SCALAR: &str = "text or a whole number";

/// Reads one JSON object; a byte order mark before it is skipped.
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
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if !text.trim_start().starts_with('{') {
        return Err(RequestError::NotJson {
            reason: "a JSON object is needed".to_owned(),
        });
    }
    let text = mend_surrogates(text);
    let mut reader = serde_json::Deserializer::from_str(&text);
    let Object(value) = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        refusal(&path, &error.into_inner())
    })?;
    reader.end().map_err(|cause| not_json(&cause))?;
    Ok(value)
}

/// A JSON object and nothing else: what serde derives for a struct reads a list as well.
#[derive(Debug, Default)]
pub(crate) struct Object<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> serde::de::Visitor<'de> for Visitor<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(NEEDS_OBJECT)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }
        deserializer.deserialize_map(Visitor(PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for Object<T> {
    fn inline_schema() -> bool {
        T::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        T::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// The whole number that JavaScript wrote with a fraction or an exponent, such as `1e3`.
///
/// `None` for one that is not whole, and from 2^53 on, where digits may have been lost.
pub(crate) fn whole(number: f64) -> Option<i64> {
    const FIRST_INEXACT: f64 = 9_007_199_254_740_992.0;
    (number.fract() == 0.0 && number.abs() < FIRST_INEXACT).then_some(number as i64)
}

fn not_json(cause: &serde_json::Error) -> RequestError {
    // Without a value of the request: the parser's words are fixed, and end in line and column.
    RequestError::NotJson {
        reason: cause.to_string(),
    }
}

/// Why the value at `path` was refused, in words that hold nothing of the request: a value may
/// be a name or a secret.
fn refusal(path: &str, cause: &serde_json::Error) -> RequestError {
    if !cause.is_data() {
        return not_json(cause);
    }
    let words = cause.to_string();
    let position = format!(" at line {} column {}", cause.line(), cause.column());
    let words = words.strip_suffix(&position).unwrap_or(&words);
    let below = |name: &str| match path {
        "." => name.to_owned(),
        path => format!("{path}.{name}"),
    };
    // The names are those of our own fields.
    if let Some(name) = named(words, "duplicate field `") {
        return RequestError::field(below(name), "is there more than once");
    }
    if let Some(name) = named(words, "missing field `") {
        return RequestError::missing(below(name));
    }
    match path {
        "." => RequestError::NotJson {
            reason: "it cannot be read".to_owned(),
        },
        path => RequestError::field(path, problem(words)),
    }
}

fn named<'a>(words: &'a str, before: &str) -> Option<&'a str> {
    words.strip_prefix(before)?.strip_suffix('`')
}

/// What was found and what is needed: the first word of serde's tells the one, the last ones,
/// which a type of ours or a standard one says, the other. What is between them is the value.
fn problem(words: &str) -> String {
    const FOUND: [(&str, &str); 9] = [
        ("string", "text"),
        ("character", "text"),
        ("integer", "a number"),
        ("floating point", "a number"),
        ("boolean", "true or false"),
        ("null", "nothing"),
        ("unit", "nothing"),
        ("map", "an object"),
        ("sequence", "a list"),
    ];
    const NEEDED: [(&str, &str); 9] = [
        ("a string", "text"),
        ("a boolean", "true or false"),
        ("a sequence", "a list"),
        ("a map", NEEDS_OBJECT),
        (NEEDS_OBJECT, NEEDS_OBJECT),
        (NEEDS_ID, NEEDS_ID),
        (NEEDS_SCALAR, NEEDS_SCALAR),
        (NEEDS_NUMBER, NEEDS_NUMBER),
        ("u32", "a whole number"),
    ];
    let found = ["invalid type: ", "invalid value: "]
        .iter()
        .find_map(|before| words.strip_prefix(before))
        .and_then(|words| FOUND.iter().find(|(kind, _)| words.starts_with(kind)));
    let needed = NEEDED
        .iter()
        .find(|(expected, _)| words.ends_with(&format!(", expected {expected}")));
    match (found, needed) {
        (Some((_, found)), Some((_, needed))) => {
            format!("holds {found} where {needed} is needed")
        }
        (Some((_, found)), None) => format!("holds {found}, which it cannot hold"),
        (None, _) => "holds what it cannot hold".to_owned(),
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

    #[derive(serde::Deserialize, Debug)]
    #[allow(dead_code, reason = "only what cannot be read is looked at")]
    struct Outer {
        inner: Option<Object<Inner>>,
        list: Option<Vec<u32>>,
        text: Option<String>,
        map: Option<serde_json::Map<String, serde_json::Value>>,
        flag: Option<bool>,
        float: Option<f64>,
    }
    #[derive(serde::Deserialize, Debug)]
    #[allow(dead_code, reason = "only what cannot be read is looked at")]
    struct Inner {
        n: u32,
        m: Option<String>,
    }

    #[test]
    fn a_wrong_type_is_told_in_words_of_ours_without_the_value() {
        for (json, words) in [
            (
                r#"{"inner":"x, expected Daisy +16505553204"}"#,
                "`inner` holds text where an object is needed",
            ),
            (
                r#"{"inner":"x, expected a string"}"#,
                "`inner` holds text where an object is needed",
            ),
            (
                r#"{"inner":[5,"Daisy"]}"#,
                "`inner` holds a list where an object is needed",
            ),
            (
                r#"{"list":[1,"Daisy"]}"#,
                "`list[1]` holds text where a whole number is needed",
            ),
            (
                r#"{"list":[null]}"#,
                "`list[0]` holds nothing where a whole number is needed",
            ),
            (
                r#"{"list":{}}"#,
                "`list` holds an object where a list is needed",
            ),
            (
                r#"{"text":6505553204}"#,
                "`text` holds a number where text is needed",
            ),
            (
                r#"{"text":true}"#,
                "`text` holds true or false where text is needed",
            ),
            (
                r#"{"text":1.5}"#,
                "`text` holds a number where text is needed",
            ),
            (
                r#"{"map":[1]}"#,
                "`map` holds a list where an object is needed",
            ),
            (
                r#"{"flag":"Daisy"}"#,
                "`flag` holds text where true or false is needed",
            ),
            (
                r#"{"float":"Daisy"}"#,
                "`float` holds text, which it cannot hold",
            ),
            (
                r#"{"inner":{"m":"Daisy"}}"#,
                "`inner.n` is required and was missing or empty",
            ),
            (
                r#"{"inner":{"n":1,"m":"Daisy","m":"Daisy"}}"#,
                "`inner.m` is there more than once",
            ),
            (
                r#"{"text":"Daisy","text":"Daisy"}"#,
                "`text` is there more than once",
            ),
        ] {
            let error = read::<Outer>(json.as_bytes()).expect_err(json);
            assert_eq!(error.to_string(), words, "{json}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_skipped() {
        assert_eq!(text("\u{feff}{\"t\":\"x\"}"), "x");
        assert_eq!(text("\u{feff} \n{\"t\":\"\u{feff}\"}"), "\u{feff}");
    }

    #[test]
    fn only_a_whole_number_that_is_exact_is_whole() {
        for (number, expected) in [
            (1e3, Some(1_000)),
            (-0.0, Some(0)),
            (-480.0, Some(-480)),
            (9_007_199_254_740_991.0, Some(9_007_199_254_740_991)),
            (9_007_199_254_740_992.0, None),
            (1.5e300, None),
            (0.5, None),
        ] {
            assert_eq!(whole(number), expected, "{number}");
        }
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
