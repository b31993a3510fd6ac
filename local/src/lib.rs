//! Daybook on one machine: every function behind one address, the table, and the Example CRM.
//!
//! [`template`] reads template.yaml, which says which routes and which table there are; [`table`]
//! runs an embedded DynamoDB; [`server`] mounts the same handlers that the functions run.

pub mod config;
pub mod server;
pub mod table;
pub mod template;
