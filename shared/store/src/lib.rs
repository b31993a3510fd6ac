//! Daybook's one DynamoDB table.
//!
//! [`keys`] alone formats keys, [`items`] has a struct for each kind of item, [`digest`] a
//! function for each write that the protocol of digests makes. Everything goes through
//! aws-sdk-dynamodb and nothing else.

pub mod digest;
mod dynamo;
mod error;
pub mod items;
pub mod keys;

pub use dynamo::{StoreConfig, Table};
pub use error::StoreError;

/// What a call to the table gives.
pub type Result<T> = std::result::Result<T, StoreError>;
