//! What the suites stand on: parameter objects, running servers and functions, and cases.
//!
//! [`params`] builds requests, [`world`] a CRM, a table and a door to send requests through.
//! The fake CRMs and their fault plans are in `daybook-fakes`.

pub mod adapters;
pub mod local_server;
pub mod params;
pub mod runner;
pub mod sign_in;
pub mod world;
