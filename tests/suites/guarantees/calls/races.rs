//! Requests about a call at the same moment, at one process and at two: one activity, in which all
//! stand that were told to.

use std::time::Duration;

use daybook_tests::crm::Crm;
use daybook_tests::runner::case;
use daybook_tests::stands::activities_of;
use daybook_tests::world::{Answered, Door, World};
use futures_util::future::join_all;
use http::Method;
use libtest_mimic::Trial;
use serde_json::{Value, json};

use super::stage::{Stage, said};
use super::told::{create, made, update, with_all};

/// Where the requests go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    One,
    Two,
}

pub(super) const PLACES: [(Place, &str); 2] =
    [(Place::One, "one_process"), (Place::Two, "two_processes")];

pub(super) fn cases() -> Vec<Trial> {
    let mut trials = Vec::new();
    for (place, name) in PLACES {
        for (crm_ms, slow) in [(0, "a_quick"), (200, "a_slow")] {
            trials.push(case(
                format!(
                    "calls::races::{name}::five_creates_at_once_make_one_activity_in_{slow}_crm"
                ),
                move || five_creates(place, crm_ms),
            ));
            trials.push(case(
                format!(
                    "calls::races::{name}::a_note_and_a_recording_at_once_both_stand_in_{slow}_crm"
                ),
                move || note_and_recording(place, crm_ms),
            ));
        }
        trials.push(case(
            format!("calls::races::{name}::updates_that_overtake_the_create_are_told_the_truth"),
            move || with_the_create(place),
        ));
        trials.push(case(
            format!("calls::races::{name}::of_one_field_the_later_request_wins"),
            move || later_wins(place),
        ));
        trials.push(case(
            format!("calls::races::{name}::pending_replaces_nothing"),
            move || pending(place),
        ));
        trials.push(case(
            format!("calls::races::{name}::choices_and_fields_at_once_all_stand"),
            move || choices(place),
        ));
    }
    trials
}

/// What is running there.
pub(super) enum Running {
    One(Box<World>),
    Two(Box<Stage>),
}

impl Place {
    pub(super) async fn start(self) -> Running {
        match self {
            Self::One => Running::One(Box::new(World::start(Door::LocalHttp).await)),
            Self::Two => Running::Two(Box::new(Stage::start().await)),
        }
    }
}

impl Running {
    pub(super) fn crm(&self) -> &Crm {
        match self {
            Self::One(world) => &world.crm,
            Self::Two(stage) => &stage.crm,
        }
    }

    /// Sends a request, by turns to each process.
    pub(super) async fn call(&self, number: usize, interface: &str, params: &Value) -> Answered {
        match self {
            Self::One(world) => world.call(interface, params).await,
            Self::Two(stage) => stage.call(number % 2, interface, params).await,
        }
    }

    /// Sends a request that has to succeed.
    pub(super) async fn done(&self, number: usize, interface: &str, params: &Value) -> Value {
        let (_, reply) = self.call(number, interface, params).await;
        assert_eq!(reply["successful"], true, "{interface}: {reply}");
        reply
    }

    /// Starts all processes for it, so that requests really come at once.
    pub(super) async fn warm_up(&self) {
        for number in 0..2 {
            for interface in ["createCallLog", "updateCallLog", "upsertCallDisposition"] {
                assert_eq!(self.call(number, interface, &json!({})).await.0, 400);
            }
        }
    }

    /// The only activity, and its note.
    pub(super) async fn only(&self) -> (Value, String) {
        let mut activities = activities_of(self.crm(), 1001).await;
        assert_eq!(activities.len(), 1, "{activities:#?}");
        let activity = activities.remove(0);
        let note = activity["note"].as_str().expect("a note").to_owned();
        (activity, note)
    }
}

async fn five_creates(place: Place, crm_ms: u64) {
    let running = place.start().await;
    running.warm_up().await;
    running.crm().set_delay(Duration::from_millis(crm_ms));
    let create = create(1);
    let sent = (0..5).map(|number| running.call(number, "createCallLog", &create));
    for (_, reply) in join_all(sent).await {
        assert_eq!(
            (&reply["successful"], &reply["logId"]),
            (&json!(true), &json!("1")),
            "{reply}"
        );
    }
    let (_, note) = running.only().await;
    assert_eq!(note, made(&create, &note));
    assert_eq!(running.crm().requests(&Method::POST, "/"), 1);
}

async fn note_and_recording(place: Place, crm_ms: u64) {
    let running = place.start().await;
    running.warm_up().await;
    let create = create(1);
    running.done(0, "createCallLog", &create).await;
    running.crm().set_delay(Duration::from_millis(crm_ms));
    let mut updates = Vec::new();
    for round in 0..5 {
        let edited = update(1, json!({"note": format!("Edited {round}.\nBy hand.")}));
        let link = format!("https://media.example/rec?id={round}");
        let arrived = update(1, json!({"recordingLink": link}));
        let (one, other) = tokio::join!(
            running.done(0, "updateCallLog", &edited),
            running.done(1, "updateCallLog", &arrived),
        );
        assert_eq!(said(&one), "Call log updated");
        assert_eq!(said(&other), "Call log updated");
        updates.extend([edited, arrived]);
        let (_, note) = running.only().await;
        assert_eq!(note, with_all(&create, &updates, &note));
    }
}

async fn with_the_create(place: Place) {
    let running = place.start().await;
    running.warm_up().await;
    let create = create(1);
    let updates = [
        json!({"recordingLink": "https://media.example/rec?id=1"}),
        json!({"duration": 65}),
        json!({"aiNote": "Wants 20 seats."}),
        json!({"result": "Accepted"}),
    ];
    let updates = updates.map(|fields| update(1, fields));
    running.crm().set_delay(Duration::from_millis(50));
    let sent = (updates.iter().enumerate())
        .map(|(number, update)| running.call(number, "updateCallLog", update));
    let ((_, made), told) =
        tokio::join!(running.call(0, "createCallLog", &create), join_all(sent),);
    assert_eq!(made["successful"], true, "{made}");
    let mut stand = Vec::new();
    for ((_, reply), update) in told.iter().zip(&updates) {
        match reply["successful"] == true {
            true => stand.push(update),
            false => assert!(said(reply).contains("has not been logged yet"), "{reply}"),
        }
    }
    let (_, note) = running.only().await;
    assert_eq!(note, with_all(&create, stand, &note));
}

async fn later_wins(place: Place) {
    let running = place.start().await;
    let create = create(1);
    running.done(0, "createCallLog", &create).await;
    for number in 0..10 {
        let text = format!("Note {number}");
        let update = update(1, json!({"note": text, "duration": number, "result": text}));
        running.done(number, "updateCallLog", &update).await;
        let (activity, note) = running.only().await;
        assert_eq!(note, with_all(&create, [&update], &note));
        let held = running.crm().kind().held_secs(number as u64);
        assert_eq!(activity["durationSecs"], held);
    }
}

async fn pending(place: Place) {
    let running = place.start().await;
    let create = create(1);
    running.done(0, "createCallLog", &create).await;
    let known = update(
        1,
        json!({"recordingLink": "https://media.example/rec?id=1", "duration": 65, "result": "Accepted"}),
    );
    running.done(1, "updateCallLog", &known).await;
    let pending = update(
        1,
        json!({"recordingLink": "(pending...)", "duration": "pending", "result": "pending"}),
    );
    for number in 0..2 {
        running.done(number, "updateCallLog", &pending).await;
        // Nor does the first request, when it comes once more.
        running.done(number, "createCallLog", &create).await;
    }
    let (activity, note) = running.only().await;
    assert_eq!(note, with_all(&create, [&known], &note));
    let held = running.crm().kind().held_secs(65);
    assert_eq!(activity["durationSecs"], held);
}

async fn choices(place: Place) {
    let running = place.start().await;
    running.warm_up().await;
    let create = create(1);
    running.done(0, "createCallLog", &create).await;
    let dispose = |name: &str, value: &str| update(1, json!({"dispositions": {name: value}}));
    let mut choices = running.crm().kind().choices().iter();
    let first = choices.next().expect("there is something to choose");
    let (field, value) = first;
    let (other, kept) = choices.next().unwrap_or(first);
    let (outcome, next) = (dispose(field, value), dispose(other, kept));
    let edited = update(1, json!({"note": "Edited."}));
    let arrived = update(
        1,
        json!({"recordingLink": "https://media.example/rec?id=1"}),
    );
    tokio::join!(
        running.done(0, "upsertCallDisposition", &outcome),
        running.done(1, "updateCallLog", &edited),
        running.done(1, "upsertCallDisposition", &next),
        running.done(0, "updateCallLog", &arrived),
    );
    let (activity, note) = running.only().await;
    assert_eq!(note, with_all(&create, [&edited, &arrived], &note));
    let expected = json!({*field: value, *other: kept});
    assert_eq!(activity["dispositions"], expected);
}
