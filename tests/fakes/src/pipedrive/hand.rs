//! What people do at Pipedrive's own pages. It costs nothing and leaves no trace in the journal.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::{Method, Request, header};
use serde_json::{Value, json};
use url::Url;

use super::FakePipedrive;
use super::contacts::new_organization;
use super::demo::person;
use super::door::Hand;
use super::sales::{new_deal, new_lead};
use super::state::{Record, number};
use super::users::new_type;

/// What Pipedrive sends to the app's callback when a user uninstalls it, with `DELETE`.
#[derive(Clone, Debug)]
pub struct UninstallNotice {
    /// The header `Authorization`.
    pub authorization: String,
    /// The body.
    pub body: Value,
}

impl FakePipedrive {
    /// A user allows the app: where their browser is sent then, with a code.
    ///
    /// # Panics
    /// Where `redirect` is no address.
    pub fn allow(&self, user: u64, redirect: &str, state: Option<&str>) -> Url {
        let now = self.shared.now();
        let mut account = self.shared.account();
        let scopes = account.settings.scopes.clone();
        let code = account.grants.allow(user, redirect, &scopes, now);
        sent_back(redirect, ("code", &code), state)
    }

    /// A user does not allow the app: where their browser is sent then.
    ///
    /// # Panics
    /// Where `redirect` is no address.
    pub fn decline(&self, redirect: &str, state: Option<&str>) -> Url {
        sent_back(redirect, ("error", "user_denied"), state)
    }

    /// A user uninstalls the app, which ends all their tokens.
    ///
    /// # Panics
    /// Where there is no such user.
    pub fn uninstall(&self, user: u64) -> UninstallNotice {
        self.shared.account().grants.end(user);
        let mut users = Self::USERS.iter();
        let found = users.find(|known| known.id == user).expect("a user");
        let pair = format!("{}:{}", Self::CLIENT_ID, Self::CLIENT_SECRET);
        UninstallNotice {
            authorization: format!("Basic {}", BASE64_STANDARD.encode(pair)),
            body: json!({
                "client_id": Self::CLIENT_ID,
                "company_id": found.company_id,
                "user_id": user,
                "timestamp": self.shared.now().to_rfc3339(),
            }),
        }
    }

    /// Ends every grant.
    pub fn disconnect_all(&self) {
        self.shared.account().grants.end_all();
    }

    /// Ends every access token before its time; refresh tokens stay good.
    pub fn end_access_tokens(&self) {
        self.shared.account().grants.end_access();
    }

    /// All activities of the first company that are not deleted, oldest first.
    ///
    /// # Panics
    /// Where there are more than one page holds.
    pub async fn activities(&self) -> Vec<Value> {
        self.activities_by(Self::USERS[0].id).await
    }

    /// The same of the company of a user.
    ///
    /// # Panics
    /// As [`Self::activities`].
    pub async fn activities_by(&self, user: u64) -> Vec<Value> {
        let list = "activities?limit=500&include_fields=attendees";
        let page = self.hand_of(user, Method::GET, list, &Value::Null).await;
        assert!(page["additional_data"]["next_cursor"].is_null(), "a page");
        page["data"].as_array().expect("a list").clone()
    }

    /// An activity of the first company.
    pub async fn activity(&self, id: u64) -> Value {
        let path = format!("activities/{id}?include_fields=attendees");
        self.hand(Method::GET, &path, &Value::Null).await["data"].take()
    }

    /// The note of an activity, as a person opens it.
    pub async fn open_note(&self, id: u64) -> String {
        let activity = self.activity(id).await;
        activity["note"].as_str().expect("a note").to_owned()
    }

    /// A person saves the note of an activity.
    pub async fn save_note(&self, id: u64, note: &str) {
        self.edit_activity(id, &json!({"note": note})).await;
    }

    /// A person marks an activity as done, or not.
    pub async fn mark_done(&self, id: u64, is_done: bool) {
        self.edit_activity(id, &json!({"done": is_done})).await;
    }

    /// A person changes fields of an activity.
    pub async fn edit_activity(&self, id: u64, fields: &Value) {
        let path = format!("activities/{id}");
        self.hand(Method::PATCH, &path, fields).await;
    }

    /// A person makes an activity; returns its id.
    pub async fn add_activity(&self, fields: &Value) -> u64 {
        let made = self.hand(Method::POST, "activities", fields).await;
        made["data"]["id"].as_u64().expect("an id")
    }

    /// A person deletes an activity.
    pub async fn delete_activity(&self, id: u64) {
        let path = format!("activities/{id}");
        self.hand(Method::DELETE, &path, &Value::Null).await;
    }

    /// What the first user does with something of v2. A body of `null` is none.
    ///
    /// # Panics
    /// Where Pipedrive refuses it.
    pub async fn hand(&self, method: Method, path: &str, body: &Value) -> Value {
        self.hand_of(Self::USERS[0].id, method, path, body).await
    }

    async fn hand_of(&self, user: u64, method: Method, path: &str, body: &Value) -> Value {
        let body = match body.is_null() {
            true => Bytes::new(),
            false => body.to_string().into(),
        };
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/v2/{path}"))
            .header(header::CONTENT_TYPE, "application/json")
            .extension(Hand(user))
            .body(body)
            .expect("the request is valid");
        let answer = self.server.by_hand(request).await;
        let (status, body) = (answer.status(), answer.into_body());
        let said = String::from_utf8_lossy(&body);
        assert!(status.is_success(), "{status} {said}");
        serde_json::from_slice(&body).expect("it answers JSON")
    }

    /// A person of the first company, with one phone; returns the id.
    pub fn add_person(&self, name: &str, phone: &str, organization: Option<u64>) -> u64 {
        let mut made = person(name, phone, Self::USERS[0].id, self.shared.now());
        made.insert("org_id".to_owned(), organization.into());
        self.shared.account().companies[0].persons.add(made)
    }

    /// An organization of the first company; returns the id.
    pub fn add_organization(&self, name: &str) -> u64 {
        let made = new_organization(name, Self::USERS[0].id, self.shared.now());
        self.shared.account().companies[0].organizations.add(made)
    }

    /// An organization of the first company is deleted.
    ///
    /// # Panics
    /// Where there is no such organization.
    pub fn delete_organization(&self, id: u64) {
        let mut account = self.shared.account();
        let organization = account.companies[0].organizations.get_mut(id);
        let organization = organization.expect("an organization");
        organization.insert("is_deleted".to_owned(), true.into());
    }

    /// A deal of the first company, `open`, `won` or `lost`; returns the id.
    pub fn add_deal(&self, title: &str, status: &str, person: u64) -> u64 {
        let now = self.shared.now();
        let made = new_deal(title, status, person, Self::USERS[0].id, now);
        self.shared.account().companies[0].deals.add(made)
    }

    /// A lead of the first company; returns the id.
    pub fn add_lead(&self, title: &str, person: u64) -> String {
        let now = self.shared.now();
        let leads = &mut self.shared.account().companies[0].leads;
        let made = new_lead(leads.len() + 1, title, person, Self::USERS[0].id, now);
        let id = made["id"].as_str().expect("an id").to_owned();
        leads.push(made);
        id
    }

    /// Changes fields of a person of the first company, whatever Pipedrive would say to it.
    ///
    /// # Panics
    /// Where there is no such person.
    pub fn edit_person(&self, id: u64, fields: &Value) {
        let mut account = self.shared.account();
        let person = account.companies[0].persons.get_mut(id);
        let fields = fields.as_object().expect("an object").clone();
        person.expect("a person").extend(fields);
    }

    /// A person of the first company is deleted.
    ///
    /// # Panics
    /// Where there is no such person.
    pub fn delete_person(&self, id: u64) {
        self.edit_person(id, &json!({"is_deleted": true}));
    }

    /// An active activity type of the first company.
    pub fn add_type(&self, name: &str, key: &str) {
        let types = &mut self.shared.account().companies[0].types;
        types.push(new_type(types.len() + 1, name, key, true));
    }

    /// An activity type of the first company is switched off or on.
    ///
    /// # Panics
    /// Where there is no such type.
    pub fn set_type(&self, key: &str, is_active: bool) {
        let types = &mut self.shared.account().companies[0].types;
        let found = types.iter_mut().find(|known| known["key_string"] == key);
        let found = found.expect("a type");
        found.insert("active_flag".to_owned(), is_active.into());
    }

    /// A user's time zone and its offset, as Pipedrive tells them.
    ///
    /// # Panics
    /// Where there is no such user.
    pub fn set_zone(&self, user: u64, zone: &str, offset: &str) {
        let mut account = self.shared.account();
        let users = account.companies.iter_mut().flat_map(|one| &mut one.users);
        let is_this = |known: &&mut Record| number(known, "id") == Some(user);
        let found = users.into_iter().find(is_this).expect("a user");
        found.insert("timezone_name".to_owned(), zone.into());
        found.insert("timezone_offset".to_owned(), offset.into());
    }
}

fn sent_back(redirect: &str, (name, value): (&str, &str), state: Option<&str>) -> Url {
    let mut back = Url::parse(redirect).expect("an address");
    back.query_pairs_mut().append_pair(name, value);
    if let Some(state) = state {
        back.query_pairs_mut().append_pair("state", state);
    }
    back
}
