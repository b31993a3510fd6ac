//! Voicemails, faxes, pictures and videos: their links stand in the note, and nobody's token.

use daybook_tests::params::{inbound, outbound};
use serde_json::{Value, json};

use super::{Place, handed_on};
use crate::expect::note;

super::signed_in![
    a_voicemail_has_its_link,
    faxes_have_their_links_without_a_token,
    pictures_and_videos_have_their_links,
    a_token_of_ringcentral_stays_nowhere,
];

const READER: &str = "https://ringcentral.github.io/ringcentral-media-reader/?media=";

fn content(id: u64) -> String {
    format!("https://media.ringcentral.com/restapi/v1.0/content/{id}")
}

/// Where a note leads for the content of an id.
fn reader(id: u64) -> String {
    let uri = content(id).replace(':', "%3A").replace('/', "%2F");
    format!("{READER}{uri}")
}

fn message(mut message: Value, kind: &str, attachments: Value) -> Value {
    message["type"] = json!(kind);
    message["subject"] = Value::Null;
    message["attachments"] = attachments;
    handed_on(message)
}

fn body(place: &Place, kind: &str, messages: Vec<Value>) -> Value {
    let mut body = place.body(messages);
    body["logInfo"]["type"] = json!(kind);
    body
}

async fn a_voicemail_has_its_link(place: &Place) {
    let link = format!("{READER}https%3A%2F%2Fmedia.ringcentral.com%2Fvoice");
    let attachments = json!([
        {"id": 1, "type": "AudioTranscription", "uri": content(1), "contentType": "text/plain"},
        {"id": 2, "type": "AudioRecording", "uri": content(2), "link": link, "vmDuration": 7},
    ]);
    let voicemail = inbound(1, "2015-02-18T13:01:00.000Z", "");
    let voicemail = message(voicemail, "VoiceMail", attachments);
    let ids = place.ids(&body(place, "VoiceMail", vec![voicemail])).await;
    assert_eq!(ids, ["1"]);
    let activity = place.world.only_activity().await;
    let subject = activity["subject"].as_str().expect("a subject");
    assert!(
        subject.starts_with("Voicemail left by Daisy Meadows"),
        "{subject}"
    );
    let note = note(&activity);
    assert!(
        note.contains(&format!("Voicemail: <a href=\"{link}\">")),
        "{note}"
    );
    assert!(!note.contains(&reader(1)), "{note}");
}

async fn faxes_have_their_links_without_a_token(place: &Place) {
    let rendered = |id: u64| {
        json!([
            {"id": id, "type": "RenderedDocument", "uri": content(id), "contentType": "application/pdf"},
            {"id": id + 10, "type": "SourceDocument", "uri": content(id + 10)},
        ])
    };
    let came = inbound(1, "2015-02-18T13:01:00.000Z", "");
    let went = outbound(2, "2015-02-18T13:02:00.000Z", "");
    let messages = vec![
        message(went, "Fax", rendered(2)),
        message(came, "Fax", rendered(1)),
    ];
    assert_eq!(place.ids(&body(place, "Fax", messages)).await, ["1", "2"]);
    let activity = place.world.only_activity().await;
    let note = note(&activity);
    for id in [1, 2] {
        let line = format!("Fax document: <a href=\"{}\">", reader(id));
        assert!(note.contains(&line), "{line}: {note}");
        assert!(!note.contains(&reader(id + 10)), "{note}");
    }
}

async fn pictures_and_videos_have_their_links(place: &Place) {
    let file = |id: u64, kind: &str| json!({"id": id, "type": "MmsAttachment", "uri": content(id), "contentType": kind});
    let attachments = json!([
        file(1, "image/jpeg"),
        file(2, "image/png"),
        file(3, "video/mp4"),
        {"id": 4, "type": "MmsAttachment", "uri": content(4)},
        {"id": 5, "type": "MmsAttachment", "contentType": "image/gif"},
        {"id": 6, "type": "Text", "contentType": "text/plain", "uri": content(6)},
    ]);
    let picture = inbound(1, "2015-02-18T13:01:00.000Z", "");
    let ids = place
        .ids(&place.body(vec![message(picture, "SMS", attachments)]))
        .await;
    assert_eq!(ids, ["1"]);
    let activity = place.world.only_activity().await;
    let note = note(&activity);
    for (what, id) in [("Image", 1), ("Image", 2), ("Video", 3), ("Attachment", 4)] {
        let line = format!("{what}: <a href=\"{}\">", reader(id));
        assert!(note.contains(&line), "{line}: {note}");
    }
    assert!(note.contains("Image (no link available)"), "{note}");
    assert!(!note.contains(&reader(6)), "{note}");
}

async fn a_token_of_ringcentral_stays_nowhere(place: &Place) {
    const SECRET: &str = "U0pDMTFQMDFQQVMwMHxBQUFB";
    let link = format!("{}?access_token={SECRET}", content(1));
    let attachments = json!([{"type": "RenderedDocument", "uri": content(1), "link": link}]);
    let fax = inbound(1, "2015-02-18T13:01:00.000Z", "");
    let mut body = body(place, "Fax", vec![message(fax, "Fax", attachments)]);
    body["logInfo"]["rcAccessToken"] = json!(SECRET);
    assert_eq!(place.ids(&body).await, ["1"]);
    let activity = place.world.only_activity().await;
    assert!(note(&activity).contains(&reader(1)), "{activity:#}");
    assert!(!activity.to_string().contains(SECRET), "{activity:#}");
    let printed = place.world.output();
    assert!(!printed.contains(SECRET), "{printed}");
    assert!(!place.world.dump().await.contains(SECRET));
}
