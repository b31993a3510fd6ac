//! Whole notes: fields, other servers' layouts, hostile texts, rewriting CRMs, and what people do.

mod hostile;
mod layout;
mod people;
mod random;
mod rewritten;
mod taken_over;
mod world;
