//! What stands in a fake CRM, as a person finds it: past its journal, its plan and its delay.

use serde_json::Value;

use crate::crm::Crm;

/// The activities of a contact, oldest first.
pub async fn activities_of(crm: &Crm, contact: u64) -> Vec<Value> {
    let mut activities = crm.activities().await;
    activities.retain(|activity| activity["contactId"] == contact);
    activities
}

/// The note of an activity, by the id that a reply names.
pub async fn note_of(crm: &Crm, log_id: &str) -> String {
    let id = log_id.parse().expect("the CRM's ids are numbers");
    crm.open_note(id).await
}

/// The note of an activity.
pub fn note(activity: &Value) -> &str {
    activity["note"].as_str().expect("a note")
}

/// What is wrong with a note in which these texts and no others have to stand, each once and in
/// this order, and counted.
pub fn wrong_with(note: &str, texts: &[impl AsRef<str>]) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut last = None;
    for text in texts {
        let text = text.as_ref();
        let times = note.matches(text).count();
        if times != 1 {
            wrong.push(format!("{text} stands {times} times"));
        }
        let place = note.find(text);
        if place < last {
            wrong.push(format!("{text} is out of order"));
        }
        last = last.max(place);
    }
    let counter = format!("Conversation({} messages)", texts.len());
    if note.matches(&counter).count() != 1 {
        wrong.push(format!("it does not say {counter}"));
    }
    wrong
}
