//! Edits by which the number of the messages stays right.

use daybook_core::digest::Format;

use super::{Done, EDITED, Person};

impl Person<'_> {
    /// Takes a message out, all of it, and puts the number right.
    pub(super) fn take_out_and_count(&mut self, body: &mut String) -> Done {
        let open = match self.format {
            Format::Html => "<li>",
            Format::PlainText => "\n",
            Format::Markdown => "\n- ",
        };
        let (Some(begin), Some((number_at, number))) = (body.find("BEGIN"), number(body)) else {
            return Done::default();
        };
        let begins = |at: usize| {
            let entry = body.get(at + open.len()..).unwrap_or_default();
            let end = match self.format {
                Format::Html => '<',
                Format::PlainText | Format::Markdown => '\n',
            };
            let first = entry.split(end).next().unwrap_or_default().trim_end();
            first.ends_with("AM")
                && ["Ada", "Charles"]
                    .iter()
                    .any(|name| first.starts_with(name))
        };
        let starts = body.match_indices(open).map(|(at, _)| at);
        let starts: Vec<_> = starts.filter(|at| *at > begin && begins(*at)).collect();
        // The last one stays: it would be taken for one that joined after a form was opened.
        let pairs: Vec<_> = starts.windows(2).map(|pair| (pair[0], pair[1])).collect();
        if pairs.is_empty() || number == 0 || number_at > begin {
            return Done::default();
        }
        let (start, end) = *self.tape.pick(&pairs);
        body.replace_range(start..end, "");
        let digits = number.to_string().len();
        body.replace_range(number_at..number_at + digits, &(number - 1).to_string());
        Done {
            counted_out: true,
            ..EDITED
        }
    }
}

/// The number of a note's counter, and where it stands.
fn number(body: &str) -> Option<(usize, usize)> {
    let at = body.find("Conversation(")? + "Conversation(".len();
    let digits = body.get(at..)?.split_once(" messages")?.0;
    Some((at, digits.parse().ok().filter(|_| digits.len() < 3)?))
}
