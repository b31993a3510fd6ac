//! What the extension's own routes are called with: read into the same types as the parameters of
//! interfaces. Whose request it is tells the session, not the request.

mod contacts;

pub use contacts::ContactQuery;
