//! Servers that stand in for the outside world in tests: fake CRMs that keep a
//! journal and misbehave on request, and the Lambda Runtime API.
//!
//! Everything listens on a free port of 127.0.0.1 and ends with its handle.
//! Nothing here knows Daybook's own code; the suites in `tests` bring the two together.

mod example_crm;
mod faults;
mod function_process;
mod http_event;
mod journal;
mod lambda_runtime_api;
mod loopback;
mod notes;
pub mod person;
mod pipedrive;
mod server;
mod traffic;

pub use example_crm::FakeExampleCrm;
pub use faults::{Fault, Rule};
pub use function_process::FunctionProcess;
pub use http_event::http_api_v2_event;
pub use journal::Exchange;
pub use lambda_runtime_api::{Invocation, RuntimeApi};
pub use notes::{Notes, Rewrite, TooLong};
pub use pipedrive::{FakePipedrive, PipedriveUser, RefreshTokens, UninstallNotice, Usage};
pub use server::FakeCrm;
pub use traffic::record;
