//! The table's reads and writes, against the embedded table.

use daybook_api::app::SystemClock;
use daybook_core::digest::{Context, Entry, Format, Mark, Topic, Window};
use daybook_core::ids::{ContactId, ConversationId, CrmUserId, LogId, MessageId, TenantId};
use daybook_core::message::{Direction, MessageKind};
use daybook_core::time::{Clock, Deadline, Zone, parse_instant};
use daybook_local::table::{EmbeddedTable, TABLE_NAME};
use daybook_local::template::{TEMPLATE, Template};
use daybook_store::digest::{DigestStore, Put};
use daybook_store::items::{Head, Part, StoredMessage};
use daybook_store::keys::DigestKey;
use daybook_store::{StoreConfig, StoreError, Table};
use daybook_tests::adapters::contact;
use daybook_tests::local_server::folder;
use daybook_tests::runner::case;
use libtest_mimic::Trial;
use std::time::Duration;

pub(super) fn cases() -> Vec<Trial> {
    vec![
        case(
            "store::a_message_is_accepted_once",
            a_message_is_accepted_once,
        ),
        case(
            "store::what_has_expired_is_absent",
            what_has_expired_is_absent,
        ),
        case(
            "store::a_head_is_written_over_the_one_that_was_read",
            heads_are_compared,
        ),
        case("store::a_query_reads_every_page", a_query_reads_every_page),
        case(
            "store::a_table_on_file_survives_a_restart",
            a_table_on_file_survives,
        ),
        case(
            "store::a_call_ends_with_the_request",
            a_call_ends_with_the_request,
        ),
    ]
}

async fn embedded() -> (EmbeddedTable, Table) {
    let template = Template::parse(TEMPLATE).expect("readable");
    let embedded = EmbeddedTable::start(None, &template.table)
        .await
        .expect("it starts");
    let table = table(&embedded);
    (embedded, table)
}

fn table(embedded: &EmbeddedTable) -> Table {
    let config = StoreConfig {
        table_name: TABLE_NAME.to_owned(),
    };
    Table::new(&config, &embedded.sdk_config())
}

fn key() -> DigestKey {
    DigestKey::new(
        "exampleCRM",
        &TenantId::parse("crm.example").expect("an id"),
        &CrmUserId::parse("1-exampleCRM").expect("an id"),
        &ConversationId::parse("7").expect("an id"),
        &ContactId::parse("1001").expect("an id"),
    )
}

fn store<'a>(table: &'a Table, key: &'a DigestKey) -> DigestStore<'a> {
    let deadline = Deadline::at(SystemClock.now() + Duration::from_secs(10));
    DigestStore {
        table,
        key,
        clock: &SystemClock,
        deadline,
    }
}

fn window(text: &str) -> Window {
    Window::parse(text).expect("a window")
}

fn message(id: &str, text: &str, expires_at: i64) -> StoredMessage {
    StoredMessage {
        schema: StoredMessage::SCHEMA,
        window: window("2015-02-18"),
        entry: Entry {
            id: MessageId::parse(id).expect("an id"),
            at: parse_instant("2015-02-18T13:24:50.000Z").expect("a time"),
            direction: Direction::Inbound,
            kind: MessageKind::Sms,
            sender_name: None,
            sender_number: None,
            text: text.to_owned(),
            media: Vec::new(),
            piece: None,
        },
        accepted_at: 0,
        expires_at,
    }
}

fn head(day: &str, rev: u64, expires_at: i64) -> Head {
    Head {
        schema: Head::SCHEMA,
        rev,
        window: window(day),
        parts: vec![Part {
            log_id: LogId::parse("1").expect("an id"),
            mark: Mark::from_bits(7),
            ids: vec![message("1", "", 0).entry.fingerprint()],
            removed: Vec::new(),
        }],
        context: Context {
            contact: contact("1001"),
            user_name: None,
            zone: Zone::UTC,
            format: Format::Html,
            participants: Vec::new(),
            group: false,
            topic: Topic::Texts,
            started_at: parse_instant("2015-02-18T13:24:50.000Z").expect("a time"),
        },
        expires_at,
    }
}

fn in_an_hour() -> i64 {
    SystemClock.now().timestamp() + 3_600
}

async fn a_message_is_accepted_once() {
    let (_embedded, table) = embedded().await;
    let key = key();
    let store = store(&table, &key);
    let first = store
        .put_message(&message("1", "first", in_an_hour()))
        .await
        .expect("put");
    assert!(matches!(first, Put::Created));
    let again = store
        .put_message(&message("1", "changed", in_an_hour()))
        .await
        .expect("put");
    let Put::AlreadyExists(old) = again else {
        panic!("{again:?}")
    };
    assert_eq!(old.entry.text, "first", "the first version stands");
    let all = store
        .messages(&window("2015-02-18"))
        .await
        .expect("messages");
    assert_eq!(all.len(), 1);
    assert!(
        store
            .messages(&window("2015-02-19"))
            .await
            .expect("messages")
            .is_empty()
    );
}

async fn what_has_expired_is_absent() {
    let (_embedded, table) = embedded().await;
    let key = key();
    let store = store(&table, &key);
    let past = SystemClock.now().timestamp() - 10;
    store
        .put_message(&message("1", "old", past))
        .await
        .expect("put");
    store
        .put_head(&head("2015-02-18", 1, past), None)
        .await
        .expect("put");
    let day = "2015-02-18".parse().expect("a date");
    assert!(
        store
            .messages(&window("2015-02-18"))
            .await
            .expect("messages")
            .is_empty()
    );
    assert!(store.heads(day, day).await.expect("heads").is_empty());
    let put = store
        .put_message(&message("1", "new", in_an_hour()))
        .await
        .expect("put");
    assert!(matches!(put, Put::Created), "its key is free");
    store
        .put_head(&head("2015-02-18", 1, in_an_hour()), None)
        .await
        .expect("its key is free");
}

async fn heads_are_compared() {
    let (_embedded, table) = embedded().await;
    let key = key();
    let store = store(&table, &key);
    store
        .put_head(&head("2015-02-18", 1, in_an_hour()), None)
        .await
        .expect("put");
    let twice = store
        .put_head(&head("2015-02-18", 1, in_an_hour()), None)
        .await;
    assert!(
        matches!(twice, Err(StoreError::Changed { .. })),
        "{twice:?}"
    );
    store
        .put_head(&head("2015-02-18", 2, in_an_hour()), Some(1))
        .await
        .expect("put");
    let stale = store
        .put_head(&head("2015-02-18", 2, in_an_hour()), Some(1))
        .await;
    assert!(
        matches!(stale, Err(StoreError::Changed { .. })),
        "{stale:?}"
    );
    store
        .put_head(&head("2015-02-20", 1, in_an_hour()), None)
        .await
        .expect("put");
    let days = |first: &str, last: &str| {
        (
            first.parse().expect("a date"),
            last.parse().expect("a date"),
        )
    };
    let (first, last) = days("2015-02-18", "2015-02-19");
    let found = store.heads(first, last).await.expect("heads");
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].rev, found[0].parts[0].ids.len()), (2, 1));
    assert_eq!(found[0].context, head("2015-02-18", 1, 0).context);
    let (first, last) = days("2015-02-17", "2015-02-20");
    assert_eq!(store.heads(first, last).await.expect("heads").len(), 2);
}

async fn a_query_reads_every_page() {
    let (_embedded, table) = embedded().await;
    let key = key();
    let store = store(&table, &key);
    // A page of DynamoDB holds 1 MB.
    let text = "x".repeat(90 << 10);
    for id in 0..30 {
        store
            .put_message(&message(&id.to_string(), &text, in_an_hour()))
            .await
            .expect("put");
    }
    assert_eq!(
        store
            .messages(&window("2015-02-18"))
            .await
            .expect("messages")
            .len(),
        30
    );
}

async fn a_table_on_file_survives() {
    let template = Template::parse(TEMPLATE).expect("readable");
    let folder = folder();
    let file = folder.path().join("table.db");
    let key = key();
    for run in 0..2 {
        let embedded = EmbeddedTable::start(Some(&file), &template.table)
            .await
            .expect("it starts");
        let table = table(&embedded);
        let put = store(&table, &key)
            .put_message(&message("1", "x", in_an_hour()))
            .await;
        let created = matches!(put.expect("put"), Put::Created);
        assert_eq!(created, run == 0);
        embedded.stop().await;
    }
}

async fn a_call_ends_with_the_request() {
    let (_embedded, table) = embedded().await;
    let key = key();
    let past = Deadline::at(SystemClock.now());
    let store = DigestStore {
        deadline: past,
        ..store(&table, &key)
    };
    let late = store.messages(&window("2015-02-18")).await;
    assert!(matches!(late, Err(StoreError::OutOfTime)), "{late:?}");
}
