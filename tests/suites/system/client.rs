//! The routes of the extension, as it calls them.

pub(super) mod messages;
