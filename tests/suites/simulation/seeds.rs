//! Seeded random schedules, in shards. A failure prints its seed and what happened.

use std::future::Future;

use libtest_mimic::Trial;

use crate::run::run;
use crate::schedule::Schedule;

/// How many schedules a run has.
const SCHEDULES: u64 = 2_500;
/// In how many cases.
const SHARDS: u64 = 20;
/// How many lines of a trace are shown from its end.
const SHOWN: usize = 400;

/// Runs a future in a runtime of its own, whose clock moves when nothing else does.
pub(crate) fn in_time<F: Future>(body: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .expect("a runtime")
        .block_on(body)
}

pub(crate) fn cases() -> Vec<Trial> {
    let count = variable("SIMULATE", SCHEDULES);
    let first = variable("SIMULATE_SEED", 1);
    let size = count.div_ceil(SHARDS).max(1);
    (0..SHARDS)
        .map(|shard| {
            (
                first + shard * size,
                (first + (shard + 1) * size).min(first + count),
            )
        })
        .filter(|(from, to)| from < to)
        .map(|(from, to)| {
            Trial::test(
                format!("simulation::seeds_{from}_to_{}", to - 1),
                move || all(from, to),
            )
        })
        .collect()
}

fn variable(name: &str, otherwise: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) if text.is_empty() => otherwise,
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("{name} is not a number: {text}")),
        Err(_) => otherwise,
    }
}

/// Runs the schedules of `from..to`. The first that fails is shown whole, the others by name.
fn all(from: u64, to: u64) -> Result<(), libtest_mimic::Failed> {
    let failed: Vec<_> = (from..to)
        .filter_map(|seed| {
            let (wrong, _) = in_time(run(Schedule::of(seed), false));
            (!wrong.is_empty()).then_some((seed, wrong))
        })
        .collect();
    let Some((first, _)) = failed.first() else {
        return Ok(());
    };
    let mut told = String::new();
    for (seed, wrong) in &failed {
        told.push_str(&format!("SIMULATE=1 SIMULATE_SEED={seed}\n"));
        for what in wrong {
            told.push_str(&format!(
                "    {}\n",
                what.chars().take(400).collect::<String>()
            ));
        }
    }
    // Once more, written down up to where it went wrong.
    let (_, mut lines) = in_time(run(Schedule::of(*first), true));
    let end = lines.iter().position(|line| line.contains(" WRONG: "));
    lines.truncate(end.map_or(lines.len(), |end| end + 1));
    let skipped = lines.len().saturating_sub(SHOWN);
    let shown = lines.get(skipped..).unwrap_or_default().join("\n");
    Err(format!("{told}\nwhat seed {first} did ({skipped} lines left out):\n{shown}").into())
}
