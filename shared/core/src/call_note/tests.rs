//! Whole notes: fields, other servers' layouts, hostile texts, rewriting CRMs, and what people do.

mod layout;
mod world;
