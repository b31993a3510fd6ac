//! README.md's commands, run as they stand there.

use daybook_tests::local_server::{LocalServer, folder};
use daybook_tests::runner::case;
use libtest_mimic::Trial;
use serde_json::Value;

const README: &str = include_str!("../../../README.md");

pub(super) fn cases() -> Vec<Trial> {
    vec![case(
        "readme::its_commands_answer_as_it_says",
        its_commands_answer_as_it_says,
    )]
}

/// The blocks of code of a language, in order.
fn blocks(language: &str) -> Vec<&'static str> {
    let begin = format!("```{language}\n");
    README
        .split(begin.as_str())
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
    let commands: Vec<_> = blocks("sh").into_iter().filter(is_request).collect();
    let replies = blocks("json");
    assert_eq!((commands.len(), replies.len()), (3, 2));
    for (command, expected) in commands.iter().zip(replies) {
        let local = command.replace("http://127.0.0.1:6066", server.url());
        assert_ne!(local, *command, "the address is the local server's");
        assert_eq!(run(&local).await, expected.trim(), "{command}");
        let again: Value = serde_json::from_str(&run(&local).await).expect("JSON");
        assert_eq!(again["returnMessage"]["message"], "Already logged");
    }
    let sign_in = commands[2].replace("http://127.0.0.1:6066", server.url());
    let signed_in: Value = serde_json::from_str(&run(&sign_in).await).expect("JSON");
    assert!(signed_in["jwtToken"].is_string(), "{signed_in}");
    let page = reqwest::get(format!("{}/crm/contacts/1001", server.url())).await;
    let page = page.expect("an answer").text().await.expect("text");
    assert!(page.contains("Conversation(2 messages)"));
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
