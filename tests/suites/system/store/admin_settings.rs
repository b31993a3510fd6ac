//! The settings of accounts: written over what was read.

use daybook_core::ids::HashedId;
use daybook_store::Write;
use daybook_store::admin_settings::AdminSettingsStore;
use daybook_store::items::AdminSettings;
use daybook_store::keys;
use serde_json::json;

use super::{Bench, NOW, assert_done, in_the_way};

super::store_cases![
    settings_of_an_account_are_written_over_what_was_read,
    settings_of_an_account_are_its_own_and_stay,
];

fn store(bench: &Bench) -> AdminSettingsStore<'_> {
    AdminSettingsStore {
        table: &bench.table,
        clock: &bench.clock,
        deadline: bench.deadline(),
    }
}

fn account(digits: &str) -> HashedId {
    HashedId::parse(&digits.repeat(32)).expect("an id")
}

fn settings(rev: u64, value: &str) -> AdminSettings {
    let settings = json!({"log": {"value": value, "customizable": false, "n": 1e300}});
    AdminSettings {
        schema: AdminSettings::SCHEMA,
        rev,
        settings: settings.as_object().expect("an object").clone(),
    }
}

async fn settings_of_an_account_are_written_over_what_was_read() {
    let bench = Bench::start().await;
    let (store, account) = (store(&bench), account("0a"));
    assert_eq!(store.get(&account).await.expect("read"), None);
    let (first, second) = (settings(1, "all"), settings(2, "none"));
    let none = store.put(&account, &second, Some(1)).await;
    assert_eq!(none.expect("answered"), Write::Lost(None));
    assert_done(store.put(&account, &first, None).await);
    // An answer that was lost.
    assert_done(store.put(&account, &first, None).await);
    assert_eq!(in_the_way(store.put(&account, &second, None).await), first);
    assert_eq!(
        in_the_way(store.put(&account, &second, Some(2)).await),
        first
    );
    assert_eq!(store.get(&account).await.expect("read"), Some(first));
    assert_done(store.put(&account, &second, Some(1)).await);
    assert_eq!(store.get(&account).await.expect("read"), Some(second));
    let empty = AdminSettings {
        settings: serde_json::Map::new(),
        ..settings(3, "")
    };
    assert_done(store.put(&account, &empty, Some(2)).await);
    assert_eq!(store.get(&account).await.expect("read"), Some(empty));
}

async fn settings_of_an_account_are_its_own_and_stay() {
    let bench = Bench::start().await;
    let (one, other) = (account("0a"), account("0b"));
    assert_done(store(&bench).put(&one, &settings(1, "all"), None).await);
    assert_eq!(store(&bench).get(&other).await.expect("read"), None);
    bench.set(NOW * 2);
    let read = store(&bench).get(&one).await.expect("read");
    assert_eq!(read, Some(settings(1, "all")));
    let row = bench.rows().await.remove(0);
    assert_eq!(row.get(keys::EXPIRES_AT), None);
    let printed = format!("{:?}", settings(1, "Daisy"));
    assert!(!printed.contains("Daisy"), "{printed}");
}
