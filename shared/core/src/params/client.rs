//! What the extension sends: the bodies of App Connect's routes, read into the same types as those
//! of the interfaces. Each file is one concern.

mod attachments;
mod message_log;
mod shared_inbox;

pub use message_log::{LogIds, MessageLog, NewMessages};
