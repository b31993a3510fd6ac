//! Users: one for each company that has such a user, and written over what was read.

use daybook_core::ids::{HashedId, TenantId};
use daybook_core::time::Zone;
use daybook_core::user::UserKey;
use daybook_store::Write;
use daybook_store::items::{Due, Refreshing, StoredGrant, StoredUser};
use daybook_store::keys::{self, DueKey};
use daybook_store::pending::{DueRow, due, parked};
use daybook_store::sealing::Sealed;
use daybook_store::users::UserStore;
use serde_json::json;

use super::{Bench, FAR, NOW, assert_done, in_the_way, user};

super::store_cases![
    a_user_is_read_as_written,
    two_companies_may_have_a_user_of_one_id,
    a_user_is_written_over_what_was_read,
    a_user_that_has_expired_is_absent_and_its_key_is_free,
    a_user_is_removed_alone,
    a_user_with_a_date_is_found_in_the_index,
];

pub(super) fn store(bench: &Bench) -> UserStore<'_> {
    UserStore {
        table: &bench.table,
        clock: &bench.clock,
        deadline: bench.deadline(),
    }
}

pub(super) fn whose(platform: &str, tenant: &str, id: &str) -> UserKey {
    UserKey {
        platform: platform.to_owned(),
        tenant: TenantId::parse(tenant).expect("an id"),
        id: user(id),
    }
}

/// A user who is signed out, at the first revision.
pub(super) fn signed_out(key: &UserKey) -> StoredUser {
    StoredUser {
        schema: StoredUser::SCHEMA,
        rev: 1,
        platform: key.platform.clone(),
        tenant: key.tenant.clone(),
        id: key.id.clone(),
        name: None,
        hostname: None,
        zone: None,
        zone_offset_minutes: None,
        company: None,
        settings: serde_json::Map::new(),
        account: None,
        extension: None,
        grant: None,
        session: None,
        refreshing: None,
        refresh_after: None,
        signed_in_at: NOW,
        due: None,
        expires_at: FAR,
    }
}

fn whole(key: &UserKey) -> StoredUser {
    let sealed = |text: &str| Sealed {
        key: "4102444800000-0000000000000001".to_owned(),
        text: text.to_owned(),
    };
    let settings = json!({"log": {"value": 5578984350117917661u64, "options": [1.5, null]}});
    StoredUser {
        name: Some("Demo Rep".to_owned()),
        hostname: Some("crm.example".to_owned()),
        zone: Some(Zone::from_name("America/Los_Angeles").expect("a zone")),
        zone_offset_minutes: Some(-480),
        company: Some("5".to_owned()),
        settings: settings.as_object().expect("an object").clone(),
        account: HashedId::parse(&"0a".repeat(32)),
        extension: HashedId::parse(&"0b".repeat(32)),
        grant: Some(StoredGrant {
            version: 3,
            access: Some(sealed("YWNjZXNz")),
            refresh: Some(sealed("cmVmcmVzaA==")),
            expires_at: Some(NOW + 3_600_000),
            refresh_at: Some(NOW + 3_540_000),
            dead: true,
        }),
        session: Some("of this sign-in".to_owned()),
        refreshing: Some(Refreshing {
            owner: "somebody".to_owned(),
            until: NOW + 15_000,
        }),
        due: Some(Due::new("U#x", NOW)),
        ..signed_out(key)
    }
}

async fn a_user_is_read_as_written() {
    let bench = Bench::start().await;
    let store = store(&bench);
    for (key, of) in [
        ("1-exampleCRM", whole as fn(&UserKey) -> StoredUser),
        ("2-exampleCRM", signed_out),
    ] {
        let key = whose("exampleCRM", "crm.example:443", key);
        let user = of(&key);
        assert_eq!(store.get(&key).await.expect("read"), None);
        assert_done(store.put(&user, None).await);
        assert_eq!(store.get(&key).await.expect("read"), Some(user.clone()));
        assert_eq!(user.key(), key);
    }
    let printed = format!("{:?}", whole(&whose("x", "y", "Daisy")));
    assert!(
        !printed.contains("Daisy") && !printed.contains("Demo"),
        "{printed}"
    );
}

async fn two_companies_may_have_a_user_of_one_id() {
    let bench = Bench::start().await;
    let store = store(&bench);
    let here = signed_out(&whose("exampleCRM", "a.example", "1"));
    let there = signed_out(&whose("exampleCRM", "b.example", "1"));
    let strangers = [
        whose("exampleCRMOAuth", "a.example", "1"),
        whose("exampleCRM", "a.example", "10"),
        whose("exampleCRM", "a.example", "1#U"),
    ];
    for user in [&here, &there] {
        assert_done(store.put(user, None).await);
    }
    for key in &strangers {
        assert_done(store.put(&signed_out(key), None).await);
    }
    let id = user("1");
    let mut both = store.of_id("exampleCRM", &id).await.expect("read");
    both.sort_by(|one, other| one.tenant.cmp(&other.tenant));
    assert_eq!(both, [here.clone(), there.clone()]);
    assert_eq!(store.get(&here.key()).await.expect("read"), Some(here));
    assert_eq!(store.get(&there.key()).await.expect("read"), Some(there));
    let nobody = store.of_id("exampleCRM", &user("2")).await.expect("read");
    assert_eq!(nobody, []);
}

async fn a_user_is_written_over_what_was_read() {
    let bench = Bench::start().await;
    let store = store(&bench);
    let key = whose("exampleCRM", "crm.example", "1");
    let first = signed_out(&key);
    let second = StoredUser {
        rev: 2,
        ..whole(&key)
    };
    let none = store.put(&second, Some(1)).await.expect("answered");
    assert_eq!(none, Write::Lost(None), "there is none yet");
    assert_done(store.put(&first, None).await);
    // An answer that was lost.
    assert_done(store.put(&first, None).await);
    let old = in_the_way(store.put(&second, None).await);
    assert_eq!(old, first, "the key is taken");
    let old = in_the_way(store.put(&second, Some(2)).await);
    assert_eq!(old, first, "another revision");
    assert_done(store.put(&second, Some(1)).await);
    assert_done(store.put(&second, Some(1)).await);
    let third = StoredUser {
        rev: 2,
        name: Some("Another".to_owned()),
        ..first.clone()
    };
    let old = in_the_way(store.put(&third, Some(1)).await);
    assert_eq!(old, second, "somebody was faster");
    assert_eq!(store.get(&key).await.expect("read"), Some(second));
}

async fn a_user_that_has_expired_is_absent_and_its_key_is_free() {
    let bench = Bench::start().await;
    let key = whose("exampleCRM", "crm.example", "1");
    let old = StoredUser {
        expires_at: NOW / 1_000 + 60,
        ..signed_out(&key)
    };
    assert_done(store(&bench).put(&old, None).await);
    bench.set(NOW + 60_000);
    assert_eq!(store(&bench).get(&key).await.expect("read"), Some(old));
    bench.set(NOW + 61_000);
    let store = store(&bench);
    assert_eq!(store.get(&key).await.expect("read"), None);
    let found = store.of_id("exampleCRM", &key.id).await.expect("read");
    assert_eq!(found, []);
    let pk = keys::user(&key.platform, &key.id);
    let sk = keys::of_tenant(&key.tenant);
    assert_eq!(store.get_by(&pk, &sk).await.expect("read"), None);
    assert_done(store.put(&whole(&key), None).await);
    assert_eq!(
        store.get_by(&pk, &sk).await.expect("read"),
        Some(whole(&key))
    );
}

async fn a_user_is_removed_alone() {
    let bench = Bench::start().await;
    let store = store(&bench);
    let key = whose("exampleCRM", "a.example", "1");
    let other = signed_out(&whose("exampleCRM", "b.example", "1"));
    assert!(!store.delete(&key).await.expect("answered"), "nobody");
    for user in [&signed_out(&key), &other] {
        assert_done(store.put(user, None).await);
    }
    assert!(store.delete(&key).await.expect("removed"));
    assert_eq!(store.get(&key).await.expect("read"), None);
    assert!(!store.delete(&key).await.expect("answered"), "not any more");
    assert_eq!(store.get(&other.key()).await.expect("read"), Some(other));
}

async fn a_user_with_a_date_is_found_in_the_index() {
    let bench = Bench::start().await;
    let store = store(&bench);
    let key = whose("exampleCRM", "a#b", "1");
    let pk = keys::user(&key.platform, &key.id);
    let sk = keys::of_tenant(&key.tenant);
    let dated = StoredUser {
        due: Some(Due::new(&pk, NOW)),
        ..signed_out(&key)
    };
    assert_done(store.put(&dated, None).await);
    let other = whose("exampleCRM", "a#b", "2");
    assert_done(store.put(&signed_out(&other), None).await);
    let rows = async |until| {
        let (table, clock) = (&bench.table, &bench.clock);
        let found = due(table, clock, bench.deadline(), until, 100).await;
        found.expect("the index answers")
    };
    assert_eq!(rows(NOW - 1).await, []);
    let row = DueRow {
        key: DueKey::User(pk.clone(), sk.clone()),
        due: Due::new(&pk, NOW),
    };
    assert_eq!(rows(NOW).await, [row]);
    let parked = parked(&bench.table, &bench.clock, bench.deadline(), 100).await;
    assert_eq!(parked.expect("the index answers"), []);
    assert_eq!(
        DueKey::parse(&pk, &sk),
        Some(DueKey::User(pk.clone(), sk.clone()))
    );
    let found = store.get_by(&pk, &sk).await.expect("read");
    assert_eq!(found, Some(dated.clone()));
    let attended = StoredUser {
        rev: 2,
        due: None,
        ..dated
    };
    assert_done(store.put(&attended, Some(1)).await);
    assert_eq!(rows(NOW).await, []);
}
