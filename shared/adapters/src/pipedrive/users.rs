//! Who Pipedrive's users are, and how they sign in.

use daybook_core::message::clean_line;
use serde_json::{Map, Value};
use url::Url;

use super::wire::{Colleague, Me};
use super::{Pipedrive, client, hosts};
use crate::oauth::OAuthApp;
use crate::{Authorization, CrmUser, Ctx, OAuth, Result, UserInfo};

/// Our registration at Pipedrive.
#[derive(Debug)]
pub(super) struct Registration {
    pub(super) app: OAuthApp,
    /// Where users allow us to act for them.
    pub(super) authorize: Url,
    /// In place of every company's own address, where it is set.
    pub(super) api: Option<Url>,
}

impl OAuth for Registration {
    fn app(&self) -> &OAuthApp {
        &self.app
    }

    fn authorization(&self) -> Authorization {
        Authorization {
            url: self.authorize.clone(),
            scopes: &[],
        }
    }

    fn hostname(&self, answer: &Map<String, Value>) -> Result<Option<String>> {
        hosts::of_answer(self.api.as_ref(), answer)
    }
}

pub(super) async fn get_info(crm: &Pipedrive, ctx: &Ctx<'_>) -> Result<UserInfo> {
    let url = hosts::url(crm, ctx, &["v1", "users", "me"])?;
    let me = client::get::<Me>(ctx, url).await?.data;
    me.info(ctx.user.hostname.as_deref())
}

/// Those who can sign in.
pub(super) async fn list(crm: &Pipedrive, ctx: &Ctx<'_>) -> Result<Vec<CrmUser>> {
    let url = hosts::url(crm, ctx, &["v1", "users"])?;
    let users = client::get::<Option<Vec<Colleague>>>(ctx, url).await?.data;
    let active = users.into_iter().flatten().filter(|user| user.active_flag);
    let told = |user: Colleague| CrmUser {
        id: user.id.to_string(),
        name: clean_line(&user.name),
        email: user.email,
    };
    Ok(active.map(told).collect())
}
