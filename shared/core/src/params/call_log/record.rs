//! What a request tells of the call itself: its record, and what people and machines wrote of it.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::call::{CallFields, Duration, Leg, Link, Party, RingSense};
use crate::describe::scalar;
use crate::error::RequestError;
use crate::ids::WireId;
use crate::json::{NEEDS_NUMBER, Object};
use crate::limits::{
    MAX_CALL_BYTES, MAX_CALL_SECONDS, MAX_NAME_BYTES, MAX_PHONE_BYTES, MAX_TEXT_BYTES,
    MAX_TYPE_BYTES, too_long,
};
use crate::message::clean_text;
use crate::params::wire::{direction, id_text, instant, line, phone, present};
use crate::time::WireScalar;

type Result<T> = std::result::Result<T, RequestError>;

/// What is left of the bytes that a request's texts and stages may have together.
pub(in crate::params) struct Room(usize);

impl Room {
    pub(in crate::params) const fn new() -> Self {
        Self(MAX_CALL_BYTES)
    }

    /// A text with its line breaks; `None` for one that is absent or blank.
    pub(in crate::params) fn text(
        &mut self,
        field: &str,
        text: Option<String>,
    ) -> Result<Option<String>> {
        let Some(text) = present(text.map(|text| clean_text(&text))) else {
            return Ok(None);
        };
        if text.len() > MAX_TEXT_BYTES {
            return Err(RequestError::field(field, too_long(MAX_TEXT_BYTES)));
        }
        self.take(field, &text)?;
        Ok(Some(text))
    }

    fn take(&mut self, field: &str, value: &impl Serialize) -> Result<()> {
        let size = serde_json::to_string(value).map_or(usize::MAX, |text| text.len());
        self.0 = self.0.checked_sub(size).ok_or_else(|| {
            let problem = format!(
                "makes the texts and the legs of the request longer than {MAX_CALL_BYTES} bytes"
            );
            RequestError::field(field, problem)
        })?;
        Ok(())
    }
}

/// A number with a fraction or without, or a text, not yet read as seconds or as a score.
struct WireNumber(String);

scalar!(WireNumber, "string", "number");

impl<'de> Deserialize<'de> for WireNumber {
    fn deserialize<D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> std::result::Result<Self, D::Error> {
        struct Visitor;
        impl serde::de::Visitor<'_> for Visitor {
            type Value = WireNumber;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(NEEDS_NUMBER)
            }
            fn visit_u64<E>(self, number: u64) -> std::result::Result<WireNumber, E> {
                Ok(WireNumber(number.to_string()))
            }
            fn visit_i64<E>(self, number: i64) -> std::result::Result<WireNumber, E> {
                Ok(WireNumber(number.to_string()))
            }
            fn visit_f64<E>(self, number: f64) -> std::result::Result<WireNumber, E> {
                Ok(WireNumber(number.to_string()))
            }
            fn visit_str<E>(self, text: &str) -> std::result::Result<WireNumber, E> {
                Ok(WireNumber(text.to_owned()))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// A score: a number, a text, or an object that holds one of them as `score`, else as `value`. Any
/// other object tells none.
struct WireScore(Option<String>);

scalar!(WireScore, "string", "number", "object");

impl<'de> Deserialize<'de> for WireScore {
    fn deserialize<D: serde::Deserializer<'de>>(
        deserializer: D,
    ) -> std::result::Result<Self, D::Error> {
        let number = |value| serde_json::from_value(value).map(|WireNumber(text)| text);
        let mut given = Value::deserialize(deserializer)?;
        let Some(object) = given.as_object_mut() else {
            let told = number(given).map_err(serde::de::Error::custom)?;
            return Ok(Self(Some(told)));
        };
        let members = ["score", "value"].map(|name| object.remove(name));
        let mut members = members.into_iter().flatten();
        Ok(Self(members.find_map(|member| number(member).ok())))
    }
}

/// What stands in `callLog` of createCallLog, and beside `existingCallLog` of updateCallLog.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::params) struct WireRecord {
    direction: Option<String>,
    from: Option<Object<WireParty>>,
    to: Option<Object<WireParty>>,
    start_time: Option<WireScalar>,
    duration: Option<WireNumber>,
    result: Option<String>,
    legs: Option<Vec<Option<Object<WireLeg>>>>,
}

impl WireRecord {
    pub(in crate::params) fn parse(self, room: &mut Room) -> Result<CallFields> {
        let known = |party: Party| (party != Party::default()).then_some(party);
        let legs = legs(self.legs)?;
        if !legs.is_empty() {
            room.take("legs", &legs)?;
        }
        Ok(CallFields {
            direction: direction(self.direction.as_deref())?,
            from: known(party("from", self.from)?),
            to: known(party("to", self.to)?),
            started_at: instant("startTime", self.start_time)?,
            duration: duration(self.duration)?,
            result: line("result", self.result, MAX_NAME_BYTES)?,
            legs,
            ..CallFields::default()
        })
    }
}

#[derive(Deserialize, Default, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "CallParty")]
struct WireParty {
    phone_number: Option<String>,
    extension_number: Option<WireId>,
    name: Option<String>,
}

fn party(field: &str, wire: Option<Object<WireParty>>) -> Result<Party> {
    let Object(wire) = wire.unwrap_or_default();
    let read = |wire: WireParty| {
        Ok(Party {
            phone: phone("phoneNumber", wire.phone_number.as_deref())?,
            extension: extension_number(wire.extension_number)?,
            name: line("name", wire.name, MAX_NAME_BYTES)?,
        })
    };
    read(wire).map_err(|error: RequestError| error.below(field))
}

/// `extensionNumber`; `None` for one that is absent or blank.
pub(in crate::params) fn extension_number(number: Option<WireId>) -> Result<Option<String>> {
    const FIELD: &str = "extensionNumber";
    match id_text(FIELD, number)? {
        Some(number) if number.len() > MAX_PHONE_BYTES => {
            Err(RequestError::field(FIELD, too_long(MAX_PHONE_BYTES)))
        }
        number => Ok(number),
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Leg")]
struct WireLeg {
    direction: Option<String>,
    leg_type: Option<String>,
    from: Option<Object<WireParty>>,
    to: Option<Object<WireParty>>,
    duration: Option<WireNumber>,
}

impl WireLeg {
    fn parse(self) -> Result<Leg> {
        Ok(Leg {
            direction: direction(self.direction.as_deref())?,
            kind: line("legType", self.leg_type, MAX_TYPE_BYTES)?,
            from: party("from", self.from)?,
            to: party("to", self.to)?,
            duration_secs: match duration(self.duration)? {
                Some(Duration::Known(known)) => Some(known.as_secs()),
                Some(Duration::Pending) | None => None,
            },
        })
    }
}

/// The stages of a call; one that is null says nothing.
fn legs(list: Option<Vec<Option<Object<WireLeg>>>>) -> Result<Vec<Leg>> {
    let each = list.unwrap_or_default().into_iter().enumerate();
    each.filter_map(|(index, leg)| leg.map(|leg| (index, leg)))
        .map(|(index, Object(leg))| {
            let below = |error: RequestError| error.below(&format!("legs[{index}]"));
            leg.parse().map_err(below)
        })
        .collect()
}

fn duration(wire: Option<WireNumber>) -> Result<Option<Duration>> {
    const FIELD: &str = "duration";
    let Some(WireNumber(text)) = wire else {
        return Ok(None);
    };
    match Duration::parse(&text).map_err(|problem| RequestError::field(FIELD, problem))? {
        Some(Duration::Known(known)) if known.as_secs() > MAX_CALL_SECONDS => {
            let problem = format!("is longer than {MAX_CALL_SECONDS} seconds");
            Err(RequestError::field(FIELD, problem))
        }
        duration => Ok(duration),
    }
}

/// What stands beside the record, in createCallLog and in updateCallLog alike.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::params) struct WireWords {
    note: Option<String>,
    ai_note: Option<String>,
    transcript: Option<String>,
    voicemail_link: Option<String>,
    ring_sense_transcript: Option<String>,
    ring_sense_summary: Option<String>,
    #[serde(rename = "ringSenseAIScore")]
    ring_sense_score: Option<WireScore>,
    ring_sense_bulleted_summary: Option<String>,
    ring_sense_link: Option<String>,
}

impl WireWords {
    /// `fields`, and what these words say.
    pub(in crate::params) fn parse(
        self,
        room: &mut Room,
        fields: CallFields,
    ) -> Result<CallFields> {
        let score = self.ring_sense_score.and_then(|WireScore(score)| score);
        Ok(CallFields {
            note: room.text("note", self.note)?,
            ai_note: room.text("aiNote", self.ai_note)?,
            transcript: room.text("transcript", self.transcript)?,
            voicemail: link("voicemailLink", self.voicemail_link)?,
            ring_sense: RingSense {
                transcript: room.text("ringSenseTranscript", self.ring_sense_transcript)?,
                summary: room.text("ringSenseSummary", self.ring_sense_summary)?,
                score: line("ringSenseAIScore", score, MAX_TYPE_BYTES)?,
                bulleted_summary: room
                    .text("ringSenseBulletedSummary", self.ring_sense_bulleted_summary)?,
                link: link("ringSenseLink", self.ring_sense_link)?,
            },
            ..fields
        })
    }
}

/// A link; `None` for one that is absent, blank, or would hand out a person's token.
pub(in crate::params) fn link(field: &str, text: Option<String>) -> Result<Option<Link>> {
    Link::parse(&text.unwrap_or_default()).map_err(|problem| RequestError::field(field, problem))
}
