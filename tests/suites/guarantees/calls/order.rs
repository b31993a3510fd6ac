//! Twenty updates in an order by chance, one after another and all at once, with and without
//! faults: the note is the same, byte for byte.

use std::time::Duration;

use daybook_fakes::{Fault, Rule};
use daybook_tests::crm::current;
use daybook_tests::runner::{case, figure};
use futures_util::future::join_all;
use http::Method;
use libtest_mimic::Trial;
use serde_json::{Map, Value, json};

use super::races::{PLACES, Place, Running};
use super::stage::{Stage, said};
use super::told::{create, title, update, with_all};

/// How late a write is applied that comes late.
const LATE: Duration = Duration::from_millis(300);

/// How many calls there are in each case.
const SEEDS: u64 = 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    InTurn,
    AtOnce,
}

const MANNERS: [(Manner, &str); 2] = [(Manner::InTurn, "in_turn"), (Manner::AtOnce, "at_once")];

pub(super) fn cases() -> Vec<Trial> {
    let mut trials = Vec::new();
    for (manner, how) in MANNERS {
        for (place, name) in PLACES {
            trials.push(case(
                format!("calls::order::{name}::twenty_updates_{how}_end_in_the_same_note"),
                move || calm(place, manner),
            ));
        }
        trials.push(case(
            format!("calls::order::twenty_updates_{how}_end_in_the_same_note_whatever_fails"),
            move || troubled(manner),
        ));
    }
    trials
}

/// A source of chance that is the same every time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((x ^ (x >> 31)) >> 33).expect("31 bits") % limit
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
    }
}

/// Updates of which no two carry the same field, and what is chosen besides, by interface.
fn updates(session: u64) -> Vec<(&'static str, Value)> {
    let text = |what: &str| format!("{what} {session}:\nfirst <line>\n\n- second & last");
    let link = |what: &str| format!("https://media.example/{what}?id={session}");
    let fields = [
        json!({"note": text("The note")}),
        json!({"startTime": 1_772_651_111_000_u64 + session}),
        json!({"duration": 60 + session}),
        json!({"result": "Accepted"}),
        json!({"recordingLink": link("rec")}),
        json!({"voicemailLink": link("vm")}),
        json!({"aiNote": text("The AI note")}),
        json!({"transcript": text("The transcript")}),
        json!({"ringSenseTranscript": text("RingSense")}),
        json!({"ringSenseSummary": text("The summary")}),
        json!({"ringSenseAIScore": session}),
        json!({"ringSenseBulletedSummary": "- one\n- two"}),
        json!({"ringSenseLink": link("ace")}),
        json!({"legs": [
            {"direction": "Inbound", "to": {"name": "Main", "phoneNumber": "+18885550052"}},
            {"direction": "Outbound", "from": {"name": "Rep"}, "duration": 55},
        ]}),
        json!({"additionalSubmission": {"project": "Blue"}}),
        json!({"additionalSubmission": {"stage": 3}}),
        json!({"direction": "Inbound", "from": {"name": "Daisy", "phoneNumber": "+16505553204"}}),
    ];
    let fields = fields.map(|fields| ("updateCallLog", update(session, fields)));
    let chosen = current().choices().iter().map(|(field, value)| {
        let chosen = json!({"dispositions": {*field: value}});
        ("upsertCallDisposition", update(session, chosen))
    });
    fields.into_iter().chain(chosen).collect()
}

/// That all of it stands in the call's only activity.
fn assert_all(session: u64, own: &[Value]) {
    assert_eq!(own.len(), 1, "seed {session}: {own:#?}");
    let note = own[0]["note"].as_str().expect("a note");
    let told = updates(session);
    let fields = told
        .iter()
        .filter(|(interface, _)| *interface == "updateCallLog");
    let expected = with_all(&create(session), fields.map(|(_, params)| params), note);
    assert_eq!(note, expected, "seed {session}");
    let choices = current().choices().iter();
    let chosen: Map<_, _> = choices
        .map(|(field, value)| ((*field).to_owned(), json!(value)))
        .collect();
    assert_eq!(own[0]["dispositions"], json!(chosen), "seed {session}");
    let held = current().held_secs(60 + session);
    assert_eq!(own[0]["durationSecs"], held, "seed {session}");
    let filled = json!({"project": "Blue", "stage": 3});
    let kept = current().kept_of_a_form(filled);
    assert_eq!(own[0]["extra"], kept, "seed {session}");
}

async fn titled(running: &Running, session: u64) -> Vec<Value> {
    let mut own = running.crm().activities().await;
    own.retain(|activity| activity["subject"] == title(session));
    own
}

async fn calm(place: Place, manner: Manner) {
    let running = place.start().await;
    running.warm_up().await;
    running.crm().clear_journal();
    for session in 1..=SEEDS {
        running.done(0, "createCallLog", &create(session)).await;
        let mut updates = updates(session);
        Chance(session).shuffle(&mut updates);
        let sent = (updates.iter().enumerate())
            .map(|(number, (interface, params))| running.done(number, interface, params));
        match manner {
            Manner::InTurn => {
                for update in sent {
                    update.await;
                }
            }
            Manner::AtOnce => {
                join_all(sent).await;
            }
        }
        assert_all(session, &titled(&running, session).await);
    }
    let calls = running.crm().journal().len();
    figure(&format!(
        "{SEEDS} times 20 updates: {calls} calls of the CRM"
    ));
}

/// What goes wrong: writes are lost before and after, and in turn, where nobody waits for whoever
/// tries behind a gate, reads fail and the CRM is down too.
fn trouble(chance: &mut Chance, manner: Manner) -> Rule {
    let page = "<!doctype html><h1>Busy</h1>";
    let faults = [
        Fault::DropBefore,
        Fault::DropAfter,
        Fault::CutBody { after_bytes: 20 },
        Fault::html(200, page),
        Fault::DropThenApply(LATE),
        Fault::status(500),
        Fault::status_after(500),
        Fault::rate_limited("1"),
    ];
    let (most, methods) = match manner {
        Manner::InTurn => (8, [Method::GET, Method::PATCH]),
        Manner::AtOnce => (5, [Method::PATCH, Method::PATCH]),
    };
    let fault = faults[chance.below(most)].clone();
    let method = methods[chance.below(2)].clone();
    Rule::new(fault).method(method).skip(chance.below(8)).once()
}

async fn troubled(manner: Manner) {
    let stage = Stage::start().await;
    let mut repeats = 0;
    for session in 1..=SEEDS {
        let mut chance = Chance(100 + session);
        stage.done("createCallLog", &create(session)).await;
        let mut updates = updates(session);
        chance.shuffle(&mut updates);
        for _ in 0..4 {
            stage.crm.plan(trouble(&mut chance, manner));
        }
        let mut left: Vec<_> = updates.iter().enumerate().collect();
        for round in 0..8 {
            if round == 4 {
                stage.crm.clear_plan();
            }
            left = send_all(&stage, manner, left).await;
            repeats += left.len();
            stage.pass(Duration::from_secs(400)).await;
        }
        assert!(left.is_empty(), "seed {session}: {left:#?}");
        // What was applied late is mended with the next request.
        stage.pass(Duration::from_secs(11 * 60)).await;
        let (interface, params) = &updates[0];
        stage.done(interface, params).await;
        assert_all(session, &stage.titled(&title(session)).await);
    }
    figure(&format!("{SEEDS} times 20 updates, and {repeats} repeats"));
}

type Numbered<'a> = Vec<(usize, &'a (&'static str, Value))>;

/// Sends what is left to several processes by turns. Gives back what has to be sent again. What is
/// applied late is so before the time of the table has passed.
async fn send_all<'a>(stage: &Stage, manner: Manner, left: Numbered<'a>) -> Numbered<'a> {
    let workers = match manner {
        Manner::InTurn => 2,
        // Each process does one thing at a time.
        Manner::AtOnce => 10,
    };
    let send = async |(number, told): (usize, &'a (&'static str, Value))| {
        let (_, reply) = stage.call(number % workers, told.0, &told.1).await;
        let is_done = reply["successful"] == true;
        assert_eq!(is_done, said(&reply) == "Call log updated", "{reply}");
        (!is_done).then_some((number, told))
    };
    let mut again = Vec::new();
    match manner {
        Manner::InTurn => {
            for one in left {
                // Whoever has tried behind a gate holds nobody back any more.
                stage.pass(Duration::from_secs(16)).await;
                let asked = stage.crm.journal().len();
                let left = send(one).await;
                if left.is_some() && stage.crm.journal().len() > asked {
                    tokio::time::sleep(LATE + Duration::from_millis(50)).await;
                }
                again.extend(left);
            }
        }
        Manner::AtOnce => {
            let asked = stage.crm.journal().len();
            let told = join_all(left.into_iter().map(send)).await;
            again.extend(told.into_iter().flatten());
            if stage.crm.journal().len() > asked {
                tokio::time::sleep(LATE + Duration::from_millis(50)).await;
            }
        }
    }
    again
}
