//! What a person does to a note in the CRM's editor.

mod counted;

use daybook_core::digest::Format;

use super::read::times;
use crate::tape::Tape;

/// What an edit may have done to the conversation.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Done {
    /// Something was written, taken out or moved.
    pub(crate) edited: bool,
    /// An old form was saved.
    pub(crate) reverted: bool,
    /// The lines that frame the conversation may be damaged.
    pub(crate) unframed: bool,
    /// The number of the messages was changed.
    pub(crate) renumbered: bool,
    /// Entries may stand in another order, or twice.
    pub(crate) moved: bool,
    /// An entry was taken out and the number put right.
    pub(crate) counted_out: bool,
}

impl Done {
    pub(crate) fn touched(self) -> bool {
        self.edited || self.reverted
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            edited: self.edited || other.edited,
            reverted: self.reverted || other.reverted,
            unframed: self.unframed || other.unframed,
            renumbered: self.renumbered || other.renumbered,
            moved: self.moved || other.moved,
            counted_out: self.counted_out || other.counted_out,
        }
    }
}

/// A person before a note.
pub(crate) struct Person<'a> {
    pub(crate) tape: &'a mut Tape,
    pub(crate) format: Format,
    /// How many things were written so far, by which each has a name of its own.
    pub(crate) written: &'a mut usize,
    /// Earlier forms of the note.
    pub(crate) earlier: &'a [String],
}

/// Lines that look like ours.
const MARKERS: [&str; 9] = [
    "BEGIN",
    "END",
    "------------",
    "Conversation(2 messages)",
    "Conversation(1 messages)",
    "--- Created via RingCentral App Connect",
    "Ada Lovelace (+16505553204) 05:24 AM",
    "Charles Babbage 05:31 AM",
    "Participants",
];

const EDITED: Done = Done {
    edited: true,
    reverted: false,
    unframed: false,
    renumbered: false,
    moved: false,
    counted_out: false,
};
const MOVED: Done = Done {
    moved: true,
    ..EDITED
};

impl Person<'_> {
    /// One edit of `body`.
    pub(crate) fn edit(&mut self, body: &mut String) -> Done {
        match self.tape.below(17) {
            0 | 1 => self.own_line(body),
            2 => {
                let words = self.words();
                let at = self.within(body);
                body.insert_str(at, &words);
                EDITED
            }
            3 => self.take_out_glyphs(body),
            4 => self.take_out_entry(body),
            5 => self.move_entry(body),
            6 => self.number(body),
            7 => self.damage_marker(body),
            8 => {
                let marker = (*self.tape.pick(&MARKERS)).to_owned();
                self.line(body, marker);
                MOVED
            }
            9 => {
                self.show_more(body);
                EDITED
            }
            10 => self.join_lines(body),
            11 => {
                let at = self.within(body);
                let mut broken = body.clone();
                broken.insert_str(at, self.line_break());
                // What makes a typed line the first line of another message is a marker's matter.
                if times(self.format, &broken) > times(self.format, body) {
                    return Done::default();
                }
                *body = broken;
                EDITED
            }
            12 => self.old_form(body),
            13 => {
                *body = self.tape.pick(&["", " \n ", "<p><br></p>"]).to_string();
                if self.format != Format::Html {
                    body.clear();
                }
                EDITED
            }
            14 => {
                let copy = body.clone();
                let gap = self.line_break();
                *body = match self.tape.one_in(2) {
                    true => format!("{copy}{gap}{body}"),
                    false => format!("{body}{gap}{copy}"),
                };
                MOVED
            }
            15 => self.take_out_and_count(body),
            _ => {
                self.wrap(body);
                EDITED
            }
        }
    }

    fn name(&mut self) -> String {
        *self.written += 1;
        format!("Zp{}x", self.written)
    }

    fn words(&mut self) -> String {
        let name = self.name();
        match self.tape.below(6) {
            0 => name,
            1 => format!("{name} END"),
            2 => format!("END {name}"),
            3 => format!("{name} 05:24 AM"),
            4 => format!("({name} messages)"),
            _ => match self.format {
                Format::Html => format!("{name} &lt;b&gt; &amp;"),
                Format::PlainText | Format::Markdown => format!("**{name}** \\<"),
            },
        }
    }

    fn line_break(&self) -> &'static str {
        match self.format {
            Format::Html => "<br>",
            Format::PlainText | Format::Markdown => "\n",
        }
    }

    fn own_line(&mut self, body: &mut String) -> Done {
        let words = self.words();
        self.line(body, words);
        EDITED
    }

    /// Puts a line between others.
    fn line(&mut self, body: &mut String, words: String) {
        let at = self.between(body);
        let line = match (self.format, self.tape.below(4)) {
            (Format::Html, 0) => format!("<br>{words}<br>"),
            (Format::Html, 1) => format!("<p>{words}</p>"),
            (Format::Html, 2) => format!("<div><i>{words}</i></div>"),
            (Format::Html, _) => format!("<ul><li>{words}</li></ul>"),
            (Format::PlainText | Format::Markdown, 0) => format!("\n{words}\n"),
            (Format::PlainText | Format::Markdown, _) => format!("{words}\n"),
        };
        body.insert_str(at, &line);
    }

    /// A place between two lines.
    fn between(&mut self, body: &str) -> usize {
        let end = match self.format {
            Format::Html => '>',
            Format::PlainText | Format::Markdown => '\n',
        };
        let mut places = vec![0];
        places.extend(body.match_indices(end).map(|(at, _)| at + 1));
        if self.format == Format::Html {
            // Between the tags of one line it would be within the line.
            places.retain(|at| {
                let before = body.get(..*at).unwrap_or_default();
                ["br>", "br/>", "br />", "ul>", "li>", "div>", "p>"]
                    .iter()
                    .any(|tag| before.ends_with(tag))
                    || before.is_empty()
            });
        }
        places.push(body.len());
        *self.tape.pick(&places)
    }

    /// The glyphs of the text, as ranges of bytes.
    fn glyphs(&self, body: &str) -> Vec<(usize, usize)> {
        let mut glyphs = Vec::new();
        let mut at = 0;
        while let Some(c) = body.get(at..).and_then(|rest| rest.chars().next()) {
            let rest = body.get(at..).unwrap_or_default();
            let markup = match (self.format, c) {
                (Format::Html, '<') => rest.find('>').map(|end| end + 1),
                (Format::Html, '&') => None,
                _ => None,
            };
            if let Some(length) = markup {
                at += length;
                continue;
            }
            let entity = (self.format == Format::Html && c == '&')
                .then(|| rest.find(';').filter(|end| *end < 9))
                .flatten();
            let length = entity.map_or(c.len_utf8(), |end| end + 1);
            // A cursor does not stop behind the sign before a typed line, which nobody sees.
            if !matches!(c, '\n' | '\r' | '\u{2060}') {
                glyphs.push((at, at + length));
            }
            at += length;
        }
        glyphs
    }

    /// A place within the text of a line, or behind it.
    fn within(&mut self, body: &str) -> usize {
        let glyphs = self.glyphs(body);
        match glyphs.is_empty() {
            true => body.len(),
            false => self.tape.pick(&glyphs).1,
        }
    }

    fn take_out_glyphs(&mut self, body: &mut String) -> Done {
        let glyphs = self.glyphs(body);
        let from = self.tape.below(glyphs.len());
        let count = 1 + self.tape.below(12);
        for (start, end) in glyphs.iter().skip(from).take(count).rev() {
            body.replace_range(start..end, "");
        }
        MOVED
    }

    /// The entries, as ranges of bytes.
    fn entries(&self, body: &str) -> Vec<(usize, usize)> {
        let (open, close) = match self.format {
            Format::Html => ("<li>", "</li>"),
            Format::PlainText => ("\nAda", "\n\n"),
            Format::Markdown => ("\n- ", "\n"),
        };
        let starts = body.match_indices(open).map(|(at, _)| at);
        starts
            .filter_map(|start| {
                let inner = body.get(start + open.len()..)?;
                let end = start + open.len() + inner.find(close)? + close.len();
                Some((start, end))
            })
            .collect()
    }

    fn take_out_entry(&mut self, body: &mut String) -> Done {
        let entries = self.entries(body);
        if !entries.is_empty() {
            let (start, end) = *self.tape.pick(&entries);
            body.replace_range(start..end, "");
        }
        EDITED
    }

    /// Moves an entry, or copies it.
    fn move_entry(&mut self, body: &mut String) -> Done {
        let entries = self.entries(body);
        if !entries.is_empty() {
            let (start, end) = *self.tape.pick(&entries);
            let entry = body.get(start..end).unwrap_or_default().to_owned();
            if self.tape.one_in(2) {
                body.replace_range(start..end, "");
            }
            let at = self.between(body);
            body.insert_str(at, &entry);
        }
        MOVED
    }

    fn number(&mut self, body: &mut String) -> Done {
        if let Some(at) = body.find("Conversation(").map(|at| at + 13)
            && let Some(end) = body.get(at..).and_then(|rest| rest.find(" messages"))
        {
            let number = *self.tape.pick(&["7", "1", "0", "", "many"]);
            body.replace_range(at..at + end, number);
        }
        Done {
            renumbered: true,
            ..EDITED
        }
    }

    fn damage_marker(&mut self, body: &mut String) -> Done {
        let markers = [
            "END",
            "BEGIN",
            "------------",
            "Conversation",
            "--- Created",
        ];
        let marker = *self.tape.pick(&markers);
        let found = match self.tape.one_in(2) {
            true => body.find(marker),
            false => body.rfind(marker),
        };
        if let Some(at) = found {
            let words = match self.tape.one_in(2) {
                true => self.name(),
                false => String::new(),
            };
            body.replace_range(at..at + marker.len(), &words);
        }
        MOVED
    }

    /// Puts something beside the text that is no letter.
    fn show_more(&mut self, body: &mut String) {
        let at = self.between(body);
        let name = self.name();
        let shown = match (self.format, self.tape.below(4)) {
            (Format::Html, 0) => format!("<img src=\"{name}\">"),
            (Format::Html, 1) => format!("<a href=\"https://x.example/{name}\">see</a>"),
            (Format::Html, 2) => format!("<hr class=\"{name}\">"),
            (_, _) => "🜁".to_owned(),
        };
        body.insert_str(at, &shown);
    }

    fn join_lines(&mut self, body: &mut String) -> Done {
        let gap = self.line_break();
        let breaks: Vec<_> = body.match_indices(gap).map(|(at, _)| at).collect();
        if !breaks.is_empty() {
            let at = *self.tape.pick(&breaks);
            body.replace_range(at..at + gap.len(), " ");
        }
        MOVED
    }

    /// Saves a form that was opened before.
    fn old_form(&mut self, body: &mut String) -> Done {
        if !self.earlier.is_empty() {
            body.clone_from(self.tape.pick(self.earlier));
        }
        Done {
            reverted: true,
            ..Done::default()
        }
    }

    fn wrap(&mut self, body: &mut String) {
        let name = self.name();
        *body = match self.format {
            Format::Html => {
                format!("<div><p>{name}</p><table><tr><td>{body}</td></tr></table></div>")
            }
            Format::PlainText => format!("{name}\n{body}\n"),
            Format::Markdown => format!("# {name}\n\n{body}\n"),
        };
    }
}
