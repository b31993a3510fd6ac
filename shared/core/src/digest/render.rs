//! The body and the subject of a digest, in each format.
//!
//! The visible layout is the one that App Connect's server writes.

use std::borrow::Cow;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::entry::{Context, Entry, Topic};
use super::escape::{name_line, name_within, text_lines, title};
use super::mark::Mark;
use super::window::Window;
use crate::contact::Contact;
use crate::ids::LogId;
use crate::media::{Media, MediaKind};
use crate::message::{Direction, MessageKind};
use crate::phone::PhoneNumber;

/// The words of the last line of every body, before the mark.
pub const FOOTER: &str = "--- Created via RingCentral App Connect";

/// What kind of text a CRM's note is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Format {
    /// HTML.
    Html,
    /// Text without any markup.
    PlainText,
    /// CommonMark.
    Markdown,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 3] = [Self::Html, Self::PlainText, Self::Markdown];
}

/// Which digest a body is of: everything that a rendering takes beside the entries.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// The conversation, as at its first text.
    pub context: &'a Context,
    /// Which window.
    pub window: Window,
    /// Which part of the window, from 1.
    pub part: usize,
    /// The mark to show in the footer; `None` where the CRM keeps it elsewhere.
    pub mark: Option<Mark>,
}

impl Frame<'_> {
    pub(super) fn format(&self) -> Format {
        self.context.format
    }

    fn day(&self) -> NaiveDate {
        self.window
            .date()
            .unwrap_or_else(|| self.context.zone.day(self.context.started_at))
    }

    /// The footer, with the mark if it is shown here.
    pub(super) fn footer(&self) -> String {
        footer_line(self.format(), self.mark)
    }
}

/// The last line of a body, with the mark if it is shown there.
pub(crate) fn footer_line(format: Format, mark: Option<Mark>) -> String {
    let footer = match mark {
        Some(mark) => format!("{FOOTER} [{mark}]"),
        None => FOOTER.to_owned(),
    };
    match format {
        Format::Html | Format::PlainText => footer,
        Format::Markdown => format!("\\{footer}"),
    }
}

/// The subject of a digest's activity: text without markup.
pub fn subject(frame: &Frame<'_>) -> String {
    let name = frame.context.contact.display_name();
    let day = frame.day().format("%y/%m/%d");
    let what = match frame.context.topic {
        Topic::Texts => "SMS conversation with",
        Topic::Voicemail => "Voicemail left by",
        Topic::FaxFrom => "Fax document sent from",
        Topic::FaxTo => "Fax document sent to",
    };
    title(&match frame.part {
        0 | 1 => format!("{what} {name} - {day}"),
        part => format!("{what} {name} - {day} ({part})"),
    })
}

/// The whole body of a digest with `entries`, which are put into order.
pub fn render(frame: &Frame<'_>, entries: &[&Entry]) -> String {
    let subject = name_line(frame.format(), &subject(frame));
    let day = frame.day().format("%A, %B %d, %Y");
    let people = people(frame.context);
    let people = people.iter().map(|name| name_line(frame.format(), name));
    let inbox = inbox_line(frame);
    let block = block(
        frame,
        entries,
        entries.iter().filter(|entry| entry.counts()).count(),
    );
    let footer = frame.footer();
    match frame.format() {
        Format::Html => {
            let people: Vec<_> = people.map(|name| format!("<b>{name}</b>")).collect();
            format!(
                "<br><b>{subject}</b><br><b>Conversation summary</b><br>{day}<br>Participants<br>\
                 <ul><li>{}</li></ul>{inbox}<br>{block}<br><br>{footer}",
                people.join("<br></li><li>")
            )
        }
        Format::PlainText => {
            let people: String = people.map(|name| format!("    {name}\n")).collect();
            format!(
                "{subject}\nConversation summary\n{day}\nParticipants\n{people}\
                 {inbox}\n{block}\n\n{footer}"
            )
        }
        Format::Markdown => {
            let people: String = people.map(|name| format!("- **{name}**\n")).collect();
            format!(
                "**{subject}**  \n**Conversation summary**  \n{day}  \nParticipants\n\n{people}\n\
                 {inbox}{block}\n\n{footer}"
            )
        }
    }
}

/// Everybody in the conversation. Whose inbox is shared, several people answer: the user who has it
/// logged need not be one of them.
fn people(context: &Context) -> Vec<&str> {
    let user = match context.inbox {
        Some(_) => None,
        None => Some(context.user_name.as_deref().unwrap_or("You")),
    };
    let contact = context.contact.display_name();
    let others = context.participants.iter().map(String::as_str);
    user.into_iter().chain([contact]).chain(others).collect()
}

/// The line that names a shared inbox; empty for a conversation of the user's own.
fn inbox_line(frame: &Frame<'_>) -> String {
    let Some(inbox) = &frame.context.inbox else {
        return String::new();
    };
    let what = match inbox.is_queue {
        true => "Receiving call queue",
        false => "Owner",
    };
    let name = name_line(frame.format(), &inbox.name);
    match frame.format() {
        Format::Html => format!("{what}: <b>{name}</b><br>"),
        Format::PlainText => format!("{what}: {name}\n"),
        Format::Markdown => format!("{what}: **{name}**\n\n"),
    }
}

/// The conversation alone, from its counter to END.
pub(super) fn block(frame: &Frame<'_>, entries: &[&Entry], count: usize) -> String {
    let line_break = match frame.format() {
        Format::Html => "<br>",
        Format::PlainText => "\n",
        Format::Markdown => "  \n",
    };
    format!(
        "Conversation({count} messages){line_break}BEGIN{}END",
        inner(frame, entries)
    )
}

/// What stands between BEGIN and END.
pub(super) fn inner(frame: &Frame<'_>, entries: &[&Entry]) -> String {
    let mut entries = entries.to_vec();
    entries.sort_by(|a, b| a.order(b));
    let entries: String = entries
        .into_iter()
        .map(|entry| item(frame, entry))
        .collect();
    match frame.format() {
        Format::Html => format!("<br>------------<br><ul>{entries}</ul>------------<br>"),
        Format::PlainText => format!("\n------------\n{entries}------------\n"),
        Format::Markdown => format!("  \n\\------------\n\n{entries}\n\\------------  \n"),
    }
}

/// One entry: in HTML a list item, else lines that end in a line break.
pub(super) fn item(frame: &Frame<'_>, entry: &Entry) -> String {
    let format = frame.format();
    let header = header(frame, entry);
    let mut said = match entry.text.is_empty() {
        true => Vec::new(),
        false => text_lines(format, &entry.text),
    };
    let carried = carried(format, entry);
    if said.is_empty() && carried.is_empty() {
        said.push(name_line(format, "(no text)"));
    }
    match format {
        Format::Html => {
            let said = match said.is_empty() {
                true => None,
                false => Some(format!("<b>{}</b>", said.join("<br>"))),
            };
            let lines: Vec<_> = said.into_iter().chain(carried).collect();
            format!("<li>{header}<br>{}</li>", lines.join("<br>"))
        }
        Format::PlainText => {
            let lines: String = said
                .into_iter()
                .chain(carried)
                .map(|line| line + "\n")
                .collect();
            format!("{header}\n{lines}\n")
        }
        Format::Markdown => {
            let lines: Vec<_> = said.into_iter().chain(carried).collect();
            format!("- {header}  \n  {}\n", lines.join("  \n  "))
        }
    }
}

/// The first line of an entry: who and when.
pub(super) fn header(frame: &Frame<'_>, entry: &Entry) -> String {
    let label = name_within(frame.format(), &label(frame.context, entry));
    let piece = match entry.piece {
        Some((piece, pieces)) => format!(" ({piece}/{pieces})"),
        None => String::new(),
    };
    let piece = name_within(frame.format(), &piece);
    format!(
        "{label}{}{piece} {}",
        if piece.is_empty() { "" } else { " " },
        stamp(frame, entry)
    )
}

/// The local time of an entry, with its date where the window is not a day.
pub(super) fn stamp(frame: &Frame<'_>, entry: &Entry) -> String {
    let local = frame.context.zone.local(entry.at);
    let shape = match frame.window.date() {
        Some(_) => "%I:%M %p",
        None => "%y/%m/%d %I:%M %p",
    };
    local.format(shape).to_string()
}

/// The name and number that stand for the sender of an entry.
pub(super) fn label<'a>(context: &'a Context, entry: &'a Entry) -> Cow<'a, str> {
    let number = entry.sender_number.as_ref();
    let own = match (&entry.sender_name, number) {
        (Some(name), Some(number)) => Some(with_number(name, number)),
        (Some(name), None) => Some(Cow::Borrowed(name.as_str())),
        (None, Some(number)) => Some(Cow::Borrowed(number.as_str())),
        (None, None) => None,
    };
    match entry.direction {
        Direction::Inbound => {
            let is_contact = number.is_some() && number == context.contact.phone.as_ref();
            let are_several = context.group || entry.in_group;
            own.filter(|_| are_several && !is_contact)
                .unwrap_or_else(|| contact_label(&context.contact))
        }
        Direction::Outbound => {
            let inbox = context.inbox.as_ref().map(|inbox| inbox.name.as_str());
            let are_several = context.group || inbox.is_some();
            let named = entry.sender_name.as_deref().filter(|_| are_several);
            named
                .or(inbox)
                .or(context.user_name.as_deref())
                .or(entry.sender_name.as_deref())
                .or(number.map(PhoneNumber::as_str))
                .unwrap_or("You")
                .into()
        }
    }
}

fn contact_label(contact: &Contact) -> Cow<'_, str> {
    match (&contact.name, &contact.phone) {
        (Some(name), Some(number)) => with_number(name, number),
        (Some(_), None) | (None, _) => contact.display_name().into(),
    }
}

fn with_number<'a>(name: &str, number: &PhoneNumber) -> Cow<'a, str> {
    format!("{name} ({})", number.as_str()).into()
}

/// The lines for what an entry carries, saying what each is.
fn carried(format: Format, entry: &Entry) -> Vec<String> {
    if entry.piece.is_some_and(|(piece, pieces)| piece < pieces) {
        return Vec::new();
    }
    let expected = match entry.kind {
        MessageKind::VoiceMail => Some(MediaKind::Voicemail),
        MessageKind::Fax => Some(MediaKind::Fax),
        MessageKind::Sms | MessageKind::Pager => None,
    };
    let missing = expected
        .filter(|kind| entry.media.iter().all(|media| media.kind != *kind))
        .map(|kind| Media { kind, link: None });
    missing
        .iter()
        .chain(&entry.media)
        .map(|media| media_line(format, media))
        .collect()
}

fn media_line(format: Format, media: &Media) -> String {
    let what = match media.kind {
        MediaKind::Voicemail => "Voicemail",
        MediaKind::Fax => "Fax document",
        MediaKind::Image => "Image",
        MediaKind::Video => "Video",
        MediaKind::File => "Attachment",
    };
    let Some(link) = media.link.as_ref().map(|link| link.as_str()) else {
        return match format {
            Format::Html | Format::PlainText => format!("{what} (no link available)"),
            Format::Markdown => format!("{what} \\(no link available\\)"),
        };
    };
    match format {
        Format::Html => format!(
            "{what}: <a href=\"{}\">{}</a>",
            html_escape::encode_double_quoted_attribute(link),
            html_escape::encode_text(link)
        ),
        Format::PlainText => format!("{what}: {link}"),
        // Within <…> nothing is a construct, and an address has neither white space nor <>.
        Format::Markdown => format!("{what}: <{}>", link.replace('<', "%3C").replace('>', "%3E")),
    }
}

/// The one line that is left of a second log of the same digest; it names the first.
pub fn emptied_note(format: Format, first: &LogId) -> String {
    let first = name_within(format, first.as_str());
    let line = format!("This conversation is logged in activity {first}.");
    match format {
        Format::Html => format!("<b>{line}</b>"),
        Format::PlainText | Format::Markdown => line,
    }
}
