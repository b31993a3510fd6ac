//! No more of what is told of a call than something else tells too.

use super::{CallFields, RingSense};

fn both<T>(own: Option<T>, other: &Option<T>) -> Option<T> {
    own.filter(|_| other.is_some())
}

impl CallFields {
    /// Those of the fields that `other` tells as well. Who called whom is one field: the direction
    /// says which of the numbers is whose.
    #[must_use]
    pub fn limited_to(self, other: &Self) -> Self {
        let tells_who = other.direction.is_some()
            || other.from.is_some()
            || other.to.is_some()
            || other.contact_number.is_some();
        Self {
            note: both(self.note, &other.note),
            session_id: both(self.session_id, &other.session_id),
            subject: both(self.subject, &other.subject),
            direction: self.direction.filter(|_| tells_who),
            from: self.from.filter(|_| tells_who),
            to: self.to.filter(|_| tells_who),
            contact_number: self.contact_number.filter(|_| tells_who),
            started_at: both(self.started_at, &other.started_at),
            duration: both(self.duration, &other.duration),
            result: both(self.result, &other.result),
            recording: both(self.recording, &other.recording),
            voicemail: both(self.voicemail, &other.voicemail),
            ai_note: both(self.ai_note, &other.ai_note),
            transcript: both(self.transcript, &other.transcript),
            ring_sense: self.ring_sense.limited_to(&other.ring_sense),
            legs: match other.legs.is_empty() {
                true => Vec::new(),
                false => self.legs,
            },
        }
    }
}

impl RingSense {
    fn limited_to(self, other: &Self) -> Self {
        Self {
            transcript: both(self.transcript, &other.transcript),
            summary: both(self.summary, &other.summary),
            score: both(self.score, &other.score),
            bulleted_summary: both(self.bulleted_summary, &other.bulleted_summary),
            link: both(self.link, &other.link),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Direction;

    #[test]
    fn what_the_other_does_not_tell_is_left_out() {
        let all = CallFields {
            note: Some("n".to_owned()),
            result: Some("r".to_owned()),
            direction: Some(Direction::Inbound),
            ring_sense: RingSense {
                score: Some("9".to_owned()),
                summary: Some("s".to_owned()),
                ..RingSense::default()
            },
            ..CallFields::default()
        };
        let other = CallFields {
            note: Some("other".to_owned()),
            ring_sense: RingSense {
                score: Some("1".to_owned()),
                ..RingSense::default()
            },
            ..CallFields::default()
        };
        let limited = all.clone().limited_to(&other);
        let expected = CallFields {
            note: all.note.clone(),
            ring_sense: RingSense {
                score: all.ring_sense.score.clone(),
                ..RingSense::default()
            },
            ..CallFields::default()
        };
        assert!(limited == expected);
        assert!(all.clone().limited_to(&all) == all);
        assert!(all.limited_to(&CallFields::default()).is_empty());
    }
}
