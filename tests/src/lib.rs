//! What the suites stand on: parameter objects, running servers and functions, and cases.
//!
//! [`params`] builds requests, [`crm`] is the CRM that a case runs over, [`world`] a CRM, a table
//! and a door to send requests through, [`workers`] several processes on one table, which [`table_proxy`] makes misbehave; [`stands`]
//! says what stands in the CRM, [`expect`] what replies have to say, [`commands`] runs what an
//! operator types. The fake CRMs and their fault plans are in `daybook-fakes`.

pub mod adapters;
pub mod commands;
pub mod crm;
pub mod expect;
pub mod local_server;
pub mod memory;
pub mod params;
pub mod runner;
pub mod sign_in;
pub mod stands;
pub mod table_proxy;
pub mod workers;
pub mod world;
