//! Lives of a digest: it is rendered, a person edits it, a CRM rewrites it, and texts join.

mod conversation;
mod crm;
mod judge;
mod person;
mod read;

use daybook_core::digest::{Fingerprint, Format, Frame, Merged, Request};

use self::conversation::{Message, State, context, frame, messages};
use self::crm::{Rewrite, rewrites, tells};
use self::judge::{Merge, compare, is_settled};
use self::person::{Done, Person};
use self::read::is_framed;
use crate::hunt::{Failure, caught};
use crate::tape::Tape;

/// The merge, or one with a defect in it.
pub(crate) type Merging = fn(&Frame<'_>, &Request<'_>) -> Merged;

/// A digest and its head.
struct Life<'a> {
    frame: Frame<'a>,
    merging: Merging,
    all: &'a [Message],
    rewrite: Rewrite,
    body: String,
    earlier: Vec<String>,
    /// The ids of the messages of which the text is known.
    stored: Vec<u32>,
    ledger: Vec<Fingerprint>,
    removed: Vec<Fingerprint>,
    may_land: bool,
    /// What was done to the body since it was made.
    ever: Done,
    expired: bool,
}

/// Draws a life and judges each of its steps.
pub(crate) fn judge(merging: Merging, tape: &mut Tape) -> Result<(), Failure> {
    let format = *tape.pick(&Format::ALL);
    let context = context(format);
    let all = messages(tape);
    let mut life = Life {
        frame: frame(&context),
        merging,
        all: &all,
        rewrite: *tape.pick(rewrites(format)),
        body: String::new(),
        earlier: Vec::new(),
        stored: Vec::new(),
        ledger: Vec::new(),
        removed: Vec::new(),
        may_land: false,
        ever: Done::default(),
        expired: false,
    };
    let mut written = 0;
    let mut waiting: Vec<_> = all.iter().collect();
    while !waiting.is_empty() {
        let count = 1 + tape.below(3);
        let mut fresh = Vec::new();
        for _ in 0..count.min(waiting.len()) {
            fresh.push(waiting.remove(tape.below(waiting.len())));
        }
        let done = life.edits(tape, &mut written);
        if (life.ever.edited || life.expired) && !tells(life.rewrite) {
            break;
        }
        let carried: Vec<_> = fresh.iter().copied().filter(|_| tape.one_in(2)).collect();
        let late = life.unsettled(&carried)?;
        life.deliver(&fresh, done)?;
        // Texts outlive what may land by days.
        if tape.one_in(6) && !life.expired {
            life.lands(late)?;
        }
    }
    Ok(())
}

impl Life<'_> {
    /// What people and the CRM do before the next delivery.
    fn edits(&mut self, tape: &mut Tape, written: &mut usize) -> Done {
        let mut done = Done::default();
        if self.earlier.is_empty() {
            return done;
        }
        let edits = tape.below(4);
        for _ in 0..edits {
            let mut person = Person {
                tape: &mut *tape,
                format: self.frame.context.format,
                written: &mut *written,
                earlier: &self.earlier,
            };
            done = done.and(person.edit(&mut self.body));
        }
        // With other edits, the number tells no more how many stood before.
        done.renumbered |= done.counted_out && edits > 1;
        done.counted_out &= edits == 1;
        if tape.one_in(2) {
            self.body = (self.rewrite)(&self.body);
        }
        if tape.one_in(12) {
            self.stored.clear();
            self.expired = true;
        }
        let format = self.frame.context.format;
        done.unframed |= !self.body.is_empty() && !is_framed(format, &self.body);
        self.ever = self.ever.and(done);
        done
    }

    /// The body that a write has that is not answered.
    fn unsettled(&mut self, carried: &[&Message]) -> Result<String, Failure> {
        let known = self.stored.len();
        self.stored.extend(carried.iter().map(|message| message.id));
        let delivery: Vec<_> = carried.iter().map(|message| message.print()).collect();
        let merged = self.merge(&delivery);
        self.stored.truncate(known);
        let merged = merged.map_err(|why| Failure {
            why,
            test: self.test(&delivery),
        })?;
        Ok(merged.body)
    }

    /// That write lands after others, and somebody looks.
    fn lands(&mut self, late: String) -> Result<(), Failure> {
        self.body = late;
        self.may_land = true;
        let done = Done {
            reverted: true,
            ..Done::default()
        };
        self.ever = self.ever.and(done);
        let looked = self.deliver(&[], done);
        self.may_land = false;
        looked
    }

    /// Delivers messages, settles, and judges both.
    fn deliver(&mut self, fresh: &[&Message], done: Done) -> Result<(), Failure> {
        self.stored.extend(fresh.iter().map(|message| message.id));
        let delivery: Vec<_> = fresh.iter().map(|message| message.print()).collect();
        let before = self.body.clone();
        let failure = |life: &Self, why: String| Failure {
            why,
            test: life.test(&delivery),
        };
        let merged = self.merge(&delivery).map_err(|why| failure(self, why))?;
        let merge = Merge {
            frame: &self.frame,
            before: &before,
            all: self.all,
            ledger: &self.ledger,
            removed: &self.removed,
            delivery: &delivery,
            done,
            ever: self.ever,
            expired: self.expired,
        };
        compare(&merge, &merged).map_err(|why| {
            let why = format!("{why}\n{merged:#?}");
            failure(self, why)
        })?;
        self.ledger.extend(&merged.delivered);
        self.removed.extend(&merged.removed);
        self.body = merged.body;
        if !merged.removed.is_empty() {
            // By its number a form from before tells nothing of what was taken out later.
            self.earlier.clear();
        }
        self.earlier.push(self.body.clone());
        self.settled(merged.count)?;
        self.body = (self.rewrite)(&self.body);
        self.settled(merged.count)
    }

    /// Judges that another merge writes nothing.
    fn settled(&self, count: usize) -> Result<(), Failure> {
        let again = self.merge(&[]);
        let again = again.and_then(|again| is_settled(&self.body, &again, count));
        again.map_err(|why| Failure {
            why,
            test: self.test(&[]),
        })
    }

    fn merge(&self, delivery: &[Fingerprint]) -> Result<Merged, String> {
        let stored = self.stored();
        let stored: Vec<_> = stored.iter().map(|message| &message.entry).collect();
        let request = Request {
            existing: &self.body,
            stored: &stored,
            ledger: &self.ledger,
            removed: &self.removed,
            delivery,
            may_land: self.may_land,
        };
        caught(|| (self.merging)(&self.frame, &request))
    }

    fn stored(&self) -> Vec<&Message> {
        let known = self.all.iter();
        known
            .filter(|message| self.stored.contains(&message.id))
            .collect()
    }

    fn test(&self, delivery: &[Fingerprint]) -> String {
        let state = State {
            format: self.frame.context.format,
            body: &self.body,
            stored: &self.stored(),
            ledger: &self.ledger,
            removed: &self.removed,
            delivery,
            all: self.all,
        };
        state.test()
    }
}
