//! Markdown, read by a parser of it with the extensions that CRMs know: there must be nothing but
//! paragraphs, lists, line breaks, and the bold of our own lines.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use super::{Note, Read, Shown, count, expect, footer};

/// A part of a note, as lines.
#[derive(Debug)]
enum Part {
    Paragraph(Vec<String>),
    List(Vec<Vec<String>>),
}

pub(super) fn read(note: &str) -> Read<Note> {
    let mut parts = parts(note)?.into_iter();
    let mut paragraph = || match parts.next() {
        Some(Part::Paragraph(lines)) => Ok(lines),
        other => Err(format!("{other:?} is no paragraph")),
    };
    let head = paragraph()?;
    let [subject, summary, _, participants] = head.as_slice() else {
        return Err(format!("{head:?} is no head"));
    };
    expect(summary, "Conversation summary")?;
    expect(participants, "Participants")?;
    let (people, begin, items) = match (parts.next(), parts.next(), parts.next()) {
        (Some(Part::List(people)), Some(Part::Paragraph(begin)), Some(Part::List(items))) => {
            (people, begin, items)
        }
        other => return Err(format!("{other:?} are no list, head and list")),
    };
    let [counter, begin, dashes] = begin.as_slice() else {
        return Err(format!("{begin:?} is no head of a conversation"));
    };
    expect(begin, "BEGIN")?;
    expect(dashes, "------------")?;
    let rest: Vec<_> = parts.collect();
    match rest.as_slice() {
        [Part::Paragraph(end), Part::Paragraph(last)] => {
            expect(&end.join("\n"), "------------\nEND")?;
            footer(&last.join("\n"))?;
        }
        other => return Err(format!("{other:?} is no end")),
    }
    let entry = |mut lines: Vec<String>| Shown {
        header: lines.remove(0),
        lines,
    };
    Ok(Note {
        subject: subject.clone(),
        people: people.into_iter().map(|lines| lines.join("\n")).collect(),
        count: count(counter)?,
        entries: items.into_iter().map(entry).collect(),
    })
}

fn parts(note: &str) -> Read<Vec<Part>> {
    let mut options = Options::all();
    // They are no constructs, and make other characters of quotes.
    options.remove(Options::ENABLE_SMART_PUNCTUATION);
    let mut parts = Vec::new();
    let mut lines = vec![String::new()];
    let mut list: Option<Vec<Vec<String>>> = None;
    for event in Parser::new_ext(note, options) {
        match event {
            Event::Text(text) => lines.last_mut().expect("one line").push_str(&text),
            Event::SoftBreak | Event::HardBreak => lines.push(String::new()),
            Event::Start(Tag::Strong) | Event::End(TagEnd::Strong) => {
                bold(&parts, list.as_ref())?;
            }
            Event::Start(Tag::Paragraph) => match list {
                // A text with a blank line has several of them.
                Some(_) if lines != [""] => lines.push(String::new()),
                Some(_) | None => {}
            },
            Event::End(TagEnd::Paragraph) => {
                if list.is_none() {
                    let said = std::mem::replace(&mut lines, vec![String::new()]);
                    parts.push(Part::Paragraph(said));
                }
            }
            Event::Start(Tag::List(None)) if list.is_none() => list = Some(Vec::new()),
            Event::End(TagEnd::List(false)) => parts.extend(list.take().map(Part::List)),
            Event::Start(Tag::Item) => {}
            Event::End(TagEnd::Item) => {
                let said = std::mem::replace(&mut lines, vec![String::new()]);
                list.as_mut().ok_or("an item of nothing")?.push(said);
            }
            other @ (Event::Start(_)
            | Event::End(_)
            | Event::Code(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::Html(_)
            | Event::InlineHtml(_)
            | Event::FootnoteReference(_)
            | Event::Rule
            | Event::TaskListMarker(_)) => return Err(format!("{other:?} is markup")),
        }
    }
    Ok(parts)
}

/// Nothing is bold but the first paragraph and the people.
fn bold(parts: &[Part], list: Option<&Vec<Vec<String>>>) -> Read<()> {
    match (parts.len(), list) {
        (0, None) | (1, Some(_)) => Ok(()),
        (number, _) => Err(format!("part {number} is bold")),
    }
}
