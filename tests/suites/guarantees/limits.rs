//! Much of it: a day of 2,000 texts, notes that are too small for a day, and texts that are too
//! large for a note. Sent over HTTP, in every format, to notepads that refuse what is too long.

use std::time::{Duration, Instant};

use daybook_core::digest::Format;
use daybook_tests::expect::count;
use daybook_tests::params::{inbound, outbound, with_messages};
use daybook_tests::runner::{case, figure};
use daybook_tests::stands::note;
use daybook_tests::world::{Door, World};
use libtest_mimic::Trial;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::notepads::{Desk, Note, Notepad, number};
use crate::texts::read::{Shown, read, says};

/// The most messages of one request.
const MOST_OF_A_REQUEST: usize = 500;

/// The most bytes of a note, where notes are small.
const SMALL_NOTE: usize = 20_000;

const FORMATS: [(Format, &str); 3] = [
    (Format::Html, "html"),
    (Format::PlainText, "plain_text"),
    (Format::Markdown, "markdown"),
];

pub(super) fn cases() -> Vec<Trial> {
    let mut cases = Vec::new();
    for (format, name) in FORMATS {
        cases.push(case(
            format!("limits::two_thousand_texts_make_one_digest_in_{name}"),
            move || two_thousand(format),
        ));
        cases.push(case(
            format!("limits::a_day_goes_into_numbered_parts_in_{name}"),
            move || numbered_parts(format),
        ));
        cases.push(case(
            format!("limits::a_text_larger_than_a_part_is_whole_in_{name}"),
            move || larger_than_a_part(format),
        ));
    }
    cases.push(case(
        "limits::two_thousand_texts_go_through_the_server_into_numbered_parts",
        through_the_server,
    ));
    cases
}

/// The text `number` of a day: one every 20 seconds, every other one the user's.
fn message(number: usize, text: &str) -> Value {
    let seconds = 8 * 3_600 + 20 * number;
    let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let time = format!("2015-02-18T{hour:02}:{minute:02}:{second:02}.000Z");
    let id = 1_000 + u64::try_from(number).expect("a small number");
    match number % 2 {
        0 => inbound(id, &time, text),
        _ => outbound(id, &time, text),
    }
}

/// A CRM, and how much was asked of it.
struct Day {
    format: Format,
    desk: Desk,
    requests: usize,
}

impl Day {
    async fn start(format: Format, max_note_bytes: Option<usize>) -> Self {
        Self {
            format,
            desk: Desk::start(Notepad::new(format, max_note_bytes)).await,
            requests: 0,
        }
    }

    /// Sends messages that must be logged, once more where the reply asks for it, as it does on a
    /// busy machine; gives the words of the reply and the number of the activity that it names.
    async fn log(&mut self, messages: &[Value]) -> (String, usize) {
        let body = with_messages(messages.to_vec()).to_string();
        loop {
            self.requests += 1;
            assert!(self.requests < 50, "it comes to an end");
            let (status, reply) = self.desk.call("updateMessageLog", body.clone()).await;
            let words = reply["returnMessage"]["message"].as_str().expect("words");
            if reply["successful"] == false && words.ends_with("Send it again.") {
                continue;
            }
            assert_eq!(
                (status, &reply["successful"]),
                (200, &json!(true)),
                "{reply}"
            );
            let id = reply["logId"].as_str().expect("an id");
            return (words.to_owned(), number(id));
        }
    }

    /// That a day that is sent once more changes nothing, and calls nobody.
    async fn assert_quiet(&mut self, messages: &[Value]) {
        let (notes, calls) = (self.bodies(), self.desk.notepad.calls());
        for part in messages.chunks(MOST_OF_A_REQUEST) {
            assert_eq!(self.log(part).await.0, "Already logged");
        }
        assert_eq!(
            self.desk.notepad.calls(),
            calls,
            "nothing is asked of the CRM"
        );
        assert!(self.bodies() == notes, "nothing is written");
    }

    fn notes(&self) -> Vec<Note> {
        self.desk.notepad.notes()
    }

    fn bodies(&self) -> Vec<String> {
        self.notes().into_iter().map(|note| note.body).collect()
    }

    /// The entries of each part. Their subjects are numbered, and each counts what begins in it.
    fn parts(&self) -> Vec<Vec<Shown>> {
        let notes = self.notes();
        let parts = notes.iter().zip(1..).map(|(note, number)| {
            let number = match number {
                1 => String::new(),
                number => format!(" ({number})"),
            };
            let subject = format!("SMS conversation with Daisy Meadows - 15/02/18{number}");
            assert_eq!(note.subject, subject);
            let read = read(self.format, &note.body);
            let read = read.unwrap_or_else(|why| panic!("{why}\n{}", note.body));
            assert_eq!(read.subject, subject);
            let begun = read
                .entries
                .iter()
                .filter(|entry| is_begun(&entry.header))
                .count();
            assert_eq!(read.count, begun, "{}", note.body);
            read.entries
        });
        parts.collect()
    }
}

/// Whether an entry is a message, or the first piece of one.
fn is_begun(header: &str) -> bool {
    !header.contains('/') || header.contains(" (1/")
}

/// That the parts say these texts, each once, in order.
fn assert_said(parts: &[Vec<Shown>], texts: &[String]) {
    let said: Vec<_> = parts
        .iter()
        .flatten()
        .map(|entry| entry.lines.join("\n"))
        .collect();
    assert_eq!(said.len(), texts.len());
    let wrong = said
        .iter()
        .zip(texts)
        .find(|(shown, typed)| !says(shown, typed));
    assert_eq!(wrong, None);
}

/// Held by a case that keeps the machine busy, so that few are late for the reply's deadline.
static BUSY: Mutex<()> = Mutex::const_new(());

async fn two_thousand(format: Format) {
    let _alone = BUSY.lock().await;
    let mut day = Day::start(format, None).await;
    let texts: Vec<_> = (0..2_000)
        .map(|number| format!("Text {number} <of> \\many*"))
        .collect();
    let messages: Vec<_> = (0..)
        .zip(&texts)
        .map(|(number, text)| message(number, text))
        .collect();
    let begun = Instant::now();
    let requests: Vec<_> = messages.chunks(MOST_OF_A_REQUEST).collect();
    // Neither do the requests come in order, nor the texts of one.
    for request in [2, 0, 3, 1] {
        let mut request = requests[request].to_vec();
        request.rotate_left(123);
        assert_eq!(day.log(&request).await.1, 0);
    }
    let time = begun.elapsed().as_millis();
    let (requests, calls) = (day.requests, day.desk.notepad.calls());
    figure(&format!(
        "2,000 texts: {requests} requests, {calls} calls of the CRM, {time} ms"
    ));
    // One to make it, and a read and a write for each other request.
    assert!(
        calls < 2 * requests,
        "{calls} calls for {requests} requests"
    );
    let parts = day.parts();
    assert_eq!(parts.len(), 1, "one activity");
    assert_said(&parts, &texts);
    day.assert_quiet(&messages).await;
}

async fn numbered_parts(format: Format) {
    let _alone = BUSY.lock().await;
    let mut day = Day::start(format, Some(SMALL_NOTE)).await;
    let words = "of some length & <markup>, \u{1f642} ".repeat(5);
    let mut texts: Vec<_> = (0..300)
        .map(|number| format!("{number}: {}", words.trim()))
        .collect();
    let mut messages: Vec<_> = (0..)
        .zip(&texts)
        .map(|(number, text)| message(number, text))
        .collect();
    let (_, last) = day.log(&messages).await;
    let parts = day.parts();
    assert!(parts.len() >= 4, "{}", parts.len());
    assert_eq!(last, parts.len() - 1, "the last part is named");
    assert!(day.bodies().iter().all(|body| body.len() <= SMALL_NOTE));
    assert!(
        parts.iter().all(|part| part.len() > 20),
        "none is nearly empty but the last"
    );
    assert_said(&parts, &texts);
    day.assert_quiet(&messages).await;
    // A later text joins the last part, as one does that belongs further up.
    let before = day.bodies();
    let further = messages.len();
    for number in [further, further + 1] {
        texts.push(format!("further {number}"));
        messages.push(message(number, &texts[number]));
        assert_eq!(
            day.log(&messages[number..]).await,
            ("Message logged".to_owned(), last)
        );
    }
    let after = day.bodies();
    assert_eq!(
        before[..last],
        after[..last],
        "the other parts are as they were"
    );
    assert_said(&day.parts(), &texts);
    let figures = (day.parts().len(), day.desk.notepad.calls());
    figure(&format!(
        "302 texts: {} parts, {} calls of the CRM",
        figures.0, figures.1
    ));
    day.assert_quiet(&messages).await;
}

/// A text of which nearly every character is a seam that must not be cut: characters of four
/// bytes and several joined ones, behind `start`.
fn large(start: &str) -> String {
    let words = (0..900).map(|word| {
        format!("{word}\u{1f642}&\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}e\u{301}<")
    });
    start.to_owned() + &words.collect::<String>()
}

async fn larger_than_a_part(format: Format) {
    let _alone = BUSY.lock().await;
    // The seams lie at other bytes of a character each time.
    for start in ["", "x", "xy", "xyz"] {
        let mut day = Day::start(format, Some(SMALL_NOTE)).await;
        let texts = ["before".to_owned(), large(start), "after".to_owned()];
        let messages: Vec<_> = (0..)
            .zip(&texts)
            .map(|(number, text)| message(number, text))
            .collect();
        assert!(texts[1].len() > SMALL_NOTE, "{}", texts[1].len());
        let (_, last) = day.log(&messages).await;
        let parts = day.parts();
        assert_eq!(last, parts.len() - 1, "the last part is named");
        assert!(day.bodies().iter().all(|body| body.len() <= SMALL_NOTE));
        let entries: Vec<_> = parts.iter().flatten().collect();
        let (first, rest) = entries.split_first().expect("an entry");
        let (end, pieces) = rest.split_last().expect("another");
        assert_eq!(
            (first.lines.concat(), end.lines.concat()),
            ("before".into(), "after".into())
        );
        for (piece, number) in pieces.iter().zip(1..) {
            let shown = format!(" ({number}/{}) ", pieces.len());
            assert!(
                piece.header.contains(&shown),
                "{} for {shown}",
                piece.header
            );
        }
        let whole: String = pieces
            .iter()
            .flat_map(|piece| piece.lines.clone())
            .collect();
        assert!(whole == texts[1], "nothing is lost or added at a seam");
        let begun = entries
            .iter()
            .filter(|entry| is_begun(&entry.header))
            .count();
        assert_eq!(begun, 3, "each text is counted once");
        day.assert_quiet(&messages).await;
        let further = [message(3, "further")];
        assert_eq!(day.log(&further).await.1, last, "it joins the last part");
        assert_eq!(day.parts().len(), parts.len());
    }
}

/// The Example CRM takes 100,000 bytes a note, Pipedrive 102,400.
async fn through_the_server() {
    let _alone = BUSY.lock().await;
    // A busy machine may not answer in time: then there is a doubt, which is soon over.
    let quarantine = [("QUARANTINE_SECONDS", "5")];
    let world = World::start_with(Door::LocalHttp, &quarantine).await;
    let texts: Vec<_> = (0..2_000)
        .map(|number| format!("Text {number:04}, no other"))
        .collect();
    let messages: Vec<_> = (0..)
        .zip(&texts)
        .map(|(number, text)| message(number, text))
        .collect();
    let mut requests = 0;
    for part in messages.chunks(MOST_OF_A_REQUEST) {
        let params = with_messages(part.to_vec());
        let mut is_faulty = false;
        loop {
            requests += 1;
            assert!(requests < 20, "it comes to an end");
            let (status, reply) = world.call("updateMessageLog", &params).await;
            let words = reply["returnMessage"]["message"].as_str().expect("words");
            if reply["successful"] == true {
                break;
            }
            assert!(status == 200 || !is_faulty, "{reply}");
            is_faulty |= status == 500;
            if words.ends_with("Send it again.") {
                continue;
            }
            let is_asked_to = status == 500 || words.contains("Send it again in ");
            assert!(is_asked_to, "{reply}");
            tokio::time::sleep(Duration::from_secs(8)).await;
        }
    }
    let calls = world.crm.journal().len();
    let activities = world.activities().await;
    figure(&format!(
        "2,000 texts at the server: {requests} requests, {calls} calls of the CRM, {} parts",
        activities.len()
    ));
    assert!(activities.len() >= 2, "it is more than a note takes");
    let notes: String = activities.iter().map(note).collect();
    let places: Vec<_> = texts.iter().map(|text| notes.find(text)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted());
    assert_eq!(notes.matches(", no other").count(), texts.len());
    let counted: usize = activities.iter().map(|one| count(note(one))).sum();
    assert_eq!(counted, texts.len());
}
