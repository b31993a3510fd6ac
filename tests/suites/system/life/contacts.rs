//! Contacts: matched by their number, searched by their name, and made.

use serde_json::{Value, json};

use super::bodies::DAISY;
use super::extension::Extension;
use super::reads;

/// The number of somebody whom the CRM does not know.
const UNKNOWN: &str = "+12025550143";

/// Finds Daisy Meadows by her number and by her name, and nobody else.
pub(super) async fn match_and_search(extension: &Extension<'_>) -> Value {
    let found = reads::contacts(&extension.look_up(DAISY, false).await);
    let [daisy, choice] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(daisy["name"], "Daisy Meadows");
    assert_eq!(
        (&choice["id"], &choice["isNewContact"]),
        (&json!("createNewContact"), &json!(true))
    );
    let extension_number = extension.look_up("101", true).await;
    let colleagues = reads::contacts(&extension_number);
    let is_real = |contact: &&Value| contact["isNewContact"] != true;
    assert_eq!(colleagues.iter().find(is_real), None);
    let named = extension
        .get("/custom/contact/search", "name=Daisy Meadows")
        .await;
    let named = reads::found_by_name(&named);
    assert_eq!(named.len(), 1, "{named:?}");
    assert_eq!(named[0]["id"], daisy["id"]);
    let nobody = extension
        .get("/custom/contact/search", "name=Nobody Atall")
        .await;
    assert!(reads::found_by_name(&nobody).is_empty());
    daisy.clone()
}

/// Makes a contact of a number that nobody has, which is then found. Its type is the first of the
/// manifest, or none.
pub(super) async fn make(extension: &Extension<'_>, manifest: &Value) -> Value {
    let kind = &manifest["contactTypes"][0]["value"];
    assert!(extension.matched(UNKNOWN).await.is_empty());
    let nora = json!({
        "phoneNumber": UNKNOWN,
        "newContactName": "Nora Newfield",
        "newContactType": kind.as_str().unwrap_or_default(),
        "additionalSubmission": {},
    });
    let made = reads::new_contact(&extension.post("/contact", &nora).await);
    let found = extension.matched(UNKNOWN).await;
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["name"], "Nora Newfield");
    assert_eq!(super::id(&found[0]), super::id(&made));
    found[0].clone()
}

/// The number of the contact that [`make`] makes.
pub(super) fn number() -> &'static str {
    UNKNOWN
}
