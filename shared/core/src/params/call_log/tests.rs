//! What a request about a call may hold.
