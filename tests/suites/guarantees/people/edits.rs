//! What a person does to the note of a digest, and what is to be left of it.

use daybook_fakes::person;

use crate::expect::count;

/// What the texts say, in the order of their times. The first word of each stands nowhere else.
pub(super) const TEXTS: [&str; 5] = [
    "alpha: don't \"go\", 5 < 6 & 7 > 2",
    "beta in Z\u{fc}rich \u{1f642}",
    "gamma</li></ul> 99 messages)",
    "delta",
    "epsilon",
];

/// One edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edit {
    /// Words above everything.
    Above,
    /// Words below everything.
    Below,
    /// Words between the texts.
    Inside,
    /// The first text is taken out.
    FirstTakenOut,
    /// The first text is taken out, and the counter put right.
    FirstTakenOutAndCounted,
    /// The last text is taken out.
    LastTakenOut,
    /// The first text says something else.
    Reworded,
    /// The counter names a larger number.
    Recounted,
    /// The counter names a smaller number.
    RecountedLess,
    /// The counter names none.
    Uncounted,
    /// Nothing is left.
    Emptied,
    /// A form from before the last text is saved, with words below.
    OldForm,
}

impl Edit {
    /// All of them, with their names.
    pub(super) const ALL: [(Self, &str); 12] = [
        (Self::Above, "words_above"),
        (Self::Below, "words_below"),
        (Self::Inside, "words_between_the_texts"),
        (Self::FirstTakenOut, "the_first_text_taken_out"),
        (
            Self::FirstTakenOutAndCounted,
            "the_first_text_taken_out_and_the_counter_put_right",
        ),
        (Self::LastTakenOut, "the_last_text_taken_out"),
        (Self::Reworded, "a_text_reworded"),
        (Self::Recounted, "another_count"),
        (Self::RecountedLess, "a_smaller_count"),
        (Self::Uncounted, "no_count"),
        (Self::Emptied, "everything_taken_out"),
        (Self::OldForm, "an_old_form_saved_again"),
    ];
}

/// What stands in a note, as far as people and texts brought it there.
#[derive(Debug, Default)]
pub(super) struct Model {
    /// The texts, in their order, as indices.
    pub(super) texts: Vec<usize>,
    /// What people wrote.
    pub(super) written: Vec<String>,
    /// The texts that people took out.
    pub(super) gone: Vec<usize>,
}

impl Model {
    /// A text joins, unless it was taken out.
    pub(super) fn join(&mut self, text: usize) {
        self.gone.retain(|gone| *gone != text);
        self.texts.retain(|other| *other != text);
        self.texts.push(text);
        self.texts.sort_unstable();
    }

    /// What was taken out is there again.
    pub(super) fn take_back(&mut self) {
        for text in std::mem::take(&mut self.gone) {
            self.join(text);
        }
    }

    /// A person edits `note`. `form` is the note from before the last text.
    pub(super) fn edit(&mut self, edit: Edit, note: &str, form: &str) -> String {
        let (first, last) = (self.texts[0], *self.texts.last().expect("a text"));
        match edit {
            Edit::Above => person::above(note, &self.write()),
            Edit::Below => person::below(note, &self.write()),
            Edit::Inside => person::inside(note, word(first), &self.write()),
            Edit::FirstTakenOut => self.take_out(note, first),
            Edit::FirstTakenOutAndCounted => {
                let note = self.take_out(note, first);
                person::recounted(&note, &self.texts.len().to_string())
            }
            Edit::LastTakenOut => self.take_out(note, last),
            Edit::Reworded => {
                self.take_out(note, first);
                let words = format!("Omega{}", self.written.len());
                self.written.push(TEXTS[first].replace(word(first), &words));
                person::reworded(note, word(first), &words)
            }
            Edit::Recounted => person::recounted(note, "9"),
            Edit::RecountedLess => person::recounted(note, "1"),
            Edit::Uncounted => person::recounted(note, ""),
            Edit::Emptied => {
                self.written.clear();
                String::new()
            }
            Edit::OldForm => person::below(form, &self.write()),
        }
    }

    /// New words, as markup.
    fn write(&mut self) -> String {
        let words = format!("Call her & him, no. {}", self.written.len() + 1);
        let markup = words.replace('&', "&amp;");
        self.written.push(words);
        markup
    }

    fn take_out(&mut self, note: &str, text: usize) -> String {
        self.texts.retain(|other| *other != text);
        self.gone.push(text);
        person::without(note, word(text))
    }

    /// That nothing else stands in `note`, each once, the texts in order and counted.
    pub(super) fn assert_stands(&self, raw: &str) {
        let note = visible(raw);
        let texts = self.texts.iter().map(|text| TEXTS[*text]);
        let places: Vec<_> = texts.clone().map(|text| note.find(text)).collect();
        assert!(places.is_sorted(), "in order in {raw}");
        assert_eq!(count(&note), self.texts.len(), "{raw}");
        let written = self.written.iter().map(String::as_str);
        let ours = ["BEGIN", "END", "--- Created via"];
        for once in texts.chain(written).chain(ours) {
            assert_eq!(note.matches(once).count(), 1, "{once} once in {raw}");
        }
        for gone in &self.gone {
            assert!(!note.contains(TEXTS[*gone]), "{} in {raw}", TEXTS[*gone]);
        }
    }
}

/// The word by which a person finds a text.
pub(super) fn word(text: usize) -> &'static str {
    let text = TEXTS[text];
    text.split([' ', ':', '<']).next().expect("a word")
}

/// A note as a person reads it: without tags, and with characters for entities.
fn visible(note: &str) -> String {
    let mut text = String::new();
    let mut rest = note;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        rest = tag.split_once('>').map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    decoded(&text.replace('\n', ""))
}

fn decoded(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        let (entity, after) = after.split_once(';').expect("an entity ends");
        plain.push(match entity {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "nbsp" => ' ',
            number => character(number),
        });
        rest = after;
    }
    plain + rest
}

fn character(entity: &str) -> char {
    let number = match entity.strip_prefix("#x") {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => entity
            .strip_prefix('#')
            .and_then(|number| number.parse().ok()),
    };
    number
        .and_then(char::from_u32)
        .unwrap_or_else(|| panic!("{entity} is no entity"))
}
