//! Time that passes. Short waits are waited for; for long ones everything in the table grows older.

use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use daybook_local::table::TABLE_NAME;
use daybook_store::keys;
use daybook_tests::world::{Door, World};

/// What a test waits for by itself.
pub(crate) const BEARABLE: Duration = Duration::from_secs(6);

/// Lets time pass. Behind the local server, whose table is out of reach, it is waited for.
///
/// # Panics
/// Where that would take longer than [`BEARABLE`].
pub(crate) async fn pass(world: &World, time: Duration) {
    match world.door {
        Door::LocalHttp => {
            assert!(time <= BEARABLE, "{time:?} is too long to wait for");
            tokio::time::sleep(time).await;
        }
        Door::HttpEvent | Door::Direct => age(world, time).await,
    }
}

async fn age(world: &World, time: Duration) {
    age_table(&Client::new(&world.table().sdk_config()), time).await;
}

/// Makes all times in a table that are near to the present earlier.
pub(crate) async fn age_table(client: &Client, time: Duration) {
    let all = client.scan().table_name(TABLE_NAME).send().await;
    for item in all.expect("a scan").items.expect("items") {
        let older: HashMap<_, _> = item
            .into_iter()
            .map(|(name, value)| (name, earlier(value, time)))
            .collect();
        let put = client.put_item().table_name(TABLE_NAME);
        put.set_item(Some(older)).send().await.expect("put");
    }
}

/// Lets time pass for what is remembered of a company, and for nothing else.
///
/// # Panics
/// Behind the local server, whose table is out of reach.
pub(crate) async fn age_memories(world: &World, time: Duration) {
    let client = Client::new(&world.table().sdk_config());
    let all = client.scan().table_name(TABLE_NAME).send().await;
    let is_memory = |item: &HashMap<String, AttributeValue>| {
        let key = item[keys::PK].as_s();
        key.is_ok_and(|key| key.starts_with(keys::CACHE))
    };
    let items = all.expect("a scan").items.expect("items").into_iter();
    for mut item in items.filter(is_memory) {
        let until: u64 = (item[keys::EXPIRES_AT].as_n())
            .map(|until| until.parse().expect("seconds"))
            .expect("a number");
        let earlier = AttributeValue::N((until - time.as_secs()).to_string());
        item.insert(keys::EXPIRES_AT.to_owned(), earlier);
        let put = client.put_item().table_name(TABLE_NAME);
        put.set_item(Some(item)).send().await.expect("put");
    }
}

/// A value with each number in it that is a time in milliseconds, within two days from now, made
/// earlier. The index has such times as text.
fn earlier(value: AttributeValue, time: Duration) -> AttributeValue {
    if let AttributeValue::N(number) = &value {
        return match earlier_millis(number, time) {
            Some(at) => AttributeValue::N(at.to_string()),
            None => value,
        };
    }
    if let AttributeValue::S(words) = &value {
        return match earlier_millis(words, time) {
            Some(at) => AttributeValue::S(format!("{at:013}")),
            None => value,
        };
    }
    if let AttributeValue::L(list) = value {
        return AttributeValue::L(list.into_iter().map(|item| earlier(item, time)).collect());
    }
    if let AttributeValue::M(map) = value {
        let entries = map.into_iter();
        return AttributeValue::M(
            entries
                .map(|(name, value)| (name, earlier(value, time)))
                .collect(),
        );
    }
    value
}

/// A time in milliseconds, within two days from now, made earlier.
fn earlier_millis(number: &str, time: Duration) -> Option<u64> {
    const NEAR_MS: u64 = 2 * 86_400_000;
    let millis = |time: Duration| u64::try_from(time.as_millis()).expect("not that long");
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = millis(now.expect("after 1970"));
    let at = number.parse().ok().filter(|at| now.abs_diff(*at) < NEAR_MS);
    at.map(|at| at - millis(time))
}
