//! A conversation's known day, newest first, again and again.

use daybook_tests::params::{inbound, text};
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{Place, handed_on, ids_of, set, words};
use crate::expect::{assert_in_order, note};

super::signed_in![
    a_day_is_logged_once_however_often_it_is_sent,
    one_write_takes_all_that_is_new,
    several_days_in_one_request_have_a_log_each,
    conversations_and_repeats_at_once_are_each_logged_once,
    two_hundred_and_sixty_texts_are_logged_at_once,
    more_than_five_hundred_new_texts_are_logged_by_repeats,
    without_a_contact_nothing_is_written,
    what_cannot_be_read_names_its_field,
    without_a_session_nothing_is_looked_at,
    texts_that_the_crm_refuses_hold_no_others_up,
    the_form_and_the_contact_are_those_of_the_request,
    messages_between_extensions_are_logged,
];

fn numbers(numbers: impl IntoIterator<Item = u64>) -> Vec<String> {
    numbers
        .into_iter()
        .map(|number| number.to_string())
        .collect()
}

async fn a_day_is_logged_once_however_often_it_is_sent(place: &Place) {
    assert_eq!(place.ids(&place.day(1..=3)).await, numbers(1..=3));
    let writes = place.world.crm.writes();
    let calls = place.world.crm.journal().len();
    for _ in 0..3 {
        let reply = place.told(&place.day(1..=3)).await;
        assert_eq!(
            (&reply["successful"], &reply["logIds"]),
            (&json!(true), &json!([]))
        );
    }
    // A client that knows less of the day takes nothing away.
    assert_eq!(place.ids(&place.day([2])).await, numbers([]));
    assert_eq!(
        place.world.crm.journal().len(),
        calls,
        "nobody asks the CRM"
    );
    assert_eq!(place.ids(&place.day(1..=5)).await, numbers(4..=5));
    assert_eq!(place.world.crm.writes(), writes + 1);
    let texts: Vec<_> = (1..=5).map(text).collect();
    assert_in_order(note(&place.world.only_activity().await), &texts);
}

async fn one_write_takes_all_that_is_new(place: &Place) {
    assert_eq!(place.ids(&place.day(1..=40)).await, numbers(1..=40));
    assert_eq!(place.world.crm.writes(), 1);
    assert_eq!(place.ids(&place.day(1..=90)).await, numbers(41..=90));
    assert_eq!(place.world.crm.writes(), 2);
    let texts: Vec<_> = (1..=90).map(text).collect();
    assert_in_order(note(&place.world.only_activity().await), &texts);
}

async fn several_days_in_one_request_have_a_log_each(place: &Place) {
    let at = |id: u64, time: &str| handed_on(inbound(id, time, &text(id)));
    // The user's midnight is at eight o'clock of the server's time.
    let messages = vec![
        at(4, "2015-02-20T20:00:00.000Z"),
        at(3, "2015-02-19T08:00:00.000Z"),
        at(2, "2015-02-19T07:59:00.000Z"),
        at(1, "2015-02-18T20:00:00.000Z"),
    ];
    let body = place.body(messages);
    assert_eq!(place.ids(&body).await, numbers(1..=4));
    assert_eq!(place.ids(&body).await, numbers([]));
    let activities = place.world.activities().await;
    let days = [vec![text(1), text(2)], vec![text(3)], vec![text(4)]];
    assert_eq!(activities.len(), days.len(), "{activities:#?}");
    for (activity, texts) in activities.iter().zip(&days) {
        assert_in_order(note(activity), texts);
    }
}

async fn conversations_and_repeats_at_once_are_each_logged_once(place: &Place) {
    let of = |conversation: u64| {
        let mut body = place.day(1..=3);
        set(
            &mut body,
            "/logInfo/conversationId",
            json!(conversation.to_string()),
        );
        body
    };
    // A batch of the extension, in which one conversation is three times.
    let bodies: Vec<_> = [1, 2, 3, 4, 5, 1, 1].into_iter().map(of).collect();
    let replies = join_all(bodies.iter().map(|body| place.told(body))).await;
    for reply in &replies {
        assert_eq!(reply["successful"], true, "{reply}");
    }
    for reply in &replies[..5] {
        assert!(
            ids_of(reply).is_empty() || ids_of(reply) == numbers(1..=3),
            "{reply}"
        );
    }
    let activities = place.world.activities().await;
    assert_eq!(activities.len(), 5, "{activities:#?}");
    for activity in &activities {
        assert_in_order(note(activity), &[text(1), text(2), text(3)]);
    }
}

async fn two_hundred_and_sixty_texts_are_logged_at_once(place: &Place) {
    let body = place.day(1..=260);
    assert_eq!(place.ids(&body).await, numbers(1..=260));
    assert_eq!(place.ids(&body).await, numbers([]));
    let texts: Vec<_> = (1..=260).map(text).collect();
    assert_in_order(note(&place.world.only_activity().await), &texts);
}

async fn more_than_five_hundred_new_texts_are_logged_by_repeats(place: &Place) {
    let body = place.day(1..=503);
    assert_eq!(place.ids(&body).await, numbers(1..=500));
    assert_eq!(place.ids(&body).await, numbers(501..=503));
    assert_eq!(place.ids(&body).await, numbers([]));
    let mut said = String::new();
    for activity in place.world.activities().await {
        said.push_str(note(&activity));
    }
    for number in [1, 250, 500, 501, 503] {
        assert_eq!(said.matches(&text(number)).count(), 1, "{number}");
    }
}

async fn without_a_contact_nothing_is_written(place: &Place) {
    let mut bodies = Vec::new();
    for id in [
        json!(null),
        json!(""),
        json!("createNewContact"),
        json!("searchContact"),
    ] {
        let mut body = place.day(1..=2);
        body["contactId"] = id;
        body["contactName"] = json!("Create new contact...");
        bodies.push((body, "No contact was chosen"));
    }
    let mut body = place.day(1..=2);
    body["logInfo"]["messages"] = json!([]);
    bodies.push((body, "There is no message to log"));
    for (body, said) in bodies {
        let reply = place.told(&body).await;
        assert_eq!(
            (&reply["successful"], &reply["logIds"]),
            (&json!(false), &json!([]))
        );
        assert!(words(&reply).starts_with(said), "{reply}");
        assert_eq!(reply["returnMessage"]["messageType"], "warning");
    }
    assert!(place.world.crm.journal().is_empty());
    let dump = place.world.dump().await;
    assert!(!dump.contains("\"M#") && !dump.contains("\"H#"), "{dump}");
}

async fn what_cannot_be_read_names_its_field(place: &Place) {
    for (pointer, value, field) in [
        ("/logInfo", json!(null), "logInfo"),
        ("/logInfo/messages", json!({}), "logInfo.messages"),
        (
            "/logInfo/messages/1/id",
            json!(1.5),
            "logInfo.messages[1].id",
        ),
        (
            "/logInfo/messages/0/direction",
            json!("Up"),
            "logInfo.messages[0].direction",
        ),
        (
            "/logInfo/messages/0/creationTime",
            json!("x"),
            "logInfo.messages[0].creationTime",
        ),
        ("/contactId", json!({}), "contactId"),
        ("/additionalSubmission", json!("x"), "additionalSubmission"),
    ] {
        let mut body = place.day(1..=2);
        set(&mut body, pointer, value);
        let answer = place.send(&body).await;
        let reply = answer.json();
        assert_eq!(
            (answer.status, &reply["field"]),
            (400, &json!(field)),
            "{reply}"
        );
        assert_eq!(reply["successful"], false);
    }
    let answer = place.send_as(&place.token, "Daisy").await;
    assert_eq!(answer.status, 400);
    assert!(!answer.text.contains("Daisy"), "{}", answer.text);
    assert!(place.world.crm.journal().is_empty());
}

async fn without_a_session_nothing_is_looked_at(place: &Place) {
    let words = "Please go to Settings and authorize CRM platform";
    let forged = format!("{}x", place.token);
    for body in [place.day(1..=2).to_string(), "Daisy".to_owned()] {
        for token in ["", "x", &forged] {
            let answer = place.send_as(token, &body).await;
            assert_eq!((answer.status, answer.text.as_str()), (400, words));
        }
    }
    // A session that is over is none, though its token is good still.
    let path = format!("/unAuthorize?jwtToken={}", place.token);
    place.world.client("POST", &path, &[], "").await;
    let answer = place.send(&place.day(1..=2)).await;
    assert_eq!((answer.status, answer.text.as_str()), (400, words));
    assert_eq!(place.world.crm.writes(), 0);
}

async fn texts_that_the_crm_refuses_hold_no_others_up(place: &Place) {
    use daybook_fakes::{Fault, Rule};
    assert_eq!(place.ids(&place.day(1..=2)).await, numbers(1..=2));
    let path = place.world.crm.kind().activities();
    let refuses = |part: String| {
        Rule::new(Fault::status(422))
            .path_prefix(path)
            .body_contains(&part)
    };
    place.world.crm.plan(refuses(text(4)).forever());
    // The newest text of a request goes after the others, alone.
    let reply = place.told(&place.day(1..=4)).await;
    assert_eq!(reply["successful"], true, "{reply}");
    assert_eq!(ids_of(&reply), numbers([3]));
    assert_eq!(reply["returnMessage"]["messageType"], "warning");
    let begin = "1 of 2 messages logged. ";
    assert!(words(&reply).starts_with(begin), "{reply}");
    // The next time it is the only one that is not logged.
    let reply = place.told(&place.day(1..=4)).await;
    assert_eq!(
        (&reply["successful"], &reply["logIds"]),
        (&json!(false), &json!([]))
    );
    let said = format!(
        "{} does not accept what the message says.",
        place.login.display_name()
    );
    assert!(words(&reply).starts_with(&said), "{reply}");
    assert_eq!(place.ids(&place.day(1..=3)).await, numbers([]));
    assert_in_order(
        note(&place.world.only_activity().await),
        &[text(1), text(2), text(3)],
    );
}

async fn the_form_and_the_contact_are_those_of_the_request(place: &Place) {
    let mut body = place.day([1]);
    let field = place.world.crm.kind().choices()[0];
    body["additionalSubmission"] = json!({field.0: field.1});
    body["contactName"] = json!("Daisy M.");
    assert_eq!(place.ids(&body).await, numbers([1]));
    let activity = place.world.only_activity().await;
    assert!(
        note(&activity).contains("Daisy M. (+16505553204)"),
        "{activity:#}"
    );
    let subject = activity["subject"].as_str().expect("a subject");
    assert_eq!(subject, "SMS conversation with Daisy M. - 15/02/18");
    let chosen = [
        &activity["dispositions"],
        &activity["additional"],
        &activity["fields"],
    ];
    let written = place
        .world
        .crm
        .journal()
        .into_iter()
        .find(|exchange| exchange.is_write());
    let written = written.expect("a write").json();
    assert!(
        chosen.iter().any(|fields| fields[field.0] == field.1)
            || written.to_string().contains(field.1),
        "{activity:#} {written:#}"
    );
}

async fn messages_between_extensions_are_logged(place: &Place) {
    let mut body = place.day([1]);
    set(&mut body, "/logInfo/type", json!("Pager"));
    set(
        &mut body,
        "/logInfo/correspondents",
        json!([{"extensionNumber": "102", "name": "Eve"}]),
    );
    let message = &mut body["logInfo"]["messages"][0];
    message["type"] = json!("Pager");
    message["from"] = json!({"extensionNumber": "102", "name": "Eve"});
    message["to"] = json!([{"extensionNumber": 101.to_string()}, Value::Null]);
    assert_eq!(place.ids(&body).await, numbers([1]));
    let activity = place.world.only_activity().await;
    assert!(
        note(&activity).contains("Daisy Meadows (102)"),
        "{activity:#}"
    );
}
