//! The commands of an operator on a table of AWS, beside which no local server runs.

use daybook_tests::commands::{run, said};
use daybook_tests::runner::case;
use daybook_tests::sign_in::{token, with_key, with_oauth};
use daybook_tests::world::{Door, World};
use libtest_mimic::Trial;

pub(super) fn cases() -> Vec<Trial> {
    vec![
        case(
            "local_server::commands_take_nothing_of_this_machine_on_aws",
            take_nothing_of_this_machine_on_aws,
        ),
        case(
            "local_server::commands_forget_says_whether_the_crm_was_told",
            forget_says_whether_the_crm_was_told,
        ),
        case(
            "local_server::commands_forget_a_user_of_a_platform_that_is_not_on_offer",
            forget_a_user_of_a_platform_that_is_not_on_offer,
        ),
    ]
}

async fn take_nothing_of_this_machine_on_aws() {
    let world = World::start(Door::HttpEvent).await;
    let no_keys = ["SEALING_KEYS", "APP_SERVER_SECRET_KEY", "HASH_KEY"];
    for missing in [
        "PLATFORMS",
        "EXAMPLE_CRM_URL",
        "EXAMPLE_CRM_CLIENT_ID",
        "EXAMPLE_CRM_CLIENT_SECRET",
    ] {
        for arguments in [&["pending"][..], &["forget", "1-exampleCRM"]] {
            let ran = run(&world, arguments, &[missing], &[]).await;
            let words = String::from_utf8_lossy(&ran.stderr);
            assert!(!ran.status.success(), "{missing}");
            assert!(words.contains(missing), "{missing}: {words}");
        }
    }
    let kms = ("SEALING_KMS_KEY", "alias/daybook");
    for keys in [&[][..], &[kms]] {
        let ran = run(&world, &["pending"], &no_keys, keys).await;
        assert_eq!(said(&ran), "Nothing waits.\n");
    }
    let ran = run(&world, &["pending"], &[], &[kms]).await;
    let words = String::from_utf8_lossy(&ran.stderr);
    assert!(
        !ran.status.success() && words.contains("exactly one"),
        "{words}"
    );
}

async fn forget_says_whether_the_crm_was_told() {
    let world = World::start(Door::HttpEvent).await;
    let forget = ["forget", "1-exampleCRMOAuth"];
    for (without, why) in [
        (
            &["SEALING_KEYS"][..],
            Some("neither SEALING_KMS_KEY nor SEALING_KEYS is set"),
        ),
        (&[], None),
    ] {
        token(&with_oauth(&world, "1-1").await);
        let said = said(&run(&world, &forget, without, &[]).await);
        assert!(said.starts_with("Forgot 1-exampleCRMOAuth"), "{said}");
        assert_eq!(said.contains("could not be told"), why.is_some(), "{said}");
        assert!(why.is_none_or(|why| said.contains(why)), "{said}");
    }
    token(&with_key(&world, "demo-key").await);
    let said = said(&run(&world, &["forget", "1-exampleCRM"], &["SEALING_KEYS"], &[]).await);
    assert!(
        !said.contains("could not be told"),
        "a key is no grant: {said}"
    );
}

async fn forget_a_user_of_a_platform_that_is_not_on_offer() {
    let world = World::start(Door::HttpEvent).await;
    token(&with_oauth(&world, "1-1").await);
    let only = [("PLATFORMS", "exampleCRM")];
    let forget = ["forget", "1-exampleCRMOAuth"];
    let said = said(&run(&world, &forget, &[], &only).await);
    assert!(said.starts_with("Forgot 1-exampleCRMOAuth"), "{said}");
    assert!(said.contains("PLATFORMS does not name it"), "{said}");
    let again = run(&world, &forget, &[], &only).await;
    let words = String::from_utf8_lossy(&again.stderr);
    assert!(words.contains("has signed in"), "{words}");
    let unknown = run(&world, &["forget", "1-noCRM"], &[], &only).await;
    let words = String::from_utf8_lossy(&unknown.stderr);
    assert!(words.contains("exampleCRM, exampleCRMOAuth"), "{words}");
}
