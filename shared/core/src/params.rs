//! The parameter objects of the interfaces: JSON in, domain types out.
//!
//! Every error names the field by its path from the root of the object and repeats no value.
//! Unknown fields are ignored; absent and null are the same. [`limits`](crate::limits) says how
//! large each part may be.

mod message_log;
mod wire;

pub use message_log::{AuthHeader, Downloads, MessageLogParams};
