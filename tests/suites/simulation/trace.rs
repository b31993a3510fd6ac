//! What happened in a schedule, written down only where somebody will read it.

use std::sync::{Arc, Mutex};

use crate::clock::Time;

/// A list of lines with their virtual times. Off, it costs nothing.
#[derive(Debug, Clone)]
pub(crate) struct Trace {
    time: Time,
    lines: Option<Arc<Mutex<Vec<String>>>>,
}

impl Trace {
    /// A trace; `on` says whether lines are kept.
    pub(crate) fn new(time: Time, on: bool) -> Self {
        Self {
            time,
            lines: on.then(Arc::default),
        }
    }

    /// Adds a line.
    pub(crate) fn say(&self, line: impl FnOnce() -> String) {
        if let Some(lines) = &self.lines {
            let at = self.time.gone().as_secs_f64();
            let mut lines = lines.lock().expect("nothing panics with it");
            lines.push(format!("{at:9.3} {}", line()));
        }
    }

    /// The lines.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.lines
            .as_ref()
            .map(|lines| lines.lock().expect("nothing panics with it").clone())
            .unwrap_or_default()
    }
}
