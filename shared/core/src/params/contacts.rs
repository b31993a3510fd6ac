//! The parameters of `findContact`, `findContactWithName`, `createContact`, `getUserList` and
//! `getAccountData`.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::caller::{Caller, WireCaller};
use super::credentials::AuthHeader;
use super::wire::{line, phone};
use crate::error::RequestError;
use crate::json;
use crate::limits::{
    MAX_DATA_KEYS, MAX_FORMATS, MAX_NAME_BYTES, MAX_PHONE_BYTES, MAX_TYPE_BYTES, too_long,
};
use crate::phone::PhoneNumber;
use crate::user::User;

type Result<T> = std::result::Result<T, RequestError>;

const PHONE: &str = "phoneNumber";

/// A request for the contacts with a phone number.
///
/// # Shape
/// `formats` has at most [`MAX_FORMATS`] texts, none blank, in the order in which the user wrote
/// them. `Debug` shows no value.
///
/// # Source
/// App Connect's developer documents of findContact (read 2026-11-21).
#[derive(Clone)]
pub struct FindContactParams {
    /// On whose behalf.
    pub user: User,
    /// The credentials for the CRM, where the caller brings them.
    pub auth: Option<AuthHeader>,
    /// The number.
    pub phone: PhoneNumber,
    /// `overridingFormat`: how the user writes numbers in the CRM, with a `*` for each digit.
    pub formats: Vec<String>,
    /// `isExtension`: whether the number is one within the account.
    pub is_extension: bool,
}

/// A request for the contacts with a name. `Debug` shows no value.
///
/// # Source
/// App Connect's developer documents of findContactWithName (read 2026-11-21).
#[derive(Clone)]
pub struct FindContactWithNameParams {
    /// On whose behalf.
    pub user: User,
    /// The credentials for the CRM, where the caller brings them.
    pub auth: Option<AuthHeader>,
    /// The name, or a part of it, on one line.
    pub name: String,
}

/// A request to make a contact. `Debug` shows no value.
///
/// # Source
/// App Connect's developer documents of createContact (read 2026-11-21).
#[derive(Clone)]
pub struct CreateContactParams {
    /// On whose behalf.
    pub user: User,
    /// The credentials for the CRM, where the caller brings them.
    pub auth: Option<AuthHeader>,
    /// The contact's number.
    pub phone: PhoneNumber,
    /// `newContactName`, on one line.
    pub name: String,
    /// `newContactType`: the CRM's type of contact.
    pub kind: Option<String>,
    /// What the user filled in on the form that the manifest describes.
    pub additional_submission: Map<String, Value>,
}

/// A request for the users of the CRM. `Debug` shows no value.
///
/// # Source
/// App Connect's developer documents of getUserList (read 2026-11-21).
#[derive(Clone)]
pub struct UserListParams {
    /// On whose behalf.
    pub user: User,
    /// The credentials for the CRM, where the caller brings them.
    pub auth: Option<AuthHeader>,
}

/// A request for lists that a company has in its CRM.
///
/// # Shape
/// `keys` has 1 to [`MAX_DATA_KEYS`] names, each once. `Debug` shows no value.
///
/// # Source
/// The OpenAPI description of App Connect's server, `/accountData` (read 2026-11-21).
#[derive(Clone)]
pub struct AccountDataParams {
    /// On whose behalf.
    pub user: User,
    /// The credentials for the CRM, where the caller brings them.
    pub auth: Option<AuthHeader>,
    /// Which lists, such as `activityTypes`.
    pub keys: Vec<String>,
    /// `forceRefresh`: whether the CRM is asked though we know what it said.
    pub refresh: bool,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct WireFind {
    phone_number: Option<String>,
    overriding_format: Option<Texts>,
    is_extension: Option<Flag>,
}

#[derive(Deserialize, JsonSchema)]
struct WireName {
    name: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct WireNew {
    phone_number: Option<String>,
    new_contact_name: Option<String>,
    new_contact_type: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct WireData {
    keys: Option<Texts>,
    force_refresh: Option<Flag>,
}

impl FindContactParams {
    /// Reads the parameter object.
    ///
    /// # Errors
    /// [`RequestError`], naming the field.
    pub fn parse(body: &[u8]) -> Result<Self> {
        let caller = Caller::read(body)?;
        let wire: WireFind = json::read(body)?;
        let formats = texts("overridingFormat", wire.overriding_format);
        Ok(Self {
            user: caller.user,
            auth: caller.auth,
            phone: required_phone(wire.phone_number)?,
            formats: formats.most(MAX_FORMATS, MAX_PHONE_BYTES)?,
            is_extension: is_set(wire.is_extension),
        })
    }
}

impl FindContactWithNameParams {
    /// Reads the parameter object.
    ///
    /// # Errors
    /// [`RequestError`], naming the field.
    pub fn parse(body: &[u8]) -> Result<Self> {
        let caller = Caller::read(body)?;
        let wire: WireName = json::read(body)?;
        Ok(Self {
            user: caller.user,
            auth: caller.auth,
            name: required_line("name", wire.name)?,
        })
    }
}

impl CreateContactParams {
    /// Reads the parameter object.
    ///
    /// # Errors
    /// [`RequestError`], naming the field.
    pub fn parse(body: &[u8]) -> Result<Self> {
        let caller = Caller::read(body)?;
        json::read::<WireNew>(body)?.with(caller)
    }
}

impl WireNew {
    /// The request of a caller.
    pub(super) fn with(self, caller: Caller) -> Result<CreateContactParams> {
        Ok(CreateContactParams {
            user: caller.user,
            auth: caller.auth,
            phone: required_phone(self.phone_number)?,
            name: required_line("newContactName", self.new_contact_name)?,
            kind: line("newContactType", self.new_contact_type, MAX_TYPE_BYTES)?,
            additional_submission: caller.additional_submission,
        })
    }
}

impl UserListParams {
    /// Reads the parameter object.
    ///
    /// # Errors
    /// [`RequestError`], naming the field.
    pub fn parse(body: &[u8]) -> Result<Self> {
        let caller = Caller::read(body)?;
        Ok(Self {
            user: caller.user,
            auth: caller.auth,
        })
    }
}

impl AccountDataParams {
    /// Reads the parameter object.
    ///
    /// # Errors
    /// [`RequestError`], naming the field.
    pub fn parse(body: &[u8]) -> Result<Self> {
        let caller = Caller::read(body)?;
        let wire: WireData = json::read(body)?;
        Ok(Self {
            user: caller.user,
            auth: caller.auth,
            keys: keys(wire.keys)?,
            refresh: is_set(wire.force_refresh),
        })
    }
}

/// The names of lists, each once.
pub(super) fn keys(names: Option<Texts>) -> Result<Vec<String>> {
    let mut keys = texts("keys", names).most(MAX_DATA_KEYS, MAX_TYPE_BYTES)?;
    if keys.is_empty() {
        return Err(RequestError::missing("keys"));
    }
    keys.sort();
    keys.dedup();
    Ok(keys)
}

pub(super) fn required_phone(number: Option<String>) -> Result<PhoneNumber> {
    phone(PHONE, number.as_deref())?.ok_or_else(|| RequestError::missing(PHONE))
}

pub(super) fn required_line(field: &str, text: Option<String>) -> Result<String> {
    line(field, text, MAX_NAME_BYTES)?.ok_or_else(|| RequestError::missing(field))
}

/// Texts, as a list or, as in a query, in one text with commas between them.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Texts {
    List(Vec<String>),
    Joined(String),
}

/// Texts of a field, none of them blank.
pub(super) struct Named {
    field: &'static str,
    texts: Vec<String>,
}

pub(super) fn texts(field: &'static str, texts: Option<Texts>) -> Named {
    let texts = match texts {
        None => Vec::new(),
        Some(Texts::List(texts)) => texts,
        Some(Texts::Joined(texts)) => texts.split(',').map(str::to_owned).collect(),
    };
    let texts = texts.into_iter().map(|text| text.trim().to_owned());
    Named {
        field,
        texts: texts.filter(|text| !text.is_empty()).collect(),
    }
}

impl Named {
    /// At most `count` texts of at most `bytes` each.
    pub(super) fn most(self, count: usize, bytes: usize) -> Result<Vec<String>> {
        let Self { field, texts } = self;
        if texts.len() > count {
            let problem = format!("has more than {count} items");
            return Err(RequestError::field(field, problem));
        }
        match texts.iter().position(|text| text.len() > bytes) {
            Some(index) => {
                let item = format!("{field}[{index}]");
                Err(RequestError::field(item, too_long(bytes)))
            }
            None => Ok(texts),
        }
    }
}

/// A truth value, or its name as a query has it.
#[derive(Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Flag {
    Value(bool),
    Name(String),
}

pub(super) fn is_set(flag: Option<Flag>) -> bool {
    match flag {
        None => false,
        Some(Flag::Value(value)) => value,
        Some(Flag::Name(name)) => name.trim().eq_ignore_ascii_case("true"),
    }
}

crate::described!(FindContactParams as "FindContact": WireCaller, WireFind; needs "user", "phoneNumber");
crate::described!(FindContactWithNameParams as "FindContactWithName": WireCaller, WireName; needs "user", "name");
crate::described!(CreateContactParams as "CreateContact": WireCaller, WireNew; needs "user", "phoneNumber", "newContactName");
crate::described!(UserListParams as "GetUserList": WireCaller; needs "user");
crate::described!(AccountDataParams as "GetAccountData": WireCaller, WireData; needs "user", "keys");

// Numbers and names.
crate::conceal!(
    FindContactParams,
    FindContactWithNameParams,
    CreateContactParams,
    UserListParams,
    AccountDataParams
);

#[cfg(test)]
mod tests;
