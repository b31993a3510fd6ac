//! HTML: our own tags, spelled as we spell them and where they belong, three entities, and text in
//! which there is neither `<` nor `>` nor another `&`. Whatever reads such a note as HTML, a
//! browser too, sees those tags and no others.

use super::{Note, Read, Shown, count, footer};

struct Reader<'a> {
    rest: &'a str,
}

pub(super) fn read(note: &str) -> Read<Note> {
    let mut reader = Reader { rest: note };
    reader.expect("<br><b>")?;
    let subject = reader.text()?;
    reader.expect("</b><br><b>Conversation summary</b><br>")?;
    reader.text()?;
    reader.expect("<br>Participants<br><ul><li><b>")?;
    let mut people = vec![reader.text()?];
    while reader.skips("</b><br></li><li><b>") {
        people.push(reader.text()?);
    }
    reader.expect("</b></li></ul><br>")?;
    let count = count(&reader.text()?)?;
    reader.expect("<br>BEGIN<br>------------<br><ul>")?;
    let mut entries = Vec::new();
    while reader.skips("<li>") {
        entries.push(reader.entry()?);
    }
    reader.expect("</ul>------------<br>END<br><br>")?;
    footer(&reader.text()?)?;
    match reader.rest.is_empty() {
        true => Ok(Note {
            subject,
            people,
            count,
            entries,
        }),
        false => Err(format!("{:?} stands below the footer", reader.rest)),
    }
}

impl Reader<'_> {
    fn skips(&mut self, tags: &str) -> bool {
        let rest = self.rest.strip_prefix(tags);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, tags: &str) -> Read<()> {
        match self.skips(tags) {
            true => Ok(()),
            false => Err(format!("no {tags:?} before {:.200?}", self.rest)),
        }
    }

    /// The text up to the next tag.
    fn text(&mut self) -> Read<String> {
        let (text, rest) = self
            .rest
            .split_at(self.rest.find('<').unwrap_or(self.rest.len()));
        self.rest = rest;
        let mut pieces = text.split('&');
        let mut said = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let (name, text) = piece.split_once(';').unwrap_or((piece, ""));
            said.push(match name {
                "amp" => '&',
                "lt" => '<',
                "gt" => '>',
                _ => return Err(format!("&{piece:.20} is none of our entities")),
            });
            said.push_str(text);
        }
        match text.contains('>') {
            true => Err(format!("a bracket in {text:.200?}")),
            false => Ok(said),
        }
    }

    fn entry(&mut self) -> Read<Shown> {
        let header = self.text()?;
        self.expect("<br><b>")?;
        let mut lines = vec![self.text()?];
        while self.skips("<br>") {
            lines.push(self.text()?);
        }
        self.expect("</b></li>")?;
        Ok(Shown { header, lines })
    }
}
