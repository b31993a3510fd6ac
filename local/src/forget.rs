//! `make forget`: removes a user with everything that belongs to them.

use daybook_adapters::AuthKind;
use daybook_adapters::registry::Registry;
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
    let (platform, id) = platform_of(user)?;
    let app = command::app(config, vars).await?;
    let deadline = || app.deadline();
    let known = app.users.store(deadline()).of_id(platform, &id).await?;
    let key = key_of(platform, id, &known, tenant)?;
    let stored = known.into_iter().find(|stored| stored.key() == key);
    let stays = match stored {
        Some(stored) => sign_out(&app, vars, stored, deadline()).await?,
        None => None,
    };
    let told = stays.map_or_else(String::new, |why| {
        format!(
            "\n{platform} could not be told that its grant is over, because {why}: remove the app \
             in its settings."
        )
    });
    let forgotten = forget_user(&app.table, app.clock.as_ref(), &key, progress).await?;
    Ok(format!(
        "Forgot {user}: {} items were removed.{told}",
        forgotten.items
    ))
}

/// Ends the session. Says why the CRM could not be told that its grant is over, where there is one.
async fn sign_out(
    app: &App,
    vars: &Vars<'_>,
    stored: StoredUser,
    deadline: Deadline,
) -> Result<Option<&'static str>, Box<dyn std::error::Error>> {
    let has_grant = stored.grant.is_some();
    let Some(adapter) = app.registry.get(&stored.platform).cloned() else {
        return Ok(has_grant.then_some("PLATFORMS does not name it any more"));
    };
    let adapter = adapter.as_ref();
    let given_back = app.users.sign_out(adapter, stored, deadline).await?;
    Ok(match adapter.auth() {
        AuthKind::OAuth(_) if given_back => None,
        AuthKind::OAuth(_) if command::opens_sealed(vars) => {
            Some("it did not answer, or what is kept of it could not be opened")
        }
        AuthKind::OAuth(_) => Some("neither SEALING_KMS_KEY nor SEALING_KEYS is set"),
        // A key is the user's own, and goes with the item.
        AuthKind::ApiKey(_) => None,
    })
}

/// The platform of a user, who is `<crm user id>-<platform>`.
fn platform_of(user: &str) -> Result<(&'static str, CrmUserId), String> {
    // What was once on offer may have left users behind.
    let platform = Registry::known_platforms().find(|platform| {
        user.strip_suffix(platform)
            .and_then(|rest| rest.strip_suffix('-'))
            .is_some_and(|id| !id.is_empty())
    });
    let platform = platform.ok_or_else(|| {
        let known: Vec<_> = Registry::known_platforms().collect();
        let known = known.join(", ");
        format!("a user is named as <crm user id>-<platform>, with a platform of {known}")
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
