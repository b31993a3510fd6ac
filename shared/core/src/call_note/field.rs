//! The fields of a call note, in their fixed order: their labels, settings and shapes.

use serde::{Deserialize, Serialize};

use crate::digest::Format;

/// A field of a call note. The order is that in which they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Field {
    /// What the agent wrote.
    Note,
    /// RingCentral's id of the session.
    SessionId,
    /// The name of the RingCentral user.
    UserName,
    /// The user's number and extension.
    UserNumber,
    /// The title of the call.
    Subject,
    /// The number of the CRM's contact.
    ContactNumber,
    /// When it began.
    DateTime,
    /// How long it was.
    Duration,
    /// What became of it.
    Result,
    /// The link to its recording.
    Recording,
    /// The link to the voicemail that was left.
    Voicemail,
    /// A machine's summary.
    AiNote,
    /// Who said what.
    Transcript,
    /// RingSense's transcript.
    AceTranscript,
    /// RingSense's summary.
    AceSummary,
    /// RingSense's score.
    AceScore,
    /// RingSense's summary as a list.
    AceBulletedSummary,
    /// The link to RingSense.
    AceLink,
    /// The stages of the call.
    Legs,
}

/// How a field stands in a note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// The agent's lines at the top.
    Note,
    /// One line: label and text.
    Line,
    /// One line: label and link.
    Link,
    /// A label with lines below it.
    Section,
}

impl Field {
    /// Every field, in order.
    pub const ALL: [Self; 19] = [
        Self::Note,
        Self::SessionId,
        Self::UserName,
        Self::UserNumber,
        Self::Subject,
        Self::ContactNumber,
        Self::DateTime,
        Self::Duration,
        Self::Result,
        Self::Recording,
        Self::Voicemail,
        Self::AiNote,
        Self::Transcript,
        Self::AceTranscript,
        Self::AceSummary,
        Self::AceScore,
        Self::AceBulletedSummary,
        Self::AceLink,
        Self::Legs,
    ];

    /// The id of the user's setting that turns it on and off.
    ///
    /// # Source
    /// App Connect's user and admin settings pages (read 2026-11-21).
    pub const fn setting(self) -> &'static str {
        match self {
            Self::Note => "addCallLogNote",
            Self::SessionId => "addCallSessionId",
            Self::UserName => "addRingCentralUserName",
            Self::UserNumber => "addRingCentralNumber",
            Self::Subject => "addCallLogSubject",
            Self::ContactNumber => "addCallLogContactNumber",
            Self::DateTime => "addCallLogDateTime",
            Self::Duration => "addCallLogDuration",
            Self::Result => "addCallLogResult",
            Self::Recording | Self::Voicemail => "addCallLogRecording",
            Self::AiNote => "addCallLogAiNote",
            Self::Transcript => "addCallLogTranscript",
            Self::AceTranscript => "addCallLogRingSenseRecordingTranscript",
            Self::AceSummary => "addCallLogRingSenseRecordingSummary",
            Self::AceScore => "addCallLogRingSenseRecordingAIScore",
            Self::AceBulletedSummary => "addCallLogRingSenseRecordingBulletedSummary",
            Self::AceLink => "addCallLogRingSenseRecordingLink",
            Self::Legs => "addCallLogLegs",
        }
    }

    /// Whether it is written for a user without that setting.
    pub const fn is_on_by_default(self) -> bool {
        match self {
            Self::SessionId | Self::UserName | Self::UserNumber | Self::ContactNumber => false,
            Self::Note
            | Self::Subject
            | Self::DateTime
            | Self::Duration
            | Self::Result
            | Self::Recording
            | Self::Voicemail
            | Self::AiNote
            | Self::Transcript
            | Self::AceTranscript
            | Self::AceSummary
            | Self::AceScore
            | Self::AceBulletedSummary
            | Self::AceLink
            | Self::Legs => true,
        }
    }

    /// The label that is written. That of the contact's number in HTML says who was called.
    pub const fn label(self, format: Format, is_outbound: bool) -> &'static str {
        match self {
            Self::Note => match format {
                Format::Html | Format::Markdown => "Agent notes",
                Format::PlainText => "Note",
            },
            Self::ContactNumber => match (format, is_outbound) {
                (Format::Html, true) => RECIPIENT,
                (Format::Html, false) => "Caller phone number",
                (Format::PlainText | Format::Markdown, _) => "Contact Number",
            },
            Self::DateTime => match format {
                Format::Html => "Date/time",
                Format::PlainText | Format::Markdown => "Date/Time",
            },
            Self::SessionId => "Session Id",
            Self::UserName => "RingCentral user name",
            Self::UserNumber => "RingCentral number and extension",
            Self::Subject => "Summary",
            Self::Duration => "Duration",
            Self::Result => "Result",
            Self::Recording => "Call recording link",
            Self::Voicemail => "Voicemail recording link",
            Self::AiNote => "AI Note",
            Self::Transcript => "Transcript",
            Self::AceTranscript => "ACE transcript",
            Self::AceSummary => "ACE summary",
            Self::AceScore => "Call score",
            Self::AceBulletedSummary => "ACE bulleted summary",
            Self::AceLink => "ACE recording link",
            Self::Legs => "Call journey",
        }
    }

    /// Labels that are read beside the one that is written. Letter case does not count.
    pub(super) const fn other_labels(self) -> &'static [&'static str] {
        match self {
            Self::Note => &["Agent notes"],
            Self::ContactNumber => &[RECIPIENT, "Contact Number", "Caller phone number"],
            Self::AceTranscript => &["RingSense transcript"],
            Self::AceSummary => &["RingSense summary"],
            Self::AceBulletedSummary => &["RingSense bulleted summary"],
            Self::AceLink => &["RingSense recording link"],
            Self::SessionId
            | Self::UserName
            | Self::UserNumber
            | Self::Subject
            | Self::DateTime
            | Self::Duration
            | Self::Result
            | Self::Recording
            | Self::Voicemail
            | Self::AiNote
            | Self::Transcript
            | Self::AceScore
            | Self::Legs => &[],
        }
    }

    pub(super) const fn shape(self) -> Shape {
        match self {
            Self::Note => Shape::Note,
            Self::SessionId
            | Self::UserName
            | Self::UserNumber
            | Self::Subject
            | Self::ContactNumber
            | Self::DateTime
            | Self::Duration
            | Self::Result
            | Self::AceScore => Shape::Line,
            Self::Recording | Self::Voicemail | Self::AceLink => Shape::Link,
            Self::AiNote
            | Self::Transcript
            | Self::AceTranscript
            | Self::AceSummary
            | Self::AceBulletedSummary
            | Self::Legs => Shape::Section,
        }
    }
}

/// The label of the contact's number in HTML where the user called.
pub(super) const RECIPIENT: &str = "Recipient phone number";
