//! Pictures, links and rules that a person put into a note.

use super::super::*;
use super::world::{Log, context, frame, text, times};
use crate::media::{Media, MediaKind, MediaLink};

const PICTURE: &str = "<img src=\"https://crm.example/1.png\">";

fn started(context: &Context) -> Log<'_> {
    let mut log = Log::new(context);
    log.deliver(&[text(1, 0, "alpha"), text(2, 5, "beta")]);
    log
}

#[test]
fn a_note_of_which_only_a_picture_is_left_keeps_it() {
    let context = context(Format::Html);
    for left in [
        PICTURE,
        "<p><img src=x /></p>",
        "<hr>",
        "<iframe src=x></iframe>",
        "<table><tr><td></td></tr></table>",
    ] {
        let mut log = started(&context);
        log.body = left.to_owned();
        log.deliver(&[text(3, 10, "gamma")]);
        assert_eq!(times(&log.body, left), 1, "{}", log.body);
        log.assert_count(3);
        for words in ["alpha", "beta", "gamma", "BEGIN"] {
            assert_eq!(times(&log.body, words), 1, "{words}: {}", log.body);
        }
        log.assert_stable(left);
    }
}

#[test]
fn a_picture_or_link_in_a_line_of_ours_stays() {
    let context = context(Format::Html);
    let link = "<a href=\"https://crm.example/deal/1\">";
    for (from, to, kept) in [
        ("alpha", format!("alpha{PICTURE}"), PICTURE),
        ("alpha", format!("{link}alpha</a>"), link),
        ("05:29 AM", format!("{link}05:29 AM</a>"), link),
        (
            "</b></li></ul>",
            format!("</b></li><li>{PICTURE}</li></ul>"),
            PICTURE,
        ),
        ("BEGIN<br>", format!("BEGIN {PICTURE}<br>"), PICTURE),
        (
            "<ul><li>Ada Lovelace (",
            format!("{PICTURE}<ul><li>Ada Lovelace ("),
            PICTURE,
        ),
        (
            "------------<br>END",
            format!("------------<br>{PICTURE}END"),
            PICTURE,
        ),
        ("END<br>", format!("END{PICTURE}<br>"), PICTURE),
        (
            "------------<br>END",
            "<hr>------------<br>END".to_owned(),
            "<hr>",
        ),
    ] {
        let mut log = started(&context);
        log.edit(from, &to);
        log.assert_stable(&to);
        // One after all others, and one between them.
        for (entry, count) in [(text(3, 20, "gamma"), 3), (text(5, 2, "early"), 4)] {
            let merged = log.deliver(&[entry]);
            assert!(merged.changed && merged.removed.is_empty(), "{to}");
            assert_eq!(times(&log.body, kept), 1, "{to}: {}", log.body);
            log.assert_count(count);
            log.assert_stable(&to);
        }
        let places: Vec<_> = ["alpha", "early", "beta", "gamma", "--- Created"]
            .iter()
            .map(|words| log.body.find(words))
            .collect();
        assert!(
            places.is_sorted() && !places.contains(&None),
            "{}",
            log.body
        );
        assert_eq!(times(&log.body, "<li"), times(&log.body, "</li>"));
    }
}

#[test]
fn an_address_that_a_crm_made_a_link_is_still_ours() {
    let context = context(Format::Html);
    let address = "https://x.example/?a=1&amp;b=2";
    let mut log = Log::new(&context);
    let picture = Media {
        kind: MediaKind::Image,
        link: MediaLink::parse("https://v.ringcentral.com/i?id=1&x=2").expect("a link"),
    };
    log.deliver(&[
        text(1, 0, "see https://x.example/?a=1&b=2 now"),
        Entry {
            media: vec![picture],
            ..text(3, 5, "")
        },
    ]);
    log.edit(
        address,
        &format!("<a target=\"_blank\" href=\"{address}\">{address}</a>"),
    );
    log.assert_stable("a link");
    log.deliver(&[text(5, 10, "more")]);
    let stored: Vec<_> = log.stored.iter().collect();
    assert_eq!(log.body, render(&log.frame, &stored));
}

#[test]
fn an_emoji_that_a_person_put_between_our_lines_stays() {
    for format in Format::ALL {
        let context = context(format);
        let own = match format {
            Format::Html => "alpha<br>👍",
            Format::PlainText => "alpha\n👍",
            Format::Markdown => "alpha  \n  👍",
        };
        let mut log = started(&context);
        log.deliver(&[text(3, 6, "one 😀 of ours")]);
        log.edit("alpha", own);
        log.deliver(&[text(5, 10, "gamma")]);
        assert_eq!(times(&log.body, "👍"), 1, "{}", log.body);
        log.assert_count(4);
        log.assert_stable("an emoji");
    }
}

#[test]
fn a_second_log_with_a_picture_is_somebodys() {
    let context = context(Format::Html);
    let entries = [text(1, 0, "one"), text(2, 5, "two")];
    let all: Vec<_> = entries.iter().collect();
    let body = render(&frame(&context), &all);
    assert!(holds_only_ours(&frame(&context), &body, &all));
    for with in [
        format!("{PICTURE}{body}"),
        body.replace("two", &format!("two{PICTURE}")),
        format!("{body}<hr>"),
        format!("{body}👍"),
    ] {
        assert!(!holds_only_ours(&frame(&context), &with, &all), "{with}");
    }
}
