//! The digest of a conversation: what it is, how it looks, and how it joins a note that exists.
//!
//! Pure functions over entries, a [`Context`] and the body that the CRM holds. [`render()`] makes
//! a body, [`merge()`] brings messages into one, [`Window`] says which digest a message is in.

pub(crate) mod block;
pub(crate) mod elements;
mod entry;
pub(crate) mod escape;
pub(crate) mod insert;
mod kept;
pub(crate) mod lines;
mod mark;
mod matching;
mod merge;
mod parts;
mod render;
mod rolling;
mod torn;
mod window;

#[cfg(test)]
pub(crate) mod tests;

pub use entry::{Context, Entry, Fingerprint, Inbox, Topic};
pub use kept::{Kept, kept};
pub(crate) use mark::mark_of;
pub use mark::{Mark, contains_mark, holds_conversation};
pub use merge::{Merged, Request, entries_found, holds_only_ours, merge};
pub use parts::{Plan, expand, fits, plan, split_entry};
pub(crate) use render::footer_line;
pub use render::{FOOTER, Format, Frame, emptied_note, render, subject};
pub use rolling::{MAX_SPANS, Placement, Span, place};
pub use torn::mended;
pub use window::Window;
