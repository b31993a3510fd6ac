//! `GET /licenseStatus`. No CRM that is known here sells licences of its own, so that every user
//! who is signed in has one.

use daybook_store::StoreError;
use serde_json::json;

use super::ClientCall;
use crate::reply::{License, Reply};

pub(super) async fn handle(call: &ClientCall<'_>) -> Result<Reply, StoreError> {
    let signed_in = call.session().await?.filter(|user| !user.is_dead());
    let Some(signed_in) = signed_in else {
        return Ok(nobodys());
    };
    let crm = signed_in.adapter.profile().display_name;
    let status = Reply::json(json!(License {
        is_license_valid: true,
        license_status: "Valid",
        license_status_description: format!("{crm} needs no license of its own."),
    }));
    Ok(status.with_token(call.newer_token(&signed_in).await?))
}

/// The extension looks into the body, so that nobody's status is a 200 too.
fn nobodys() -> Reply {
    Reply::json(json!(License {
        is_license_valid: false,
        license_status: "Not signed in",
        license_status_description: "Connect your CRM account first.".to_owned(),
    }))
}
