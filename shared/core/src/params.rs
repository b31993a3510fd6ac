//! The parameter objects of the interfaces: JSON in, domain types out.
//!
//! Every error names the field by its path from the root of the object. Unknown fields are
//! ignored; absent and null are the same.

mod message_log;
mod wire;

pub use message_log::{AuthHeader, Downloads, MAX_MESSAGES, MessageLogParams};
