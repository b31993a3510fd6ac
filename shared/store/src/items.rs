//! The kinds of item, each with its `schema` number.
//!
//! A reader understands the numbers up to its own; fields are added with a default and never
//! change their meaning.

mod head;
mod message;

pub use head::{Head, Part};
pub use message::StoredMessage;
