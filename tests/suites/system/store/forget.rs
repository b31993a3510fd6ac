//! Forgetting a user: all that is theirs goes, and nothing of anybody else.

use std::collections::BTreeSet;

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::post;
use daybook_core::ids::{ContactId, ConversationId, HashedId, LogId};
use daybook_core::user::UserKey;
use daybook_fakes::FakeCrm;
use daybook_local::table::{TABLE_NAME, sdk_config_of};
use daybook_store::admin_settings::AdminSettingsStore;
use daybook_store::digest::DigestStore;
use daybook_store::forget::{Forgotten, Progress, forget_user};
use daybook_store::gates::{Gates, Scope};
use daybook_store::items::{AdminSettings, Due, Reason, RollingIndex};
use daybook_store::keys::{self, DigestKey};
use daybook_store::{StoreConfig, Table};
use serde_json::{Value, json};

use super::users::{signed_out, store as users, whose};
use super::{Bench, FAR, NOW, assert_done, head, message, opening, window, with};

super::store_cases![
    a_forgotten_user_leaves_nothing,
    everybody_else_keeps_everything,
    a_large_table_is_read_page_by_page,
    what_the_table_leaves_of_a_batch_is_sent_again,
];

type Key = (String, String);

/// The keys of all items.
async fn all(bench: &Bench) -> BTreeSet<Key> {
    let rows = bench.rows().await.into_iter();
    rows.map(|row| {
        let column = |name: &str| row[name].as_s().expect("text").clone();
        (column(keys::PK), column(keys::SK))
    })
    .collect()
}

async fn forget(bench: &Bench, key: &UserKey) -> (Forgotten, Vec<Progress>) {
    let mut told = Vec::new();
    let mut progress = |progress| told.push(progress);
    let forgotten = forget_user(&bench.table, &bench.clock, key, &mut progress).await;
    (forgotten.expect("forgotten"), told)
}

fn digests(key: &UserKey, conversation: &str) -> DigestKey {
    DigestKey::new(
        &key.platform,
        &key.tenant,
        &key.id,
        &ConversationId::parse(conversation).expect("an id"),
        &ContactId::parse("1001").expect("an id"),
    )
}

async fn put_raw(bench: &Bench, pk: &str, sk: &str) {
    use aws_sdk_dynamodb::types::AttributeValue::S;
    let client = aws_sdk_dynamodb::Client::new(&bench.embedded.sdk_config());
    let put = client.put_item().table_name(TABLE_NAME);
    let put = put
        .item(keys::PK, S(pk.to_owned()))
        .item(keys::SK, S(sk.to_owned()));
    put.send().await.expect("written");
}

/// Everything that a user can have: 20 items, one of them the user.
async fn live(bench: &Bench, key: &UserKey) {
    let user = daybook_store::items::StoredUser {
        due: Some(Due::new("U", NOW)),
        ..signed_out(key)
    };
    assert_done(users(bench).put(&user, None).await);
    for conversation in ["7", "8"] {
        let digests = digests(key, conversation);
        let store = DigestStore {
            key: &digests,
            ..bench.store()
        };
        for day in ["2015-02-18", "2015-02-19"] {
            let head = with(head(day), |claim| {
                claim.due = Some(Due::parked(digests.pk(), key, NOW));
            });
            assert_done(store.claims().open(&head).await);
        }
        for id in ["1", "2", "3"] {
            assert_done(store.accept(&message(id, "x")).await);
        }
        let index = RollingIndex {
            rev: 1,
            windows: Vec::new(),
            expires_at: FAR,
        };
        assert_done(store.put_rolling_index(&index, 0).await);
        let log = LogId::parse(&format!("{}/{conversation}", key.id)).expect("an id");
        let claims = store.claims();
        let sk = keys::head(&window("2015-02-18"));
        assert_done(claims.adopt(&key.platform, &key.tenant, &log, &sk).await);
        let thread = format!("T#{conversation}#{}", digests.pk());
        let owner = store.own_thread(&thread, &key.id).await.expect("written");
        assert_eq!(owner.owner, digests.pk());
    }
    let gates = Gates::new(
        &bench.table,
        &bench.clock,
        bench.deadline(),
        &key.platform,
        &key.tenant,
        &key.id,
    );
    let close = gates.close(Scope::User, NOW, Reason::Unavailable, "a digest");
    close.await.expect("closed");
    put_raw(bench, &format!("{}9001", keys::calls_of(key)), "C").await;
    put_raw(bench, &keys::told(key), "F#0a").await;
}

async fn a_forgotten_user_leaves_nothing() {
    let bench = Bench::start().await;
    let key = whose("exampleCRM", "crm.example", "1-exampleCRM");
    live(&bench, &key).await;
    assert_eq!(all(&bench).await.len(), 20);
    let (forgotten, told) = forget(&bench, &key).await;
    let of_all = Forgotten {
        user: true,
        items: 19,
    };
    assert_eq!(forgotten, of_all);
    let at_the_end = Progress {
        read: 19,
        removed: 19,
    };
    assert_eq!(told, [at_the_end]);
    assert_eq!(all(&bench).await, BTreeSet::new());
    let (again, _) = forget(&bench, &key).await;
    let of_nobody = Forgotten {
        user: false,
        items: 0,
    };
    assert_eq!(again, of_nobody, "it can be repeated");
}

async fn everybody_else_keeps_everything() {
    let bench = Bench::start().await;
    let others = [
        ("exampleCRM", "b.example", "1-exampleCRM"),
        ("exampleCRM", "a.example", "1-exampleCRMOAuth"),
        ("exampleCRM", "a.example", "1"),
        ("exampleCRM", "a.example", "10"),
        ("exampleCRM", "a.example", "1-exampleCRM#7"),
        ("exampleCRM", "a.example.org", "1-exampleCRM"),
        ("exampleCRMOAuth", "a.example", "1-exampleCRM"),
        ("exampleCRM", "a.example#1-exampleCRM", "7"),
    ];
    for (platform, tenant, id) in others {
        live(&bench, &whose(platform, tenant, id)).await;
    }
    for pk in ["K", "S#something new"] {
        put_raw(&bench, pk, "K#1").await;
    }
    let tenant_gate = keys::gate("exampleCRM", &opening().tenant, None);
    put_raw(&bench, &tenant_gate, keys::GATE).await;
    let settings = AdminSettingsStore {
        table: &bench.table,
        clock: &bench.clock,
        deadline: bench.deadline(),
    };
    let fixed = AdminSettings {
        schema: AdminSettings::SCHEMA,
        rev: 1,
        settings: serde_json::Map::new(),
    };
    let account = HashedId::parse(&"0a".repeat(32)).expect("an id");
    assert_done(settings.put(&account, &fixed, None).await);
    let before = all(&bench).await;
    assert_eq!(before.len(), others.len() * 20 + 4);
    let key = whose("exampleCRM", "a.example", "1-exampleCRM");
    live(&bench, &key).await;
    let (forgotten, _) = forget(&bench, &key).await;
    assert_eq!(forgotten.items, 19);
    assert_eq!(all(&bench).await, before);
    for (platform, tenant, id) in others {
        let (forgotten, _) = forget(&bench, &whose(platform, tenant, id)).await;
        assert_eq!((forgotten.user, forgotten.items), (true, 19), "{id}");
    }
    assert_eq!(all(&bench).await.len(), 4);
}

async fn a_large_table_is_read_page_by_page() {
    let bench = Bench::start().await;
    let key = whose("exampleCRM", "crm.example", "1-exampleCRM");
    let other = whose("exampleCRM", "crm.example", "2-exampleCRM");
    for id in 0..30 {
        let text = "x".repeat(90 * 1_024);
        for key in [&key, &other] {
            let store = DigestStore {
                key: &digests(key, "7"),
                ..bench.store()
            };
            assert_done(store.accept(&message(&id.to_string(), &text)).await);
        }
    }
    let (forgotten, told) = forget(&bench, &key).await;
    assert_eq!((forgotten.user, forgotten.items), (false, 30));
    assert!(told.len() > 1, "{told:?}");
    assert!(told.is_sorted_by_key(|progress| (progress.read, progress.removed)));
    let last = told.last().expect("told");
    // The embedded table counts the first item of each further page twice.
    assert!(
        (60..60 + told.len() as u64).contains(&last.read),
        "{told:?}"
    );
    assert_eq!(last.removed, 30);
    let left = all(&bench).await;
    assert_eq!(left.len(), 30);
    let theirs = keys::digests_of(&other);
    assert!(left.iter().all(|(pk, _)| pk.starts_with(&theirs)));
}

/// A table whose batches are never done at once: of each it leaves all but the first request.
async fn reluctant(headers: HeaderMap, body: String) -> String {
    let target = headers["x-amz-target"].to_str().expect("text");
    let (_, operation) = target.split_once('.').expect("an operation");
    let answer = match operation {
        "DeleteItem" => json!({}),
        "Scan" => {
            let row = |id: u32| json!({"pk": {"S": "D#x"}, "sk": {"S": format!("M#{id}")}});
            let rows: Vec<_> = (0..3).map(row).collect();
            json!({"Items": rows, "Count": 3, "ScannedCount": 5})
        }
        "BatchWriteItem" => {
            let mut body: Value = serde_json::from_str(&body).expect("JSON");
            let mut items = body["RequestItems"].take();
            let requests = items[TABLE_NAME].as_array_mut().expect("a list");
            requests.remove(0);
            match requests.is_empty() {
                true => json!({"UnprocessedItems": {}}),
                false => json!({ "UnprocessedItems": items }),
            }
        }
        other => panic!("{other} is called"),
    };
    answer.to_string()
}

async fn what_the_table_leaves_of_a_batch_is_sent_again() {
    let bench = Bench::start().await;
    let server = FakeCrm::start(Router::new().route("/", post(reluctant))).await;
    let config = StoreConfig {
        table_name: TABLE_NAME.to_owned(),
    };
    let sdk = sdk_config_of(&server.url());
    let clock = std::sync::Arc::new(daybook_api::app::SystemClock);
    let table = Table::new(&config, &sdk, clock);
    let key = whose("exampleCRM", "crm.example", "1");
    let forgotten = forget_user(&table, &bench.clock, &key, &mut |_| {}).await;
    assert_eq!(forgotten.expect("forgotten").items, 3);
    let batches: Vec<_> = server
        .journal()
        .iter()
        .map(daybook_fakes::Exchange::json)
        .filter_map(|body| Some(body["RequestItems"][TABLE_NAME].as_array()?.len()))
        .collect();
    assert_eq!(batches, [3, 2, 1]);
}
