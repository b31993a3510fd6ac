//! Daybook's interfaces: how a request comes in, what is done with it, and what is answered.
//!
//! [`doors`] turn what arrives into a call of a handler, [`handlers`] read its parameters,
//! [`engine`] orders what happens in the table and in the CRM for [`digest`]s and [`call`]s,
//! [`reply`] finds the words.
//! [`app`] holds what all of them share. Nothing here knows a CRM by name.

pub mod app;
pub mod call;
pub mod config;
pub mod digest;
pub mod doors;
pub mod engine;
pub mod handlers;
pub mod hashes;
pub mod interface;
pub mod openapi;
pub mod pending;
pub mod reply;
pub mod session;
pub mod telemetry;
pub mod users;
