//! What a request's fields come to in words, before any markup.

use super::date;
use super::field::{Field, Shape};
use super::layout::Layout;
use crate::call::{CallFields, Direction, Duration, Leg, Link, Party, is_pending};
use crate::digest::escape::{typed_lines, typed_name};
use crate::digest::lines::GUARD;
use crate::media::MediaLink;
use crate::phone::PhoneNumber;

/// What stands for a link that is not ready.
pub(super) const PENDING_LINK: &str = "(pending...)";
const PENDING: &str = "pending";

/// What a field is to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// Words, cleaned; more than one line only in the note and in sections.
    Text(String),
    /// An address.
    Link(String),
    /// That it is still to come; replaces nothing.
    Pending(String),
}

/// What the request says of a field; `None` where it leaves it as it is.
pub(super) fn value(layout: &Layout, fields: &CallFields, field: Field) -> Option<Value> {
    let ring_sense = &fields.ring_sense;
    let own = own_party(fields);
    let typed = match field {
        Field::Recording => return linked(fields.recording.as_ref()),
        Field::Voicemail => return linked(fields.voicemail.as_ref()),
        Field::AceLink => return linked(ring_sense.link.as_ref()),
        Field::Note => fields.note.clone(),
        Field::SessionId => fields.session_id.clone(),
        Field::UserName => own.and_then(|own| own.name.clone()),
        Field::UserNumber => own.and_then(number_and_extension),
        Field::Subject => fields.subject.clone(),
        Field::ContactNumber => fields.contact_number.as_ref().map(number),
        Field::DateTime => fields
            .started_at
            .map(|at| date::format(&layout.date_format, layout.zone.local(at))),
        Field::Duration => fields.duration.map(duration_words),
        Field::Result => fields.result.clone(),
        Field::AiNote => fields.ai_note.clone(),
        Field::Transcript => fields.transcript.clone(),
        Field::AceTranscript => ring_sense.transcript.clone(),
        Field::AceSummary => ring_sense.summary.clone(),
        Field::AceScore => ring_sense.score.clone(),
        Field::AceBulletedSummary => ring_sense.bulleted_summary.clone(),
        Field::Legs => Some(legs_words(&fields.legs)),
    };
    in_words(field, &typed?)
}

/// What was typed, cleaned; `None` where nothing is left.
fn in_words(field: Field, typed: &str) -> Option<Value> {
    let text = match field.shape() {
        Shape::Note | Shape::Section => cleaned(typed),
        Shape::Line | Shape::Link => typed_name(typed),
    };
    let is_pending = field.shape() == Shape::Line && is_pending(&text);
    match (text.is_empty(), is_pending) {
        (true, _) => None,
        (false, true) => Some(Value::Pending(text)),
        (false, false) => Some(Value::Text(text)),
    }
}

fn linked(link: Option<&Link>) -> Option<Value> {
    link.map(|link| match link {
        Link::To(link) => Value::Link(link.as_str().to_owned()),
        Link::Pending => Value::Pending(PENDING_LINK.to_owned()),
    })
}

/// A text of several lines without blank lines at its ends and without our own sign.
pub(super) fn cleaned(text: &str) -> String {
    let lines: Vec<_> = typed_lines(&text.replace(GUARD, "")).collect();
    trimmed(&lines)
}

/// The lines without blank ones at both ends.
pub(super) fn trimmed(lines: &[String]) -> String {
    let says = |line: &String| !line.trim().is_empty();
    let first = lines.iter().position(says).unwrap_or(lines.len());
    let end = lines.iter().rposition(says).map_or(first, |last| last + 1);
    lines.get(first..end).unwrap_or_default().join("\n")
}

/// A line with a space for each character of both ends that `is_space`.
pub(super) fn spaces_at_ends(line: &str, is_space: impl Fn(char) -> bool + Copy) -> String {
    let inner = line.trim_matches(is_space);
    let before = line.len() - line.trim_start_matches(is_space).len();
    let (before, after) = match inner.is_empty() {
        true => (line, ""),
        false => line.split_at(before),
    };
    let after = after.get(inner.len()..).unwrap_or_default();
    let spaces = |part: &str| " ".repeat(part.chars().count());
    format!("{}{inner}{}", spaces(before), spaces(after))
}

/// Whether what stands says the same as what is to stand, but for what CRMs do to white space.
pub(super) fn says(stands: &str, value: &Value) -> bool {
    let plain = |text: &str| -> Vec<String> {
        let spaced = |line: &str| line.replace(|c: char| c.is_whitespace(), " ");
        text.split('\n')
            .map(|line| spaced(line).trim_end().to_owned())
            .collect()
    };
    match value {
        Value::Text(text) => plain(stands) == plain(text),
        Value::Link(link) => {
            let stands = MediaLink::parse(stands).ok().flatten();
            stands.is_some_and(|stands| stands.as_str() == link)
        }
        Value::Pending(_) => !stands.is_empty(),
    }
}

/// The user's end of the call; `None` where nobody says which it is.
fn own_party(fields: &CallFields) -> Option<&Party> {
    match fields.direction? {
        Direction::Inbound => fields.to.as_ref(),
        Direction::Outbound => fields.from.as_ref(),
    }
}

fn number(number: &PhoneNumber) -> String {
    typed_name(number.as_str())
}

fn number_and_extension(party: &Party) -> Option<String> {
    let parts = [party.phone.as_ref().map(number), party.extension.clone()];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// Hours, minutes and seconds, those that are none left out.
fn duration_words(duration: Duration) -> String {
    let Duration::Known(duration) = duration else {
        return PENDING.to_owned();
    };
    let whole = duration.as_secs();
    let millis = duration.subsec_millis();
    let seconds = match millis {
        0 => (whole % 60).to_string(),
        _ => {
            let fraction = format!("{millis:03}");
            format!("{}.{}", whole % 60, fraction.trim_end_matches('0'))
        }
    };
    let parts = [
        ((whole / 3_600).to_string(), "hour"),
        ((whole / 60 % 60).to_string(), "minute"),
        (seconds, "second"),
    ];
    let said: Vec<_> = (parts.iter())
        .filter(|(count, _)| count != "0")
        .map(|(count, unit)| match count.as_str() {
            "1" => format!("1 {unit}"),
            count => format!("{count} {unit}s"),
        })
        .collect();
    match said.is_empty() {
        true => "0 seconds".to_owned(),
        false => said.join(", "),
    }
}

/// One line for each leg.
fn legs_words(legs: &[Leg]) -> String {
    let lines: Vec<_> = (legs.iter().enumerate())
        .map(|(index, leg)| match index {
            0 => first_leg(leg),
            _ => later_leg(leg),
        })
        .collect();
    lines.join("\n")
}

fn first_leg(leg: &Leg) -> String {
    match leg.direction {
        Some(Direction::Outbound) => at("Made call from", &leg.from),
        Some(Direction::Inbound) | None => at("Received call at", &leg.to),
    }
}

fn later_leg(leg: &Leg) -> String {
    let is_to_sip = leg.kind.as_deref() == Some("PstnToSip");
    let party = match leg.direction {
        Some(Direction::Outbound) if !is_to_sip => &leg.from,
        Some(Direction::Outbound | Direction::Inbound) | None => &leg.to,
    };
    let unit = match leg.duration_secs {
        Some(0 | 1) => "second",
        Some(_) | None => "seconds",
    };
    let duration = leg
        .duration_secs
        .map(|seconds| format!(", duration: {seconds} {unit}"));
    at("Transferred to", party) + &duration.unwrap_or_default()
}

/// `words`, and who it was: name, number and extension, as far as they are known.
fn at(words: &str, party: &Party) -> String {
    let known = |text: &Option<String>| {
        let text = typed_name(text.as_deref().unwrap_or_default());
        (!text.is_empty()).then_some(text)
    };
    let parts = [
        known(&party.name),
        party.phone.as_ref().map(number),
        known(&party.extension).map(|extension| format!("ext {extension}")),
    ];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    match parts.is_empty() {
        true => words.to_owned(),
        false => format!("{words} {}", parts.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_told_in_hours_minutes_and_seconds() {
        for (given, told) in [
            ("0", "0 seconds"),
            ("1", "1 second"),
            ("59", "59 seconds"),
            ("60", "1 minute"),
            ("61", "1 minute, 1 second"),
            ("3601", "1 hour, 1 second"),
            ("3660", "1 hour, 1 minute"),
            ("7325", "2 hours, 2 minutes, 5 seconds"),
            ("86400", "24 hours"),
            ("61.5", "1 minute, 1.5 seconds"),
            ("0.25", "0.25 seconds"),
            ("-5", "0 seconds"),
            ("pending", "pending"),
        ] {
            let duration = Duration::parse(given).expect("a duration");
            assert_eq!(duration.map(duration_words).as_deref(), Some(told));
        }
    }

    #[test]
    fn white_space_at_the_ends_of_a_line_is_spaces() {
        for (line, spaced) in [
            ("", ""),
            ("\u{a0}", " "),
            ("\t x\ty \u{a0}", "  x\ty  "),
            ("é\t", "é "),
        ] {
            let is_space = |c: char| c.is_whitespace();
            assert_eq!(spaces_at_ends(line, is_space), spaced);
        }
    }
}
