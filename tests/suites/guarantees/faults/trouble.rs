//! The ways in which a CRM misbehaves, and the call that is struck.

use std::time::{Duration, SystemTime};

use daybook_fakes::{Fault, Rule};
use daybook_tests::crm::{Crm, Kind, current};
use http::Method;
use serde_json::json;

/// The call of the CRM that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    /// The write that makes an activity.
    Create,
    /// The read of an activity that is to be written.
    Read,
    /// The write to an activity.
    Update,
    /// The search for an activity whose create was applied and not answered.
    Look,
    /// The read of an activity after a write that was applied and not answered.
    Reread,
}

impl Call {
    pub(crate) const ALL: [Self; 5] = [
        Self::Create,
        Self::Read,
        Self::Update,
        Self::Look,
        Self::Reread,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Read => "update_read",
            Self::Update => "update",
            Self::Look => "create_look",
            Self::Reread => "update_reread",
        }
    }

    /// Whether the digest has no activity yet.
    pub(crate) fn is_create(self) -> bool {
        match self {
            Self::Create | Self::Look => true,
            Self::Read | Self::Update | Self::Reread => false,
        }
    }

    /// Whether it follows on a write of which nobody knows whether it was applied.
    pub(crate) fn follows_on_doubt(self) -> bool {
        match self {
            Self::Look | Self::Reread => true,
            Self::Create | Self::Read | Self::Update => false,
        }
    }

    fn strike(self, fault: Fault) -> Rule {
        let (rule, crm) = (Rule::new(fault), current());
        match self {
            Self::Create => rule.on(Method::POST, crm.activities()),
            Self::Update => rule.method(Method::PATCH),
            Self::Look => rule.method(Method::GET).path_contains(crm.search()),
            Self::Read | Self::Reread => rule.on(Method::GET, &format!("{}/", crm.activities())),
        }
    }
}

/// What happens to the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    Status401,
    Status403,
    Firewall403,
    Status404,
    Status409,
    Status413,
    Status422,
    Status429,
    Status429Seconds,
    Status429Date,
    Status500,
    Proxy502,
    Status503,
    Status503Seconds,
    Applied500,
    NoConnection,
    DroppedBefore,
    DroppedAfter,
    HangThenApply,
    CutBody,
    Page,
    AppliedPage,
    ErrorInside,
    AppliedErrorInside,
    Redirect,
    AppliedNoId,
    AppliedNullId,
    AppliedEmpty,
    AppliedNoContent,
}

/// After how long a CRM applies what it hangs on: long after everybody has stopped listening.
pub(crate) const HANGS: Duration = Duration::from_secs(30);

const PAGE: &str = "<!doctype html><title>Attention required</title><h1>Access denied</h1>";

impl Trouble {
    /// All of them, with their names.
    pub(crate) const ALL: [(Self, &str); 29] = [
        (Self::Status401, "status_401"),
        (Self::Status403, "status_403"),
        (Self::Firewall403, "status_403_of_a_firewall"),
        (Self::Status404, "status_404"),
        (Self::Status409, "status_409"),
        (Self::Status413, "status_413"),
        (Self::Status422, "status_422"),
        (Self::Status429, "status_429"),
        (Self::Status429Seconds, "status_429_for_seconds"),
        (Self::Status429Date, "status_429_until_a_date"),
        (Self::Status500, "status_500"),
        (Self::Proxy502, "status_502_of_a_proxy"),
        (Self::Status503, "status_503"),
        (Self::Status503Seconds, "status_503_for_seconds"),
        (Self::Applied500, "applied_and_status_500"),
        (Self::NoConnection, "connection_refused"),
        (Self::DroppedBefore, "dropped_before_it_is_applied"),
        (Self::DroppedAfter, "dropped_after_it_is_applied"),
        (Self::HangThenApply, "hangs_and_is_applied_later"),
        (Self::CutBody, "answer_cut_off"),
        (Self::Page, "a_page_for_json"),
        (Self::AppliedPage, "applied_and_a_page_for_json"),
        (Self::ErrorInside, "an_error_inside_200"),
        (Self::AppliedErrorInside, "applied_and_an_error_inside_200"),
        (Self::Redirect, "a_redirect"),
        (Self::AppliedNoId, "applied_and_200_without_an_id"),
        (Self::AppliedNullId, "applied_and_200_with_an_id_of_null"),
        (Self::AppliedEmpty, "applied_and_200_without_a_body"),
        (Self::AppliedNoContent, "applied_and_status_204"),
    ];

    /// Whether the CRM acts on it after everybody has stopped listening.
    pub(crate) fn lingers(self) -> bool {
        self == Self::HangThenApply
    }

    /// Has `call` go wrong in this way, every time.
    pub(crate) async fn begin(self, crm: &Crm, call: Call) {
        match (self.fault(crm.kind(), call), call) {
            (Some(fault), _) => crm.plan(call.strike(fault)),
            // The read before it still goes well.
            (None, Call::Update) => crm.plan(Call::Read.strike(Fault::LastAnswer)),
            (None, Call::Create | Call::Read | Call::Look | Call::Reread) => {
                crm.refuse_connections().await;
            }
        }
    }

    /// The fault; none where nobody can connect.
    pub(super) fn fault(self, crm: Kind, call: Call) -> Option<Fault> {
        let json = [("content-type", "application/json")];
        let html = [("content-type", "text/html; charset=utf-8")];
        let error = json!({"error": {"code": "limit", "message": "Something went wrong."}});
        let refusal = json!({"error": {"code": "invalid", "field": "note"}}).to_string();
        let answer = |activity| crm.answer(activity, call == Call::Look);
        Some(match self {
            Self::Status401 => Fault::status_with(401, &json, error.to_string()),
            Self::Status403 => Fault::status_with(403, &json, error.to_string()),
            Self::Firewall403 => Fault::status_with(403, &html, PAGE),
            Self::Status404 => Fault::status_with(404, &json, error.to_string()),
            Self::Status409 => Fault::status_with(409, &json, error.to_string()),
            Self::Status413 => Fault::status(413),
            Self::Status422 => Fault::status_with(422, &json, refusal),
            Self::Status429 => Fault::status(429),
            Self::Status429Seconds => Fault::rate_limited("2"),
            Self::Status429Date => {
                let at = SystemTime::now() + Duration::from_secs(3);
                Fault::rate_limited(&httpdate::fmt_http_date(at))
            }
            Self::Status500 => Fault::status_with(500, &json, error.to_string()),
            Self::Proxy502 => Fault::status_with(502, &html, PAGE),
            Self::Status503 => Fault::status(503),
            Self::Status503Seconds => Fault::status_with(503, &[("retry-after", "7")], ""),
            Self::Applied500 => Fault::status_after_with(500, &json, error.to_string()),
            Self::NoConnection => return None,
            Self::DroppedBefore => Fault::DropBefore,
            Self::DroppedAfter => Fault::DropAfter,
            Self::HangThenApply => Fault::HangThenApply(HANGS),
            Self::CutBody => Fault::CutBody { after_bytes: 20 },
            Self::Page => Fault::status_with(200, &html, PAGE),
            Self::AppliedPage => Fault::html(200, PAGE),
            Self::ErrorInside => Fault::status_with(200, &json, error.to_string()),
            Self::AppliedErrorInside => Fault::json(200, &error),
            // Whoever follows it calls the CRM once more.
            Self::Redirect => Fault::status_with(307, &[("location", crm.activities())], ""),
            Self::AppliedNoId => Fault::json(200, &answer(json!({"note": ""}))),
            Self::AppliedNullId => Fault::json(200, &answer(json!({"id": null, "note": ""}))),
            Self::AppliedEmpty => Fault::status_after_with(200, &json, ""),
            Self::AppliedNoContent => Fault::status_after(204),
        })
    }
}

/// Has the write that `call` follows on be applied and not answered.
pub(crate) fn begin_doubt(crm: &Crm, call: Call) {
    match call {
        Call::Look => {
            crm.plan(Call::Create.strike(Fault::DropAfter));
            crm.plan(Call::Look.strike(Fault::DropBefore));
        }
        Call::Reread => crm.plan(Call::Update.strike(Fault::DropAfter)),
        Call::Create | Call::Read | Call::Update => panic!("{call:?} follows on no doubt"),
    }
}
