//! The index of rolling windows: which one covers a time, or what the new one is.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::window::Window;

/// The number of windows that the index keeps, the newest ones.
pub const MAX_SPANS: usize = 16;

/// A window of the index and the time it covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// The window.
    pub id: Window,
    /// The first instant that belongs to it.
    pub from: DateTime<Utc>,
    /// The first instant that no longer belongs to it.
    pub to: DateTime<Utc>,
}

/// Where a time belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Placement {
    /// A window of the index covers it.
    Covered(Window),
    /// A window must be made.
    New {
        /// The new window.
        window: Window,
        /// The index with it, oldest first, to be written on the condition that nobody else
        /// wrote it meanwhile. A window older than all those kept is not in it.
        index: Vec<Span>,
    },
}

/// Finds the window of `at`, or makes one from 1 h before it to 24 h after it, clipped at
/// its neighbours.
pub fn place(index: &[Span], at: DateTime<Utc>) -> Placement {
    if let Some(span) = index.iter().find(|span| span.from <= at && at < span.to) {
        return Placement::Covered(span.id);
    }
    let floor = index
        .iter()
        .map(|span| span.to)
        .filter(|to| *to <= at)
        .max();
    let ceiling = index
        .iter()
        .map(|span| span.from)
        .filter(|from| *from > at)
        .min();
    let from = at - TimeDelta::hours(1);
    let to = at + TimeDelta::hours(24);
    let window = Window::rolling(at);
    let mut index = index.to_vec();
    index.push(Span {
        id: window,
        from: floor.map_or(from, |floor| floor.max(from)),
        to: ceiling.map_or(to, |ceiling| ceiling.min(to)),
    });
    index.sort_by_key(|span| span.from);
    let surplus = index.len().saturating_sub(MAX_SPANS);
    index.drain(..surplus);
    Placement::New { window, index }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_424_265_890, 0).expect("a time") + TimeDelta::hours(hours)
    }

    fn new(index: &[Span], hours: i64) -> (Window, Vec<Span>) {
        match place(index, at(hours)) {
            Placement::New { window, index } => (window, index),
            Placement::Covered(window) => panic!("{window} covers {hours}"),
        }
    }

    #[test]
    fn a_first_text_opens_a_window_around_itself() {
        let (window, index) = new(&[], 0);
        assert_eq!(window, Window::rolling(at(0)));
        assert_eq!((index[0].from, index[0].to), (at(-1), at(24)));
        for hours in [-1, 0, 23] {
            assert_eq!(
                place(&index, at(hours)),
                Placement::Covered(window),
                "{hours}"
            );
        }
        for hours in [-2, 24] {
            assert_ne!(
                place(&index, at(hours)),
                Placement::Covered(window),
                "{hours}"
            );
        }
    }

    #[test]
    fn neighbours_clip_a_window() {
        let (_, index) = new(&[], 0);
        let (_, index) = new(&index, 30);
        // Between them from 24 to 29.
        let (window, index) = new(&index, 24);
        let span = index
            .iter()
            .find(|span| span.id == window)
            .expect("in the index");
        assert_eq!((span.from, span.to), (at(24), at(29)));
        let (window, index) = new(&index, -3);
        let span = index
            .iter()
            .find(|span| span.id == window)
            .expect("in the index");
        assert_eq!((span.from, span.to), (at(-4), at(-1)));
        assert!(index.is_sorted_by_key(|span| span.from));
        assert!(index.windows(2).all(|pair| pair[0].to <= pair[1].from));
    }

    #[test]
    fn the_newest_windows_are_kept() {
        let mut index = Vec::new();
        for day in 0..40 {
            index = new(&index, day * 48).1;
        }
        assert_eq!(index.len(), MAX_SPANS);
        assert_eq!(index[0].id, Window::rolling(at(24 * 48)));
    }
}
