//! What the adapters remember: until when, for whom, and what becomes of what cannot be read.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use chrono::{DateTime, Utc};
use daybook_core::cache::{Cache, Place, Within};
use daybook_core::ids::TenantId;
use daybook_core::time::{Clock, Deadline};
use daybook_local::table::TABLE_NAME;
use daybook_store::keys;
use serde_json::{Value, json};

use super::{Bench, NOW, tenant};

super::store_cases![
    what_is_remembered_is_told_until_it_runs_out,
    the_newest_is_told,
    platforms_companies_and_names_share_nothing,
    what_cannot_be_read_is_not_there,
];

const PLATFORM: &str = "pipedrive";

fn place(tenant: &TenantId) -> Place<'_> {
    Place {
        platform: PLATFORM,
        tenant,
        name: "types",
    }
}

fn within(bench: &Bench) -> Within {
    Within {
        now: bench.clock.now(),
        deadline: bench.deadline(),
    }
}

async fn get(bench: &Bench, place: Place<'_>) -> Option<Value> {
    bench.table.get(place, within(bench)).await
}

async fn put(bench: &Bench, place: Place<'_>, value: &Value, until: DateTime<Utc>) {
    bench.table.put(place, value, until, within(bench)).await;
}

fn in_an_hour(bench: &Bench) -> DateTime<Utc> {
    bench.clock.now() + Duration::from_secs(3_600)
}

async fn what_is_remembered_is_told_until_it_runs_out() {
    let bench = Bench::start().await;
    let (tenant, value) = (tenant(), json!({"at": 7, "types": []}));
    assert_eq!(get(&bench, place(&tenant)).await, None);
    put(&bench, place(&tenant), &value, in_an_hour(&bench)).await;
    for (after_ms, expected) in [
        (0, Some(&value)),
        (3_599_000, Some(&value)),
        (3_600_000, None),
        (90_000_000, None),
    ] {
        bench.set(NOW + after_ms);
        let told = get(&bench, place(&tenant)).await;
        assert_eq!(told.as_ref(), expected, "after {after_ms} ms");
    }
}

async fn the_newest_is_told() {
    let bench = Bench::start().await;
    let tenant = tenant();
    for number in 1..=2 {
        put(&bench, place(&tenant), &json!(number), in_an_hour(&bench)).await;
    }
    assert_eq!(get(&bench, place(&tenant)).await, Some(json!(2)));
    assert_eq!(bench.rows().await.len(), 1, "one item");
}

async fn platforms_companies_and_names_share_nothing() {
    let bench = Bench::start().await;
    let (one, other) = (tenant(), TenantId::parse("other.example").expect("an id"));
    put(&bench, place(&one), &json!(1), in_an_hour(&bench)).await;
    let name = Place {
        name: "person:1",
        ..place(&one)
    };
    let platform = Place {
        platform: "exampleCRM",
        ..place(&one)
    };
    for elsewhere in [place(&other), name, platform] {
        assert_eq!(get(&bench, elsewhere).await, None, "{elsewhere:?}");
    }
    assert_eq!(get(&bench, place(&one)).await, Some(json!(1)));
}

async fn what_cannot_be_read_is_not_there() {
    let bench = Bench::start().await;
    let tenant = tenant();
    put(&bench, place(&tenant), &json!(1), in_an_hour(&bench)).await;
    let client = Client::new(&bench.embedded.sdk_config());
    let mut item = bench.rows().await.remove(0);
    item.insert("value".to_owned(), AttributeValue::S("{".to_owned()));
    let damaged = client.put_item().table_name(TABLE_NAME);
    let damaged = damaged.set_item(Some(item.clone())).send().await;
    damaged.expect("it is put");
    assert_eq!(get(&bench, place(&tenant)).await, None);
    item.remove(keys::EXPIRES_AT);
    let foreign = client.put_item().table_name(TABLE_NAME);
    let foreign = foreign.set_item(Some(item)).send().await;
    foreign.expect("it is put");
    assert_eq!(get(&bench, place(&tenant)).await, None);
    // Nor is what cannot be read in time.
    put(&bench, place(&tenant), &json!(2), in_an_hour(&bench)).await;
    let late = Within {
        deadline: Deadline::at(bench.clock.now()),
        ..within(&bench)
    };
    assert_eq!(bench.table.get(place(&tenant), late).await, None);
    assert_eq!(get(&bench, place(&tenant)).await, Some(json!(2)));
}
