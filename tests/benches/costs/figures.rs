//! What was measured of one case.

use std::time::Duration;

/// The figures of one case.
#[derive(Default)]
pub(crate) struct Figures {
    pub(crate) times: Vec<Duration>,
    pub(crate) crm_calls: u64,
    pub(crate) tokens: u64,
    pub(crate) table_trips: u64,
}

/// Prints what the columns are.
pub(crate) fn print_header() {
    println!(
        "{:<36} {:>9} {:>9} {:>9} {:>10} {:>8} {:>12}",
        "case", "p50 ms", "p95 ms", "p99 ms", "CRM calls", "tokens", "table trips"
    );
}

/// Prints what the columns of times are.
pub(crate) fn print_head() {
    println!(
        "{:<36} {:>9} {:>9} {:>9}",
        "request", "p50 ms", "p95 ms", "p99 ms"
    );
}

impl Figures {
    /// Prints a line of times alone.
    pub(crate) fn print_times(case: &str, times: Vec<Duration>) {
        let figures = Self {
            times,
            ..Self::default()
        };
        println!("{}", figures.times(case));
    }

    /// Prints a line.
    pub(crate) fn print(&self, case: &str) {
        println!(
            "{} {:>10} {:>8} {:>12}",
            self.times(case),
            self.each(self.crm_calls),
            self.each(self.tokens),
            self.each(self.table_trips)
        );
    }

    /// Prints a line, and another where half of the rounds took longer than `most`, which it
    /// denies.
    pub(crate) fn print_within(&self, case: &str, most: Duration) -> bool {
        self.print(case);
        let is_kept = self.at(50) <= most;
        if !is_kept {
            println!("  its p50 is over the {} ms it may take", most.as_millis());
        }
        is_kept
    }

    fn times(&self, case: &str) -> String {
        let at = |share| format!("{:.2}", self.at(share).as_secs_f64() * 1_000.0);
        format!("{case:<36} {:>9} {:>9} {:>9}", at(50), at(95), at(99))
    }

    /// The time that this share of the rounds, in percent, did not exceed.
    fn at(&self, share: usize) -> Duration {
        let mut times = self.times.clone();
        times.sort();
        let index = (times.len() * share / 100).min(times.len() - 1);
        times[index]
    }

    fn each(&self, all: u64) -> String {
        let tenths = all * 10 / self.times.len() as u64;
        format!("{}.{}", tenths / 10, tenths % 10)
    }
}
