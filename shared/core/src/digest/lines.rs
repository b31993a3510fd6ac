//! A body as the lines that a person sees, each glyph with its place in the raw text.
//!
//! Lines are compared by their key: what is left when tags, entities, white space, characters
//! beyond the Basic Multilingual Plane and invisible ones are taken out. A CRM that only
//! reformats a note does not change the keys.

use super::render::Format;

/// One visible or white character and the bytes of the raw body that stand for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Glyph {
    pub(crate) c: char,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// One line of a body.
#[derive(Debug, Default)]
pub(crate) struct Line {
    /// Where it starts in the raw body.
    pub(crate) start: usize,
    pub(crate) glyphs: Vec<Glyph>,
    /// What it is compared by.
    pub(crate) key: String,
    /// Whether it starts with [`GUARD`]: then it is something that a person typed.
    pub(crate) guarded: bool,
}

impl Line {
    /// The glyphs that a person sees.
    pub(crate) fn visible(&self) -> impl Iterator<Item = &Glyph> {
        self.glyphs
            .iter()
            .filter(|glyph| !glyph.c.is_whitespace() && glyph.c != GUARD)
    }

    /// Whether [`GUARD`] is anywhere in it: a person may have joined lines.
    pub(crate) fn holds_guard(&self) -> bool {
        self.glyphs.iter().any(|glyph| glyph.c == GUARD)
    }

    /// What a person sees and the key does not tell: emoji, mostly.
    pub(crate) fn untold(&self) -> impl Iterator<Item = char> {
        let seen = self.visible().map(|glyph| glyph.c);
        seen.filter(|c| u32::from(*c) > 0xffff)
    }
}

/// What a tag does to the elements that are open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TagKind {
    Open,
    Close,
    Void,
}

/// A tag of an HTML body.
#[derive(Debug)]
pub(crate) struct Tag {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) name: String,
    pub(crate) kind: TagKind,
}

/// A body, read.
#[derive(Debug, Default)]
pub(crate) struct Document {
    pub(crate) lines: Vec<Line>,
    pub(crate) tags: Vec<Tag>,
}

impl Document {
    /// Where the last glyph ends.
    pub(crate) fn end(&self) -> usize {
        let last = self.lines.iter().rev().find_map(|line| line.glyphs.last());
        last.map_or(0, |glyph| glyph.end)
    }
}

/// The invisible character before a typed line that looks like one of ours (WORD JOINER).
pub(crate) const GUARD: char = '\u{2060}';

const BREAKING: [&str; 30] = [
    "address",
    "article",
    "blockquote",
    "br",
    "dd",
    "div",
    "dl",
    "dt",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
    "figure",
];
const VOID: [&str; 12] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr",
];

/// Reads a body. HTML without a single tag is read as text with entities.
pub(crate) fn scan(format: Format, body: &str) -> Document {
    let mut document = match format {
        Format::Html => scan_html(body),
        Format::PlainText | Format::Markdown => scan_text(body, false),
    };
    for line in &mut document.lines {
        line.key = key_of(format, line.glyphs.iter().map(|glyph| glyph.c));
        let mut told = line.glyphs.iter().map(|glyph| glyph.c);
        line.guarded = told.find(|c| *c == GUARD || !is_left_out(*c)) == Some(GUARD);
    }
    document
}

/// What a line with these characters is compared by.
pub(crate) fn key_of(format: Format, line: impl Iterator<Item = char>) -> String {
    let markdown = format == Format::Markdown;
    let key: String = line
        .filter(|c| !is_left_out(*c))
        .filter(|c| !markdown || !matches!(c, '\\' | '*' | '_' | '`' | '~' | '#' | '<' | '>' | '|'))
        .collect();
    let bare = key.trim_start_matches(['-', '+']);
    match markdown && !bare.is_empty() {
        true => bare.to_owned(),
        false => key,
    }
}

/// Whether nobody sees a character, or not every CRM keeps it.
pub(crate) fn is_left_out(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || u32::from(c) > 0xffff
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{fff9}'..='\u{fffd}')
}

fn scan_text(body: &str, entities: bool) -> Document {
    let mut document = Document::default();
    let mut line = Line::default();
    let mut at = 0;
    while let Some(c) = body[at..].chars().next() {
        if c == '\n' {
            document.lines.push(std::mem::take(&mut line));
            at += 1;
            line.start = at;
        } else if entities {
            at = push_html(&mut line, body, at, c);
        } else {
            let end = at + c.len_utf8();
            line.glyphs.push(Glyph { c, start: at, end });
            at = end;
        }
    }
    document.lines.push(line);
    document
}

fn scan_html(body: &str) -> Document {
    let mut document = Document::default();
    let mut line = Line::default();
    let mut ends = TagEnds::new(body);
    let mut at = 0;
    while let Some(c) = body[at..].chars().next() {
        if c == '<'
            && let Some(end) = ends.of(at)
        {
            if let Some(tag) = read_tag(body, at, end) {
                if BREAKING.contains(&tag.name.as_str()) {
                    document.lines.push(std::mem::take(&mut line));
                    line.start = end;
                }
                document.tags.push(tag);
            }
            at = end;
        } else {
            at = push_html(&mut line, body, at, c);
        }
    }
    document.lines.push(line);
    match document.tags.is_empty() {
        true => scan_text(body, true),
        false => document,
    }
}

/// Finds where tags end, in a time that grows with the body and no faster, whatever is in it.
struct TagEnds<'a> {
    body: &'a str,
    /// For each byte, the states in which a search came by: one bit each. Searches start in order
    /// and go on behind what they found, so that one that comes by again will fail again.
    passed: Vec<u8>,
    /// Whether a comment was not closed: then no later one is.
    open_comment: bool,
}

impl<'a> TagEnds<'a> {
    fn new(body: &'a str) -> Self {
        Self {
            body,
            passed: vec![0; body.len()],
            open_comment: false,
        }
    }

    /// Where the tag or comment that starts at `at` ends; `None` where `<` is just a character.
    fn of(&mut self, at: usize) -> Option<usize> {
        let rest = &self.body[at + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            let end = match self.open_comment {
                true => None,
                false => comment.find("-->"),
            };
            self.open_comment |= end.is_none();
            return end.map(|end| at + 4 + end + 3);
        }
        let name = rest.strip_prefix('/').unwrap_or(rest);
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '!' || c == '?')
            .then_some(())?;
        let mut quote = None;
        let mut before = ' ';
        for (offset, c) in rest.char_indices() {
            let state = match quote {
                None => 1,
                Some('"') => 2,
                Some(_) => 4,
            };
            let passed = self.passed.get_mut(at + 1 + offset)?;
            if *passed & state != 0 {
                return None;
            }
            *passed |= state;
            match (quote, c) {
                (None, '>') => return Some(at + 1 + offset + 1),
                // A quote opens a value only after an equals sign.
                (None, '"' | '\'') if before == '=' => quote = Some(c),
                (Some(open), _) if open == c => quote = None,
                _ => {}
            }
            if !c.is_whitespace() {
                before = c;
            }
        }
        None
    }
}

fn read_tag(body: &str, start: usize, end: usize) -> Option<Tag> {
    let inner = &body[start + 1..end - 1];
    let (close, inner) = match inner.strip_prefix('/') {
        Some(inner) => (true, inner),
        None => (false, inner),
    };
    let name: String = inner
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    if name.is_empty() {
        return None;
    }
    let kind = match (close, VOID.contains(&name.as_str())) {
        (_, true) => TagKind::Void,
        (true, false) => TagKind::Close,
        (false, false) => TagKind::Open,
    };
    Some(Tag {
        start,
        end,
        name,
        kind,
    })
}

/// Reads the character or entity at `at`; returns where the next one starts.
fn push_html(line: &mut Line, body: &str, at: usize, c: char) -> usize {
    const LONGEST: usize = 34;
    if c == '&'
        && let Some(length) = body[at..]
            .bytes()
            .take(LONGEST)
            .skip(1)
            .position(|byte| !(byte.is_ascii_alphanumeric() || byte == b'#'))
        && body.as_bytes().get(at + 1 + length) == Some(&b';')
    {
        let end = at + length + 2;
        let entity = &body[at..end];
        let decoded = html_escape::decode_html_entities(entity);
        if decoded != entity {
            line.glyphs
                .extend(decoded.chars().map(|c| Glyph { c, start: at, end }));
            return end;
        }
    }
    let end = at + c.len_utf8();
    line.glyphs.push(Glyph { c, start: at, end });
    end
}

/// Whether a key ends in `hh:mm AM` or `hh:mm PM`, as the first line of an entry does.
pub(super) fn is_header_key(key: &str) -> bool {
    let end = key
        .len()
        .checked_sub(7)
        .and_then(|at| key.as_bytes().get(at..));
    matches!(end, Some([a, b, b':', c, d, b'A' | b'P', b'M'])
        if [a, b, c, d].iter().all(|byte| byte.is_ascii_digit()))
}
