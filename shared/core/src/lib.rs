//! The domain of Daybook: what RingCentral sends, and the digest and the call note that a CRM shows.
//!
//! No I/O, no AWS, no HTTP and no clock: everything here is a function of its arguments.
//! Requests enter through [`params`], digests live in [`digest`],
//! notes of calls in [`call_note`].

pub mod cache;
pub mod call;
pub mod call_note;
mod conceal;
pub mod config;
pub mod contact;
pub mod describe;
pub mod digest;
pub mod error;
pub mod ids;
pub mod json;
pub mod limits;
pub mod media;
pub mod message;
pub mod params;
pub mod phone;
pub mod settings;
pub mod time;
pub mod user;
