//! Pipedrive's word that a user has removed the app.

use daybook_fakes::{FakePipedrive, UninstallNotice};
use daybook_tests::world::ClientAnswer;
use serde_json::{Value, json};

use super::{COLLEAGUE, STRANGER, Scene, USER, text};

super::by_client![
    who_removed_the_app_is_forgotten_and_nobody_else,
    a_word_that_is_not_pipedrives_changes_nothing,
    a_word_about_somebody_else_changes_nothing,
    a_word_from_before_the_last_sign_in_changes_nothing,
];

/// The app's id with another secret, as HTTP Basic has them.
const WRONG_SECRET: &str = "Basic YTFiMmMzZDRlNWY2MDcxODp3cm9uZw==";

async fn tell(scene: &Scene, authorization: &str, body: &str) -> ClientAnswer {
    let headers = [
        ("authorization", authorization),
        ("content-type", "application/json"),
    ];
    let path = "/pipedrive-redirect";
    scene.world.client("DELETE", path, &headers, body).await
}

/// A notice without anything having happened to the user's tokens.
fn notice(change: Value) -> UninstallNotice {
    let mut body = json!({
        "client_id": FakePipedrive::CLIENT_ID,
        "company_id": 1,
        "user_id": USER,
        "timestamp": (chrono::Utc::now() + chrono::TimeDelta::seconds(5)).to_rfc3339(),
    });
    let changed = change.as_object().expect("an object").clone();
    body.as_object_mut().expect("an object").extend(changed);
    UninstallNotice {
        // The app's id and secret, as HTTP Basic has them.
        authorization:
            "Basic YTFiMmMzZDRlNWY2MDcxODpmMGUxZDJjM2I0YTU5Njg3Nzg2OTVhNGIzYzJkMWUwZjEwMjAzMDQw"
                .to_owned(),
        body,
    }
}

async fn who_removed_the_app_is_forgotten_and_nobody_else(scene: &Scene) {
    let ours = scene.sign_in(USER).await;
    let colleague = scene.sign_in(COLLEAGUE).await;
    let stranger = scene.sign_in(STRANGER).await;
    let notice = scene.pipedrive.uninstall(USER);
    let answer = tell(scene, &notice.authorization, &notice.body.to_string()).await;
    assert_eq!(
        (answer.status, &answer.json()["successful"]),
        (200, &json!(true))
    );
    scene.assert_over(&ours).await;
    let before = scene.calls();
    let (status, reply) = scene.call("createMessageLog", &text()).await;
    assert_eq!((status, &reply["field"]), (400, &json!("authHeader")));
    assert_eq!(scene.calls(), before, "nothing is left to call with");
    for token in [&colleague, &stranger] {
        scene.assert_valid(token).await;
    }
    // Told again, it is done already; and who comes back is another session.
    let again = tell(scene, &notice.authorization, &notice.body.to_string()).await;
    assert_eq!(again.status, 200);
    let new = scene.sign_in(USER).await;
    scene.assert_valid(&new).await;
    scene.assert_over(&ours).await;
}

async fn a_word_that_is_not_pipedrives_changes_nothing(scene: &Scene) {
    let token = scene.sign_in(USER).await;
    let UninstallNotice {
        authorization: right,
        body,
    } = notice(json!({}));
    let good = body.to_string();
    let other_client = notice(json!({"client_id": "another"})).body.to_string();
    let no_user = notice(json!({"user_id": null})).body.to_string();
    let bearer = format!("Bearer {token}");
    for (authorization, body, status) in [
        ("", good.as_str(), 401),
        ("Basic", &good, 401),
        ("Basic !", &good, 401),
        (WRONG_SECRET, &good, 401),
        (&bearer, &good, 401),
        (&right.replace("Basic", "Bearer"), &good, 401),
        (&right, &other_client, 401),
        (&right, "", 400),
        (&right, "[]", 400),
        (&right, "{", 400),
        (&right, "{}", 400),
        (&right, &no_user, 400),
        // What is wrong with the body is not told to strangers.
        (WRONG_SECRET, "{", 401),
    ] {
        let answer = tell(scene, authorization, body).await;
        assert_eq!(answer.status, status, "{authorization} {body}");
        assert_eq!(answer.json()["successful"], false);
        scene.assert_valid(&token).await;
    }
    // The same with what is right ends the session: each of these could have.
    assert_eq!(tell(scene, &right, &good).await.status, 200);
    scene.assert_over(&token).await;
}

async fn a_word_about_somebody_else_changes_nothing(scene: &Scene) {
    let token = scene.sign_in(USER).await;
    for change in [
        json!({"user_id": 9_999_999}),
        json!({"user_id": COLLEAGUE}),
        json!({"company_id": 2}),
        json!({"user_id": STRANGER, "company_id": 2}),
    ] {
        let notice = notice(change);
        let answer = tell(scene, &notice.authorization, &notice.body.to_string()).await;
        assert_eq!(answer.status, 200, "it is not told who is a user here");
        scene.assert_valid(&token).await;
    }
}

async fn a_word_from_before_the_last_sign_in_changes_nothing(scene: &Scene) {
    scene.sign_in(USER).await;
    let late = scene.pipedrive.uninstall(USER);
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    let token = scene.sign_in(USER).await;
    let answer = tell(scene, &late.authorization, &late.body.to_string()).await;
    assert_eq!(answer.status, 200);
    scene.assert_valid(&token).await;
    let now = scene.pipedrive.uninstall(USER);
    let answer = tell(scene, &now.authorization, &now.body.to_string()).await;
    assert_eq!(answer.status, 200);
    scene.assert_over(&token).await;
}
