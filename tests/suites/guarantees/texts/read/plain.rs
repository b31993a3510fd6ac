//! Plain text: an entry begins with a line that ends in a time and has no sign before it.

use super::{GUARD, Note, Read, Shown, count, expect, footer};

pub(super) fn read(note: &str) -> Read<Note> {
    let mut lines = note.split('\n');
    let mut next = || lines.next().ok_or("the note breaks off".to_owned());
    let subject = next()?.to_owned();
    expect(next()?, "Conversation summary")?;
    next()?;
    expect(next()?, "Participants")?;
    let mut people = Vec::new();
    loop {
        match next()? {
            "" => break,
            line => {
                let name = line.strip_prefix("    ");
                people.push(name.ok_or(format!("{line:?} is nobody"))?.to_owned());
            }
        }
    }
    let count = count(next()?)?;
    expect(next()?, "BEGIN")?;
    expect(next()?, "------------")?;
    let mut lines: Vec<_> = lines.collect();
    footer(lines.pop().unwrap_or_default())?;
    for expected in ["", "END", "------------"] {
        expect(lines.pop().unwrap_or_default(), expected)?;
    }
    Ok(Note {
        subject,
        people,
        count,
        entries: entries(&lines)?,
    })
}

fn entries(lines: &[&str]) -> Read<Vec<Shown>> {
    let mut entries: Vec<Shown> = Vec::new();
    for line in lines {
        match entries.last_mut() {
            _ if is_first(line) => entries.push(Shown {
                header: (*line).to_owned(),
                lines: Vec::new(),
            }),
            Some(entry) => entry.lines.push((*line).to_owned()),
            None => return Err(format!("{line:?} is no message")),
        }
    }
    for entry in &mut entries {
        // One blank line ends each.
        expect(&entry.lines.pop().unwrap_or_default(), "")?;
    }
    Ok(entries)
}

fn is_first(line: &str) -> bool {
    let time = line
        .len()
        .checked_sub(8)
        .and_then(|at| line.as_bytes().get(at..));
    let is_timed = matches!(time, Some([a, b, b':', c, d, b' ', b'A' | b'P', b'M'])
        if [a, b, c, d].iter().all(|byte| byte.is_ascii_digit()));
    is_timed && !line.trim_start().starts_with(GUARD)
}
