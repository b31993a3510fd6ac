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

impl Span {
    /// What a rolling window covers where no neighbour clips it, by its first volume; `None` for
    /// a window of another kind.
    pub fn whole(window: Window) -> Option<Self> {
        let at = window.opened_at()?;
        Some(Self {
            id: Window::rolling(at),
            from: at - TimeDelta::hours(1),
            to: at + TimeDelta::hours(24),
        })
    }

    fn covers(&self, at: DateTime<Utc>) -> bool {
        self.from <= at && at < self.to
    }
}

/// Where a time belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Placement {
    /// A window covers it that is there already.
    Covered(Window),
    /// A window must be made.
    New {
        /// The new window.
        span: Span,
        /// The index with it, oldest first, to be written on the condition that nobody else
        /// wrote it meanwhile; `None` where the window is older than all those kept.
        index: Option<Vec<Span>>,
    },
}

/// Finds the window of `at`, in the index or among `others` that the index does not keep; or makes
/// one from 1 h before it to 24 h after it, clipped at its neighbours.
pub fn place(index: &[Span], others: &[Span], at: DateTime<Utc>) -> Placement {
    let other = others.iter().filter(|span| span.covers(at));
    let other = other.min_by_key(|span| span.from);
    if let Some(span) = index.iter().find(|span| span.covers(at)).or(other) {
        return Placement::Covered(span.id);
    }
    let neighbours = || index.iter().chain(others);
    let floor = neighbours().map(|span| span.to).filter(|to| *to <= at);
    let ceiling = neighbours().map(|span| span.from).filter(|from| *from > at);
    let from = at - TimeDelta::hours(1);
    let to = at + TimeDelta::hours(24);
    let span = Span {
        id: Window::rolling(at),
        from: floor.max().map_or(from, |floor| floor.max(from)),
        to: ceiling.min().map_or(to, |ceiling| ceiling.min(to)),
    };
    let mut index = index.to_vec();
    index.push(span.clone());
    index.sort_by_key(|span| span.from);
    let surplus = index.len().saturating_sub(MAX_SPANS);
    index.drain(..surplus);
    let index = index.contains(&span).then_some(index);
    Placement::New { span, index }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_424_265_890, 0).expect("a time") + TimeDelta::hours(hours)
    }

    fn new(index: &[Span], hours: i64) -> (Window, Vec<Span>) {
        match place(index, &[], at(hours)) {
            Placement::New { span, index } => (span.id, index.expect("it is among the newest")),
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
                place(&index, &[], at(hours)),
                Placement::Covered(window),
                "{hours}"
            );
        }
        for hours in [-2, 24] {
            assert_ne!(
                place(&index, &[], at(hours)),
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

    #[test]
    fn a_window_that_is_older_than_all_those_kept_is_not_in_the_index() {
        let mut index = Vec::new();
        for day in 10..40 {
            index = new(&index, day * 48).1;
        }
        let Placement::New { span, index: with } = place(&index, &[], at(0)) else {
            panic!("nothing covers it");
        };
        assert_eq!((span.id, with), (Window::rolling(at(0)), None));
        for hours in [-1, 0, 23] {
            let placed = place(&index, std::slice::from_ref(&span), at(hours));
            assert_eq!(placed, Placement::Covered(span.id), "{hours}");
        }
        let placed = place(&index, std::slice::from_ref(&span), at(-4));
        let Placement::New { span: other, .. } = placed else {
            panic!("nothing covers it");
        };
        assert_eq!(
            (other.from, other.to),
            (at(-5), at(-1)),
            "a neighbour clips it"
        );
    }

    #[test]
    fn a_window_is_known_by_its_id() {
        let window = Window::rolling(at(0));
        for window in [window, window.next_volume()] {
            let span = Span::whole(window).expect("it rolls");
            assert_eq!(span.id, Window::rolling(at(0)));
            assert_eq!((span.from, span.to), (at(-1), at(24)));
        }
        assert_eq!(Span::whole(Window::ALL), None);
    }
}
