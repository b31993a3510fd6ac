//! Sealing with a master key in KMS: a small server stands in for it, which knows what it wrapped.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use daybook_fakes::{Exchange, FakeCrm, Fault, Rule};
use daybook_local::table::sdk_config_of;
use daybook_store::sealing::{Sealed, Sealer};
use daybook_store::{StoreError, Table};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::sealing::{LEFT, config, data_keys};
use super::{Bench, NOW, table};

super::store_cases![
    kms_is_called_once_to_make_a_data_key_and_once_a_process_to_unwrap_it,
    a_call_that_kms_failed_is_made_once_more,
    what_kms_does_not_do_stores_nothing_and_shows_nothing,
    a_data_key_that_kms_cannot_unwrap_or_unwraps_by_another_key_is_replaced,
    a_slow_kms_takes_no_more_time_than_there_is,
];

const KEY: &str = "alias/daybook";
const PURPOSE: &str = "of Daisy";
const SECRET: &str = "Daisy's own key";

/// What KMS wrapped, by the wrapped text.
#[derive(Clone, Default)]
struct Wrapped(Arc<Mutex<HashMap<String, DataKey>>>);

struct DataKey {
    plain: String,
    context: Value,
    /// The ARN of the master key.
    by: String,
}

struct Kms {
    server: FakeCrm,
    wrapped: Wrapped,
}

impl Kms {
    async fn start() -> Self {
        let wrapped = Wrapped::default();
        let router = Router::new()
            .route("/", post(answer))
            .with_state(wrapped.clone());
        Self {
            server: FakeCrm::start(router).await,
            wrapped,
        }
    }

    /// A process that seals with this KMS.
    fn process(&self, bench: &Bench) -> (Sealer, Table) {
        self.process_with(bench, KEY)
    }

    /// The same with a key of its own.
    fn process_with(&self, bench: &Bench, key: &str) -> (Sealer, Table) {
        let table = table(&bench.embedded);
        let sdk = sdk_config_of(&self.server.url());
        let sealer = Sealer::new(&config("SEALING_KMS_KEY", key), &sdk, &table);
        (sealer, table)
    }

    /// The operations that were called, in order.
    fn calls(&self) -> Vec<String> {
        let journal = self.server.journal();
        journal.iter().map(operation).collect()
    }

    /// An answer of KMS that is an error.
    fn fails(operation: &str, status: u16, code: &str) -> Rule {
        let fault = Fault::json(status, &json!({"__type": code, "message": "Daisy"}));
        // GenerateDataKey alone names a kind of key.
        match operation {
            "GenerateDataKey" => Rule::new(fault).body_contains("KeySpec"),
            _ => Rule::new(fault).body_contains("CiphertextBlob"),
        }
    }
}

fn operation(exchange: &Exchange) -> String {
    let target = exchange.headers["x-amz-target"].to_str().expect("text");
    let name = target.strip_prefix("TrentService.").expect("KMS");
    name.to_owned()
}

async fn answer(State(wrapped): State<Wrapped>, headers: HeaderMap, body: String) -> Response {
    let body: Value = serde_json::from_str(&body).expect("JSON");
    let mut wrapped = wrapped.0.lock().expect("not poisoned");
    let target = headers["x-amz-target"].to_str().expect("text");
    let answer = match target {
        "TrentService.GenerateDataKey" => {
            // Digits are Base64, and no two blobs are the same.
            let blob = format!("{:08}", wrapped.len());
            let plain = format!("{}{}AQE=", "AQEB".repeat(9), &blob[4..]);
            let context = body["EncryptionContext"].clone();
            let by = format!(
                "arn:aws:kms:x:key/{}",
                body["KeyId"].as_str().expect("text")
            );
            let answer = json!({"KeyId": by, "Plaintext": plain, "CiphertextBlob": blob});
            wrapped.insert(blob, DataKey { plain, context, by });
            answer
        }
        "TrentService.Decrypt" => {
            let blob = body["CiphertextBlob"].as_str().expect("text");
            match wrapped.get(blob) {
                Some(key) if key.context == body["EncryptionContext"] => {
                    json!({"KeyId": key.by, "Plaintext": key.plain})
                }
                _ => {
                    let refused = json!({"__type": "InvalidCiphertextException"});
                    return (StatusCode::BAD_REQUEST, refused.to_string()).into_response();
                }
            }
        }
        other => panic!("{other} is called"),
    };
    answer.to_string().into_response()
}

async fn seal(sealer: &Sealer, now: i64) -> daybook_store::Result<Sealed> {
    let secret = SecretString::from(SECRET);
    sealer.seal(LEFT, now, PURPOSE, &secret).await
}

async fn assert_opens(sealer: &Sealer, sealed: &Sealed) {
    let opened = sealer.open(LEFT, PURPOSE, sealed).await;
    assert_eq!(opened.expect("opened").expose_secret(), SECRET);
}

/// The words of a refusal, which repeat nothing.
fn refusal<T: std::fmt::Debug>(refused: daybook_store::Result<T>) -> String {
    let error = refused.expect_err("refused");
    let is_told = matches!(
        error,
        StoreError::Sealing { .. } | StoreError::Failed { .. }
    );
    assert!(is_told, "{error:?}");
    let told = format!("{error} {error:?}");
    assert!(!told.contains("Daisy") && !told.contains(KEY), "{told}");
    error.to_string()
}

async fn kms_is_called_once_to_make_a_data_key_and_once_a_process_to_unwrap_it() {
    let (bench, kms) = (Bench::start().await, Kms::start().await);
    let (one, _) = kms.process(&bench);
    assert!(kms.calls().is_empty(), "nothing is called ahead of need");
    let mut secrets = Vec::new();
    for now in 0..5 {
        secrets.push(seal(&one, NOW + now).await.expect("sealed"));
    }
    for sealed in &secrets {
        assert_opens(&one, sealed).await;
    }
    assert_eq!(kms.calls(), ["GenerateDataKey"]);
    for _ in 0..2 {
        let (other, _) = kms.process(&bench);
        let opened = secrets.iter().map(|sealed| assert_opens(&other, sealed));
        futures_util::future::join_all(opened).await;
        seal(&other, NOW).await.expect("sealed");
    }
    assert_eq!(kms.calls(), ["GenerateDataKey", "Decrypt", "Decrypt"]);
    let context = json!({"purpose": "data key", "dataKey": secrets[0].key});
    let asked: Vec<_> = kms.server.journal().iter().map(Exchange::json).collect();
    assert_eq!(
        asked[0],
        json!({"KeyId": KEY, "KeySpec": "AES_256", "EncryptionContext": context})
    );
    assert_eq!(asked[1]["EncryptionContext"], context);
    let stored = format!("{:?}", bench.rows().await);
    for (blob, key) in kms.wrapped.0.lock().expect("not poisoned").iter() {
        assert!(stored.contains(blob), "the wrapped key is kept");
        assert!(!stored.contains(&key.plain), "and the key is not");
    }
}

async fn a_call_that_kms_failed_is_made_once_more() {
    let (bench, kms) = (Bench::start().await, Kms::start().await);
    let (one, _) = kms.process(&bench);
    let failing = |operation| Kms::fails(operation, 500, "KMSInternalException");
    kms.server.plan(failing("GenerateDataKey").times(1));
    let sealed = seal(&one, NOW).await.expect("sealed");
    let (other, _) = kms.process(&bench);
    kms.server.plan(failing("Decrypt").times(1));
    assert_opens(&other, &sealed).await;
    let twice = ["GenerateDataKey", "GenerateDataKey", "Decrypt", "Decrypt"];
    assert_eq!(kms.calls(), twice);
    assert!(kms.server.unspent_rules().is_empty());
}

async fn what_kms_does_not_do_stores_nothing_and_shows_nothing() {
    let (bench, kms) = (Bench::start().await, Kms::start().await);
    let (one, _) = kms.process(&bench);
    let rule = Kms::fails("GenerateDataKey", 400, "AccessDeniedException");
    kms.server.plan(rule.times(1));
    let words = refusal(seal(&one, NOW).await);
    assert!(words.contains("GenerateDataKey: AccessDenied"), "{words}");
    assert_eq!(data_keys(&bench).await, 0);
    let sealed = seal(&one, NOW).await.expect("it works again");
    let (other, _) = kms.process(&bench);
    let rule = Kms::fails("Decrypt", 400, "DisabledException");
    kms.server.plan(rule.times(2));
    let words = refusal(other.open(LEFT, PURPOSE, &sealed).await);
    assert!(words.contains("Decrypt: Disabled"), "{words}");
    // What may open again tomorrow is not replaced today.
    refusal(seal(&other, NOW).await);
    assert_eq!(data_keys(&bench).await, 1);
    assert_opens(&other, &sealed).await;
    assert!(kms.server.unspent_rules().is_empty());
}

async fn a_data_key_that_kms_cannot_unwrap_or_unwraps_by_another_key_is_replaced() {
    let (bench, kms) = (Bench::start().await, Kms::start().await);
    let (one, _) = kms.process(&bench);
    let sealed = seal(&one, NOW).await.expect("sealed");
    kms.wrapped.0.lock().expect("not poisoned").clear();
    let (other, _) = kms.process(&bench);
    let words = refusal(other.open(LEFT, PURPOSE, &sealed).await);
    assert!(words.contains("master key"), "{words}");
    let new = seal(&other, NOW + 1).await.expect("sealed");
    assert_ne!(new.key, sealed.key);
    assert_opens(&other, &new).await;
    assert_eq!(data_keys(&bench).await, 2);

    let (before, _) = kms.process_with(&bench, "1234-ab");
    let old = seal(&before, NOW + 2).await.expect("sealed");
    assert_ne!(old.key, new.key);
    let (after, _) = kms.process_with(&bench, "1234-ac");
    assert_opens(&after, &old).await;
    let young = seal(&after, NOW + 3).await.expect("sealed");
    assert_ne!(young.key, old.key, "the new key wraps from now on");
    assert_opens(&after, &young).await;
    assert_opens(&before, &young).await;
}

async fn a_slow_kms_takes_no_more_time_than_there_is() {
    let (bench, kms) = (Bench::start().await, Kms::start().await);
    let (sealer, _) = kms.process(&bench);
    kms.server.set_delay(Duration::from_secs(5));
    let secret = SecretString::from(SECRET);
    let left = Duration::from_millis(300);
    let begun = Instant::now();
    let sealed = sealer.seal(left, NOW, PURPOSE, &secret).await;
    assert!(matches!(sealed, Err(StoreError::OutOfTime)), "{sealed:?}");
    assert!(begun.elapsed() < Duration::from_secs(2));
    kms.server.set_delay(Duration::ZERO);
    seal(&sealer, NOW).await.expect("nobody holds it up");
}
