//! Types of activity: which one stands for texts, and which for calls.
//!
//! # Shape
//! An administrator or a user may name a type by its `key_string`. Else it is an active one whose
//! name or `key_string` has `sms` or `call` in it. Where there is none for texts, they are logged
//! with that for calls, as App Connect's server does; where there is neither, Pipedrive chooses. One
//! that is named is believed until Pipedrive refuses it: then it is as though it were not named.

use chrono::TimeDelta;
use daybook_core::cache::{Place, Within};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::wire::ActivityType;
use super::{PROFILE, Pipedrive, client, hosts};
use crate::{CrmAdapter as _, Ctx, Lack, Result};

/// The name of the list, as account data and in the cache.
pub(super) const KEY: &str = "activityTypes";
/// For how long the types of a company are believed.
const GOOD_FOR: TimeDelta = TimeDelta::hours(24);
/// From which age on they are asked for again where a type is refused.
const DOUBTED: TimeDelta = TimeDelta::minutes(1);
/// From which age on they are asked for again where there is none for a kind. The list costs as
/// much as four logs, and a company may do without such a type.
const MISSED: TimeDelta = TimeDelta::minutes(10);

/// What the activity is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Texts.
    Sms,
    /// A call.
    Call,
}

/// The types that an administrator has named.
#[derive(Debug, Default)]
pub(super) struct TypeNames {
    pub(super) sms: Option<String>,
    pub(super) call: Option<String>,
}

/// The types of a company, and when they were told, in seconds since 1970.
#[derive(Serialize, Deserialize)]
struct Known {
    at: i64,
    types: Vec<Type>,
}

/// An active type.
#[derive(Serialize, Deserialize)]
struct Type {
    key: String,
    name: String,
}

impl Kind {
    /// What the name of its type has in it.
    const fn word(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Call => "call",
        }
    }

    /// The user's setting that names its type.
    const fn setting(self) -> &'static str {
        match self {
            Self::Sms => "pipedriveSmsType",
            Self::Call => "pipedriveCallType",
        }
    }

    /// What is told where there is none, or none of the key that is `named`.
    const fn lack(self, is_named: bool) -> Lack {
        match (self, is_named) {
            (Self::Sms, false) => Lack::TypeOfTexts,
            (Self::Call, false) => Lack::TypeOfCalls,
            (Self::Sms, true) => Lack::NamedTypeOfTexts,
            (Self::Call, true) => Lack::NamedTypeOfCalls,
        }
    }
}

/// The `key_string` of the type for `kind`. One that is named is not looked up. Where there is none
/// of its own, the list is asked for again from time to time.
pub(super) async fn key(crm: &Pipedrive, ctx: &Ctx<'_>, kind: Kind) -> Result<Option<String>> {
    if let Some(named) = named(crm, ctx, kind) {
        return Ok(Some(named));
    }
    let mut known = known(crm, ctx, false).await?;
    if find(&known.types, kind).is_none() && known.is_older(ctx, MISSED) {
        known = self::known(crm, ctx, true).await?;
    }
    Ok(known.key(kind, named(crm, ctx, Kind::Call)))
}

/// The type to take for `kind` instead of the one that was `used` when Pipedrive refused an
/// activity; `None` where that is the right one still.
pub(super) async fn instead(
    crm: &Pipedrive,
    ctx: &Ctx<'_>,
    kind: Kind,
    used: Option<&str>,
) -> Result<Option<Option<String>>> {
    let mut known = known(crm, ctx, false).await?;
    if known.is_older(ctx, DOUBTED) {
        known = self::known(crm, ctx, true).await?;
    }
    let is_there = |key: &String| known.types.iter().any(|known| known.key == *key);
    let named = |kind| named(crm, ctx, kind).filter(is_there);
    let right = named(kind).or_else(|| known.key(kind, named(Kind::Call)));
    Ok((right.as_deref() != used).then_some(right))
}

/// The list as account data: in Pipedrive's words, and as the options of a form of App Connect's.
pub(super) async fn list(crm: &Pipedrive, ctx: &Ctx<'_>, refresh: bool) -> Result<Value> {
    let known = known(crm, ctx, refresh).await?;
    let told = |known: &Type| {
        let Type { key, name } = known;
        json!({"key_string": key, "name": name, "const": key, "title": name})
    };
    Ok(known.types.iter().map(told).collect())
}

/// For what the company has no type, or not the one that is named, asked anew.
pub(super) async fn lacks(crm: &Pipedrive, ctx: &Ctx<'_>) -> Result<Vec<Lack>> {
    let known = known(crm, ctx, true).await?;
    let lack = |kind: Kind| {
        let named = named(crm, ctx, kind);
        let is_there = match &named {
            Some(named) => known.types.iter().any(|known| known.key == *named),
            None => find(&known.types, kind).is_some(),
        };
        (!is_there).then(|| kind.lack(named.is_some()))
    };
    Ok([Kind::Sms, Kind::Call]
        .into_iter()
        .filter_map(lack)
        .collect())
}

impl Known {
    fn is_older(&self, ctx: &Ctx<'_>, age: TimeDelta) -> bool {
        ctx.clock.now().timestamp() - self.at >= age.num_seconds()
    }

    /// The type that is found for `kind`, else the one for calls, which may be `named`.
    fn key(&self, kind: Kind, named: Option<String>) -> Option<String> {
        let found = |kind| find(&self.types, kind).map(|found| found.key.clone());
        found(kind).or(named).or_else(|| found(Kind::Call))
    }
}

fn named(crm: &Pipedrive, ctx: &Ctx<'_>, kind: Kind) -> Option<String> {
    let setting = ctx.user.settings.get(kind.setting());
    let chosen = setting.and_then(|setting| setting.get("value")?.as_str());
    let configured = match kind {
        Kind::Sms => &crm.type_names.sms,
        Kind::Call => &crm.type_names.call,
    };
    let chosen = chosen.map(str::trim).filter(|chosen| !chosen.is_empty());
    chosen.map(str::to_owned).or_else(|| configured.clone())
}

fn find(types: &[Type], kind: Kind) -> Option<&Type> {
    let has = |text: &str| text.to_lowercase().contains(kind.word());
    let by_name = types.iter().find(|known| has(&known.name));
    by_name.or_else(|| types.iter().find(|known| has(&known.key)))
}

/// The types of the company, as they are remembered or, with `refresh`, as they are.
async fn known(crm: &Pipedrive, ctx: &Ctx<'_>, refresh: bool) -> Result<Known> {
    let tenant = crm.tenant(ctx.user);
    let place = Place {
        platform: PROFILE.id,
        tenant: &tenant,
        name: KEY,
    };
    let now = ctx.clock.now();
    let within = Within {
        now,
        deadline: ctx.deadline,
    };
    if !refresh
        && let Some(value) = ctx.cache.get(place, within).await
        && let Ok(known) = serde_json::from_value(value)
    {
        return Ok(known);
    }
    let url = hosts::url(crm, ctx, &["v1", "activityTypes"])?;
    let told = client::get::<Option<Vec<ActivityType>>>(ctx, url).await?;
    let active = told
        .data
        .into_iter()
        .flatten()
        .filter(|told| told.active_flag);
    let known = Known {
        at: now.timestamp(),
        types: active
            .map(|told| Type {
                key: told.key_string,
                name: told.name,
            })
            .collect(),
    };
    let value = json!(known);
    ctx.cache.put(place, &value, now + GOOD_FOR, within).await;
    Ok(known)
}
