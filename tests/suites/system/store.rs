//! The table's reads and writes against the embedded table: for each transition, that it happens,
//! and that the condition which must fail does, and gives back the item as it stands.

mod admin_settings;
mod cached;
mod calls;
mod due;
mod forget;
mod gates;
mod kms;
mod leases;
mod messages;
mod sealing;
mod users;
mod windows;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use chrono::{DateTime, Utc};
use daybook_api::app::SystemClock;
use daybook_core::digest::{Context, Entry, Format, Mark, Topic, Window};
use daybook_core::ids::{ContactId, ConversationId, CrmUserId, MessageId, TenantId};
use daybook_core::message::{Direction, MessageKind};
use daybook_core::time::{Clock, Deadline, Zone, parse_instant};
use daybook_local::table::{EmbeddedTable, TABLE_NAME};
use daybook_store::digest::DigestStore;
use daybook_store::items::{Claim, Head, Lease, Opening, StoredMessage, Trace};
use daybook_store::keys::DigestKey;
use daybook_store::{StoreConfig, Table, Write};
use daybook_tests::adapters::contact;
use daybook_tests::world::embedded;
use libtest_mimic::Trial;
use serde_json::Map;

pub(super) fn cases() -> Vec<Trial> {
    [
        messages::cases(),
        leases::cases(),
        windows::cases(),
        gates::cases(),
        due::cases(),
        sealing::cases(),
        kms::cases(),
        users::cases(),
        admin_settings::cases(),
        cached::cases(),
        forget::cases(),
        calls::cases(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Cases of a module by their functions' names.
macro_rules! store_cases {
    ($($name:ident),+ $(,)?) => {
        pub(super) fn cases() -> Vec<libtest_mimic::Trial> {
            vec![$(daybook_tests::runner::case(
                concat!("store::", stringify!($name)),
                $name,
            )),+]
        }
    };
}
use store_cases;

/// The time that the cases begin at, in milliseconds: the year 2100, so that what expires in them
/// is nothing yet to the table's own sweeper.
const NOW: i64 = 4_102_444_800_000;
/// By how much clocks may differ, in milliseconds.
const MARGIN: i64 = 2_000;
/// When items expire that are not meant to: the year 2200, in seconds.
const FAR: i64 = 7_258_118_400;

/// A clock that stands still until it is set.
#[derive(Debug)]
struct SetClock(AtomicI64);

impl Clock for SetClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0.load(Ordering::Relaxed)).expect("a time")
    }
}

/// A table in memory, and a clock.
struct Bench {
    table: Table,
    key: DigestKey,
    clock: SetClock,
    embedded: EmbeddedTable,
}

impl Bench {
    async fn start() -> Self {
        let embedded = embedded(None).await;
        Self {
            table: table(&embedded),
            key: key("7"),
            clock: SetClock(AtomicI64::new(NOW)),
            embedded,
        }
    }

    fn set(&self, millis: i64) {
        self.clock.0.store(millis, Ordering::Relaxed);
    }

    fn deadline(&self) -> Deadline {
        Deadline::at(self.clock.now() + Duration::from_secs(10))
    }

    /// Every item, as it is.
    async fn rows(&self) -> Vec<HashMap<String, AttributeValue>> {
        let client = Client::new(&self.embedded.sdk_config());
        let pages = client.scan().table_name(TABLE_NAME).into_paginator();
        let rows = pages.items().send().collect::<Result<_, _>>().await;
        rows.expect("the table answers")
    }

    fn store(&self) -> DigestStore<'_> {
        self.store_of(&self.key)
    }

    fn store_of<'a>(&'a self, key: &'a DigestKey) -> DigestStore<'a> {
        DigestStore {
            table: &self.table,
            key,
            clock: &self.clock,
            deadline: self.deadline(),
        }
    }
}

fn table(embedded: &EmbeddedTable) -> Table {
    table_by(embedded, Arc::new(SystemClock))
}

/// The table, held against a clock.
fn table_by(embedded: &EmbeddedTable, clock: Arc<dyn Clock>) -> Table {
    let config = StoreConfig {
        table_name: TABLE_NAME.to_owned(),
    };
    Table::new(&config, &embedded.sdk_config(), clock)
}

fn tenant() -> TenantId {
    TenantId::parse("crm.example").expect("an id")
}

fn user(id: &str) -> CrmUserId {
    CrmUserId::parse(id).expect("an id")
}

fn key(conversation: &str) -> DigestKey {
    DigestKey::new(
        "exampleCRM",
        &tenant(),
        &user("1-exampleCRM"),
        &ConversationId::parse(conversation).expect("an id"),
        &ContactId::parse("1001").expect("an id"),
    )
}

fn window(text: &str) -> Window {
    Window::parse(text).expect("a window")
}

fn opening() -> Opening {
    Opening {
        platform: "exampleCRM".to_owned(),
        tenant: tenant(),
        user: user("1-exampleCRM"),
        hostname: None,
        context: Context {
            contact: contact("1001"),
            user_name: None,
            zone: Zone::UTC,
            format: Format::Html,
            participants: Vec::new(),
            group: false,
            inbox: None,
            topic: Topic::Texts,
            started_at: parse_instant("2015-02-18T13:24:50.000Z").expect("a time"),
        },
        existing_log: None,
        additional_submission: Map::new(),
    }
}

fn message(id: &str, text: &str) -> StoredMessage {
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
            in_group: false,
            piece: None,
        },
        opening: opening(),
        accepted_at: NOW,
        due: None,
        expires_at: FAR,
    }
}

/// A digest that nobody writes, at its first revision.
fn head(day: &str) -> Head {
    with(
        Head::new(window(day), opening(), Mark::from_bits(7)),
        |claim| {
            claim.rev = 1;
            claim.expires_at = FAR;
        },
    )
}

/// The next revision of `head`, leased by `owner` until 15 s after [`NOW`].
fn leased(head: &Head, owner: &str) -> Head {
    with(head.clone(), |claim| {
        claim.rev += 1;
        claim.epoch += 1;
        claim.lease = Some(Lease {
            owner: owner.to_owned(),
            until: NOW + 15_000,
            trace: Some(Trace::Create),
        });
    })
}

/// A head with another claim.
fn with(mut head: Head, change: impl FnOnce(&mut Claim)) -> Head {
    change(&mut head.claim);
    head
}

/// The next revision of `head` without its lease.
fn free(head: &Head) -> Head {
    with(head.clone(), |claim| {
        claim.rev += 1;
        claim.lease = None;
    })
}

/// The item that stood in the way of a write.
fn in_the_way<T: std::fmt::Debug>(write: daybook_store::Result<Write<T>>) -> T {
    match write.expect("the table answers") {
        Write::Lost(Some(old)) => old,
        other @ (Write::Done | Write::Lost(None)) => panic!("it was not refused: {other:?}"),
    }
}

fn assert_done<T: std::fmt::Debug + PartialEq>(write: daybook_store::Result<Write<T>>) {
    assert_eq!(write.expect("the table answers"), Write::Done);
}
