//! A CRM that takes no long notes, although nobody said so: it refuses them, or cuts them.

use std::time::Duration;

use daybook_fakes::{FakeExampleCrm, Fault, Rewrite, Rule, TooLong};
use daybook_tests::params::{inbound, text, texts, with_message, with_messages};
use daybook_tests::runner::case;
use daybook_tests::sign_in::rely;
use daybook_tests::world::{Answered, Door, World};
use http::Method;
use libtest_mimic::Trial;
use serde_json::Value;

use crate::expect::{assert_waits, count, failure_of, note, success};
use crate::later::pass;

pub(super) fn cases() -> Vec<Trial> {
    let refused = |status: u16| {
        let name = format!("faults::caps::a_long_note_that_is_refused_with_{status}_is_told");
        case(name, move || a_refused_note(status))
    };
    let cut = |name: &str| format!("faults::caps::cut::{name}");
    vec![
        refused(413),
        refused(422),
        case(cut("a_new_note"), || a_cut_note(&[2])),
        case(cut("a_note_that_is_there"), || a_cut_note(&[1, 2])),
        case(cut("a_note_with_words_of_a_person"), words_of_a_person),
        case(cut("many_texts_at_once_in_a_new_note"), || {
            many_texts(false)
        }),
        case(cut("many_texts_at_once_in_a_note_that_is_there"), || {
            many_texts(true)
        }),
        case(cut("twenty_requests_at_once"), twenty_requests),
        case(cut("a_note_that_is_rewritten_as_well"), a_rewritten_note),
        case(cut("a_crm_that_takes_less_and_less"), less_and_less),
        case(
            cut("a_note_larger_than_the_crm_takes_any_more"),
            less_than_stands,
        ),
        case(
            cut("a_note_larger_than_the_crm_takes_any_more_and_no_further_part"),
            less_and_no_part,
        ),
        case(cut("a_slow_crm"), a_slow_crm),
        case(cut("a_write_in_place_of_it_that_does_not_arrive"), || {
            torn(Fault::DropBefore, 1)
        }),
        case(cut("a_write_in_place_of_it_that_is_not_answered"), || {
            torn(Fault::DropAfter, 1)
        }),
        case(cut("a_write_in_place_of_it_that_is_put_off"), || {
            torn(Fault::rate_limited("20"), 1)
        }),
        case(cut("a_write_that_is_not_answered"), || {
            torn(Fault::DropAfter, 0)
        }),
        case(cut("a_crm_that_takes_next_to_nothing"), next_to_nothing),
    ]
}

/// The most bytes of a note: a digest of two texts fits, and a long one does not.
const CAP: usize = 1_500;

/// A text that no note under the cap can hold.
fn long_text() -> String {
    let words: String = (0..CAP / 6)
        .map(|number| format!(" w{number:04}"))
        .collect();
    format!("Beginning{words} the very end")
}

/// What the text of a number says: the second is long.
fn says(number: u64) -> String {
    match number {
        2 => long_text(),
        _ => text(number),
    }
}

fn message(number: u64) -> Value {
    match number {
        2 => inbound(2, "2015-02-18T13:02:00.000Z", &long_text()),
        _ => texts([number]).remove(0),
    }
}

async fn send(world: &World, number: u64) -> Answered {
    world
        .call("updateMessageLog", &with_message(message(number)))
        .await
}

fn set_cap(world: &World, too_long: TooLong) {
    set_cap_at(world, CAP, too_long);
}

fn set_cap_at(world: &World, bytes: usize, too_long: TooLong) {
    world
        .crm
        .set_notes(FakeExampleCrm::notes().at_most(bytes, too_long));
}

async fn a_refused_note(status: u16) {
    let world = World::start(Door::HttpEvent).await;
    let logged = success("1", "Message logged");
    set_cap(&world, TooLong::Refused(status));
    assert_eq!(send(&world, 1).await, logged);
    let words = "Example CRM does not accept what the message says. Send it again in N minutes.";
    let refused = failure_of("1", "warning", words);
    assert_waits(send(&world, 2).await, &refused, 60);
    assert_eq!(send(&world, 3).await, logged);
    assert_stand(&world, &[1, 3], 1).await;
    // While it is set aside, its digest is named all the same.
    assert_waits(send(&world, 2).await, &refused, 60);
    world.crm.set_notes(FakeExampleCrm::notes());
    pass(&world, Duration::from_secs(67 * 60)).await;
    assert_eq!(send(&world, 2).await, logged);
    assert_stand(&world, &[1, 2, 3], 1).await;
}

/// Sends texts of which the last is too long.
async fn a_cut_note(numbers: &[u64]) {
    let world = World::start(Door::HttpEvent).await;
    set_cap(&world, TooLong::Cut);
    for number in numbers {
        let (_, reply) = send(&world, *number).await;
        assert_eq!(reply["successful"], true, "{reply}");
    }
    let parts = world.crm.activities().await.len();
    assert!(parts > 1, "{parts}");
    assert_stand(&world, numbers, parts).await;
    // The limit is known from now on: a read and a write.
    world.crm.clear_journal();
    // The last part is full, as far as the limit goes that is known now.
    let parts = parts + 1;
    let last = parts.to_string();
    assert_eq!(send(&world, 3).await, success(&last, "Message logged"));
    assert_eq!(world.crm.journal().len(), 2);
    let reply = send(&world, 2).await;
    assert_eq!(reply, success(&last, "Already logged"));
    assert_eq!(world.crm.journal().len(), 2);
    let all = [numbers, &[3]].concat();
    assert_stand(&world, &all, parts).await;
}

/// What a person wrote is not cut off for good.
async fn words_of_a_person() {
    let world = World::start(Door::Direct).await;
    set_cap(&world, TooLong::Cut);
    assert_eq!(send(&world, 1).await, success("1", "Message logged"));
    let words = "<p>Call her on Monday</p>";
    let note = world.crm.open_note(1).await;
    world.crm.save_note(1, &format!("{note}{words}")).await;
    let (_, reply) = send(&world, 2).await;
    assert_eq!(reply["successful"], true, "{reply}");
    assert!(world.crm.open_note(1).await.ends_with(words));
    let parts = world.crm.activities().await.len();
    assert_stand(&world, &[1, 2], parts).await;
}

/// Texts of which some fit, in one request.
async fn many_texts(is_update: bool) {
    let world = World::start(Door::LocalHttp).await;
    set_cap(&world, TooLong::Cut);
    let all: Vec<_> = (11..=30).collect();
    if is_update {
        assert_eq!(send(&world, 11).await, success("1", "Message logged"));
    }
    let request = with_messages(texts(all.clone()));
    let (_, reply) = world.call("createMessageLog", &request).await;
    assert_eq!(reply["successful"], true, "{reply}");
    let parts = world.crm.activities().await.len();
    assert!(parts > 1, "{parts}");
    assert_eq!(reply["logId"], parts.to_string());
    assert_stand(&world, &all, parts).await;
    // Nothing is cut a second time: one write for each part, one that was cut, and what was there.
    let writes = parts + 1 + usize::from(is_update);
    assert_eq!(world.crm.writes(), writes);
}

/// Texts of which some fit, in requests of their own at the same time.
async fn twenty_requests() {
    let world = World::start(Door::LocalHttp).await;
    set_cap(&world, TooLong::Cut);
    let all: Vec<_> = (11..=30).collect();
    let replies = all.iter().map(|number| send(&world, *number));
    for (_, reply) in futures_util::future::join_all(replies).await {
        assert_eq!(reply["successful"], true, "{reply}");
    }
    let parts = world.crm.activities().await.len();
    // A late one belongs where it is later than what stands: order holds within a part.
    assert_all_stand(&world, &all, parts).await;
}

async fn a_rewritten_note() {
    for given_back in [false, true] {
        let world = World::start(Door::Direct).await;
        let all = [Rewrite::Newlines, Rewrite::Entities, Rewrite::ClosedBreaks];
        let notes = FakeExampleCrm::notes().at_most(CAP, TooLong::Cut);
        world.crm.set_notes(match given_back {
            true => notes.given_back_as(&all),
            false => notes.stored_as(&all),
        });
        let numbers: Vec<_> = (11..=30).collect();
        for number in &numbers {
            let (_, reply) = send(&world, *number).await;
            assert_eq!(reply["successful"], true, "{reply}");
        }
        let parts = world.crm.activities().await.len();
        assert!(parts > 1, "{parts}");
        assert_all_stand(&world, &numbers, parts).await;
    }
}

/// A limit that is learned while some pieces of a text stand already.
async fn less_and_less() {
    let world = World::start(Door::Direct).await;
    set_cap(&world, TooLong::Cut);
    let down = Fault::status_with(503, &[("retry-after", "1")], "");
    let second_part = Rule::new(down).method(Method::POST).skip(1).once();
    world.crm.plan(second_part);
    let (_, reply) = send(&world, 2).await;
    assert_eq!(reply["successful"], false, "{reply}");
    assert_eq!(world.crm.activities().await.len(), 1);
    set_cap_at(&world, CAP - 300, TooLong::Cut);
    pass(&world, Duration::from_secs(120)).await;
    let (_, reply) = send(&world, 2).await;
    assert_eq!(reply["successful"], true, "{reply}");
    let parts = world.crm.activities().await.len();
    assert_stand(&world, &[2], parts).await;
    let (_, reply) = send(&world, 3).await;
    assert_eq!(reply["successful"], true, "{reply}");
    let parts = world.crm.activities().await.len();
    assert_stand(&world, &[2, 3], parts).await;
}

/// What does not fit any more goes into the next part, and what a person wrote stays.
async fn less_than_stands() {
    let world = World::start(Door::Direct).await;
    let all: Vec<_> = (11..=30).collect();
    let request = with_messages(texts(all.clone()));
    let reply = world.call("createMessageLog", &request).await;
    assert_eq!(reply, success("1", "20 messages logged"));
    let words = "<p>Call her on Monday</p>";
    let note = world.crm.open_note(1).await;
    world.crm.save_note(1, &format!("{note}{words}")).await;
    set_cap(&world, TooLong::Cut);
    assert_eq!(send(&world, 31).await, success("2", "Message logged"));
    assert!(world.crm.open_note(1).await.ends_with(words));
    assert_stand(&world, &(11..=31).collect::<Vec<_>>(), 2).await;
}

/// What has to leave the note waits like a new text until it stands in another.
async fn less_and_no_part() {
    let world = World::start(Door::HttpEvent).await;
    let all: Vec<_> = (11..=30).collect();
    let request = with_messages(texts(all.clone()));
    let reply = world.call("createMessageLog", &request).await;
    assert_eq!(reply, success("1", "20 messages logged"));
    set_cap(&world, TooLong::Cut);
    let down = Rule::new(Fault::status(503)).method(Method::POST);
    world.crm.plan(down.forever());
    let (_, reply) = send(&world, 31).await;
    assert_eq!(reply["successful"], false, "{reply}");
    let waiting = world.dump().await.matches("parked#").count();
    assert!(waiting > 2, "{waiting} texts wait for a sign-in");
    world.crm.clear_plan();
    rely(&world).await;
    for _ in 0..3 {
        pass(&world, Duration::from_secs(90)).await;
        world.deliver_pending().await;
    }
    let parts = world.crm.activities().await.len();
    assert_stand(&world, &(11..=31).collect::<Vec<_>>(), parts).await;
}

/// The time of one request is not enough for all of it.
async fn a_slow_crm() {
    let world = World::start(Door::Direct).await;
    set_cap(&world, TooLong::Cut);
    world.crm.set_delay(Duration::from_millis(2_500));
    for _ in 0..4 {
        let (_, reply) = send(&world, 2).await;
        if reply["successful"] == true {
            break;
        }
        pass(&world, Duration::from_secs(20)).await;
    }
    let parts = world.crm.activities().await.len();
    assert_stand(&world, &[2], parts).await;
}

/// A write is cut, and the one in its place goes wrong as well; or it is not even answered. What is
/// torn is nobody's words, and takes no text along that stood below it.
async fn torn(fault: Fault, skip: usize) {
    let world = World::start(Door::HttpEvent).await;
    for number in [1, 3] {
        assert_eq!(send(&world, number).await, success("1", "Message logged"));
    }
    let note = world.crm.open_note(1).await;
    world.crm.save_note(1, &format!("<p>VIP</p>{note}")).await;
    set_cap(&world, TooLong::Cut);
    let patch = Rule::new(fault).method(Method::PATCH).skip(skip).once();
    world.crm.plan(patch);
    let (_, reply) = send(&world, 2).await;
    assert_eq!(reply["successful"], false, "{reply}");
    assert!(world.crm.unspent_rules().is_empty());
    pass(&world, Duration::from_secs(70)).await;
    let (_, reply) = send(&world, 2).await;
    assert_eq!(reply["successful"], true, "{reply}");
    let parts = world.crm.activities().await.len();
    assert_all_stand(&world, &[1, 2, 3], parts).await;
    let words = world.crm.open_note(1).await;
    assert!(words.starts_with("<p>VIP</p>"), "{words}");
}

/// No part of a text fits: that is told, and nothing is written without end.
async fn next_to_nothing() {
    let world = World::start(Door::HttpEvent).await;
    set_cap_at(&world, 300, TooLong::Cut);
    let words = "Example CRM refused to save the log. Send it again in N seconds.";
    let refused = failure_of("1", "warning", words);
    assert_waits(send(&world, 1).await, &refused, 60);
    assert!(world.crm.writes() <= 4, "{}", world.crm.writes());
    world.crm.set_notes(FakeExampleCrm::notes());
    pass(&world, Duration::from_secs(120)).await;
    let (_, reply) = send(&world, 1).await;
    assert_eq!(reply["successful"], true, "{reply}");
    assert_stand(&world, &[1], 1).await;
}

/// That the texts of these numbers stand in so many parts, whole, in order, once, and counted.
async fn assert_stand(world: &World, numbers: &[u64], parts: usize) {
    let found = assert_whole(world, parts).await;
    let expected: Vec<_> = numbers.iter().map(|number| says(*number)).collect();
    assert_eq!(found, expected);
}

/// The same, in whatever order the parts have them.
async fn assert_all_stand(world: &World, numbers: &[u64], parts: usize) {
    let mut found = assert_whole(world, parts).await;
    let mut expected: Vec<_> = numbers.iter().map(|number| says(*number)).collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

/// The texts of all parts, each of which has its end and its count; pieces are put together.
async fn assert_whole(world: &World, parts: usize) -> Vec<String> {
    let mut activities = world.crm.activities().await;
    activities.sort_by_key(|activity| activity["id"].as_u64());
    assert_eq!(activities.len(), parts, "{activities:#?}");
    let mut texts: Vec<String> = Vec::new();
    let mut begun = 0;
    for activity in &activities {
        let note = note(activity);
        for ours in ["BEGIN", "END", "--- Created via"] {
            assert_eq!(note.matches(ours).count(), 1, "{ours} once in {note}");
        }
        let before = texts.len();
        for (header, said) in entries(note) {
            match piece(&header) {
                Some(piece) if piece > 1 => texts[begun].push_str(&said),
                Some(_) => {
                    begun = texts.len();
                    texts.push(said);
                }
                None => texts.push(said),
            }
        }
        assert_eq!(count(note), texts.len() - before, "{note}");
    }
    texts
}

/// The entries of a note: who and when, and what was said.
fn entries(note: &str) -> Vec<(String, String)> {
    let note = note.replace('\n', "").replace("<br/>", "<br>");
    let (_, block) = note.split_once("BEGIN").expect("a conversation");
    let items = block.split("<li>").skip(1);
    items
        .map(|item| {
            let (item, _) = item.split_once("</li>").expect("an entry ends");
            let (header, said) = item.split_once("<br>").expect("an entry has a header");
            let said = said.trim_start_matches("<b>").trim_end_matches("</b>");
            (header.to_owned(), said.to_owned())
        })
        .collect()
}

/// Which piece of a text an entry is.
fn piece(header: &str) -> Option<usize> {
    let (before, _) = header.rsplit_once('/')?;
    let (_, piece) = before.rsplit_once('(')?;
    piece.parse().ok()
}
