//! `make forget`: removes a user with everything that belongs to them.

use daybook_api::app::App;
use daybook_core::config::Vars;
use daybook_core::ids::{CrmUserId, TenantId};
use daybook_core::time::Deadline;
use daybook_core::user::UserKey;
use daybook_store::forget::{Progress, forget_user};
use daybook_store::items::StoredUser;

use crate::command;
use crate::config::LocalConfig;

/// Signs the user out and removes what the table holds of them. `tenant` is needed where several
/// companies have a user of this id, or where none has signed in. `progress` is told how far it is.
///
/// # Errors
/// Words for a terminal.
pub async fn forget(
    config: &LocalConfig,
    vars: &Vars<'_>,
    user: &str,
    tenant: Option<&str>,
    progress: &mut (dyn FnMut(Progress) + Send),
) -> Result<String, Box<dyn std::error::Error>> {
    let app = command::app(config, vars).await?;
    let (platform, id) = platform_of(&app, user)?;
    let deadline = || app.deadline();
    let known = app.users.store(deadline()).of_id(platform, &id).await?;
    let key = key_of(platform, id, &known, tenant)?;
    let mut told = String::new();
    if let Some(stored) = known.into_iter().find(|stored| stored.key() == key)
        && !sign_out(&app, stored, deadline()).await?
    {
        told = format!(
            "\n{platform} could not be told that its grant is over: remove the app in its settings."
        );
    }
    let forgotten = forget_user(&app.table, app.clock.as_ref(), &key, progress).await?;
    Ok(format!(
        "Forgot {user}: {} items were removed.{told}",
        forgotten.items
    ))
}

async fn sign_out(
    app: &App,
    stored: StoredUser,
    deadline: Deadline,
) -> Result<bool, Box<dyn std::error::Error>> {
    let Some(adapter) = app.registry.get(&stored.platform).cloned() else {
        return Ok(stored.grant.is_none());
    };
    Ok(app
        .users
        .sign_out(adapter.as_ref(), stored, deadline)
        .await?)
}

/// The platform of a user, who is `<crm user id>-<platform>`.
fn platform_of(app: &App, user: &str) -> Result<(&'static str, CrmUserId), String> {
    let offered = || app.registry.platforms();
    let platform = offered().find(|platform| {
        user.strip_suffix(platform)
            .and_then(|rest| rest.strip_suffix('-'))
            .is_some_and(|id| !id.is_empty())
    });
    let platform = platform.ok_or_else(|| {
        let offered = offered().collect::<Vec<_>>().join(", ");
        format!("a user is named as <crm user id>-<platform>, with a platform of {offered}")
    })?;
    let id = CrmUserId::parse(user).ok_or("a user is named")?;
    Ok((platform, id))
}

fn key_of(
    platform: &str,
    id: CrmUserId,
    known: &[StoredUser],
    tenant: Option<&str>,
) -> Result<UserKey, String> {
    let named = tenant.and_then(TenantId::parse);
    let tenant = match (named, known) {
        (Some(tenant), _) => tenant,
        (None, [one]) => one.tenant.clone(),
        (None, []) => {
            return Err(format!(
                "nobody with the id {id} has signed in; to remove what was logged with credentials \
                 of a caller, name the company with TENANT=…"
            ));
        }
        (None, several) => {
            let tenants: Vec<_> = several.iter().map(|one| one.tenant.as_str()).collect();
            return Err(format!(
                "several companies have a user {id}; name one with TENANT=…: {}",
                tenants.join(", ")
            ));
        }
    };
    Ok(UserKey {
        platform: platform.to_owned(),
        tenant,
        id,
    })
}
