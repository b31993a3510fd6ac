//! Values that may stand anywhere in a request.

use serde_json::{Map, Value, json};

use super::draw::{DIGITS, MARK, SECRET, SURROGATE};
use crate::tape::Tape;

/// Times, likely and not.
const TIMES: [&str; 20] = [
    "2015-02-18T13:24:50.000Z",
    "2015-02-18T13:24:50.000+0000",
    "2016-02-29T23:59:60Z",
    "2015-02-29T00:00:00Z",
    "2000-01-01T00:00:00Z",
    "2099-12-31T23:59:59.999999999Z",
    "2100-01-01T00:00:00+01:00",
    "1999-12-31T23:59:59-12:00",
    "0000-00-00T00:00:00Z",
    "+262142-12-31T00:00:00Z",
    "-262143-01-01T00:00:00Z",
    "2015-02-18 13:24:50",
    "2015-02-18T13:24:50+99:99",
    "2015-02-18T13:24:50.000Z Zq9",
    "1424265890000",
    "-1",
    "9223372036854775807",
    "4102444799999",
    "NaN",
    "\u{ff12}015-02-18T13:24:50Z",
];

/// Zones and offsets.
const ZONES: [&str; 12] = [
    "America/Los_Angeles",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Antarctica/Troll",
    "Europe/Zq9",
    "+14:00",
    "-12:00",
    "+14:01",
    "\u{2212}08:00",
    "-480",
    "99999999999999999999",
    "+1:2:3",
];

/// Links; what follows the secret's name must not get into a note.
const LINKS: [&str; 12] = [
    "https://v.example/i?id=1",
    "https://v.example/i?access_token=",
    "https://v.example/i?a=b&ACCESS_TOKEN=",
    "https://v.example/i?rcAccessToken=",
    "https://v.example/#access_token=",
    "https://r.example/?media=https%3A%2F%2Fm.example%2F1%3Faccess_token%3D",
    "https://r.example/?m=https%253A%252F%252Fm.example%253Faccess_token%253D",
    "https://r.example/?jwtToken=x&token=",
    "https://:secret@r.example/",
    "javascript:alert(1)//",
    "https://",
    "http://[::1",
];

const WORDS: [&str; 16] = [
    "",
    " ",
    "\u{a0}\u{2028}",
    "null",
    "Inbound",
    "Outbound",
    "SMS",
    "Fax",
    "VoiceMail",
    "Pager",
    "+1 (650) 555-3204",
    " 16505553204",
    "a\u{0}b\u{7f}\u{85}",
    "\u{202e}evil\u{fffe}",
    "\r\nx\ry",
    "=1+1",
];

/// Any value.
pub(super) fn value(tape: &mut Tape) -> Value {
    match tape.below(14) {
        0 => Value::Null,
        1 => json!(tape.one_in(2)),
        2 | 3 => number(tape),
        4 => json!([]),
        5 => json!([value(tape), value(tape)]),
        6 => {
            let mut map = Map::new();
            map.insert(text(tape), value(tape));
            Value::Object(map)
        }
        7 => deep(tape),
        _ => Value::String(text(tape)),
    }
}

/// Numbers of which the digits are known again.
fn number(tape: &mut Tape) -> Value {
    let digits: i64 = DIGITS.parse().expect("digits");
    let numbers = [
        json!(digits),
        json!(-digits),
        json!(0),
        json!(-1),
        json!(i64::MIN),
        json!(u64::MAX),
        json!(1_u64 << 53),
        json!(1e3),
        json!(1e20),
        json!(-1e300),
        json!(digits as f64 + 0.5),
        json!(1_424_265_890_000_u64),
        json!(4_102_444_800_000_u64),
    ];
    tape.pick(&numbers).clone()
}

fn deep(tape: &mut Tape) -> Value {
    let depth = *tape.pick(&[2, 30, 110, 200]);
    let is_list = tape.one_in(2);
    (0..depth).fold(json!(MARK), |inner, _| match is_list {
        true => json!([inner]),
        false => json!({"id": inner}),
    })
}

/// Any text.
pub(super) fn text(tape: &mut Tape) -> String {
    match tape.below(12) {
        0 | 1 => (*tape.pick(&TIMES)).to_owned(),
        2 => (*tape.pick(&ZONES)).to_owned(),
        3 => format!("{}{SECRET}", tape.pick(&LINKS)),
        4 | 5 => (*tape.pick(&WORDS)).to_owned(),
        6 => {
            let length = *tape.pick(&[60, 128, 250, 511, 512, 513, 2_001, 8_200, 16_500, 102_500]);
            let c = *tape.pick(&["x", "\u{fc}", "\u{1f642}", "\u{0}", " ", "7"]);
            c.repeat(length / c.len())
        }
        7 => format!("{MARK}{}", tape.pick(&[SURROGATE, "\u{1f468}\u{200d}"])),
        8 => format!("{SURROGATE}{SURROGATE}"),
        _ => format!("{MARK}{}", tape.pick(&WORDS)),
    }
}
