//! Time that passes. Short waits are waited for; for long ones everything in the table grows older.

use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_sdk_dynamodb::types::AttributeValue;
use daybook_local::table::TABLE_NAME;
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

/// Makes all times in the table that are near to the present earlier.
async fn age(world: &World, time: Duration) {
    let client = aws_sdk_dynamodb::Client::new(&world.table().sdk_config());
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

/// A value with each number in it that is a time in milliseconds, within two days from now, made
/// earlier; also where it is text, as in the index.
fn earlier(value: AttributeValue, time: Duration) -> AttributeValue {
    const NEAR_MS: u64 = 2 * 86_400_000;
    let millis = |time: Duration| u64::try_from(time.as_millis()).expect("not that long");
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = millis(now.expect("after 1970"));
    let near = |number: &str| {
        let at = number.parse().ok();
        let at = at.filter(|at| now.abs_diff(*at) < NEAR_MS)?;
        Some((at - millis(time)).to_string())
    };
    match &value {
        AttributeValue::N(number) => return near(number).map_or(value, AttributeValue::N),
        AttributeValue::S(text) => return near(text).map_or(value, AttributeValue::S),
        _ => {}
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
