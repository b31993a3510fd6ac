//! What a stretch of a body says, as the text that was typed.

use std::ops::Range;

use super::value::{spaces_at_ends, trimmed};
use crate::digest::Format;
use crate::digest::lines::{Document, GUARD, Glyph, Line};

/// The text of whole lines, where of the first one the first `skip` glyphs are a label.
pub(super) fn lines_text(
    format: Format,
    document: &Document,
    lines: Range<usize>,
    skip: usize,
) -> String {
    let all = document.lines.get(lines).unwrap_or_default();
    let said = all.iter().filter(|line| line.visible().next().is_some());
    // App Connect's server leaves the line breaks of the agent's note as they are.
    let raw_breaks = said.count() == 1;
    let texts: Vec<_> = (all.iter().enumerate())
        .flat_map(|(index, line)| {
            let skip = if index == 0 { skip } else { 0 };
            let glyphs = line.glyphs.get(skip..).unwrap_or_default();
            match format {
                Format::Html => html_lines(glyphs, raw_breaks),
                Format::PlainText => vec![plain(glyphs)],
                Format::Markdown => vec![markdown(glyphs)],
            }
        })
        .collect();
    trimmed(&texts)
}

/// The text of the rest of a line behind a label.
pub(super) fn line_text(format: Format, line: &Line, skip: usize) -> String {
    let glyphs = line.glyphs.get(skip..).unwrap_or_default();
    let text = match format {
        Format::Html => html_lines(glyphs, false).join(" "),
        Format::PlainText => plain(glyphs),
        Format::Markdown => markdown(glyphs),
    };
    text.trim().to_owned()
}

/// What was typed of a line: nothing of ours, and no white space behind our sign at its end.
fn typed(glyphs: &[Glyph]) -> impl Iterator<Item = char> {
    let last = (glyphs.iter()).rposition(|glyph| !glyph.c.is_whitespace());
    let signed = last.filter(|at| glyphs.get(*at).is_some_and(|glyph| glyph.c == GUARD));
    let said = glyphs.get(..signed.unwrap_or(glyphs.len()));
    (said.unwrap_or_default().iter().map(|glyph| glyph.c)).filter(|c| *c != GUARD)
}

fn plain(glyphs: &[Glyph]) -> String {
    let text: String = typed(glyphs).collect();
    text.trim_end_matches('\r').to_owned()
}

fn markdown(glyphs: &[Glyph]) -> String {
    let line: String = typed(glyphs).collect();
    let line = line.trim_end_matches('\r').trim_end_matches(' ');
    let line = spaces_at_ends(line, |c| matches!(c, ' ' | '\t' | '\u{a0}'));
    let mut out = String::with_capacity(line.len());
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        let escaped = chars.next_if(|next| c == '\\' && next.is_ascii_punctuation());
        out.push(escaped.unwrap_or(c));
    }
    out
}

/// The lines that a line of HTML is. White space with a line break in it says nothing at its ends
/// and is a space within, but where breaks are `raw`.
fn html_lines(glyphs: &[Glyph], raw_breaks: bool) -> Vec<String> {
    let text: String = typed(glyphs).filter(|c| *c != '\r').collect();
    let mut text = text.as_str();
    let is_broken = |space: &str| space.contains('\n');
    let start = text.len() - text.trim_start().len();
    if is_broken(&text[..start]) {
        text = &text[start..];
    }
    let end = text.trim_end().len();
    if is_broken(&text[end..]) {
        text = &text[..end];
    }
    match raw_breaks {
        true => text.split('\n').map(str::to_owned).collect(),
        false => {
            let joined: Vec<_> = (text.split('\n').enumerate())
                .map(|(index, part)| match index {
                    0 => part.trim_end_matches(' '),
                    _ => part.trim_start_matches([' ', '\t']),
                })
                .collect();
            match joined.as_slice() {
                [_] => vec![text.to_owned()],
                _ => vec![joined.join(" ")],
            }
        }
    }
}
