//! What the CRM does not take now is kept, and told so.

use std::time::Duration;

use daybook_fakes::{Fault, Rule};
use daybook_tests::params::text;
use serde_json::{Value, json};

use super::{Place, ids_of, words};
use crate::expect::{assert_in_order, note};

super::signed_in![
    what_is_kept_is_named_and_delivered_by_the_next_request,
    a_contact_that_is_gone_is_told,
];

/// Cases of grants, which an API key has none of.
pub(crate) mod grants {
    use super::*;

    super::super::signed_in! {
        [daybook_tests::world::Door::HttpEvent], crate::client::messages::Login::WITH_OAUTH;
        what_comes_while_the_grant_is_dead_is_delivered_after_a_sign_in,
        what_comes_while_no_token_is_given_is_kept
    }

    async fn what_comes_while_the_grant_is_dead_is_delivered_after_a_sign_in(place: &Place) {
        assert_eq!(place.ids(&place.day([1])).await, ["1"]);
        place.world.crm.disconnect_all().await;
        // The first finds out, the others know.
        for known in [2, 3, 3] {
            let answer = place.send(&place.day(1..=known)).await;
            assert_eq!(answer.status, 401, "{}", answer.text);
            let reply = answer.json();
            assert_eq!(reply["errorCode"], "CRM_SESSION_REVOKED", "{reply}");
            let crm = place.login.display_name();
            assert_eq!(
                words(&reply),
                format!(
                    "{crm} has ended your sign-in. The message is kept and will be logged once \
                     you connect your {crm} account again."
                )
            );
        }
        let answer = place.send(&without_contact(place)).await;
        assert_eq!(answer.status, 401, "{}", answer.text);
        assert_in_order(note(&place.world.only_activity().await), &[text(1)]);
        let token = place.sign_in().await;
        let texts = [text(1), text(2), text(3)];
        for _ in 0..90 {
            place.world.deliver_pending().await;
            if note(&place.world.only_activity().await).contains(&texts[2]) {
                break;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        assert_in_order(note(&place.world.only_activity().await), &texts);
        let answer = place.send_as(&token, &place.day(1..=3).to_string()).await;
        assert_eq!((answer.status, &answer.json()["logIds"]), (200, &json!([])));
    }

    async fn what_comes_while_no_token_is_given_is_kept(place: &Place) {
        assert_eq!(place.ids(&place.day([1])).await, ["1"]);
        place.world.crm.advance(Duration::from_secs(4_000));
        let refused = Rule::new(Fault::status(503)).path_contains("oauth/token");
        place.world.crm.plan(refused.forever());
        for _ in 0..2 {
            let reply = place.told(&place.day(1..=2)).await;
            assert_kept(place, &reply, &["2"]);
            let said = format!("{} cannot be reached.", place.login.display_name());
            assert!(words(&reply).starts_with(&said), "{reply}");
        }
        assert_in_order(note(&place.world.only_activity().await), &[text(1)]);
    }

    fn without_contact(place: &Place) -> Value {
        let mut body = place.day([4]);
        body["contactId"] = Value::Null;
        body
    }
}

/// That a reply tells that texts are kept.
fn assert_kept(place: &Place, reply: &Value, ids: &[&str]) {
    assert_eq!(reply["successful"], true, "{reply}");
    assert_eq!(ids_of(reply), ids, "{reply}");
    assert_eq!(reply["returnMessage"]["messageType"], "warning", "{reply}");
    assert!(
        words(reply).contains("is kept and will be logged"),
        "{reply}"
    );
    assert!(words(reply).contains(place.login.display_name()), "{reply}");
}

async fn what_is_kept_is_named_and_delivered_by_the_next_request(place: &Place) {
    let path = place.world.crm.kind().activities();
    // Too long a wait for one reply.
    let busy = Rule::new(Fault::rate_limited("11")).path_prefix(path);
    place.world.crm.plan(busy.forever());
    let reply = place.told(&place.day(1..=2)).await;
    assert_kept(place, &reply, &["1", "2"]);
    // One that is kept is kept again, and names its ids again.
    let reply = place.told(&place.day(1..=2)).await;
    assert_kept(place, &reply, &["1", "2"]);
    assert!(place.world.activities().await.is_empty());
    place.world.crm.clear_plan();
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let reply = place.told(&place.day(1..=3)).await;
        if reply["returnMessage"]["messageType"] == "success" {
            break;
        }
    }
    let texts = [text(1), text(2), text(3)];
    assert_in_order(note(&place.world.only_activity().await), &texts);
    assert_eq!(place.ids(&place.day(1..=3)).await, [""; 0]);
}

async fn a_contact_that_is_gone_is_told(place: &Place) {
    let mut body = place.day([1]);
    body["contactId"] = json!("999999");
    let reply = place.told(&body).await;
    assert_eq!(reply["successful"], false, "{reply}");
    assert_eq!(ids_of(&reply), [""; 0], "{reply}");
    assert_eq!(reply["returnMessage"]["messageType"], "warning");
    assert!(
        words(&reply).contains("The contact does not exist"),
        "{reply}"
    );
    assert!(!words(&reply).contains("onnect your"), "{reply}");
}
