//! Questions of users who have signed in, without credentials of their own.

use daybook_example_crm::{DEMO_KEY, SECOND_COMPANY_KEY};
use daybook_tests::sign_in::{token, with_key};
use serde_json::{Value, json};

use super::{Crm, Place};
use crate::pipedrive::USER;

/// The cases through the two doors that the extension comes through.
pub(crate) fn cases() -> Vec<libtest_mimic::Trial> {
    let is_clients = |trial: &libtest_mimic::Trial| !trial.name().starts_with("direct::");
    all::cases().into_iter().filter(is_clients).collect()
}

mod all {
    use super::{who_never_signed_in_is_told_so, who_signed_in_needs_no_header};

    crate::contacts::over_each_crm![
        who_signed_in_needs_no_header,
        who_never_signed_in_is_told_so
    ];
}

fn requests(place: &Place) -> [(&'static str, Value); 4] {
    let user = place.user();
    let new = json!({
        "user": user, "phoneNumber": "+14155550177", "newContactName": "Ann Example",
    });
    [
        (
            "findContact",
            json!({"user": user, "phoneNumber": "+16505553204"}),
        ),
        (
            "findContactWithName",
            json!({"user": user, "name": "Daisy", "authHeader": null}),
        ),
        ("createContact", new),
        ("getUserList", json!({"user": user})),
    ]
}

async fn who_signed_in_needs_no_header(place: &Place) {
    match place.crm {
        Crm::Example => token(&with_key(&place.scene.world, DEMO_KEY).await),
        Crm::Pipedrive => place.scene.sign_in(USER).await,
    };
    for (interface, params) in requests(place) {
        let (status, reply) = place.send(interface, &params).await;
        assert_eq!(
            (status, &reply["successful"]),
            (200, &json!(true)),
            "{reply}"
        );
    }
}

async fn who_never_signed_in_is_told_so(place: &Place) {
    if place.crm == Crm::Example {
        // A user of the same id in another company does not count.
        token(&with_key(&place.scene.world, SECOND_COMPANY_KEY).await);
    }
    place.server().clear_journal();
    for (interface, params) in requests(place) {
        let (status, reply) = place.send(interface, &params).await;
        let field = match place.crm {
            Crm::Example => "user.hostname",
            Crm::Pipedrive => "authHeader",
        };
        assert_eq!((status, &reply["field"]), (400, &json!(field)), "{reply}");
    }
    assert!(place.server().journal().is_empty());
}
