//! Whole notes: fields, other servers' layouts, footers, hostile texts, rewriting CRMs, and what people do.

mod footer;
mod hostile;
mod layout;
mod people;
mod random;
mod rewritten;
mod taken_over;
mod world;
