//! Draws cases until the time is over or one fails, and tells the smallest that fails.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use crate::tape::{Tape, shrink};

/// What is wrong with a case.
#[derive(Debug)]
pub(crate) struct Failure {
    /// In words.
    pub(crate) why: String,
    /// What happened, to be pasted into a test.
    pub(crate) test: String,
}

/// Draws a case from a tape and judges it.
pub(crate) type Judge = dyn Fn(&mut Tape) -> Result<(), Failure>;

/// How long a case that fails is made smaller.
const SHRINKING: Duration = Duration::from_secs(20);

/// A case that fails.
#[derive(Debug)]
pub(crate) struct Found {
    /// Its choices.
    pub(crate) choices: Vec<u32>,
    /// What is wrong.
    pub(crate) failure: Failure,
}

/// Draws cases for `time`, those of `seed`, `seed + 1`, …; gives their number, and one that fails.
pub(crate) fn hunt(judge: &Judge, seed: u64, time: Duration) -> (u64, Option<Found>) {
    let begun = Instant::now();
    let mut cases = 0;
    while begun.elapsed() < time {
        let mut tape = Tape::random(seed.wrapping_add(cases));
        cases += 1;
        if judged(judge, &mut tape).is_err() {
            return (cases, smallest(judge, tape.taken()));
        }
    }
    (cases, None)
}

/// The smallest case that fails, of those that are made of `choices`.
fn smallest(judge: &Judge, choices: &[u32]) -> Option<Found> {
    let begun = Instant::now();
    let fails = |choices: &[u32]| judged(judge, &mut Tape::of(choices)).is_err();
    let choices = shrink(choices, fails, || begun.elapsed() < SHRINKING);
    let failure = judged(judge, &mut Tape::of(&choices)).err()?;
    Some(Found { choices, failure })
}

/// The judgement of a case; a panic is one too.
pub(crate) fn judged(judge: &Judge, tape: &mut Tape) -> Result<(), Failure> {
    caught(|| judge(tape)).unwrap_or_else(|why| {
        Err(Failure {
            why,
            test: String::new(),
        })
    })
}

/// What `work` gives, or the words of its panic.
pub(crate) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let words = panic.downcast_ref::<String>().map(String::as_str);
        let words = words.or(panic.downcast_ref::<&str>().copied());
        format!("it panics: {}", words.unwrap_or_default())
    })
}
