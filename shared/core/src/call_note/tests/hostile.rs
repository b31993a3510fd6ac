//! Texts that try to be something else, wherever a person or a machine writes.

mod of_calls;

use of_calls::OF_CALLS;

use super::super::value::cleaned;
use super::world::{applied, call, every, mark, some, starts};
use crate::call::CallFields;
use crate::call_note::{Field, apply, mark_of, read};
use crate::digest::lines::key_of;
use crate::digest::tests::hostile::texts::texts;
use crate::digest::tests::world::rewrites;
use crate::digest::{Format, Mark, contains_mark};

fn all_texts() -> Vec<(&'static str, String)> {
    let of_calls = OF_CALLS.map(|(what, text)| (what, text.to_owned()));
    texts().into_iter().chain(of_calls).collect()
}

/// A text as it is to be read back, said without the code that is tried here.
fn kept(format: Format, text: &str) -> String {
    let clean = crate::message::clean_text(text)
        .replace(['\u{2028}', '\u{2029}'], "\n")
        .replace('\u{2060}', "");
    let lines: Vec<_> = clean.split('\n').map(|line| ends(format, line)).collect();
    let lines = lines.join("\n");
    let blank = |line: &&str| line.trim().is_empty();
    let lines: Vec<_> = lines.split('\n').skip_while(blank).collect();
    let after = lines.iter().rev().take_while(|line| blank(line)).count();
    lines[..lines.len() - after].join("\n")
}

fn ends(format: Format, line: &str) -> String {
    let is_space = |c: &char| matches!(c, ' ' | '\t' | '\u{a0}');
    let chars: Vec<_> = line.chars().collect();
    let before = chars.iter().take_while(|c| is_space(c)).count();
    let after = chars.iter().rev().take_while(|c| is_space(c)).count();
    let spaced = |(at, c): (usize, &char)| match at < before || at + after >= chars.len() {
        true if format == Format::Markdown => ' ',
        true | false => *c,
    };
    chars.iter().enumerate().map(spaced).collect()
}

/// Without the characters that close directions at the ends of lines.
fn open(text: &str) -> String {
    let close = ['\u{202c}', '\u{2069}'];
    let lines: Vec<_> = text
        .split('\n')
        .map(|line| line.trim_end_matches(close))
        .collect();
    lines.join("\n")
}

const PLACES: [Field; 5] = [
    Field::Note,
    Field::AiNote,
    Field::Transcript,
    Field::AceSummary,
    Field::AceBulletedSummary,
];

fn with(place: Field, text: &str, mut fields: CallFields) -> CallFields {
    let text = some(text);
    let said = [
        (Field::Note, &mut fields.note),
        (Field::AiNote, &mut fields.ai_note),
        (Field::Transcript, &mut fields.transcript),
        (Field::AceSummary, &mut fields.ring_sense.summary),
        (
            Field::AceBulletedSummary,
            &mut fields.ring_sense.bulleted_summary,
        ),
    ];
    for (field, said) in said {
        if field == place {
            said.clone_from(&text);
        }
    }
    fields
}

fn with_starts(format: Format) -> [(Format, String); 2] {
    starts(format).map(|start| (format, start))
}

/// Whether a log of this mark would be found by it, and the mark that is read.
fn marks(format: Format, body: &str) -> (bool, Option<Mark>) {
    (contains_mark(format, body, &mark()), mark_of(format, body))
}

#[test]
fn a_hostile_text_is_read_back_unchanged_and_hides_nothing() {
    for (format, start) in Format::ALL.into_iter().flat_map(with_starts) {
        let whole = apply(format, &every(), &start, &call()).body;
        let plain = read(format, &whole).values;
        for (what, text) in all_texts() {
            let kept = kept(format, &text);
            if kept.trim().is_empty() {
                continue;
            }
            for place in PLACES {
                if text.len() > 5_000 && place != Field::Note {
                    continue;
                }
                let fields = with(place, &text, CallFields::default());
                let body = apply(format, &every(), &whole, &fields).body;
                let values = read(format, &body).values;
                let what = format!("{format:?}, {place:?}, {what}: {body:.2000}");
                assert_eq!(marks(format, &body), marks(format, &start), "{what}");
                assert_eq!(open(&values[&place]), open(&kept), "{what}");
                for field in Field::ALL.into_iter().filter(|field| *field != place) {
                    assert_eq!(values.get(&field), plain.get(&field), "{what}");
                }
                // What was read is what a person sends back.
                let again = with(place, &values[&place], CallFields::default());
                assert!(!apply(format, &every(), &body, &again).changed, "{what}");
            }
        }
    }
}

#[test]
fn a_hostile_text_stands_twenty_updates_later() {
    for (format, start) in Format::ALL.into_iter().flat_map(with_starts) {
        for (what, text) in all_texts() {
            let kept = kept(format, &text);
            if kept.trim().is_empty() || text.len() > 5_000 {
                continue;
            }
            let mut fields = CallFields::default();
            for place in PLACES {
                fields = with(place, &text, fields);
            }
            let mut body = apply(format, &every(), &start, &fields).body;
            for update in 0..20 {
                let place = PLACES[update / 2 % PLACES.len()];
                let words = match update % 2 {
                    0 => format!("{text}\n{update}"),
                    _ => text.clone(),
                };
                let newer = CallFields {
                    result: some(&format!("result {update}")),
                    ..with(place, &words, CallFields::default())
                };
                body = apply(format, &every(), &body, &newer).body;
            }
            let values = read(format, &body).values;
            for place in PLACES {
                assert_eq!(open(&values[&place]), open(&kept), "{format:?}, {what}");
            }
            fields.result = some("result 19");
            let fresh = apply(format, &every(), &start, &fields).body;
            assert_eq!(body, fresh, "{format:?}, {what}");
            assert_eq!(marks(format, &body), marks(format, &start), "{what}");
        }
    }
}

#[test]
fn a_hostile_name_or_subject_is_one_line() {
    for (format, start) in Format::ALL.into_iter().flat_map(with_starts) {
        for (what, text) in all_texts() {
            let line = crate::message::clean_line(
                &text
                    .replace(['\u{2028}', '\u{2029}'], " ")
                    .replace('\u{2060}', ""),
            );
            if line.is_empty() || text.len() > 5_000 {
                continue;
            }
            let mut fields = call();
            fields.subject = some(&text);
            fields.result = some(&text);
            fields.session_id = some(&text);
            fields.ring_sense.score = some(&text);
            if let Some(party) = &mut fields.to {
                party.name = some(&text);
            }
            let body = applied(format, &start, &fields).body;
            assert_eq!(marks(format, &body), marks(format, &start), "{what}");
            let values = read(format, &body).values;
            assert_eq!(values.len(), Field::ALL.len(), "{format:?}, {what}");
            for field in [
                Field::Subject,
                Field::Result,
                Field::SessionId,
                Field::AceScore,
                Field::UserName,
            ] {
                assert_eq!(open(&values[&field]), open(&line), "{format:?}, {what}");
            }
            let back = CallFields {
                subject: values.get(&Field::Subject).cloned(),
                ..CallFields::default()
            };
            assert!(!applied(format, &body, &back).changed, "{format:?}, {what}");
        }
    }
}

#[test]
fn a_hostile_note_outlives_what_crms_do_to_it() {
    let key = |format, text: &str| key_of(format, text.chars());
    for (format, start) in Format::ALL.into_iter().flat_map(with_starts) {
        let whole = apply(format, &every(), &start, &call()).body;
        let mut newer = other_call();
        newer.note = some("a new note");
        let fresh = read(format, &apply(format, &every(), "", &newer).body).values;
        for (shift, (name, rewrite)) in rewrites(format).iter().enumerate() {
            for (index, (what, text)) in all_texts().into_iter().enumerate() {
                let turn = (index + shift) % 3 == 0 || OF_CALLS.iter().any(|(of, _)| *of == what);
                if !turn || text.len() > 5_000 || kept(format, &text).trim().is_empty() {
                    continue;
                }
                let fields = with(Field::Note, &text, CallFields::default());
                let body = rewrite(&apply(format, &every(), &whole, &fields).body);
                let what = format!("{format:?}, {name}, {what}");
                let is_found = contains_mark(format, &body, &mark());
                assert!(is_found || start.is_empty(), "{what}: {body}");
                let note = read(format, &body).note.unwrap_or_default();
                let kept = kept(format, &text);
                assert_eq!(key(format, &note), key(format, &kept), "{what}: {body}");
                let changed = apply(format, &every(), &body, &newer).body;
                assert_eq!(
                    mark_of(format, &changed),
                    (!start.is_empty()).then(mark),
                    "{what}: {changed}"
                );
                let values = read(format, &changed).values;
                assert!(values == fresh, "{what}: {changed}");
                let seen = key(format, &changed);
                assert_eq!(seen.matches("anewnote").count(), 1, "{what}: {changed}");
            }
        }
    }
}

fn other_call() -> CallFields {
    CallFields {
        result: some("Missed"),
        ai_note: some("other\n\nwords"),
        transcript: some("other transcript"),
        recording: super::world::link("https://r.example/other"),
        ..call()
    }
}

#[test]
fn nothing_typed_is_markup() {
    let bare = apply(Format::Html, &every(), "", &with(Field::Note, "x", call())).body;
    for (what, text) in all_texts() {
        let kept = cleaned(&text);
        if kept.is_empty() {
            continue;
        }
        let body = apply(
            Format::Html,
            &every(),
            "",
            &with(Field::Note, &text, call()),
        )
        .body;
        let breaks = kept.split('\n').count() - 1;
        let tags = |body: &str| body.matches('<').count();
        assert_eq!(tags(&body), tags(&bare) + breaks, "{what}: {body:.2000}");
    }
}

#[test]
fn many_lines_like_ours_are_read_in_little_time() {
    let text = "- Result: x\n<div><b>AI Note</b><br>\n\n### Transcript\n\
                --- Created via RingCentral App Connect [k7m2-9xqd-4tfa]<br>\n"
        .repeat(500);
    for (format, start) in Format::ALL.into_iter().flat_map(with_starts) {
        let body = apply(format, &every(), &start, &with(Field::Note, &text, call())).body;
        assert_eq!(read(format, &body).note, some(text.trim_end()));
        // As another server may have left it: nothing escaped, nothing guarded.
        let raw = format!("{text}- Note: {text}<b>Agent notes</b><br>{text}");
        let changed = apply(format, &every(), &raw, &call()).body;
        assert!(!apply(format, &every(), &changed, &call()).changed);
    }
}
