//! What Pipedrive is asked, and what that costs of the company's budget: the table in its
//! adapter's README; and what becomes of a text that meets with a limit.

mod rare;

use std::time::{Duration, Instant};

use chrono::{Days, NaiveTime, Utc};
use daybook_fakes::{FakePipedrive, Fault, Rule};
use daybook_tests::crm::{Kind, over};
use daybook_tests::params::{DEMO_AUTH, example, set, texts, with_message};
use daybook_tests::runner::case;
use daybook_tests::sign_in::rely;
use daybook_tests::world::{Door, World};
use futures_util::future::join_all;
use http::Method;
use libtest_mimic::Trial;
use serde_json::{Value, json};

use crate::later::pass;

pub(super) fn cases() -> Vec<Trial> {
    over(Kind::Pipedrive, || {
        let mut trials = vec![
            case("cost::texts_cost_what_the_table_says", of_texts),
            case("cost::calls_cost_what_the_table_says", of_calls),
            case("cost::contacts_cost_what_the_table_says", of_contacts),
            case(
                "cost::lists_and_a_sign_in_cost_what_the_table_says",
                of_lists,
            ),
            case("cost::types_are_asked_for_once", of_types),
            case("cost::a_look_for_a_lost_create_costs_a_list", of_a_look),
            case("cost::a_limit_that_ends_soon_is_waited_for", waited_for),
            case("cost::a_limit_that_lasts_has_the_text_kept", kept),
            case("cost::a_spent_day_is_not_tried_before_the_next", spent),
            case("cost::a_firewall_asks_nobody_to_sign_in", firewall),
            case("cost::a_refused_token_is_renewed_once", renewed),
            case(
                "cost::more_searches_than_pipedrive_takes_are_all_answered",
                searches,
            ),
        ];
        trials.extend(rare::cases());
        trials
    })
}

/// Pipedrive, of a world over it.
fn pipedrive(world: &World) -> &FakePipedrive {
    world.crm.pipedrive().expect("the cases run over it")
}

/// Calls an interface, which must do what it is asked: its reply.
async fn done(world: &World, interface: &str, params: &Value) -> Value {
    let (_, reply) = world.call(interface, params).await;
    assert_eq!(reply["successful"], true, "{interface}: {reply}");
    reply
}

/// That an interface takes so many calls and tokens.
async fn assert_costs(world: &World, interface: &str, params: &Value, cost: (u64, u64)) {
    pipedrive(world).clear_usage();
    done(world, interface, params).await;
    assert_spent(world, interface, cost);
}

fn assert_spent(world: &World, what: &str, cost: (u64, u64)) {
    let (spent, usage) = (pipedrive(world).spent(), pipedrive(world).usage());
    assert_eq!((spent.calls, spent.tokens), cost, "{what}: {usage:#?}");
}

/// The text of a number in a conversation of its own, with a contact.
fn text(conversation: u64, number: u64, contact: u64) -> Value {
    let mut params = with_message(texts([number]).remove(0));
    set(&mut params, "message.conversationId", json!(conversation));
    set(&mut params, "contactInfo.id", json!(contact));
    params
}

/// The same of a user who relies on us.
fn held(mut params: Value) -> Value {
    params["authHeader"] = Value::Null;
    params
}

/// Parameters with these fields, of the first user.
fn asked(mut fields: Value) -> Value {
    fields["user"] = example()["user"].take();
    fields["authHeader"] = json!(DEMO_AUTH);
    fields
}

async fn of_texts() {
    let world = World::start(Door::LocalHttp).await;
    for (what, interface, params, cost) in [
        ("known", "createMessageLog", text(1, 1, 1001), (1, 5)),
        ("joins", "updateMessageLog", text(1, 2, 1001), (2, 6)),
        ("not known", "createMessageLog", text(2, 1, 1003), (2, 6)),
        ("known by now", "createMessageLog", text(3, 1, 1003), (1, 5)),
        (
            "the same again",
            "createMessageLog",
            text(3, 1, 1003),
            (0, 0),
        ),
    ] {
        pipedrive(&world).clear_usage();
        done(&world, interface, &params).await;
        assert_spent(&world, what, cost);
    }
}

/// A call with the contact 1001.
fn phone_call() -> Value {
    asked(json!({
        "contactInfo": {"id": "1001", "type": "Contact", "name": "Daisy Meadows"},
        "callLog": {
            "sessionId": "77", "direction": "Inbound", "result": "Call connected",
            "startTime": "2026-03-04T19:05:09.000Z", "duration": 65,
            "from": {"phoneNumber": "+16505553204"}, "to": {"phoneNumber": "+18885550052"},
        },
        "note": "Wants a quote.",
    }))
}

fn about_the_call(mut fields: Value) -> Value {
    fields["existingCallLog"] = json!({"sessionId": "77"});
    asked(fields)
}

async fn of_calls() {
    let world = World::start(Door::LocalHttp).await;
    assert_costs(&world, "createCallLog", &phone_call(), (1, 5)).await;
    let edited = about_the_call(json!({"note": "Edited."}));
    assert_costs(&world, "updateCallLog", &edited, (2, 6)).await;
    let chosen = about_the_call(json!({"dispositions": {"deals": "301"}}));
    assert_costs(&world, "upsertCallDisposition", &chosen, (2, 6)).await;
    // What is taken back is no link any more.
    let none = about_the_call(json!({"dispositions": {"deals": "none", "leads": "none"}}));
    assert_costs(&world, "upsertCallDisposition", &none, (2, 6)).await;
    let activity = pipedrive(&world).activity(1).await;
    assert_eq!(
        (&activity["deal_id"], &activity["lead_id"]),
        (&Value::Null, &Value::Null)
    );
    let read = asked(json!({"callLogId": "1", "contactId": 1001}));
    assert_costs(&world, "getCallLog", &read, (1, 1)).await;
}

async fn of_contacts() {
    let world = World::start(Door::LocalHttp).await;
    let find = |number: &str| asked(json!({"phoneNumber": number}));
    let name = |name: &str| asked(json!({"name": name}));
    assert_costs(&world, "findContact", &find("+16505553204"), (3, 50)).await;
    assert_costs(&world, "findContactWithName", &name("Fields"), (3, 50)).await;
    let new = asked(json!({"phoneNumber": "+12025550199", "newContactName": "Olive Groves"}));
    assert_costs(&world, "createContact", &new, (1, 5)).await;
    // Two with one number, one of them with several deals: two look-ups for each.
    pipedrive(&world).add_person("Olive Groves", "202-555-0199", None);
    assert_costs(&world, "findContact", &find("+12025550199"), (5, 80)).await;
    // The sixth and all others come without deals and leads.
    for _ in 0..10 {
        pipedrive(&world).add_person("Iris Woods", "+12025550142", None);
    }
    assert_costs(&world, "findContact", &find("+12025550142"), (11, 170)).await;
    pipedrive(&world).clear_usage();
    let mut nobody = find("+12025550111");
    nobody["overridingFormat"] = json!("(***) ***-****,***-***-****");
    let (_, reply) = world.call("findContact", &nobody).await;
    assert_eq!(reply["matchedContactInfo"], json!([]), "{reply}");
    assert_spent(&world, "a search for each format", (2, 40));
}

async fn of_lists() {
    let world = World::start(Door::LocalHttp).await;
    pipedrive(&world).clear_usage();
    rely(&world).await;
    assert_spent(&world, "a sign-in", (2, 22));
    assert_costs(&world, "getUserList", &asked(json!({})), (1, 20)).await;
    let types = |refresh: bool| asked(json!({"keys": "activityTypes", "forceRefresh": refresh}));
    assert_costs(&world, "getAccountData", &types(false), (0, 0)).await;
    assert_costs(&world, "getAccountData", &types(true), (1, 20)).await;
}

async fn of_types() {
    let unnamed = [("PIPEDRIVE_SMS_TYPE", ""), ("PIPEDRIVE_CALL_TYPE", "")];
    let world = World::start_with(Door::LocalHttp, &unnamed).await;
    let first = text(1, 1, 1001);
    assert_costs(&world, "createMessageLog", &first, (2, 25)).await;
    let second = text(2, 1, 1001);
    assert_costs(&world, "createMessageLog", &second, (1, 5)).await;
    assert_costs(&world, "createCallLog", &phone_call(), (1, 5)).await;
    let kinds = pipedrive(&world).activities().await;
    let kinds: Vec<_> = kinds.iter().map(|activity| &activity["type"]).collect();
    assert_eq!(kinds, ["text_sms", "text_sms", "call"]);
}

async fn of_a_look() {
    let world = World::start(Door::LocalHttp).await;
    let lost = Rule::new(Fault::DropAfter).on(Method::POST, world.crm.kind().activities());
    world.crm.plan(lost.once());
    assert_costs(&world, "createMessageLog", &text(1, 1, 1001), (2, 15)).await;
}

/// Pipedrive's refusal of a burst that ends in so many seconds.
fn burst(seconds: &str) -> Rule {
    let headers = [
        ("content-type", "application/json"),
        ("x-ratelimit-reset", seconds),
        ("x-ratelimit-remaining", "0"),
        ("x-daily-ratelimit-token-remaining", "5000"),
    ];
    Rule::new(Fault::status_with(429, &headers, r#"{"success":false}"#)).once()
}

async fn waited_for() {
    let world = World::start(Door::LocalHttp).await;
    done(&world, "createMessageLog", &text(1, 1, 1001)).await;
    for (method, number) in [(Method::GET, 2), (Method::PATCH, 3)] {
        world.crm.clear_journal();
        world.crm.plan(burst("2").method(method));
        let begun = Instant::now();
        done(&world, "updateMessageLog", &text(1, number, 1001)).await;
        assert!(begun.elapsed() >= Duration::from_secs(2), "it waits");
        assert_eq!(world.crm.journal().len(), 3, "one call is sent again");
    }
    assert_eq!(pipedrive(&world).activities().await.len(), 1);
}

/// What a reply says.
fn said(reply: &Value) -> &str {
    reply["returnMessage"]["message"].as_str().expect("words")
}

const TOO_MANY: &str = "Pipedrive is receiving too many requests. \
                        The message is kept and will be logged when it takes more.";

async fn kept() {
    let world = World::start(Door::HttpEvent).await;
    rely(&world).await;
    world.crm.clear_journal();
    world.crm.plan(burst("40"));
    let reply = done(&world, "createMessageLog", &held(text(1, 1, 1001))).await;
    assert_eq!(said(&reply), TOO_MANY);
    pass(&world, Duration::from_secs(30)).await;
    world.deliver_pending().await;
    assert_eq!(world.crm.journal().len(), 1, "it is as Pipedrive says");
    pass(&world, Duration::from_secs(40)).await;
    world.deliver_pending().await;
    assert_eq!(world.crm.journal().len(), 2);
    assert_eq!(pipedrive(&world).activities().await.len(), 1);
}

/// How long it is until the budget of a day begins anew, and until somebody may ask again.
fn until_reset() -> Duration {
    let now = Utc::now();
    let midnight = (now.date_naive() + Days::new(1)).and_time(NaiveTime::MIN);
    let left = midnight.and_utc() - now;
    left.to_std().expect("it is to come") + Duration::from_secs(60)
}

async fn spent() {
    let world = World::start(Door::HttpEvent).await;
    rely(&world).await;
    world.crm.clear_journal();
    pipedrive(&world).leave_daily_tokens(0);
    let reply = done(&world, "createMessageLog", &held(text(1, 1, 1001))).await;
    assert_eq!(said(&reply), TOO_MANY);
    // The budget is there again, and nobody asks before the day is over.
    pipedrive(&world).leave_daily_tokens(1_000);
    let left = until_reset();
    let nearly = left.saturating_sub(Duration::from_secs(5 * 60));
    pass(&world, nearly).await;
    world.deliver_pending().await;
    done(&world, "createMessageLog", &held(text(1, 2, 1001))).await;
    // A token that has run out by then is renewed, which costs nothing of the day.
    let activities = world.crm.kind().activities();
    let vain = world.crm.count(|call| call.path.starts_with(activities));
    assert_eq!(vain, 1);
    // A minute more spreads those who come back.
    pass(&world, left - nearly + Duration::from_secs(2 * 60)).await;
    world.deliver_pending().await;
    let activities = pipedrive(&world).activities().await;
    let notes: Vec<_> = activities
        .iter()
        .map(|one| one["note"].to_string())
        .collect();
    assert_eq!(notes.len(), 1, "{notes:#?}");
    assert!(
        notes[0].contains("Text 001") && notes[0].contains("Text 002"),
        "{notes:#?}"
    );
}

async fn firewall() {
    let world = World::start(Door::HttpEvent).await;
    rely(&world).await;
    world.crm.clear_journal();
    let blocked = Rule::new(FakePipedrive::blocked()).path_prefix("/api/");
    world.crm.plan(blocked.once());
    let reply = done(&world, "createMessageLog", &held(text(1, 1, 1001))).await;
    let words = "Pipedrive cannot be reached. The message is kept";
    assert!(said(&reply).starts_with(words), "{reply}");
    assert_eq!(world.crm.journal().len(), 1, "no token is renewed for it");
    pass(&world, Duration::from_secs(70)).await;
    world.deliver_pending().await;
    assert_eq!(pipedrive(&world).activities().await.len(), 1);
}

async fn renewed() {
    let world = World::start(Door::HttpEvent).await;
    rely(&world).await;
    pipedrive(&world).end_access_tokens();
    world.crm.clear_journal();
    let reply = done(&world, "createMessageLog", &held(text(1, 1, 1001))).await;
    assert_eq!(said(&reply), "Message logged");
    let paths: Vec<_> = world.crm.journal();
    let paths: Vec<_> = paths.iter().map(|call| call.path.as_str()).collect();
    let activities = world.crm.kind().activities();
    assert_eq!(paths, [activities, "/oauth/token", activities]);
}

/// How many searches at once: Pipedrive takes ten in two seconds.
const SEARCHES: usize = 14;

async fn searches() {
    let world = World::start(Door::LocalHttp).await;
    let find = asked(json!({"phoneNumber": "+14155550142"}));
    let all = join_all((0..SEARCHES).map(|_| done(&world, "findContact", &find))).await;
    for reply in all {
        assert_eq!(reply["matchedContactInfo"][0]["id"], "1002", "{reply}");
    }
    let usage = pipedrive(&world).usage();
    let searches = usage["GET /api/v2/persons/search"].calls;
    assert!(searches >= 14, "{usage:#?}");
}
