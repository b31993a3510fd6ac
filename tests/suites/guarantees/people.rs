//! What a person does to a digest in the CRM, and what is left of it.
//!
//! `people/edits.rs` lists the edits. Each is made before the next text, before one that belongs
//! between two others, and while a write is in doubt; and in CRMs that rewrite notes.

mod doubt;
mod edits;

use std::time::Duration;

use daybook_fakes::{FakeExampleCrm, Fault, Rewrite, Rule};
use daybook_tests::crm::said as named;
use daybook_tests::params::{inbound, set, with_message};
use daybook_tests::runner::case;
use daybook_tests::world::{Answered, Door, World};
use http::Method;
use libtest_mimic::Trial;
use serde_json::{Value, json};

use self::edits::{Edit, Model, TEXTS};
use crate::expect::{assert_waits, failure_of, note, success};
use crate::later::pass;
use crate::rewritings;

pub(super) fn cases() -> Vec<Trial> {
    let mut trials = Vec::new();
    for (edit, edited) in Edit::ALL {
        for (door, prefix) in Door::ALL {
            for (moment, when) in Moment::ALL {
                let name = format!("people::{prefix}::{edited}::{when}");
                trials.push(case(name, move || async move {
                    let world = World::start(door).await;
                    Digest::start(&world, 1).edited(edit, moment).await;
                }));
            }
        }
        for (rewrites, style) in rewritings() {
            for given_back in [false, true] {
                let when = if given_back { "given_back" } else { "stored" };
                let name = format!("people::notes_{when}_with_{style}::{edited}");
                let rewrites = rewrites.clone();
                trials.push(case(name, move || async move {
                    edited_and_rewritten(edit, &rewrites, given_back).await;
                }));
            }
        }
    }
    for (first, edited) in Edit::ALL {
        let name = format!("people::{edited}_and_then_another_edit");
        trials.push(case(name, move || edited_twice(first)));
    }
    for (rewrites, style) in rewritings() {
        let name = format!("people::notes_stored_with_{style}::deleted_and_made_anew");
        trials.push(case(name, move || async move { deleted(&rewrites).await }));
    }
    for (door, prefix) in [(Door::HttpEvent, "http_event"), (Door::Direct, "direct")] {
        for (age, since) in Age::ALL {
            for (moment, when) in Moment::ALL {
                let name = format!("people::{prefix}::deleted_{since}::{when}");
                trials.push(case(name, move || async move {
                    let world = World::start(door).await;
                    Digest::start(&world, 1).deleted(age, moment).await;
                }));
            }
        }
    }
    trials.extend(doubt::cases());
    trials
}

/// When an edit is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    /// Before a text that is newer than all.
    Next,
    /// Before a text that belongs between those that stand.
    Between,
    /// Before a text is sent again that was applied and not answered.
    Doubt,
}

impl Moment {
    const ALL: [(Self, &'static str); 3] = [
        (Self::Next, "before_the_next_text"),
        (Self::Between, "before_a_text_between_two"),
        (Self::Doubt, "while_a_write_is_in_doubt"),
    ];
}

/// How long ago an activity was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Age {
    /// The activity is so young that it may only not be shown yet.
    JustNow,
    /// It was shown for long.
    LongAgo,
}

impl Age {
    const ALL: [(Self, &'static str); 2] =
        [(Self::JustNow, "just_now"), (Self::LongAgo, "long_ago")];
}

async fn edited_and_rewritten(edit: Edit, rewrites: &[Rewrite], given_back: bool) {
    let world = World::start(Door::Direct).await;
    set_notes(&world, rewrites, given_back);
    for (id, (moment, _)) in (1..).zip(Moment::ALL) {
        Digest::start(&world, id).edited(edit, moment).await;
    }
}

async fn edited_twice(first: Edit) {
    let world = World::start(Door::LocalHttp).await;
    // An old form that names too many texts reads as if the missing ones were taken out of it.
    let seconds = Edit::ALL.into_iter();
    let seconds = seconds.filter(|(second, _)| *second != Edit::OldForm);
    for (id, (second, _)) in (1..).zip(seconds) {
        Digest::start(&world, id).edited_twice(first, second).await;
    }
}

fn set_notes(world: &World, rewrites: &[Rewrite], given_back: bool) {
    let notes = FakeExampleCrm::notes();
    world.crm.set_notes(match given_back {
        true => notes.given_back_as(rewrites),
        false => notes.stored_as(rewrites),
    });
}

/// A conversation of its own, whose activity has the same id.
struct Digest<'a> {
    world: &'a World,
    id: u64,
    model: Model,
    /// The note from before the last text.
    form: String,
}

impl<'a> Digest<'a> {
    fn start(world: &'a World, id: u64) -> Self {
        Self {
            world,
            id,
            model: Model::default(),
            form: String::new(),
        }
    }

    async fn edited(mut self, edit: Edit, moment: Moment) {
        self.log(0).await;
        match moment {
            Moment::Next => {
                self.log(1).await;
                self.edit(edit).await;
                self.log(2).await;
            }
            Moment::Between => {
                self.log(2).await;
                self.edit(edit).await;
                self.log(1).await;
            }
            Moment::Doubt => {
                self.doubt(1).await;
                self.edit(edit).await;
                // As long as a write may land, nobody knows who made a note with a right counter.
                if edit == Edit::FirstTakenOutAndCounted {
                    self.model.take_back();
                }
                self.log(1).await;
            }
        }
        self.log(3).await;
        self.assert_quiet().await;
    }

    /// A person deletes the activity, and the next text makes a new one, with all texts in it.
    async fn deleted(mut self, age: Age, moment: Moment) {
        self.log(0).await;
        let next = match moment {
            Moment::Next => {
                self.log(1).await;
                2
            }
            Moment::Between => {
                self.log(2).await;
                1
            }
            Moment::Doubt => {
                self.doubt(1).await;
                1
            }
        };
        let crm = &self.world.crm;
        let long = Duration::from_secs(180);
        if age == Age::LongAgo {
            pass(self.world, long).await;
        }
        crm.delete_activity(1).await;
        if age == Age::JustNow {
            let words = match moment {
                Moment::Next | Moment::Between => {
                    "The message is not logged yet: Example CRM does not show the log. \
                     Send it again in N seconds."
                }
                Moment::Doubt => {
                    "Example CRM did not answer, so the message may or may not be logged. Sending \
                     it again is safe: it is never logged twice. Send it again in N seconds."
                }
            };
            let kind = match moment {
                Moment::Next | Moment::Between => "warning",
                Moment::Doubt => "error",
            };
            assert_waits(self.send(next).await, &failure_of("1", kind, words), 5);
            assert_eq!(crm.activities().await, [Value::Null; 0]);
            pass(self.world, long).await;
        }
        assert_eq!(self.send(next).await, made_anew("2"));
        self.model.join(next);
        let note = crm.open_note(2).await;
        self.model.assert_stands(&note);
        assert_eq!(crm.activities().await.len(), 1);
        assert_eq!(self.send(3).await, success("2", "Message logged"));
        self.model.join(3);
        self.model.assert_stands(&crm.open_note(2).await);
        let calls = crm.journal().len();
        for text in &self.model.texts {
            let reply = self.send(*text).await;
            assert_eq!(reply, success("2", "Already logged"));
        }
        assert_eq!(crm.journal().len(), calls);
    }

    async fn edited_twice(mut self, first: Edit, second: Edit) {
        self.log(0).await;
        self.log(1).await;
        self.edit(first).await;
        self.log(2).await;
        self.edit(second).await;
        self.log(3).await;
        self.assert_quiet().await;
    }

    async fn edit(&mut self, edit: Edit) {
        let note = self.world.crm.open_note(self.id).await;
        let saved = self.model.edit(edit, &note, &self.form);
        self.world.crm.save_note(self.id, &saved).await;
    }

    fn params(&self, text: usize) -> Value {
        let time = format!("2015-02-18T13:0{text}:00.000Z");
        let id = self.id * 100 + u64::try_from(text).expect("a small number");
        let mut params = with_message(inbound(id, &time, TEXTS[text]));
        set(&mut params, "message.conversationId", json!(self.id));
        params
    }

    async fn send(&self, text: usize) -> Answered {
        let params = self.params(text);
        self.world.call("updateMessageLog", &params).await
    }

    async fn log(&mut self, text: usize) {
        if !self.model.texts.is_empty() {
            self.form = self.world.crm.open_note(self.id).await;
        }
        let logged = success(&self.id.to_string(), "Message logged");
        assert_eq!(self.send(text).await, logged);
        self.model.join(text);
        let note = self.world.crm.open_note(self.id).await;
        self.model.assert_stands(&note);
    }

    /// Sends a text that is applied and not answered.
    async fn doubt(&mut self, text: usize) {
        self.form = self.world.crm.open_note(self.id).await;
        let lost = Rule::new(Fault::DropAfter).method(Method::PATCH).once();
        self.world.crm.plan(lost);
        let (_, reply) = self.send(text).await;
        assert_eq!(reply["successful"], false, "{reply}");
        self.model.join(text);
    }

    /// That nothing is written again, whatever is sent again.
    async fn assert_quiet(&self) {
        let calls = self.world.crm.journal().len();
        for text in self.model.texts.iter().chain(&self.model.gone) {
            let reply = self.send(*text).await;
            assert_eq!(reply, success(&self.id.to_string(), "Already logged"));
        }
        assert_eq!(self.world.crm.journal().len(), calls);
    }
}

/// The reply where a log that a person deleted was replaced.
fn made_anew(log_id: &str) -> Answered {
    let words = "Message logged. The log had been deleted in Example CRM, so a new one was made.";
    let shown = json!({"message": named(words), "messageType": "warning", "ttl": 30000});
    let expected = json!({"successful": true, "logId": log_id, "returnMessage": shown});
    (200, expected)
}

/// A person deletes the activity: the next text makes a new one, with all texts in it.
async fn deleted(rewrites: &[Rewrite]) {
    let world = World::start(Door::HttpEvent).await;
    set_notes(&world, rewrites, false);
    let mut digest = Digest::start(&world, 1);
    digest.log(0).await;
    digest.log(1).await;
    world.crm.delete_activity(1).await;
    pass(&world, Duration::from_secs(180)).await;
    let reply = digest.send(0).await;
    assert_eq!(reply, success("1", "Already logged"), "nothing is new");
    assert_eq!(world.crm.activities().await, [Value::Null; 0]);
    assert_eq!(digest.send(2).await, made_anew("2"));
    let activities = world.crm.activities().await;
    assert_eq!(activities.len(), 1, "{activities:#?}");
    digest.model.join(2);
    digest.model.assert_stands(note(&activities[0]));
}
