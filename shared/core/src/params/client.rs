//! What the extension sends: the bodies and queries of App Connect's routes, read into the same types
//! as the parameters of interfaces. Each file is one concern. Whose request it is tells the session,
//! not the request.

mod attachments;
mod calls;
mod contacts;
mod described;
mod message_log;
mod shared_inbox;

pub use calls::{CallNoteParams, CallQuery, ClientDispositions};
pub use contacts::ContactQuery;
pub use described::{
    CallChangeBody, CallNoteBody, ConversationBody, DispositionBody, NewCallBody, NewContactBody,
};
pub use message_log::{LogIds, MessageLog, NewMessages};
