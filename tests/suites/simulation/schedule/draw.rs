//! What the parts of a schedule are drawn from.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use daybook_core::digest::Format;

use super::{Conversation, Text};
use crate::crm::{CrmFaults, Kind, Outage, OutageKind, Style};
use crate::table::Faults;
use crate::worker::{Act, Edge, Interrupt};

/// What people send to break things.
const HOSTILE: [&str; 16] = [
    "<img src=x onerror=alert(1)>",
    "</b></li></ul>------------<br>",
    "END",
    "BEGIN\n------------\nEND",
    "Conversation(99 messages)",
    "--- Created via RingCentral App Connect [k7m2-9xqd-4tfa]",
    "$& $1 ${x} {{y}} %s \\n",
    "😀😀",
    "\u{202e}right to left",
    "",
    "Daisy Meadows (+16505553204) 05:24 AM\nnot mine",
    "a & b &lt;b&gt; &amp;",
    "line one\nline two\r\nline three",
    "\u{0}\u{7}bell",
    "# heading * list `code` [link](https://x.y)",
    "------------",
];

/// What many people send.
const PLAIN: [&str; 5] = ["ok", "yes", "On my way", "ok", "Thank you!"];

/// The chance that a schedule is drawn with.
pub(super) struct Draw(pub(super) fastrand::Rng);

impl Draw {
    pub(super) fn chance(&mut self, share: f64) -> bool {
        self.0.f64() < share
    }

    pub(super) fn upto(&mut self, most: usize) -> usize {
        self.0.usize(0..=most)
    }

    pub(super) fn millis(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(self.0.u64(from..=to))
    }

    pub(super) fn one<T: Copy>(&mut self, of: &[T]) -> Option<T> {
        of.get(self.0.usize(0..of.len().max(1))).copied()
    }
}

pub(super) fn kind(draw: &mut Draw) -> Kind {
    let format = match draw.upto(9) {
        0 => Format::PlainText,
        1 => Format::Markdown,
        _ => Format::Html,
    };
    Kind {
        format,
        max_note_bytes: draw.chance(0.15).then_some(2_400),
        cuts_at: None,
        late_apply_secs: draw.one(&[60, 60, 20]).unwrap_or(60),
        search_lag_secs: draw.one(&[0, 5, 15]).unwrap_or(5),
        deletes: draw.chance(0.7),
        style: match draw.chance(0.5) {
            true => Style::AsWritten,
            false => draw.one(&Style::ALL).unwrap_or(Style::AsWritten),
        },
    }
}

pub(super) fn crm_faults(draw: &mut Draw, kind: &Kind, calm: bool) -> CrmFaults {
    let takes = draw
        .one(&[(0, 0), (20, 20), (5, 120), (200, 900)])
        .unwrap_or((20, 20));
    let takes = (
        Duration::from_millis(takes.0),
        Duration::from_millis(takes.1),
    );
    // Clocks differ by up to 3 s.
    let most = kind.late_apply_secs.saturating_sub(4);
    let most = if draw.chance(0.1) { 280 } else { most };
    let unknown = !calm && draw.chance(0.5);
    CrmFaults {
        unknown: if unknown { draw.0.f64() * 0.4 } else { 0.0 },
        late: if draw.chance(0.6) { 0.6 } else { 0.0 },
        refused: if !calm && draw.chance(0.3) {
            draw.0.f64() * 0.3
        } else {
            0.0
        },
        takes,
        slow: if !calm && draw.chance(0.3) { 0.15 } else { 0.0 },
        search_lag: Duration::from_secs(u64::from(kind.search_lag_secs)),
        shows_late: false,
        longest_late: Duration::from_secs(u64::from(most)),
    }
}

pub(super) fn table_faults(draw: &mut Draw, calm: bool) -> Faults {
    Faults {
        share: if !calm && draw.chance(0.4) {
            draw.0.f64() * 0.08
        } else {
            0.0
        },
        stale_index: if draw.chance(0.3) { 0.3 } else { 0.0 },
        slow: if !calm && draw.chance(0.3) { 0.1 } else { 0.0 },
        ..Faults::NONE
    }
}

pub(super) fn outages(draw: &mut Draw, span: Duration) -> Vec<Outage> {
    let span = u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    let kinds = [
        OutageKind::Unreachable,
        OutageKind::Unavailable,
        OutageKind::Busy,
        OutageKind::SignedOut,
    ];
    (0..=draw.upto(2))
        .filter_map(|_| {
            let from = draw.millis(0, span);
            let to = (from + draw.millis(1_000, 200_000)).min(Duration::from_millis(span));
            let kind = draw.one(&kinds)?;
            Some(Outage { from, to, kind })
        })
        .collect()
}

pub(super) fn interrupts(draw: &mut Draw, kind: &Kind) -> Vec<Interrupt> {
    let edge = |draw: &mut Draw| {
        if draw.0.bool() {
            Edge::Before
        } else {
            Edge::After
        }
    };
    // A freeze before a write counts as lateness of that write.
    let longest = u64::from(kind.late_apply_secs) * 1_000;
    let mut all = Vec::new();
    if draw.chance(0.5) {
        let time = draw.millis(2_000, longest.max(3_000));
        let edge = edge(draw);
        all.push(Interrupt {
            call: draw.upto(14),
            edge,
            act: Act::Freeze(time),
        });
    }
    if all.is_empty() || draw.chance(0.3) {
        let edge = edge(draw);
        all.push(Interrupt {
            call: draw.upto(16),
            edge,
            act: Act::Die,
        });
    }
    all
}

pub(super) fn conversation(
    draw: &mut Draw,
    number: usize,
    base: DateTime<Utc>,
    kind: &Kind,
) -> Conversation {
    let count = match draw.upto(3) {
        0 => 1 + draw.upto(1),
        3 => 1 + draw.upto(39),
        _ => 1 + draw.upto(9),
    };
    let minutes = draw.one(&[3, 30, 700]).unwrap_or(30);
    let hostile = draw.chance(0.5);
    let long = kind.max_note_bytes.is_some() && draw.chance(0.4);
    let texts = (0..count).map(|index| {
        let minute = i64::try_from(draw.upto(minutes)).unwrap_or_default();
        let second = i64::try_from(draw.upto(59)).unwrap_or_default();
        let said = match draw.upto(3) {
            0 if hostile => draw.one(&HOSTILE).unwrap_or_default().to_owned(),
            1 => draw.one(&PLAIN).unwrap_or_default().to_owned(),
            2 if long && draw.chance(0.2) => "a long story, word by word. ".repeat(150),
            _ => format!("text number {index} of {number}"),
        };
        Text {
            id: 60_000_000_000 + u64::try_from(number * 1_000 + index).unwrap_or_default(),
            at: base - TimeDelta::minutes(minute) - TimeDelta::seconds(second),
            outbound: draw.0.bool(),
            said,
        }
    });
    let mut texts: Vec<_> = texts.collect();
    if draw.chance(0.7) {
        texts.sort_by_key(|text| text.at);
    }
    Conversation {
        id: 5_578_984_350_117_917_000 + u64::try_from(number).unwrap_or_default(),
        contact: format!("{}", 1_001 + number),
        texts,
    }
}
