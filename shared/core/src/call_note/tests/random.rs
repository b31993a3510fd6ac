//! Seeded random lives of a note: updates in any order, repeats, a person who writes between.

use super::world::{applied, call, every, mark, only, some, starts};
use crate::call::{CallFields, Duration};
use crate::call_note::{Field, apply, create, mark_of, read};
use crate::digest::Format;
use crate::digest::lines::key_of;
use crate::digest::tests::hostile::texts::texts;
use crate::digest::tests::world::{Rewrite, rewrites};

struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((x ^ (x >> 31)) >> 33).expect("31 bits") % limit
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
    }
}

/// A call that says something else for each seed.
fn drawn(chance: &mut Chance, texts: &[(&str, String)]) -> CallFields {
    let mut text = || {
        let (_, text) = &texts[chance.below(texts.len())];
        // So that it is never blank.
        some(&format!("w{} {text:.500}", chance.below(100)))
    };
    let mut fields = call();
    fields.note = text();
    fields.subject = text();
    fields.session_id = text();
    fields.result = text();
    fields.ai_note = text();
    fields.transcript = text();
    fields.ring_sense.transcript = text();
    fields.ring_sense.summary = text();
    fields.ring_sense.score = text();
    fields.ring_sense.bulleted_summary = text();
    fields.duration = Some(Duration::seconds(chance.below(10_000) as u64));
    fields
}

/// Puts a person's line somewhere between two of our fields, or above or below them all.
fn write_between(chance: &mut Chance, format: Format, body: &mut String, words: &str) {
    let page = super::super::Page::read(format, body.clone());
    let count = page.fields.len();
    let starts = |at: usize| page.document.lines[page.fields[at].head].start;
    let footer = page.footer.map(|line| page.document.lines[line].start);
    let at = match chance.below(count + 2) {
        at if at > count => footer.unwrap_or(body.len()),
        at if at == count => body.len(),
        at if format == Format::Html => {
            // Before the tags that open right before the label.
            let mut at = page.fields[at].label.start;
            let above = |at: usize| body[..at].trim_end().ends_with('>').then_some(());
            while let Some(tag) = above(at).and_then(|()| body[..at].rfind('<')) {
                if body[tag..].starts_with("</") || body[tag..].to_lowercase().starts_with("<br") {
                    break;
                }
                at = tag;
            }
            at
        }
        at => starts(at),
    };
    let line = match format {
        Format::Html => format!("<p>{words}</p>"),
        Format::PlainText | Format::Markdown if !body.is_empty() && !body[..at].ends_with('\n') => {
            format!("\n{words}\n\n")
        }
        Format::PlainText | Format::Markdown => format!("{words}\n\n"),
    };
    drop(page);
    body.insert_str(at, &line);
}

#[test]
fn in_any_order_the_updates_end_in_the_same_note() {
    let texts = texts();
    for seed in 0..150 {
        let mut chance = Chance(seed);
        let format = Format::ALL[chance.below(3)];
        let fields = drawn(&mut chance, &texts);
        let [nothing, footer] = starts(format);
        let (mut body, whole) = match seed % 2 {
            0 => (nothing, apply(format, &every(), "", &fields).body),
            _ => (footer, create(format, &every(), &fields, mark())),
        };
        let mut updates = Field::ALL.to_vec();
        chance.shuffle(&mut updates);
        // One more than there are fields: one comes twice.
        updates.push(updates[chance.below(Field::ALL.len())]);
        for field in updates {
            body = applied(format, &body, &only(field, &fields)).body;
        }
        assert_eq!(body, whole, "seed {seed}, {format:?}");
    }
}

/// What a CRM does to a body now and then.
fn habit(chance: &mut Chance, format: Format) -> Rewrite {
    let kept: Vec<_> = (rewrites(format).iter())
        // Without our sign, what stands directly below a value cannot be told from it.
        .filter(|(name, _)| *name != "without emoji")
        // Within tags there are no entities to be made.
        .filter(|(name, _)| format != Format::Html || *name != "entities")
        .collect();
    *kept[chance.below(kept.len())]
}

#[test]
fn a_persons_lines_stay_and_fields_say_what_came_last() {
    let texts = texts();
    for seed in 0..120 {
        let mut chance = Chance(seed);
        let format = Format::ALL[chance.below(3)];
        let (name, rewrite) = habit(&mut chance, format);
        let key = |text: &String| key_of(format, text.chars());
        let has_footer = chance.below(3) > 0;
        let mut body = starts(format)[usize::from(has_footer)].clone();
        let mut told = CallFields::default();
        let mut remarks = Vec::new();
        for step in 0..20 {
            let what = format!("seed {seed}, step {step}, {format:?}, {name}");
            match chance.below(8) {
                0 | 1 => {
                    let words = format!("remark{step}e.");
                    write_between(&mut chance, format, &mut body, &words);
                    remarks.push(words);
                }
                2 => body = rewrite(&body),
                _ => {}
            }
            let field = Field::ALL[chance.below(Field::ALL.len())];
            let newer = only(field, &drawn(&mut chance, &texts));
            told = told.then(newer.clone());
            body = applied(format, &body, &newer).body;
            let values = read(format, &body).values;
            let expected = read(format, &apply(format, &every(), "", &told).body).values;
            for field in Field::ALL {
                let (is, was) = (values.get(&field).map(key), expected.get(&field).map(key));
                assert_eq!(is, was, "{what}, {field:?}: {body}");
            }
            assert_eq!(
                mark_of(format, &body),
                has_footer.then(mark),
                "{what}: {body}"
            );
            for words in &remarks {
                assert_eq!(body.matches(words).count(), 1, "{what}, {words}: {body}");
                let stolen = values.values().find(|value| value.contains(words));
                assert_eq!(stolen, None, "{what}: {body}");
            }
        }
    }
}
