//! The extension, as far as its requests and what it reads of the answers go.

use daybook_tests::world::{ClientAnswer, World};
use serde_json::{Value, json};

use super::reads;

/// The ids at RingCentral of who uses it.
const ACCOUNT: &str = "37439510";
const EXTENSION: &str = "130076004";

/// An extension that has signed in.
pub(super) struct Extension<'a> {
    pub(super) world: &'a World,
    token: String,
    /// Hashed, as the server has told it.
    account: String,
    extension: String,
}

impl<'a> Extension<'a> {
    /// Asks how its ids are hashed, and signs in with `sign_in`.
    pub(super) async fn start(
        world: &'a World,
        sign_in: impl AsyncFnOnce(&'a World) -> ClientAnswer,
    ) -> Self {
        let path = format!("/userInfoHash?extensionId={EXTENSION}&accountId={ACCOUNT}");
        let hashes = world.client("GET", &path, &[], "").await;
        let (extension, account) = reads::identity(&hashes);
        let path = format!("/user/preloadSettings?rcAccountId={account}");
        reads::pre_settings(&world.client("GET", &path, &[], "").await);
        let token = reads::sign_in(&sign_in(world).await);
        Self {
            world,
            token,
            account,
            extension,
        }
    }

    /// The path of a request, with the token and what comes after it. Nothing is encoded.
    pub(super) fn path(&self, path: &str, query: &str) -> String {
        let and = if query.is_empty() { "" } else { "&" };
        format!("{path}?jwtToken={}{and}{query}", self.token)
    }

    /// Sends a request. A body of `null` is none.
    pub(super) async fn ask(
        &self,
        method: &str,
        path: &str,
        query: &str,
        body: &Value,
    ) -> ClientAnswer {
        let headers = [
            ("rc-extension-id", self.extension.as_str()),
            ("rc-account-id", self.account.as_str()),
            ("developer-author-name", "Daybook"),
            (
                "origin",
                "chrome-extension://aonapmakiajlakjgpnglcnlpdnlcbpph",
            ),
        ];
        let body = match body.is_null() {
            true => String::new(),
            false => body.to_string(),
        };
        let path = self.path(path, query);
        self.world.client(method, &path, &headers, &body).await
    }

    pub(super) async fn get(&self, path: &str, query: &str) -> ClientAnswer {
        self.ask("GET", path, query, &Value::Null).await
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> ClientAnswer {
        self.ask("POST", path, "", body).await
    }

    /// Looks a number up, whose `+` is not encoded.
    pub(super) async fn look_up(&self, number: &str, is_extension: bool) -> ClientAnswer {
        let query = format!("phoneNumber={number}&overridingFormat=&isExtension={is_extension}");
        self.get("/contact", &query).await
    }

    /// The contacts of a number, without the choice to make a new one.
    pub(super) async fn matched(&self, number: &str) -> Vec<Value> {
        let mut contacts = reads::contacts(&self.look_up(number, false).await);
        contacts.retain(|contact| contact["isNewContact"] != true);
        contacts
    }

    /// The logs of sessions.
    pub(super) async fn call_logs(&self, sessions: &[&str], details: bool) -> Vec<Value> {
        let query = format!("sessionIds={}&requireDetails={details}", sessions.join(","));
        reads::call_logs(&self.get("/callLog", &query).await, sessions)
    }

    /// Logs a conversation's day to a contact: the ids that were logged.
    pub(super) async fn log_messages(&self, log_info: Value, contact: &Value) -> Vec<String> {
        let body = message_log(log_info, contact);
        let answer = self.post("/messageLog", &body).await;
        let reply = reads::message_log(&answer);
        assert_eq!(reply["successful"], true, "{reply}");
        let ids = reply["logIds"].as_array().expect("a list").iter();
        let ids = ids.map(|id| id.as_str().expect("a text").to_owned());
        ids.collect()
    }
}

/// The body of a request that logs messages to a contact.
pub(super) fn message_log(log_info: Value, contact: &Value) -> Value {
    json!({
        "logInfo": log_info,
        "additionalSubmission": {},
        "overridingFormat": [],
        "contactId": contact["id"],
        "contactType": contact["type"],
        "contactName": contact["name"],
    })
}

/// The body of a request that logs a call with a contact.
pub(super) fn call_log(log_info: Value, note: &str, contact: &Value) -> Value {
    json!({
        "logInfo": log_info,
        "note": note,
        "additionalSubmission": {},
        "overridingFormat": [],
        "contactId": contact["id"],
        "contactType": contact["type"],
        "contactName": contact["name"],
    })
}
