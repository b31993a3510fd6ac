//! Whole digests: hostile texts, rewriting CRMs, and what people do.

mod adopted;
mod found;
pub(crate) mod hostile;
mod layout;
mod partition;
mod people;
mod pictures;
mod random;
mod taken_out;
mod threads;
mod torn;
mod work;
pub(crate) mod world;
