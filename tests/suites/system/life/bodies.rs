//! What the extension's version 1.6.6 sends: the widget's records as they are, times of messages in
//! milliseconds, ids as numbers or texts, and messages newest first.

use chrono::DateTime;
use serde_json::{Value, json};

/// The user's own number.
pub(super) const OWN: &str = "+18885550052";
/// The number of Daisy Meadows, the contact 1001.
pub(super) const DAISY: &str = "+16505553204";
/// A token of the user at RingCentral, which stays where it is.
pub(super) const RC_TOKEN: &str = "a-token-of-the-user-at-RingCentral";

/// Noon of the day of a life in the user's zone, as Unix time in milliseconds.
fn noon() -> i64 {
    let noon = DateTime::parse_from_rfc3339("2026-03-04T20:00:00Z");
    noon.expect("a time").timestamp_millis()
}

/// A message of a conversation, `minute` minutes after noon.
#[derive(Clone, Copy)]
pub(super) struct Message<'a> {
    pub(super) id: u64,
    pub(super) minute: i64,
    pub(super) text: &'a str,
    /// The number that sent it.
    pub(super) from: &'a str,
    /// The number that got it.
    pub(super) to: &'a str,
}

impl Message<'_> {
    /// As a text.
    pub(super) fn sms(self, conversation: &str) -> Value {
        let time = noon() + self.minute * 60_000;
        let content = self.content(1);
        json!({
            "id": self.id,
            "to": [{"phoneNumber": self.to, "location": "San Mateo, CA", "target": true}],
            "from": {"phoneNumber": self.from},
            "type": "SMS",
            "creationTime": time,
            "lastModifiedTime": time + 1_500,
            "readStatus": "Read",
            "priority": "Normal",
            "attachments": [
                {"id": self.id, "uri": content, "type": "Text", "contentType": "text/plain"},
            ],
            "direction": if self.from == OWN { "Outbound" } else { "Inbound" },
            "availability": "Alive",
            "subject": self.text,
            "messageStatus": if self.from == OWN { "Sent" } else { "Received" },
            "conversationId": conversation,
        })
    }

    /// With a picture.
    pub(super) fn mms(self, conversation: &str) -> Value {
        let mut message = self.sms(conversation);
        let picture = json!({
            "id": self.id + 1, "uri": self.content(2), "type": "MmsAttachment",
            "contentType": "image/jpeg", "fileName": "garden.jpg", "size": 48_211,
        });
        let attachments = message["attachments"].as_array_mut().expect("a list");
        attachments.push(picture);
        message
    }

    /// As a voicemail, of which the widget has made a link.
    pub(super) fn voicemail(self) -> Value {
        let mut message = self.sms(&self.id.to_string());
        message["type"] = json!("VoiceMail");
        message["vmTranscriptionStatus"] = json!("NotAvailable");
        message["attachments"] = json!([{
            "id": self.id, "uri": self.content(1), "link": media_reader(&self.content(1)),
            "type": "AudioRecording", "contentType": "audio/mpeg", "vmDuration": 9,
        }]);
        message
    }

    /// As a fax, of which the widget has made a link.
    pub(super) fn fax(self) -> Value {
        let mut message = self.sms(&self.id.to_string());
        message["type"] = json!("Fax");
        message["faxPageCount"] = json!(2);
        message["faxResolution"] = json!("High");
        message["attachments"] = json!([{
            "id": self.id, "uri": self.content(1), "link": media_reader(&self.content(1)),
            "type": "RenderedDocument", "contentType": "application/pdf",
        }]);
        message
    }

    /// Where RingCentral has the content of the message.
    pub(super) fn content(self, number: u64) -> String {
        let id = self.id;
        format!(
            "https://media.ringcentral.com/restapi/v1.0/account/37439510/extension/1/\
             message-store/{id}/content/{number}"
        )
    }
}

/// The page of RingCentral that plays or shows a content.
pub(super) fn media_reader(content: &str) -> String {
    let content: String = url::form_urlencoded::byte_serialize(content.as_bytes()).collect();
    format!("https://ringcentral.github.io/ringcentral-media-reader/?media={content}")
}

/// The item of a conversation's day. `messages` are oldest first.
pub(super) fn conversation(id: &str, kind: &str, messages: &[Value], with: Value) -> Value {
    let newest_first: Vec<_> = messages.iter().rev().collect();
    json!({
        "conversationLogId": format!("{id}/3/4/2026"),
        "conversationId": id,
        "creationTime": newest_first[0]["creationTime"],
        "date": "3/4/2026",
        "type": kind,
        "messages": newest_first,
        "conversationLogMatches": [],
        "self": {"phoneNumber": OWN, "name": "Demo Rep"},
        "correspondents": with,
    })
}

/// A call as the widget has it once it is over, of Daisy Meadows.
pub(super) fn call_record(session: &str) -> Value {
    json!({
        "id": "AQm3zlBd2hVXbUA",
        "uri": "https://platform.ringcentral.com/restapi/v1.0/account/37439510/call-log/AQm3zlBd2hVXbUA",
        "sessionId": session,
        "telephonySessionId": "s-a0d17cb81b0e6z19c5ce7a1d0z1a4cb0000",
        "startTime": noon() - 3_600_000,
        "duration": 65,
        "type": "Voice",
        "direction": "Inbound",
        "action": "Phone Call",
        "result": "Disconnected",
        "from": {"phoneNumber": DAISY, "name": "Daisy Meadows", "location": "San Mateo, CA"},
        "to": {"phoneNumber": OWN, "name": "Demo Rep"},
        "customSubject": "Inbound Call from Daisy Meadows",
        "recording": {"link": "(pending...)", "expiry": noon() + 30 * 86_400_000},
    })
}
