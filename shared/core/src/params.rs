//! What interfaces and the client door are called with: JSON or a query in, domain types out.
//!
//! Every error names the field by its path from the root of the object and repeats no value.
//! Unknown fields are ignored; absent and null are the same. [`limits`](crate::limits) says how
//! large each part may be.

mod api_key_login;
mod call_log;
mod caller;
pub mod client;
mod contacts;
mod credentials;
mod message_log;
mod oauth_callback;
mod ringcentral_id;
mod sign_in;
mod user_settings;
mod wire;

pub use api_key_login::ApiKeyLogin;
pub use call_log::{
    CallExtension, CreateCallLogParams, ExistingCallLog, GetCallLogParams, UpdateCallLogParams,
    UpsertCallDispositionParams,
};
pub use client::{CallNoteParams, CallQuery, ClientDispositions, ContactQuery};
pub use contacts::{
    AccountDataParams, CreateContactParams, FindContactParams, FindContactWithNameParams,
    UserListParams,
};
pub use credentials::AuthHeader;
pub use message_log::{Downloads, MessageLogParams};
pub use oauth_callback::OAuthCallback;
pub use ringcentral_id::RingCentralId;
pub use user_settings::SettingsUpdate;
