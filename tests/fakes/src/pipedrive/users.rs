//! Users and activity types, which v1 alone tells.

use serde_json::{Value, json};

use super::PipedriveUser;
use super::call::{Call, Outcome, told};
use super::refusal::Refusal;
use super::state::{Record, number, record};

/// A user as v1 tells one.
pub(super) fn new_user(user: &PipedriveUser) -> Record {
    record(json!({
        "id": user.id, "name": user.name, "default_currency": "USD", "locale": "en_US", "lang": 1,
        "email": format!("user{}@example.com", user.id), "phone": null, "activated": true,
        "last_login": "2026-01-02 08:45:56", "created": "2025-01-02 09:16:26",
        "modified": "2026-01-02 08:45:56", "has_created_company": false,
        "access": [{"app": "sales", "admin": false,
            "permission_set_id": "62cc4d7f-4038-4352-abf3-a8c1c822b631"}],
        "active_flag": true, "timezone_name": user.zone, "timezone_offset": user.offset,
        "role_id": 1, "icon_url": null, "is_you": false, "is_deleted": false,
    }))
}

/// An activity type.
pub(super) fn new_type(id: usize, name: &str, key: &str, is_custom: bool) -> Record {
    record(json!({
        "id": id, "order_nr": id, "name": name, "key_string": key, "icon_key": "task",
        "active_flag": true, "color": "FFFFFF", "is_custom_flag": is_custom,
        "add_time": "2025-01-02 09:16:26", "update_time": "2025-01-02 09:16:26",
    }))
}

fn seen_by(mut user: Record, id: u64) -> Record {
    let is_you = number(&user, "id") == Some(id);
    user.insert("is_you".to_owned(), is_you.into());
    user
}

pub(super) fn me(call: &mut Call<'_>) -> Outcome {
    call.query.allow(&[])?;
    let mut users = call.company.users.iter();
    let user = users.find(|user| number(user, "id") == Some(call.user));
    let mut me = seen_by(user.expect("who asks is a user").clone(), call.user);
    me.extend(record(json!({
        "company_id": call.company.id, "company_name": call.company.name,
        "company_domain": call.company.domain, "company_country": "US",
        "company_industry": "IT Services",
        "language": {"language_code": "en", "country_code": "US"},
    })));
    told(me)
}

pub(super) fn get(call: &mut Call<'_>) -> Outcome {
    call.query.allow(&[])?;
    let id = call.number("user")?;
    let mut users = call.company.users.iter();
    let found = users.find(|user| number(user, "id") == Some(id));
    let user = found.ok_or_else(|| Refusal::not_found("user"))?;
    told(seen_by(user.clone(), call.user))
}

pub(super) fn list(call: &mut Call<'_>) -> Outcome {
    call.query.allow(&[])?;
    let users = call.company.users.iter();
    let seen = users.map(|user| Value::from(seen_by(user.clone(), call.user)));
    told(seen.collect::<Vec<_>>())
}

pub(super) fn types(call: &mut Call<'_>) -> Outcome {
    call.query.allow(&[])?;
    let types = call.company.types.iter().cloned().map(Value::from);
    told(types.collect::<Vec<_>>())
}
