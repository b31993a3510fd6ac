//! README.md's commands, run as they stand there.

use daybook_tests::local_server::{LocalServer, folder};
use daybook_tests::runner::case;
use libtest_mimic::Trial;
use serde_json::Value;

const README: &str = include_str!("../../../README.md");
const INTERFACES: &str = include_str!("../../../docs/interfaces.md");
const CALL_NOTES: &str = include_str!("../../../docs/call-notes.md");

pub(super) fn cases() -> Vec<Trial> {
    vec![
        case(
            "readme::its_commands_answer_as_it_says",
            its_commands_answer_as_it_says,
        ),
        case(
            "readme::the_walk_through_a_call_answers_as_it_says",
            the_walk_through_a_call_answers_as_it_says,
        ),
        case(
            "readme::the_questions_about_contacts_are_answered_as_it_says",
            the_questions_about_contacts_are_answered_as_it_says,
        ),
    ]
}

/// The blocks of code of a language in a page, in order.
fn blocks(page: &'static str, language: &str) -> Vec<&'static str> {
    let begin = format!("```{language}\n");
    page.split(begin.as_str())
        .skip(1)
        .map(|block| block.split_once("```").expect("it ends").0)
        .collect()
}

async fn its_commands_answer_as_it_says() {
    let data = folder();
    let server = LocalServer::start(data.path(), &[])
        .await
        .expect("it starts");
    let is_request = |block: &&str| block.starts_with("curl ");
    let commands: Vec<_> = blocks(README, "sh")
        .into_iter()
        .filter(is_request)
        .collect();
    let replies = blocks(README, "json");
    assert_eq!((commands.len(), replies.len()), (4, 3));
    for (command, expected) in commands.iter().zip(replies) {
        let local = command.replace("http://127.0.0.1:6066", server.url());
        assert_ne!(local, *command, "the address is the local server's");
        assert_eq!(run(&local).await, expected.trim(), "{command}");
        let again: Value = serde_json::from_str(&run(&local).await).expect("JSON");
        assert_eq!(again["returnMessage"]["message"], "Already logged");
    }
    let sign_in = commands[3].replace("http://127.0.0.1:6066", server.url());
    let signed_in: Value = serde_json::from_str(&run(&sign_in).await).expect("JSON");
    assert!(signed_in["jwtToken"].is_string(), "{signed_in}");
    let page = reqwest::get(format!("{}/crm/contacts/1001", server.url())).await;
    let page = page.expect("an answer").text().await.expect("text");
    assert!(page.contains("Conversation(2 messages)"));
    assert!(page.contains("Wants a quote."));
}

/// Replies hold a mark and times, which differ from run to run: they are as those of the page.
async fn the_walk_through_a_call_answers_as_it_says() {
    let data = folder();
    let server = LocalServer::start(data.path(), &[])
        .await
        .expect("it starts");
    let commands = blocks(CALL_NOTES, "sh");
    let replies = blocks(CALL_NOTES, "json");
    assert_eq!((commands.len(), replies.len()), (5, 5));
    for (command, expected) in commands.iter().zip(replies) {
        let local = command.replace("http://127.0.0.1:6066", server.url());
        assert_ne!(local, *command, "the address is the local server's");
        let told: Value = serde_json::from_str(expected).expect("JSON");
        let reply: Value = serde_json::from_str(&run(&local).await).expect("JSON");
        assert_eq!(steady(&reply), steady(&told), "{command}");
    }
}

async fn the_questions_about_contacts_are_answered_as_it_says() {
    let data = folder();
    let server = LocalServer::start(data.path(), &[])
        .await
        .expect("it starts");
    let commands = blocks(INTERFACES, "sh");
    let is_reply = |block: &&str| block.starts_with("{\"successful\"");
    let replies: Vec<_> = blocks(INTERFACES, "json")
        .into_iter()
        .filter(is_reply)
        .collect();
    // The last two are of account data, which the Example CRM has not, and of a text.
    assert_eq!((commands.len(), replies.len()), (4, 6));
    for (command, expected) in commands.iter().zip(replies) {
        let local = command.replace("http://127.0.0.1:6066", server.url());
        assert_ne!(local, *command, "the address is the local server's");
        assert_eq!(run(&local).await, expected.trim(), "{command}");
    }
}

/// A reply with each mark and each time of today replaced.
fn steady(reply: &Value) -> Value {
    let mut steady = reply.clone();
    if let Some(log) = steady.pointer_mut("/callLogInfo/fullLogResponse") {
        for time in ["createdAt", "updatedAt"] {
            assert!(log[time].is_string(), "{log}");
            log[time] = Value::Null;
        }
    }
    let text = steady.to_string();
    let mut pieces = text.split("App Connect [");
    let mut steady = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (_mark, rest) = piece.split_once(']').expect("a mark ends");
        steady.push_str("App Connect [mark]");
        steady.push_str(rest);
    }
    serde_json::from_str(&steady).expect("JSON")
}

async fn run(command: &str) -> String {
    let ran = tokio::process::Command::new("sh")
        .args(["-c", command])
        .output()
        .await;
    let ran = ran.expect("a shell runs it");
    String::from_utf8(ran.stdout)
        .expect("UTF-8")
        .trim()
        .to_owned()
}
