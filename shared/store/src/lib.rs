//! Daybook's one DynamoDB table.
//!
//! [`keys`] alone formats keys, [`items`] has a struct for each kind of item, [`claims`] a
//! function for each write by which workers take turns at a log, [`digest`] and [`calls`] those that
//! digests and calls have besides, [`gates`] for those that hold back
//! calls of a CRM, and [`pending`] finds what waits. [`users`] keeps those who signed in, with
//! credentials that [`sealing`] has made unreadable first, and [`admin_settings`] what holds for all
//! users of an account. `cached` is the memory of the adapters, and [`told`] what users were told of contacts. [`forget`] removes whatever belongs to a user. The table is reached through aws-sdk-dynamodb and nothing else.

pub mod admin_settings;
mod cached;
pub mod calls;
pub mod claims;
pub mod digest;
mod dynamo;
mod error;
pub mod forget;
pub mod gates;
pub mod items;
pub mod keys;
pub mod pending;
pub mod sealing;
pub mod told;
pub mod users;

pub use dynamo::{StoreConfig, Table, Write};
pub use error::StoreError;

/// What a call to the table gives.
pub type Result<T> = std::result::Result<T, StoreError>;
