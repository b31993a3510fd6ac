//! Contacts as the extension asks for them.

pub(crate) mod finding;
pub(crate) mod lists;
pub(crate) mod making;
pub(crate) mod remembering;

use serde_json::{Value, json};

use super::{Crm, Desk, words};

const NUMBER: &str = "+14155550177";

/// The offer to make a contact, as App Connect's server has it.
fn offer() -> Value {
    json!({"id": "createNewContact", "name": "Create new contact...", "isNewContact": true})
}

impl Desk {
    /// Makes a contact; gives its id.
    async fn make(&self, name: &str, phone: &str) -> String {
        let new = json!({"phoneNumber": phone, "newContactName": name});
        let made = self.ask("POST", "/contact", &new).await;
        let reply = made.json();
        assert_eq!((made.status, &reply["successful"]), (200, &json!(true)));
        reply["contact"]["id"].as_str().expect("an id").to_owned()
    }

    /// Makes a contact in the CRM, as somebody there does.
    async fn make_in_crm(&self, name: &str, phone: &str) {
        let new = json!({"phoneNumber": phone, "newContactName": name});
        self.directly("createContact", new).await;
        self.server().clear_journal();
    }

    /// A search that succeeds: what it found.
    async fn found(&self, path: &str) -> Vec<Value> {
        let answer = self.get(path).await;
        let reply = answer.json();
        assert_eq!((answer.status, &reply["successful"]), (200, &json!(true)));
        words(&reply);
        reply["contact"].as_array().expect("a list").clone()
    }

    /// The names of those with the number, without the offer, in the order of the alphabet.
    async fn names(&self, path: &str) -> Vec<String> {
        names_of(self.found(path).await)
    }

    /// A contact as it is found.
    fn contact(&self, id: &str, name: &str, phone: &str) -> Value {
        let kind = self.crm.kind();
        json!({"id": id, "name": name, "type": kind, "phone": phone, "isNewContact": false})
    }
}

fn names_of(mut found: Vec<Value>) -> Vec<String> {
    assert_eq!(found.pop(), Some(offer()), "the offer is the last");
    let name = |contact: &Value| contact["name"].as_str().expect("a name").to_owned();
    let mut names: Vec<_> = found.iter().map(name).collect();
    names.sort();
    names
}

/// Nothing that the extension spreads into a form is null.
fn assert_no_null(value: &Value) {
    match value {
        Value::Null => panic!("a null"),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        Value::Array(items) => items.iter().for_each(assert_no_null),
        Value::Object(fields) => fields.values().for_each(assert_no_null),
    }
}
