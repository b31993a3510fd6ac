//! Daybook on one machine: every function behind one address, the table, and the Example CRM.
//!
//! [`template`] reads template.yaml, which says which routes and which table there are; [`folder`]
//! keeps the data to one server, with its [`keys`]; [`table`] runs an embedded DynamoDB; [`server`] mounts the same
//! handlers that the functions run.

pub mod admin_settings;
pub mod causes;
pub mod command;
pub mod config;
mod connections;
mod door;
pub mod folder;
pub mod forget;
pub mod keys;
pub mod pending;
pub mod server;
pub mod table;
pub mod template;
mod timer;
