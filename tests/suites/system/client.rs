//! What the extension asks beside signing in, over HTTP and as API Gateway's events.

pub(super) mod about;
pub(super) mod described;
