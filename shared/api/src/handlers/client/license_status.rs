//! `GET /licenseStatus`. No CRM that is known here sells licences of its own, so that every user
//! who is signed in has one.

use serde_json::json;

use super::SignedIn;
use crate::reply::Reply;

pub(super) fn handle(signed_in: &SignedIn) -> Reply {
    let crm = signed_in.adapter.profile().display_name;
    Reply::json(json!({
        "isLicenseValid": true,
        "licenseStatus": "Valid",
        "licenseStatusDescription": format!("{crm} needs no license of its own."),
    }))
}

/// The extension looks into the body, so that nobody's status is a 200 too.
pub(super) fn without_session() -> Reply {
    Reply::json(json!({
        "isLicenseValid": false,
        "licenseStatus": "Not signed in",
        "licenseStatusDescription": "Connect your CRM account first.",
    }))
}
