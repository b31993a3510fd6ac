//! Cases that nobody thought of: drawn by chance for a while, and made small where one fails.
//!
//! `FUZZ_SECONDS` says for how long each subject is drawn (60), `FUZZ_SEED` with which seed it
//! begins: a number, or `random`. Where it is not set that is 1, so that a change is judged by what
//! it changes; `make fuzz` begins elsewhere each time. `merge` draws lives of a digest, `request`
//! parameter objects. What a case needs to fail is printed as a test to be pasted.

mod hunt;
mod merge;
mod request;
mod tape;

use std::time::Duration;

use hunt::{Judge, hunt};
use libtest_mimic::{Arguments, Failed, Trial};

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

fn number(name: &str, text: &str) -> u64 {
    text.parse()
        .unwrap_or_else(|_| panic!("{name} holds no whole number"))
}

fn seed() -> u64 {
    match variable("FUZZ_SEED").as_deref() {
        None => 1,
        Some("random") => u64::from(fastrand::u32(..)) << 20,
        Some(text) => number("FUZZ_SEED", text),
    }
}

fn time() -> Duration {
    let seconds = variable("FUZZ_SECONDS").map(|text| number("FUZZ_SECONDS", &text));
    Duration::from_secs(seconds.unwrap_or(60))
}

#[allow(clippy::print_stdout, reason = "it is for people who run the suite")]
fn drawn(name: &str, judge: &Judge) -> Result<(), Failed> {
    let seed = seed();
    let (cases, found) = hunt(judge, seed, time());
    println!("    {name}: {cases} cases from seed {seed}");
    match found {
        None => Ok(()),
        Some(found) => Err(format!(
            "{}\n\nFUZZ_SEED={} finds it; its choices are {:?}\n\n{}",
            found.failure.why,
            seed + cases - 1,
            found.choices,
            found.failure.test
        )
        .into()),
    }
}

fn main() {
    std::panic::set_hook(Box::new(|_| {}));
    let merge = |tape: &mut tape::Tape| merge::judge(daybook_core::digest::merge, tape);
    let request =
        |tape: &mut tape::Tape| request::judge(daybook_core::params::MessageLogParams::parse, tape);
    let cases = vec![
        Trial::test("merge", move || drawn("merge", &merge)),
        Trial::test("request", move || drawn("request", &request)),
    ];
    libtest_mimic::run(&Arguments::from_args(), cases).exit()
}
