//! Sealed secrets and the data keys in the table, with a master key of one machine.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use daybook_api::app::SystemClock;
use daybook_core::config::Vars;
use daybook_local::table::TABLE_NAME;
use daybook_local::template::{TEMPLATE, Template};
use daybook_store::sealing::{Sealed, Sealer, SealingConfig};
use daybook_store::{StoreConfig, StoreError, Table, keys};
use secrecy::{ExposeSecret, SecretString};

use super::{Bench, NOW};

super::store_cases![
    a_secret_opens_in_every_process_that_has_the_master_key,
    what_was_sealed_stays_unreadable_in_the_table,
    a_changed_secret_is_refused_without_a_word_of_it,
    a_secret_whose_keys_are_gone_is_refused,
    a_data_key_opens_under_its_own_id_alone_and_in_a_restored_table,
    a_master_key_is_replaced_by_one_in_front,
    a_data_key_seals_for_90_days_and_opens_for_good,
    the_newest_data_key_is_asked_for_once_an_hour,
    two_processes_that_make_a_data_key_at_once_both_go_on,
    a_process_makes_one_data_key_for_all_that_wait,
    what_is_known_needs_no_time_and_what_is_not_has_none_to_lose,
];

/// A day in milliseconds.
const DAY: i64 = 24 * 3_600_000;
pub(super) const LEFT: Duration = Duration::from_secs(10);
const PURPOSE: &str = "exampleCRM#crm.example#1#access";
const SECRET: &str = "Daisy's own key";

/// A master key in Base64: 32 times the same byte.
fn master(byte: u8) -> String {
    let three = ["AAAA", "AQEB", "AgIC"][usize::from(byte)];
    let two = ["AAA=", "AQE=", "AgI="][usize::from(byte)];
    format!("{}{two}", three.repeat(10))
}

pub(super) fn config(variable: &str, value: &str) -> SealingConfig {
    let source = |name: &str| (name == variable).then(|| value.to_owned());
    SealingConfig::from_vars(&Vars::new(&source)).expect("a configuration")
}

/// A process with master keys of its own, the first of which wraps.
fn process(bench: &Bench, masters: &[u8]) -> (Sealer, Table) {
    process_on(bench, TABLE_NAME, masters)
}

/// The same on the table `name`.
fn process_on(bench: &Bench, name: &str, masters: &[u8]) -> (Sealer, Table) {
    let named = StoreConfig {
        table_name: name.to_owned(),
    };
    let table = Table::new(&named, &bench.embedded.sdk_config(), Arc::new(SystemClock));
    let list: Vec<_> = masters.iter().map(|byte| master(*byte)).collect();
    let config = config("SEALING_KEYS", &list.join(","));
    let sealer = Sealer::new(&config, &bench.embedded.sdk_config(), &table);
    (sealer, table)
}

async fn seal(sealer: &Sealer, now: i64) -> Sealed {
    let secret = SecretString::from(SECRET);
    let sealed = sealer.seal(LEFT, now, PURPOSE, &secret).await;
    sealed.expect("sealed")
}

async fn assert_opens(sealer: &Sealer, sealed: &Sealed) {
    let opened = sealer.open(LEFT, PURPOSE, sealed).await;
    assert_eq!(opened.expect("opened").expose_secret(), SECRET);
}

/// Why a secret does not open.
async fn refusal(sealer: &Sealer, purpose: &str, sealed: &Sealed) -> String {
    let error = sealer.open(LEFT, purpose, sealed).await;
    let error = error.expect_err("refused");
    assert!(matches!(error, StoreError::Sealing { .. }), "{error:?}");
    let told = format!("{error} {error:?}");
    for secret in ["Daisy", &sealed.text, &sealed.key, &master(1)] {
        assert!(secret.is_empty() || !told.contains(secret), "{told}");
    }
    error.to_string()
}

/// How many data keys there are.
pub(super) async fn data_keys(bench: &Bench) -> usize {
    let rows = bench.rows().await;
    let is_one = |pk: &AttributeValue| pk.as_s().is_ok_and(|pk| pk == keys::DATA_KEYS);
    rows.iter().filter(|row| is_one(&row[keys::PK])).count()
}

async fn a_secret_opens_in_every_process_that_has_the_master_key() {
    let bench = Bench::start().await;
    let (one, _) = process(&bench, &[1]);
    let (other, _) = process(&bench, &[1]);
    let sealed = seal(&one, NOW).await;
    assert_opens(&one, &sealed).await;
    assert_opens(&other, &sealed).await;
    let again = seal(&other, NOW).await;
    assert_eq!(again.key, sealed.key, "both use the one data key");
    assert_ne!(again.text, sealed.text, "no two nonces are the same");
    assert_opens(&one.clone(), &again).await;
    let empty = SecretString::from("");
    let sealed = one.seal(LEFT, NOW, PURPOSE, &empty).await.expect("sealed");
    let opened = other.open(LEFT, PURPOSE, &sealed).await.expect("opened");
    assert_eq!(opened.expose_secret(), "");
}

async fn what_was_sealed_stays_unreadable_in_the_table() {
    let bench = Bench::start().await;
    let (sealer, _) = process(&bench, &[1, 2]);
    let sealed = seal(&sealer, NOW).await;
    let stored = format!("{:?} {sealed:?} {sealer:?}", bench.rows().await);
    assert!(stored.contains(&sealed.key), "the data key is there");
    for secret in [SECRET, &master(1), &master(2)] {
        assert!(!stored.contains(secret), "{stored}");
    }
}

async fn a_changed_secret_is_refused_without_a_word_of_it() {
    let bench = Bench::start().await;
    let (sealer, _) = process(&bench, &[1]);
    let sealed = seal(&sealer, NOW).await;
    let changed = |text: String| Sealed {
        key: sealed.key.clone(),
        text,
    };
    let flipped: String = sealed
        .text
        .char_indices()
        .map(|(at, char)| match (at, char) {
            (20, 'A') => 'B',
            (20, _) => 'A',
            (_, char) => char,
        })
        .collect();
    for text in [
        flipped,
        sealed.text[4..].to_owned(),
        format!("AAAA{}", sealed.text),
        "Daisy".to_owned(),
        String::new(),
    ] {
        let words = refusal(&sealer, PURPOSE, &changed(text)).await;
        assert!(words.contains("changed"), "{words}");
    }
    for purpose in [
        "",
        "exampleCRM#crm.example#1#refresh",
        "exampleCRM#crm.example#2#access",
    ] {
        let words = refusal(&sealer, purpose, &sealed).await;
        assert!(words.contains("another purpose"), "{words}");
    }
    assert_opens(&sealer, &sealed).await;
}

async fn a_secret_whose_keys_are_gone_is_refused() {
    let bench = Bench::start().await;
    let (sealer, _) = process(&bench, &[1]);
    let sealed = seal(&sealer, NOW).await;
    let unknown = Sealed {
        key: "4102444800000-0000000000000000".to_owned(),
        ..sealed.clone()
    };
    let words = refusal(&sealer, PURPOSE, &unknown).await;
    assert!(words.contains("not in the table"), "{words}");
    let (stranger, _) = process(&bench, &[2]);
    let words = refusal(&stranger, PURPOSE, &sealed).await;
    assert!(words.contains("master key"), "{words}");
    // Who lost the master key can still keep what is entrusted from now on.
    let own = seal(&stranger, NOW + 1).await;
    assert_opens(&stranger, &own).await;
    assert_eq!(data_keys(&bench).await, 2);
}

async fn a_data_key_opens_under_its_own_id_alone_and_in_a_restored_table() {
    let bench = Bench::start().await;
    let (sealer, _) = process(&bench, &[1]);
    let sealed = seal(&sealer, NOW).await;
    let mut row = bench.rows().await.remove(0);
    let client = aws_sdk_dynamodb::Client::new(&bench.embedded.sdk_config());
    let put = async |table: &str, row| {
        let put = client.put_item().table_name(table).set_item(Some(row));
        put.send().await.expect("written");
    };
    // A table that is restored has another name.
    let template = Template::parse(TEMPLATE).expect("readable");
    let made = bench.embedded.make("restored", &template.table).await;
    made.expect("made");
    put("restored", row.clone()).await;
    let (restored, _) = process_on(&bench, "restored", &[1]);
    assert_opens(&restored, &sealed).await;

    let other = "4102444800001-0000000000000000";
    row.insert(
        keys::SK.to_owned(),
        AttributeValue::S(keys::data_key(other)),
    );
    put(TABLE_NAME, row).await;
    let renamed = Sealed {
        key: other.to_owned(),
        ..sealed
    };
    let words = refusal(&sealer, PURPOSE, &renamed).await;
    assert!(words.contains("master key"), "{words}");
}

async fn a_master_key_is_replaced_by_one_in_front() {
    let bench = Bench::start().await;
    let (before, _) = process(&bench, &[1]);
    let old = seal(&before, NOW).await;
    let (both, _) = process(&bench, &[2, 1]);
    // The old data key is known before something is to be sealed.
    assert_opens(&both, &old).await;
    let new = seal(&both, NOW + 1).await;
    assert_ne!(new.key, old.key, "the new master key wraps from now on");
    assert_opens(&both, &new).await;
    let (another, _) = process(&bench, &[2, 1]);
    assert_eq!(seal(&another, NOW + 2).await.key, new.key);
    let (after, _) = process(&bench, &[2]);
    assert_opens(&after, &new).await;
    refusal(&after, PURPOSE, &old).await;
    assert_eq!(data_keys(&bench).await, 2);
}

async fn a_data_key_seals_for_90_days_and_opens_for_good() {
    let bench = Bench::start().await;
    let (sealer, _) = process(&bench, &[1]);
    let first = seal(&sealer, NOW).await;
    let last = seal(&sealer, NOW + 90 * DAY - 1).await;
    assert_eq!(last.key, first.key);
    let next = seal(&sealer, NOW + 90 * DAY).await;
    assert_ne!(next.key, first.key);
    assert_opens(&sealer, &first).await;
    let (later, _) = process(&bench, &[1]);
    let same = seal(&later, NOW + 91 * DAY).await;
    assert_eq!(same.key, next.key, "the newest is found");
    assert_opens(&later, &first).await;
    let rows = bench.rows().await;
    assert!(rows.iter().all(|row| !row.contains_key(keys::EXPIRES_AT)));
}

async fn the_newest_data_key_is_asked_for_once_an_hour() {
    let bench = Bench::start().await;
    let (sealer, table) = process(&bench, &[1]);
    let sealed = seal(&sealer, NOW).await;
    assert_eq!(table.trips(), 2, "one read, one write");
    for minute in 0..60 {
        seal(&sealer, NOW + minute * 60_000).await;
        assert_opens(&sealer, &sealed).await;
    }
    assert_eq!(table.trips(), 2);
    seal(&sealer, NOW + 60 * 60_000).await;
    assert_eq!(table.trips(), 3, "asked again");
    seal(&sealer, NOW + 61 * 60_000).await;
    assert_eq!(table.trips(), 3);
    let (other, table) = process(&bench, &[1]);
    for _ in 0..3 {
        assert_opens(&other, &sealed).await;
    }
    assert_eq!(table.trips(), 1, "one read for all that it opens");
}

async fn two_processes_that_make_a_data_key_at_once_both_go_on() {
    let bench = Bench::start().await;
    let (one, _) = process(&bench, &[1]);
    let (other, _) = process(&bench, &[1]);
    // As if neither had seen the other's: both asked before both wrote.
    let first = seal(&one, NOW).await;
    let client = aws_sdk_dynamodb::Client::new(&bench.embedded.sdk_config());
    let row = bench.rows().await.remove(0);
    let delete = client.delete_item().table_name(TABLE_NAME);
    let delete = delete
        .key(keys::PK, row[keys::PK].clone())
        .key(keys::SK, row[keys::SK].clone());
    delete.send().await.expect("removed");
    let second = seal(&other, NOW + 5).await;
    let put = client.put_item().table_name(TABLE_NAME);
    let put = put.set_item(Some(row)).send().await;
    put.expect("written");
    assert_ne!(first.key, second.key);
    assert_eq!(seal(&one, NOW + 10).await.key, first.key);
    for sealer in [&one, &other] {
        assert_opens(sealer, &first).await;
        assert_opens(sealer, &second).await;
    }
    for sealer in [&one, &other] {
        let later = seal(sealer, NOW + 3_700_000).await;
        assert_eq!(later.key, second.key, "the newer one, within the hour");
    }
    assert_eq!(data_keys(&bench).await, 2);
}

async fn a_process_makes_one_data_key_for_all_that_wait() {
    let bench = Bench::start().await;
    let (sealer, table) = process(&bench, &[1]);
    let all = futures_util::future::join_all((0..20).map(|_| seal(&sealer, NOW))).await;
    assert!(all.iter().all(|sealed| sealed.key == all[0].key));
    assert_eq!(data_keys(&bench).await, 1);
    assert_eq!(table.trips(), 2);
    let (other, table) = process(&bench, &[1]);
    let opened = all.iter().map(|sealed| assert_opens(&other, sealed));
    futures_util::future::join_all(opened).await;
    assert_eq!(table.trips(), 1);
}

async fn what_is_known_needs_no_time_and_what_is_not_has_none_to_lose() {
    let bench = Bench::start().await;
    let (sealer, _) = process(&bench, &[1]);
    let secret = SecretString::from(SECRET);
    let none = Duration::ZERO;
    let sealed = sealer.seal(none, NOW, PURPOSE, &secret).await;
    assert!(matches!(sealed, Err(StoreError::OutOfTime)), "{sealed:?}");
    assert_eq!(data_keys(&bench).await, 0);
    let sealed = seal(&sealer, NOW).await;
    let again = sealer.seal(none, NOW, PURPOSE, &secret).await;
    again.expect("sealed");
    let opened = sealer.open(none, PURPOSE, &sealed).await;
    opened.expect("opened");
    let (other, _) = process(&bench, &[1]);
    let opened = other.open(none, PURPOSE, &sealed).await;
    assert!(matches!(opened, Err(StoreError::OutOfTime)), "{opened:?}");
}
