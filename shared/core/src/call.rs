//! What RingCentral tells of a phone call, as far as a CRM shows it.
//!
//! A call is told bit by bit: at its end, then by a person who edits it, then as its record, its
//! recording and its transcript come in. [`CallFields`] is what one of these requests brings.

mod limited;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub use crate::message::Direction;

use crate::digest::escape::title;
use crate::media::MediaLink;
use crate::phone::PhoneNumber;

/// One end of a call, or of a leg of it.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Party {
    /// The number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<PhoneNumber>,
    /// The extension's number within its account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extension: Option<String>,
    /// The name that RingCentral knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// How long a call was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Duration {
    /// As long as this.
    Known(std::time::Duration),
    /// Nobody knows yet.
    Pending,
}

impl Duration {
    /// Whole seconds.
    pub const fn seconds(seconds: u64) -> Self {
        Self::Known(std::time::Duration::from_secs(seconds))
    }

    /// Reads a number of seconds, with a fraction or without, or `pending`; `Ok(None)` for a blank
    /// text. A negative number is none at all.
    ///
    /// # Errors
    /// The problem, to be read after the field's name.
    pub fn parse(text: &str) -> Result<Option<Self>, String> {
        const PROBLEM: &str = "is not a number of seconds or `pending`";
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        if is_pending(text) {
            return Ok(Some(Self::Pending));
        }
        let seconds: f64 = text.parse().map_err(|_| PROBLEM.to_owned())?;
        let millis = (seconds.max(0.0) * 1_000.0).round() / 1_000.0;
        match seconds.is_nan() {
            true => Err(PROBLEM.to_owned()),
            false => std::time::Duration::try_from_secs_f64(millis)
                .map(|known| Some(Self::Known(known)))
                .map_err(|_| PROBLEM.to_owned()),
        }
    }
}

/// A link to something that may still be in the making.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Link {
    /// Here it is.
    To(MediaLink),
    /// It is not ready yet.
    Pending,
}

impl Link {
    /// Reads an address, or `(pending...)`; `Ok(None)` for a blank text, and for an address that
    /// carries a credential.
    ///
    /// # Errors
    /// The problem, to be read after the field's name.
    pub fn parse(text: &str) -> Result<Option<Self>, String> {
        match text.trim() {
            "" => Ok(None),
            text if is_pending(text) => Ok(Some(Self::Pending)),
            text => MediaLink::parse(text).map(|link| link.map(Self::To)),
        }
    }
}

/// Whether a text says that something is still to come, as `pending` and `(pending...)` do.
pub fn is_pending(text: &str) -> bool {
    let word = text.trim().trim_matches(['(', ')', '.', '\u{2026}']);
    word.eq_ignore_ascii_case("pending")
}

/// A stage of a call that was transferred.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Leg {
    /// Seen from the account; what is not outbound is taken for inbound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// RingCentral's type of leg, such as `PstnToSip`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Who called.
    pub from: Party,
    /// Who was called.
    pub to: Party,
    /// How long it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_secs: Option<u64>,
}

/// What RingSense makes of a call.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RingSense {
    /// Who said what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transcript: Option<String>,
    /// What it was about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// How good it was, as a number or in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<String>,
    /// What it was about, as a list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bulleted_summary: Option<String>,
    /// Where all of it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<Link>,
}

/// What one request tells of a call.
///
/// # Shape
/// What is `None`, or a blank text or an empty list, is unchanged. Texts are as they were typed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct CallFields {
    /// What the agent wrote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// RingCentral's id of the session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// The title that the agent, or the client, gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Who called whom, seen from the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// Who called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Party>,
    /// Who was called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<Party>,
    /// The number of the CRM's contact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_number: Option<PhoneNumber>,
    /// When it began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<DateTime<Utc>>,
    /// How long it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<Duration>,
    /// What became of it, in RingCentral's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// Its recording.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recording: Option<Link>,
    /// The voicemail that was left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voicemail: Option<Link>,
    /// A machine's summary of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ai_note: Option<String>,
    /// Who said what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transcript: Option<String>,
    /// What RingSense makes of it.
    pub ring_sense: RingSense,
    /// Its stages, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub legs: Vec<Leg>,
}

impl CallFields {
    /// What both say, first these and then `newer`: of each field the newer one wins, but what
    /// says nothing or is pending replaces nothing.
    #[must_use]
    pub fn then(self, newer: Self) -> Self {
        Self {
            note: said(self.note, newer.note),
            session_id: said(self.session_id, newer.session_id),
            subject: said(self.subject, newer.subject),
            direction: newer.direction.or(self.direction),
            from: later(self.from, newer.from, |party| party.says_nothing()),
            to: later(self.to, newer.to, |party| party.says_nothing()),
            contact_number: newer.contact_number.or(self.contact_number),
            started_at: newer.started_at.or(self.started_at),
            duration: later(self.duration, newer.duration, |duration| {
                *duration == Duration::Pending
            }),
            result: settled(self.result, newer.result),
            recording: linked(self.recording, newer.recording),
            voicemail: linked(self.voicemail, newer.voicemail),
            ai_note: said(self.ai_note, newer.ai_note),
            transcript: said(self.transcript, newer.transcript),
            ring_sense: self.ring_sense.then(newer.ring_sense),
            legs: match newer.legs.is_empty() {
                true => self.legs,
                false => newer.legs,
            },
        }
    }
}

impl CallFields {
    /// Whether nothing at all is told, not even the session's id.
    pub fn is_empty(&self) -> bool {
        let Self {
            note,
            session_id,
            subject,
            direction,
            from,
            to,
            contact_number,
            started_at,
            duration,
            result,
            recording,
            voicemail,
            ai_note,
            transcript,
            ring_sense,
            legs,
        } = self;
        let texts = [note, session_id, subject, result, ai_note, transcript];
        let links = [recording, voicemail, &ring_sense.link];
        let words = [
            &ring_sense.transcript,
            &ring_sense.summary,
            &ring_sense.score,
            &ring_sense.bulleted_summary,
        ];
        let is_nobody = |party: &Option<Party>| party.as_ref().is_none_or(Party::is_unknown);
        texts.into_iter().chain(words).all(is_blank)
            && links.into_iter().all(Option::is_none)
            && [from, to].into_iter().all(is_nobody)
            && (direction.is_none() && contact_number.is_none())
            && (started_at.is_none() && duration.is_none())
            && legs.is_empty()
    }

    /// How long it was, if that is told and not pending.
    pub fn known_duration(&self) -> Option<std::time::Duration> {
        match self.duration? {
            Duration::Known(known) => Some(known),
            Duration::Pending => None,
        }
    }
}

/// The title of a call's activity: text without markup.
///
/// # Shape
/// One line, as long as [`MAX_TITLE_BYTES`](crate::limits::MAX_TITLE_BYTES) at most. The subject
/// that was told, else who called: `Inbound Call from NAME`, `Outbound Call to NAME`, or
/// `Call with NAME` where the direction is not told. Without a name the contact's number stands
/// there; without that one too, the words before it are all.
pub fn subject(call: &CallFields, contact_name: Option<&str>) -> String {
    let told = title(call.subject.as_deref().unwrap_or_default());
    if !told.is_empty() {
        return told;
    }
    let (what, preposition) = match call.direction {
        Some(Direction::Inbound) => ("Inbound Call", "from"),
        Some(Direction::Outbound) => ("Outbound Call", "to"),
        None => ("Call", "with"),
    };
    let name = contact_name.filter(|name| !title(name).is_empty() && !is_pending(name));
    match name.or(call.contact_number.as_ref().map(PhoneNumber::as_str)) {
        Some(who) => title(&format!("{what} {preposition} {who}")),
        None => what.to_owned(),
    }
}

/// What stands at the end of a text that was cut short.
const CUT: &str = " [\u{2026} cut: the CRM takes no longer note]";

impl CallFields {
    /// The same with the longest of its texts cut, which says so at its end: for a note of
    /// `written` bytes that is to have at most `most`. One cut may not be enough, since markup makes
    /// some texts longer than others, and no cut takes more than half of a text. `None` where
    /// nothing is left to be cut of texts that are longer than `spared` bytes.
    pub fn shortened(&self, written: usize, most: usize, spared: usize) -> Option<Self> {
        let mut shorter = self.clone();
        let texts = [
            &mut shorter.transcript,
            &mut shorter.ring_sense.transcript,
            &mut shorter.ai_note,
            &mut shorter.ring_sense.summary,
            &mut shorter.ring_sense.bulleted_summary,
            &mut shorter.note,
        ];
        let texts: Vec<_> = texts.into_iter().flatten().collect();
        let told = texts.iter().map(|text| text.len()).sum::<usize>();
        let excess = written.saturating_sub(most) * told.min(written) / written.max(1) + 1;
        let longest = texts.into_iter().max_by_key(|text| text.len())?;
        if longest.len() <= spared.max(CUT.len()) {
            return None;
        }
        let said = longest.strip_suffix(CUT).unwrap_or(longest);
        let excess = excess.min(said.len() / 2 + 1);
        let kept = said.len().saturating_sub(excess + CUT.len());
        let kept = said.floor_char_boundary(kept);
        let cut = format!("{}{CUT}", said.get(..kept).unwrap_or_default());
        *longest = cut.trim_start().to_owned();
        Some(shorter)
    }
}

impl RingSense {
    fn then(self, newer: Self) -> Self {
        Self {
            transcript: said(self.transcript, newer.transcript),
            summary: said(self.summary, newer.summary),
            score: settled(self.score, newer.score),
            bulleted_summary: said(self.bulleted_summary, newer.bulleted_summary),
            link: linked(self.link, newer.link),
        }
    }
}

impl Party {
    /// Whether it tells nothing of who it is, or only that this is pending.
    pub fn says_nothing(&self) -> bool {
        let unknown = |text: &Option<String>| {
            (text.as_deref()).is_none_or(|text| text.trim().is_empty() || is_pending(text))
        };
        self.phone.is_none() && unknown(&self.extension) && unknown(&self.name)
    }

    /// Whether it tells nothing, not even that something is pending.
    fn is_unknown(&self) -> bool {
        self.phone.is_none() && is_blank(&self.extension) && is_blank(&self.name)
    }
}

fn is_blank(text: &Option<String>) -> bool {
    text.as_deref().is_none_or(|text| text.trim().is_empty())
}

/// The newer one, unless it `is_weak` and there is an older one.
fn later<T>(older: Option<T>, newer: Option<T>, is_weak: impl Fn(&T) -> bool) -> Option<T> {
    match (older, newer) {
        (Some(older), Some(newer)) if is_weak(&newer) => Some(older),
        (older, newer) => newer.or(older),
    }
}

fn said(older: Option<String>, newer: Option<String>) -> Option<String> {
    later(older, newer, |text| text.trim().is_empty())
}

fn settled(older: Option<String>, newer: Option<String>) -> Option<String> {
    later(older, newer, |text| {
        text.trim().is_empty() || is_pending(text)
    })
}

fn linked(older: Option<Link>, newer: Option<Link>) -> Option<Link> {
    later(older, newer, |link| *link == Link::Pending)
}

// Numbers, names, and what people said.
crate::conceal!(Party, Link, Leg, RingSense, CallFields);

#[cfg(test)]
mod tests;
