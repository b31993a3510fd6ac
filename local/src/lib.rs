//! Daybook on one machine: every function behind one address, the table, and the Example CRM.
//!
//! [`template`] reads template.yaml, which says which routes and which table there are; [`folder`]
//! keeps the data to one server; [`table`] runs an embedded DynamoDB; [`server`] mounts the same
//! handlers that the functions run.

pub mod causes;
pub mod config;
mod connections;
mod door;
pub mod folder;
pub mod pending;
pub mod server;
pub mod table;
pub mod template;
mod timer;
