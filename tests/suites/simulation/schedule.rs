//! A schedule: everything that is going to happen, drawn from a seed.

mod draw;

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use daybook_core::params::MessageLogParams;
use serde_json::{Value, json};

use self::draw::{Draw, conversation, crm_faults, interrupts, kind, outages, table_faults};
use crate::crm::{CrmFaults, EditKind, Kind, Outage, OutageKind};
use crate::table::Faults;
use crate::worker::Interrupt;

/// One message.
#[derive(Debug, Clone)]
pub(crate) struct Text {
    pub(crate) id: u64,
    pub(crate) at: DateTime<Utc>,
    pub(crate) outbound: bool,
    pub(crate) said: String,
}

/// A conversation with a contact of its own.
#[derive(Debug, Clone)]
pub(crate) struct Conversation {
    pub(crate) id: u64,
    pub(crate) contact: String,
    pub(crate) texts: Vec<Text>,
}

/// A request that comes in.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) at: Duration,
    pub(crate) conversation: usize,
    /// Which of the conversation's texts.
    pub(crate) texts: Vec<usize>,
    pub(crate) interrupts: Vec<Interrupt>,
    pub(crate) skew: TimeDelta,
    /// Whether it comes with credentials, whatever we hold.
    pub(crate) brings: bool,
}

/// A person's edit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Planned {
    pub(crate) at: Duration,
    pub(crate) which: usize,
    pub(crate) kind: EditKind,
    pub(crate) chance: u64,
}

/// Everything that is going to happen.
#[derive(Debug, Clone)]
pub(crate) struct Schedule {
    pub(crate) seed: u64,
    pub(crate) base: DateTime<Utc>,
    pub(crate) zone: &'static str,
    pub(crate) kind: Kind,
    pub(crate) crm: CrmFaults,
    pub(crate) table: Faults,
    pub(crate) outages: Vec<Outage>,
    pub(crate) conversations: Vec<Conversation>,
    pub(crate) requests: Vec<Request>,
    pub(crate) edits: Vec<Planned>,
    /// What happens to the runs of the scheduled function, by minute.
    pub(crate) ticks: Vec<Vec<Interrupt>>,
    /// Whether we hold the user's credentials.
    pub(crate) held: bool,
    /// The log that every request names as the conversation's own.
    pub(crate) existing_log: Option<usize>,
    /// When the user signs in again, where we hold credentials that the CRM came to refuse.
    pub(crate) sign_ins: Vec<Duration>,
}

impl Schedule {
    /// The schedule of a seed.
    pub(crate) fn of(seed: u64) -> Self {
        let mut draw = Draw(fastrand::Rng::with_seed(seed));
        let zones = ["America/Los_Angeles", "UTC", "Asia/Kolkata"];
        let zone = draw.one(&zones).unwrap_or("UTC");
        // Within the day, or close to some midnight.
        let hour = draw.one(&[9, 17, 18, 0, 8, 23]).unwrap_or(9);
        let base = format!("2026-03-07T{hour:02}:40:00Z");
        let base = base.parse().expect("a time");
        let kind = kind(&mut draw);
        let calm = draw.chance(0.1);
        let span = draw.millis(60_000, 600_000);
        let mut schedule = Self {
            seed,
            base,
            zone,
            crm: crm_faults(&mut draw, &kind, calm),
            table: table_faults(&mut draw, calm),
            kind,
            outages: Vec::new(),
            conversations: Vec::new(),
            requests: Vec::new(),
            edits: Vec::new(),
            ticks: Vec::new(),
            held: draw.chance(0.85),
            sign_ins: Vec::new(),
            existing_log: None,
        };
        if !calm && draw.chance(0.3) {
            schedule.outages = outages(&mut draw, span);
        }
        for number in 0..=draw.one(&[0, 0, 1, 2]).unwrap_or_default() {
            let conversation = conversation(&mut draw, number, base, &schedule.kind);
            schedule.conversations.push(conversation);
        }
        schedule.draw_requests(&mut draw, span, calm);
        if !calm && draw.chance(0.4) {
            schedule.draw_edits(&mut draw, span);
        }
        let crashing = !calm && draw.chance(0.3);
        let minutes = span.as_secs() / 60 + 2;
        for _ in 0..minutes {
            let interrupts = match crashing && draw.chance(0.3) {
                true => interrupts(&mut draw, &schedule.kind),
                false => Vec::new(),
            };
            schedule.ticks.push(interrupts);
        }
        schedule.draw_credentials(&mut draw);
        schedule
    }

    /// One conversation with `texts`, a minute apart, and nothing that goes wrong.
    pub(crate) fn plain(texts: &[&str]) -> Self {
        let base = "2026-03-07T17:40:00Z".parse().expect("a time");
        let texts = (1_u32..).zip(texts).map(|(number, said)| Text {
            id: 60_000_000_000 + u64::from(number),
            at: base - TimeDelta::minutes(90) + TimeDelta::minutes(i64::from(number)),
            outbound: number % 2 == 0,
            said: (*said).to_owned(),
        });
        Self {
            seed: 1,
            base,
            zone: "America/Los_Angeles",
            kind: Kind::PLAIN,
            crm: CrmFaults::NONE,
            table: Faults::NONE,
            outages: Vec::new(),
            conversations: vec![Conversation {
                id: 5_578_984_350_117_917_661,
                contact: "1001".to_owned(),
                texts: texts.collect(),
            }],
            requests: Vec::new(),
            edits: Vec::new(),
            ticks: Vec::new(),
            held: true,
            sign_ins: Vec::new(),
            existing_log: None,
        }
    }

    /// The ids of some texts of the first conversation.
    pub(crate) fn ids(&self, texts: &[usize]) -> BTreeSet<u64> {
        let all = self
            .conversations
            .first()
            .map_or(&[][..], |first| &first.texts);
        texts
            .iter()
            .filter_map(|text| all.get(*text))
            .map(|text| text.id)
            .collect()
    }

    fn draw_requests(&mut self, draw: &mut Draw, span: Duration, calm: bool) {
        let crashing = !calm && draw.chance(0.6);
        let skewed = !calm && draw.chance(0.3);
        let astray = skewed && draw.chance(0.2);
        let whole = draw.chance(0.3);
        let span = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        for (number, conversation) in self.conversations.iter().enumerate() {
            let count = conversation.texts.len();
            let moments = 1 + draw.upto(5);
            for _ in 0..moments {
                let at = draw.millis(0, span);
                let at_once = match draw.chance(0.4) {
                    true => 1 + draw.upto(5),
                    false => 1,
                };
                for _ in 0..at_once {
                    let texts: Vec<_> = match whole {
                        true => (0..=draw.upto(count - 1)).collect(),
                        false => {
                            let share = draw.0.f64();
                            (0..count).filter(|_| draw.chance(share)).collect()
                        }
                    };
                    if texts.is_empty() {
                        continue;
                    }
                    let skew = match (skewed, astray && draw.chance(0.3)) {
                        (true, true) => draw.0.i64(-6_000..6_000),
                        (true, false) => draw.0.i64(-1_500..1_500),
                        (false, _) => 0,
                    };
                    self.requests.push(Request {
                        at: at + draw.millis(0, 30),
                        conversation: number,
                        texts,
                        interrupts: match crashing && draw.chance(0.4) {
                            true => interrupts(draw, &self.kind),
                            false => Vec::new(),
                        },
                        skew: TimeDelta::milliseconds(skew),
                        brings: false,
                    });
                }
            }
        }
        self.requests.sort_by_key(|request| request.at);
    }

    /// Drawn last, so that seeds go on meaning what they did.
    fn draw_credentials(&mut self, draw: &mut Draw) {
        let mixed = draw.chance(0.15);
        for request in &mut self.requests {
            request.brings = !self.held || (mixed && draw.chance(0.4));
        }
        if self.held {
            let ends = self.outages.iter();
            let ends = ends.filter(|outage| outage.kind == OutageKind::SignedOut);
            let sign_ins = ends.map(|outage| outage.to + draw.millis(0, 90_000));
            self.sign_ins = sign_ins.collect();
        }
    }

    fn draw_edits(&mut self, draw: &mut Draw, span: Duration) {
        let span = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        let gentle = draw.chance(0.5) || self.kind.max_note_bytes.is_some();
        let kinds = match gentle {
            true => &EditKind::ALL[..2],
            false => &EditKind::ALL[..],
        };
        for _ in 0..=draw.upto(4) {
            let Some(kind) = draw.one(kinds) else {
                continue;
            };
            self.edits.push(Planned {
                at: draw.millis(0, span),
                which: draw.upto(8),
                kind,
                chance: draw.0.u64(..),
            });
        }
        self.edits.sort_by_key(|edit| edit.at);
    }

    /// Whether we hold credentials and some requests bring others: their digests have no date.
    pub(crate) fn is_mixed(&self) -> bool {
        self.held && self.requests.iter().any(|request| request.brings)
    }

    /// Whether writes may be applied later than the adapter says.
    pub(crate) fn is_later_than_thought(&self) -> bool {
        self.crm.late > 0.0 && self.crm.longest_late.as_secs() > self.kind.late_apply_secs.into()
    }

    /// The parameters of a request with some texts of a conversation.
    pub(crate) fn params(&self, conversation: usize, texts: &[usize]) -> MessageLogParams {
        let conversation = &self.conversations[conversation];
        let messages: Vec<_> = texts
            .iter()
            .map(|text| message(conversation.id, &conversation.texts[*text]))
            .collect();
        let params = json!({
            "user": {"id": "1-simCRM", "name": "Demo Rep", "timezoneName": self.zone},
            "contactInfo": {"id": conversation.contact, "type": "Contact", "name": "Daisy Meadows",
                "phoneNumber": "+16505553204"},
            "authHeader": "Basic c2lt",
            "messages": messages,
            "existingMessageLog": self.existing_log.map(|id| json!({"thirdPartyLogId": id})),
        });
        let params = serde_json::to_vec(&params).expect("JSON");
        MessageLogParams::parse(&params).expect("parameters as the extension sends them")
    }
}

fn message(conversation: u64, text: &Text) -> Value {
    let (from, to) = match text.outbound {
        true => ("+18885550052", "+16505553204"),
        false => ("+16505553204", "+18885550052"),
    };
    json!({
        "id": text.id,
        "conversationId": conversation,
        "type": "SMS",
        "direction": if text.outbound { "Outbound" } else { "Inbound" },
        "creationTime": text.at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
        "subject": text.said,
        "from": {"phoneNumber": from},
        "to": [{"phoneNumber": to}],
    })
}
